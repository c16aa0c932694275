import KafkaProtocol
import Testing
import Transport

@testable import KafkaBroker

/// What breaks the protocol closes the connection, is noted, and harms nobody else.
struct HostileTests {
  @Net private func expectClosed(
    _ bytes: [UInt8], noting text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    client.send(bytes)
    #expect(await client.nextFrame() == nil, sourceLocation: sourceLocation)
    #expect(broker.violations.count == 1, sourceLocation: sourceLocation)
    #expect(
      broker.violations.first?.contains(text) == true, "\(broker.violations)",
      sourceLocation: sourceLocation)
    let other = try await TestClient(broker)
    #expect(
      try await other.call(ApiVersionsRequest(), version: 0).errorCode == .none,
      sourceLocation: sourceLocation)
    await broker.stop()
  }

  @Net @Test func `an HTTP request is no frame`() async throws {
    try await expectClosed(Array("GET / HTTP/1.1\r\n\r\n".utf8), noting: "a frame says it has")
  }

  @Net @Test func `a negative length is no frame`() async throws {
    try await expectClosed([0xff, 0xff, 0xff, 0xff], noting: "-1 bytes")
  }

  @Net @Test func `a frame too short for a header is none`() async throws {
    try await expectClosed([0, 0, 0, 4, 0, 18, 0, 0], noting: "4 bytes")
  }

  @Net @Test func `an API that was not advertised is refused`() async throws {
    try await expectClosed(
      [0, 0, 0, 10, 0, 15, 0, 0, 0, 0, 0, 1, 0xff, 0xff], noting: "API key 15")
  }

  @Net @Test func `a version that was not advertised is refused`() async throws {
    try await expectClosed(
      [0, 0, 0, 10, 0, 1, 0, 3, 0, 0, 0, 1, 0xff, 0xff], noting: "Fetch v3 was not advertised")
  }

  @Net @Test func `a count of two thousand million topics is refused`() async throws {
    try await expectClosed(
      [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff],
      noting: "Metadata v1")
  }

  /// Requests of several kinds, each as the bytes of its frame without the length.
  private func samples() throws -> [[UInt8]] {
    let batch = try makeBatch(["a", "b"])
    let produce = ProduceRequest.one("test", 0, batch)
    var metadata = MetadataRequest()
    metadata.topics = [MetadataRequest.Topic()]
    metadata.topics?[0].name = "test"
    var create = CreateTopicsRequest()
    create.topics = [CreateTopicsRequest.Topic()]
    create.topics[0].name = "made"
    create.topics[0].numPartitions = 1
    create.topics[0].replicationFactor = 1
    var join = JoinGroupRequest()
    join.groupId = "g"
    join.sessionTimeoutMs = 10_000
    join.protocolType = "consumer"
    join.protocols = [JoinGroupRequest.GroupProtocol()]
    join.protocols[0].name = "range"
    var heartbeat = ConsumerGroupHeartbeatRequest()
    heartbeat.groupId = "h"
    heartbeat.memberId = "m"
    heartbeat.rebalanceTimeoutMs = 1000
    heartbeat.subscribedTopicNames = ["test"]
    heartbeat.topicPartitions = [ConsumerGroupHeartbeatRequest.TopicPartitions()]
    var commit = OffsetCommitRequest()
    commit.groupId = "o"
    commit.topics = [OffsetCommitRequest.Topic()]
    commit.topics[0].name = "test"
    commit.topics[0].partitions = [OffsetCommitRequest.Partition()]
    func bytes(_ frame: OutgoingFrame) -> [UInt8] { frame.head }
    let framed = try produce.frame(version: 9, correlationID: 1, clientID: "x")
    let cut = framed.splices[0].headCount
    return [
      framed.head[..<cut] + batch + framed.head[cut...],
      bytes(
        try FetchRequest.one("test", 0, from: 0).frame(
          version: 12, correlationID: 1, clientID: "x")),
      bytes(try metadata.frame(version: 12, correlationID: 1, clientID: "x")),
      bytes(try create.frame(version: 5, correlationID: 1, clientID: nil)),
      bytes(try join.frame(version: 9, correlationID: 1, clientID: nil)),
      bytes(try heartbeat.frame(version: 1, correlationID: 1, clientID: nil)),
      bytes(try commit.frame(version: 8, correlationID: 1, clientID: nil)),
    ].map { Array($0.dropFirst(4)) }
  }

  private func framed(_ body: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: Int32(body.count).bigEndian) { Array($0) } + body
  }

  @Net @Test func `a request that is cut anywhere ends in an answer or a closed connection`()
    async throws
  {
    let broker = try startBroker(["test"])
    for body in try samples() {
      for count in 8..<body.count {
        let client = try await TestClient(broker)
        client.send(framed(Array(body.prefix(count))))
        _ = await client.nextFrame()
        client.close()
      }
    }
    let client = try await TestClient(broker)
    #expect(try await client.call(ApiVersionsRequest(), version: 0).errorCode == .none)
    #expect(broker.violationCount > 0)
    #expect(await eventually { broker.openConnections == 1 })
    await broker.stop()
  }

  @Net @Test func `a request with any byte flipped ends in an answer or a closed connection`()
    async throws
  {
    let broker = try startBroker(["test"])
    for body in try samples() {
      // Key, version and correlation id stay, so that there is an answer to wait for.
      for place in 8..<body.count {
        for mask in [UInt8(0x01), 0x80] {
          var broken = body
          broken[place] ^= mask
          let client = try await TestClient(broker)
          client.send(framed(broken))
          // A flipped acks=0 or a longer wait would answer nothing: then this closes the pair.
          let timer = Timer(afterMs: 300) { client.close() }
          _ = await client.nextFrame()
          timer.cancel()
          client.close()
        }
      }
    }
    let client = try await TestClient(broker)
    #expect(try await client.call(ApiVersionsRequest(), version: 0).errorCode == .none)
    await broker.stop()
  }

  @Net @Test func `a frame that comes byte by byte is a frame`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let frame = try ApiVersionsRequest().frame(version: 0, correlationID: 1, clientID: "x").head
    for byte in frame + frame {
      client.send([byte])
      await sleep(milliseconds: 1)
    }
    for _ in 0..<2 {
      #expect(
        try await client.response(to: ApiVersionsRequest.self, version: 0).response.errorCode
          == .none)
    }
    await broker.stop()
  }

  @Net @Test func `connections beyond the limit are closed at once`() async throws {
    let broker = try startBroker { $0.connectionsMax = 2 }
    let first = try await TestClient(broker)
    let second = try await TestClient(broker)
    _ = try await first.call(ApiVersionsRequest(), version: 0)
    _ = try await second.call(ApiVersionsRequest(), version: 0)
    let third = try await TestClient(broker)
    #expect(await third.nextFrame() == nil)
    #expect(broker.refusedConnections == 1)
    second.close()
    #expect(await eventually { broker.openConnections == 1 })
    let fourth = try await TestClient(broker)
    #expect(try await fourth.call(ApiVersionsRequest(), version: 0).errorCode == .none)
    await broker.stop()
  }

  @Net @Test func `a client that sends and never reads is not read any further`() async throws {
    let broker = try startBroker(["test"])
    let writer = try await TestClient(broker)
    let batch = try makeBatch([String(repeating: "v", count: 1_000_000)])
    for _ in 0..<4 {
      _ = try await writer.call(
        ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
    }
    let greedy = try await TestClient(broker, reading: false)
    for _ in 0..<100 {
      try greedy.send(
        FetchRequest.one("test", 0, from: 0, partitionMaxBytes: .max), version: 11)
    }
    let before = broker.requests[.fetch] ?? 0
    #expect(await eventually { (broker.requests[.fetch] ?? 0) > before })
    // Others are served, and of the hundred answers of 4 MB only a few are in the making.
    for _ in 0..<20 { _ = try await writer.call(ApiVersionsRequest(), version: 0) }
    #expect((broker.requests[.fetch] ?? 0) < 10)
    greedy.startReading()
    for _ in 0..<100 { #expect(await greedy.nextFrame() != nil) }
    await broker.stop()
  }
}
