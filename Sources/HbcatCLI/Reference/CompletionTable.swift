/// What the three shells' completions have in common.
enum CompletionTable {
  /// Letters and names of options that take a value, in all subcommands and in kcat's dialect.
  static var spellingsWithValue: [String] {
    unique(OptionTable.rows.filter { $0.argument != nil }.flatMap(spellings))
  }

  /// kcat's mode flags.
  static var modeFlags: [String] {
    OptionTable.rows.filter { $0.commands.isEmpty && $0.key != .unitTests }.map(\.spelling)
  }

  /// kcat's options: what can be typed before there is a subcommand.
  static var kcatRows: [OptionRow] {
    OptionTable.rows.filter { $0.modes != .none && $0.key != .unitTests }
  }

  /// How an option is typed; synonyms are left out.
  static func spellings(_ row: OptionRow) -> [String] {
    (row.short.map { ["-\($0)"] } ?? []) + row.long.prefix(1).map { "--\($0)" }
  }

  /// Options that may be given again.
  static func repeats(_ row: OptionRow) -> Bool {
    switch row.key {
    case .property, .configFile, .header, .verbose, .offset, .serdes, .alarmKey, .brokerTopic,
      .demoTopic:
      true
    default: false
    }
  }

  /// A word for the shell's single quotes.
  static func quoted(_ text: String) -> String {
    var result = "'"
    for character in text { result += character == "'" ? "'\\''" : String(character) }
    return result + "'"
  }

  private static func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}
