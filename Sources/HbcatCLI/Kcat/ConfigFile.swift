/// A file of lines `name=value`: kcat.conf, a Java client.properties, what `-F` names.
enum ConfigFile {
  /// Bytes that a line may have.
  static let lineBytesMax = 1 << 20

  /// Reads the lines; blank ones and those that begin with `#` say nothing.
  ///
  /// Spaces around name and value do not count, `\:` and `\=` stand for `:` and `=`, a carriage
  /// return before the end and a byte order mark at the beginning are taken off.
  static func parse(_ bytes: [UInt8], path: String) throws(UsageError) -> [PropertySetting] {
    var rest = bytes[...]
    if rest.starts(with: [0xef, 0xbb, 0xbf]) { rest = rest.dropFirst(3) }
    var properties: [PropertySetting] = []
    var number = 0
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      let line = rest[..<end]
      rest = rest[end...].dropFirst()
      let place = "\(path):\(number)"
      guard line.count <= lineBytesMax else {
        throw .circumstance("\(place): the line is longer than \(lineBytesMax) bytes")
      }
      let trimmed = trim(line)
      if trimmed.isEmpty || trimmed.first == UInt8(ascii: "#") { continue }
      properties.append(try property(trimmed, place))
    }
    return properties
  }

  private static func property(
    _ line: ArraySlice<UInt8>, _ place: String
  ) throws(UsageError) -> PropertySetting {
    guard let equals = line.firstIndex(of: UInt8(ascii: "=")), equals > line.startIndex else {
      throw .circumstance("\(place): expected property=value")
    }
    guard let name = String(validating: trim(line[..<equals]), as: UTF8.self),
      let value = String(validating: unescape(trim(line[(equals + 1)...])), as: UTF8.self),
      !line.contains(0)
    else { throw .circumstance("\(place): not text in UTF-8") }
    // So the Java client's files say that names are not checked; kcat passes over such a line.
    let isUnchecked = value.isEmpty && name == "ssl.endpoint.identification.algorithm"
    return PropertySetting(
      name: name, value: isUnchecked ? "none" : value, origin: .file(place: place))
  }

  private static func trim(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = line
    while let last = line.last, isSpace(last) { line = line.dropLast() }
    return line.drop(while: isSpace)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }

  private static func unescape(_ value: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(value.count)
    for byte in value {
      if byte == UInt8(ascii: ":") || byte == UInt8(ascii: "="),
        result.last == UInt8(ascii: "\\")
      {
        result.removeLast()
      }
      result.append(byte)
    }
    return result
  }
}
