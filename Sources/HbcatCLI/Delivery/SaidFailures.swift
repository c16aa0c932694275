/// Which of many failures are said one by one; the summary counts all.
struct SaidFailures {
  /// As many in a row.
  static let countMax = 100
  /// After so long without a failure the next ones are news, in milliseconds: a service lives long.
  static let quietMs: Int64 = 600_000

  private var count = 0
  private var last = ""
  private var lastMs: Int64 = 0

  /// Whether a failure is to be said, at a time of `MonotonicClock`; one like the one before is not.
  mutating func isNews(_ text: String, nowMs: Int64) -> Bool {
    if nowMs - lastMs >= Self.quietMs { (count, last) = (0, "") }
    lastMs = nowMs
    guard count < Self.countMax, text != last else { return false }
    last = text
    count += 1
    return true
  }
}
