/// Why a schema or a value is not Avro; where avro-c has words for it, they are these.
public struct AvroError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A sentence without a period.
  public let description: String

  init(_ description: String) { self.description = description }
}
