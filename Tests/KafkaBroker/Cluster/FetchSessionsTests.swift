import KafkaProtocol
import Testing

@testable import KafkaBroker

struct FetchSessionsTests {
  /// A request for partitions of topic `t`, each from offset `from`.
  private func request(
    _ id: Int32, _ epoch: Int32, _ partitions: [Int32] = [], from offset: Int64 = 0,
    forgotten: [Int32] = []
  ) -> FetchRequest {
    var request = FetchRequest()
    request.sessionId = id
    request.sessionEpoch = epoch
    if !partitions.isEmpty {
      var topic = FetchRequest.Topic()
      topic.topic = "t"
      topic.partitions = partitions.map { index in
        var part = FetchRequest.Partition()
        part.partition = index
        part.fetchOffset = offset
        return part
      }
      request.topics = [topic]
    }
    if !forgotten.isEmpty {
      var topic = FetchRequest.ForgottenTopic()
      topic.topic = "t"
      topic.partitions = forgotten
      request.forgottenTopicsData = [topic]
    }
    return request
  }

  private func row(
    _ partition: Int32, end: Int64 = 0, bytes: Int = 0, error: ErrorCode = .none
  ) -> FetchResponse.Partition {
    var row = FetchResponse.Partition()
    row.partitionIndex = partition
    row.highWatermark = end
    row.lastStableOffset = end
    row.logStartOffset = 0
    row.errorCode = error
    row.records = RecordsSlice(count: bytes)
    return row
  }

  private func partitions(_ context: FetchSessions.Context) -> [Int32] {
    context.parts.map(\.key.partition)
  }

  @Test func `a full request with epoch 0 opens a session, one with -1 none`() {
    var sessions = FetchSessions()
    let none = sessions.begin(request(0, -1, [0, 1]), version: 11)
    #expect(none.sessionId == 0)
    #expect(partitions(none) == [0, 1])
    #expect(sessions.count == 0)
    let opened = sessions.begin(request(0, 0, [0, 1]), version: 11)
    #expect(opened.sessionId > 0)
    #expect(!opened.isIncremental)
    #expect(sessions.count == 1)
    let closed = sessions.begin(request(opened.sessionId, -1, [0]), version: 11)
    #expect(closed.sessionId == 0)
    #expect(partitions(closed) == [0])
    #expect(sessions.count == 0)
  }

  @Test func `an incremental request adds, changes and forgets partitions`() {
    var sessions = FetchSessions()
    let id = sessions.begin(request(0, 0, [0, 1]), version: 11).sessionId
    var context = sessions.begin(request(id, 1), version: 11)
    #expect(context.isIncremental)
    #expect(context.sessionId == id)
    #expect(partitions(context) == [0, 1])
    context = sessions.begin(request(id, 2, [1, 2], from: 7, forgotten: [0]), version: 11)
    #expect(partitions(context) == [1, 2])
    #expect(context.parts.map(\.wanted.fetchOffset) == [7, 7])
  }

  @Test func `an unknown session, a wrong epoch and a change to topic ids are refused`() {
    var sessions = FetchSessions()
    #expect(sessions.begin(request(5, 1), version: 11).error == .fetchSessionIdNotFound)
    #expect(sessions.begin(request(0, 1), version: 11).error == .fetchSessionIdNotFound)
    let id = sessions.begin(request(0, 0, [0]), version: 11).sessionId
    #expect(sessions.begin(request(id, 2), version: 11).error == .invalidFetchSessionEpoch)
    #expect(sessions.begin(request(id, 1), version: 13).error == .fetchSessionTopicIdError)
    #expect(sessions.begin(request(id, 1), version: 11).error == .none)
    #expect(sessions.begin(request(id, 1), version: 11).error == .invalidFetchSessionEpoch)
    // Epoch 0 begins anew under another id.
    let next = sessions.begin(request(id, 0, [0]), version: 11).sessionId
    #expect(next != id)
    #expect(sessions.begin(request(id, 2), version: 11).error == .fetchSessionIdNotFound)
  }

  @Test func `an answer has what changed and no more`() {
    var sessions = FetchSessions()
    let first = sessions.begin(request(0, 0, [0, 1, 2]), version: 11)
    let rows = [row(0, end: 5, bytes: 10), row(1), row(2, error: .notLeaderOrFollower)]
    #expect(sessions.answer(first, rows) == [0, 1, 2])
    func next(_ epoch: Int32, _ rows: [FetchResponse.Partition]) -> [Int] {
      let context = sessions.begin(request(first.sessionId, epoch), version: 11)
      // Partition 0 had records, and went behind the others.
      #expect(partitions(context) == [1, 2, 0])
      return sessions.answer(context, rows)
    }
    #expect(next(1, [row(1), row(2, error: .notLeaderOrFollower), row(0, end: 5)]) == [1])
    #expect(next(2, [row(1), row(2), row(0, end: 5)]) == [1])
    #expect(next(3, [row(1), row(2), row(0, end: 5)]) == [])
    #expect(next(4, [row(1, end: 1), row(2), row(0, end: 5)]) == [0])
    var moved = row(1, end: 1)
    moved.preferredReadReplica = 7
    var diverging = row(2)
    diverging.divergingEpoch.epoch = 1
    #expect(next(5, [moved, diverging, row(0, end: 5)]) == [0, 1])
  }

  @Test func `of too many sessions the longest unused ends`() {
    var sessions = FetchSessions(sessionsMax: 2)
    let first = sessions.begin(request(0, 0, [0]), version: 11).sessionId
    let second = sessions.begin(request(0, 0, [0]), version: 11).sessionId
    #expect(sessions.begin(request(first, 1), version: 11).error == .none)
    let third = sessions.begin(request(0, 0, [0]), version: 11).sessionId
    #expect(sessions.count == 2)
    #expect(sessions.begin(request(second, 1), version: 11).error == .fetchSessionIdNotFound)
    #expect(sessions.begin(request(first, 2), version: 11).error == .none)
    #expect(sessions.begin(request(third, 1), version: 11).error == .none)
  }

  @Test func `a client with too many partitions gets no session`() {
    var sessions = FetchSessions()
    let many = Array(0...Int32(FetchSessions.partitionsMax))
    let context = sessions.begin(request(0, 0, many), version: 11)
    #expect(context.sessionId == 0)
    #expect(context.parts.count == many.count)
    let id = sessions.begin(request(0, 0, [0]), version: 11).sessionId
    #expect(sessions.begin(request(id, 1, many), version: 11).error == .fetchSessionIdNotFound)
    #expect(sessions.count == 0)
  }
}
