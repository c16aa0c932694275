/// Why a record could not be taken over.
public enum ProduceError: Error, Sendable, Hashable {
  /// Key and value are more than `message.max.bytes`.
  case tooLarge(bytes: Int, limit: Int)
  /// The topic has no such partition.
  case unknownPartition(topic: String, Int32)
  /// The cluster is too old for what the record has.
  case unsupported(what: String, needs: String)
}

extension ProduceError: CustomStringConvertible {
  /// A sentence in librdkafka's words where it has them.
  public var description: String {
    switch self {
    case .tooLarge(let bytes, let limit):
      "Broker: Message size too large: \(bytes) bytes are more than message.max.bytes=\(limit)"
    case .unknownPartition(let topic, let partition):
      "Local: Unknown partition: topic \(topic) has no partition \(partition)"
    case .unsupported(let what, let needs): "\(what) need \(needs)"
    }
  }
}
