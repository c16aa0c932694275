/// What can be wrong with bytes that claim to be a Kafka message, or with a value that shall become one.
public enum WireError: Error, Hashable, Sendable {
  /// The message ends `missing` bytes too early.
  case truncated(missing: Int)
  /// A length or count is negative where null is not allowed.
  case negativeLength(Int)
  /// A length or count is more than can be there.
  case lengthOverLimit(Int, limit: Int)
  /// A varint has more bytes than its type allows.
  case varintTooLong
  /// A field is null where this version knows no null.
  case unexpectedNull
  /// A field that the peer's version lacks has a value that would be lost silently.
  case fieldNotInVersion(version: Int16)
  /// The bytes of a tagged field are more or fewer than its value.
  case taggedFieldLength(tag: UInt32)
  /// The message has a version that hbcat does not know.
  case unsupportedVersion(api: String, version: Int16)
  /// Bytes are left over behind the message.
  case trailingBytes(Int)
}

extension WireError: CustomStringConvertible {
  /// A sentence for people.
  public var description: String {
    switch self {
    case .truncated(let missing): "the message ends \(missing) bytes too early"
    case .negativeLength(let length): "negative length \(length)"
    case .lengthOverLimit(let length, let limit):
      "length \(length) is more than the \(limit) that can be there"
    case .varintTooLong: "a varint is too long"
    case .unexpectedNull: "null where no null is allowed"
    case .fieldNotInVersion(let version):
      "version \(version) of the message has no field for a value that was given"
    case .taggedFieldLength(let tag): "tagged field \(tag) does not have the length it states"
    case .unsupportedVersion(let api, let version): "\(api) version \(version) is not supported"
    case .trailingBytes(let count): "\(count) bytes are left over behind the message"
    }
  }
}
