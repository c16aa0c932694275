import KafkaBroker

private let kafka: Set<Command> = [
  .list, .ping, .produce, .consume, .query, .notify, .ingest, .alarms,
]
private let records: Set<Command> = [.produce, .consume]
private let every = Set(Command.allCases)

/// All options of both dialects.
///
/// Parsing, help, man page and completions come from here. An option that takes a value in one
/// subcommand takes one in all, so that the subcommand word can be found before its options are.
enum OptionTable {
  static let rows: [OptionRow] =
    modes + target + listing + ingest + own + delivery + transfer + nulls + producing + consuming
    + alarms + secrets + common

  private static let modes: [OptionRow] = [
    OptionRow(.consumerMode, "C", modes: .all, "Mode: consume"),
    OptionRow(.producerMode, "P", modes: .all, "Mode: produce"),
    OptionRow(.listMode, "L", modes: .all, "Mode: list brokers, topics and partitions"),
    OptionRow(
      .groupMode, "G", [], "group-id", modes: .all,
      "Mode: consume topics as a member of a group"),
    OptionRow(.queryMode, "Q", modes: .all, "Mode: query offsets by timestamp"),
    OptionRow(
      .mockMode, "M", [], "broker-cnt", modes: .all,
      "Mode: mock cluster: run brokers in memory until stdin ends",
      detail: "It prints BROKERS= and their addresses. A topic that a client asks for is created "
        + "with four partitions. See also hbcat broker, which does not need stdin."),
  ]

  private static let target: [OptionRow] = [
    OptionRow(
      .bootstrapServers, "b", ["bootstrap-server", "bootstrap-servers", "brokers"], "broker,..",
      in: kafka, modes: .all, "Brokers to start from (host[:port])",
      detail: "A comma-separated list; the port is 9092 unless given. It wins over "
        + "bootstrap.servers of -X and of configuration files.",
      completion: .host),
    OptionRow(
      .topic, "t", ["topic"], "topic", in: [.list, .produce, .consume],
      modes: [.producer, .consumer, .list, .query], "Topic to consume from, produce to, or list",
      detail:
        "consume reads all topics that are given, also as arguments; elsewhere the last -t counts."),
    OptionRow(
      .topic, "t", ["topic"], "topic:partition:timestamp", in: [.query],
      "Partition to ask, and milliseconds since 1970; repeat for more",
      detail: "The offset is that of the first message of that time or later, and -1 where there "
        + "is none. The timestamp -1 asks for the end, -2 for the beginning."),
    OptionRow(
      .to, "t", ["to"], "topic", in: [.notify],
      "Kafka topic for all alarms, in place of one per alarm"),
    OptionRow(
      .partition, "p", ["partition"], "partition", in: records, modes: [.producer, .consumer],
      "Partition",
      detail: "-1 means the partitioner's choice when producing, and all when consuming."),
  ]

  private static let common: [OptionRow] = [
    OptionRow(
      .timeout, "m", ["timeout"], "seconds", in: kafka.subtracting([.alarms]), modes: .all,
      "Time limit for metadata and such. Default: 5"),
    OptionRow(
      .configFile, "F", ["config"], "config-file", in: [.list, .ping, .produce, .consume, .query],
      modes: .all,
      "Read properties from a file of lines name=value",
      detail: "It takes the place of the default file; none or - reads no default file.",
      completion: .file),
    OptionRow(
      .configFile, "F", [], "config-file", in: [.notify, .ingest, .alarms],
      "Read properties from a file of lines name=value", completion: .file),
    OptionRow(
      .property, "X", ["property"], "prop=val", in: kafka, modes: .all,
      "Set a client property (list, dump: show them)",
      detail: "Names and values are librdkafka's; a prefix topic. is allowed. "
        + "-X list prints all properties, -X dump those that hold. A secret, such as sasl.password, "
        + "is better not written on the command line, where others may see it: "
        + "sasl.password.file=PATH takes the first line of a file, sasl.password.env=NAME an "
        + "environment variable, and so does every other secret property. What follows "
        + "sasl.password= is the password itself, whatever it begins with."),
    OptionRow(
      .user, nil, ["user"], "name", in: kafka, "SASL user (sasl.username)",
      detail: "Where a password is needed and none is given, it is asked for at the terminal."),
    OptionRow(
      .passwordFile, nil, ["password-file"], "file", in: kafka,
      "SASL password: the first line of a file; - asks for it at the terminal",
      completion: .file),
    OptionRow(
      .debug, "d", ["debug"], "dbg1,...", in: kafka, modes: .all, "Log what the client does",
      completion: .words([
        "all", "generic", "broker", "topic", "metadata", "feature", "queue", "msg", "protocol",
        "cgrp", "security", "fetch", "interceptor", "plugin", "consumer", "admin", "eos", "mock",
        "assignor", "conf",
      ])),
    OptionRow(
      .keepGoing, "E", ["keep-going"], in: kafka.subtracting([.ping, .alarms]), modes: .all,
      "Do not exit on non-fatal error"),
    OptionRow(
      .quiet, "q", ["quiet"], in: kafka.union([.broker, .demo]), modes: .all,
      "Be quiet (verbosity 0)"),
    OptionRow(
      .verbose, "v", ["verbose"], in: kafka.union([.broker, .demo]), modes: .all,
      "Increase verbosity"),
    OptionRow(.version, "V", ["version"], in: every, modes: .all, "Print version"),
    OptionRow(.help, "h", ["help"], in: every, modes: .all, "Print usage help"),
    OptionRow(
      .unitTests, "U", modes: .all,
      "Exit with 0: kcat runs its unit tests, hbcat's are in its sources"),
  ]

  private static let transfer: [OptionRow] = [
    OptionRow(
      .delimiter, "D", ["delimiter"], "delim", in: records,
      modes: [.producer, .consumer, .group], "Message delimiter. Default: \\n",
      detail: "Any text; \\n \\r \\t \\0 \\xHH \\\\ stand for bytes."),
    OptionRow(
      .keyDelimiter, "K", ["key-delimiter"], "delim", in: records,
      modes: [.producer, .consumer, .group], "Key delimiter (same form as -D)",
      detail: "Producing, each message is split where it first occurs; consuming, the key and "
        + "this are printed in front of the message."),
    OptionRow(
      .maxMessages, "c", ["max-messages", "count"], "cnt", in: records,
      modes: [.producer, .consumer, .group], "Stop after this number of messages"),
    OptionRow(
      .emptyIsNull, "Z", ["null"], in: records, modes: [.producer, .consumer, .group],
      "Send empty keys and values as null; print null as NULL"),
    OptionRow(
      .unbuffered, "u", ["unbuffered"], in: [.list, .produce, .consume, .query], modes: .all,
      "Write output at once"),
    OptionRow(
      .json, "J", ["json"], in: [.list, .ping, .consume, .query],
      modes: [.consumer, .group, .list, .query],
      "Print JSON"),
  ]

  private static let producing: [OptionRow] = [
    OptionRow(
      .compression, "z", ["compression"], "codec", in: [.produce, .notify], modes: .producer,
      "Compression: none, gzip, snappy, lz4 or zstd",
      completion: .words(["none", "gzip", "snappy", "lz4", "zstd"])),
    OptionRow(
      .key, "k", ["key"], "str", in: [.produce], modes: .producer,
      "Key of messages that have none of their own"),
    OptionRow(
      .header, "H", ["header"], "header=value", in: [.produce, .notify], modes: .producer,
      "Add a header; repeat for more",
      detail: "A name alone has a null value, name= an empty one."),
    OptionRow(
      .lines, "l", ["lines"], in: [.produce], modes: .producer,
      "Split the one file at the delimiter, like stdin"),
    OptionRow(.tee, "T", ["tee"], in: [.produce], modes: .producer, "Copy messages to stdout"),
    OptionRow(
      .transactionEvery, nil, ["transaction-every"], "cnt", in: [.produce],
      "Commit a transaction after this number of messages, and at the end",
      detail: "It needs -X transactional.id=ID, without which nobody could end the transaction of "
        + "a run that was killed. Without it the whole run is one transaction. One that fails is "
        + "aborted, and so is the open one at SIGINT or SIGTERM; those before stay committed."),
  ]

  private static let consuming: [OptionRow] = [
    OptionRow(
      .group, nil, ["group"], "name", in: [.consume], "Consume as a member of this group",
      detail: "Topics are the arguments and -t; one that begins with ^ is a regular expression. "
        + "Reading begins where the group left off, or where it has not begun, by the property "
        + "auto.offset.reset; what was written is committed. -o is where each partition begins."),
    OptionRow(
      .offset, "o", ["offset"], "offset", in: [.consume], modes: [.consumer, .group],
      "Where to start: beginning, end, stored, N, -N, s@MS; stop: e@MS",
      detail: "-N is N messages from the end of each partition; s@MS the first message of that "
        + "time, in milliseconds since 1970, or later; e@MS, in a second -o, the first one that "
        + "is not printed. Default: beginning.",
      completion: .words(["beginning", "end", "stored"])),
    OptionRow(
      .fromBeginning, nil, ["from-beginning"], in: [.consume], "The same as -o beginning"),
    OptionRow(
      .exitAtEnd, "e", ["exit-at-end"], in: [.consume, .ingest], modes: [.consumer, .group],
      "Exit when the end of every partition is reached"),
    OptionRow(
      .format, "f", ["format"], "fmt", in: [.consume], modes: [.consumer, .group],
      "Output format; see below", detail: "It takes precedence over -D and -K; see FORMAT."),
    OptionRow(
      .serdes, "s", ["unpack"], "serdes", in: [.consume], modes: [.consumer, .group],
      "Unpack binary or Avro keys, values or both: key=F, value=F, F",
      detail: "F is < (little-endian) or > (big-endian), then for each number b B h H i I q Q, "
        + "c (a character), s (the rest) or $ (the end); or it is avro, with -r. Avro is printed as "
        + "JSON as kcat prints it: a union's value as {\"TYPE\": VALUE}, bytes and fixed as a string of "
        + "the characters U+0000 to U+00FF, logical types as the types that they are made of; what JSON "
        + "has no number for is \"NaN\", \"Infinity\" or \"-Infinity\". A value has at most 512 "
        + "records, arrays, maps and unions in one another."),
    OptionRow(
      .schemaRegistry, "r", ["schema-registry"], "url", in: [.consume],
      modes: [.consumer, .group], "Schema registry for -s avro",
      detail: "Addresses with commas between them are tried in turn. USER:PASSWORD@ in front of a "
        + "host is taken as it is typed, without percent-decoding; in a file of -F, as "
        + "schema.registry.url, no other user can see it. An answer may take as long as -m says, "
        + "and is asked for three times. "
        + "For an authority that the system does not know, -X schema.registry.ssl.ca.location=PATH "
        + "names its certificate. With -J, key_schema_id and value_schema_id tell the schema."
    ),
    OptionRow(
      .showOffset, "O", ["show-offset"], in: [.consume], modes: [.consumer, .group],
      "Print the offset and the key delimiter in front",
      detail: "Without -K a tab stands between offset and message."),
    OptionRow(
      .shareGroup, nil, ["share-group"], "name", in: [.consume],
      "Consume as a member of a share group (Kafka 4.2)",
      detail: "The members share the messages of all partitions; each is acknowledged once it is "
        + "written, and delivered again where it is not. Topics are the arguments and every -t. A "
        + "new group begins at the end of its topics; to begin elsewhere, first kafka-configs "
        + "--entity-type groups --entity-name NAME --alter "
        + "--add-config share.auto.offset.reset=earliest. What aborted transactions left comes too, "
        + "unless the group's share.isolation.level is read_committed."),
    OptionRow(
      .acknowledgement, nil, ["ack"], "outcome", in: [.consume],
      "What becomes of messages of a share group: accept, release or reject",
      detail: "accept, the default, is done with them; release has them delivered again, up to the "
        + "group's limit (5); reject never, although nobody has accepted them.",
      completion: .words(["accept", "release", "reject"])),
    OptionRow(
      .exitIdle, nil, ["exit-idle"], "seconds", in: [.consume],
      "Exit when a share group has brought nothing for so long",
      detail: "A share group has no end, since messages may come back: -e is refused."),
  ]

  private static let own: [OptionRow] = [
    OptionRow(
      .alarmGroup, nil, ["group"], "name", in: [.notify], "Device group or network group"),
    OptionRow(.alarmDevice, nil, ["device"], "id", in: [.notify], "Device that the alarm is about"),
    OptionRow(
      .alarmTopic, nil, ["topic"], "name", in: [.notify],
      "Healthbot's topic, such as protocol.ptp (not Kafka's: --to)"),
    OptionRow(.alarmRule, nil, ["rule"], "name", in: [.notify], "Rule"),
    OptionRow(.alarmTrigger, nil, ["trigger"], "name", in: [.notify], "Trigger"),
    OptionRow(
      .alarmSeverity, nil, ["severity"], "level", in: [.notify], "major, minor or normal",
      completion: .words(["major", "minor", "normal"])),
    OptionRow(.alarmMessage, nil, ["message"], "text", in: [.notify], "Text"),
    OptionRow(
      .alarmKey, nil, ["key"], "name=value", in: [.notify],
      "One of the alarm's keys; repeat for more"),
    OptionRow(
      .sanitize, nil, ["sanitize"], in: [.notify, .ingest],
      "Replace by _ what Kafka forbids in topic names"),
    OptionRow(
      .listen, nil, ["listen"], "host:port", in: [.broker],
      "Address to listen on. Default: 127.0.0.1:9092", completion: .host),
    OptionRow(
      .port, nil, ["port"], "port", in: [.broker], "Port to listen on; 0: any that is free"),
    OptionRow(
      .advertise, nil, ["advertise"], "host", in: [.broker], "Host that clients are told",
      completion: .host),
    OptionRow(
      .brokerId, nil, ["id"], "number", in: [.broker, .demo], "The broker's id. Default: 1001"),
    OptionRow(
      .brokerCount, nil, ["brokers"], "number", in: [.broker], "Number of brokers. Default: 1",
      detail: "Ids and ports go up from those of the first."),
    OptionRow(
      .maxMessageBytes, nil, ["max-message-bytes"], "bytes", in: [.broker],
      "The largest batch that is taken. Default: 1048588"),
    OptionRow(
      .brokerTopic, nil, ["topic"], "name:partitions:replicas", in: [.broker],
      "Topic that is there from the start; repeat for more",
      detail: "Partitions and replicas are 1 unless given."),
    OptionRow(
      .untilStdinEnds, nil, ["until-stdin-ends"], in: [.broker], "End when stdin ends",
      detail: "Until then each line of stdin is carried out and answered by a line ok or error: "
        + "TEXT on stdout: \(BrokerCommand.forms.joined(separator: ", ")). leader and truncate "
        + "begin a leader epoch, and truncate takes away whole batches; replica sends clients that "
        + "have a rack to a near replica; down closes a broker's port and connections."),
    OptionRow(
      .noAutoCreate, nil, ["no-auto-create"], in: [.broker],
      "Do not create topics that clients ask for"),
    OptionRow(
      .fault, nil, ["fault"], "api[@broker]:fault[*times]", in: [.broker],
      "Let the next requests of an API fail; repeat for more",
      detail:
        "API is Kafka's name, as fetch, or any; BROKER is a broker's id; FAULT is error=NAME, delay=MSms, "
        + "disconnect=before, disconnect=after, cut=BYTES, no-reply, flip=BYTE or throttle=MSms. "
        + "With --until-stdin-ends lines on stdin do the same while the broker runs."),
    OptionRow(
      .demoTopic, nil, ["topic"], "name", in: [.demo],
      "Topic that is there from the start; repeat for more. Default: test"),
  ]
}

extension OptionTable {
  /// kcat's option of that letter.
  static func kcat(_ letter: UInt8) -> OptionRow? {
    rows.first { $0.modes != .none && $0.short.map { UInt8(ascii: $0) } == letter }
  }

  /// The option of that letter in a subcommand.
  static func short(_ letter: UInt8, in command: Command) -> OptionRow? {
    rows.first { row in
      row.commands.contains(command) && row.short.map { UInt8(ascii: $0) } == letter
    }
  }

  /// The option of that name in a subcommand.
  static func long(_ name: String, in command: Command) -> OptionRow? {
    rows.first { $0.commands.contains(command) && $0.long.contains(name) }
  }

  /// An option of that name in any subcommand: good only to know whether it takes a value.
  static func long(_ name: String) -> OptionRow? {
    rows.first { $0.long.contains(name) }
  }

  /// A subcommand's options, in the table's order.
  static func rows(of command: Command) -> [OptionRow] {
    rows.filter { $0.commands.contains(command) }
  }
}
