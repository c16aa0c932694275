import KafkaProtocol
import TestSupport
import Testing
import Transport

@testable import KafkaBroker

/// Kafka's own transactional producer and its consumer, against a broker in this process.
@Suite(.enabled(if: RealKafka.isAvailable, "\(RealKafka.need)"))
struct JVMTransactionTests {
  private func java(_ tool: String, _ bootstrap: String, _ arguments: [String]) async throws
    -> CommandResult
  {
    try await run(
      [
        "java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp",
        (Places.shared ?? "") + "/kafka/4.3.1/*", "org.apache.kafka.tools." + tool,
        "--bootstrap-server", bootstrap, "--topic", "test",
      ] + arguments, within: 60)
  }

  @Net @Test func `KIP-890: the JVM's producer commits transactions that its consumer reads`()
    async throws
  {
    let broker = try startBroker {
      $0.brokers = 2
      $0.topics = [BrokerOptions.Topic(name: "test", partitions: 1)]
    }
    let wrote = try await java(
      "ProducerPerformance", broker.bootstrap,
      [
        "--num-records", "600", "--record-size", "20", "--throughput", "600",
        "--transactional-id", "x", "--transaction-duration-ms", "200",
      ])
    #expect(wrote.status == 0, "\(wrote.stderr)")
    let ends = broker.requests[.endTxn] ?? 0
    #expect(ends > 1)
    // Each end has a marker, and the next epoch; partitions are added by Produce itself.
    #expect(broker.endOffset(topic: "test") == 600 + Int64(ends))
    #expect(broker.requests[.addPartitionsToTxn] == nil)
    try broker.carryOut(.leader("test", 0, 1002))
    let read = try await java(
      "consumer.ConsoleConsumer", broker.bootstrap,
      [
        "--partition", "0", "--offset", "earliest", "--isolation-level", "read_committed",
        "--max-messages", "600", "--timeout-ms", "20000",
      ])
    #expect(read.stdout.split(separator: "\n").count == 600)
    // The JVM's consumer fetches in sessions.
    #expect((broker.requests[.fetch] ?? 0) >= 1)
    #expect(broker.fetchSessions[1002] != nil)
    #expect(broker.violations == [])
    await broker.stop()
  }
}
