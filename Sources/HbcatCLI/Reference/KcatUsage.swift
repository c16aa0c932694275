/// kcat's long help, made of the table.
enum KcatUsage {
  static func text(program: String) -> String {
    var text = """
      Usage: \(program) <options> [file1 file2 .. | topic1 topic2 ..]]
      \(Version.text)

      """
    for (heading, rows) in groups { text += section(heading, rows) }
    return text + formats + examples(program)
  }

  /// The headings of kcat's usage, and what stands under each.
  private static var groups: [(String, [OptionRow])] {
    let rows = OptionTable.rows.filter { $0.modes != .none && $0.key != .unitTests }
    let producer = rows.filter { $0.modes == .producer }
    let consumer = rows.filter {
      $0.modes.contains(.consumer) && !$0.modes.contains(.producer)
    }
    let general = rows.filter { row in
      !(producer + consumer).contains { $0.key == row.key }
    }
    return [
      ("General options:", general), ("Producer options:", producer),
      ("Consumer options:", consumer),
    ]
  }

  private static func section(_ heading: String, _ rows: [OptionRow]) -> String {
    var text = "\n\(heading)\n"
    for row in rows {
      let argument = row.argument.map { " <\($0)>" } ?? ""
      text += HelpLine.text(option: row.spelling + argument, summary: row.summary, width: 18)
    }
    if heading.hasPrefix("Producer") {
      text += HelpLine.text(
        option: "file1 file2..",
        summary: "Send each file as one message (with -l: one file, split)", width: 18)
    }
    return text
  }

  private static let formats = """

    Format string tokens:
    \(FormatReference.tokens.map { HelpLine.text(option: $0.0, summary: $0.1, width: 18) }
      .joined())\
     Example:
      -f 'Topic %t [%p] at offset %o: key %k: %s\\n'

    JSON message envelope (on one line) when consuming with -J:
     { "topic": str, "partition": int, "offset": int,
       "tstype": "create|logappend|unknown", "ts": int, // timestamp in milliseconds since epoch
       "broker": int,
       "headers": [ "<name>", str|null, .. ], // optional
       "key": str|json|null, "payload": str|json|null,
       "key_error": str, "payload_error": str, // optional
       "key_schema_id": int, "value_schema_id": int // optional
     }
     notes:
       - key_error and payload_error are only included if deserialization fails.
       - key_schema_id and value_schema_id are included for Avro that could be read.

    """

  private static func examples(_ program: String) -> String {
    """

    Consumer mode (writes messages to stdout):
      \(program) -b <broker> -t <topic> -p <partition>
     or:
      \(program) -C -b ...

    Producer mode (reads messages from stdin):
      ... | \(program) -b <broker> -t <topic> -p <partition>
     or:
      \(program) -P -b ...

    Metadata listing:
      \(program) -L -b <broker> [-t <topic>]

    """
  }
}
