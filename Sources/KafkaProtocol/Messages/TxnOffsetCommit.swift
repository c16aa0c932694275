/// Stores how far a group has read when the transaction is committed (key 28).
///
/// Version 5 needs transactions version 2, and no AddOffsetsToTxn before it (KIP-890). KIP-98,
/// KIP-320, KIP-447.
public struct TxnOffsetCommitRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.txnOffsetCommit
  /// What answers it.
  public typealias Response = TxnOffsetCommitResponse

  /// The transactional id.
  public var transactionalId = ""
  /// The group's name.
  public var groupId = ""
  /// The producer's id.
  public var producerId: Int64 = 0
  /// The producer's epoch.
  public var producerEpoch: Int16 = 0
  /// The group's generation or the member's epoch; −1: do not check.
  public var generationId: Int32 = -1
  /// The member's id (KIP-447); empty: do not check.
  public var memberId = ""
  /// The name of a static member (KIP-345), or nil.
  public var groupInstanceId: String?
  /// What to store.
  public var topics: [Topic] = []

  /// What to store of one topic.
  public struct Topic: WireStruct {
    /// The topic's name.
    public var name = ""
    /// What to store of each partition.
    public var partitions: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
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
    /// What the client wants to find there again, or nil.
    public var committedMetadata: String?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.int64(&committedOffset)
      try wire.int32(&committedLeaderEpoch, since: 2, default: -1, ignorable: true)
      try wire.nullableString(&committedMetadata)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&transactionalId)
    try wire.string(&groupId)
    try wire.int64(&producerId)
    try wire.int16(&producerEpoch)
    try wire.int32(&generationId, since: 3, default: -1)
    try wire.string(&memberId, since: 3)
    try wire.nullableString(&groupInstanceId, since: 3, nullableSince: 3)
    try wire.structs(&topics)
  }
}

/// Which offsets were taken into the transaction.
public struct TxnOffsetCommitResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// The outcome by topic.
  public var topics: [Topic] = []

  /// One topic's outcome.
  public struct Topic: WireStruct {
    /// The topic's name.
    public var name = ""
    /// The outcome by partition.
    public var partitions: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
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
    try wire.int32(&throttleTimeMs)
    try wire.structs(&topics)
  }
}
