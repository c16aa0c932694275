/// Text for a man page in the man(7) macros.
enum Roff {
  /// Running text: backslashes and a leading dot or quote mean themselves, a hyphen is a minus.
  static func text(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      default: result.append(character)
      }
    }
    return result.hasPrefix(".") ? "\\&" + result : result
  }

  static func section(_ title: String) -> String { ".SH \(title)\n" }

  static func subsection(_ title: String) -> String { ".SS \(text(title))\n" }

  /// A paragraph, each sentence on a line of its own.
  static func paragraph(_ sentences: String...) -> String {
    ".PP\n" + sentences.map { text($0) + "\n" }.joined()
  }

  /// A tagged paragraph; `tag` is roff already.
  static func item(_ tag: String, _ sentences: [String]) -> String {
    ".TP\n\(tag)\n" + sentences.filter { !$0.isEmpty }.map { text($0) + "\n" }.joined()
  }

  static func bold(_ word: String) -> String { "\\fB\(text(word))\\fR" }

  static func italic(_ word: String) -> String { "\\fI\(text(word))\\fR" }

  /// Lines as they are.
  static func example(_ lines: String) -> String {
    let body = lines.split(separator: "\n", omittingEmptySubsequences: false)
      .map { text(String($0)) }.joined(separator: "\n")
    return ".PP\n.nf\n.RS 4\n\(body)\n.RE\n.fi\n"
  }
}
