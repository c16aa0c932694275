/// The short helps: hbcat's own, and one for each subcommand.
enum CommandHelp {
  /// What `hbcat --help` prints.
  static var overview: String {
    var text = """
      hbcat - netcat for Kafka

      Usage: hbcat [OPTIONS] SUBCOMMAND [OPTIONS] [ARGUMENTS]
             hbcat -L|-P|-C|-G|-Q|-M [OPTIONS] ... (as kcat; hbcat -h)

      Subcommands:

      """
    for command in Command.shown {
      text += HelpLine.text(option: command.rawValue, summary: command.summary, width: 10)
    }
    return text + """

      Examples:
        hbcat demo
        hbcat list -b localhost:9092
        echo hello | hbcat produce -b localhost:9092 -t test
        hbcat consume -b localhost:9092 -t test --exit-at-end

      'hbcat help SUBCOMMAND' tells the options; 'man hbcat' all of it.

      """
  }

  /// What `hbcat WORD --help` prints.
  static func text(_ command: Command) -> String {
    let rows = OptionTable.rows(of: command)
    let operands = command.operands.isEmpty ? "" : " " + command.operands
    var text = """
      \(command.summary)

      Usage: hbcat \(command.rawValue) [OPTIONS]\(operands)

      """
    if let alias = command.alias { text += "       hbcat \(alias) [OPTIONS]\n" }
    for heading in OptionHeading.allCases {
      let group = rows.filter { $0.key.heading(in: command) == heading }
      guard !group.isEmpty else { continue }
      text += heading.title.isEmpty ? "\n" : "\n\(heading.title):\n"
      for row in group { text += line(row) }
    }
    for line in notes(command) { text += "\n\(line)\n" }
    return text
  }

  private static func line(_ row: OptionRow) -> String {
    let letter = row.short.map { "-\($0)" }
    let name = row.long.first.map { "--\($0)" }
    let names = [letter ?? (name == nil ? nil : "   "), name].compactMap { $0 }
    let spelling = names.joined(separator: letter == nil ? " " : ", ")
    let argument = row.shownArgument { $0.uppercased() }
    return HelpLine.text(option: spelling + argument, summary: row.summary, width: 30)
  }

  private static func notes(_ command: Command) -> [String] {
    switch command {
    case .consume:
      let tokens = FormatReference.tokens.filter { $0.0.hasPrefix("%") }.map(\.0)
      return [
        "Format: \(tokens.joined(separator: " ")) and \\n \\r \\t \\xHH; see 'man hbcat'."
      ]
    case .produce:
      return ["Without a FILE, stdin is split into messages. A FILE is one message; -l splits."]
    case .notify:
      return ["Without an alarm's options, alarms are read from stdin, one JSON object a line."]
    case .ingest:
      return [
        "Records are JSON objects, or lists of them. --list-rules needs only --rules."
      ]
    case .alarms:
      return [
        """
        VERB is add, list or expire. MATCHER is NAME=VALUE, NAME!=VALUE,
        NAME=~EXPRESSION or NAME!~EXPRESSION; a word alone is a rule. NAME is a field
        of Healthbot's or one of an alarm's keys.

        Examples:
          hbcat alarms -b HOST --group ptp severity=major 'device-id=~mx.*'
          hbcat alarms -b HOST --group ptp --check
          hbcat alarms -b HOST silence add device-id=mx960-1 --for 2h --comment fan
          hbcat alarms -b HOST silence list
          hbcat alarms -b HOST silence expire ID
          hbcat alarms -b HOST heartbeat --group g --device d -t TOPIC --within 5m
        """
      ]
    case .broker:
      return ["For trying and testing only: nothing is kept when it ends."]
    case .ping:
      return [
        "Each step is a line. -m is the time that each server may take. The exit code\n"
          + "is 0 if all servers can be used."
      ]
    case .query:
      return ["TIMESTAMP is in milliseconds since 1970; -1 is the end, -2 the beginning."]
    case .list, .demo, .help, .version, .reference: return []
    }
  }
}
