/// So many messages per time, after a burst: a token bucket, kept as the time at which it is full again.
public struct RateLimit: Hashable, Sendable {
  private let intervalMs: Int64
  private let burstMs: Int64
  private var fullAtMs = Int64.min

  /// One message per interval, and after a rest up to `burst` at once; Slack's webhooks take one per
  /// second.
  public init(intervalMs: Int64 = 1000, burst: Int = 10) {
    self.intervalMs = max(0, min(intervalMs, 1 << 32))
    burstMs = self.intervalMs * Int64(max(1, min(burst, 1 << 16)) - 1)
  }

  /// Takes a token where there is one, which is 0; otherwise answers when to ask again, in milliseconds.
  public mutating func mayGo(nowMs: Int64) -> Int64 {
    let fullAt = max(fullAtMs, nowMs)
    let waitMs = fullAt - burstMs - nowMs
    guard waitMs <= 0 else { return waitMs }
    fullAtMs = fullAt + intervalMs
    return 0
  }
}
