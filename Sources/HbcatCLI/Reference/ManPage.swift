/// The man page hbcat(1), made of the tables.
enum ManPage {
  static var text: String {
    header + synopsis + description + options + subcommands + format + delivery + alarmForms
      + notifications + status
      + properties + environment
      + examples + seeAlso
  }

  private static let header =
    ".\\\" Made by 'hbcat reference man' from the tables of options; do not edit.\n"
    + ".TH HBCAT 1 \"\" \"hbcat \(Version.number)\" \"User Commands\"\n"
    + Roff.section("NAME") + "hbcat \\- netcat for Kafka\n"

  private static var synopsis: String {
    var text = Roff.section("SYNOPSIS")
    for command in Command.shown where command != .help && command != .version {
      let operands = command.operands.isEmpty ? "" : " " + Roff.italic(command.operands)
      text += ".B hbcat \(command.rawValue)\n[\\fIoptions\\fR]\(operands)\n.br\n"
    }
    return text + """
      .B hbcat \\-L
      [\\fIoptions\\fR]
      .br
      .B hbcat \\-P
      [\\fIoptions\\fR] [\\fIfile\\fR ...]
      .br
      .B hbcat \\-C
      [\\fIoptions\\fR]
      .br
      .B hbcat \\-G
      \\fIgroup-id\\fR [\\fIoptions\\fR] \\fItopic\\fR ...
      .br
      .B hbcat \\-Q
      [\\fIoptions\\fR]
      .br
      .B hbcat \\-M
      \\fIbroker-cnt\\fR

      """
  }

  private static let delivery =
    Roff.section("DELIVERY")
    + Roff.paragraph(
      "A message counts as delivered when the replicas that acks asks for have it: all in sync, "
        + "unless told otherwise. What is sent again after a lost answer is neither doubled nor "
        + "reordered where the cluster has idempotent producers and allows them; -v says where not."
    )
    + Roff.paragraph(
      "A message that is not delivered within message.timeout.ms has failed: it is counted, and the "
        + "exit status is 1. On SIGINT or SIGTERM hbcat reads no more and delivers what it has read; "
        + "a second signal ends it at once.")
    + Roff.paragraph(
      "A hbcat that is killed (SIGKILL, or a machine that stops) loses what it has read and no broker "
        + "has acknowledged: at most queue.buffering.max.kbytes and "
        + "queue.buffering.max.messages of messages, and mostly those of the last linger.ms. Those that "
        + "were on their way may be in the log or not.")

  private static let description =
    Roff.section("DESCRIPTION")
    + Roff.paragraph(
      "hbcat lists, produces to and consumes from Apache Kafka, publishes Healthbot alarms, shows "
        + "those that are active, raises them from telemetry, and runs an embedded broker for trying "
        + "and testing.",
      "It understands two command lines.")
    + Roff.paragraph(
      "With a subcommand, options may stand before or after the word, as letters or by name: "
        + "--name value or --name=value.")
    + Roff.paragraph(
      "Without one, options are those of kcat(1) and act in the order typed; of two, "
        + "the last one wins.",
      "If no mode is given, hbcat consumes if stdin is a terminal, or if an option is given "
        + "that only a consumer has; otherwise it produces.",
      "After a mode such as -P, or after --, a word is a file even if it is a subcommand's name.",
      "Called by the name kcat or kafkacat, as by a link, hbcat has no subcommands, reads none of its own "
        + "configuration files and says of a wrong property no more than kcat.")

  private static var options: String {
    var text = Roff.section("OPTIONS")
    let groups: [(String, (OptionRow) -> Bool)] = [
      ("Modes of kcat", { $0.commands.isEmpty && $0.key != .unitTests }),
      ("Cluster and program", { $0.commands.contains(.list) && $0.commands != [.list] }),
      ("Listing", { $0.commands == [.list] }),
      ("Producing and consuming", { $0.commands == [.produce, .consume] }),
      ("Producing", { $0.modes == .producer || $0.commands == [.produce] }),
      ("Consuming", { $0.commands.subtracting([.ingest]) == [.consume] }),
      ("Publishing alarms", { publishes($0, .main, .alarm) }),
      ("Routing and delivery", { publishes($0, .delivery) }),
      ("Webhooks, chat and mail", { publishes($0, .webMessages) }),
      ("Telemetry", { $0.commands == [.ingest] }),
      ("Showing alarms", { $0.commands.contains(.alarms) && !$0.commands.contains(.list) }),
      (
        "Embedded broker",
        { !$0.commands.isDisjoint(with: [.broker, .demo]) && $0.modes == .none }
      ),
    ]
    for (title, belongs) in groups {
      text += Roff.subsection(title)
      for row in OptionTable.rows where belongs(row) { text += item(row) }
    }
    return text
  }

  /// Whether an option is of notify, and stands under one of these headings of its help.
  private static func publishes(_ row: OptionRow, _ headings: OptionHeading...) -> Bool {
    row.commands.subtracting([.ingest]) == [.notify] && row.modes == .none
      && headings.contains(row.key.heading(in: .notify))
  }

  private static func item(_ row: OptionRow) -> String {
    let names = (row.short.map { ["-\($0)"] } ?? []) + row.long.prefix(1).map { "--\($0)" }
    var tag = names.map(Roff.bold).joined(separator: ", ")
    tag += row.shownArgument(Roff.italic)
    let commands = Command.shown.filter(row.commands.contains)
    // The subsection's title says it already for these.
    let obvious: [[Command]] = [
      [], [.list], [.produce], [.consume], [.notify], [.ingest], [.alarms], [.produce, .consume],
    ]
    let whence =
      obvious.contains(commands) || commands.count > 3
      ? "" : "(\(commands.map(\.rawValue).joined(separator: ", ")))"
    return Roff.item(tag, [row.summary + ".", row.detail, whence])
  }

  private static var subcommands: String {
    var text = Roff.section("SUBCOMMANDS")
    for command in Command.shown {
      let tag = command.alias.map { "\(command.rawValue), \($0)" } ?? command.rawValue
      let options = OptionTable.rows(of: command).map(\.spelling).joined(separator: " ")
      text += Roff.item(
        Roff.bold(tag),
        [command.summary + ".", about(command), options.isEmpty ? "" : "Options: \(options)"])
    }
    return text
  }

  private static func about(_ command: Command) -> String {
    switch command {
    case .list: "The same as -L."
    case .ping:
      "Each bootstrap server, and each broker that the metadata name, is tried by itself, all at "
        + "once: resolve finds its addresses, connect tries TCP to each of them, and over the first "
        + "that is connected follow tls, apiversions, sasl and metadata, as they apply. A line has "
        + "the server's name (HOST:PORT/bootstrap or HOST:PORT/ID), the step, its time, the local "
        + "and the remote address, and what was found, or FAILED and why. The release is guessed "
        + "from the APIs. A server whose way ends is reported on stderr as well, above all a broker "
        + "that advertises an address which cannot be reached from here, and the exit status is 1; "
        + "an address that fails does not count where another one of that name is connected. "
        + "-m is the time that each server may take. With -J a line is an object with server, "
        + "broker (the id, or null for a bootstrap server), step, ok, ms, local and remote "
        + "(HOST:PORT or null), and error where it failed; resolve adds addresses, tls version, "
        + "cipher, resumed, subject, issuer, names, not_before and not_after, apiversions apis and "
        + "release, or assumed where there was no answer, sasl mechanism, and metadata cluster, "
        + "controller and brokers."
    case .produce:
      "The same as -P. Each file is one message; with -l the one file is split like stdin. "
        + "An empty message is not sent. With -X transactional.id=ID the run is one transaction, "
        + "committed at the end and aborted when anything fails or at a signal."
    case .query: "The same as -Q; what -t names may also be an argument."
    case .consume: "The same as -C. It goes on for ever unless -e, -c or e@ ends it."
    case .notify:
      "An alarm goes as one line of JSON to the topic of --to, or else to the topic "
        + "GROUP.DEVICE.TOPIC.RULE.TRIGGER. Without an alarm's options alarms are read from "
        + "stdin, one JSON object a line; a line that is no alarm is reported with line and "
        + "column, and the others go out."
    case .ingest:
      "Records of telemetry are read as a member of the consumer group NAME and judged by "
        + "Healthbot's rules, for each device and each set of a rule's keys; an alarm is raised where "
        + "colour or message changes. A record is a JSON object, or a list of them: the device is the first "
        + "of device-id, device, system-id, system_id, source and host, else the record's key; the time "
        + "is timestamp or time, else the record's; every other text, number or boolean is the value of "
        + "the path of names that leads to it, and path is put before them. Offsets are committed only "
        + "when the alarms are delivered and the state of --engine-state is written. What is no "
        + "telemetry is told and passed over. A member that is killed is missed by the group after "
        + "session.timeout.ms; with -X group.instance.id=ID its successor goes on at once. Members of one "
        + "name share the partitions, not what their rules know: where a partition moves, the rules "
        + "begin anew for its devices. An alarm that was delivered just before a kill may come twice, "
        + "unless --state and --transitions hold it back; none is lost."
    case .alarms: alarms
    case .broker:
      "It prints its address and runs until it gets SIGINT or SIGTERM. Nothing is kept."
    case .demo: "Each step shows the command that does the same."
    case .help, .version, .reference: ""
    }
  }

  private static var format: String {
    var text = Roff.section("FORMAT")
    text += Roff.paragraph("The value of -f is text in which these stand for something else:")
    for (token, meaning) in FormatReference.tokens {
      text += Roff.item(Roff.bold(token), [meaning + "."])
    }
    return text
      + Roff.paragraph(
        "Without -f the message and the delimiter of -D are printed, with -K the key and the "
          + "key delimiter in front of them.",
        "With -J each message is a JSON object with topic, partition, offset, tstype, ts, "
          + "broker, headers, key and payload.")
  }

  private static let status =
    Roff.section("EXIT STATUS")
    + Roff.item(Roff.bold("0"), ["All is done; or a signal ended a consumer."])
    + Roff.item(Roff.bold("1"), ["Something failed, or kcat's command line is wrong."])
    + Roff.item(Roff.bold("2"), ["A subcommand's command line is wrong."])
    + Roff.item(Roff.bold("130"), ["A second signal ended hbcat at once."])
    + Roff.paragraph(
      "alarms --check has its own: 0 no alarm, 1 minor ones, 2 a major one, 3 unknown.")

  private static let environment =
    Roff.section("ENVIRONMENT")
    + Roff.item(
      Roff.bold("HBCAT_CONFIG") + ", " + Roff.bold("KCAT_CONFIG"),
      [
        "A configuration file to read unless -F names one.",
        "Options of the command line win over it.",
      ])
    + Roff.item(
      Roff.bold("HBCAT_NOTIFY_CONFIG"),
      ["Healthbot's configuration for notify and ingest, where --config is not given."])
    + Roff.item(
      Roff.bold("NO_COLOR"), ["If set and not empty, messages and alarms have no colour."])
    + Roff.section("FILES")
    + Roff.item(
      Roff.bold("~/.config/hbcat.conf") + ", " + Roff.bold("~/.config/kcat.conf"),
      [
        "The first one that is there is read, unless -F or a variable names another.",
        "Each line is property=value with librdkafka's names; # begins a comment.",
        "None is looked for in the current folder. hbcat starts no other program, so what is in its "
          + "environment goes no further. A file with a password that others than its "
          + "owner can read is warned of.",
      ])

  private static let examples =
    Roff.section("EXAMPLES")
    + Roff.paragraph("What a cluster has:")
    + Roff.example("hbcat list -b localhost:9092")
    + Roff.paragraph("Lines with keys, and back again:")
    + Roff.example(
      """
      printf 'k1:v1\\nk2:v2\\n' | hbcat produce -b localhost:9092 -t test -K :
      hbcat consume -b localhost:9092 -t test -e -f '%p %o %k=%s\\n'
      """)
    + Roff.paragraph("The last ten messages of each partition as JSON:")
    + Roff.example("hbcat consume -b localhost:9092 -t test -o -10 -e -J")
    + Roff.paragraph("An alarm:")
    + Roff.example(
      """
      hbcat notify -b localhost:9092 --group ptp --device mx960-1 \\
          --topic protocol.ptp --rule ptp-lock-status --trigger ptp-lock-status \\
          --severity major --message 'Slave Clock is not Phase Aligned'
      """)
    + Roff.paragraph("The alarms that a group has now, and whether there are any, for monitoring:")
    + Roff.example(
      """
      hbcat alarms -b localhost:9092 --group ptp --once
      hbcat alarms -b localhost:9092 --group ptp --check
      """)
    + Roff.paragraph(
      "Alarms out of telemetry, by Healthbot's rules and to where Healthbot sends them:")
    + Roff.example(
      """
      hbcat ingest --list-rules --rules check-oper.rule
      hbcat ingest -b localhost:9092 -t telemetry --name edge --group core \\
          --rules check-oper.rule --engine-state /var/lib/hbcat/edge --config hb.yaml
      """)
    + Roff.paragraph("A broker for a test:")
    + Roff.example("hbcat broker --port 0 --topic test:1:1 --until-stdin-ends")

  private static let seeAlso =
    Roff.section("SEE ALSO") + ".BR kcat (1)\n"
}
