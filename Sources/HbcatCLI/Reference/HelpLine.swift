/// A line of help: an option and, at a column, what it does.
enum HelpLine {
  /// Columns that a line of help may fill.
  private static let columns = 79

  /// Two blanks, the option, and its summary from column `width` + 3 on, folded.
  static func text(option: String, summary: String, width: Int) -> String {
    let indent = String(repeating: " ", count: width + 3)
    var text = ""
    var line = "  " + option
    if option.count > width {
      text += line + "\n"
      line = indent
    }
    while line.count < indent.count { line += " " }
    var isEmpty = true
    for word in summary.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > columns {
        text += line + "\n"
        line = indent
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return text + line + "\n"
  }
}
