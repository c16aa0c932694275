import KafkaProtocol
import TestSupport
import Testing
import Transport

@testable import KafkaBroker

/// Share groups over a socket, with requests made by hand.
struct ShareTests {
  /// A member that fetches from one topic of one partition.
  @Net private final class Member {
    let client: TestClient
    let id: String
    let topic: Topic
    var epoch: Int32 = 0

    init(_ broker: Broker, _ id: String) async throws {
      client = try await TestClient(broker)
      self.id = id
      topic = try #require(broker.topics["test"])
    }

    func request(
      most: Int32 = 500, waitMs: Int32 = 0, say: [(ClosedRange<Int64>, Int8)] = []
    ) -> ShareFetchRequest {
      var request = ShareFetchRequest()
      request.groupId = "g"
      request.memberId = id
      request.shareSessionEpoch = epoch
      request.maxWaitMs = waitMs
      request.minBytes = 1
      request.maxRecords = most
      request.batchSize = most
      guard epoch == 0 || !say.isEmpty else { return request }
      var part = ShareFetchRequest.FetchPartition()
      part.acknowledgementBatches = say.map { offsets, type in
        var batch = ShareFetchRequest.AcknowledgementBatch()
        batch.firstOffset = offsets.lowerBound
        batch.lastOffset = offsets.upperBound
        batch.acknowledgeTypes = [type]
        return batch
      }
      var asked = ShareFetchRequest.FetchTopic()
      asked.topicId = topic.id
      asked.partitions = [part]
      request.topics = [asked]
      return request
    }

    /// Fetches; the row of the partition, or nil.
    func fetch(
      most: Int32 = 500, waitMs: Int32 = 0, say: [(ClosedRange<Int64>, Int8)] = []
    ) async throws -> ShareFetchResponse.Partition? {
      let response = try await client.call(
        request(most: most, waitMs: waitMs, say: say), version: 2)
      #expect(response.errorCode == .none)
      epoch += 1
      return response.responses.first?.partitions.first
    }

    /// The offsets that a fetch acquires.
    func offsets(
      most: Int32 = 500, waitMs: Int32 = 0, say: [(ClosedRange<Int64>, Int8)] = []
    ) async throws -> [Int64] {
      let row = try await fetch(most: most, waitMs: waitMs, say: say)
      return (row?.acquiredRecords ?? []).flatMap { Array($0.firstOffset...$0.lastOffset) }
    }
  }

  @Net private func produce(_ broker: Broker, _ values: [String]) async throws {
    let client = try await TestClient(broker)
    let batch = try makeBatch(values)
    _ = try await client.call(ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
    client.close()
  }

  @Net private func start(lockMs: Int64 = 30_000) throws -> Broker {
    try startBroker(["test"]) {
      $0.shareGroupsReadFromStart = true
      $0.shareLockDurationMs = lockMs
    }
  }

  @Net @Test func `members share a partition record by record`() async throws {
    let broker = try start()
    try await produce(broker, ["a", "b", "c", "d"])
    let first = try await Member(broker, "first")
    let second = try await Member(broker, "second")
    #expect(try await first.offsets(most: 3) == [0, 1, 2])
    #expect(try await second.offsets() == [3])
    #expect(try await second.offsets(say: [(3...3, 1)]) == [])
    // Released and rejected: the second gets the released one, with its count.
    #expect(try await first.offsets(say: [(0...0, 1), (1...1, 2), (2...2, 3)]) == [1])
    #expect(try await first.offsets(say: [(1...1, 2)]).count == 1)
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `a fetch that waits is answered by an append or a release`() async throws {
    let broker = try start()
    let first = try await Member(broker, "first")
    let second = try await Member(broker, "second")
    let waiting = { @Net () in broker.topics["test"]?.partition(0)?.waiters.count == 1 }
    async let woken = first.offsets(waitMs: 30_000)
    #expect(await eventually(waiting))
    try await produce(broker, ["a"])
    #expect(try await woken == [0])
    async let released = second.offsets(waitMs: 30_000)
    #expect(await eventually(waiting))
    _ = try await first.client.call(first.request(most: 0, say: [(0...0, 2)]), version: 2)
    #expect(try await released == [0])
    await broker.stop()
  }

  @Net @Test func `a fetch that waits gets what another member has held too long`() async throws {
    let broker = try start(lockMs: 100)
    let first = try await Member(broker, "first")
    let second = try await Member(broker, "second")
    try await produce(broker, ["a"])
    #expect(try await first.offsets() == [0])
    #expect(try await second.offsets(waitMs: 30_000) == [0])
    await broker.stop()
  }

  @Net @Test func `a connection that closes gives back what its session had`() async throws {
    let broker = try start()
    try await produce(broker, ["a", "b"])
    let first = try await Member(broker, "first")
    let second = try await Member(broker, "second")
    #expect(try await first.offsets() == [0, 1])
    first.client.close()
    #expect(try await second.offsets(waitMs: 10_000) == [0, 1])
    await broker.stop()
  }

  @Net @Test func `a session is ended by an acknowledgement that is its last`() async throws {
    let broker = try start()
    try await produce(broker, ["a", "b", "c"])
    let first = try await Member(broker, "first")
    #expect(try await first.offsets() == [0, 1, 2])
    var last = ShareAcknowledgeRequest()
    last.groupId = "g"
    last.memberId = "first"
    last.shareSessionEpoch = 1
    var part = ShareAcknowledgeRequest.AcknowledgePartition()
    part.acknowledgementBatches = [ShareAcknowledgeRequest.AcknowledgementBatch()]
    part.acknowledgementBatches[0].acknowledgeTypes = [1]
    var topic = ShareAcknowledgeRequest.AcknowledgeTopic()
    topic.topicId = first.topic.id
    topic.partitions = [part]
    last.topics = [topic]
    for version in ShareAcknowledgeHandler.versions {
      let answer = try await first.client.call(last, version: version)
      #expect(answer.errorCode == .none)
      // The second time it is settled already, which is no error.
      #expect(answer.responses.first?.partitions.first?.errorCode == ErrorCode.none)
      last.shareSessionEpoch = -1
    }
    #expect(try await first.client.call(last, version: 2).errorCode == .shareSessionNotFound)
    last.shareSessionEpoch = 0
    #expect(try await first.client.call(last, version: 2).errorCode == .invalidShareSessionEpoch)
    let second = try await Member(broker, "second")
    #expect(try await second.fetch()?.acquiredRecords.map(\.deliveryCount) == [2])
    await broker.stop()
  }

  @Net @Test func `a session's requests must follow one another, and errors are told`() async throws
  {
    let broker = try start()
    let member = try await Member(broker, "m")
    func code(_ request: ShareFetchRequest) async throws -> ErrorCode {
      try await member.client.call(request, version: 1).errorCode
    }
    var request = member.request()
    request.shareSessionEpoch = 1
    #expect(try await code(request) == .shareSessionNotFound)
    request.memberId = nil
    #expect(try await code(request) == .invalidRequest)
    #expect(try await code(member.request(say: [(0...0, 1)])) == .invalidRequest)
    #expect(try await member.offsets() == [])
    request = member.request()
    request.shareSessionEpoch = 2
    #expect(try await code(request) == .invalidShareSessionEpoch)
    request = member.request()
    request.topics = [ShareFetchRequest.FetchTopic()]
    request.topics[0].topicId = Uuid(high: 9, low: 9)
    request.topics[0].partitions = [ShareFetchRequest.FetchPartition()]
    let unknown = try await member.client.call(request, version: 1)
    #expect(unknown.responses.first?.partitions.first?.errorCode == .unknownTopicId)
    broker.inject(FaultRule(nil, .error(.kafkaStorageError), times: 3))
    #expect(try await code(member.request()) == .kafkaStorageError)
    let acknowledged = try await member.client.call(ShareAcknowledgeRequest(), version: 1)
    #expect(acknowledged.errorCode == .kafkaStorageError)
    let beat = try await member.client.call(ShareGroupHeartbeatRequest(), version: 1)
    #expect(beat.errorCode == .kafkaStorageError)
    await broker.stop()
  }

  @Net @Test(.enabled(if: RealKafka.isAvailable, "\(RealKafka.need)"))
  func `the console share consumer reads, and what it accepts does not come again`() async throws {
    let broker = try start()
    try await produce(broker, (0..<30).map { "\($0)" })
    func consume(_ messages: Int) async throws -> CommandResult {
      try await run(
        [
          "java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp",
          (Places.shared ?? "") + "/kafka/4.3.1/*",
          "org.apache.kafka.tools.consumer.ConsoleShareConsumer", "--bootstrap-server",
          broker.bootstrap, "--topic", "test", "--group", "g", "--max-messages", "\(messages)",
          "--timeout-ms", "20000",
        ], within: 60)
    }
    let first = try await consume(20)
    #expect(first.status == 0, "\(first.stderr)")
    let second = try await consume(10)
    #expect(second.status == 0, "\(second.stderr)")
    let numbers = (first.stdout + second.stdout).split(separator: "\n").compactMap { Int($0) }
    #expect(numbers.sorted() == Array(0..<30))
    #expect(broker.violations == [])
    await broker.stop()
  }
}
