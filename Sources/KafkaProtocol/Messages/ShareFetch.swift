/// Acquires records for a member of a share group, and acknowledges earlier ones (key 78).
///
/// KIP-932, KIP-1206, KIP-1222.
public struct ShareFetchRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.shareFetch
  /// What answers it.
  public typealias Response = ShareFetchResponse

  /// The group's name.
  public var groupId: String?
  /// The member's id.
  public var memberId: String?
  /// The place in the session: 0 opens one, −1 ends it; else one more each time.
  public var shareSessionEpoch: Int32 = 0
  /// Milliseconds that the broker may wait for `minBytes`.
  public var maxWaitMs: Int32 = 0
  /// How many bytes are worth an answer before `maxWaitMs` is over.
  public var minBytes: Int32 = 0
  /// How many bytes the answer may have; its first batch comes whole even if larger.
  public var maxBytes: Int32 = .max
  /// How many records the answer may have; whole batches may make it more.
  public var maxRecords: Int32 = 0
  /// How many records are best acquired and acknowledged together.
  public var batchSize: Int32 = 0
  /// 0: whole batches; 1: never more than `maxRecords` (KIP-1206).
  public var shareAcquireMode: Int8 = 0
  /// True where an acknowledgement renews a lock (KIP-1222).
  public var isRenewAck = false
  /// What to read and what to acknowledge.
  public var topics: [FetchTopic] = []
  /// What to take out of the session.
  public var forgottenTopicsData: [ForgottenTopic] = []

  /// One topic to read.
  public struct FetchTopic: WireStruct {
    /// The topic's id.
    public var topicId = Uuid.zero
    /// What to read of each partition.
    public var partitions: [FetchPartition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.uuid(&topicId)
      try wire.structs(&partitions)
    }
  }

  /// One partition to read.
  public struct FetchPartition: WireStruct {
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// How many bytes of this partition the answer may have, in version 0 only.
    public var partitionMaxBytes: Int32 = 0
    /// What to acknowledge.
    public var acknowledgementBatches: [AcknowledgementBatch] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.int32(&partitionMaxBytes, until: 0)
      try wire.structs(&acknowledgementBatches)
    }
  }

  /// Acknowledgements of a range of records.
  public struct AcknowledgementBatch: WireStruct {
    /// The offset of the first record.
    public var firstOffset: Int64 = 0
    /// The offset of the last record.
    public var lastOffset: Int64 = 0
    /// 0: gap; 1: accept; 2: release; 3: reject; 4: renew (KIP-1222, version 2).
    ///
    /// One for each record, or one for all.
    public var acknowledgeTypes: [Int8] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int64(&firstOffset)
      try wire.int64(&lastOffset)
      try wire.int8s(&acknowledgeTypes)
    }
  }

  /// Partitions of one topic that leave the session.
  public struct ForgottenTopic: WireStruct {
    /// The topic's id.
    public var topicId = Uuid.zero
    /// The partitions' numbers.
    public var partitions: [Int32] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.uuid(&topicId)
      try wire.int32s(&partitions)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.nullableString(&groupId)
    try wire.nullableString(&memberId)
    try wire.int32(&shareSessionEpoch)
    try wire.int32(&maxWaitMs)
    try wire.int32(&minBytes)
    try wire.int32(&maxBytes, default: .max)
    try wire.int32(&maxRecords, since: 1)
    try wire.int32(&batchSize, since: 1)
    try wire.int8(&shareAcquireMode, since: 2, ignorable: true)
    try wire.bool(&isRenewAck, since: 2)
    try wire.structs(&topics)
    try wire.structs(&forgottenTopicsData)
  }
}

/// The records of each partition, and the outcome of acknowledgements.
public struct ShareFetchResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why the request as a whole failed, for instance for its session; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// The broker's words about the error, or nil.
  public var errorMessage: String?
  /// Milliseconds for which acquired records are locked.
  public var acquisitionLockTimeoutMs: Int32 = 0
  /// The answer by topic.
  public var responses: [Topic] = []
  /// Where the new leaders can be reached.
  public var nodeEndpoints: [NodeEndpoint] = []

  /// One topic's answer.
  public struct Topic: WireStruct {
    /// The topic's id.
    public var topicId = Uuid.zero
    /// The answer by partition.
    public var partitions: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.uuid(&topicId)
      try wire.structs(&partitions)
    }
  }

  /// One partition's answer.
  public struct Partition: WireStruct {
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// Why reading failed; `none` if it did not.
    public var errorCode = ErrorCode.none
    /// The broker's words about the error, or nil.
    public var errorMessage: String?
    /// Why acknowledging failed; `none` if it did not.
    public var acknowledgeErrorCode = ErrorCode.none
    /// The broker's words about the error of acknowledging, or nil.
    public var acknowledgeErrorMessage: String?
    /// Who leads instead, after `notLeaderOrFollower`.
    public var currentLeader = LeaderIdAndEpoch()
    /// Batches, which may have records that were not acquired; nil in version 0 only.
    public var records: RecordsSlice?
    /// Which of the records this member has acquired.
    public var acquiredRecords: [AcquiredRecords] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.errorCode(&errorCode)
      try wire.nullableString(&errorMessage)
      try wire.errorCode(&acknowledgeErrorCode)
      try wire.nullableString(&acknowledgeErrorMessage)
      try wire.structure(&currentLeader)
      try wire.records(&records, nullableUntil: 0)
      try wire.structs(&acquiredRecords)
    }
  }

  /// Who leads the partition now.
  public struct LeaderIdAndEpoch: WireStruct {
    /// The leader's node id; −1 if unknown.
    public var leaderId: Int32 = 0
    /// The epoch of that leader.
    public var leaderEpoch: Int32 = 0

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&leaderId)
      try wire.int32(&leaderEpoch)
    }
  }

  /// A range of records that the member has acquired.
  public struct AcquiredRecords: WireStruct {
    /// The offset of the first record.
    public var firstOffset: Int64 = 0
    /// The offset of the last record.
    public var lastOffset: Int64 = 0
    /// How many times they were delivered, this time too.
    public var deliveryCount: Int16 = 0

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int64(&firstOffset)
      try wire.int64(&lastOffset)
      try wire.int16(&deliveryCount)
    }
  }

  /// Where a new leader can be reached.
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
      try wire.int32(&nodeId)
      try wire.string(&host)
      try wire.int32(&port)
      try wire.nullableString(&rack)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs)
    try wire.errorCode(&errorCode)
    try wire.nullableString(&errorMessage)
    try wire.int32(&acquisitionLockTimeoutMs, since: 1)
    try wire.structs(&responses)
    try wire.structs(&nodeEndpoints)
  }
}
