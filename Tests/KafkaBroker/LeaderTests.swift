import KafkaProtocol
import Testing
import Transport

@testable import KafkaBroker

/// Leaders that move, logs that are cut, topics and brokers that come and go: over a socket.
@Net struct LeaderTests {
  private func fetch(
    _ client: TestClient, from offset: Int64, epoch: Int32 = -1, lastEpoch: Int32 = -1,
    rack: String = "", version: Int16 = 12
  ) async throws -> (response: FetchResponse, row: FetchResponse.Partition) {
    var request = FetchRequest.one("test", 0, from: offset)
    request.rackId = rack
    request.topics[0].partitions[0].currentLeaderEpoch = epoch
    if version >= 12 { request.topics[0].partitions[0].lastFetchedEpoch = lastEpoch }
    let response = try await client.call(request, version: version)
    return (response, try #require(response.responses.first?.partitions.first))
  }

  private func produce(_ client: TestClient, version: Int16 = 10) async throws
    -> (response: ProduceResponse, row: ProduceResponse.Partition)
  {
    let batch = try makeBatch(["a"])
    let response = try await client.call(
      ProduceRequest.one("test", 0, batch), version: version, records: [batch])
    return (response, try #require(response.responses.first?.partitionResponses.first))
  }

  private func epochEnd(_ client: TestClient, of epoch: Int32, current: Int32 = -1) async throws
    -> OffsetForLeaderEpochResponse.EpochEndOffset
  {
    var part = OffsetForLeaderEpochRequest.Partition()
    part.currentLeaderEpoch = current
    part.leaderEpoch = epoch
    var topic = OffsetForLeaderEpochRequest.Topic()
    topic.topic = "test"
    topic.partitions = [part]
    var request = OffsetForLeaderEpochRequest()
    request.topics = [topic]
    let response = try await client.call(request, version: 4)
    return try #require(response.topics.first?.partitions.first)
  }

  private func three(replicas: Int16 = 1) throws -> Broker {
    try startBroker {
      $0.brokers = 3
      $0.topics = [BrokerOptions.Topic(name: "test", replicas: replicas)]
    }
  }

  @Test func `KIP-951: the old leader names the new one and where it is`() async throws {
    let broker = try three()
    let old = try await TestClient(broker)
    let new = try await TestClient(broker, node: 1002)
    #expect(try await produce(old).row.errorCode == .none)
    try broker.carryOut(.leader("test", 0, 1002))
    let refused = try await produce(old)
    #expect(refused.row.errorCode == .notLeaderOrFollower)
    #expect(refused.row.currentLeader.leaderId == 1002)
    #expect(refused.row.currentLeader.leaderEpoch == 1)
    #expect(refused.response.nodeEndpoints.map(\.nodeId) == [1002])
    #expect(
      refused.response.nodeEndpoints.map(\.port)
        == [Int32(try #require(broker.nodes.first { $0.id == 1002 }).address.port)])
    #expect(try await produce(old, version: 9).response.nodeEndpoints.isEmpty)
    let fetched = try await fetch(old, from: 0)
    #expect(fetched.row.errorCode == .notLeaderOrFollower)
    #expect(fetched.row.currentLeader.leaderId == 1002)
    #expect(try await produce(new).row.errorCode == .none)
    #expect(broker.endOffset(topic: "test") == 2)
    var request = MetadataRequest()
    request.topics = nil
    let row = try await client(broker).call(request, version: 9).topics.first?.partitions.first
    #expect(row?.leaderId == 1002)
    #expect(row?.leaderEpoch == 1)
    await broker.stop()
  }

  private func client(_ broker: Broker) async throws -> TestClient { try await TestClient(broker) }

  @Test func `Fetch 16 says where the new leader is`() async throws {
    let broker = try three()
    let client = try await TestClient(broker)
    try broker.carryOut(.leader("test", 0, 1003))
    let id = try #require(broker.topics["test"]?.id)
    let response = try await client.call(
      FetchRequest.one("test", 0, from: 0, id: id), version: 16)
    #expect(response.responses.first?.partitions.first?.currentLeader.leaderId == 1003)
    #expect(response.nodeEndpoints.map(\.nodeId) == [1003])
    await broker.stop()
  }

  @Test func `a fetch that waits is told at once that its leader has moved`() async throws {
    let broker = try three()
    let client = try await TestClient(broker)
    try client.send(FetchRequest.one("test", 0, from: 0, maxWaitMs: 60_000), version: 12)
    let partition = try #require(broker.topics["test"]?.partition(0))
    #expect(await eventually { partition.waiters.count == 1 })
    try broker.carryOut(.leader("test", 0, 1002))
    let told = try await client.response(to: FetchRequest.self, version: 12).response
    #expect(told.responses.first?.partitions.first?.errorCode == .notLeaderOrFollower)
    await broker.stop()
  }

  @Test func `an epoch that is too old or too new is refused`() async throws {
    let broker = try three()
    let client = try await TestClient(broker)
    try broker.carryOut(.leader("test", 0, 1001))
    for (epoch, error) in [
      (Int32(0), ErrorCode.fencedLeaderEpoch), (1, .none), (2, .unknownLeaderEpoch),
    ] {
      #expect(try await fetch(client, from: 0, epoch: epoch).row.errorCode == error)
      #expect(try await epochEnd(client, of: 0, current: epoch).errorCode == error)
    }
    #expect(try await fetch(client, from: 0, epoch: 0).row.currentLeader.leaderEpoch == 1)
    await broker.stop()
  }

  @Test func `KIP-320: a cut log shows in OffsetForLeaderEpoch and in Fetch`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    for _ in 0..<5 { #expect(try await produce(client).row.errorCode == .none) }
    try broker.carryOut(.truncate("test", 0, 2))
    #expect(broker.endOffset(topic: "test") == 2)
    for _ in 0..<4 { #expect(try await produce(client).row.errorCode == .none) }
    let end = try await epochEnd(client, of: 0, current: 1)
    #expect(end.leaderEpoch == 0)
    #expect(end.endOffset == 2)
    #expect(try await epochEnd(client, of: 1).endOffset == 6)
    #expect(try await epochEnd(client, of: 2).endOffset == -1)
    let diverging = try await fetch(client, from: 5, epoch: 1, lastEpoch: 0).row
    #expect(diverging.errorCode == .none)
    #expect(diverging.divergingEpoch.epoch == 0)
    #expect(diverging.divergingEpoch.endOffset == 2)
    #expect(diverging.records?.count == 0)
    let good = try await fetch(client, from: 2, epoch: 1, lastEpoch: 0).row
    #expect(good.divergingEpoch.epoch == -1)
    #expect((good.records?.count ?? 0) > 0)
    #expect(throws: BrokerError.self) { try broker.carryOut(.truncate("test", 0, 7)) }
    await broker.stop()
  }

  @Test func `KIP-392: a client with a rack is sent to the near replica, and served there`()
    async throws
  {
    let broker = try three(replicas: 2)
    let leader = try await TestClient(broker)
    let near = try await TestClient(broker, node: 1002)
    let stranger = try await TestClient(broker, node: 1003)
    #expect(try await produce(leader).row.errorCode == .none)
    try broker.carryOut(.replica("test", 0, 1002))
    #expect(try await fetch(leader, from: 0, rack: "r").row.preferredReadReplica == 1002)
    #expect(try await fetch(leader, from: 0, rack: "r").row.records?.count == 0)
    #expect(
      try await fetch(leader, from: 0, rack: "r", version: 11).row.preferredReadReplica == 1002)
    // Who has no rack reads from the leader.
    let plain = try await fetch(leader, from: 0).row
    #expect(plain.preferredReadReplica == -1)
    #expect((plain.records?.count ?? 0) > 0)
    let served = try await fetch(near, from: 0, rack: "r").row
    #expect(served.errorCode == .none)
    #expect(served.records?.count == plain.records?.count)
    #expect(try await fetch(near, from: 0, version: 10).row.errorCode == .notLeaderOrFollower)
    #expect(try await fetch(stranger, from: 0, rack: "r").row.errorCode == .notLeaderOrFollower)
    try broker.carryOut(.replica("test", 0, nil))
    #expect(try await fetch(leader, from: 0, rack: "r").row.preferredReadReplica == -1)
    await broker.stop()
  }

  @Test func `KIP-392: a near replica that is down is not named`() async throws {
    let broker = try three(replicas: 2)
    let leader = try await TestClient(broker)
    try broker.carryOut(.replica("test", 0, 1002))
    try broker.carryOut(.down(1002))
    #expect(try await fetch(leader, from: 0, rack: "r").row.preferredReadReplica == -1)
    await broker.stop()
  }

  // MARK: - Brokers

  @Test func `a broker that is down hangs up, its replica leads, and it comes back on its port`()
    async throws
  {
    let broker = try three(replicas: 2)
    let first = try await TestClient(broker)
    let second = try await TestClient(broker, node: 1002)
    #expect(try await produce(first).row.errorCode == .none)
    let address = try #require(broker.address)
    try broker.carryOut(.down(1001))
    #expect(await first.nextFrame() == nil)
    await #expect(throws: DialError.self) {
      _ = try await Dialer.dial(
        host: address.host, port: address.port, family: .any, timeoutMs: 1000)
    }
    var request = MetadataRequest()
    request.topics = nil
    let seen = try await second.call(request, version: 9)
    #expect(seen.brokers.map(\.nodeId) == [1002, 1003])
    #expect(seen.controllerId == 1002)
    let row = try #require(seen.topics.first?.partitions.first)
    #expect(row.leaderId == 1002)
    #expect(row.leaderEpoch == 1)
    #expect(row.isrNodes == [1002])
    #expect(row.offlineReplicas == [1001])
    #expect(try await produce(second).row.errorCode == .none)
    try broker.carryOut(.up(1001))
    #expect(broker.address == address)
    let again = try await TestClient(broker)
    #expect(try await again.call(request, version: 9).brokers.count == 3)
    #expect(try await produce(again).row.errorCode == .notLeaderOrFollower)
    await broker.stop()
  }

  @Test func `a partition whose only replica is down has no leader until it is back`() async throws
  {
    let broker = try three()
    let client = try await TestClient(broker, node: 1002)
    try broker.carryOut(.down(1001))
    var request = MetadataRequest()
    request.topics = nil
    var row = try await client.call(request, version: 9).topics.first?.partitions.first
    #expect(row?.errorCode == .leaderNotAvailable)
    #expect(row?.leaderId == -1)
    try broker.carryOut(.up(1001))
    row = try await client.call(request, version: 9).topics.first?.partitions.first
    #expect(row?.errorCode == ErrorCode.none)
    #expect(row?.leaderId == 1001)
    #expect(row?.leaderEpoch == 2)
    #expect(throws: BrokerError.self) { try broker.carryOut(.down(7)) }
    await broker.stop()
  }

  // MARK: - Topics

  @Test func `a topic that is deleted and created again has another id and no records`()
    async throws
  {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    #expect(try await produce(client).row.errorCode == .none)
    let id = try #require(broker.topics["test"]?.id)
    #expect(
      broker.groupOffsets.commit(
        group: "g", TopicPartition("test", 0), .init(offset: 1)) == .none)
    try client.send(FetchRequest.one("test", 0, from: 1, maxWaitMs: 60_000), version: 12)
    let partition = try #require(broker.topics["test"]?.partition(0))
    #expect(await eventually { partition.waiters.count == 1 })
    try broker.carryOut(.deleteTopic("test"))
    let told = try await client.response(to: FetchRequest.self, version: 12).response
    #expect(told.responses.first?.partitions.first?.errorCode == .unknownTopicOrPartition)
    #expect(broker.groupOffsets.count == 0)
    #expect(throws: BrokerError.self) { try broker.carryOut(.deleteTopic("test")) }
    try broker.carryOut(.createTopic(.init(name: "test", partitions: 2)))
    let new = try #require(broker.topics["test"]?.id)
    #expect(new != id)
    #expect(broker.endOffset(topic: "test") == 0)
    let stale = try await client.call(FetchRequest.one("test", 0, from: 0, id: id), version: 13)
    #expect(stale.responses.first?.partitions.first?.errorCode == .unknownTopicId)
    await broker.stop()
  }

  @Test func `a topic grows and does not shrink`() async throws {
    let broker = try three(replicas: 2)
    try broker.carryOut(.partitions("test", 4))
    let topic = try #require(broker.topics["test"])
    #expect(topic.partitions.map(\.leaderId) == [1001, 1002, 1003, 1001])
    #expect(topic.partitions.allSatisfy { $0.replicas.count == 2 })
    for command in [
      BrokerCommand.partitions("test", 4), .partitions("none", 5),
      .partitions("test", Int32(Topics.partitionsMax) + 5), .leader("test", 9, 1001),
      .leader("test", 0, 9), .createTopic(.init(name: "test")),
    ] {
      #expect(throws: BrokerError.self) { try broker.carryOut(command) }
    }
    #expect(topic.partitions.count == 4)
    await broker.stop()
  }

  // MARK: - Sessions

  @Test func `KIP-227: a session's answers have what is new`() async throws {
    let broker = try startBroker {
      $0.topics = [BrokerOptions.Topic(name: "test", partitions: 2)]
    }
    let client = try await TestClient(broker)
    var request = FetchRequest.one("test", 0, from: 0)
    var other = FetchRequest.Partition()
    other.partition = 1
    other.partitionMaxBytes = 1 << 20
    request.topics[0].partitions.append(other)
    request.sessionEpoch = 0
    let first = try await client.call(request, version: 11)
    #expect(first.sessionId > 0)
    #expect(first.responses.first?.partitions.map(\.partitionIndex) == [0, 1])
    request = FetchRequest()
    request.sessionId = first.sessionId
    request.sessionEpoch = 1
    #expect(try await client.call(request, version: 11).responses.isEmpty)
    // A fetch of the session waits for all of its partitions.
    request.sessionEpoch = 2
    request.minBytes = 1
    request.maxWaitMs = 60_000
    try client.send(request, version: 11)
    let partition = try #require(broker.topics["test"]?.partition(0))
    #expect(await eventually { partition.waiters.count == 1 })
    #expect(try await produce(try await TestClient(broker)).row.errorCode == .none)
    let woken = try await client.response(to: FetchRequest.self, version: 11).response
    #expect(woken.sessionId == first.sessionId)
    #expect(woken.responses.first?.partitions.map(\.partitionIndex) == [0])
    #expect((woken.responses.first?.partitions.first?.records?.count ?? 0) > 0)
    request.sessionEpoch = 2
    let refused = try await client.call(request, version: 11)
    #expect(refused.errorCode == .invalidFetchSessionEpoch)
    broker.inject(FaultRule(.fetch, .error(.fetchSessionIdNotFound)))
    request.sessionEpoch = 3
    #expect(try await client.call(request, version: 11).errorCode == .fetchSessionIdNotFound)
    request.sessionEpoch = -1
    #expect(try await client.call(request, version: 11).sessionId == 0)
    #expect(broker.fetchSessions[1001]?.count == 0)
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Test func `a broker that was down knows no sessions`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    var request = FetchRequest.one("test", 0, from: 0)
    request.sessionEpoch = 0
    let id = try await client.call(request, version: 11).sessionId
    try broker.carryOut(.down(1001))
    try broker.carryOut(.up(1001))
    request = FetchRequest()
    request.sessionId = id
    request.sessionEpoch = 1
    #expect(
      try await TestClient(broker).call(request, version: 11).errorCode
        == .fetchSessionIdNotFound)
    await broker.stop()
  }

  @Test func `a batch above the limit is refused`() async throws {
    let broker = try startBroker(["test"]) { $0.maxMessageBytes = 500 }
    let client = try await TestClient(broker)
    #expect(try await produce(client).row.errorCode == .none)
    let batch = try makeBatch([String(repeating: "v", count: 600)])
    let response = try await client.call(
      ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
    #expect(
      response.responses.first?.partitionResponses.first?.errorCode == .messageTooLarge)
    #expect(broker.violations == [])
    await broker.stop()
  }
}
