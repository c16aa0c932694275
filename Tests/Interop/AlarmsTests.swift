import TestSupport
import Testing

/// Alarms of one test: a group that no other test has, published as `notify` does.
struct AlarmGroup {
  let bench: Bench
  let name: String

  init(_ bench: Bench) {
    self.bench = bench
    name = bench.topic("group")
  }

  /// Publishes an alarm to its automatic topic.
  func notify(_ severity: String, _ device: String, _ rule: String, _ message: String = "text")
    async throws
  {
    let sent = try await bench.hbcat(
      "notify", "-q", "--group", name, "--device", device, "--topic", "protocol.ptp", "--rule",
      rule, "--trigger", "status", "--severity", severity, "--message", message)
    #expect(sent.status == 0, "\(sent.stderr)")
  }

  func alarms(_ arguments: String...) async throws -> CommandResult {
    try await run(
      [Places.hbcat, "alarms", "-b", bench.bootstrap, "--group", name] + arguments, within: 30)
  }

  /// A command that goes on.
  func follow(
    _ arguments: String..., terminal: Child.Terminal = .none, environment: [String: String] = [:]
  ) throws -> Child {
    try Child(
      [Places.hbcat, "alarms", "-b", bench.bootstrap, "--group", name] + arguments,
      terminal: terminal, environment: environment)
  }
}

/// Active alarms, shown, followed and judged.
@Suite(.serialized, .clusters) struct AlarmsTests {
  /// The course of one alarm as a person and as a monitoring script see it, on any broker.
  private static func course(_ target: Target) async throws {
    let group = AlarmGroup(try await Bench(target))
    let missing = try await group.alarms("--check")
    #expect(missing.status == 3)
    #expect(missing.stdout == "UNKNOWN: no topic begins with \"\(group.name).\"\n")
    try await group.notify("minor", "mx960-2", "fan", "slow")
    #expect(try await group.alarms("--check").status == 1)
    try await group.notify("major", "mx960-1", "lock", "not | aligned")
    let bad = try await group.alarms("--check")
    #expect(bad.status == 2)
    #expect(
      bad.stdout
        == "MAJOR: 1 major, 1 minor; mx960-1 lock: not / aligned | major=1 minor=1 silenced=0\n")
    let table = try await group.alarms("--once")
    #expect(table.status == 0, "\(table.stderr)")
    let rows = table.stdout.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(rows.map { $0[0] } == ["SEVERITY", "major", "minor"], "\(table.stdout)")
    #expect(rows[1][2] == "mx960-1" && rows[2][2] == "mx960-2")
    let some = try await group.alarms("--once", "severity=major", "device=~mx.*", "lock")
    #expect(some.stdout.split(separator: "\n").count == 2, "\(some.stdout)")
    #expect(try await group.alarms("--once", "device!~mx.*").stdout == "")
    // The clear has another severity than the matcher asks for, and clears all the same.
    try await group.notify("normal", "mx960-1", "lock", "aligned")
    #expect(try await group.alarms("--check", "severity=major").status == 0)
    #expect(try await group.alarms("--check").status == 1)
    try await group.notify("normal", "mx960-2", "fan")
    let clear = try await group.alarms("--check")
    #expect(clear.status == 0)
    #expect(clear.stdout == "OK: no alarms | major=0 minor=0 silenced=0\n")
    let history = try await group.alarms("--once", "--all")
    #expect(history.stdout.split(separator: "\n").count == 4, "\(history.stdout)")
    #expect(history.stdout.contains("\tmajor\tmx960-1\tlock\tstatus\tnot | aligned\n"))
  }

  @Test func `alarms are shown and judged from the first to the last clear`() async throws {
    try await Self.course(.embedded)
  }

  @Test(.enabled(if: RealKafka.isAvailable, "\(RealKafka.need)"))
  func `on Kafka 4 alarms are shown, judged and silenced as well`() async throws {
    try await Self.course(.kafka431)
    let group = AlarmGroup(try await Bench(.kafka431))
    try await group.notify("major", "mx960-1", "lock")
    let topic = group.bench.topic("silences")
    let added = try await group.alarms(
      "silence", "add", "--for", "1h", "--silence-topic", topic)
    #expect(added.status == 0, "\(added.stderr)")
    let silent = try await group.alarms("--check", "--silence-topic", topic)
    #expect(silent.stdout == "OK: no alarms, 1 silenced | major=0 minor=0 silenced=1\n")
    let kafka = try #require(try await Clusters.current?.real(.kafka431))
    let described = try await kafka.kafkaTool(
      "kafka-topics", "--bootstrap-server", kafka.bootstrap, "--describe", "--topic", topic)
    #expect(described.stdout.contains("cleanup.policy=compact"), "\(described)")
  }

  @Test func `active alarms come first and then each change, also out of topics that are new`()
    async throws
  {
    let group = AlarmGroup(try await Bench(.embedded))
    try await group.notify("major", "a", "old")
    try await group.notify("normal", "a", "old")
    try await group.notify("minor", "b", "lasting")
    let follower = try group.follow()
    @Sendable func lines() -> [String] {
      follower.stdout.split(separator: "\n").map { line in
        line.split(separator: "\t").dropFirst().prefix(3).joined(separator: " ")
      }
    }
    #expect(await eventually { lines() == ["minor b lasting"] })
    try await group.notify("major", "c", "new")
    #expect(await eventually { lines().last == "major c new" })
    try await group.notify("major", "b", "lasting")
    try await group.notify("major", "b", "lasting")
    try await group.notify("normal", "c", "new")
    #expect(
      await eventually {
        lines() == ["minor b lasting", "major c new", "major b lasting", "normal c new"]
      }, "\(follower.stdout)")
    follower.signal(2)
    #expect(await follower.end(within: 10).status == 0)
  }

  @Test func `a line of JSON has the alarm, its times and where it lies`() async throws {
    let group = AlarmGroup(try await Bench(.embedded))
    try await group.notify("minor", "a", "r", "one")
    try await group.notify("major", "a", "r", "two")
    let active = try await group.alarms("--once", "--json")
    let topic = "\(group.name).a.protocol.ptp.r.status"
    #expect(
      active.stdout.hasPrefix(
        "{\"event\": \"active\", \"device-id\": \"a\", \"group\": \"\(group.name)\", \"keys\": {}, "
          + "\"message\": \"two\", \"rule\": \"r\", \"severity\": \"major\", "), "\(active)")
    #expect(active.stdout.contains("\"count\": 2, \"silenced\": null"))
    #expect(
      active.stdout.contains("\"kafka\": {\"topic\": \"\(topic)\", \"partition\": 0, \"offset\": 1")
    )
    let all = try await group.alarms("--once", "--json", "--all")
    let events = all.stdout.split(separator: "\n").map { $0.split(separator: "\"")[3] }
    #expect(events == ["raised", "changed"], "\(all.stdout)")
  }

  @Test func `records that are no alarms are told once, and alone they are unknown`() async throws {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("mixed")
    try await send(0..<3, to: topic, at: bench.bootstrap)
    let none = try await bench.hbcat("alarms", "-t", topic, "--check")
    #expect(none.status == 3)
    #expect(
      none.stdout.hasPrefix(
        "UNKNOWN: none of 3 records is an alarm; the first is \(topic) [0] at offset 0: "))
    let sent = try await bench.hbcat(
      "notify", "--to", topic, input: Array(NotifyTests.line("major", "a").utf8))
    #expect(sent.status == 0)
    let mixed = try await bench.hbcat("alarms", "-t", topic, "--once")
    #expect(mixed.status == 0 && mixed.stdout.contains("ptp-lock-status"))
    #expect(mixed.stderr.hasPrefix("% 3 records are no alarms: \(topic) [0] at offset 0: "))
    #expect(mixed.stderr.split(separator: "\n").count == 1)
    #expect(try await bench.hbcat("alarms", "-t", topic, "--check").status == 2)
  }

  @Test func `a broker that is away and a topic that is not there are unknown`() async throws {
    let away = try await run([
      Places.hbcat, "alarms", "-b", "127.0.0.1:1", "--group", "g", "--check",
    ])
    #expect(away.status == 3 && away.stdout.hasPrefix("UNKNOWN: Failed to query metadata: "))
    #expect(away.stdout.split(separator: "\n").count == 1)
    let bench = try await Bench(.embedded)
    let topic = bench.topic("nowhere")
    let none = try await bench.hbcat("alarms", "-t", topic, "--check")
    #expect(none.status == 3)
    #expect(
      none.stdout == "UNKNOWN: Topic \(topic) error: Broker: Unknown topic or partition\n")
    let once = try await bench.hbcat("alarms", "-t", topic, "--once")
    #expect(once.status == 1 && once.stdout == "")
    let silent = try await BrokerFixture(["--fault", "metadata:no-reply"])
    let slow = try await run([
      Places.hbcat, "alarms", "-b", silent.bootstrap, "--group", "g", "--check", "--timeout", "1s",
    ])
    await silent.stop()
    #expect(slow.status == 3 && slow.stdout == "UNKNOWN: not read within 1s\n")
  }

  @Test func `until-clear ends when the last alarm clears, or with 1 when the time is over`()
    async throws
  {
    let group = AlarmGroup(try await Bench(.embedded))
    try await group.notify("major", "a", "r", "bad")
    let late = try await group.alarms("--until-clear", "--timeout", "1s")
    #expect(late.status == 1 && late.stdout == "")
    #expect(late.stderr == "% 1 alarm is still active after 1s: a r: bad\n")
    let waiter = try group.follow("--until-clear", "--timeout", "1m")
    try await group.notify("minor", "a", "r")
    #expect(waiter.status == nil)
    try await group.notify("normal", "a", "r")
    #expect(await waiter.end(within: 10).status == 0)
  }

  @Test func `in a terminal a table keeps up, and Ctrl-C gives the terminal back`() async throws {
    let group = AlarmGroup(try await Bench(.embedded))
    try await group.notify("major", "a", "r", "bad \u{1b}[2J")
    let screen = try group.follow(terminal: .all, environment: ["TERM": "xterm", "NO_COLOR": ""])
    #expect(await eventually { screen.stdout.contains("bad \\x1b[2J") }, "\(screen.stdout)")
    #expect(screen.stdout.hasPrefix("\u{1b}[?1049h\u{1b}[?25l\u{1b}[H"))
    #expect(screen.stdout.contains("\u{1b}[31mmajor"))
    try await group.notify("normal", "a", "r")
    #expect(await eventually { screen.stdout.contains("no active alarms") })
    screen.signal(2)
    let end = await screen.end(within: 10)
    #expect(end.status == 0 && end.stdout.hasSuffix("\u{1b}[?25h\u{1b}[?1049l"))
    let left = try group.follow(terminal: .all, environment: ["TERM": "xterm"])
    #expect(await eventually { left.stdout.contains("no active alarms") })
    await left.write("q")
    #expect(await left.end(within: 10).status == 0)
    let plain = try group.follow(
      "--once", terminal: .all, environment: ["TERM": "xterm", "NO_COLOR": "1"])
    #expect(await !plain.end(within: 10).stdout.contains("\u{1b}"))
  }
}
