import Glibc
import TestSupport
import Testing

/// Real Kafka with share groups: locks of two seconds, members that are missed after four.
struct ShareClusterTrait: SuiteTrait, TestScoping {
  @TaskLocal static var current: RealKafka?

  @concurrent func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    let settings = [
      "group.share.min.record.lock.duration.ms=1000",
      "group.share.min.session.timeout.ms=1000", "group.share.session.timeout.ms=4000",
      "group.share.min.heartbeat.interval.ms=500", "group.share.heartbeat.interval.ms=1000",
    ]
    try await RealKafka.with("4.3.1", settings: settings) { cluster in
      // Groups begin at the end of a topic unless they are told otherwise, by a setting of their own.
      let begins = "share.auto.offset.reset=earliest"
      for (group, configuration) in [
        ("g", begins), ("short", begins + ",share.record.lock.duration.ms=2000"),
      ] {
        let set = try await cluster.kafkaTool(
          "kafka-configs", "--entity-type", "groups", "--entity-name", group, "--alter",
          "--add-config", configuration)
        try #require(set.status == 0, "\(set.stderr)")
      }
      try await Self.$current.withValue(cluster) { try await function() }
    }
  }
}

extension Trait where Self == ShareClusterTrait {
  fileprivate static var shareCluster: Self { ShareClusterTrait() }
}

@Suite(
  .enabled(if: RealKafka.isAvailable, Comment(rawValue: RealKafka.need)), .shareCluster)
struct ShareGroupTests {
  private var cluster: RealKafka {
    get throws { try #require(ShareClusterTrait.current, "the suite has the trait .shareCluster") }
  }

  /// A topic of one partition with `count` numbered lines, in batches of at most `batch`.
  private func topic(_ name: String, lines count: Int, batch: Int = 100) async throws {
    let text = (0..<count).map { "\($0)\n" }.joined()
    try await produce(text, to: name, batch: batch)
  }

  private func produce(_ text: String, to topic: String, batch: Int = 100) async throws {
    let result = try await run(
      [
        Places.hbcat, "produce", "-b", try cluster.bootstrap, "-t", topic, "-X",
        "batch.num.messages=\(batch)",
      ], input: Array(text.utf8))
    try #require(result.status == 0, "\(result.stderr)")
  }

  /// hbcat as a member; it ends when nothing has come for a while.
  private func member(_ topic: String, group: String = "g", _ more: String...) throws -> Child {
    try Child(
      [
        Places.hbcat, "consume", "-b", try cluster.bootstrap, "--share-group", group, "-t", topic,
      ] + (more.isEmpty ? ["--exit-idle", "3"] : more))
  }

  private func lines(_ result: CommandResult) -> [Int] {
    result.stdout.split(separator: "\n").compactMap { Int($0) }
  }

  private func numbers(_ count: Int) -> [Int] { Array(0..<count) }

  @Test("two members share the messages of one partition: each comes once, to one of them")
  func shares() async throws {
    try await topic("shares", lines: 20_000)
    let members = try [member("shares"), member("shares")]
    var seen: [Int] = []
    for member in members {
      let result = await member.end(within: 60)
      #expect(result.status == 0 && !result.stdout.isEmpty, "\(result.stderr)")
      seen += lines(result)
    }
    #expect(seen.sorted() == numbers(20_000))
  }

  @Test("SIGKILL of a member: what it had acquired comes to the next, nothing is lost")
  func killed() async throws {
    try await topic("killed", lines: 100_000)
    let first = try member("killed")
    #expect(await eventually { first.stdoutBytes.count > 20_000 })
    first.signal(SIGKILL)
    let killed = await first.end()
    // The line that the signal cut is not counted.
    let whole = killed.stdout.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let second = await (try member("killed")).end(within: 60)
    #expect(second.status == 0, "\(second.stderr)")
    #expect(Set(lines(second) + whole.compactMap { Int($0) }).count == 100_000)
  }

  @Test(
    "a member whose stdout blocks loses its locks, not its membership, and says what was doubled")
  func blocked() async throws {
    // More than a pipe holds, in few batches: some of it is locked when the pipe is full.
    let text = (0..<30_000).map { "\($0) \(String(repeating: "x", count: 100))\n" }.joined()
    try await produce(text, to: "blocked", batch: 1000)
    let bootstrap = try cluster.bootstrap
    let slow = try Child([
      "sh", "-c",
      "{ \(Places.hbcat) consume -b \(bootstrap) --share-group short -t blocked --exit-idle 3; "
        + "echo $? >&2; } | { sleep 6; cat; }",
    ])
    // It joins first, and fills the pipe.
    #expect(await eventually { slow.stderr.contains("assigned: blocked [0]") })
    let other = await (try member("blocked", group: "short", "--exit-idle", "5")).end(within: 60)
    let blocked = await slow.end(within: 60)
    #expect(other.status == 0, "\(other.stderr)")
    let seen = (blocked.stdout + other.stdout).split(separator: "\n").compactMap {
      $0.split(separator: " ").first.flatMap { Int($0) }
    }
    #expect(Set(seen).count == 30_000)
    #expect(seen.count > 30_000, "nothing was delivered again")
    #expect(blocked.stderr.contains("printed but not acknowledged"), "\(blocked.stderr)")
    #expect(blocked.stderr.hasSuffix("\n1\n"))
    #expect(!blocked.stderr.contains("joining again"))
  }

  @Test("--ack release has a message delivered again, up to the group's limit of 5")
  func releases() async throws {
    try await topic("releases", lines: 3)
    let released = await (try member("releases", "--ack", "release", "--exit-idle", "2")).end()
    #expect(released.status == 0, "\(released.stderr)")
    #expect(lines(released).sorted() == [0, 1, 2].flatMap { Array(repeating: $0, count: 5) })
    let after = await (try member("releases", "--exit-idle", "1")).end()
    #expect(lines(after).isEmpty)
  }

  @Test("--ack reject prints a message once, and it never comes back")
  func rejects() async throws {
    try await topic("rejects", lines: 3)
    let rejected = await (try member("rejects", "--ack", "reject", "--exit-idle", "2")).end()
    #expect(rejected.status == 0 && lines(rejected) == [0, 1, 2], "\(rejected.stderr)")
    let after = await (try member("rejects", "--exit-idle", "1")).end()
    #expect(lines(after).isEmpty)
  }

  @Test("-c prints so many; what was acquired beyond is released, and not counted as delivered")
  func counts() async throws {
    let admin = try await cluster.kafkaTool(
      "kafka-topics", "--create", "--topic", "counts", "--partitions", "4")
    try #require(admin.status == 0, "\(admin.stderr)")
    try await topic("counts", lines: 2000, batch: 500)
    var seen: [Int] = []
    // More often than a message is delivered at most.
    for _ in 0..<6 {
      let result = await (try member("counts", "-c", "3")).end()
      #expect(result.status == 0 && lines(result).count == 3, "\(result.stderr)")
      seen += lines(result)
    }
    let rest = await (try member("counts", "--exit-idle", "2")).end()
    #expect((seen + lines(rest)).sorted() == numbers(2000))
  }

  @Test(
    "SIGINT and SIGTERM: what was written is acknowledged, and the end does not wait for more",
    arguments: [SIGINT, SIGTERM])
  func interrupted(_ signal: Int32) async throws {
    let name = "interrupted-\(signal)"
    try await topic(name, lines: 1000)
    let first = try member(name, "-m", "10")
    #expect(await eventually { first.stdout.hasSuffix("\n999\n") })
    let start = ContinuousClock.now
    first.signal(signal)
    let result = await first.end()
    #expect(result.status == 0, "\(result.stderr)")
    // Not the 10 s of -m; more than a second is left for a busy machine.
    #expect(ContinuousClock.now - start < .seconds(5))
    let after = await (try member(name, "--exit-idle", "1")).end()
    #expect(lines(after).isEmpty)
  }

  @Test("F72: a reader that has left gets nothing acknowledged, and the next gets all")
  func brokenPipe() async throws {
    try await topic("pipe", lines: 1000)
    let bootstrap = try cluster.bootstrap
    let left = try await run([
      "sh", "-c",
      "{ \(Places.hbcat) consume -b \(bootstrap) --share-group g -t pipe; echo $? >&2; } | true",
    ])
    #expect(left.stderr.hasSuffix("\n0\n"), "\(left.stderr)")
    let after = await (try member("pipe", "--exit-idle", "2")).end()
    #expect(lines(after) == numbers(1000))
  }

  @Test("the same group is read by hbcat and by the JVM's console consumer, each getting its share")
  func besideJava() async throws {
    try await topic("beside", lines: 1)
    let cluster = try cluster
    let java = try cluster.startKafkaTool(
      "kafka-console-share-consumer", "--topic", "beside", "--group", "g", "--timeout-ms", "10000")
    let ours = try member("beside", "--exit-idle", "6")
    // Batches of one, for as long as the JVM needs to begin.
    var count = 1
    let start = ContinuousClock.now
    while java.stdout.isEmpty, java.status == nil, ContinuousClock.now - start < .seconds(60) {
      try await produce((count..<count + 500).map { "\($0)\n" }.joined(), to: "beside", batch: 1)
      count += 500
    }
    let theirs = await java.end(within: 60)
    let result = await ours.end(within: 60)
    #expect(result.status == 0 && !lines(result).isEmpty, "\(result.stderr)")
    #expect(!lines(theirs).isEmpty, "\(theirs.stderr)")
    #expect((lines(result) + lines(theirs)).sorted() == numbers(count))
  }

  @Test("several topics, and the formats: what is acquired comes as with -C")
  func formats() async throws {
    try await topic("many-a", lines: 2)
    try await topic("many-b", lines: 2)
    let result = await (try member("many-a", "many-b", "-f", "%t %p %o %s\n", "--exit-idle", "2"))
      .end()
    #expect(
      result.stdout.split(separator: "\n").sorted()
        == ["many-a 0 0 0", "many-a 0 1 1", "many-b 0 0 0", "many-b 0 1 1"], "\(result.stderr)")
  }

  @Test("markers of transactions are acknowledged as gaps, and are no messages")
  func transactions() async throws {
    let perf = try await cluster.kafkaTool(
      "kafka-producer-perf-test", "--topic", "marked", "--num-records", "50", "--record-size", "10",
      "--throughput", "200", "--transactional-id", "x", "--transaction-duration-ms", "50",
      "--bootstrap-server", try cluster.bootstrap)
    try #require(perf.status == 0, "\(perf.stdout) \(perf.stderr)")
    let result = await (try member("marked", "-f", "%o\n", "--exit-idle", "2")).end()
    #expect(result.status == 0 && lines(result).count == 50, "\(result.stderr)")
    // At least one marker between the offsets, and one behind.
    #expect((lines(result).last ?? 0) >= 50)
    let state = try await cluster.kafkaTool(
      "kafka-share-groups", "--describe", "--group", "g", "--offsets")
    let row = state.stdout.split(separator: "\n").first { $0.contains("marked") } ?? ""
    // GROUP TOPIC PARTITION LEADER-EPOCH START-OFFSET LAG: nothing is left behind.
    #expect(row.split(separator: " ").last == "0", "\(state.stdout)")
  }

  @Test("a group of another kind is refused in the broker's words")
  func otherGroup() async throws {
    try await topic("other", lines: 1)
    let classic = try await run([
      Places.hbcat, "consume", "-b", try cluster.bootstrap, "--group", "classic", "-t", "other",
      "-o", "beginning", "-c", "1",
    ])
    try #require(classic.status == 0, "\(classic.stderr)")
    let result = await (try member("other", group: "classic")).end()
    #expect(result.status == 1)
    #expect(
      result.stderr.hasPrefix("% ERROR: Failed to join share group classic: "), "\(result.stderr)")
  }

  @Test("a topic that is not there ends it at once, by name")
  func unknownTopic() async throws {
    let result = await (try member("no-such-topic")).end()
    #expect(result.status == 1)
    #expect(
      result.stderr
        == "% ERROR: Topic no-such-topic error: Broker: Unknown topic or partition\n")
  }
}

/// A broker that goes away: sessions, locks and the coordinator go with it.
@Suite(.enabled(if: RealKafka.isAvailable, Comment(rawValue: RealKafka.need)))
struct ShareGroupRestartTests {
  @Test("a member goes on when its broker is killed and comes back: nothing is lost")
  func restarted() async throws {
    try await RealKafka.with("4.3.1", topics: ["restarted:1"]) { cluster in
      let set = try await cluster.kafkaTool(
        "kafka-configs", "--entity-type", "groups", "--entity-name", "g", "--alter",
        "--add-config", "share.auto.offset.reset=earliest")
      try #require(set.status == 0, "\(set.stderr)")
      let produce = [Places.hbcat, "produce", "-b", cluster.bootstrap, "-t", "restarted"]
      let first = try await run(produce, input: Array((0..<50_000).map { "\($0)\n" }.joined().utf8))
      try #require(first.status == 0, "\(first.stderr)")
      let member = try Child([
        Places.hbcat, "consume", "-b", cluster.bootstrap, "--share-group", "g", "-E", "-t",
        "restarted",
      ])
      #expect(await eventually { member.stdoutBytes.count > 1000 })
      try await cluster.node(1001, "kill")
      try await cluster.node(1001, "start")
      let second = try await run(produce, input: Array("50000\n50001\n".utf8))
      try #require(second.status == 0, "\(second.stderr)")
      #expect(await eventually(within: 60) { member.stdout.hasSuffix("\n50001\n") })
      member.signal(SIGINT)
      let result = await member.end(within: 20)
      let seen = Set(result.stdout.split(separator: "\n").compactMap { Int($0) })
      #expect(seen.count == 50_002, "\(result.stderr)")
      // What was printed when the broker went may come twice, and is said so.
      let isDoubled = result.stderr.contains("printed but not acknowledged")
      #expect(result.status == (isDoubled ? 1 : 0), "\(result.stderr)")
    }
  }
}

/// The same on the embedded broker, whose share groups begin at a topic's end.
@Suite struct ShareGroupEmbeddedTests {
  private func member(_ bootstrap: String, _ more: String...) throws -> Child {
    try Child(
      [Places.hbcat, "consume", "-b", bootstrap, "--share-group", "g", "-t", "t"] + more)
  }

  private func produce(_ text: String, _ bootstrap: String) async throws {
    let sent = try await run(
      [Places.hbcat, "produce", "-b", bootstrap, "-t", "t", "-X", "batch.num.messages=50"],
      input: Array(text.utf8))
    try #require(sent.status == 0, "\(sent.stderr)")
  }

  /// Waits until all have partitions and have begun to read them.
  private func begun(_ members: [Child], _ bootstrap: String) async {
    #expect(
      await eventually {
        try? await produce("probe\n", bootstrap)
        return members.allSatisfy { $0.stdout.hasPrefix("probe\n") }
      })
  }

  private func lines(_ result: CommandResult) -> [Int] {
    result.stdout.split(separator: "\n").compactMap { Int($0) }
  }

  @Test("two members share a topic of the embedded broker: each message comes once")
  func shares() async throws {
    try await BrokerFixture.with(["--topic", "t:3"]) { bootstrap in
      let members = try (0..<2).map { _ in try member(bootstrap) }
      await begun(members, bootstrap)
      try await produce((0..<10_000).map { "\($0)\n" }.joined(), bootstrap)
      // What comes twice would be seen in the end.
      #expect(
        await eventually(within: 60) {
          members.reduce(0) { $0 + $1.stdout.split(separator: "\n").count { $0 != "probe" } }
            >= 10_000
        })
      var seen: [Int] = []
      for member in members {
        member.signal(SIGINT)
        let result = await member.end(within: 60)
        #expect(result.status == 0 && !lines(result).isEmpty, "\(result.stderr)")
        seen += lines(result)
      }
      #expect(seen.sorted() == Array(0..<10_000))
    }
  }

  @Test(
    "a session that the broker has lost is opened anew, and what was printed is acknowledged there",
    arguments: ["SHARE_SESSION_NOT_FOUND", "INVALID_SHARE_SESSION_EPOCH"])
  func sessionLost(_ code: String) async throws {
    let broker = try await BrokerFixture(["--topic", "t"])
    let member = try member(broker.bootstrap)
    await begun([member], broker.bootstrap)
    try await broker.say("fault ShareFetch:error=\(code)*1")
    try await produce("1\n2\n", broker.bootstrap)
    #expect(await eventually { member.stdout.hasSuffix("1\n2\n") })
    try await produce("3\n", broker.bootstrap)
    #expect(await eventually { member.stdout.hasSuffix("1\n2\n3\n") })
    member.signal(SIGINT)
    let result = await member.end(within: 20)
    #expect(result.status == 0 && lines(result) == [1, 2, 3], "\(result.stderr)")
    await broker.stop()
  }

  @Test("a broker that does not take the last acknowledgement does not hold up the end")
  func silentAtTheEnd() async throws {
    let broker = try await BrokerFixture(["--topic", "t"])
    let member = try member(broker.bootstrap)
    await begun([member], broker.bootstrap)
    try await broker.say("fault ShareAcknowledge:no-reply*9")
    let start = ContinuousClock.now
    member.signal(SIGINT)
    let result = await member.end(within: 20)
    #expect(ContinuousClock.now - start < .seconds(2))
    // Whether something was still to be acknowledged is chance: then it is said.
    let isOpen = result.stderr.contains("printed but not acknowledged")
    #expect(result.status == (isOpen ? 1 : 0), "\(result.stderr)")
    await broker.stop()
  }
}
