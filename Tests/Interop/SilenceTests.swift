import TestSupport
import Testing

/// Silences in a compacted topic, and sources that fall silent.
@Suite(.serialized, .clusters) struct SilenceTests {
  @Test func `a silence keeps alarms out of table and check until it is over`() async throws {
    let group = AlarmGroup(try await Bench(.embedded))
    let topic = group.bench.topic("silences")
    func silence(_ words: String...) async throws -> CommandResult {
      try await run(
        [Places.hbcat, "alarms", "-b", group.bench.bootstrap, "--silence-topic", topic, "silence"]
          + words)
    }
    try await group.notify("major", "a", "r")
    try await group.notify("minor", "b", "r")
    let added = try await silence(
      "add", "group=\(group.name)", "device=a", "--for", "2h", "--author", "anna", "--comment",
      "new\tfan")
    #expect(added.status == 0 && added.stderr == "% topic \(topic) is created (compacted)\n")
    let id = String(added.stdout.dropLast())
    #expect(id.count == 16)
    let check = try await group.alarms("--check", "--silence-topic", topic)
    #expect(check.status == 1)
    #expect(check.stdout.hasPrefix("MINOR: 1 minor, 1 silenced; b r: text"))
    let both = try await group.alarms("--check", "--silenced", "--silence-topic", topic)
    #expect(both.status == 2 && both.stdout.hasPrefix("MAJOR: 1 major, 1 minor; a r: text"))
    let table = try await group.alarms("--once", "--silence-topic", topic)
    #expect(!table.stdout.contains("major") && table.stdout.contains("minor"))
    let whole = try await group.alarms("--once", "--silenced", "--silence-topic", topic)
    #expect(whole.stdout.contains("major silenced"), "\(whole.stdout)")
    let list = try await silence("list")
    #expect(
      list.stdout.split(separator: "\n").last
        == "\(id)  in 1h59m  group=\"\(group.name)\" device-id=\"a\"  anna    new\\tfan")
    #expect(try await silence("list", "--json").stdout.contains("\"author\": \"anna\""))
    #expect(try await silence("expire", id).status == 0)
    #expect(try await silence("list").stdout == "")
    #expect(try await silence("list", "--all").stdout.contains("\(id)  over"))
    let unknown = try await silence("expire", "nope")
    #expect(unknown.status == 1 && unknown.stderr.contains("there is no silence \"nope\""))
    #expect(try await group.alarms("--check", "--silence-topic", topic).status == 2)
    // Who looks on sees a new silence, and what is no silence is told.
    let follower = try group.follow("--until-clear", "--silence-topic", topic)
    _ = try await silence("add", "severity=~major|minor", "--for", "1m")
    #expect(await follower.end(within: 10).status == 0)
    try await send(0..<1, to: topic, at: group.bench.bootstrap)
    #expect(try await silence("list").stderr.contains("1 records of \(topic) are no silences"))
  }

  @Test func `a topic whose name collides is told with the other`() async throws {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("a.b")
    try await send(0..<1, to: topic, at: bench.bootstrap)
    let other = String(topic.map { $0 == "." ? "_" : $0 })
    let refused = try await bench.hbcat(
      "alarms", "silence", "add", "a=b", "--for", "1h", "--silence-topic", other)
    #expect(refused.status == 1)
    #expect(refused.stderr.contains("collides with existing topic: \(topic)"), "\(refused.stderr)")
  }

  @Test func `a topic that falls silent raises an alarm once, and clears it when it is back`()
    async throws
  {
    let group = AlarmGroup(try await Bench(.embedded))
    let source = group.bench.topic("telemetry")
    try await send(0..<1, to: source, at: group.bench.bootstrap)
    func beat(_ within: String) async throws -> String {
      let result = try await group.alarms(
        "heartbeat", "--device", "d", "-t", source, "--within", within, "--once")
      #expect(result.status == 0)
      return result.stderr
    }
    #expect(try await beat("1h") == "")
    let raising = try group.follow(
      "heartbeat", "--device", "d", "-t", source, "--within", "1s")
    #expect(
      await eventually { raising.stderr == "% major: nothing heard of \(source) for 1s\n" },
      "\(raising.stderr)")
    // Another run knows what was raised.
    #expect(try await beat("1s") == "")
    #expect(try await group.alarms("--check").status == 2)
    raising.signal(15)
    #expect(await raising.end(within: 10).status == 0)
    try await send(0..<1, to: source, at: group.bench.bootstrap)
    #expect(try await beat("1h") == "% normal: \(source) is heard again\n")
    #expect(try await beat("1h") == "")
    #expect(try await group.alarms("--check").status == 0)
    let line = try await group.alarms("--once", "--all", "--json")
    #expect(line.stdout.contains("\"keys\": {\"_source\": \"\(source)\"}"))
  }

  @Test func `a broker that was away makes nobody silent`() async throws {
    let broker = try await BrokerFixture(["--topic", "source"])
    let beat = try Child([
      Places.hbcat, "alarms", "-b", broker.bootstrap, "heartbeat", "--group", "g", "--device", "d",
      "-t", "source", "--within", "2s",
    ])
    @Sendable func saidCount(_ text: String) -> Int { beat.stderr.ranges(of: text).count }
    #expect(await eventually { saidCount("% major: ") == 1 }, "\(beat.stderr)")
    try await send(0..<1, to: "source", at: broker.bootstrap)
    #expect(await eventually { saidCount("% normal: ") == 1 }, "\(beat.stderr)")
    try await broker.say("down 1001")
    #expect(await eventually { saidCount("brokers are down") == 1 }, "\(beat.stderr)")
    // Longer than the source may be silent.
    try await Task.sleep(for: .seconds(3))
    try await broker.say("up 1001")
    try await send(1..<2, to: "source", at: broker.bootstrap)
    #expect(saidCount("% major: ") == 1, "\(beat.stderr)")
    // It has gone on watching all the same.
    #expect(await eventually { saidCount("% major: ") == 2 }, "\(beat.stderr)")
    beat.signal(15)
    #expect(await beat.end(within: 10).status == 0)
    await broker.stop()
  }

  @Test func `a device whose alarms stop coming is told, one that never came as well`() async throws
  {
    let group = AlarmGroup(try await Bench(.embedded))
    try await group.notify("normal", "a", "alive")
    try await group.notify("normal", "b", "other")
    let heard = try await group.alarms("heartbeat", "--within", "1h", "--once", "rule=alive")
    #expect(heard.status == 0 && heard.stderr == "")
    let never = try await group.alarms(
      "heartbeat", "--device", "c", "--within", "1h", "--once", "--severity", "minor")
    #expect(never.stderr == "% minor: nothing was ever heard of c\n")
    try await group.notify("normal", "c", "alive")
    let back = try await group.alarms(
      "heartbeat", "--device", "c", "--within", "1h", "--once", "--severity", "minor")
    #expect(back.stderr == "% normal: c is heard again\n")
  }
}
