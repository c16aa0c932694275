/// Makes text harmless for a terminal: what would steer it is printed as an escape.
///
/// Control characters but tab and newline, C1 controls and bytes that are not UTF-8 become `\x1b`;
/// marks that change the direction of text become `\u202e`.
enum TerminalText {
  /// How an escape is written.
  enum Style {
    /// `\x1b`, `\u202e`.
    case plain
    /// `\u001B`, `\u202E`: within a JSON string.
    case json
  }

  /// The most bytes that one byte of input can become.
  static let growth = 6

  /// Appends `bytes`, harmless, to `text`.
  ///
  /// In JSON style only what JSON leaves as it is is escaped: the input has passed the JSON escaper.
  static func append(
    _ bytes: UnsafeRawBufferPointer, as style: Style = .plain, to text: inout [UInt8]
  ) {
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      if byte < 0x80 {
        if isHarmless(byte) {
          text.append(byte)
        } else {
          appendEscape(UInt32(byte), as: style, to: &text)
        }
        at += 1
        continue
      }
      let length = UTF8Sequence.length(bytes, at: at)
      guard length > 0 else {
        appendEscape(UInt32(byte), as: style, to: &text)
        at += 1
        continue
      }
      let piece = bytes[at..<at + length]
      if let scalar = steeringScalar(piece) {
        appendEscape(scalar, as: style, to: &text)
      } else {
        text.append(contentsOf: piece)
      }
      at += length
    }
  }

  /// A text made harmless, for headings and error lines.
  static func harmless(_ text: String) -> String {
    var text = text
    return text.withUTF8 { bytes in
      var result: [UInt8] = []
      append(UnsafeRawBufferPointer(bytes), to: &result)
      return String(decoding: result, as: UTF8.self)
    }
  }

  private static func isHarmless(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7f || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t")
  }

  /// The scalar of a valid sequence, if it is a C1 control or changes the direction of text.
  private static func steeringScalar(_ piece: Slice<UnsafeRawBufferPointer>) -> UInt32? {
    let bytes = Array(piece)
    if bytes.count == 2, bytes[0] == 0xc2, bytes[1] < 0xa0 { return UInt32(bytes[1]) }
    guard bytes.count == 3, bytes[0] == 0xe2 else { return nil }
    let scalar = 0x2000 | UInt32(bytes[1] & 0x3f) << 6 | UInt32(bytes[2] & 0x3f)
    return (0x202a...0x202e).contains(scalar) || (0x2066...0x2069).contains(scalar) ? scalar : nil
  }

  private static func appendEscape(_ scalar: UInt32, as style: Style, to text: inout [UInt8]) {
    let digits = String(scalar, radix: 16, uppercase: style == .json)
    let isShort = style == .plain && scalar < 0x100
    text.append(contentsOf: (isShort ? "\\x" : "\\u").utf8)
    for _ in digits.utf8.count..<(isShort ? 2 : 4) { text.append(UInt8(ascii: "0")) }
    text.append(contentsOf: digits.utf8)
  }
}
