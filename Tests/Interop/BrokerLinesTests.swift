import TestSupport
import Testing

/// What `hbcat broker --until-stdin-ends` is told while it runs.
@Suite struct BrokerLinesTests {
  private func list(_ bootstrap: String) async throws -> String {
    let result = try await run([Places.hbcat, "-b", bootstrap, "-L"])
    #expect(result.status == 0, "\(result.stderr)")
    return result.stdout
  }

  @Test func `leaders, brokers and topics change by lines on stdin`() async throws {
    let broker = try await BrokerFixture(["--brokers", "3", "--topic", "t:1:2"])
    #expect(try await list(broker.bootstrap).contains("partition 0, leader 1001"))
    try await broker.say("leader t 0 1002")
    try await broker.say("create-topic new:4")
    try await broker.say("partitions t 2")
    try await broker.say("down 1003")
    let listed = try await list(broker.bootstrap)
    #expect(listed.contains(" 2 brokers:\n"))
    #expect(listed.contains("partition 0, leader 1002, replicas: 1001,1002"))
    #expect(listed.contains("topic \"new\" with 4 partitions"))
    #expect(listed.contains("topic \"t\" with 2 partitions"))
    try await broker.say("up 1003")
    try await broker.say("delete-topic new")
    #expect(try await list(broker.bootstrap).contains(" 3 brokers:\n"))
    await #expect(throws: BrokerFixture.Refusal.self) { try await broker.say("leader t 5 1002") }
    await #expect(throws: BrokerFixture.Refusal.self) { try await broker.say("explode") }
    await broker.stop()
  }
}
