internal import Transport

extension Cluster {
  /// Does something again as long as its error may pass and the time is not over; `body` is told the deadline,
  /// of `MonotonicClock`.
  func retrying<T>(
    timeoutMs: Int64, _ body: (_ deadlineMs: Int64) async throws(ClientError) -> T
  ) async throws(ClientError) -> T {
    let deadlineMs = MonotonicClock.nowMs + timeoutMs
    var backoff = Backoff(configuration)
    while true {
      do {
        return try await body(deadlineMs)
      } catch {
        let pause = backoff.next()
        guard error.isRetriable, MonotonicClock.nowMs + pause < deadlineMs else { throw error }
        await sleep(milliseconds: pause)
      }
    }
  }
}
