import KafkaProtocol
import Testing

@testable import KafkaClient

/// Fetch sessions (KIP-227), as the fetcher uses them.
@Suite struct FetchSessionTests {
  private func partitions(_ request: FetchRequest?) -> [Int32] {
    (request?.topics ?? []).flatMap { $0.partitions.map(\.partition) }.sorted()
  }

  private func forgotten(_ request: FetchRequest?) -> [Int32] {
    (request?.forgottenTopicsData ?? []).flatMap(\.partitions).sorted()
  }

  @Test func `the first request is full and opens a session; then only changes are sent`() {
    let machine = FetcherMachine(3)
    let first = machine.fetch()
    #expect(first?.sessionId == 0 && first?.sessionEpoch == 0)
    #expect(partitions(first) == [0, 1, 2])
    #expect(machine.session(77))
    let second = machine.fetch()
    #expect(second?.sessionId == 77 && second?.sessionEpoch == 1)
    #expect(partitions(second) == [])
    #expect(machine.session(77))
    #expect(machine.read(4, partition: 1) == .records(end: nil))
    let third = machine.fetch()
    #expect(third?.sessionEpoch == 2)
    #expect(partitions(third) == [1])
    #expect(third?.topics[0].partitions[0].fetchOffset == 4)
  }

  @Test func `what was asked for earlier in the session is known when its answer comes`() {
    let machine = FetcherMachine(2)
    _ = machine.fetch()
    #expect(machine.session(5))
    _ = machine.fetch()
    var row = FetchResponse.Topic()
    row.topic = "t"
    let asked = machine.value.asked(row, version: 11, 1, from: 1)
    #expect(asked?.wanted.offset == 0)
    #expect(machine.value.asked(row, version: 11, 2, from: 1) == nil)
    #expect(machine.value.asked(row, version: 11, 1, from: 2) == nil)
  }

  @Test func `what is revoked or pauses is taken out of the session, and comes back into it`() {
    let machine = FetcherMachine(3)
    _ = machine.fetch()
    #expect(machine.session(5))
    _ = machine.value.remove([TopicPartition("t", 2)])
    machine.update(0) { $0.notBeforeMs = 100 }
    let second = machine.fetch()
    #expect(forgotten(second) == [0, 2])
    #expect(partitions(second) == [])
    #expect(machine.session(5))
    let third = machine.fetch(nowMs: 100)
    #expect(partitions(third) == [0])
    #expect(forgotten(third) == [])
  }

  @Test(arguments: [ErrorCode.fetchSessionIdNotFound, .invalidFetchSessionEpoch])
  func `F62: a session that the broker lost is opened anew with a full request`(_ code: ErrorCode) {
    let machine = FetcherMachine(2)
    _ = machine.fetch()
    #expect(machine.session(5))
    #expect(machine.fetch()?.sessionEpoch == 1)
    #expect(!machine.session(0, error: code))
    let again = machine.fetch()
    // A session that may still be there is closed by the request that opens the next.
    #expect(again?.sessionId == (code == .fetchSessionIdNotFound ? 0 : 5))
    #expect(again?.sessionEpoch == 0)
    #expect(partitions(again) == [0, 1])
    #expect(machine.session(6))
    #expect(machine.fetch()?.sessionEpoch == 1)
  }

  @Test func `F62: an answer that did not come makes the next request full`() {
    let machine = FetcherMachine(2)
    _ = machine.fetch()
    #expect(machine.session(5))
    _ = machine.fetch()
    machine.value.fetchFailed(from: 1)
    let again = machine.fetch()
    #expect(again?.sessionId == 5 && again?.sessionEpoch == 0)
    #expect(partitions(again) == [0, 1])
  }

  @Test func `a broker that gives no session gets full requests`() {
    let machine = FetcherMachine(2)
    for _ in 0..<3 {
      let request = machine.fetch()
      #expect(request?.sessionId == 0 && request?.sessionEpoch == 0)
      #expect(partitions(request) == [0, 1])
      #expect(machine.session(0))
    }
  }

  @Test func `before Fetch v7 there is no session`() {
    let machine = FetcherMachine(2)
    let request = machine.fetch(version: 6)
    #expect(request?.sessionId == 0 && request?.sessionEpoch == -1)
    #expect(machine.session(0, version: 6))
    #expect(partitions(machine.fetch(version: 6)) == [0, 1])
  }

  @Test
  func `a position that was set anew, a new assignment or a new topic id begin a session anew`() {
    let machine = FetcherMachine(2)
    func opened() {
      #expect(machine.fetch()?.sessionEpoch == 0)
      #expect(machine.session(5))
      #expect(machine.fetch()?.sessionEpoch == 1)
      #expect(machine.session(5))
    }
    opened()
    machine.update(0) { $0.seek(0) }
    opened()
    _ = machine.value.remove([TopicPartition("t", 1)])
    machine.value.add(
      AssignedPartition(TopicPartition("t", 1), number: 9), from: .spec(.absolute(0)))
    machine.learn(leader: 1, epoch: 0, count: 2)
    opened()
    machine.learn(id: 8, leader: 1, epoch: 0, count: 2)
    for slot in 0..<2 { machine.update(slot) { $0.offset = 0 } }
    opened()
  }

  @Test func `ids and names are not mixed in one session`() {
    let machine = FetcherMachine(1)
    #expect(machine.fetch(version: 12)?.topics[0].topic == "t")
    #expect(machine.session(5, version: 12))
    let byId = machine.fetch(version: 13)
    #expect(byId?.sessionEpoch == 0)
    #expect(byId?.topics[0].topicId == Uuid(high: 7, low: 1))
  }

  @Test func `the epoch of a session goes round`() {
    var session = FetchSession()
    var response = FetchResponse()
    response.sessionId = 3
    _ = session.received(response, version: 11)
    for _ in 0..<3 { _ = session.received(response, version: 11) }
    var request = FetchRequest()
    session.fill(&request, [], topics: [], version: 11)
    #expect(request.sessionEpoch == 4)
  }

  @Test
  func `F83: ten thousand partitions are one session, of which each answer sends only its own`() {
    let machine = FetcherMachine(10_000)
    #expect(partitions(machine.fetch()).count == 10_000)
    #expect(machine.session(5))
    _ = machine.fetch()
    #expect(machine.session(5))
    for partition in stride(from: Int32(0), to: 10_000, by: 1000) {
      _ = machine.read(1, partition: partition)
    }
    #expect(partitions(machine.fetch()).count == 10)
  }
}
