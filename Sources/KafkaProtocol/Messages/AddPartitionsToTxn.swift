/// Makes partitions part of a transaction (key 24).
///
/// Clients may use versions up to 3; the later ones are for brokers. KIP-98, KIP-890.
public struct AddPartitionsToTxnRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.addPartitionsToTxn
  /// What answers it.
  public typealias Response = AddPartitionsToTxnResponse

  /// The transactions, from version 4 on.
  public var transactions: [Transaction] = []
  /// The transactional id, up to version 3.
  public var v3AndBelowTransactionalId = ""
  /// The producer's id, up to version 3.
  public var v3AndBelowProducerId: Int64 = 0
  /// The producer's epoch, up to version 3.
  public var v3AndBelowProducerEpoch: Int16 = 0
  /// The partitions to add, up to version 3.
  public var v3AndBelowTopics: [Topic] = []

  /// What to add to one transaction.
  public struct Transaction: WireStruct {
    /// The transactional id.
    public var transactionalId = ""
    /// The producer's id.
    public var producerId: Int64 = 0
    /// The producer's epoch.
    public var producerEpoch: Int16 = 0
    /// True to ask whether the partitions are in the transaction, without adding them.
    public var verifyOnly = false
    /// The partitions to add.
    public var topics: [Topic] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&transactionalId, since: 4)
      try wire.int64(&producerId, since: 4)
      try wire.int16(&producerEpoch, since: 4)
      try wire.bool(&verifyOnly, since: 4)
      try wire.structs(&topics, since: 4)
    }
  }

  /// Partitions of one topic.
  public struct Topic: WireStruct {
    /// The topic's name.
    public var name = ""
    /// The partitions' numbers.
    public var partitions: [Int32] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
      try wire.int32s(&partitions)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.structs(&transactions, since: 4)
    try wire.string(&v3AndBelowTransactionalId, until: 3)
    try wire.int64(&v3AndBelowProducerId, until: 3)
    try wire.int16(&v3AndBelowProducerEpoch, until: 3)
    try wire.structs(&v3AndBelowTopics, until: 3)
  }
}

/// Which partitions were added.
public struct AddPartitionsToTxnResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why the request as a whole failed; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// The outcome by transaction, from version 4 on.
  public var resultsByTransaction: [TransactionResult] = []
  /// The outcome by topic, up to version 3.
  public var resultsByTopicV3AndBelow: [TopicResult] = []

  /// One transaction's outcome.
  public struct TransactionResult: WireStruct {
    /// The transactional id.
    public var transactionalId = ""
    /// The outcome by topic.
    public var topicResults: [TopicResult] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&transactionalId, since: 4)
      try wire.structs(&topicResults, since: 4)
    }
  }

  /// One topic's outcome.
  public struct TopicResult: WireStruct {
    /// The topic's name.
    public var name = ""
    /// The outcome by partition.
    public var resultsByPartition: [PartitionResult] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
      try wire.structs(&resultsByPartition)
    }
  }

  /// One partition's outcome.
  public struct PartitionResult: WireStruct {
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// Why it failed; `none` if it did not.
    ///
    /// `operationNotAttempted` where another partition's error stopped them all.
    public var partitionErrorCode = ErrorCode.none

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.errorCode(&partitionErrorCode)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs)
    try wire.errorCode(&errorCode, since: 4, ignorable: true)
    try wire.structs(&resultsByTransaction, since: 4)
    try wire.structs(&resultsByTopicV3AndBelow, until: 3)
  }
}
