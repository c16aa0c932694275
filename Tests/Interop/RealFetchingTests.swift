import TestSupport
import Testing

/// The same on real Kafka: replicas, leaders, topics and logs that change under a consumer.
@Suite struct RealFetchingTests {
  @Test(
    .enabled(if: RealKafka.isAvailable, Comment(rawValue: RealKafka.need)),
    .timeLimit(.minutes(4)))
  func
    `F2, F25, F26, F60, F61: three real brokers change under a consumer, and it tells what is lost`()
    async throws
  {
    try await RealKafka.with(
      "4.3.1", brokers: 3, topics: ["follow:2:3"],
      settings: [
        "broker.rack=a", "unclean.leader.election.enable=true",
        "replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector",
      ]
    ) { kafka in
      try await Self.restarts(kafka)
      try await Self.nearReplica(kafka)
      try await Self.topics(kafka)
      try await Self.truncation(kafka)
    }
  }

  /// Brokers 1001 and 1002 are restarted while a consumer follows; 1001 comes back in another rack.
  private static func restarts(_ kafka: RealKafka) async throws {
    let follower = try Follower(kafka.bootstrap, "-t", "follow", "-p", "0", "-q")
    var all = ""
    for (number, id) in [1001, 1002].enumerated() {
      all += try await send(number * 100..<number * 100 + 50, to: "follow", at: kafka.bootstrap)
      #expect(await follower.printed(all, within: 40))
      try await kafka.node(id, "stop")
      if id == 1001 { try kafka.configure(1001, "broker.rack=b") }
      all += try await send(
        number * 100 + 50..<number * 100 + 100, to: "follow", at: kafka.bootstrap)
      #expect(await follower.printed(all, within: 40))
      try await kafka.node(id, "start")
    }
    #expect(await follower.end().status == 0)
  }

  /// The leader is in rack b, a follower in ours.
  private static func nearReplica(_ kafka: RealKafka) async throws {
    try await create("near", "--replica-assignment", "1001:1002", at: kafka)
    try await send(0..<10, to: "near", at: kafka.bootstrap)
    #expect(
      await eventually(within: 40) {
        let near = try? await run([
          Places.hbcat, "-b", kafka.bootstrap, "-C", "-t", "near", "-e", "-J", "-X",
          "client.rack=a",
        ])
        let rows = near?.stdout.split(separator: "\n") ?? []
        return rows.count == 10 && rows.allSatisfy { $0.contains("\"broker\":1002") }
      })
    let follower = try Follower(
      kafka.bootstrap, "-t", "near", "-J", "-X", "client.rack=a")
    #expect(await eventually { follower.child.stdout.contains("line 9\"") })
    try await kafka.node(1002, "kill")
    try await send(10..<20, to: "near", at: kafka.bootstrap)
    #expect(await eventually(within: 40) { follower.child.stdout.contains("line 19\"") })
    try await kafka.node(1002, "start")
    let end = await follower.end()
    #expect(end.stdout.split(separator: "\n").count == 20)
  }

  /// A topic grows, is deleted and made anew.
  private static func topics(_ kafka: RealKafka) async throws {
    try await create("grows", "--partitions", "1", "--replication-factor", "3", at: kafka)
    var all = try await send(0..<10, to: "grows", at: kafka.bootstrap)
    let follower = try Follower(
      kafka.bootstrap, "-t", "grows", "-X", "topic.metadata.refresh.interval.ms=300")
    #expect(await follower.printed(all, within: 40))
    let grown = try await kafka.kafkaTool(
      "kafka-topics", "--alter", "--topic", "grows", "--partitions", "2")
    #expect(grown.status == 0, "\(grown.stdout)\(grown.stderr)")
    all += try await send(10..<15, to: "grows", 1, at: kafka.bootstrap)
    #expect(await follower.printed(all, within: 40))
    let deleted = try await kafka.kafkaTool("kafka-topics", "--delete", "--topic", "grows")
    #expect(deleted.status == 0, "\(deleted.stdout)\(deleted.stderr)")
    try await create("grows", "--partitions", "2", "--replication-factor", "3", at: kafka)
    all += try await send(15..<18, to: "grows", 0, at: kafka.bootstrap)
    #expect(await follower.printed(all, within: 40))
    let end = await follower.end()
    #expect(end.stderr.contains("Topic grows has grown to 2 partitions"), "\(end.stderr)")
    #expect(end.stderr.contains("grows [0]: the topic was deleted and made anew (was at offset 10"))
  }

  /// A replica that lacks ten records becomes the leader, since the one that has them is gone.
  private static func truncation(_ kafka: RealKafka) async throws {
    try await create("unclean", "--replica-assignment", "1002:1003", at: kafka)
    let first = try await send(0..<10, to: "unclean", at: kafka.bootstrap)
    let follower = try Follower(kafka.bootstrap, "-t", "unclean")
    #expect(await follower.printed(first, within: 40))
    try await kafka.node(1003, "stop")
    let lost = try await send(10..<20, to: "unclean", at: kafka.bootstrap)
    #expect(await follower.printed(first + lost, within: 40))
    try await kafka.node(1002, "kill")
    try await kafka.node(1003, "start")
    let next = try await send(20..<25, to: "unclean", at: kafka.bootstrap)
    #expect(await follower.printed(first + lost + next, within: 60))
    let end = await follower.end()
    #expect(
      end.stderr.contains(
        "unclean [0]: log truncation: offsets 10 to 19 were read and are no longer in the log"),
      "\(end.stderr)")
  }

  private static func create(_ topic: String, _ options: String..., at kafka: RealKafka)
    async throws
  {
    let command = ["kafka-topics", "--create", "--topic", topic] + options
    let made = try await kafka.kafkaTool(command)
    #expect(made.status == 0, "\(made.stdout)\(made.stderr)")
  }
}
