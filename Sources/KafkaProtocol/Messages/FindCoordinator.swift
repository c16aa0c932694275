/// Asks which brokers coordinate groups, transactions or share groups (key 10).
///
/// KIP-98, KIP-699, KIP-932.
public struct FindCoordinatorRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.findCoordinator
  /// What answers it.
  public typealias Response = FindCoordinatorResponse

  /// The group's name or the transactional id, up to version 3.
  public var key = ""
  /// 0: group; 1: transaction; 2: share group (version 6).
  public var keyType: Int8 = 0
  /// The names, from version 4 on; a share group's is `group:topicId:partition` (KIP-932).
  public var coordinatorKeys: [String] = []

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&key, until: 3)
    try wire.int8(&keyType, since: 1)
    try wire.strings(&coordinatorKeys, since: 4)
  }
}

/// The coordinators.
public struct FindCoordinatorResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why it failed, up to version 3; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// The broker's words about the error, or nil; up to version 3.
  public var errorMessage: String?
  /// The coordinator's node id, up to version 3.
  public var nodeId: Int32 = 0
  /// Where it listens, up to version 3: a name or an address.
  public var host = ""
  /// Where it listens, up to version 3: the TCP port.
  public var port: Int32 = 0
  /// The coordinator of each key, from version 4 on.
  public var coordinators: [Coordinator] = []

  /// Who coordinates one key.
  public struct Coordinator: WireStruct {
    /// The group's name or the transactional id.
    public var key = ""
    /// The coordinator's node id.
    public var nodeId: Int32 = 0
    /// Where it listens: a name or an address.
    public var host = ""
    /// Where it listens: the TCP port.
    public var port: Int32 = 0
    /// Why it failed; `none` if it did not.
    public var errorCode = ErrorCode.none
    /// The broker's words about the error, or nil.
    public var errorMessage: String?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&key, since: 4)
      try wire.int32(&nodeId, since: 4)
      try wire.string(&host, since: 4)
      try wire.int32(&port, since: 4)
      try wire.errorCode(&errorCode, since: 4)
      try wire.nullableString(&errorMessage, since: 4, ignorable: true)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs, since: 1, ignorable: true)
    try wire.errorCode(&errorCode, until: 3)
    try wire.nullableString(&errorMessage, since: 1, until: 3, ignorable: true)
    try wire.int32(&nodeId, until: 3)
    try wire.string(&host, until: 3)
    try wire.int32(&port, until: 3)
    try wire.structs(&coordinators, since: 4)
  }
}
