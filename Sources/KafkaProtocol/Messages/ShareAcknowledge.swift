/// Acknowledges records that a member of a share group has acquired (key 79).
///
/// KIP-932, KIP-1222.
public struct ShareAcknowledgeRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.shareAcknowledge
  /// What answers it.
  public typealias Response = ShareAcknowledgeResponse

  /// The group's name.
  public var groupId: String?
  /// The member's id.
  public var memberId: String?
  /// The place in the session: one more each time; −1 ends it.
  public var shareSessionEpoch: Int32 = 0
  /// True where an acknowledgement renews a lock (KIP-1222).
  public var isRenewAck = false
  /// What to acknowledge.
  public var topics: [AcknowledgeTopic] = []

  /// What to acknowledge of one topic.
  public struct AcknowledgeTopic: WireStruct {
    /// The topic's id.
    public var topicId = Uuid.zero
    /// What to acknowledge of each partition.
    public var partitions: [AcknowledgePartition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.uuid(&topicId)
      try wire.structs(&partitions)
    }
  }

  /// What to acknowledge of one partition.
  public struct AcknowledgePartition: WireStruct {
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// The acknowledgements.
    public var acknowledgementBatches: [AcknowledgementBatch] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.structs(&acknowledgementBatches)
    }
  }

  /// The same as in ShareFetch.
  public typealias AcknowledgementBatch = ShareFetchRequest.AcknowledgementBatch

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.nullableString(&groupId)
    try wire.nullableString(&memberId)
    try wire.int32(&shareSessionEpoch)
    try wire.bool(&isRenewAck, since: 2)
    try wire.structs(&topics)
  }
}

/// The outcome of each partition's acknowledgements.
public struct ShareAcknowledgeResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why the request as a whole failed, for instance for its session; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// The broker's words about the error, or nil.
  public var errorMessage: String?
  /// Milliseconds for which acquired records are locked.
  public var acquisitionLockTimeoutMs: Int32 = 0
  /// The outcome by topic.
  public var responses: [Topic] = []
  /// Where the new leaders can be reached.
  public var nodeEndpoints: [NodeEndpoint] = []

  /// One topic's outcome.
  public struct Topic: WireStruct {
    /// The topic's id.
    public var topicId = Uuid.zero
    /// The outcome by partition.
    public var partitions: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.uuid(&topicId)
      try wire.structs(&partitions)
    }
  }

  /// One partition's outcome.
  public struct Partition: WireStruct {
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none
    /// The broker's words about the error, or nil.
    public var errorMessage: String?
    /// Who leads instead, after `notLeaderOrFollower`.
    public var currentLeader = LeaderIdAndEpoch()

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.errorCode(&errorCode)
      try wire.nullableString(&errorMessage)
      try wire.structure(&currentLeader)
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

  /// The same as in ShareFetch.
  public typealias NodeEndpoint = ShareFetchResponse.NodeEndpoint

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs)
    try wire.errorCode(&errorCode)
    try wire.nullableString(&errorMessage)
    try wire.int32(&acquisitionLockTimeoutMs, since: 2, ignorable: true)
    try wire.structs(&responses)
    try wire.structs(&nodeEndpoints)
  }
}
