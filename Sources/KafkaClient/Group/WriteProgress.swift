import Synchronization

/// Tells the loop that the main thread's writes to stdout come to an end (F68).
public final class WriteProgress: Sendable {
  private let writes = Atomic<Int>(0)

  /// Makes one that has seen no write.
  public init() {}

  /// A write has ended.
  public func note() { writes.add(1, ordering: .relaxed) }

  /// How many writes have ended.
  public var count: Int { writes.load(ordering: .relaxed) }
}
