/// What the leader of a classic group gives a consumer: the assignment of SyncGroup.
public struct ConsumerProtocolAssignment: GroupData {
  /// Kafka's name of the data.
  public static var name: String { "ConsumerProtocolAssignment" }
  /// The versions that hbcat can read and write; they are all alike.
  public static var versions: ClosedRange<Int16> { 0...3 }

  /// The partitions that the member may read.
  public var assignedPartitions: [TopicPartition] = []
  /// What the assignor says besides, or nil.
  public var userData: [UInt8]?

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
      try wire.string(&topic)
      try wire.int32s(&partitions)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.structs(&assignedPartitions)
    try wire.nullableBytes(&userData)
  }
}
