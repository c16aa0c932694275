/// Text from alarms made harmless for people's eyes.
enum ChatText {
  /// Text whose control characters, and characters that turn or hide text, are written out.
  ///
  /// Newlines stay where `keepsLines`; the joiners of emoji and of Persian and Indic script stay. Where
  /// the costs of its characters would exceed `costMax` it is cut and ends in `…`.
  static func clean(
    _ text: String, keepsLines: Bool = false, costMax: Int,
    cost: (Unicode.Scalar) -> Int = { _ in 1 }
  ) -> String {
    let ellipsis: Unicode.Scalar = "…"
    var result = String.UnicodeScalarView()
    var spent = cost(ellipsis)
    for scalar in text.unicodeScalars {
      let isKept = scalar == "\u{200C}" || scalar == "\u{200D}" || (keepsLines && scalar == "\n")
      if !isKept && scalar == "\r" && keepsLines { continue }
      let piece = isKept ? String(scalar) : scalar == "\t" ? " " : shown(scalar)
      for part in piece.unicodeScalars {
        spent += cost(part)
        guard spent <= costMax else {
          result.append(ellipsis)
          return String(result)
        }
      }
      result.append(contentsOf: piece.unicodeScalars)
    }
    return String(result)
  }
}
