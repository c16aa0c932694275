import KafkaProtocol
import Testing
import Transport

@testable import KafkaBroker

/// The broker over a socket, with requests made by hand.
struct BrokerTests {
  // MARK: - ApiVersions

  @Net @Test func `every advertised version of ApiVersions is answered`() async throws {
    let broker = try startBroker()
    let client = try await TestClient(broker)
    for version in ApiVersionsHandler.versions {
      var request = ApiVersionsRequest()
      request.clientSoftwareName = "test"
      request.clientSoftwareVersion = "1.0"
      let response = try await client.call(request, version: version)
      #expect(response.errorCode == .none)
      #expect(
        response.apiKeys.map(\.apiKey).sorted() == [
          0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 18, 19, 22, 23, 24, 25, 26, 28, 32, 60, 68, 69,
          76, 78, 79,
        ])
      if version >= 3 {
        #expect(response.finalizedFeatures.map(\.name) == ["transaction.version"])
        #expect(response.finalizedFeatures.map(\.maxVersionLevel) == [2])
      }
      for row in response.apiKeys {
        let api = try #require(APIKey(rawValue: row.apiKey))
        #expect(Dispatch.versions(api) == row.minVersion...row.maxVersion)
      }
    }
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `a version of ApiVersions that is too new is answered in version 0`() async throws
  {
    let broker = try startBroker()
    let client = try await TestClient(broker)
    // Length, key 18, version 9, correlation id 7, client id "x", no tags, two compact strings, no tags.
    client.send([
      0, 0, 0, 17, 0, 18, 0, 9, 0, 0, 0, 7, 0, 1, 120, 0, 2, 97, 2, 98, 0,
    ])
    let (id, response, _) = try await client.response(to: ApiVersionsRequest.self, version: 0)
    #expect(id == 7)
    #expect(response.errorCode == .unsupportedVersion)
    #expect(response.apiKeys.map(\.apiKey) == [18])
    #expect(response.apiKeys.first?.maxVersion == 4)
    // The connection is still good.
    let again = try await client.call(ApiVersionsRequest(), version: 0)
    #expect(again.errorCode == .none)
    await broker.stop()
  }

  @Net @Test func `a client without a proper name is told that its request is invalid`()
    async throws
  {
    let broker = try startBroker()
    let client = try await TestClient(broker)
    let response = try await client.call(ApiVersionsRequest(), version: 3)
    #expect(response.errorCode == .invalidRequest)
    #expect(broker.violationCount == 1)
    await broker.stop()
  }

  // MARK: - Metadata

  @Net @Test func `metadata names brokers and topics in every version`() async throws {
    let broker = try startBroker(["b", "a"])
    let client = try await TestClient(broker)
    for version in MetadataHandler.versions {
      var request = MetadataRequest()
      request.topics = version == 0 ? [] : nil
      let response = try await client.call(request, version: version)
      #expect(response.brokers.map(\.nodeId) == [1001])
      #expect(response.brokers.first?.host == "127.0.0.1")
      #expect(response.brokers.first?.port == broker.address.map { Int32($0.port) })
      #expect(response.topics.compactMap(\.name).sorted() == ["a", "b"])
      #expect(response.topics.first?.partitions.map(\.leaderId) == [1001])
      if version >= 1 { #expect(response.controllerId == 1001) }
      if version >= 2 { #expect(response.clusterId == broker.options.clusterId) }
      if version >= 10 { #expect(response.topics.allSatisfy { $0.topicId != .zero }) }
    }
    await broker.stop()
  }

  private func metadata(_ name: String?, id: Uuid = .zero, create: Bool = true) -> MetadataRequest {
    var topic = MetadataRequest.Topic()
    topic.name = name
    topic.topicId = id
    var request = MetadataRequest()
    request.topics = [topic]
    request.allowAutoTopicCreation = create
    return request
  }

  @Net @Test func `a missing topic is created only where client and broker allow it`() async throws
  {
    let broker = try startBroker { $0.defaultPartitions = 2 }
    let client = try await TestClient(broker)
    var response = try await client.call(metadata("new", create: false), version: 9)
    #expect(response.topics.map(\.errorCode) == [.unknownTopicOrPartition])
    response = try await client.call(metadata("new"), version: 9)
    #expect(response.topics.map(\.errorCode) == [.none])
    #expect(response.topics.first?.partitions.count == 2)
    // Below version 4 nobody can forbid it.
    response = try await client.call(metadata("newer"), version: 1)
    #expect(response.topics.map(\.errorCode) == [.none])
    await broker.stop()

    let strict = try startBroker { $0.autoCreateTopics = false }
    let other = try await TestClient(strict)
    response = try await other.call(metadata("new"), version: 9)
    #expect(response.topics.map(\.errorCode) == [.unknownTopicOrPartition])
    await strict.stop()
  }

  @Net @Test(arguments: ["", ".", "..", "a b", "ä", "a/b", String(repeating: "x", count: 250)])
  func `a bad topic name is an error and no topic`(_ name: String) async throws {
    let broker = try startBroker()
    let client = try await TestClient(broker)
    let response = try await client.call(metadata(name), version: 9)
    #expect(response.topics.map(\.errorCode) == [.invalidTopic])
    #expect(broker.topics.all.isEmpty)
    await broker.stop()
  }

  @Net @Test func `a topic is found by its id`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let id = try #require(broker.topics["test"]?.id)
    var response = try await client.call(metadata(nil, id: id), version: 12)
    #expect(response.topics.first?.name == "test")
    response = try await client.call(metadata(nil, id: Uuid(high: 1, low: 2)), version: 12)
    #expect(response.topics.map(\.errorCode) == [.unknownTopicId])
    await broker.stop()
  }

  // MARK: - Produce and Fetch

  @Net @Test func `what is produced is fetched, in every pair of versions`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let id = try #require(broker.topics["test"]?.id)
    var next: Int64 = 0
    for version in Int16(3)...ProduceHandler.versions.upperBound {
      let batch = try makeBatch(["a\(version)", "b\(version)"])
      let response = try await client.call(
        ProduceRequest.one("test", 0, batch, id: version >= 13 ? id : .zero), version: version,
        records: [batch])
      let row = try #require(response.responses.first?.partitionResponses.first)
      #expect(row.errorCode == .none)
      #expect(row.baseOffset == next)
      next += 2
    }
    for version in FetchHandler.versions {
      try client.send(
        FetchRequest.one("test", 0, from: 0, id: version >= 13 ? id : .zero), version: version)
      let (_, response, frame) = try await client.response(to: FetchRequest.self, version: version)
      let row = try #require(response.responses.first?.partitions.first)
      #expect(row.errorCode == .none)
      #expect(row.highWatermark == next)
      #expect(response.sessionId == 0)
      let slice = try #require(row.records)
      let found = try records(in: Array(frame[slice.offset..<slice.offset + slice.count]))
      #expect(found.map(\.offset) == Array(0..<next))
      #expect(found.first?.value == "a3")
    }
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `Produce before version 3 is answered with an error`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let batch = try makeBatch(["a"])
    for version in Int16(0)...2 {
      let response = try await client.call(
        ProduceRequest.one("test", 0, batch), version: version, records: [batch])
      #expect(
        response.responses.first?.partitionResponses.first?.errorCode == .unsupportedVersion)
    }
    #expect(broker.endOffset(topic: "test") == 0)
    await broker.stop()
  }

  @Net @Test func `a broken batch is refused, noted and not stored`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    var batch = try makeBatch(["a"])
    batch[batch.count - 1] ^= 1
    let response = try await client.call(
      ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
    let row = try #require(response.responses.first?.partitionResponses.first)
    #expect(row.errorCode == .corruptMessage)
    #expect(row.errorMessage?.contains("CRC") == true)
    #expect(broker.violationCount == 1)
    #expect(broker.endOffset(topic: "test") == 0)
    await broker.stop()
  }

  @Net @Test func `acks 0 stores without an answer, and an error ends the connection`() async throws
  {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let batch = try makeBatch(["a"])
    try client.send(ProduceRequest.one("test", 0, batch, acks: 0), version: 9, records: [batch])
    // The next answer is that of the next request.
    let response = try await client.call(metadata("test"), version: 9)
    #expect(response.topics.map(\.errorCode) == [.none])
    #expect(broker.endOffset(topic: "test") == 1)
    try client.send(ProduceRequest.one("test", 7, batch, acks: 0), version: 9, records: [batch])
    #expect(await client.nextFrame() == nil)
    await broker.stop()
  }

  @Net
  @Test(
    arguments: [
      (ErrorCode.unknownTopicOrPartition, "other", Int32(0), Int16(-1)),
      (.unknownTopicOrPartition, "test", 1, -1), (.unknownTopicOrPartition, "test", -1, -1),
      (.invalidRequiredAcks, "test", 0, 2),
    ])
  func `Produce says what is wrong`(
    _ code: ErrorCode, _ topic: String, _ partition: Int32, _ acks: Int16
  ) async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let batch = try makeBatch(["a"])
    let response = try await client.call(
      ProduceRequest.one(topic, partition, batch, acks: acks), version: 9, records: [batch])
    #expect(response.responses.first?.partitionResponses.first?.errorCode == code)
    await broker.stop()
  }

  @Net @Test func `Fetch outside the log is out of range`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    for offset in [Int64(-1), 1, .max] {
      let response = try await client.call(
        FetchRequest.one("test", 0, from: offset, maxWaitMs: 60_000), version: 11)
      let row = try #require(response.responses.first?.partitions.first)
      #expect(row.errorCode == .offsetOutOfRange)
      #expect(row.records?.count == 0)
    }
    await broker.stop()
  }

  @Net @Test func `Fetch waits for enough bytes, holds back the requests behind it, and is woken`()
    async throws
  {
    let broker = try startBroker(["test"])
    let reader = try await TestClient(broker)
    let writer = try await TestClient(broker)
    let batch = try makeBatch(["a"])
    let first = try reader.send(
      FetchRequest.one(
        "test", 0, from: 0, minBytes: Int32(batch.count) + 1, maxWaitMs: 60_000), version: 11)
    let second = try reader.send(metadata("test"), version: 9)
    let partition = try #require(broker.topics["test"]?.partition(0))
    #expect(await eventually { partition.waiters.count == 1 })
    _ = try await writer.call(
      ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
    #expect(partition.waiters.count == 1)
    _ = try await writer.call(
      ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
    let (id, response, _) = try await reader.response(to: FetchRequest.self, version: 11)
    #expect(id == first)
    #expect(response.responses.first?.partitions.first?.records?.count == 2 * batch.count)
    #expect(try await reader.response(to: MetadataRequest.self, version: 9).correlationID == second)
    #expect(partition.waiters.isEmpty)
    await broker.stop()
  }

  @Net @Test func `Fetch does not wait for bytes that whole batches cannot reach`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let batch = try makeBatch([String(repeating: "v", count: 300)])
    for _ in 0..<4 {
      _ = try await client.call(
        ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
    }
    // Two batches fit; with the third there would be more than enough.
    let limit = Int32(batch.count * 5 / 2)
    let start = MonotonicClock.nowMs
    let response = try await client.call(
      FetchRequest.one(
        "test", 0, from: 0, minBytes: limit, maxWaitMs: 60_000, partitionMaxBytes: limit),
      version: 11)
    #expect(response.responses.first?.partitions.first?.records?.count == 2 * batch.count)
    #expect(MonotonicClock.nowMs - start < 10_000)
    await broker.stop()
  }

  @Net @Test func `Fetch that gets nothing is answered when its time is over`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let start = MonotonicClock.nowMs
    let response = try await client.call(
      FetchRequest.one("test", 0, from: 0, maxWaitMs: 60), version: 11)
    #expect(MonotonicClock.nowMs - start >= 59)
    #expect(response.responses.first?.partitions.first?.records?.count == 0)
    await broker.stop()
  }

  @Net @Test func `a client that leaves while it waits leaves nothing behind`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    try client.send(FetchRequest.one("test", 0, from: 0, maxWaitMs: 60_000), version: 11)
    let partition = try #require(broker.topics["test"]?.partition(0))
    #expect(await eventually { partition.waiters.count == 1 })
    client.close()
    #expect(await eventually { partition.waiters.isEmpty && broker.openConnections == 0 })
    await broker.stop()
  }

  @Net @Test func `a session that was never given out is an error`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    var request = FetchRequest.one("test", 0, from: 0)
    request.sessionId = 5
    request.sessionEpoch = 1
    #expect(
      try await client.call(request, version: 11).errorCode == .fetchSessionIdNotFound)
    await broker.stop()
  }

  @Net @Test func `a large answer goes to a slow reader whole and in order`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let value = String(repeating: "v", count: 900_000)
    for index in 0..<12 {
      let batch = try makeBatch(["\(index)" + value])
      _ = try await client.call(
        ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
    }
    var ids: [Int32] = []
    for _ in 0..<4 {
      ids.append(
        try client.send(
          FetchRequest.one("test", 0, from: 0, partitionMaxBytes: .max), version: 11))
    }
    for id in ids {
      let (got, response, frame) = try await client.response(to: FetchRequest.self, version: 11)
      #expect(got == id)
      let slice = try #require(response.responses.first?.partitions.first?.records)
      let found = try records(in: Array(frame[slice.offset..<slice.offset + slice.count]))
      #expect(found.map(\.offset) == Array(0..<12))
      #expect(found.allSatisfy { $0.value == "\($0.offset)" + value })
    }
    await broker.stop()
  }

  // MARK: - ListOffsets

  @Net @Test func `ListOffsets tells start, end, latest time and time in every version`()
    async throws
  {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let batch = try makeBatch(["a", "b", "c"], timestamp: 5000)
    _ = try await client.call(
      ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
    for version in ListOffsetsHandler.versions {
      for (time, offset, stamp) in [
        (Int64(-1), Int64(3), Int64(-1)), (-2, 0, -1), (-3, 2, 5002), (5001, 1, 5001),
        (5003, -1, -1), (0, 0, 5000),
      ] where version >= 7 || time != -3 {
        var part = ListOffsetsRequest.Partition()
        part.timestamp = time
        var topic = ListOffsetsRequest.Topic()
        topic.name = "test"
        topic.partitions = [part]
        var request = ListOffsetsRequest()
        request.topics = [topic]
        let response = try await client.call(request, version: version)
        let row = try #require(response.topics.first?.partitions.first)
        #expect(row.errorCode == .none)
        #expect(row.offset == offset, "version \(version), time \(time)")
        #expect(row.timestamp == stamp, "version \(version), time \(time)")
      }
    }
    await broker.stop()
  }

  // MARK: - The others

  @Net @Test func `a single broker coordinates everything`() async throws {
    let broker = try startBroker()
    let client = try await TestClient(broker)
    for version in FindCoordinatorHandler.versions {
      var request = FindCoordinatorRequest()
      if version >= 4 { request.coordinatorKeys = ["g", "h"] } else { request.key = "g" }
      let response = try await client.call(request, version: version)
      let ids = version >= 4 ? response.coordinators.map(\.nodeId) : [response.nodeId]
      #expect(Set(ids) == [1001])
      #expect(ids.count == (version >= 4 ? 2 : 1))
    }
    await broker.stop()
  }

  @Net @Test func `producer ids differ`() async throws {
    let broker = try startBroker()
    let client = try await TestClient(broker)
    var ids: Set<Int64> = []
    for version in InitProducerIdHandler.versions {
      let response = try await client.call(InitProducerIdRequest(), version: version)
      #expect(response.errorCode == .none)
      #expect(response.producerEpoch == 0)
      ids.insert(response.producerId)
    }
    #expect(ids.count == 6)
    await broker.stop()
  }

  @Net @Test func `topics are created, and refused with a reason`() async throws {
    let broker = try startBroker(["old.name"])
    let client = try await TestClient(broker)
    func create(
      _ name: String, _ partitions: Int32 = 1, _ replicas: Int16 = 1, version: Int16 = 7,
      validateOnly: Bool = false
    ) async throws -> CreateTopicsResponse.Topic {
      var topic = CreateTopicsRequest.Topic()
      topic.name = name
      topic.numPartitions = partitions
      topic.replicationFactor = replicas
      var request = CreateTopicsRequest()
      request.topics = [topic]
      request.validateOnly = validateOnly
      let response = try await client.call(request, version: version)
      return try #require(response.topics.first)
    }
    for version in CreateTopicsHandler.versions {
      #expect(try await create("v\(version)", 2, version: version).errorCode == .none)
      #expect(broker.topics["v\(version)"]?.partitions.count == 2)
    }
    #expect(try await create("dry", validateOnly: true).errorCode == .none)
    #expect(broker.topics["dry"] == nil)
    let usual = try await create("usual", -1, -1)
    #expect(usual.numPartitions == 1)
    #expect(usual.replicationFactor == 1)
    for (name, partitions, replicas, code) in [
      ("old.name", Int32(1), Int16(1), ErrorCode.topicAlreadyExists),
      ("old_name", 1, 1, .invalidTopic), ("a b", 1, 1, .invalidTopic),
      ("p", 0, 1, .invalidPartitions), ("p", .max, 1, .policyViolation),
      ("p", 1, 2, .invalidReplicationFactor), ("p", 1, 0, .invalidReplicationFactor),
    ] {
      let refused = try await create(name, partitions, replicas)
      #expect(refused.errorCode == code)
      #expect(refused.errorMessage?.isEmpty == false)
    }
    await broker.stop()
  }

  @Net @Test func `the cluster is described in every version`() async throws {
    let broker = try startBroker { $0.brokers = 2 }
    let client = try await TestClient(broker)
    for version in DescribeClusterHandler.versions {
      let response = try await client.call(DescribeClusterRequest(), version: version)
      #expect(response.brokers.map(\.brokerId) == [1001, 1002])
      #expect(response.controllerId == 1001)
      #expect(response.clusterId == broker.options.clusterId)
    }
    await broker.stop()
  }

  // MARK: - Start

  @Net @Test func `a broker that cannot have a topic or an address says why`() async throws {
    #expect(throws: BrokerError.self) {
      try startBroker { $0.topics = [BrokerOptions.Topic(name: "t", partitions: 1, replicas: 3)] }
    }
    do {
      _ = try startBroker { $0.topics = [BrokerOptions.Topic(name: "t", replicas: 3)] }
    } catch {
      #expect(
        "\(error)"
          == "topic t:1:3: Replication factor: 3 larger than available brokers: 1.")
    }
    let broker = try startBroker()
    let port = try #require(broker.address?.port)
    #expect(throws: BrokerError.self) { try startBroker { $0.listenPort = port } }
    await broker.stop()
  }

  @Net @Test func `an advertised host is what clients are told`() async throws {
    let broker = try startBroker { $0.advertisedHost = "kafka.example" }
    let port = try #require(broker.address?.port)
    #expect(broker.bootstrap == "kafka.example:\(port)")
    let client = try await TestClient(broker)
    let response = try await client.call(metadata("t"), version: 9)
    #expect(response.brokers.map(\.host) == ["kafka.example"])
    await broker.stop()
  }

  @Net @Test func `stop closes the connections and the port`() async throws {
    let broker = try startBroker()
    let address = try #require(broker.address)
    let client = try await TestClient(broker)
    #expect(await eventually { broker.openConnections == 1 })
    await broker.stop()
    #expect(await client.nextFrame() == nil)
    await #expect(throws: DialError.self) {
      _ = try await Dialer.dial(
        host: address.host, port: address.port, family: .any, timeoutMs: 1000)
    }
  }
}
