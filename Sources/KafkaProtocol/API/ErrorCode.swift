/// An error code of Kafka's protocol; unknown codes are kept as they came.
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
  /// The code as it is on the wire; 0 is no error.
  public var rawValue: Int16
  /// Makes an error code, known or not.
  public init(rawValue: Int16) { self.rawValue = rawValue }
}

extension ErrorCode: CustomStringConvertible {
  private var row: Row? {
    let index = Int(rawValue) + 1
    return Self.table.indices.contains(index) ? Self.table[index] : nil
  }

  /// Kafka's name, such as `UNKNOWN_TOPIC_OR_PARTITION`; `ERR_999?` where hbcat knows none.
  public var name: String { row?.name ?? "ERR_\(rawValue)?" }
  /// True where the same request may succeed later, as Kafka's `RetriableException` says.
  ///
  /// False for codes that hbcat does not know.
  public var isRetriable: Bool { row?.isRetriable ?? false }
  /// A sentence for people, such as `Broker: Unknown topic or partition`; `Err-999?` for unknown codes.
  public var sentence: String { row?.sentence ?? "Err-\(rawValue)?" }
  /// The sentence.
  public var description: String { sentence }
}
