import Testing

@testable import HbcatCLI

struct TwinTests {
  @Test(arguments: [
    ("list -b h:1", "-L -b h:1"),
    ("list --bootstrap-server h:1 --topic t --json", "-L -b h:1 -t t -J"),
    ("-b h:1 list -t t", "-L -b h:1 -t t"),
    (
      "list -b h:1 --timeout 9 --property client.id=b -E -u -q",
      "-L -b h:1 -m 9 -X client.id=b -E -u -q"
    ),
    (
      "produce --bootstrap-server=h:1 --topic=t --partition=2 --key-delimiter=: --delimiter=\\0",
      "-P -b h:1 -t t -p 2 -K : -D \\0"
    ),
    (
      "produce -b h -t t --key k --compression zstd --header a=b --null --tee f",
      "-P -b h -t t -k k -z zstd -H a=b -Z -T f"
    ),
    ("-b h -t t produce --lines f", "-P -b h -t t -l f"),
    ("produce f -b h -t t -- produce -x", "-P -b h -t t f -- produce -x"),
    ("consume -b h -t t --from-beginning", "-C -b h -t t -o beginning"),
    ("-t t consume -b h", "-C -b h -t t"),
    (
      "consume -b h -t t --offset -5 --exit-at-end --max-messages 3 --quiet",
      "-C -b h -t t -o -5 -e -c 3 -q"
    ),
    (
      "consume -b h -t t --format %s\\n --null --show-offset --unbuffered --verbose --verbose",
      "-C -b h -t t -f %s\\n -Z -O -u -vv"
    ),
    ("consume -b h -t t --json --unpack value=i --partition 0", "-C -b h -t t -J -s value=i -p 0"),
    ("consume -b h --group g t ^u -e", "-b h -G g t ^u -e"),
    ("consume -b h --group=g -t t u", "-b h -G g t u"),
    ("consume -b h -t t --property dump", "-C -b h -t t -X dump"),
    ("consume -X list", "-X list"),
    ("consume -V", "-V"),
    ("version", "-V"),
    ("--version", "-V"),
    ("consume -b h -t t --debug all --keep-going", "-C -b h -t t -d all -E"),
  ])
  func `a subcommand and its kcat twin are the same plan`(ours: String, kcats: String) throws {
    #expect(try plan(ours) == (try plan(kcats)))
  }

  @Test func `a long option's value may be empty, and may hold =`() throws {
    let made = try CommandLineFixture().plan([
      "consume", "-b", "h", "-t", "t", "--delimiter=", "--format=a=b",
    ])
    guard case .consume(let plan) = made else {
      Issue.record("\(made)")
      return
    }
    #expect(plan.format == (try RecordFormat(parsing: "a=b")))
  }
}

struct PingPlanTests {
  @Test func `ping has the options of every client, and JSON`() throws {
    guard case .ping(let made) = try plan("ping -b h:1 -X client.id=b -m 2 --json -v") else {
      Issue.record("no ping")
      return
    }
    #expect(made.json && made.client.timeoutMs == 2000 && made.client.verbosity == 2)
    #expect(made.client.properties.map(\.name) == ["client.id", "bootstrap.servers"])
    #expect(try plan("ping -b h -X dump") == (try plan("list -b h -X dump")))
  }
}

struct CommandErrorTests {
  @Test(arguments: [
    ("list", "no broker: give -b HOST:PORT, or bootstrap.servers in a file of -F"),
    ("consume -b h", "no topic: give TOPIC ... or -t TOPIC"),
    ("consume -b h -t t --topik x", "unknown option --topik; did you mean --topic?"),
    ("consume -b h -t t --xyzzy", "unknown option --xyzzy"),
    ("consume -b h -t t -A", "unknown option -A"),
    ("consume -b h -t", "-t needs a value (TOPIC)"),
    ("list -b h --quiet=1", "--quiet takes no value"),
    ("list -b h -e", "list has no -e; it belongs to consume, ingest, alarms"),
    ("ping", "no broker: give -b HOST:PORT, or bootstrap.servers in a file of -F"),
    ("ping -b h -E", "ping has no -E; it belongs to list, produce, consume, query, notify, ingest"),
    ("ping -b h x", "unexpected argument \"x\""),
    ("list -b h x", "unexpected argument \"x\""),
    ("list -L", "-L is kcat's mode; the word list already says what to do"),
    ("consume -b h -t t -p x", "-p: expected a partition's number or -1, not \"x\""),
    (
      "consume -b h -t t --offset=x",
      "-o: expected beginning, end, stored, N, -N, s@MS or e@MS, not \"x\""
    ),
    ("consume -b h -t t -f %q", "Unsupported formatter: %q"),
    ("broker rum", "unexpected argument \"rum\"; did you mean 'run'?"),
  ])
  func `a usage error of a subcommand is one line, and 2`(line: String, text: String) {
    let word = line.split(separator: " ").first ?? ""
    #expect(refusal(line) == ["% ERROR: \(text) (try 'hbcat \(word) --help')", "exit 2"])
  }

  @Test func `help on a mistyped word names the nearest`() {
    #expect(
      refusal("help prodcue") == [
        "% ERROR: no subcommand \"prodcue\"; did you mean 'produce'? (try 'hbcat --help')",
        "exit 2",
      ])
    #expect(
      refusal("help list query") == [
        "% ERROR: unexpected argument \"query\" (try 'hbcat --help')", "exit 2",
      ])
  }

  @Test func `a file that cannot be read is 1, not a usage error`() {
    #expect(
      refusal("list -b h -F gone").suffix(2) == [
        "% ERROR: Failed to open gone: No such file or directory", "exit 1",
      ])
  }

  @Test func `a mistyped subcommand is found out by kcat's dialect`() {
    #expect(
      refusal("lst -b h").suffix(2) == [
        "Error: -t <topic> missing; did you mean 'hbcat list'? (try 'hbcat -h')", "exit 1",
      ])
  }
}

struct DialectChoiceTests {
  @Test func `a mode flag before the word makes it a file`() throws {
    #expect(try producePlan("-P -b h -t t produce")?.source == .files(["produce"]))
    #expect(try producePlan("-t t -b h -P list")?.source == .files(["list"]))
  }

  @Test func `-- makes a word a file`() throws {
    let pipe = CommandLineFixture(terminal: false)
    guard case .produce(let made) = try pipe.plan("-b h -t t -- list") else {
      Issue.record("no producer")
      return
    }
    #expect(made.source == .files(["list"]))
  }

  @Test func `a value that looks like a word is no word`() throws {
    #expect(try consumePlan("-t list consume -b h")?.topic == "list")
    #expect(try consumePlan("--topic list consume -b demo")?.topic == "list")
    #expect(try consumePlan("-tlist -vb h consume")?.topic == "list")
  }

  @Test(arguments: ["kcat", "/usr/local/bin/kafkacat"])
  func `called kcat it knows no subcommands`(program: String) throws {
    let made = try CommandLineFixture(terminal: false)
      .plan("-b h -t t list", program: Argument(program))
    guard case .produce(let plan) = made else {
      Issue.record("\(made)")
      return
    }
    #expect(plan.source == .files(["list"]))
  }

  @Test func `a first word kcat is dropped and chooses the dialect`() throws {
    guard case .list = try plan("kcat -b h -L") else {
      Issue.record("no list")
      return
    }
    #expect(refusal("kafkacat list -b h").first?.hasPrefix("% Auto-selecting") == true)
  }

  @Test func `--help overviews, or tells of the word`() throws {
    #expect(try plan("--help") == .information(CommandHelp.overview))
    #expect(try plan("help") == .information(CommandHelp.overview))
    #expect(try plan("help list") == .information(CommandHelp.text(.list)))
    #expect(try plan("list --help") == .information(CommandHelp.text(.list)))
    #expect(try plan("--help list") == .information(CommandHelp.text(.list)))
    #expect(try plan("-h list") == .information(CommandHelp.text(.list)))
  }

  @Test func `no words at all are kcat's missing broker`() {
    #expect(refusal([]) == ["Error: -b <broker,..> missing (try 'hbcat -h')", "exit 1"])
  }
}

struct TransactionEveryTests {
  @Test func `--transaction-every takes a number and needs a transactional id`() throws {
    guard
      case .produce(let plan) = try plan(
        "produce -b h -t t -X transactional.id=x --transaction-every 100")
    else {
      Issue.record("no produce")
      return
    }
    #expect(plan.transactionEvery == 100)
    #expect(
      refusal("produce -b h -t t --transaction-every 100") == [
        "% ERROR: --transaction-every needs a transactional id: give -X transactional.id=ID "
          + "(try 'hbcat produce --help')", "exit 2",
      ])
    #expect(
      refusal("produce -b h -t t -X transactional.id=x --transaction-every 0").first?
        .contains("0 is out of range") == true)
  }
}
