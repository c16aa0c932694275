/// Asks for a member's share in a classic group, or hands in all shares (key 14).
///
/// The leader hands them in; the answer comes when it has. KIP-345, KIP-559.
public struct SyncGroupRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.syncGroup
  /// What answers it.
  public typealias Response = SyncGroupResponse

  /// The group's name.
  public var groupId = ""
  /// The generation that the member has joined.
  public var generationId: Int32 = 0
  /// The member's id.
  public var memberId = ""
  /// The name of a static member (KIP-345), or nil.
  public var groupInstanceId: String?
  /// What kind of group it is, as JoinGroup answered (KIP-559), or nil.
  public var protocolType: String?
  /// The way of assignment, as JoinGroup answered (KIP-559), or nil.
  public var protocolName: String?
  /// The share of each member, from the leader only.
  public var assignments: [Assignment] = []

  /// One member's share.
  public struct Assignment: WireStruct {
    /// The member's id.
    public var memberId = ""
    /// What it gets: for consumers a `ConsumerProtocolAssignment`.
    public var assignment: [UInt8] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&memberId)
      try wire.bytes(&assignment)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&groupId)
    try wire.int32(&generationId)
    try wire.string(&memberId)
    try wire.nullableString(&groupInstanceId, since: 3, nullableSince: 3)
    try wire.nullableString(&protocolType, since: 5, nullableSince: 5, ignorable: true)
    try wire.nullableString(&protocolName, since: 5, nullableSince: 5, ignorable: true)
    try wire.structs(&assignments)
  }
}

/// The member's share.
public struct SyncGroupResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why it failed; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// What kind of group it is (KIP-559), or nil.
  public var protocolType: String?
  /// The way of assignment (KIP-559), or nil.
  public var protocolName: String?
  /// What the member gets: for consumers a `ConsumerProtocolAssignment`.
  ///
  /// Empty after an error.
  public var assignment: [UInt8] = []

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs, since: 1, ignorable: true)
    try wire.errorCode(&errorCode)
    try wire.nullableString(&protocolType, since: 5, nullableSince: 5, ignorable: true)
    try wire.nullableString(&protocolName, since: 5, nullableSince: 5, ignorable: true)
    try wire.bytes(&assignment)
  }
}
