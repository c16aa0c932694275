/// Asks how far groups have read (key 9).
///
/// KIP-88, KIP-320, KIP-447, KIP-709, KIP-848.
public struct OffsetFetchRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.offsetFetch
  /// What answers it.
  public typealias Response = OffsetFetchResponse

  /// The group's name, up to version 7.
  public var groupId = ""
  /// What is asked, up to version 7; nil, from version 2 on: everything.
  public var topics: [Topic]?
  /// What is asked, from version 8 on.
  public var groups: [Group] = []
  /// True to be refused where a transaction has not decided an offset yet (KIP-447).
  public var requireStable = false

  /// What is asked about one topic.
  public struct Topic: WireStruct {
    /// The topic's name, up to version 9.
    public var name = ""
    /// The topic's id (KIP-516), from version 10 on.
    public var topicId = Uuid.zero
    /// The partitions' numbers.
    public var partitionIndexes: [Int32] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name, until: 9, ignorable: true)
      try wire.uuid(&topicId, since: 10, ignorable: true)
      try wire.int32s(&partitionIndexes)
    }
  }

  /// What is asked about one group.
  public struct Group: WireStruct {
    /// The group's name.
    public var groupId = ""
    /// The member's id (KIP-848), or nil.
    public var memberId: String?
    /// The member's epoch (KIP-848); −1 for a classic group.
    public var memberEpoch: Int32 = -1
    /// What is asked; nil: everything.
    public var topics: [Topic]?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&groupId, since: 8)
      try wire.nullableString(&memberId, since: 9, nullableSince: 9, ignorable: true)
      try wire.int32(&memberEpoch, since: 9, default: -1, ignorable: true)
      try wire.nullableStructs(&topics, since: 8, nullableSince: 8)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&groupId, until: 7)
    try wire.nullableStructs(&topics, until: 7, nullableSince: 2)
    try wire.structs(&groups, since: 8)
    try wire.bool(&requireStable, since: 7)
  }
}

/// The offsets that groups have stored.
public struct OffsetFetchResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// The answer by topic, up to version 7.
  public var topics: [Topic] = []
  /// Why the request as a whole failed, in versions 2 to 7; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// The answer by group, from version 8 on.
  public var groups: [Group] = []

  /// One topic's answer.
  public struct Topic: WireStruct {
    /// The topic's name, up to version 9.
    public var name = ""
    /// The topic's id (KIP-516), from version 10 on.
    public var topicId = Uuid.zero
    /// The answer by partition.
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

  /// One partition's answer.
  public struct Partition: WireStruct {
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// The offset of the next record to read; −1 where nothing is stored.
    public var committedOffset: Int64 = 0
    /// The epoch of the last record that was read (KIP-320); −1 if unknown.
    public var committedLeaderEpoch: Int32 = -1
    /// What the client has stored beside it, or nil.
    public var metadata: String?
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.int64(&committedOffset)
      try wire.int32(&committedLeaderEpoch, since: 5, default: -1, ignorable: true)
      try wire.nullableString(&metadata)
      try wire.errorCode(&errorCode)
    }
  }

  /// One group's answer.
  public struct Group: WireStruct {
    /// The group's name.
    public var groupId = ""
    /// The answer by topic.
    public var topics: [Topic] = []
    /// Why it failed for the group as a whole; `none` if it did not.
    public var errorCode = ErrorCode.none

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&groupId, since: 8)
      try wire.structs(&topics, since: 8)
      try wire.errorCode(&errorCode, since: 8)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs, since: 3, ignorable: true)
    try wire.structs(&topics, until: 7)
    try wire.errorCode(&errorCode, since: 2, until: 7, ignorable: true)
    try wire.structs(&groups, since: 8)
  }
}
