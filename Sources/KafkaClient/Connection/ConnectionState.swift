/// What a connection waits for: requests in flight, in order, and their deadlines.
///
/// Kafka answers a connection strictly in order, so a response that is not the oldest request's means
/// that the two sides no longer agree about the stream, and the connection is of no more use (F7, F8).
struct ConnectionState<Waiter> {
  private struct InFlight {
    var correlationID: Int32
    var deadlineMs: Int64
    var timeoutMs: Int64
    var waiter: Waiter
  }

  enum Reception {
    case succeed(Waiter)
    case desynchronised(String)
  }

  private var inFlight: [InFlight] = []
  private var head = 0
  private var lastCorrelationID: Int32 = 0
  private(set) var isClosed = false

  /// Requests that were sent and not answered.
  var count: Int { inFlight.count - head }

  /// The correlation id of the next request.
  mutating func nextCorrelationID() -> Int32 {
    lastCorrelationID = lastCorrelationID == .max ? 1 : lastCorrelationID + 1
    return lastCorrelationID
  }

  /// Notes a request that was sent and will be answered.
  mutating func sent(
    _ correlationID: Int32, deadlineMs: Int64, timeoutMs: Int64 = 0, _ waiter: Waiter
  ) {
    inFlight.append(
      InFlight(
        correlationID: correlationID, deadlineMs: deadlineMs, timeoutMs: timeoutMs, waiter: waiter))
  }

  /// Matches a response with the oldest request.
  mutating func received(_ correlationID: Int32) -> Reception {
    guard head < inFlight.count else {
      return .desynchronised("response \(correlationID) to no request")
    }
    let oldest = inFlight[head]
    guard oldest.correlationID == correlationID else {
      return .desynchronised(
        "response \(correlationID) where \(oldest.correlationID) was expected")
    }
    head += 1
    if head == inFlight.count || head >= 64 {
      inFlight.removeFirst(head)
      head = 0
    }
    return .succeed(oldest.waiter)
  }

  /// The moment at which the first of the waiting requests is overdue; nil if none waits.
  var nextDeadlineMs: Int64? { inFlight[head...].lazy.map(\.deadlineMs).min() }

  /// The moment until which all waiting requests are answered or overdue; nil if none waits.
  var lastDeadlineMs: Int64? { inFlight[head...].lazy.map(\.deadlineMs).max() }

  /// The time that the first overdue request had, in milliseconds; nil where none is overdue.
  func overdueTimeoutMs(nowMs: Int64) -> Int64? {
    inFlight[head...].first { $0.deadlineMs <= nowMs }?.timeoutMs
  }

  /// Ends the connection; returns those who wait in vain.
  mutating func close() -> [Waiter] {
    isClosed = true
    defer {
      inFlight = []
      head = 0
    }
    return inFlight[head...].map(\.waiter)
  }
}
