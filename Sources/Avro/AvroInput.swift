/// The bytes of a value that is read; the one door to them.
struct AvroInput {
  private let bytes: UnsafeRawBufferPointer
  private var at = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next bytes, of which there must be that many.
  mutating func take(_ count: Int) throws(AvroError) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= bytes.count - at else {
      throw AvroError("Cannot read \(count) bytes from memory buffer")
    }
    let piece = UnsafeRawBufferPointer(rebasing: bytes[at..<at + count])
    at += count
    return piece
  }

  /// A zigzag varint of at most ten bytes.
  mutating func long() throws(AvroError) -> Int64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard shift < 70 else { throw AvroError("Varint too long") }
      let byte = try take(1)[0]
      value |= UInt64(byte & 0x7f) << shift
      shift += 7
      if byte < 0x80 { break }
    }
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  mutating func int() throws(AvroError) -> Int64 {
    let value = try long()
    guard Int32(exactly: value) != nil else {
      throw AvroError("Varint out of range for int type")
    }
    return value
  }

  /// Bytes behind their length; `what` is "string" or "bytes".
  mutating func counted(_ what: StaticString) throws(AvroError) -> UnsafeRawBufferPointer {
    let length: Int64
    do throws(AvroError) { length = try long() } catch {
      throw AvroError("Cannot read \(what) length: \(error)")
    }
    guard length >= 0 else { throw AvroError("Invalid \(what) length: \(length)") }
    return try take(Int(clamping: length))
  }

  mutating func float() throws(AvroError) -> Double {
    Double(
      Float(bitPattern: UInt32(littleEndian: try take(4).loadUnaligned(as: UInt32.self))))
  }

  mutating func double() throws(AvroError) -> Double {
    Double(bitPattern: UInt64(littleEndian: try take(8).loadUnaligned(as: UInt64.self)))
  }

  /// How many elements the next block of an array or a map has; 0 ends it.
  mutating func blockCount(_ what: StaticString) throws(AvroError) -> Int64 {
    let count: Int64
    do throws(AvroError) { count = try long() } catch {
      throw AvroError("Cannot read \(what) block count: \(error)")
    }
    guard count < 0 else { return count }
    // A negative count has the block's size in bytes behind it, for those who skip it.
    do throws(AvroError) { _ = try long() } catch {
      throw AvroError("Cannot read \(what) block size: \(error)")
    }
    guard count != .min else { throw AvroError("Invalid \(what) block count: \(count)") }
    return -count
  }
}
