import KafkaProtocol
import Testing
import Transport

@testable import KafkaBroker

struct FaultTests {
  // MARK: - Text

  @Test(
    arguments: [
      (
        "produce:error=NOT_LEADER_OR_FOLLOWER*2",
        FaultRule(.produce, .error(.notLeaderOrFollower), times: 2)
      ),
      ("Fetch:delay=200ms", FaultRule(.fetch, .delay(milliseconds: 200))),
      ("any:disconnect=before", FaultRule(nil, .disconnectBefore)),
      ("listoffsets:disconnect=after*3", FaultRule(.listOffsets, .disconnectAfter, times: 3)),
      ("metadata:cut=100", FaultRule(.metadata, .cut(afterBytes: 100))),
      ("produce:no-reply", FaultRule(.produce, .noReply)),
      ("fetch:flip=57*9", FaultRule(.fetch, .flipByte(at: 57), times: 9)),
      ("join-group:no-reply", FaultRule(.joinGroup, .noReply)),
      ("fetch:throttle=250ms", FaultRule(.fetch, .throttle(milliseconds: 250))),
      (
        "fetch@1002:no-reply*2", FaultRule(.fetch, broker: 1002, .noReply, times: 2)
      ),
      ("fetch:error=6", FaultRule(.fetch, .error(.notLeaderOrFollower))),
    ])
  func `a rule is read from its text`(_ text: String, _ rule: FaultRule) throws {
    #expect(try FaultRule(parsing: text) == rule)
  }

  @Test(
    arguments: [
      "", "produce", "produce:", "nothing:no-reply", "produce:error=NO_SUCH", "fetch:delay=x",
      "fetch:delay=-1", "fetch:cut", "fetch:no-reply*0", "fetch:no-reply*",
      "fetch:disconnect=never", "fetch:throttle", "fetch@x:no-reply", "fetch@-1:no-reply",
      "@1:no-reply", "describegroups:no-reply",
    ])
  func `a rule that is not understood is an error that repeats it`(_ text: String) {
    do {
      _ = try FaultRule(parsing: text)
      Issue.record("\(text) was understood")
    } catch {
      #expect("\(error)".hasPrefix("fault rule \"\(text)\": "))
    }
  }

  // MARK: - Effect

  @Net private func produce(_ client: TestClient) async throws -> ErrorCode? {
    let batch = try makeBatch(["a"])
    let response = try await client.call(
      ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
    return response.responses.first?.partitionResponses.first?.errorCode
  }

  @Net @Test func `an error strikes so many requests and stores nothing`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    broker.inject(FaultRule(.produce, .error(.notLeaderOrFollower), times: 2))
    #expect(try await produce(client) == .notLeaderOrFollower)
    #expect(try await client.call(ApiVersionsRequest(), version: 0).errorCode == .none)
    #expect(try await produce(client) == .notLeaderOrFollower)
    #expect(broker.endOffset(topic: "test") == 0)
    #expect(try await produce(client) == ErrorCode.none)
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `rules strike in the order in which they were given`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    broker.inject(FaultRule(.produce, .error(.requestTimedOut)))
    broker.inject(FaultRule(nil, .error(.notLeaderOrFollower)))
    #expect(try await produce(client) == .requestTimedOut)
    #expect(try await produce(client) == .notLeaderOrFollower)
    broker.inject(FaultRule(nil, .error(.notLeaderOrFollower)))
    broker.clearFaults()
    #expect(try await produce(client) == ErrorCode.none)
    await broker.stop()
  }

  @Net @Test func `a rule for one broker does not strike at another`() async throws {
    let broker = try startBroker(["test"]) { $0.brokers = 2 }
    let first = try await TestClient(broker)
    let second = try await TestClient(broker, node: 1002)
    broker.inject(FaultRule(.findCoordinator, broker: 1002, .error(.requestTimedOut)))
    #expect(
      try await first.call(FindCoordinatorRequest(), version: 0).errorCode == ErrorCode.none)
    #expect(
      try await second.call(FindCoordinatorRequest(), version: 0).errorCode == .requestTimedOut)
    await broker.stop()
  }

  @Net @Test func `every API can answer with an error`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    func strike() { broker.inject(FaultRule(nil, .error(.requestTimedOut))) }
    strike()
    #expect(try await produce(client) == .requestTimedOut)
    strike()
    let fetched = try await client.call(FetchRequest.one("test", 0, from: 0), version: 11)
    #expect(fetched.responses.first?.partitions.first?.errorCode == .requestTimedOut)
    strike()
    var list = ListOffsetsRequest()
    list.topics = [ListOffsetsRequest.Topic()]
    list.topics[0].name = "test"
    list.topics[0].partitions = [ListOffsetsRequest.Partition()]
    let listed = try await client.call(list, version: 5)
    #expect(listed.topics.first?.partitions.first?.errorCode == .requestTimedOut)
    strike()
    let shown = try await client.call(MetadataRequest(), version: 9)
    #expect(shown.topics.map(\.errorCode) == [.requestTimedOut])
    strike()
    #expect(
      try await client.call(FindCoordinatorRequest(), version: 0).errorCode == .requestTimedOut)
    strike()
    #expect(try await client.call(ApiVersionsRequest(), version: 0).errorCode == .requestTimedOut)
    strike()
    var create = CreateTopicsRequest()
    create.topics = [CreateTopicsRequest.Topic()]
    create.topics[0].name = "new"
    create.topics[0].numPartitions = 1
    create.topics[0].replicationFactor = 1
    #expect(
      try await client.call(create, version: 5).topics.map(\.errorCode) == [.requestTimedOut])
    #expect(broker.topics["new"] == nil)
    strike()
    #expect(
      try await client.call(InitProducerIdRequest(), version: 1).errorCode == .requestTimedOut)
    strike()
    var epochs = OffsetForLeaderEpochRequest()
    epochs.topics = [OffsetForLeaderEpochRequest.Topic()]
    epochs.topics[0].topic = "test"
    epochs.topics[0].partitions = [OffsetForLeaderEpochRequest.Partition()]
    #expect(
      try await client.call(epochs, version: 4).topics.first?.partitions.map(\.errorCode)
        == [.requestTimedOut])
    strike()
    var initialize = InitProducerIdRequest()
    initialize.transactionalId = "x"
    initialize.transactionTimeoutMs = 1000
    #expect(try await client.call(initialize, version: 1).errorCode == .requestTimedOut)
    strike()
    var add = AddPartitionsToTxnRequest()
    add.v3AndBelowTopics = [AddPartitionsToTxnRequest.Topic()]
    add.v3AndBelowTopics[0].partitions = [0]
    let added = try await client.call(add, version: 3)
    #expect(
      added.resultsByTopicV3AndBelow.first?.resultsByPartition.map(\.partitionErrorCode)
        == [.requestTimedOut])
    strike()
    #expect(
      try await client.call(AddOffsetsToTxnRequest(), version: 3).errorCode == .requestTimedOut)
    strike()
    var commit = TxnOffsetCommitRequest()
    commit.topics = [TxnOffsetCommitRequest.Topic()]
    commit.topics[0].partitions = [TxnOffsetCommitRequest.Partition()]
    #expect(
      try await client.call(commit, version: 3).topics.first?.partitions.map(\.errorCode)
        == [.requestTimedOut])
    strike()
    #expect(try await client.call(EndTxnRequest(), version: 3).errorCode == .requestTimedOut)
    strike()
    #expect(
      try await client.call(DescribeClusterRequest(), version: 0).errorCode == .requestTimedOut)
    await broker.stop()
  }

  @Net @Test func `a delay holds back the request and those behind it`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    broker.inject(FaultRule(.metadata, .delay(milliseconds: 50)))
    let start = MonotonicClock.nowMs
    let first = try client.send(MetadataRequest(), version: 9)
    let second = try client.send(ApiVersionsRequest(), version: 0)
    #expect(try await client.response(to: MetadataRequest.self, version: 9).correlationID == first)
    #expect(MonotonicClock.nowMs - start >= 49)
    #expect(
      try await client.response(to: ApiVersionsRequest.self, version: 0).correlationID == second)
    #expect(broker.requests[.metadata] == 1)
    await broker.stop()
  }

  @Net @Test
  func `KIP-219: a throttled answer says for how long, and the broker reads no more until then`()
    async throws
  {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    broker.inject(FaultRule(.produce, .throttle(milliseconds: 60)))
    let batch = try makeBatch(["a"])
    let start = MonotonicClock.nowMs
    let response = try await client.call(
      ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
    #expect(response.throttleTimeMs == 60)
    #expect(response.responses.first?.partitionResponses.first?.errorCode == ErrorCode.none)
    #expect(try await client.call(MetadataRequest(), version: 9).throttleTimeMs == 0)
    #expect(MonotonicClock.nowMs - start >= 59)
    await broker.stop()
  }

  @Net @Test func `a connection is cut before or after the request is carried out`() async throws {
    let broker = try startBroker(["test"])
    broker.inject(FaultRule(.produce, .disconnectBefore))
    var client = try await TestClient(broker)
    await #expect(throws: TestClient.Closed.self) { _ = try await produce(client) }
    #expect(broker.endOffset(topic: "test") == 0)
    broker.inject(FaultRule(.produce, .disconnectAfter))
    client = try await TestClient(broker)
    await #expect(throws: TestClient.Closed.self) { _ = try await produce(client) }
    #expect(broker.endOffset(topic: "test") == 1)
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `an answer is cut after so many bytes`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    #expect(try await produce(client) == ErrorCode.none)
    broker.inject(FaultRule(.fetch, .cut(afterBytes: 70)))
    try client.send(FetchRequest.one("test", 0, from: 0), version: 11)
    #expect(await client.nextFrame() == nil)
    #expect(client.rest.count == 70)
    await broker.stop()
  }

  @Net @Test func `a byte of an answer is flipped`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    #expect(try await produce(client) == ErrorCode.none)
    try client.send(FetchRequest.one("test", 0, from: 0), version: 11)
    let good = try #require(await client.nextFrame())
    broker.inject(FaultRule(.fetch, .flipByte(at: 4 + good.count - 1)))
    try client.send(FetchRequest.one("test", 0, from: 0), version: 11)
    let bad = try #require(await client.nextFrame())
    #expect(bad.count == good.count)
    #expect(bad.last == good.last.map { ~$0 })
    // The log itself is as it was.
    let log = try #require(broker.topics["test"]?.partition(0)?.log)
    #expect(try records(in: #require(log.bytes(from: 0, maxBytes: 1000))).count == 1)
    await broker.stop()
  }

  @Net @Test func `a request that is never answered is carried out, and the next is answered`()
    async throws
  {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    broker.inject(FaultRule(.produce, .noReply))
    let batch = try makeBatch(["a"])
    try client.send(ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
    let id = try client.send(ApiVersionsRequest(), version: 0)
    #expect(
      try await client.response(to: ApiVersionsRequest.self, version: 0).correlationID == id)
    #expect(broker.endOffset(topic: "test") == 1)
    await broker.stop()
  }
}
