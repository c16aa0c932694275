/// Which alarm it is, whatever its severity: group, device, topic, rule, trigger and keys.
public struct AlarmIdentity: Hashable, Sendable, Comparable {
  /// An object of the alarm line's form with those fields alone, such as Kafka's key holds it.
  public let bytes: [UInt8]

  /// The identity of an alarm.
  public init(of alarm: Alarm) { bytes = AlarmLine.identity(of: alarm) }

  /// An identity that was written before.
  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Hashes the bytes at once; an array would hash them one by one.
  public func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }

  /// The order of the bytes.
  public static func < (first: Self, second: Self) -> Bool {
    first.bytes.lexicographicallyPrecedes(second.bytes)
  }
}
