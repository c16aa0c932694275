/// Tells the coordinator of a classic group that the member lives (key 12).
///
/// KIP-345.
public struct HeartbeatRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.heartbeat
  /// What answers it.
  public typealias Response = HeartbeatResponse

  /// The group's name.
  public var groupId = ""
  /// The generation that the member belongs to.
  public var generationId: Int32 = 0
  /// The member's id.
  public var memberId = ""
  /// The name of a static member (KIP-345), or nil.
  public var groupInstanceId: String?

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&groupId)
    try wire.int32(&generationId)
    try wire.string(&memberId)
    try wire.nullableString(&groupInstanceId, since: 3, nullableSince: 3)
  }
}

/// Whether the member may go on.
public struct HeartbeatResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// `rebalanceInProgress` asks the member to join again; `none` if nothing is wrong.
  public var errorCode = ErrorCode.none

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs, since: 1, ignorable: true)
    try wire.errorCode(&errorCode)
  }
}
