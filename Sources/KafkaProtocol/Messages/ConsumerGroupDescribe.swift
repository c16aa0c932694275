/// Asks for groups whose partitions the broker assigns (key 69).
///
/// KIP-848, KIP-1099.
public struct ConsumerGroupDescribeRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.consumerGroupDescribe
  /// What answers it.
  public typealias Response = ConsumerGroupDescribeResponse

  /// The groups' names.
  public var groupIds: [String] = []
  /// True to ask what the client may do with the groups (KIP-430).
  public var includeAuthorizedOperations = false

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.strings(&groupIds)
    try wire.bool(&includeAuthorizedOperations)
  }
}

/// The groups, their members and what these read.
public struct ConsumerGroupDescribeResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// The answer by group.
  public var groups: [DescribedGroup] = []

  /// One group.
  public struct DescribedGroup: WireStruct {
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none
    /// The broker's words about the error, or nil.
    public var errorMessage: String?
    /// The group's name.
    public var groupId = ""
    /// The state, such as `Stable`; empty after an error.
    public var groupState = ""
    /// Rises with each change of the members or of what they want.
    public var groupEpoch: Int32 = 0
    /// The epoch of the group for which the target assignment was made.
    public var assignmentEpoch: Int32 = 0
    /// The assignor in use.
    public var assignorName = ""
    /// The members.
    public var members: [Member] = []
    /// A bit for each operation allowed (KIP-430); `Int32.min` if not asked for.
    public var authorizedOperations: Int32 = .min

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.errorCode(&errorCode)
      try wire.nullableString(&errorMessage)
      try wire.string(&groupId)
      try wire.string(&groupState)
      try wire.int32(&groupEpoch)
      try wire.int32(&assignmentEpoch)
      try wire.string(&assignorName)
      try wire.structs(&members)
      try wire.int32(&authorizedOperations, default: .min)
    }
  }

  /// One member.
  public struct Member: WireStruct {
    /// The member's id.
    public var memberId = ""
    /// The name of a static member, or nil.
    public var instanceId: String?
    /// The member's rack, or nil.
    public var rackId: String?
    /// The member's epoch.
    public var memberEpoch: Int32 = 0
    /// The name that the client gives itself.
    public var clientId = ""
    /// Where the client connects from.
    public var clientHost = ""
    /// The topics that the member wants.
    public var subscribedTopicNames: [String] = []
    /// A regular expression for topics that the member wants, or nil.
    public var subscribedTopicRegex: String?
    /// What the member reads.
    public var assignment = Assignment()
    /// What the member shall read.
    public var targetAssignment = Assignment()
    /// 0: classic protocol; 1: KIP-848 (KIP-1099); −1 if unknown.
    public var memberType: Int8 = -1

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&memberId)
      try wire.nullableString(&instanceId)
      try wire.nullableString(&rackId)
      try wire.int32(&memberEpoch)
      try wire.string(&clientId)
      try wire.string(&clientHost)
      try wire.strings(&subscribedTopicNames)
      try wire.nullableString(&subscribedTopicRegex)
      try wire.structure(&assignment)
      try wire.structure(&targetAssignment)
      try wire.int8(&memberType, since: 1, default: -1, ignorable: true)
    }
  }

  /// What a member reads or shall read.
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
    /// The topic's name.
    public var topicName = ""
    /// The partitions' numbers.
    public var partitions: [Int32] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.uuid(&topicId)
      try wire.string(&topicName)
      try wire.int32s(&partitions)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs)
    try wire.structs(&groups)
  }
}
