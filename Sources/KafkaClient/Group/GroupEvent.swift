public import KafkaProtocol

/// What a group's member has to tell the main thread, beside what its consumer tells.
public enum GroupEvent: Sendable {
  /// A rebalance has given or taken partitions.
  case rebalanced(Rebalance)
  /// A topic, or an expression's topics, that is not there; `found` counts those that are.
  case unavailable(String, ErrorCode, found: Int)
  /// A partition has no committed offset, and `auto.offset.reset` is `error`.
  case noOffset(TopicPartition)
  /// The membership cannot go on.
  case failed(GroupFailure)

  /// Partitions that were given or taken.
  public struct Rebalance: Sendable {
    /// Which way.
    public enum Kind: Sendable {
      /// They are read from now on.
      case assigned
      /// They are read no more.
      case revoked
      /// They were somebody else's already.
      case lost
    }

    /// Which way.
    public var kind: Kind
    /// Sorted.
    public var partitions: [TopicPartition]
    /// The member's id.
    public var memberId: String
    /// Whether members keep what they do not lose (KIP-429, KIP-848).
    public var isCooperative: Bool
  }
}
