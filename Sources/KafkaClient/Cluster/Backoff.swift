/// How long to wait before the next try: doubles from `firstMs` to `maxMs`, ±20 % (KIP-580).
struct Backoff: Sendable {
  private let firstMs: Int64
  private let maxMs: Int64
  private var failures = 0

  init(firstMs: Int64, maxMs: Int64) {
    self.firstMs = max(1, firstMs)
    self.maxMs = max(1, maxMs)
  }

  /// The pause before the next try, in milliseconds.
  mutating func next(random: Double = Double.random(in: 0.8...1.2)) -> Int64 {
    let doubled = firstMs << Int64(min(failures, 20))
    failures += 1
    return max(1, Int64(Double(min(doubled, maxMs)) * random))
  }

  /// A try succeeded.
  mutating func reset() { failures = 0 }
}
