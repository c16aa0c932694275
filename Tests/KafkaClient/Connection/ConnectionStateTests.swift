import Testing

@testable import KafkaClient

@Suite struct ConnectionStateTests {
  @Test func `answers go to those who asked, in order`() {
    var state = ConnectionState<String>()
    let ids = ["a", "b", "c"].map { name in
      let id = state.nextCorrelationID()
      state.sent(id, deadlineMs: 100, name)
      return id
    }
    var answered: [String] = []
    for id in ids {
      if case .succeed(let name) = state.received(id) { answered.append(name) }
    }
    #expect(answered == ["a", "b", "c"])
    #expect(state.count == 0)
  }

  @Test func `F7: an answer out of order means that the stream is no longer understood`() {
    var state = ConnectionState<String>()
    let first = state.nextCorrelationID()
    state.sent(first, deadlineMs: 100, "a")
    guard case .desynchronised = state.received(first + 1) else {
      Issue.record("accepted")
      return
    }
    let waiting = state.close()
    #expect(waiting == ["a"])
  }

  @Test func `F8: an answer to no request means the same`() {
    var state = ConnectionState<String>()
    guard case .desynchronised = state.received(1) else {
      Issue.record("accepted")
      return
    }
  }

  @Test func `the first deadline counts, whatever the order of the requests`() {
    var state = ConnectionState<Int>()
    state.sent(state.nextCorrelationID(), deadlineMs: 500, 1)
    state.sent(state.nextCorrelationID(), deadlineMs: 200, timeoutMs: 150, 2)
    #expect(state.nextDeadlineMs == 200)
    #expect(state.overdueTimeoutMs(nowMs: 199) == nil)
    #expect(state.overdueTimeoutMs(nowMs: 200) == 150)
  }

  @Test func `thousands of requests do not pile up`() {
    var state = ConnectionState<Int>()
    for number in 0..<10_000 {
      let id = state.nextCorrelationID()
      state.sent(id, deadlineMs: 1, number)
      guard case .succeed(let answered) = state.received(id) else {
        Issue.record("\(number) was not matched")
        return
      }
      #expect(answered == number)
    }
    #expect(state.nextDeadlineMs == nil)
  }
}
