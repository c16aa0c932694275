/// Appends batches to partitions (key 0).
///
/// With `acks` 0 there is no answer. KIP-98, KIP-467, KIP-516, KIP-951.
public struct ProduceRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.produce
  /// What answers it.
  public typealias Response = ProduceResponse

  /// Whose transaction the batches belong to, or nil.
  public var transactionalId: String?
  /// Who must have the batches before the answer: 0 nobody (no answer comes), 1 the leader, −1 all
  /// in-sync replicas.
  public var acks: Int16 = 0
  /// Milliseconds that the broker may wait for the replicas.
  public var timeoutMs: Int32 = 0
  /// What to append.
  public var topicData: [Topic] = []

  /// One topic's batches.
  public struct Topic: WireStruct {
    /// The topic's name, up to version 12.
    public var name = ""
    /// The topic's id (KIP-516), from version 13 on.
    public var topicId = Uuid.zero
    /// What to append to each partition.
    public var partitionData: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name, until: 12, ignorable: true)
      try wire.uuid(&topicId, since: 13, ignorable: true)
      try wire.structs(&partitionData)
    }
  }

  /// One partition's batches.
  public struct Partition: WireStruct {
    /// The partition's number.
    public var index: Int32 = 0
    /// One batch of format v2 from version 3 on, message sets below.
    public var records: RecordsSlice?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&index)
      try wire.records(&records)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.nullableString(&transactionalId, since: 3)
    try wire.int16(&acks)
    try wire.int32(&timeoutMs)
    try wire.structs(&topicData)
  }
}

/// Where each partition's batch begins, or why it was refused.
public struct ProduceResponse: WireStruct {
  /// The outcome by topic.
  public var responses: [Topic] = []
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Where the new leaders can be reached (KIP-951).
  public var nodeEndpoints: [NodeEndpoint] = []

  /// One topic's outcome.
  public struct Topic: WireStruct {
    /// The topic's name, up to version 12.
    public var name = ""
    /// The topic's id (KIP-516), from version 13 on.
    public var topicId = Uuid.zero
    /// The outcome by partition.
    public var partitionResponses: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name, until: 12, ignorable: true)
      try wire.uuid(&topicId, since: 13, ignorable: true)
      try wire.structs(&partitionResponses)
    }
  }

  /// Where a new leader can be reached (KIP-951).
  public struct NodeEndpoint: WireStruct {
    /// The node's id.
    public var nodeId: Int32 = 0
    /// Where it listens: a name or an address.
    public var host = ""
    /// Where it listens: the TCP port.
    public var port: Int32 = 0
    /// Its rack, or nil.
    public var rack: String?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&nodeId, since: 10)
      try wire.string(&host, since: 10)
      try wire.int32(&port, since: 10)
      try wire.nullableString(&rack, since: 10)
    }
  }

  /// One partition's outcome.
  public struct Partition: WireStruct {
    /// The partition's number.
    public var index: Int32 = 0
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none
    /// The offset of the first record; −1 after an error.
    public var baseOffset: Int64 = 0
    /// The broker's time of the append in milliseconds since 1970; −1 where the topic keeps the
    /// producer's timestamps.
    public var logAppendTimeMs: Int64 = -1
    /// The log's first offset; −1 if unknown.
    public var logStartOffset: Int64 = -1
    /// The records that made the broker refuse the batch (KIP-467).
    public var recordErrors: [RecordError] = []
    /// What the refused records have in common, or nil.
    public var errorMessage: String?
    /// Who leads instead, after `notLeaderOrFollower` (KIP-951).
    public var currentLeader = LeaderIdAndEpoch()

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&index)
      try wire.errorCode(&errorCode)
      try wire.int64(&baseOffset)
      try wire.int64(&logAppendTimeMs, since: 2, default: -1, ignorable: true)
      try wire.int64(&logStartOffset, since: 5, default: -1, ignorable: true)
      try wire.structs(&recordErrors, since: 8, ignorable: true)
      try wire.nullableString(&errorMessage, since: 8, ignorable: true)
      try wire.tagged(0, since: 10, omit: currentLeader == LeaderIdAndEpoch(), ignorable: false) {
        (wire) throws(WireError) in try wire.structure(&currentLeader)
      }
    }
  }

  /// A record for which the batch was refused (KIP-467).
  public struct RecordError: WireStruct {
    /// The place of the record in its batch, from 0 on.
    public var batchIndex: Int32 = 0
    /// What is wrong with it, or nil.
    public var batchIndexErrorMessage: String?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&batchIndex, since: 8)
      try wire.nullableString(&batchIndexErrorMessage, since: 8)
    }
  }

  /// Who leads the partition now (KIP-951).
  public struct LeaderIdAndEpoch: WireStruct, Hashable {
    /// The leader's node id; −1 if unknown.
    public var leaderId: Int32 = -1
    /// The epoch of that leader; −1 if unknown.
    public var leaderEpoch: Int32 = -1

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&leaderId, since: 10, default: -1)
      try wire.int32(&leaderEpoch, since: 10, default: -1)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.structs(&responses)
    try wire.int32(&throttleTimeMs, since: 1, ignorable: true)
    try wire.tagged(0, since: 10, omit: nodeEndpoints.isEmpty, ignorable: false) {
      (wire) throws(WireError) in try wire.structs(&nodeEndpoints)
    }
  }
}
