/// Reads batches from partitions, and waits for them (key 1).
///
/// KIP-74, KIP-98, KIP-227, KIP-320, KIP-392, KIP-516.
public struct FetchRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.fetch
  /// What answers it.
  public typealias Response = FetchResponse

  /// The cluster's id where a broker asks before it is registered, or nil.
  public var clusterId: String?
  /// The asking broker's id up to version 14; −1 for a consumer.
  public var replicaId: Int32 = -1
  /// Which broker asks, from version 15 on (KIP-903).
  public var replicaState = ReplicaState()
  /// Milliseconds that the broker may wait for `minBytes`.
  public var maxWaitMs: Int32 = 0
  /// How many bytes are worth an answer before `maxWaitMs` is over.
  public var minBytes: Int32 = 0
  /// How many bytes the answer may have; its first batch comes whole even if larger (KIP-74).
  public var maxBytes: Int32 = .max
  /// 0: all records; 1: only committed ones (KIP-98).
  public var isolationLevel: Int8 = 0
  /// The fetch session (KIP-227); 0 for none.
  public var sessionId: Int32 = 0
  /// The place in the session: 0 opens one, −1 means none.
  public var sessionEpoch: Int32 = -1
  /// What to read.
  public var topics: [Topic] = []
  /// What to take out of the session.
  public var forgottenTopicsData: [ForgottenTopic] = []
  /// The consumer's rack, for the choice of a near replica (KIP-392); empty for none.
  public var rackId = ""

  /// Which broker asks, from version 15 on (KIP-903).
  public struct ReplicaState: WireStruct, Hashable {
    /// The asking broker's id; −1 for a client.
    public var replicaId: Int32 = -1
    /// The asking broker's epoch; −1 if unknown.
    public var replicaEpoch: Int64 = -1

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&replicaId, since: 15, default: -1)
      try wire.int64(&replicaEpoch, since: 15, default: -1)
    }
  }

  /// One topic to read.
  public struct Topic: WireStruct {
    /// The topic's name, up to version 12.
    public var topic = ""
    /// The topic's id (KIP-516), from version 13 on.
    public var topicId = Uuid.zero
    /// What to read of each partition.
    public var partitions: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&topic, until: 12, ignorable: true)
      try wire.uuid(&topicId, since: 13, ignorable: true)
      try wire.structs(&partitions)
    }
  }

  /// Partitions of one topic that leave the session.
  public struct ForgottenTopic: WireStruct {
    /// The topic's name, up to version 12.
    public var topic = ""
    /// The topic's id (KIP-516), from version 13 on.
    public var topicId = Uuid.zero
    /// The partitions' numbers.
    public var partitions: [Int32] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&topic, since: 7, until: 12, ignorable: true)
      try wire.uuid(&topicId, since: 13, ignorable: true)
      try wire.int32s(&partitions, since: 7)
    }
  }

  /// One partition to read.
  public struct Partition: WireStruct {
    /// The partition's number.
    public var partition: Int32 = 0
    /// The leader epoch that the client knows (KIP-320); −1: do not check.
    public var currentLeaderEpoch: Int32 = -1
    /// The offset from which on to read.
    public var fetchOffset: Int64 = 0
    /// The epoch of the last record that a follower has; −1 for a consumer.
    public var lastFetchedEpoch: Int32 = -1
    /// A follower's first offset; −1 for a consumer.
    public var logStartOffset: Int64 = -1
    /// How many bytes of this partition the answer may have; its first batch comes whole even if
    /// larger.
    public var partitionMaxBytes: Int32 = 0
    /// A follower's directory (KIP-853); zero for a consumer.
    public var replicaDirectoryId = Uuid.zero
    /// A follower's high watermark (KIP-1166); −1 if unknown, `Int64.max` for a consumer.
    public var highWatermark: Int64 = .max

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partition)
      try wire.int32(&currentLeaderEpoch, since: 9, default: -1, ignorable: true)
      try wire.int64(&fetchOffset)
      try wire.int32(&lastFetchedEpoch, since: 12, default: -1)
      try wire.int64(&logStartOffset, since: 5, default: -1, ignorable: true)
      try wire.int32(&partitionMaxBytes)
      try wire.tagged(0, since: 17, omit: replicaDirectoryId == .zero, ignorable: true) {
        (wire) throws(WireError) in try wire.uuid(&replicaDirectoryId)
      }
      try wire.tagged(1, since: 18, omit: highWatermark == .max, ignorable: true) {
        (wire) throws(WireError) in try wire.int64(&highWatermark)
      }
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&replicaId, until: 14, default: -1)
    try wire.int32(&maxWaitMs)
    try wire.int32(&minBytes)
    try wire.int32(&maxBytes, since: 3, default: .max, ignorable: true)
    try wire.int8(&isolationLevel, since: 4, ignorable: true)
    try wire.int32(&sessionId, since: 7, ignorable: true)
    try wire.int32(&sessionEpoch, since: 7, default: -1, ignorable: true)
    try wire.structs(&topics)
    try wire.structs(&forgottenTopicsData, since: 7)
    try wire.string(&rackId, since: 11, ignorable: true)
    try wire.tagged(0, since: 12, omit: clusterId == nil, ignorable: true) {
      (wire) throws(WireError) in try wire.nullableString(&clusterId)
    }
    try wire.tagged(1, since: 15, omit: replicaState == ReplicaState(), ignorable: false) {
      (wire) throws(WireError) in try wire.structure(&replicaState)
    }
  }
}

/// The batches of each partition and how far it reaches.
public struct FetchResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why the request as a whole failed, for instance for its session; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// The fetch session (KIP-227); 0 for none.
  public var sessionId: Int32 = 0
  /// The answer by topic.
  public var responses: [Topic] = []
  /// Where the new leaders can be reached (KIP-951).
  public var nodeEndpoints: [NodeEndpoint] = []

  /// One topic's answer.
  public struct Topic: WireStruct {
    /// The topic's name, up to version 12.
    public var topic = ""
    /// The topic's id (KIP-516), from version 13 on.
    public var topicId = Uuid.zero
    /// The answer by partition.
    public var partitions: [Partition] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&topic, until: 12, ignorable: true)
      try wire.uuid(&topicId, since: 13, ignorable: true)
      try wire.structs(&partitions)
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
      try wire.int32(&nodeId, since: 16)
      try wire.string(&host, since: 16)
      try wire.int32(&port, since: 16)
      try wire.nullableString(&rack, since: 16)
    }
  }

  /// One partition's answer.
  public struct Partition: WireStruct {
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none
    /// The offset after the last record that all in-sync replicas hold.
    ///
    /// −1 if the broker does not know it.
    public var highWatermark: Int64 = 0
    /// The offset before which every transaction is decided (KIP-98); −1 if unknown.
    public var lastStableOffset: Int64 = -1
    /// The log's first offset; −1 if unknown.
    public var logStartOffset: Int64 = -1
    /// For followers: where the logs part (KIP-595).
    public var divergingEpoch = EpochEndOffset()
    /// Who leads instead, after `notLeaderOrFollower` or `fencedLeaderEpoch` (KIP-951).
    public var currentLeader = LeaderIdAndEpoch()
    /// For followers: which snapshot to load instead (KIP-630).
    public var snapshotId = SnapshotId()
    /// The aborted transactions in the batches; nil where not asked for by `isolationLevel` 1.
    public var abortedTransactions: [AbortedTransaction]?
    /// The node to read from instead (KIP-392); −1 for none.
    public var preferredReadReplica: Int32 = -1
    /// Batches, the last perhaps cut short; nil or empty for none.
    public var records: RecordsSlice?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.errorCode(&errorCode)
      try wire.int64(&highWatermark)
      try wire.int64(&lastStableOffset, since: 4, default: -1, ignorable: true)
      try wire.int64(&logStartOffset, since: 5, default: -1, ignorable: true)
      try wire.nullableStructs(&abortedTransactions, since: 4, ignorable: true)
      try wire.int32(&preferredReadReplica, since: 11, default: -1)
      try wire.records(&records)
      try wire.tagged(0, since: 12, omit: divergingEpoch == EpochEndOffset(), ignorable: false) {
        (wire) throws(WireError) in try wire.structure(&divergingEpoch)
      }
      try wire.tagged(1, since: 12, omit: currentLeader == LeaderIdAndEpoch(), ignorable: false) {
        (wire) throws(WireError) in try wire.structure(&currentLeader)
      }
      try wire.tagged(2, since: 12, omit: snapshotId == SnapshotId(), ignorable: false) {
        (wire) throws(WireError) in try wire.structure(&snapshotId)
      }
    }
  }

  /// An epoch and where it ends.
  public struct EpochEndOffset: WireStruct, Hashable {
    /// The epoch; −1 for none.
    public var epoch: Int32 = -1
    /// The offset after its last record; −1 for none.
    public var endOffset: Int64 = -1

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&epoch, since: 12, default: -1)
      try wire.int64(&endOffset, since: 12, default: -1)
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
      try wire.int32(&leaderId, since: 12, default: -1)
      try wire.int32(&leaderEpoch, since: 12, default: -1)
    }
  }

  /// The name of a snapshot: where it ends.
  public struct SnapshotId: WireStruct, Hashable {
    /// The offset after its last record; −1 for none.
    public var endOffset: Int64 = -1
    /// The epoch; −1 for none.
    public var epoch: Int32 = -1

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int64(&endOffset)
      try wire.int32(&epoch)
    }
  }

  /// An aborted transaction (KIP-98).
  public struct AbortedTransaction: WireStruct {
    /// The producer whose records do not count.
    public var producerId: Int64 = 0
    /// From which offset on they do not count, up to its next control record.
    public var firstOffset: Int64 = 0

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int64(&producerId, since: 4)
      try wire.int64(&firstOffset, since: 4)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs, since: 1, ignorable: true)
    try wire.errorCode(&errorCode, since: 7, ignorable: true)
    try wire.int32(&sessionId, since: 7)
    try wire.structs(&responses)
    try wire.tagged(0, since: 16, omit: nodeEndpoints.isEmpty, ignorable: false) {
      (wire) throws(WireError) in try wire.structs(&nodeEndpoints)
    }
  }
}
