/// One partition of a topic.
public struct TopicPartition: Hashable, Comparable, Sendable {
  /// The topic's name.
  public var topic: String
  /// The partition's number, 0 or more.
  public var partition: Int32

  /// Names one.
  public init(_ topic: String, _ partition: Int32) {
    self.topic = topic
    self.partition = partition
  }

  /// By topic, then by number.
  public static func < (left: Self, right: Self) -> Bool {
    left.topic == right.topic
      ? left.partition < right.partition : left.topic < right.topic
  }
}

extension TopicPartition: CustomStringConvertible {
  /// As kcat writes it: `topic [0]`.
  public var description: String { "\(topic) [\(partition)]" }
}
