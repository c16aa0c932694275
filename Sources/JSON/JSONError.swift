/// Why bytes are not a JSON text (RFC 8259), and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// The text begins with U+FEFF, which RFC 8259 forbids to add.
    case byteOrderMark
    /// The text ends where something must follow.
    case unexpectedEnd(expected: String)
    /// Another byte than may stand here.
    case unexpectedByte(UInt8, expected: String)
    /// Bytes that are not UTF-8, in a string.
    case invalidUTF8(UInt8)
    /// A control character in a string, which must be escaped.
    case controlCharacter(UInt8)
    /// A backslash with what is no escape.
    case invalidEscape
    /// A surrogate without its other half.
    case loneSurrogate(UInt16)
    /// A number that JSON does not write so.
    case invalidNumber(expected: String)
    /// More arrays and objects in one another than are allowed.
    case tooDeep(limit: Int)
    /// A name that the object has already; only where the caller asked for it (`appendSorted(to:)`).
    case duplicateName(String)
    /// A second value, or anything else, behind the value.
    case trailing(UInt8)
  }

  /// What is wrong.
  public let reason: Reason
  /// Bytes before the fault.
  public let offset: Int
  /// The line of the fault, from 1 or from what the reader was told.
  public let line: Int
  /// The column of the fault in characters (Unicode scalars), from 1.
  public let column: Int

  /// The reason as a sentence, without the position.
  public var message: String {
    switch reason {
    case .byteOrderMark:
      "the text begins with a byte order mark (EF BB BF), which JSON does not allow; remove it"
    case .unexpectedEnd(let expected): "the text ends where \(expected) must follow"
    case .unexpectedByte(let byte, let expected): "expected \(expected), not \(Self.shown(byte))"
    case .invalidUTF8(let byte): "\(Self.shown(byte)) in a string is not UTF-8"
    case .controlCharacter(let byte):
      "control character \(Self.shown(byte)) in a string; write it as an escape"
    case .invalidEscape:
      #"invalid escape; use \" \\ \/ \b \f \n \r \t or \u and four hexadecimal digits"#
    case .loneSurrogate(let unit):
      "surrogate \\u\(String(unit, radix: 16)) without its other half"
    case .invalidNumber(let expected): "invalid number: expected \(expected)"
    case .tooDeep(let limit): "more than \(limit) arrays and objects in one another"
    case .duplicateName(let name): "the object has the name \"\(name)\" already"
    case .trailing(let byte): "\(Self.shown(byte)) behind the value; one text is one value"
    }
  }

  /// Position and reason: `line 1, column 7: expected ':' after a name, not '}'`.
  public var description: String { "line \(line), column \(column): \(message)" }

  private static func shown(_ byte: UInt8) -> String {
    if byte > 0x20 && byte < 0x7F { return "'\(Character(Unicode.Scalar(byte)))'" }
    if byte == 0x20 { return "a space" }
    let digits = String(byte, radix: 16, uppercase: true)
    return "byte 0x\(digits.count == 1 ? "0" : "")\(digits)"
  }
}
