/// Asks for offsets by time (key 2).
///
/// KIP-79, KIP-98, KIP-320, KIP-405, KIP-734, KIP-1005, KIP-1023, KIP-1075.
public struct ListOffsetsRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.listOffsets
  /// What answers it.
  public typealias Response = ListOffsetsResponse

  /// The asking broker's id; −1 for a client.
  public var replicaId: Int32 = -1
  /// 0: all records; 1: only committed ones (KIP-98).
  public var isolationLevel: Int8 = 0
  /// What is asked.
  public var topics: [Topic] = []
  /// Milliseconds that the broker may wait for remote storage (KIP-1075).
  public var timeoutMs: Int32 = 0

  /// What is asked about one topic.
  public struct Topic: WireStruct {
    /// The topic's name.
    public var name = ""
    /// What is asked about each partition.
    public var partitions: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
      try wire.structs(&partitions)
    }
  }

  /// What is asked about one partition.
  public struct Partition: WireStruct {
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// The leader epoch that the client knows (KIP-320); −1: do not check.
    public var currentLeaderEpoch: Int32 = -1
    /// Milliseconds since 1970, or what is wanted instead.
    ///
    /// −1: the end; −2: the beginning; −3: the record with the largest timestamp (version 7); −4:
    /// the beginning of the local log (version 8); −5: the end of remote storage (version 9); −6:
    /// what is not in remote storage yet (version 11).
    public var timestamp: Int64 = 0
    /// How many offsets to give, in version 0 only.
    public var maxNumOffsets: Int32 = 1

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.int32(&currentLeaderEpoch, since: 4, default: -1, ignorable: true)
      try wire.int64(&timestamp)
      try wire.int32(&maxNumOffsets, until: 0, default: 1)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&replicaId)
    try wire.int8(&isolationLevel, since: 2)
    try wire.structs(&topics)
    try wire.int32(&timeoutMs, since: 10, ignorable: true)
  }
}

/// The offset of the first record at or after each time.
public struct ListOffsetsResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// The answer by topic.
  public var topics: [Topic] = []

  /// One topic's answer.
  public struct Topic: WireStruct {
    /// The topic's name.
    public var name = ""
    /// The answer by partition.
    public var partitions: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
      try wire.structs(&partitions)
    }
  }

  /// One partition's answer.
  public struct Partition: WireStruct {
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none
    /// Offsets of the log's segments, falling, in version 0 only.
    public var oldStyleOffsets: [Int64] = []
    /// The timestamp of the record at `offset` in milliseconds since 1970; −1 for none.
    public var timestamp: Int64 = -1
    /// The offset; −1 if there is no record so young.
    public var offset: Int64 = -1
    /// The epoch of the record at `offset` (KIP-320); −1 if unknown.
    public var leaderEpoch: Int32 = -1

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.errorCode(&errorCode)
      try wire.int64s(&oldStyleOffsets, until: 0)
      try wire.int64(&timestamp, since: 1, default: -1)
      try wire.int64(&offset, since: 1, default: -1)
      try wire.int32(&leaderEpoch, since: 4, default: -1)
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
