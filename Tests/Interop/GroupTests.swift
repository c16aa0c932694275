import Glibc
import TestSupport
import Testing

/// Members of groups, on each broker: what is written is committed, and nothing is passed over.
@Suite(.serialized, .clusters) struct GroupTests {
  /// Short times, so that a member that was killed is missed soon.
  static let brisk = [
    "-X", "session.timeout.ms=6000", "-X", "heartbeat.interval.ms=300", "-X",
    "auto.commit.interval.ms=200", "-X", "auto.offset.reset=earliest",
  ]

  /// A topic with partitions of its own; made by kcat's or hbcat's producing where the broker makes it.
  private static func filled(_ bench: Bench, _ numbers: Range<Int>, _ topic: String) async throws {
    let sent = try await bench.hbcat(
      "-P", "-t", topic, "-X", "sticky.partitioning.linger.ms=0", "-X", "batch.num.messages=100",
      input: Array(numbers.map { "\($0)\n" }.joined().utf8))
    #expect(sent.status == 0, "\(sent.stderr)")
  }

  static func numbers(_ output: String) -> [Int] {
    output.split(separator: "\n").compactMap { Int($0) }.sorted()
  }

  @Test(arguments: Target.available)
  func `F67: a group reads on where it left off, at -e and at -c`(_ target: Target) async throws {
    let bench = try await Bench(target)
    let topic = bench.topic("resume")
    try await Self.filled(bench, 0..<1000, topic)
    let first = try await bench.hbcat(
      "-G", "\(topic)-g", "-e", "-X", "auto.offset.reset=earliest", topic)
    #expect(first.status == 0, "\(first.stderr)")
    #expect((Self.numbers(first.stdout) == Array(0..<1000)) as Bool)
    let lines = first.stderr.split(separator: "\n")
    #expect(lines.first == "% Waiting for group rebalance")
    #expect(lines.count > 2 && lines[1].hasPrefix("% Group \(topic)-g rebalanced (memberid "))
    #expect(lines.count > 2 && lines[1].contains("): assigned: \(topic) [0]"))
    #expect(lines.last?.contains("): revoked: \(topic) [0]") == true)
    try await Self.filled(bench, 1000..<1500, topic)
    let some = try await bench.hbcat("-G", "\(topic)-g", "-c", "200", topic)
    #expect(some.status == 0, "\(some.stderr)")
    let rest = try await bench.hbcat("consume", "--group", "\(topic)-g", "-e", topic)
    #expect(rest.status == 0, "\(rest.stderr)")
    let both = (Self.numbers(some.stdout) + Self.numbers(rest.stdout)).sorted()
    #expect((both == Array(1000..<1500)) as Bool, "\(both.count) records")
  }

  /// The oldest and the newest protocol; with the others it would take half a minute more.
  private static let few = Target.available.filter {
    [.embedded, .kafka431, .kafka09].contains($0)
  }

  @Test(arguments: few)
  func `F67: a member that was killed is followed by one that misses nothing`(_ target: Target)
    async throws
  {
    let bench = try await Bench(target)
    let topic = bench.topic("killed")
    try await Self.filled(bench, 0..<2000, topic)
    let group = "\(topic)-g"
    let first = try Child(
      [Places.hbcat, "-b", bench.bootstrap, "-G", group, "-u"] + Self.brisk + [topic])
    #expect(await eventually { Self.numbers(first.stdout).count >= 500 })
    first.signal(SIGKILL)
    let read = Self.numbers(await first.end(within: 10).stdout)
    // The broker misses it after its session's time.
    let second = try await run(
      [Places.hbcat, "-b", bench.bootstrap, "-G", group, "-e"] + Self.brisk + [topic], within: 60)
    #expect(second.status == 0, "\(second.stderr)")
    let missing = Set(0..<2000).subtracting(read).subtracting(Self.numbers(second.stdout))
    #expect(missing == [])
  }

  @Test(.enabled(if: RealKafka.isAvailable, "\(RealKafka.need)"))
  func `F70: a broker without KIP-848 is told of, and read by the classic protocol`() async throws {
    let bench = try await Bench(.kafka221)
    let topic = bench.topic("fallback")
    try await Self.filled(bench, 0..<10, topic)
    let read = try await bench.hbcat(
      "-G", "\(topic)-g", "-e", "-X", "auto.offset.reset=earliest", "-X", "group.protocol=consumer",
      topic)
    #expect(read.status == 0, "\(read.stderr)")
    #expect(Self.numbers(read.stdout) == Array(0..<10))
    #expect(read.stderr.contains("does not know ConsumerGroupHeartbeat (KIP-848)"))
  }

  @Test(.enabled(if: RealKafka.isAvailable, "\(RealKafka.need)"))
  func `F70: an assignor that the broker does not have is an error with the broker's words`()
    async throws
  {
    let bench = try await Bench(.kafka431)
    let topic = bench.topic("assignor")
    try await Self.filled(bench, 0..<10, topic)
    let read = try await bench.hbcat(
      "-G", "\(topic)-g", "-X", "group.protocol=consumer", "-X", "group.remote.assignor=foo", topic)
    #expect(read.status == 1)
    #expect(
      read.stderr.contains("% ERROR: Consumer error: ConsumerGroupHeartbeat failed: Broker: "),
      "\(read.stderr)")
    #expect(read.stderr.contains("foo"), "\(read.stderr)")
  }

  @Test(arguments: Target.available)
  func `F69: a member that is told to end leaves at once, so that the next gets its partitions`(
    _ target: Target
  ) async throws {
    let bench = try await Bench(target)
    let topic = bench.topic("leave")
    try await Self.filled(bench, 0..<100, topic)
    let group = "\(topic)-g"
    let first = try Child(
      [Places.hbcat, "-b", bench.bootstrap, "-G", group] + Self.brisk + [topic])
    #expect(await eventually { Self.numbers(first.stdout).count == 100 })
    let start = ContinuousClock.now
    first.signal(SIGTERM)
    let ended = await first.end(within: 10)
    #expect(ContinuousClock.now - start < .seconds(2))
    #expect(ended.status == 0)
    #expect(ended.stderr.contains("revoked: \(topic) [0]"))
    let second = try await run(
      [Places.hbcat, "-b", bench.bootstrap, "-G", group, "-e"] + Self.brisk + [topic], within: 30)
    #expect(second.status == 0 && second.stdout.isEmpty, "\(second.stderr)")
  }
}
