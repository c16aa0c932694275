/// Asks where leader epochs end, to find out whether a log was truncated (key 23).
///
/// KIP-101, KIP-279, KIP-320.
public struct OffsetForLeaderEpochRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.offsetForLeaderEpoch
  /// What answers it.
  public typealias Response = OffsetForLeaderEpochResponse

  /// The asking broker's id; −1 for a consumer.
  ///
  /// −2, Kafka's default, may see beyond the high watermark and is for debugging.
  public var replicaId: Int32 = -2
  /// What is asked.
  public var topics: [Topic] = []

  /// What is asked about one topic.
  public struct Topic: WireStruct {
    /// The topic's name.
    public var topic = ""
    /// What is asked about each partition.
    public var partitions: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&topic)
      try wire.structs(&partitions)
    }
  }

  /// What is asked about one partition.
  public struct Partition: WireStruct {
    /// The partition's number.
    public var partition: Int32 = 0
    /// The leader epoch that the client knows (KIP-320); −1: do not check.
    public var currentLeaderEpoch: Int32 = -1
    /// The epoch whose end is asked for.
    public var leaderEpoch: Int32 = 0

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partition)
      try wire.int32(&currentLeaderEpoch, since: 2, default: -1, ignorable: true)
      try wire.int32(&leaderEpoch)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&replicaId, since: 3, default: -2, ignorable: true)
    try wire.structs(&topics)
  }
}

/// Where the epochs end.
public struct OffsetForLeaderEpochResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// The answer by topic.
  public var topics: [Topic] = []

  /// One topic's answer.
  public struct Topic: WireStruct {
    /// The topic's name.
    public var topic = ""
    /// The answer by partition.
    public var partitions: [EpochEndOffset] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&topic)
      try wire.structs(&partitions)
    }
  }

  /// One partition's answer.
  public struct EpochEndOffset: WireStruct {
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none
    /// The partition's number.
    public var partition: Int32 = 0
    /// The log's largest epoch that is not above the one asked for; −1 for none.
    public var leaderEpoch: Int32 = -1
    /// The offset after that epoch's last record; −1 for none.
    public var endOffset: Int64 = -1

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.errorCode(&errorCode)
      try wire.int32(&partition)
      try wire.int32(&leaderEpoch, since: 1, default: -1, ignorable: true)
      try wire.int64(&endOffset, default: -1)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs, since: 2, ignorable: true)
    try wire.structs(&topics)
  }
}
