import KafkaProtocol
import TestSupport
import Testing
import Transport

@testable import KafkaBroker

/// Kafka's own console consumer as a member of groups, against a broker in this process.
@Suite(.enabled(if: RealKafka.isAvailable, "\(RealKafka.need)"))
struct JVMGroupTests {
  private func consume(_ bootstrap: String, protocol: String, messages: Int) async throws
    -> CommandResult
  {
    try await run(
      [
        "java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp",
        (Places.shared ?? "") + "/kafka/4.3.1/*",
        "org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", bootstrap,
        "--topic", "test", "--group", "g", "--from-beginning", "--max-messages", "\(messages)",
        "--timeout-ms", "20000", "--command-property", "group.protocol=\(`protocol`)",
      ], within: 60)
  }

  @Net @Test(arguments: ["classic", "consumer"])
  func `the console consumer goes on where its group has ended`(_ kind: String) async throws {
    let broker = try startBroker {
      $0.topics = [BrokerOptions.Topic(name: "test", partitions: 3)]
    }
    let client = try await TestClient(broker)
    for number in 0..<60 {
      let batch = try makeBatch(["\(number)"])
      _ = try await client.call(
        ProduceRequest.one("test", Int32(number % 3), batch), version: 9, records: [batch])
    }
    let first = try await consume(broker.bootstrap, protocol: kind, messages: 35)
    #expect(first.status == 0, "\(first.stderr)")
    let second = try await consume(broker.bootstrap, protocol: kind, messages: 25)
    #expect(second.status == 0, "\(second.stderr)")
    let numbers = (first.stdout + second.stdout).split(separator: "\n").compactMap { Int($0) }
    #expect(numbers.sorted() == Array(0..<60))
    let api = broker.requests
    #expect(((api[.joinGroup] ?? 0) > 0) == (kind == "classic"))
    #expect(((api[.consumerGroupHeartbeat] ?? 0) > 0) == (kind == "consumer"))
    #expect(broker.violations == [])
    await broker.stop()
  }
}
