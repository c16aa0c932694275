import KafkaClient
import KafkaProtocol
import Testing

@testable import HbcatCLI

private let broker = PropertySetting(name: "bootstrap.servers", value: "h:1")

struct KcatDialectTests {
  @Test func `-L lists all topics, or one`() throws {
    var list = ListPlan()
    list.client.properties = [broker]
    #expect(try plan("-b h:1 -L") == .list(list))
    list.topic = "t"
    list.json = true
    #expect(try plan("-JLb h:1 -tt") == .list(list))
  }

  @Test func `-P takes everything that a producer has`() throws {
    let made = try producePlan(
      "-P -b h:1 -t t -p 3 -K: -D \\0 -k key -H a=b -H n -H e= -Z -T -c 7 -z lz4 -E -u -q -m 2")
    var expected = ProducePlan(topic: "t")
    expected.client = ClientPlan(
      properties: [PropertySetting(name: "compression.codec", value: "lz4"), broker],
      timeoutMs: 2000,
      keepGoing: true, verbosity: 0, unbuffered: true)
    expected.partition = 3
    expected.delimiter = [0]
    expected.keyDelimiter = [UInt8(ascii: ":")]
    expected.fixedKey = Array("key".utf8)
    expected.headers = [
      ProducePlan.Header(name: Array("a".utf8), value: Array("b".utf8)),
      ProducePlan.Header(name: Array("n".utf8), value: nil),
      ProducePlan.Header(name: Array("e".utf8), value: []),
    ]
    expected.emptyIsNull = true
    expected.tee = true
    expected.maxMessages = 7
    #expect(made == expected)
  }

  @Test func `-C takes everything that a consumer has`() throws {
    let made = try consumePlan("-C -b h:1 -t t -p 0 -o s@5 -o e@9 -e -c 2")
    var expected = ConsumePlan(topic: "t")
    expected.client.properties = [broker]
    expected.partition = 0
    expected.start = .timestamp(5)
    expected.stopBeforeMs = 9
    expected.exitAtEnd = true
    expected.maxMessages = 2
    #expect(made == expected)
  }

  @Test func `-G takes a group, topics and expressions`() throws {
    let made = try consumePlan("-b h:1 -G g t -e ^u.* -o beginning -c 2")
    var expected = ConsumePlan(topic: "")
    expected.client.properties = [broker, PropertySetting(name: "group.id", value: "g")]
    expected.exitAtEnd = true
    expected.maxMessages = 2
    expected.group = ConsumePlan.Group(id: "g", topics: ["t", "^u.*"], start: .beginning)
    #expect(made == expected)
    #expect(try consumePlan("-b h -G g t -t ignored")?.group?.topics == ["t"])
    #expect(try consumePlan("-b h -G g t -o stored")?.group?.start == .stored)
    #expect(try consumePlan("-b h -G g t")?.group?.start == nil)
    #expect(try consumePlan("-b h -G g")?.group?.topics == [])
  }

  @Test func `the format is what -f says, or -J, or else the delimiters`() throws {
    func format(_ options: String) throws -> RecordFormat? {
      try consumePlan("-C -b h -t t \(options)")?.format
    }
    #expect(try format("") == .delimited(by: [10]))
    #expect(try format("-D \\r\\n -K %s") == .delimited(by: [13, 10], keyDelimiter: [0x25, 0x73]))
    #expect(try format("-O") == .delimited(by: [10], offsetDelimiter: [9]))
    #expect(
      try format("-O -K:")
        == .delimited(by: [10], keyDelimiter: [0x3a], offsetDelimiter: [0x3a]))
    #expect(try format("-f %o -K: -D x") == (try RecordFormat(parsing: "%o")))
    #expect(try format("-J") == .json(separator: [10]))
    #expect(try format("-J -D \\0") == .json(separator: [0]))
    #expect(try format("-J -f ;%s") == (try RecordFormat.json(separatedByFormat: ";%s")))
    var packed = RecordFormat.delimited(by: [10])
    packed.keySerdes = try Serdes(parsing: "i", for: .key)
    packed.valueSerdes = try Serdes(parsing: "<q$", for: .value)
    packed.nullText = Array("NULL".utf8)
    #expect(try format("-Z -s key=i -s value=<q$") == packed)
    packed.valueSerdes = try Serdes(parsing: "i", for: .value)
    #expect(try format("-Z -s i") == packed)
  }

  @Test func `options may follow files, the last of two wins, and -- ends options`() throws {
    let made = try producePlan("a -P -t x b -b h:1 -t y -- -c list")
    #expect(made?.topic == "y")
    #expect(made?.source == .files(["a", "b", "-c", "list"]))
  }

  @Test func `bytes that are not UTF-8 reach the plan as they are`() throws {
    let words: [Argument] = [
      "-P", "-bh:1", "-tt", "-k", Argument([0xff]), "-K", Argument([0xfe]),
      Argument([0x66, 0xfc]),
    ]
    guard case .produce(let made) = try CommandLineFixture().plan(words) else {
      Issue.record("no producer")
      return
    }
    #expect(made.fixedKey == [0xff])
    #expect(made.keyDelimiter == [0xfe])
    #expect(made.source == .files([Argument([0x66, 0xfc])]))
  }

  @Test func `-l splits the one file, and stdin without one`() throws {
    #expect(try producePlan("-P -b h -t t -l f")?.source == .lines(of: "f"))
    #expect(try producePlan("-P -b h -t t -l")?.source == .standardInput)
    #expect(
      refusal("-P -b h -t t -l f g")
        == ["% ERROR: Only one file allowed for line mode (-l)", "exit 1"])
  }

  @Test func `the last mode wins, as in all of kcat's releases`() throws {
    let list = try plan("-P -b h:1 -t t -L")
    guard case .list = list else {
      Issue.record("\(list)")
      return
    }
  }

  @Test func `a terminal on stdin makes a consumer, anything else a producer`() throws {
    let terminal = CommandLineFixture(terminal: true)
    guard case .consume = try terminal.plan("-b h:1 -t t") else {
      Issue.record("no consumer")
      return
    }
    #expect(
      terminal.said == ["% Auto-selecting Consumer mode (use -P or -C to override)"])
    let pipe = CommandLineFixture(terminal: false)
    guard case .produce = try pipe.plan("-b h:1 -t t") else {
      Issue.record("no producer")
      return
    }
    #expect(pipe.said == ["% Auto-selecting Producer mode (use -P or -C to override)"])
  }

  @Test func `what only a consumer can mean is one without a terminal too`() throws {
    let cron = CommandLineFixture(terminal: false)
    guard case .consume = try cron.plan("-b h:1 -t t -o beginning -e") else {
      Issue.record("no consumer")
      return
    }
    guard case .produce = try cron.plan("-b h:1 -t t -e -z gzip") else {
      Issue.record("no producer")
      return
    }
  }

  @Test(arguments: [
    ("-q", 0), ("-v", 2), ("-vv", 3), ("-v -q", 0), ("-q -v", 1), ("", 1),
  ])
  func `-q and -v act in the order typed`(flags: String, verbosity: Int) throws {
    #expect(try consumePlan("-C -b h -t t \(flags)")?.client.verbosity == verbosity)
  }

  @Test(arguments: [
    ("beginning", StartOffset.beginning), ("earliest", .beginning), ("smallest", .beginning),
    ("end", .end), ("latest", .end), ("largest", .end), ("stored", .stored),
    ("0", .absolute(0)), ("42", .absolute(42)), ("-1", .tail(1)), ("-500", .tail(500)),
    ("s@1700000000000", .timestamp(1_700_000_000_000)), ("s@0", .timestamp(0)),
  ])
  func `every form of -o is understood`(text: String, start: StartOffset) throws {
    #expect(try consumePlan("-C -b h -t t -o \(text)")?.start == start)
    #expect(try consumePlan("-C -b h -t t -o\(text)")?.start == start)
  }

  @Test func `a time in -o wins over another start, whatever their order`() throws {
    #expect(try consumePlan("-C -b h -t t -o s@5 -o end")?.start == .timestamp(5))
    #expect(try consumePlan("-C -b h -t t -o end -o s@5 -o e@6")?.start == .timestamp(5))
  }

  @Test(arguments: [
    "-o abc", "-o s@", "-o s@x", "-o e@-1", "-o 1x", "-o 99999999999999999999",
    "-o -9223372036854775808", "-p abc", "-p -2", "-p 2147483648", "-c x", "-c 1.5", "-m 5s",
    "-m -1", "-m 99999999999", "-p 1_000", "-o @5",
  ])
  func `what is no number is an error, not 0`(option: String) {
    let lines = refusal("-C -b h -t t \(option)")
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("% ERROR: \(option.prefix(2)): ") == true)
    #expect(lines.last == "exit 1")
  }

  @Test(arguments: [
    ("-p -1", nil as Int32?), ("-p 0", 0), ("-p +3", 3), ("-p2147483647", Int32.max),
  ])
  func `partition -1 is all of them, or the partitioner's choice`(
    option: String, partition: Int32?
  ) throws {
    #expect(try consumePlan("-C -b h -t t \(option)")?.partition == partition)
  }

  @Test(arguments: [
    ("t:0:5", OffsetQuery(TopicPartition("t", 0), timestamp: 5)),
    ("t:0x10:-0x1", OffsetQuery(TopicPartition("t", 16), timestamp: -1)),
    ("a.b-c:010:0", OffsetQuery(TopicPartition("a.b-c", 8), timestamp: 0)),
  ])
  func `-Q takes numbers as strtol does`(text: String, query: OffsetQuery) throws {
    var expected = QueryPlan(queries: [query])
    expected.client.properties = [broker]
    #expect(try plan("-b h:1 -Q -t \(text)") == .query(expected))
    expected.json = true
    #expect(try plan("-b h:1 query --json \(text)") == .query(expected))
  }

  @Test(arguments: [
    "t:0:0:0", "t::0", ":0:0", "t:0:", "t:-1:0", "t:0:x", "t:x:0", "t:+1:0", "t:0:0x", "t:0:08",
    "t:2147483648:0", "t:0:99999999999999999999",
  ])
  func `-Q takes nothing else`(text: String) {
    #expect(
      refusal("-b h:1 -Q -t \(text)") == [
        "% ERROR: -t: expected \"topic:partition:offset_or_timestamp\"", "exit 1",
      ])
  }

  @Test func `-M runs brokers of its own, whatever -b says`() throws {
    guard case .broker(let mock) = try plan("-M 3 -q") else {
      Issue.record("no broker")
      return
    }
    #expect(mock.brokers == 3)
    #expect(mock.brokerId == 1)
    #expect(mock.port == 0)
    #expect(mock.isMock)
    #expect(mock.untilStdinEnds)
    #expect(mock.verbosity == 0)
  }

  @Test func `no count, 0 and less are no limit`() throws {
    for option in ["", "-c 0", "-c -5"] {
      #expect(try consumePlan("-C -b h -t t \(option)")?.maxMessages == nil)
    }
  }
}

struct KcatErrorTests {
  @Test(arguments: [
    ("-A", "unknown argument -A"), ("-Lz", "unknown argument: -z without <codec>"),
    ("-C", "-b <broker,..> missing"), ("-C -t t", "-b <broker,..> missing"),
    ("-C -b h", "-t <topic> missing"), ("-P -b h", "-t <topic> missing"),
    (
      "-C -b h -t t x",
      "file/topic list only allowed in producer(-P)/kafkaconsumer(-G) mode"
    ),
    ("-L -b h x", "file/topic list only allowed in producer(-P)/kafkaconsumer(-G) mode"),
  ])
  func `a usage error is one line with kcat's reason`(line: String, reason: String) {
    #expect(
      refusal(line, program: "/usr/bin/kcat") == [
        "Error: \(reason) (try 'kcat -h')", "exit 1",
      ])
  }

  @Test(arguments: [
    ("-M 0", "-M <broker_cnt> expected"), ("-M x", "-M <broker_cnt> expected"),
    ("-P -b h -t t -H =x", "Expected -H \"name=value..\" or -H \"name\""),
    ("-z foo", "Invalid value \"foo\" for configuration property \"compression.codec\""),
    ("-P -b h -t t -K \\xzz", "Delimiter \\xzz expects hex number"),
    ("-C -b h -t t -s foo", "Invalid token 'f' in key pack-format, see -s usage."),
    ("-C -b h -t t -s key=", "key pack-format must not be empty"),
    ("-C -b h -t t -f %q", "Unsupported formatter: %q"),
    ("-C -b h -t t -f 5%", "Empty formatter"),
    ("-L -b h -s i", "-s serdes only available in the consumer"),
    ("-P -b h -t t -s i", "-s serdes only available in the consumer"),
    ("-F nofile", "Failed to open nofile: No such file or directory"),
    ("-b -L", "-b: no broker is called \"-L\": is the variable before it empty?"),
    ("-C -b h -t t -s avro", "-s avro requires -r <sr_url>"),
    ("-G g -b h t -s key=avro", "-s avro requires -r <sr_url>"),
    ("-P -b h -t t -s avro -r u", "-s serdes only available in the consumer"),
    ("-C -b h -t t -s avro -X schema.registry.url=/", "schema.registry.url is empty"),
    ("-C -b h -t t -X schema.registry.nope=1", "Unknown configuration property nope"),
    ("-b h -Q -t t:0", "-t: expected \"topic:partition:offset_or_timestamp\""),
    ("-b h -Q -J -t t:0:1 -t t:00:2", "-t: t [0] is asked for twice, which JSON has no place for"),
  ])
  func `an error in a value has kcat's text`(line: String, text: String) {
    #expect(refusal(line).suffix(2) == ["% ERROR: \(text)", "exit 1"])
  }

  @Test func `an empty message delimiter cannot produce`() {
    #expect(
      refusal(["-P", "-b", "h", "-t", "t", "-D", ""])
        == ["% ERROR: Message delimiter -D must not be empty when producing", "exit 1"])
  }

  @Test func `-X without = has a text of its own`() {
    #expect(
      refusal("-X foo") == [
        "% Expected -X property=value, not foo, "
          + "use -X list to display available properties", "exit 1",
      ])
  }

  @Test func `-V, -h and -X list end the reading where they stand`() throws {
    #expect(try plan("-V -A") == .information(Version.text))
    #expect(try plan("-h -p abc") == .information(KcatUsage.text(program: "hbcat")))
    #expect(try plan("-X list -A") == .propertyList)
    #expect(try plan("-U -A") == .information(""))
    #expect(refusal("-p abc -V").last == "exit 1")
  }

  @Test func `long options are kcat's unknown argument`() {
    #expect(
      refusal("--topic t -b h", program: "kcat") == [
        "Error: unknown argument --topic (try 'kcat -h')", "exit 1",
      ])
  }

  @Test func `the way out of a wrong property is named, but not by kcat's name`() {
    let text = "% ERROR: No such configuration property: \"linger.mss\""
    #expect(refusal("-X linger.mss=1").first == "\(text) (did you mean linger.ms?)")
    for program: Argument in ["kcat", "kafkacat"] {
      #expect(refusal("-X linger.mss=1", program: program) == [text, "exit 1"])
    }
  }

  @Test func `line options that whole files do not heed are named`() throws {
    let fixture = CommandLineFixture()
    _ = try fixture.plan("-P -b h -t t -K: -Z f")
    #expect(
      fixture.said == [
        "% -K, -Z without effect: each file is one message (-l splits it)"
      ])
  }
}
