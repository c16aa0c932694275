import KafkaProtocol
import TestSupport
import Testing
import Transport

@testable import KafkaClient

/// Topics are created as they were asked for, and what stands in the way is told in the broker's words.
@Net @Suite struct CreateTopicsTests {
  private static func cluster(_ bootstrap: String) throws -> Cluster {
    let parts = bootstrap.split(separator: ":")
    var configuration = ClientConfiguration()
    configuration.bootstrapServers = [
      .init(host: String(try #require(parts.first)), port: try #require(UInt16(parts.last ?? "")))
    ]
    configuration.retryBackoffMs = 10
    return Cluster(configuration) { _ in }
  }

  private static func word(_ creation: TopicCreation) -> String {
    switch creation.outcome {
    case .created: "created"
    case .exists: "exists"
    case .failed(let error): "\(error)"
    }
  }

  /// The same on every broker: made, there already, colliding, refused.
  private static func checkOutcomes(at bootstrap: String) async throws {
    let cluster = try cluster(bootstrap)
    defer { cluster.close() }
    let first = try await cluster.createTopics(
      [
        NewTopic(
          "hbcat.made", partitions: 3, replicas: 1,
          settings: [.init("cleanup.policy", "compact")]),
        NewTopic("hbcat.default"),
      ], timeoutMs: 10_000)
    #expect(first.map(word) == ["created", "created"])
    #expect(
      await eventually {
        let metadata = try? await cluster.refreshMetadata(
          topics: ["hbcat.made"], allowAutoTopicCreation: false, timeoutMs: 5000)
        return metadata?.topic("hbcat.made")?.partitions.count == 3
      })
    let again = try await cluster.createTopics(
      [
        NewTopic("hbcat_made", partitions: 1, replicas: 1),
        NewTopic("hbcat.made", partitions: 1, replicas: 1),
        NewTopic("hbcat.many", partitions: 1, replicas: 7),
      ], timeoutMs: 10_000)
    #expect(again.map(\.name) == ["hbcat_made", "hbcat.made", "hbcat.many"])
    #expect(word(again[0]).contains("collides with existing topic: hbcat.made"))
    #expect(word(again[1]) == "exists")
    #expect(word(again[2]).contains("7"))
  }

  @Test func `topics are created, are there already, or fail with the broker's words`() async throws
  {
    try await BrokerFixture.with { try await Self.checkOutcomes(at: $0) }
  }

  @Test(.enabled(if: RealKafka.isAvailable, "\(RealKafka.need)"))
  func `Kafka 4 creates topics as the embedded broker does`() async throws {
    try await RealKafka.with("4.3.1") { kafka in
      try await Self.checkOutcomes(at: kafka.bootstrap)
      let described = try await kafka.kafkaTool(
        "kafka-topics", "--bootstrap-server", kafka.bootstrap, "--describe", "--topic",
        "hbcat.made")
      #expect(described.stdout.contains("cleanup.policy=compact"), "\(described)")
    }
  }

  @Test func `a controller that has moved is asked again, and one that never comes is said`()
    async throws
  {
    try await BrokerFixture.with(["--fault", "createTopics:error=NOT_CONTROLLER*2"]) { bootstrap in
      let cluster = try Self.cluster(bootstrap)
      defer { cluster.close() }
      let made = try await cluster.createTopics(
        [NewTopic("t", partitions: 1, replicas: 1)], timeoutMs: 10_000)
      #expect(made.map(Self.word) == ["created"])
    }
    try await BrokerFixture.with(["--fault", "createTopics:error=NOT_CONTROLLER*1000000"]) {
      bootstrap in
      let cluster = try Self.cluster(bootstrap)
      defer { cluster.close() }
      let failed = try await cluster.createTopics(
        [NewTopic("t", partitions: 1, replicas: 1)], timeoutMs: 3000)
      #expect(Self.word(failed[0]).contains("controller"))
    }
  }
}
