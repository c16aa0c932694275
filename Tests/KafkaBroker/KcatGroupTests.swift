import Glibc
import KafkaProtocol
import TestSupport
import Testing
import Transport

@testable import KafkaBroker

/// Debian's kcat (librdkafka 2.0.2) as a member of groups, against a broker in this process.
@Suite(.enabled(if: access("/usr/bin/kcat", X_OK) == 0, "kcat is not installed"))
struct KcatGroupTests {
  @Net private func start(partitions: Int32 = 4) throws -> Broker {
    try startBroker {
      $0.topics = [BrokerOptions.Topic(name: "test", partitions: partitions)]
      $0.groupInitialRebalanceDelayMs = 100
    }
  }

  private func member(_ broker: Broker, _ more: [String] = []) async throws -> Child {
    let bootstrap = await broker.bootstrap
    return try Child(
      [
        "kcat", "-b", bootstrap, "-G", "g", "-u", "-X", "auto.offset.reset=earliest", "-X",
        "session.timeout.ms=3000", "-X", "heartbeat.interval.ms=200", "-X",
        "topic.metadata.refresh.interval.ms=500",
      ] + more + ["test"])
  }

  /// Writes these numbers, round the partitions.
  @Net private func produce(_ broker: Broker, _ numbers: Range<Int>) async throws {
    let client = try await TestClient(broker)
    let partitions = broker.topics["test"]?.partitions.count ?? 1
    for number in numbers {
      let batch = try makeBatch(["\(number)"])
      _ = try await client.call(
        ProduceRequest.one("test", Int32(number % partitions), batch), version: 9,
        records: [batch])
    }
    client.close()
  }

  private func numbers(_ output: String) -> [Int] {
    output.split(separator: "\n").compactMap { Int($0) }.sorted()
  }

  private func assigned(_ child: Child) -> Int {
    let lines = child.stderr.split(separator: "\n")
    let last = lines.last { $0.contains("rebalanced") && $0.contains("assigned:") }
    return last.map { $0.split(separator: "[").count - 1 } ?? 0
  }

  @Net @Test func `what a group has read is not read again`() async throws {
    let broker = try start()
    try await produce(broker, 0..<100)
    let first = try await member(broker, ["-e"])
    #expect(numbers(await first.end(within: 30).stdout) == Array(0..<100))
    try await produce(broker, 100..<120)
    let second = try await member(broker, ["-e"])
    #expect(numbers(await second.end(within: 30).stdout) == Array(100..<120))
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `two members share a topic, and when one is killed the other reads all of it`()
    async throws
  {
    let broker = try start()
    let first = try await member(broker)
    let second = try await member(broker)
    #expect(await eventually(within: 30) { assigned(first) == 2 && assigned(second) == 2 })
    try await produce(broker, 0..<40)
    #expect(
      await eventually(within: 30) {
        // On a busy machine a member may be missed too soon, and what it has read comes again.
        Set(numbers(first.stdout + second.stdout)) == Set(0..<40)
      })
    #expect(!numbers(first.stdout).isEmpty && !numbers(second.stdout).isEmpty)
    second.signal(SIGKILL)
    #expect(await eventually(within: 30) { assigned(first) == 4 })
    try await produce(broker, 40..<60)
    // What the killed one had not committed comes again: at least once.
    #expect(
      await eventually(within: 30) {
        Set(numbers(first.stdout)).isSuperset(of: 40..<60)
      })
    first.signal(SIGTERM)
    #expect(await first.end(within: 10).status == 0)
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `F48: when the group's coordinator goes down kcat finds the next one`()
    async throws
  {
    let broker = try startBroker {
      $0.brokers = 2
      $0.topics = [BrokerOptions.Topic(name: "test", partitions: 2, replicas: 2)]
    }
    // All is led by the broker that the test writes to.
    try broker.carryOut(.leader("test", 1, 1001))
    let first = try #require(broker.coordinatorId(of: "g"))
    let reader = try await member(broker, ["-X", "session.timeout.ms=20000"])
    #expect(await eventually(within: 30) { assigned(reader) == 2 })
    try await produce(broker, 0..<10)
    #expect(await eventually(within: 30) { numbers(reader.stdout) == Array(0..<10) })
    try broker.carryOut(.down(first))
    #expect(broker.coordinatorId(of: "g") != first)
    let beats = broker.requests[.heartbeat] ?? 0
    #expect(await eventually(within: 30) { (broker.requests[.heartbeat] ?? 0) > beats + 2 })
    reader.signal(SIGTERM)
    #expect(await reader.end(within: 20).status == 0)
    // It was read and committed once.
    #expect(numbers(reader.stdout) == Array(0..<10))
    for partition in 0..<Int32(2) {
      let place = TopicPartition("test", partition)
      #expect(broker.groupOffsets.fetch(group: "g", place)?.offset == 5)
    }
    await broker.stop()
  }
}
