import JSON

/// JSON strings as `-J` prints them: escaped as kcat escapes them, and always valid.
enum JSONText {
  /// The most bytes that one byte of input can become.
  static let growth = 6
  /// Bytes to reserve for a string beyond `growth` times its length, and its quotes.
  static let slack = JSONEscape.roomMin + 2

  /// Appends bytes as a string, with quotes; for a terminal what would steer it is escaped as well.
  static func append(
    _ bytes: UnsafeRawBufferPointer, forTerminal: Bool = false, to text: inout [UInt8]
  ) {
    let escaped = [UInt8](unsafeUninitializedCapacity: JSONEscape.bound(bytes.count)) {
      space, count in
      guard let start = space.baseAddress else { return }
      count = JSONEscape.kcat(bytes, to: UnsafeMutableRawPointer(start))
    }
    text.append(UInt8(ascii: "\""))
    if forTerminal {
      escaped.withUnsafeBytes { TerminalText.append($0, as: .json, to: &text) }
    } else {
      text.append(contentsOf: escaped)
    }
    text.append(UInt8(ascii: "\""))
  }

  /// Appends a string, with quotes.
  static func append(_ string: String, forTerminal: Bool = false, to text: inout [UInt8]) {
    Array(string.utf8).withUnsafeBytes { append($0, forTerminal: forTerminal, to: &text) }
  }
}
