import KafkaProtocol
import Testing

@testable import KafkaClient

@Suite struct ShareSessionTests {
  private static let topic = Uuid(high: 1, low: 2)

  private func session() -> ShareSession {
    ShareSession(
      groupId: "g", memberId: "m",
      limits: ShareSession.Limits(
        waitMaxMs: 500, bytesMin: 1, bytesMax: 1 << 20, recordsMax: 500),
      backoff: Backoff(firstMs: 100, maxMs: 1000))
  }

  private func partition(_ number: Int32) -> TopicIdPartition {
    TopicIdPartition(Self.topic, number)
  }

  private func accept(_ first: Int64, _ last: Int64) -> ShareAcknowledgement {
    ShareAcknowledgement(first...last, .accept)
  }

  private func fetch(_ session: inout ShareSession) throws -> ShareFetchRequest {
    let next = session.next(recordsMax: 500, isExact: false)
    guard case .fetch(let request) = next else { throw Unexpected(what: "\(next as Any)") }
    return request
  }

  private func acknowledgement(_ session: inout ShareSession) throws -> ShareAcknowledgeRequest {
    let next = session.next(recordsMax: 500, isExact: false)
    guard case .acknowledge(let request) = next else { throw Unexpected(what: "\(next as Any)") }
    return request
  }

  private struct Unexpected: Error { var what: String }

  private func row(
    _ number: Int32, _ code: ErrorCode = .none, acquired: [ClosedRange<Int64>] = [],
    acknowledge: ErrorCode = .none
  ) -> ShareFetchResponse.Partition {
    var row = ShareFetchResponse.Partition()
    row.partitionIndex = number
    row.errorCode = code
    row.acknowledgeErrorCode = acknowledge
    row.records = RecordsSlice(offset: 100, count: 50)
    row.acquiredRecords = acquired.map {
      var range = ShareFetchResponse.AcquiredRecords()
      range.firstOffset = $0.lowerBound
      range.lastOffset = $0.upperBound
      range.deliveryCount = 1
      return range
    }
    return row
  }

  private func response(_ rows: ShareFetchResponse.Partition...) -> ShareFetchResponse {
    var topic = ShareFetchResponse.Topic()
    topic.topicId = Self.topic
    topic.partitions = rows
    var response = ShareFetchResponse()
    response.responses = [topic]
    return response
  }

  private func acknowledged(_ code: ErrorCode = .none, _ rows: (Int32, ErrorCode)...)
    -> ShareAcknowledgeResponse
  {
    var topic = ShareAcknowledgeResponse.Topic()
    topic.topicId = Self.topic
    topic.partitions = rows.map {
      var row = ShareAcknowledgeResponse.Partition()
      row.partitionIndex = $0.0
      row.errorCode = $0.1
      return row
    }
    var response = ShareAcknowledgeResponse()
    response.errorCode = code
    response.responses = [topic]
    return response
  }

  @Test("the first ShareFetch names all at epoch 0, the next what has changed at the next epoch")
  func incremental() throws {
    var session = session()
    let nothing = session.next(recordsMax: 1, isExact: false)
    #expect(session.isIdle && nothing == nil)
    session.want([partition(0), partition(1)])
    let first = try fetch(&session)
    #expect(first.shareSessionEpoch == 0 && first.groupId == "g" && first.memberId == "m")
    #expect(first.topics.map(\.topicId) == [Self.topic])
    #expect(first.topics.first?.partitions.map(\.partitionIndex) == [0, 1])
    #expect(first.maxRecords == 500 && first.shareAcquireMode == 0)
    _ = session.received(response(), nowMs: 0)
    let second = try fetch(&session)
    #expect(second.shareSessionEpoch == 1 && second.topics.isEmpty)
    #expect(second.forgottenTopicsData.isEmpty)
    _ = session.received(response(), nowMs: 0)
    session.want([partition(1), partition(2)])
    let third = try fetch(&session)
    #expect(third.shareSessionEpoch == 2)
    #expect(third.topics.first?.partitions.map(\.partitionIndex) == [2])
    #expect(third.forgottenTopicsData.first?.partitions == [0])
  }

  @Test("with -c exactly so many records are asked for as are still wanted")
  func bounded() throws {
    var session = session()
    session.want([partition(0)])
    guard case .fetch(let request) = session.next(recordsMax: 3, isExact: true) else {
      throw Unexpected(what: "no fetch")
    }
    #expect(request.maxRecords == 3 && request.batchSize == 3 && request.shareAcquireMode == 1)
  }

  @Test("what was printed is acknowledged with the next ShareFetch, gaps with type 0")
  func piggybacks() throws {
    var session = session()
    session.want([partition(0)])
    _ = try fetch(&session)
    let answer = session.received(response(row(0, acquired: [10...19])), nowMs: 0)
    #expect(answer.acquired.first?.offsets.ranges == [10...19])
    #expect(answer.acquired.first?.records == RecordsSlice(offset: 100, count: 50))
    let failure = session.acknowledge(
      partition(0), [accept(10, 15), ShareAcknowledgement(16...19, .gap)])
    #expect(failure == nil)
    let request = try fetch(&session)
    let batches = request.topics.first?.partitions.first?.acknowledgementBatches ?? []
    #expect(batches.map(\.firstOffset) == [10, 16] && batches.map(\.lastOffset) == [15, 19])
    #expect(batches.map(\.acknowledgeTypes) == [[1], [0]])
    let second = session.received(response(row(0)), nowMs: 0)
    #expect(second.failures.isEmpty)
    #expect(try fetch(&session).topics.isEmpty)
  }

  @Test("an acknowledgement that a broker refuses, or passes over, is counted without its gaps")
  func refusals() throws {
    var session = session()
    session.want([partition(0), partition(1)])
    _ = try fetch(&session)
    _ = session.received(response(row(0, acquired: [0...9]), row(1, acquired: [0...4])), nowMs: 0)
    _ = session.acknowledge(partition(0), [accept(0, 7), ShareAcknowledgement(8...9, .gap)])
    _ = session.acknowledge(partition(1), [accept(0, 4)])
    _ = try fetch(&session)
    let answer = session.received(
      response(row(0, acknowledge: .invalidRecordState)), nowMs: 0)
    #expect(answer.failures.map(\.count).sorted() == [5, 8])
    let first = answer.failures.first { $0.partition == partition(0) }
    guard case .broker(let code, _) = first?.error else { throw Unexpected(what: "no code") }
    #expect(code == .invalidRecordState)
  }

  @Test("acknowledgements of partitions no longer assigned go by ShareAcknowledge, ahead")
  func orphans() throws {
    var session = session()
    session.want([partition(0), partition(1)])
    _ = try fetch(&session)
    _ = session.received(response(row(0, acquired: [0...1]), row(1, acquired: [5...6])), nowMs: 0)
    session.want([partition(1)])
    _ = session.acknowledge(partition(0), [accept(0, 1)])
    _ = session.acknowledge(partition(1), [accept(5, 6)])
    let ahead = try acknowledgement(&session)
    #expect(ahead.shareSessionEpoch == 1)
    #expect(ahead.topics.first?.partitions.map(\.partitionIndex) == [0])
    let taken = session.received(acknowledged(.none, (0, .none)), nowMs: 0)
    #expect(taken.failures.isEmpty)
    let request = try fetch(&session)
    #expect(request.shareSessionEpoch == 2)
    #expect(request.topics.first?.partitions.map(\.partitionIndex) == [1])
    #expect(request.forgottenTopicsData.first?.partitions == [0])
  }

  @Test("a broker of which nothing is wanted any more has its session closed, and may get another")
  func closesUnwanted() throws {
    var session = session()
    session.want([partition(0)])
    _ = try fetch(&session)
    _ = session.received(response(), nowMs: 0)
    session.want([])
    #expect(!session.isIdle)
    #expect(try acknowledgement(&session).shareSessionEpoch == -1)
    _ = session.received(acknowledged(), nowMs: 0)
    #expect(session.isIdle)
    session.want([partition(3)])
    #expect(try fetch(&session).shareSessionEpoch == 0)
  }

  @Test(
    "a session that the broker does not know is opened again, and is told once more, not for ever",
    arguments: [ErrorCode.shareSessionNotFound, .invalidShareSessionEpoch])
  func reopens(_ code: ErrorCode) throws {
    var session = session()
    session.want([partition(0)])
    _ = try fetch(&session)
    _ = session.received(response(row(0, acquired: [0...9])), nowMs: 0)
    _ = session.acknowledge(partition(0), [accept(0, 9)])
    _ = try fetch(&session)
    var refused = ShareFetchResponse()
    refused.errorCode = code
    let answer = session.received(refused, nowMs: 1000)
    #expect(answer.sessionError == code && answer.refusal == nil)
    #expect(answer.failures.isEmpty)
    #expect((1080...1120).contains(session.notBeforeMs))
    let again = try fetch(&session)
    #expect(again.shareSessionEpoch == 0)
    #expect(again.topics.first?.partitions.map(\.partitionIndex) == [0])
    #expect(again.topics.first?.partitions.first?.acknowledgementBatches.isEmpty == true)
    // Kafka lets them stay acquired; where they came again they are not printed again.
    let anew = session.received(response(row(0, acquired: [0...11])), nowMs: 2000)
    #expect(anew.acquired.first?.offsets.ranges == [10...11])
    let told = try fetch(&session)
    #expect(told.shareSessionEpoch == 1)
    #expect(told.topics.first?.partitions.first?.acknowledgementBatches.map(\.lastOffset) == [9])
    let second = session.received(refused, nowMs: 3000)
    #expect(second.failures.map(\.count) == [10])
    _ = try fetch(&session)
    _ = session.received(response(), nowMs: 4000)
    #expect(try fetch(&session).topics.isEmpty)
  }

  @Test("what a lost session cannot acknowledge is reported at the end, not forgotten")
  func unopenedAtTheEnd() throws {
    var session = session()
    session.want([partition(0)])
    _ = try fetch(&session)
    _ = session.received(response(row(0, acquired: [0...9])), nowMs: 0)
    _ = session.acknowledge(partition(0), [accept(0, 9)])
    _ = try fetch(&session)
    var refused = ShareFetchResponse()
    refused.errorCode = .shareSessionNotFound
    _ = session.received(refused, nowMs: 0)
    session.want([])
    let closing = session.close()
    let left = session.lost(.closed, nowMs: 0)
    #expect(closing == nil && left.map(\.count) == [10])
  }

  @Test("a broker with no room for sessions is asked again after a pause")
  func limited() throws {
    var session = session()
    session.want([partition(0)])
    _ = try fetch(&session)
    var refused = ShareFetchResponse()
    refused.errorCode = .shareSessionLimitReached
    let answer = session.received(refused, nowMs: 0)
    #expect(answer.sessionError == .shareSessionLimitReached && answer.refusal == nil)
    #expect((80...120).contains(session.notBeforeMs))
    #expect(try fetch(&session).shareSessionEpoch == 0)
  }

  @Test("a refusal that another try does not mend is an end")
  func refused() throws {
    var session = session()
    session.want([partition(0)])
    _ = try fetch(&session)
    var refused = ShareFetchResponse()
    refused.errorCode = .groupAuthorizationFailed
    let answer = session.received(refused, nowMs: 0)
    #expect(answer.refusal != nil)
  }

  @Test("a lost connection loses the session; what was not answered, or comes later, is reported")
  func lostConnection() throws {
    var session = session()
    session.want([partition(0)])
    _ = try fetch(&session)
    _ = session.received(response(row(0, acquired: [0...9])), nowMs: 0)
    _ = session.acknowledge(partition(0), [accept(0, 4)])
    _ = try fetch(&session)
    let unanswered = session.lost(.closed, nowMs: 0)
    #expect(unanswered.map(\.count) == [5])
    let late = session.acknowledge(partition(0), [accept(5, 9)])
    #expect(late?.count == 5)
    let nothing = session.acknowledge(partition(0), [])
    #expect(nothing == nil)
    #expect(try fetch(&session).shareSessionEpoch == 0)
  }

  @Test("the last request takes acknowledgements along, ends the session, and nothing follows")
  func closes() throws {
    var unopened = session()
    let nothing = unopened.close()
    #expect(nothing == nil)
    var session = session()
    session.want([partition(0)])
    _ = try fetch(&session)
    _ = session.received(response(row(0, acquired: [0...9])), nowMs: 0)
    _ = session.acknowledge(partition(0), [accept(0, 4)])
    let closing = session.close()
    let last = try #require(closing)
    #expect(last.shareSessionEpoch == -1)
    #expect(last.topics.first?.partitions.first?.acknowledgementBatches.map(\.lastOffset) == [4])
    let again = session.close()
    let next = session.next(recordsMax: 1, isExact: false)
    #expect(again == nil && next == nil)
    let answer = session.received(acknowledged(.none, (0, .invalidRecordState)), nowMs: 0)
    #expect(answer.failures.map(\.count) == [5])
  }

  @Test("a partition that has moved asks for the leaders; one that is refused is read no more")
  func partitionErrors() throws {
    var session = session()
    session.want([partition(0), partition(1)])
    _ = try fetch(&session)
    let answer = session.received(
      response(row(0, .notLeaderOrFollower), row(1, .topicAuthorizationFailed)), nowMs: 0)
    #expect(answer.needsLeaders && session.notBeforeMs > 0)
    #expect(answer.failed.map(\.partition) == [partition(1)])
    #expect(try fetch(&session).forgottenTopicsData.first?.partitions == [1])
  }

  @Test("S12: partitions that were not asked for, or come twice, are passed over")
  func unasked() throws {
    var session = session()
    session.want([partition(0)])
    _ = try fetch(&session)
    let answer = session.received(
      response(
        row(7, acquired: [0...1]), row(0, acquired: [0...1]), row(0, acquired: [0...1])), nowMs: 0)
    #expect(answer.acquired.map(\.partition) == [partition(0)])
  }

  @Test("KIP-219: nothing is sent while the broker throttles")
  func throttled() throws {
    var session = session()
    session.want([partition(0)])
    _ = try fetch(&session)
    var slow = response()
    slow.throttleTimeMs = 700
    _ = session.received(slow, nowMs: 100)
    #expect(session.notBeforeMs == 800)
  }
}
