/// Asks for brokers, topics, partitions and their leaders (key 3).
///
/// KIP-4, KIP-516, KIP-700.
public struct MetadataRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.metadata
  /// What answers it.
  public typealias Response = MetadataResponse

  /// The topics wanted; nil for all, empty for none.
  ///
  /// Version 0 knows no nil and says "all" by an empty list: whoever asks must map it.
  public var topics: [Topic]?
  /// True if the broker may create topics that do not exist; below version 4 it always may.
  public var allowAutoTopicCreation = true
  /// True to ask what the client may do with the cluster (KIP-430).
  public var includeClusterAuthorizedOperations = false
  /// True to ask what the client may do with each topic (KIP-430).
  public var includeTopicAuthorizedOperations = false

  /// A topic by name or by id.
  public struct Topic: WireStruct {
    /// The topic's id (KIP-516); zero if unknown.
    public var topicId = Uuid.zero
    /// The topic's name; nil from version 10 on where the id says which.
    public var name: String?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.uuid(&topicId, since: 10, ignorable: true)
      try wire.nullableString(&name, nullableSince: 10)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.nullableStructs(&topics, nullableSince: 1)
    try wire.bool(&allowAutoTopicCreation, since: 4, default: true)
    try wire.bool(&includeClusterAuthorizedOperations, since: 8, until: 10)
    try wire.bool(&includeTopicAuthorizedOperations, since: 8)
  }
}

/// The brokers, the topics and their partitions.
public struct MetadataResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// The brokers that are alive.
  public var brokers: [Broker] = []
  /// The cluster's id, or nil if unknown.
  public var clusterId: String?
  /// The controller's node id; −1 if unknown.
  public var controllerId: Int32 = -1
  /// The topics asked for.
  public var topics: [Topic] = []
  /// A bit for each operation allowed on the cluster (KIP-430); `Int32.min` if not asked for.
  public var clusterAuthorizedOperations: Int32 = .min
  /// Why it failed; `none` if it did not.
  public var errorCode = ErrorCode.none

  /// One broker.
  public struct Broker: WireStruct {
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
      try wire.nullableString(&rack, since: 1, ignorable: true)
    }
  }

  /// One topic.
  public struct Topic: WireStruct {
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none
    /// The topic's name; nil from version 12 on where an id was asked for that does not exist.
    public var name: String?
    /// The topic's id (KIP-516); zero if unknown.
    public var topicId = Uuid.zero
    /// True for topics of the brokers' own, such as `__consumer_offsets`.
    public var isInternal = false
    /// Its partitions, in no order.
    public var partitions: [Partition] = []
    /// A bit for each operation allowed on the topic (KIP-430); `Int32.min` if not asked for.
    public var topicAuthorizedOperations: Int32 = .min

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.errorCode(&errorCode)
      try wire.nullableString(&name, nullableSince: 12)
      try wire.uuid(&topicId, since: 10, ignorable: true)
      try wire.bool(&isInternal, since: 1, ignorable: true)
      try wire.structs(&partitions)
      try wire.int32(&topicAuthorizedOperations, since: 8, default: .min)
    }
  }

  /// One partition.
  public struct Partition: WireStruct {
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// The node id of the leader; −1 if there is none.
    public var leaderId: Int32 = 0
    /// The epoch of that leader; −1 if unknown.
    public var leaderEpoch: Int32 = -1
    /// The nodes that hold the partition.
    public var replicaNodes: [Int32] = []
    /// The nodes in sync with the leader.
    public var isrNodes: [Int32] = []
    /// Those of the replicas that are offline.
    public var offlineReplicas: [Int32] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.errorCode(&errorCode)
      try wire.int32(&partitionIndex)
      try wire.int32(&leaderId)
      try wire.int32(&leaderEpoch, since: 7, default: -1, ignorable: true)
      try wire.int32s(&replicaNodes)
      try wire.int32s(&isrNodes)
      try wire.int32s(&offlineReplicas, since: 5, ignorable: true)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs, since: 3, ignorable: true)
    try wire.structs(&brokers)
    try wire.nullableString(&clusterId, since: 2, ignorable: true)
    try wire.int32(&controllerId, since: 1, default: -1, ignorable: true)
    try wire.structs(&topics)
    try wire.int32(&clusterAuthorizedOperations, since: 8, until: 10, default: .min)
    try wire.errorCode(&errorCode, since: 13, ignorable: true)
  }
}
