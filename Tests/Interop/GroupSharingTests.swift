import Glibc
import TestSupport
import Testing

/// Several members of a group, of hbcat and of others, on three brokers of Kafka 4.3.1.
@Suite(
  .serialized, .enabled(if: RealKafka.isAvailable, "\(RealKafka.need)"),
  .kafka(
    "4.3.1", brokers: 3,
    topics: (1...12).map { "s\($0):4:3" },
    settings: [
      "group.min.session.timeout.ms=500", "group.initial.rebalance.delay.ms=0",
      "group.consumer.min.session.timeout.ms=500", "group.consumer.session.timeout.ms=3000",
      "group.consumer.min.heartbeat.interval.ms=100", "group.consumer.heartbeat.interval.ms=300",
      "offsets.topic.num.partitions=3",
    ]))
struct GroupSharingTests {
  private static let brisk = [
    "-X", "auto.offset.reset=earliest", "-X", "auto.commit.interval.ms=200", "-X",
    "topic.metadata.refresh.interval.ms=500",
  ]
  private static let classic = [
    "-X", "session.timeout.ms=2000", "-X", "heartbeat.interval.ms=200",
  ]

  /// The properties of each way to share.
  private static let ways: [String: [String]] = [
    "range": classic,
    "roundrobin": classic + ["-X", "partition.assignment.strategy=roundrobin"],
    "cooperative-sticky": classic + ["-X", "partition.assignment.strategy=cooperative-sticky"],
    "consumer": ["-X", "group.protocol=consumer"],
  ]

  private var cluster: RealKafka {
    get throws { try #require(KafkaTrait.current, "the suite has the trait .kafka") }
  }

  private func member(
    _ group: String, _ way: String, _ more: [String], program: String = Places.hbcat
  ) throws -> Child {
    try Child(
      [program, "-b", try cluster.bootstrap, "-G", group, "-u"] + Self.brisk
        + (Self.ways[way] ?? []) + more)
  }

  /// Sends these numbers, each to the partition of its own hash.
  private func produce(_ numbers: Range<Int>, to topic: String) async throws {
    let sent = try await run(
      [Places.hbcat, "-b", try cluster.bootstrap, "-P", "-t", topic, "-K:"],
      input: Array(numbers.map { "\($0):\($0)\n" }.joined().utf8))
    #expect(sent.status == 0, "\(sent.stderr)")
  }

  private static func numbers(_ child: Child) -> Set<Int> {
    Set(child.stdout.split(separator: "\n").compactMap { Int($0) })
  }

  /// How many partitions a member has, by its own words.
  private static func owned(_ child: Child) -> Int {
    child.stderr.split(separator: "\n").reduce(0) { count, line in
      let named = line.split(separator: "[").count - 1
      if line.contains("incremental assignment") { return count + named }
      if line.contains("incremental revoke") { return count - named }
      if line.contains("): assigned: ") { return named }
      return line.contains("): revoked: ") ? 0 : count
    }
  }

  private func end(_ children: Child...) async {
    for child in children { child.signal(SIGTERM) }
    for child in children { _ = await child.end(within: 10) }
  }

  @Test(arguments: [("range", "s1"), ("cooperative-sticky", "s2"), ("consumer", "s3")])
  func `F67, Show: two members of a group, one killed, lose nothing`(
    _ way: String, _ topic: String
  ) async throws {
    let group = "pair-\(way)"
    let first = try member(group, way, [topic])
    let second = try member(group, way, [topic])
    #expect(await eventually { Self.owned(first) == 2 && Self.owned(second) == 2 })
    try await produce(0..<2000, to: topic)
    #expect(
      await eventually { Self.numbers(first).count > 100 && Self.numbers(second).count > 100 })
    second.signal(SIGKILL)
    try await produce(2000..<3000, to: topic)
    let complete = await eventually {
      Self.numbers(first).union(Self.numbers(second)).count == 3000
    }
    #expect(complete, "\(3000 - Self.numbers(first).union(Self.numbers(second)).count) missing")
    #expect(Self.owned(first) == 4)
    await end(first, second)
  }

  @Test(
    .enabled(if: Places.has("kcat"), "needs kcat"),
    arguments: [("range", "s4"), ("roundrobin", "s5"), ("cooperative-sticky", "s6")])
  func `F67: hbcat and kcat read a topic together, each its share`(
    _ way: String, _ topic: String
  ) async throws {
    let group = "kcat-\(way)"
    let theirs = try member(group, way, [topic], program: "kcat")
    #expect(await eventually { Self.owned(theirs) == 4 })
    let ours = try member(group, way, [topic])
    #expect(await eventually { Self.owned(ours) == 2 && Self.owned(theirs) == 2 })
    try await produce(0..<1000, to: topic)
    let complete = await eventually {
      Self.numbers(ours).union(Self.numbers(theirs)) == Set(0..<1000)
    }
    #expect(complete)
    #expect(Self.numbers(ours).isDisjoint(with: Self.numbers(theirs)))
    #expect(!Self.numbers(ours).isEmpty && !Self.numbers(theirs).isEmpty)
    // When kcat leaves, hbcat leads, and gets all.
    await end(theirs)
    #expect(await eventually { Self.owned(ours) == 4 })
    await end(ours)
  }

  @Test(arguments: [("range", "s7"), ("consumer", "s8")])
  func `F67, Show: hbcat and the JVM's console consumer read a topic together, each its share`(
    _ way: String, _ topic: String
  ) async throws {
    let group = "jvm-\(way)"
    let ours = try member(group, way, [topic])
    #expect(await eventually { Self.owned(ours) == 4 })
    let theirs = try Child([
      "java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp",
      (Places.shared ?? "") + "/kafka/4.3.1/*",
      "org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server",
      try cluster.bootstrap, "--topic", topic, "--group", group, "--from-beginning",
      "--command-property",
      "group.protocol=\(way == "consumer" ? "consumer" : "classic")",
      // Its share may be given up by us before it has it: nothing produced meanwhile may be skipped.
      "--command-property", "auto.offset.reset=earliest",
    ])
    #expect(await eventually(within: 30) { Self.owned(ours) == 2 })
    try await produce(0..<1000, to: topic)
    let complete = await eventually {
      Self.numbers(ours).union(Self.numbers(theirs)) == Set(0..<1000)
    }
    #expect(complete, "\(theirs.stderr)")
    #expect(Self.numbers(ours).isDisjoint(with: Self.numbers(theirs)))
    #expect(!Self.numbers(ours).isEmpty && !Self.numbers(theirs).isEmpty)
    await end(theirs)
    #expect(await eventually(within: 30) { Self.owned(ours) == 4 })
    await end(ours)
  }

  @Test func `F67: a static member that comes back has its partitions, and nobody else notices`()
    async throws
  {
    let fixed = ["-X", "group.instance.id=one", "-X", "session.timeout.ms=20000"]
    let other = try member("static", "range", ["s9"])
    let first = try member("static", "range", fixed + ["s9"])
    #expect(await eventually { Self.owned(first) == 2 && Self.owned(other) == 2 })
    let before = other.stderr
    await end(first)
    let second = try member("static", "range", fixed + ["s9"])
    #expect(await eventually { Self.owned(second) == 2 })
    // A third of the same name fences it.
    let third = try member("static", "range", fixed + ["s9"])
    #expect(await eventually { second.status != nil })
    let fenced = await second.end(within: 1)
    #expect(fenced.status == 1)
    #expect(
      fenced.stderr.contains(
        "% ERROR: Consumer error: Fatal error: Broker: Static consumer fenced by other consumer with "
          + "same group.instance.id"))
    #expect(await eventually { Self.owned(third) == 2 })
    #expect(!other.stderr.dropFirst(before.count).contains("rebalanced"), "\(other.stderr)")
    await end(other, third)
  }

  @Test func `a topic that an expression finds later is read from then on`() async throws {
    let child = try member("pattern", "range", ["^s1[01]$", "^later-"])
    #expect(await eventually { Self.owned(child) == 8 })
    let sent = try await run(
      [Places.hbcat, "-b", try cluster.bootstrap, "-P", "-t", "later-on"],
      input: Array("7\n".utf8))
    #expect(sent.status == 0, "\(sent.stderr)")
    #expect(await eventually { Self.numbers(child) == [7] }, "\(child.stderr)")
    #expect(child.stderr.contains("Topic ^later- [0] error: Subscribed topic not available"))
    await end(child)
  }

  @Test(arguments: ["range", "consumer"])
  func `F48: when the group's coordinator is killed another one is found, and nothing is lost`(
    _ way: String
  ) async throws {
    let group = "moved-\(way)"
    let child = try member(
      group, way,
      ["s12", "-X", "session.timeout.ms=20000"].filter {
        way == "range" || !["-X", "session.timeout.ms=20000"].contains($0)
      })
    #expect(await eventually { Self.owned(child) == 4 })
    let known = Self.numbers(child).count
    let start = way == "range" ? 0 : 1000
    try await produce(start..<start + 500, to: "s12")
    #expect(await eventually { Self.numbers(child).count >= known + 500 })
    let state = try await cluster.kafkaTool(
      "kafka-consumer-groups", "--describe", "--state", "--group", group)
    // GROUP  COORDINATOR (ID)  ASSIGNMENT-STRATEGY …: the id is in brackets.
    let id = state.stdout.split(separator: "(").last.flatMap { part in
      Int(part.prefix { $0.isNumber })
    }
    let coordinator = try #require(id, "\(state.stdout) \(state.stderr)")
    try await cluster.node(coordinator, "kill")
    try await produce(start + 500..<start + 1000, to: "s12")
    let complete = await eventually(within: 60) {
      Self.numbers(child).isSuperset(of: start..<start + 1000)
    }
    #expect(complete, "\(child.stderr)")
    try await cluster.node(coordinator, "start")
    child.signal(SIGTERM)
    let ended = await child.end(within: 10)
    #expect(ended.status == 0, "\(ended.stderr)")
    // What was read is committed, with the new coordinator.
    let rest = try member(group, way, ["s12", "-e"])
    let again = await rest.end(within: 60)
    #expect(again.status == 0 && again.stdout.isEmpty, "\(again.stdout.count) \(again.stderr)")
  }
}
