/// Takes members out of a classic group (key 13).
///
/// KIP-345, KIP-800.
public struct LeaveGroupRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.leaveGroup
  /// What answers it.
  public typealias Response = LeaveGroupResponse

  /// The group's name.
  public var groupId = ""
  /// The member that leaves, up to version 2.
  public var memberId = ""
  /// The members that leave, from version 3 on.
  public var members: [Member] = []

  /// A member that leaves.
  public struct Member: WireStruct {
    /// The member's id; empty to name a static member by `groupInstanceId` alone.
    public var memberId = ""
    /// The name of a static member (KIP-345), or nil.
    public var groupInstanceId: String?
    /// Why the member leaves, for the broker's log (KIP-800), or nil.
    public var reason: String?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&memberId, since: 3)
      try wire.nullableString(&groupInstanceId, since: 3, nullableSince: 3)
      try wire.nullableString(&reason, since: 5, nullableSince: 5, ignorable: true)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&groupId)
    try wire.string(&memberId, until: 2)
    try wire.structs(&members, since: 3)
  }
}

/// Which members have left.
public struct LeaveGroupResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why the request as a whole failed; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// The outcome by member, from version 3 on.
  public var members: [Member] = []

  /// One member's outcome.
  public struct Member: WireStruct {
    /// The member's id.
    public var memberId = ""
    /// The name of a static member (KIP-345), or nil.
    public var groupInstanceId: String?
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&memberId, since: 3)
      try wire.nullableString(&groupInstanceId, since: 3, nullableSince: 3)
      try wire.errorCode(&errorCode, since: 3)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs, since: 1, ignorable: true)
    try wire.errorCode(&errorCode)
    try wire.structs(&members, since: 3)
  }
}
