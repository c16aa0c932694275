/// How much room a text takes in a terminal, and how it is made to fit.
enum DisplayText {
  /// The columns that a text takes; it has no control characters.
  static func width(_ text: String) -> Int {
    // Most are ASCII.
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  /// The text in exactly `width` columns: blanks are added, or an ellipsis stands for what is cut.
  static func fitted(_ text: String, to width: Int) -> String {
    let cut = cut(text, to: width)
    return cut + String(repeating: " ", count: max(0, width - Self.width(cut)))
  }

  /// The text in at most `width` columns; an ellipsis stands for what is cut.
  static func cut(_ text: String, to width: Int) -> String {
    guard Self.width(text) > width else { return text }
    guard width > 0 else { return "" }
    var result = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars {
      let more = Self.width(scalar)
      guard used + more <= width - 1 else { break }
      used += more
      result.append(scalar)
    }
    return String(result) + "…"
  }

  /// As wcwidth(3) counts, which would depend on the locale: wide letters take two columns, marks none.
  private static func width(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
      0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff,
      0x1f900...0x1f9ff, 0x20000...0x3fffd:
      return 2
    default: return 1
    }
  }
}
