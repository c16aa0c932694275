/// What a consumer tells the leader of its classic group: the metadata of JoinGroup.
///
/// KIP-429, KIP-792, KIP-881.
public struct ConsumerProtocolSubscription: GroupData {
  /// Kafka's name of the data.
  public static var name: String { "ConsumerProtocolSubscription" }
  /// The versions that hbcat can read and write.
  public static var versions: ClosedRange<Int16> { 0...3 }

  /// The topics that the member wants.
  public var topics: [String] = []
  /// What the assignor wants to know besides, or nil.
  public var userData: [UInt8]?
  /// The partitions that the member has, from version 1 on (KIP-429).
  public var ownedPartitions: [TopicPartition] = []
  /// The generation in which it got them, from version 2 on (KIP-792); −1 for none.
  public var generationId: Int32 = -1
  /// The member's rack, from version 3 on (KIP-881), or nil.
  public var rackId: String?

  /// Partitions of one topic.
  public struct TopicPartition: WireStruct {
    /// The topic's name.
    public var topic = ""
    /// The partitions' numbers.
    public var partitions: [Int32] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&topic, since: 1)
      try wire.int32s(&partitions, since: 1)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.strings(&topics)
    try wire.nullableBytes(&userData)
    try wire.structs(&ownedPartitions, since: 1, ignorable: true)
    try wire.int32(&generationId, since: 2, default: -1, ignorable: true)
    try wire.nullableString(&rackId, since: 3, nullableSince: 3, ignorable: true)
  }
}
