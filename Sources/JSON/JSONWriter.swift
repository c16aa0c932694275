/// Writes a JSON text to a growing byte array; commas and colons are its care.
///
/// For what is written now and then. Records are escaped in place by `JSONEscape`.
public struct JSONWriter: Sendable {
  /// How a text looks.
  public enum Style: Sendable {
    /// Python's `json.dumps`: ASCII, `": "` and `", "`.
    case python
    /// kcat's `-J`: UTF-8, `:` and `,`.
    case kcat
  }

  /// What is written so far.
  public private(set) var bytes: [UInt8] = []
  private let style: Style
  private var depth = 0
  /// Bit `depth` says whether that level has an element already.
  private var filled: UInt64 = 0
  private var isBehindName = false

  /// Makes an empty text.
  public init(_ style: Style) { self.style = style }

  /// Opens an object as the next value.
  public mutating func beginObject() { open(UInt8(ascii: "{")) }
  /// Closes the innermost object.
  public mutating func endObject() { close(UInt8(ascii: "}")) }
  /// Opens an array as the next value.
  public mutating func beginArray() { open(UInt8(ascii: "[")) }
  /// Closes the innermost array.
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  /// Writes a member's name; its value comes next.
  public mutating func name(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    if style == .python { bytes.append(UInt8(ascii: " ")) }
    isBehindName = true
  }

  /// Writes a string.
  public mutating func string(_ value: String) {
    var value = value
    value.withUTF8 { string(UnsafeRawBufferPointer($0)) }
  }

  /// Writes bytes as a string; what is not UTF-8 becomes U+FFFD.
  public mutating func string(_ value: UnsafeRawBufferPointer) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    var position = 0
    withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 8) { piece in
      guard let start = piece.baseAddress else { return }
      while position < value.count {
        let written =
          switch style {
          case .python:
            JSONEscape.python(value, from: &position, to: start, room: piece.count)
          case .kcat: JSONEscape.kcat(value, from: &position, to: start, room: piece.count)
          }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece[..<written]))
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Writes an integer.
  public mutating func integer(_ value: Int64) { raw(String(value).utf8) }
  /// Writes `true` or `false`.
  public mutating func bool(_ value: Bool) { raw((value ? "true" : "false").utf8) }
  /// Writes `null`.
  public mutating func null() { raw("null".utf8) }

  /// Writes a value that is JSON already.
  public mutating func raw(_ text: some Sequence<UInt8>) {
    separate()
    bytes.append(contentsOf: text)
  }

  private mutating func separate() {
    if isBehindName {
      isBehindName = false
      return
    }
    let bit: UInt64 = 1 << UInt64(depth)
    if filled & bit != 0 {
      bytes.append(UInt8(ascii: ","))
      if style == .python { bytes.append(UInt8(ascii: " ")) }
    }
    filled |= bit
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    precondition(depth < 63, "hbcat writes no JSON this deep")
    depth += 1
    filled &= ~(1 << UInt64(depth))
  }

  private mutating func close(_ bracket: UInt8) {
    precondition(depth > 0 && !isBehindName, "a bracket is closed that was not opened")
    depth -= 1
    bytes.append(bracket)
  }
}
