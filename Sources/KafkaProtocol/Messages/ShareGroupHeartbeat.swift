/// Joins, keeps up or leaves a share group (key 76).
///
/// After the first one, what has not changed since the last is nil. KIP-932.
public struct ShareGroupHeartbeatRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.shareGroupHeartbeat
  /// What answers it.
  public typealias Response = ShareGroupHeartbeatResponse

  /// The group's name.
  public var groupId = ""
  /// The member's id: a UUID that the client makes.
  public var memberId = ""
  /// The member's epoch; 0 joins, −1 leaves.
  public var memberEpoch: Int32 = 0
  /// The member's rack, or nil.
  public var rackId: String?
  /// The topics that the member wants.
  public var subscribedTopicNames: [String]?

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&groupId)
    try wire.string(&memberId)
    try wire.int32(&memberEpoch)
    try wire.nullableString(&rackId)
    try wire.nullableStrings(&subscribedTopicNames)
  }
}

/// The member's epoch and what it may read.
public struct ShareGroupHeartbeatResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why it failed; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// The broker's words about the error, or nil.
  public var errorMessage: String?
  /// The member's id; nil after an error.
  public var memberId: String?
  /// The member's epoch.
  public var memberEpoch: Int32 = 0
  /// Milliseconds until the next heartbeat.
  public var heartbeatIntervalMs: Int32 = 0
  /// What the member may read; nil where that has not changed.
  public var assignment: Assignment?

  /// What the member may read.
  public struct Assignment: WireStruct {
    /// The partitions.
    public var topicPartitions: [TopicPartitions] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.structs(&topicPartitions)
    }
  }

  /// Partitions of one topic.
  public struct TopicPartitions: WireStruct {
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
    try wire.int32(&throttleTimeMs)
    try wire.errorCode(&errorCode)
    try wire.nullableString(&errorMessage)
    try wire.nullableString(&memberId)
    try wire.int32(&memberEpoch)
    try wire.int32(&heartbeatIntervalMs)
    try wire.nullableStructure(&assignment)
  }
}
