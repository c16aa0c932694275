/// How long to wait before the next try: doubles from first to max, ±20 % (KIP-580).
struct Backoff: Sendable {
  private let firstMs: Int64
  private let maxMs: Int64
  private var failures = 0

  init(firstMs: Int64, maxMs: Int64) {
    self.firstMs = firstMs
    self.maxMs = maxMs
  }

  /// Between tries, by `retry.backoff.ms` and `retry.backoff.max.ms`.
  init(_ configuration: ClientConfiguration) {
    self.init(firstMs: configuration.retryBackoffMs, maxMs: configuration.retryBackoffMaxMs)
  }

  /// Between questions for a lost leader or topic, which begin at `topic.metadata.refresh.fast.interval.ms`.
  static func metadata(_ configuration: ClientConfiguration) -> Backoff {
    let firstMs = configuration.metadataRefreshFastIntervalMs
    return Backoff(firstMs: firstMs, maxMs: max(firstMs, configuration.retryBackoffMaxMs))
  }

  /// The pause before the next try, in milliseconds.
  mutating func next() -> Int64 {
    var random = SystemRandomNumberGenerator()
    return next(&random)
  }

  /// The pause before the next try, in milliseconds, by a generator that a test may seed.
  mutating func next(_ random: inout some RandomNumberGenerator) -> Int64 {
    failures += 1
    return Self.pause(failures: failures, firstMs, maxMs, &random)
  }

  /// A try succeeded.
  mutating func reset() { failures = 0 }

  /// The pause after so many failures in a row, in milliseconds.
  static func pause(
    failures: Int, _ firstMs: Int64, _ maxMs: Int64, _ random: inout some RandomNumberGenerator
  ) -> Int64 {
    let first = max(1, firstMs)
    let limit = max(first, maxMs)
    let doubled = min(limit, first << Int64(min(max(0, failures - 1), 20)))
    return max(1, doubled * Int64.random(in: 800...1200, using: &random) / 1000)
  }
}
