/// Stores how far a group has read (key 8).
///
/// KIP-211, KIP-320, KIP-345, KIP-848.
public struct OffsetCommitRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.offsetCommit
  /// What answers it.
  public typealias Response = OffsetCommitResponse

  /// The group's name.
  public var groupId = ""
  /// The generation, or from version 9 on the member's epoch (KIP-848).
  ///
  /// −1 for a consumer that is no member.
  public var generationIdOrMemberEpoch: Int32 = -1
  /// The member's id; empty for a consumer that is no member.
  public var memberId = ""
  /// The name of a static member (KIP-345), or nil.
  public var groupInstanceId: String?
  /// Milliseconds for which to keep the offsets, in versions 2 to 4; −1: the broker's rule.
  public var retentionTimeMs: Int64 = -1
  /// What to store.
  public var topics: [Topic] = []

  /// What to store of one topic.
  public struct Topic: WireStruct {
    /// The topic's name, up to version 9.
    public var name = ""
    /// The topic's id (KIP-516), from version 10 on.
    public var topicId = Uuid.zero
    /// What to store of each partition.
    public var partitions: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name, until: 9, ignorable: true)
      try wire.uuid(&topicId, since: 10, ignorable: true)
      try wire.structs(&partitions)
    }
  }

  /// What to store of one partition.
  public struct Partition: WireStruct {
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// The offset of the next record to read.
    public var committedOffset: Int64 = 0
    /// The epoch of the last record that was read (KIP-320); −1 if unknown.
    public var committedLeaderEpoch: Int32 = -1
    /// Milliseconds since 1970 of the commit, in version 1 only; −1: now.
    public var commitTimestamp: Int64 = -1
    /// What the client wants to find there again, or nil.
    public var committedMetadata: String?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.int64(&committedOffset)
      try wire.int32(&committedLeaderEpoch, since: 6, default: -1, ignorable: true)
      try wire.int64(&commitTimestamp, since: 1, until: 1, default: -1)
      try wire.nullableString(&committedMetadata)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&groupId)
    try wire.int32(&generationIdOrMemberEpoch, since: 1, default: -1, ignorable: true)
    try wire.string(&memberId, since: 1, ignorable: true)
    try wire.nullableString(&groupInstanceId, since: 7, nullableSince: 7)
    try wire.int64(&retentionTimeMs, since: 2, until: 4, default: -1, ignorable: true)
    try wire.structs(&topics)
  }
}

/// Which offsets were stored.
public struct OffsetCommitResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// The outcome by topic.
  public var topics: [Topic] = []

  /// One topic's outcome.
  public struct Topic: WireStruct {
    /// The topic's name, up to version 9.
    public var name = ""
    /// The topic's id (KIP-516), from version 10 on.
    public var topicId = Uuid.zero
    /// The outcome by partition.
    public var partitions: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name, until: 9, ignorable: true)
      try wire.uuid(&topicId, since: 10, ignorable: true)
      try wire.structs(&partitions)
    }
  }

  /// One partition's outcome.
  public struct Partition: WireStruct {
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.errorCode(&errorCode)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs, since: 3, ignorable: true)
    try wire.structs(&topics)
  }
}
