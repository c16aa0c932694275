import Avro
import Testing

/// Reads schemas and values as a test writes them.
enum Given {
  static func schema(_ texts: String...) throws -> AvroSchema {
    var parser = AvroSchemaParser()
    for text in texts { try parser.read(Array(text.utf8)) }
    return parser.schema
  }

  /// The JSON of a value, or the error's text.
  static func json(_ schema: AvroSchema, _ bytes: [UInt8]) -> String {
    var decoder = AvroDecoder()
    do throws(AvroError) {
      let span = bytes.span.bytes
      try span.withUnsafeBytes { (bytes) throws(AvroError) in try decoder.decode(bytes, by: schema)
      }
      return String(decoding: decoder.json, as: UTF8.self)
    } catch { return "error: \(error)" }
  }

  static func json(_ schema: String, _ bytes: [UInt8]) throws -> String {
    json(try self.schema(schema), bytes)
  }

  /// Bytes in hexadecimal.
  static func bytes(_ hex: String) -> [UInt8] {
    var digits = hex.utf8.makeIterator()
    var bytes: [UInt8] = []
    while let high = digits.next(), let low = digits.next() {
      bytes.append(value(high) << 4 | value(low))
    }
    return bytes
  }

  private static func value(_ digit: UInt8) -> UInt8 {
    digit <= UInt8(ascii: "9") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
  }

  /// A zigzag varint.
  static func long(_ value: Int64) -> [UInt8] {
    var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func string(_ text: String) -> [UInt8] { long(Int64(text.utf8.count)) + text.utf8 }
}
