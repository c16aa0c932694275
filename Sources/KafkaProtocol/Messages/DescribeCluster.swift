/// Asks for the cluster's brokers or controllers (key 60).
///
/// KIP-700, KIP-919, KIP-1073.
public struct DescribeClusterRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.describeCluster
  /// What answers it.
  public typealias Response = DescribeClusterResponse

  /// True to ask what the client may do with the cluster (KIP-430).
  public var includeClusterAuthorizedOperations = false
  /// 1: brokers; 2: controllers.
  public var endpointType: Int8 = 1
  /// True to be told of fenced brokers too.
  public var includeFencedBrokers = false

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.bool(&includeClusterAuthorizedOperations)
    try wire.int8(&endpointType, since: 1, default: 1)
    try wire.bool(&includeFencedBrokers, since: 2)
  }
}

/// The cluster's nodes.
public struct DescribeClusterResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why it failed; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// The broker's words about the error, or nil.
  public var errorMessage: String?
  /// What `brokers` holds: 1 brokers; 2 controllers.
  public var endpointType: Int8 = 1
  /// The cluster's id.
  public var clusterId = ""
  /// The controller's node id; −1 if unknown.
  ///
  /// From a broker of a KRaft cluster it is that of any broker that is alive.
  public var controllerId: Int32 = -1
  /// The nodes.
  public var brokers: [Broker] = []
  /// A bit for each operation allowed (KIP-430); `Int32.min` if not asked for.
  public var clusterAuthorizedOperations: Int32 = .min

  /// One node.
  public struct Broker: WireStruct {
    /// The node's id.
    public var brokerId: Int32 = 0
    /// Where it listens: a name or an address.
    public var host = ""
    /// Where it listens: the TCP port.
    public var port: Int32 = 0
    /// Its rack, or nil.
    public var rack: String?
    /// True if it is fenced: registered, but not in service.
    public var isFenced = false

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int32(&brokerId)
      try wire.string(&host)
      try wire.int32(&port)
      try wire.nullableString(&rack)
      try wire.bool(&isFenced, since: 2)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs)
    try wire.errorCode(&errorCode)
    try wire.nullableString(&errorMessage)
    try wire.int8(&endpointType, since: 1, default: 1)
    try wire.string(&clusterId)
    try wire.int32(&controllerId)
    try wire.structs(&brokers)
    try wire.int32(&clusterAuthorizedOperations)
  }
}
