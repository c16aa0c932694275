/// Creates topics (key 19).
///
/// KIP-4, KIP-464, KIP-525, KIP-599.
public struct CreateTopicsRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.createTopics
  /// What answers it.
  public typealias Response = CreateTopicsResponse

  /// The topics to create.
  public var topics: [Topic] = []
  /// Milliseconds that the broker may wait until the topics are there.
  public var timeoutMs: Int32 = 60000
  /// True to check only.
  public var validateOnly = false

  /// A topic to create.
  public struct Topic: WireStruct {
    /// The topic's name.
    public var name = ""
    /// How many partitions; −1 with `assignments` or for the broker's default (version 4).
    public var numPartitions: Int32 = 0
    /// How many replicas of each partition; −1 with `assignments` or for the broker's default
    /// (version 4).
    public var replicationFactor: Int16 = 0
    /// Which brokers hold which partition; empty to let the broker choose.
    public var assignments: [Assignment] = []
    /// The topic's settings.
    public var configs: [Config] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
      try wire.int32(&numPartitions)
      try wire.int16(&replicationFactor)
      try wire.structs(&assignments)
      try wire.structs(&configs)
    }
  }

  /// The brokers that hold one partition.
  public struct Assignment: WireStruct {
    /// The partition's number.
    public var partitionIndex: Int32 = 0
    /// Their node ids, the preferred leader first.
    public var brokerIds: [Int32] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&partitionIndex)
      try wire.int32s(&brokerIds)
    }
  }

  /// One of the topic's settings.
  public struct Config: WireStruct {
    /// The setting's name.
    public var name = ""
    /// The setting's value, or nil for the default.
    public var value: String?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
      try wire.nullableString(&value)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.structs(&topics)
    try wire.int32(&timeoutMs)
    try wire.bool(&validateOnly, since: 1)
  }
}

/// What became of each topic.
public struct CreateTopicsResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// The outcome by topic.
  public var topics: [Topic] = []

  /// One topic's outcome.
  public struct Topic: WireStruct {
    /// The topic's name.
    public var name = ""
    /// The topic's id (KIP-516); zero if unknown.
    public var topicId = Uuid.zero
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none
    /// The broker's words about the error, or nil.
    public var errorMessage: String?
    /// Why `configs` is missing; `none` if it is not.
    public var topicConfigErrorCode = ErrorCode.none
    /// How many partitions; −1 if not told.
    public var numPartitions: Int32 = -1
    /// How many replicas of each partition; −1 if not told.
    public var replicationFactor: Int16 = -1
    /// The topic's settings, or nil if they may not be seen (KIP-525).
    public var configs: [Config]?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
      try wire.uuid(&topicId, since: 7, ignorable: true)
      try wire.errorCode(&errorCode)
      try wire.nullableString(&errorMessage, since: 1, ignorable: true)
      try wire.int32(&numPartitions, since: 5, default: -1, ignorable: true)
      try wire.int16(&replicationFactor, since: 5, default: -1, ignorable: true)
      try wire.nullableStructs(&configs, since: 5, ignorable: true)
      try wire.tagged(0, since: 5, omit: topicConfigErrorCode == .none, ignorable: true) {
        (wire) throws(WireError) in try wire.errorCode(&topicConfigErrorCode)
      }
    }
  }

  /// One of the topic's settings.
  public struct Config: WireStruct {
    /// The setting's name.
    public var name = ""
    /// The setting's value, or nil if it is secret.
    public var value: String?
    /// True if it cannot be changed.
    public var readOnly = false
    /// Where it comes from: 1 topic, 2 to 4 broker, 5 default; −1 if unknown.
    public var configSource: Int8 = -1
    /// True if its value is secret.
    public var isSensitive = false

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name, since: 5)
      try wire.nullableString(&value, since: 5)
      try wire.bool(&readOnly, since: 5)
      try wire.int8(&configSource, since: 5, default: -1, ignorable: true)
      try wire.bool(&isSensitive, since: 5)
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
