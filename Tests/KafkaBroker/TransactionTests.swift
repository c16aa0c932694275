import KafkaProtocol
import TestSupport
import Testing
import Transport

@testable import KafkaBroker

/// Transactions over a socket, with requests made by hand.
@Net struct TransactionTests {
  private func initialize(
    _ client: TestClient, _ id: String? = "x", timeoutMs: Int32 = 60_000,
    expected: TransactionCoordinator.Identity = .init(), version: Int16 = 5
  ) async throws -> (error: ErrorCode, identity: TransactionCoordinator.Identity) {
    var request = InitProducerIdRequest()
    request.transactionalId = id
    request.transactionTimeoutMs = timeoutMs
    request.producerId = expected.producerId
    request.producerEpoch = expected.epoch
    let response = try await client.call(request, version: version)
    return (
      response.errorCode, .init(producerId: response.producerId, epoch: response.producerEpoch)
    )
  }

  private func add(
    _ client: TestClient, _ topics: [String], _ identity: TransactionCoordinator.Identity,
    version: Int16 = 3
  ) async throws -> [ErrorCode] {
    var request = AddPartitionsToTxnRequest()
    request.v3AndBelowTransactionalId = "x"
    request.v3AndBelowProducerId = identity.producerId
    request.v3AndBelowProducerEpoch = identity.epoch
    request.v3AndBelowTopics = topics.map { name in
      var topic = AddPartitionsToTxnRequest.Topic()
      topic.name = name
      topic.partitions = [0]
      return topic
    }
    let response = try await client.call(request, version: version)
    return response.resultsByTopicV3AndBelow.flatMap { topic in
      topic.resultsByPartition.map(\.partitionErrorCode)
    }
  }

  private func produce(
    _ client: TestClient, _ values: [String], _ identity: TransactionCoordinator.Identity,
    sequence: Int32 = 0, id: String? = "x", transactional: Bool = true, version: Int16 = 9
  ) async throws -> ErrorCode {
    let batch = try makeBatch(
      values, producerId: identity.producerId, epoch: identity.epoch, sequence: sequence,
      transactional: transactional)
    var request = ProduceRequest.one("test", 0, batch)
    request.transactionalId = id
    let response = try await client.call(request, version: version, records: [batch])
    return try #require(response.responses.first?.partitionResponses.first).errorCode
  }

  private func end(
    _ client: TestClient, _ identity: TransactionCoordinator.Identity, commit: Bool,
    version: Int16 = 3
  ) async throws -> EndTxnResponse {
    var request = EndTxnRequest()
    request.transactionalId = "x"
    request.producerId = identity.producerId
    request.producerEpoch = identity.epoch
    request.committed = commit
    return try await client.call(request, version: version)
  }

  private func sendFetch(_ client: TestClient, committed: Bool, maxWaitMs: Int32 = 0) throws {
    var request = FetchRequest.one("test", 0, from: 0, maxWaitMs: maxWaitMs)
    request.isolationLevel = committed ? 1 : 0
    try client.send(request, version: 11)
  }

  private func fetch(_ client: TestClient, committed: Bool) async throws
    -> (row: FetchResponse.Partition, values: [String])
  {
    try sendFetch(client, committed: committed)
    return try await fetched(client)
  }

  private func fetched(_ client: TestClient) async throws
    -> (row: FetchResponse.Partition, values: [String])
  {
    let (_, response, frame) = try await client.response(to: FetchRequest.self, version: 11)
    let row = try #require(response.responses.first?.partitions.first)
    let slice = try #require(row.records)
    let found = try records(in: Array(frame[slice.offset..<slice.offset + slice.count]))
    return (row, found.map(\.value))
  }

  private func listEnd(_ client: TestClient, committed: Bool) async throws -> Int64 {
    var part = ListOffsetsRequest.Partition()
    part.timestamp = -1
    var topic = ListOffsetsRequest.Topic()
    topic.name = "test"
    topic.partitions = [part]
    var request = ListOffsetsRequest()
    request.isolationLevel = committed ? 1 : 0
    request.topics = [topic]
    let response = try await client.call(request, version: 5)
    return try #require(response.topics.first?.partitions.first).offset
  }

  @Test func `read_committed sees a transaction when it has committed`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let identity = try await initialize(client).identity
    #expect(try await add(client, ["test"], identity) == [.none])
    #expect(try await produce(client, ["a", "b"], identity) == .none)
    #expect(try await fetch(client, committed: false).values == ["a", "b"])
    var seen = try await fetch(client, committed: true)
    #expect(seen.values == [])
    #expect(seen.row.lastStableOffset == 0)
    #expect(seen.row.highWatermark == 2)
    #expect(try await listEnd(client, committed: true) == 0)
    #expect(try await listEnd(client, committed: false) == 2)

    #expect(try await end(client, identity, commit: true).errorCode == .none)
    seen = try await fetch(client, committed: true)
    #expect(seen.values.prefix(2) == ["a", "b"])
    #expect(seen.row.lastStableOffset == 3)
    #expect(seen.row.abortedTransactions?.count == 0)
    #expect(try await listEnd(client, committed: true) == 3)
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Test func `an aborted transaction is listed with its producer and first offset`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let identity = try await initialize(client).identity
    let plain = try makeBatch(["plain"])
    _ = try await client.call(
      ProduceRequest.one("test", 0, plain), version: 9, records: [plain])
    #expect(try await add(client, ["test"], identity) == [.none])
    #expect(try await produce(client, ["a"], identity) == .none)
    #expect(try await fetch(client, committed: true).values == ["plain"])
    #expect(try await end(client, identity, commit: false).errorCode == .none)
    let seen = try await fetch(client, committed: true)
    #expect(seen.values.prefix(2) == ["plain", "a"])
    #expect(seen.row.abortedTransactions?.map(\.producerId) == [identity.producerId])
    #expect(seen.row.abortedTransactions?.map(\.firstOffset) == [1])
    #expect(try await fetch(client, committed: false).row.abortedTransactions == nil)
    await broker.stop()
  }

  @Test func `a fetch of committed records waits for the marker`() async throws {
    let broker = try startBroker(["test"])
    let reader = try await TestClient(broker)
    let client = try await TestClient(broker)
    let identity = try await initialize(client).identity
    #expect(try await add(client, ["test"], identity) == [.none])
    #expect(try await produce(client, ["a"], identity) == .none)
    try sendFetch(reader, committed: true, maxWaitMs: 60_000)
    let partition = try #require(broker.topics["test"]?.partition(0))
    #expect(await eventually { partition.waiters.count == 1 })
    #expect(try await produce(client, ["b"], identity, sequence: 1) == .none)
    #expect(partition.waiters.count == 1)
    #expect(try await end(client, identity, commit: true).errorCode == .none)
    #expect(try await fetched(reader).values.prefix(2) == ["a", "b"])
    await broker.stop()
  }

  @Test func `a partition that was not added takes no batch, unless Produce adds it (KIP-890)`()
    async throws
  {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let identity = try await initialize(client).identity
    #expect(try await produce(client, ["a"], identity) == .invalidTxnState)
    #expect(try await produce(client, ["a"], identity, version: 11) == .transactionAbortable)
    #expect(
      try await produce(client, ["a"], identity, id: nil) == .transactionalIdAuthorizationFailed)
    #expect(try await produce(client, ["a"], identity, version: 12) == .none)
    #expect(
      try await produce(client, ["b"], identity, sequence: 1, transactional: false)
        == .invalidTxnState)
    let ended = try await end(client, identity, commit: true, version: 5)
    #expect(ended.producerId == identity.producerId)
    #expect(ended.producerEpoch == identity.epoch + 1)
    #expect(broker.endOffset(topic: "test") == 2)
    // The marker has shut the old epoch out; the new one begins at 0.
    #expect(
      try await produce(client, ["b"], identity, sequence: 1, version: 12)
        == .invalidProducerEpoch)
    let next = TransactionCoordinator.Identity(
      producerId: ended.producerId, epoch: ended.producerEpoch)
    #expect(
      try await produce(client, ["b"], next, sequence: 1, version: 12)
        == .outOfOrderSequenceNumber)
    #expect(try await produce(client, ["b"], next, version: 12) == .none)
    await broker.stop()
  }

  @Test func `a fenced producer is told so in its version's words`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let old = try await initialize(client).identity
    #expect(try await add(client, ["test"], old) == [.none])
    #expect(try await produce(client, ["a"], old) == .none)
    #expect(try await initialize(client).error == .concurrentTransactions)
    let new = try await initialize(client).identity
    #expect(new == .init(producerId: old.producerId, epoch: old.epoch + 2))
    #expect(try await produce(client, ["b"], old, sequence: 1) == .invalidProducerEpoch)
    for version in AddPartitionsToTxnHandler.versions {
      #expect(
        try await add(client, ["test"], old, version: version)
          == [version < 2 ? .invalidProducerEpoch : .producerFenced])
    }
    for version in EndTxnHandler.versions {
      #expect(
        try await end(client, old, commit: true, version: version).errorCode
          == (version < 2 ? .invalidProducerEpoch : .producerFenced))
    }
    for version in Int16(3)...5 {
      #expect(
        try await initialize(client, expected: old, version: version).error
          == (version < 4 ? .invalidProducerEpoch : .producerFenced))
    }
    #expect(try await fetch(client, committed: true).row.abortedTransactions?.count == 1)
    await broker.stop()
  }

  @Test func `all partitions of a request are added or none`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let identity = try await initialize(client).identity
    #expect(
      try await add(client, ["test", "none"], identity)
        == [.operationNotAttempted, .unknownTopicOrPartition])
    #expect(try await produce(client, ["a"], identity) == .invalidTxnState)
    await broker.stop()
  }

  @Test func `an overdue transaction is aborted, and its producer fenced`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    #expect(
      try await initialize(client, timeoutMs: 900_001).error == .invalidTransactionTimeout)
    let identity = try await initialize(client, timeoutMs: 30).identity
    // It begins with this batch, however busy the machine is.
    #expect(try await produce(client, ["a"], identity, version: 12) == .none)
    #expect(await eventually { broker.endOffset(topic: "test") == 2 })
    #expect(try await fetch(client, committed: true).row.abortedTransactions?.count == 1)
    #expect(try await end(client, identity, commit: true).errorCode == .producerFenced)
    await broker.stop()
  }

  // MARK: - Offsets

  private func commitOffset(
    _ client: TestClient, _ identity: TransactionCoordinator.Identity, version: Int16 = 3
  ) async throws -> ErrorCode {
    var part = TxnOffsetCommitRequest.Partition()
    part.committedOffset = 42
    var topic = TxnOffsetCommitRequest.Topic()
    topic.name = "test"
    topic.partitions = [part]
    var request = TxnOffsetCommitRequest()
    request.transactionalId = "x"
    request.groupId = "g"
    request.producerId = identity.producerId
    request.producerEpoch = identity.epoch
    request.topics = [topic]
    let response = try await client.call(request, version: version)
    return try #require(response.topics.first?.partitions.first).errorCode
  }

  @Test func `offsets count when the transaction commits`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let place = TopicPartition("test", 0)
    let identity = try await initialize(client).identity
    #expect(try await commitOffset(client, identity) == .invalidTxnState)
    #expect(try await commitOffset(client, identity, version: 4) == .transactionAbortable)
    var request = AddOffsetsToTxnRequest()
    request.transactionalId = "x"
    request.producerId = identity.producerId
    request.producerEpoch = identity.epoch
    request.groupId = "g"
    #expect(try await client.call(request, version: 3).errorCode == .none)
    #expect(try await commitOffset(client, identity) == .none)
    #expect(broker.groupOffsets.fetch(group: "g", place) == nil)
    #expect(broker.groupOffsets.isUnstable(group: "g", place))
    #expect(try await end(client, identity, commit: true).errorCode == .none)
    #expect(broker.groupOffsets.fetch(group: "g", place)?.offset == 42)
    #expect(!broker.groupOffsets.isUnstable(group: "g", place))
    await broker.stop()
  }

  @Test func `TxnOffsetCommit 5 makes the group part of the transaction (KIP-890)`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let identity = try await initialize(client).identity
    #expect(try await commitOffset(client, identity, version: 5) == .none)
    #expect(try await end(client, identity, commit: false, version: 5).errorCode == .none)
    let place = TopicPartition("test", 0)
    #expect(broker.groupOffsets.fetch(group: "g", place) == nil)
    #expect(!broker.groupOffsets.isUnstable(group: "g", place))
    #expect(
      try await commitOffset(client, identity, version: 5) == .invalidProducerEpoch)
    await broker.stop()
  }

  // MARK: - Coordinators

  @Test func `only the coordinator answers for a transactional id`() async throws {
    let broker = try startBroker(["test"]) { $0.brokers = 3 }
    let client = try await TestClient(broker)
    var find = FindCoordinatorRequest()
    find.keyType = 1
    find.coordinatorKeys = (0..<20).map { "x\($0)" }
    let found = try await client.call(find, version: 4)
    #expect(Set(found.coordinators.map(\.nodeId)) == [1001, 1002, 1003])
    for coordinator in found.coordinators {
      let error = try await initialize(client, coordinator.key).error
      #expect(error == (coordinator.nodeId == 1001 ? .none : .notCoordinator))
    }
    await broker.stop()
  }
}
