/// What is wrong with a format string or a pack format; the text is kcat's.
enum FormatError: Error, Equatable, CustomStringConvertible {
  /// A `%` with a letter behind it that names nothing.
  case unsupportedFormatter(UInt8)
  /// A `%` at the end.
  case emptyFormatter
  /// A letter that no pack format has; `field` is "key" or "value".
  case invalidPackToken(UInt8, field: String)
  /// A pack format without a letter; `field` is "key" or "value".
  case emptyPackFormat(field: String)

  var description: String {
    switch self {
    case .unsupportedFormatter(let letter):
      "Unsupported formatter: %\(printable(letter))"
    case .emptyFormatter:
      "Empty formatter"
    case .invalidPackToken(let letter, let field):
      "Invalid token '\(printable(letter))' in \(field) pack-format, see -s usage."
    case .emptyPackFormat(let field):
      "\(field) pack-format must not be empty"
    }
  }

  private func printable(_ byte: UInt8) -> String {
    guard byte < 0x20 || byte >= 0x7f else { return String(UnicodeScalar(byte)) }
    let digits = String(byte, radix: 16)
    return "\\x" + (digits.count < 2 ? "0" : "") + digits
  }
}
