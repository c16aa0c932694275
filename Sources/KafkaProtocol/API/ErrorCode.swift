/// An error code of Kafka's protocol; unknown codes are kept as they came.
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int16
  public init(rawValue: Int16) { self.rawValue = rawValue }

  /// No error.
  public static let none = ErrorCode(rawValue: 0)
}
