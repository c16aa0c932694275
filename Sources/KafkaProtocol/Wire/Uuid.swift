/// A 128-bit id of a topic, an incarnation or a directory (KIP-516).
public struct Uuid: Hashable, Sendable {
  /// The first eight bytes.
  public var high: UInt64
  /// The last eight bytes.
  public var low: UInt64

  /// No id.
  public static let zero = Uuid(high: 0, low: 0)

  /// Makes an id of its two halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}
