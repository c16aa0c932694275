/// A word of the command line: bytes as the system passed them, which need not be UTF-8.
struct Argument: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The word's bytes, without the NUL behind them.
  var bytes: [UInt8]

  init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
  init(_ text: String) { bytes = Array(text.utf8) }
  init(stringLiteral value: String) { bytes = Array(value.utf8) }

  /// The word as text; bytes that are not UTF-8 become U+FFFD.
  var description: String { String(decoding: bytes, as: UTF8.self) }

  /// The word as text; nil if it is not UTF-8.
  var text: String? { String(validating: bytes, as: UTF8.self) }

  /// What stands behind the last `/`: a program's name.
  var lastPathComponent: String {
    String(decoding: bytes.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
  }
}
