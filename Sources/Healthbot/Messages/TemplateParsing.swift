/// Takes a template apart.
struct TemplateParsing {
  enum Piece: Equatable {
    case text(String)
    /// What stands between `{{` and `}}`, without spaces at its ends.
    case placeholder(String, column: Int)
  }

  private let scalars: [Unicode.Scalar]
  private var at = 0

  init(_ template: String) { scalars = Array(template.unicodeScalars) }

  /// The next piece; nil at the end.
  mutating func next() throws(MessageTemplateError) -> Piece? {
    guard let first = peek(0) else { return nil }
    if first == "{", peek(1) == "{" { return try placeholder() }
    var text = String.UnicodeScalarView()
    while let scalar = peek(0), !(scalar == "{" && peek(1) == "{") {
      at += 1
      text.append(scalar == "\\" ? try escape() : scalar)
    }
    return .text(String(text))
  }

  private mutating func placeholder() throws(MessageTemplateError) -> Piece {
    let column = at + 1
    at += 2
    var name = String.UnicodeScalarView()
    while let scalar = peek(0) {
      if scalar == "}", peek(1) == "}" {
        at += 2
        return .placeholder(String(Substring(String(name)).trimmingSpaces), column: column)
      }
      name.append(scalar)
      at += 1
    }
    throw MessageTemplateError(column, "{{ is not closed by }}; a brace of its own is \\{")
  }

  private mutating func escape() throws(MessageTemplateError) -> Unicode.Scalar {
    let column = at
    guard let scalar = peek(0) else {
      throw MessageTemplateError(column, "a backslash ends the template; write \\\\")
    }
    at += 1
    switch scalar {
    case "n": return "\n"
    case "t": return "\t"
    case "\\", "{": return scalar
    default:
      throw MessageTemplateError(
        column, "\\\(shown(scalar)) is no escape; there are \\n, \\t, \\\\ and \\{")
    }
  }

  private func peek(_ distance: Int) -> Unicode.Scalar? {
    scalars.indices.contains(at + distance) ? scalars[at + distance] : nil
  }
}
