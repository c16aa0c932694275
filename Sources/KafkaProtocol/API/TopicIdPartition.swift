/// A partition by its topic's id and its number: how KIP-848 and KIP-932 name it.
public struct TopicIdPartition: Hashable, Sendable {
  /// The topic's id.
  public var topicId: Uuid
  /// The partition's number, 0 or more.
  public var partition: Int32

  /// Names a partition.
  public init(_ topicId: Uuid, _ partition: Int32) {
    self.topicId = topicId
    self.partition = partition
  }
}

extension Sequence<TopicIdPartition> {
  /// The partitions by topic, in the order in which they come.
  public var byTopic: [(topicId: Uuid, partitions: [Int32])] {
    var rows: [(topicId: Uuid, partitions: [Int32])] = []
    var places: [Uuid: Int] = [:]
    for entry in self {
      if let place = places[entry.topicId] {
        rows[place].partitions.append(entry.partition)
      } else {
        places[entry.topicId] = rows.count
        rows.append((entry.topicId, [entry.partition]))
      }
    }
    return rows
  }
}
