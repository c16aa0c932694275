/// Joins a classic group (key 11).
///
/// The answer comes when the members have joined. KIP-62, KIP-345, KIP-394, KIP-559, KIP-800,
/// KIP-814.
public struct JoinGroupRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.joinGroup
  /// What answers it.
  public typealias Response = JoinGroupResponse

  /// The group's name.
  public var groupId = ""
  /// Milliseconds without a heartbeat after which the coordinator takes the member for dead.
  public var sessionTimeoutMs: Int32 = 0
  /// Milliseconds that the coordinator waits for each member to join again (KIP-62).
  ///
  /// Version 0 uses `sessionTimeoutMs` for it.
  public var rebalanceTimeoutMs: Int32 = -1
  /// The id that the coordinator gave; empty at first.
  ///
  /// From version 4 on the first answer is `memberIdRequired`, with the id to join with (KIP-394).
  public var memberId = ""
  /// The name of a static member (KIP-345), or nil.
  public var groupInstanceId: String?
  /// What kind of group it is: `consumer` for consumers.
  public var protocolType = ""
  /// The ways of assignment that the member knows, the preferred one first.
  public var protocols: [GroupProtocol] = []
  /// Why the member joins, for the broker's log (KIP-800), or nil.
  public var reason: String?

  /// One way of assignment that the member knows.
  public struct GroupProtocol: WireStruct {
    /// Its name, such as `range`.
    public var name = ""
    /// What the leader must know of the member: for consumers a `ConsumerProtocolSubscription`.
    public var metadata: [UInt8] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
      try wire.bytes(&metadata)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&groupId)
    try wire.int32(&sessionTimeoutMs)
    try wire.int32(&rebalanceTimeoutMs, since: 1, default: -1, ignorable: true)
    try wire.string(&memberId)
    try wire.nullableString(&groupInstanceId, since: 5, nullableSince: 5)
    try wire.string(&protocolType)
    try wire.structs(&protocols)
    try wire.nullableString(&reason, since: 8, nullableSince: 8, ignorable: true)
  }
}

/// The generation of the group; its leader is told who the members are.
public struct JoinGroupResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why it failed; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// The number of the group's generation; −1 after an error.
  public var generationId: Int32 = -1
  /// What kind of group it is (KIP-559), or nil.
  public var protocolType: String?
  /// The way of assignment that all members know; nil, from version 7 on, after an error.
  public var protocolName: String?
  /// The member id of the leader, who assigns.
  public var leader = ""
  /// True where the leader must keep the assignment that there is (KIP-814).
  public var skipAssignment = false
  /// The id of this member.
  public var memberId = ""
  /// The members, for the leader only.
  public var members: [Member] = []

  /// One member of the group.
  public struct Member: WireStruct {
    /// The member's id.
    public var memberId = ""
    /// The name of a static member (KIP-345), or nil.
    public var groupInstanceId: String?
    /// What the member said of itself for the chosen way of assignment.
    public var metadata: [UInt8] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&memberId)
      try wire.nullableString(&groupInstanceId, since: 5, nullableSince: 5, ignorable: true)
      try wire.bytes(&metadata)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs, since: 2, ignorable: true)
    try wire.errorCode(&errorCode)
    try wire.int32(&generationId, default: -1)
    try wire.nullableString(&protocolType, since: 7, nullableSince: 7, ignorable: true)
    try wire.nullableString(&protocolName, nullableSince: 7)
    try wire.string(&leader)
    try wire.bool(&skipAssignment, since: 9)
    try wire.string(&memberId)
    try wire.structs(&members)
  }
}
