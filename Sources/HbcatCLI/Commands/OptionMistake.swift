import Healthbot

/// What to say of an option that a subcommand has not.
enum OptionMistake {
  /// Says why it is refused and what may have been meant.
  static func text(_ spelling: String, in command: Command) -> String {
    if let special = special(spelling, command) { return special }
    let isLong = spelling.hasPrefix("--")
    let name = String(spelling.drop { $0 == "-" })
    let owners = Command.shown.filter { other in
      OptionTable.rows(of: other).contains { row in
        isLong ? row.long.contains(name) : row.short.map { String($0) } == name
      }
    }
    if !owners.isEmpty {
      let list = owners.map(\.rawValue).joined(separator: ", ")
      return "\(command.rawValue) has no \(spelling); it belongs to \(list)"
    }
    let names = OptionTable.rows(of: command).flatMap(\.long)
    let nearest = isLong ? NearestName.of(name, among: names) : nil
    return "unknown option \(spelling)" + (nearest.map { "; did you mean --\($0)?" } ?? "")
  }

  private static func special(_ spelling: String, _ command: Command) -> String? {
    switch (command, spelling) {
    case (_, "-L"), (_, "-P"), (_, "-C"), (_, "-G"), (_, "-Q"), (_, "-M"):
      return "\(spelling) is kcat's mode; the word \(command.rawValue) already says what to do"
    case (.notify, "-k"):
      return
        "notify has no -k: alarms have no fixed key; --key NAME=VALUE is one of an alarm's keys"
    case (.alarms, "-k"):
      return "alarms has no -k: --key NAME=VALUE is one of an alarm's keys"
    default: return nil
    }
  }
}

/// What to say of a word that is no subcommand.
enum CommandMistake {
  static func text(_ word: String) -> String {
    let nearest = NearestName.of(word, among: Command.shown.map(\.rawValue))
    return "no subcommand \"\(word)\"" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
  }
}
