/// A partition by its topic's name and its number.
public struct TopicPartition: Hashable, Sendable, CustomStringConvertible {
  /// The topic's name.
  public var topic: String
  /// The partition's number, 0 or more.
  public var partition: Int32

  /// Names a partition.
  public init(_ topic: String, _ partition: Int32) {
    self.topic = topic
    self.partition = partition
  }

  /// `TOPIC [PARTITION]`, as kcat writes it.
  public var description: String { "\(topic) [\(partition)]" }
}
