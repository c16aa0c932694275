internal import KafkaProtocol

/// A member's share on the wire.
enum GroupAssignment {
  /// The share as the leader of a classic group hands it in.
  static func encode(_ partitions: [TopicPartition]) throws(WireError) -> [UInt8] {
    var assignment = ConsumerProtocolAssignment()
    // Kafka 0.9's JVM client cannot read null.
    assignment.userData = []
    assignment.assignedPartitions = byTopic(partitions).map { topic, numbers in
      var entry = ConsumerProtocolAssignment.TopicPartition()
      (entry.topic, entry.partitions) = (topic, numbers)
      return entry
    }
    return try assignment.encode(version: 0)
  }

  /// The share as SyncGroup answers it; no bytes are no partitions.
  static func decode(_ bytes: [UInt8]) throws(WireError) -> Set<TopicPartition> {
    guard !bytes.isEmpty else { return [] }
    var share: Set<TopicPartition> = []
    for topic in try ConsumerProtocolAssignment.decode(bytes).data.assignedPartitions {
      for number in topic.partitions where number >= 0 {
        share.insert(TopicPartition(topic.topic, number))
      }
    }
    return share
  }

  /// The partitions' numbers by topic, both sorted.
  static func byTopic(_ partitions: some Sequence<TopicPartition>)
    -> [(topic: String, partitions: [Int32])]
  {
    var grouped: [String: [Int32]] = [:]
    for partition in partitions {
      grouped[partition.topic, default: []].append(partition.partition)
    }
    return grouped.map { ($0.key, $0.value.sorted()) }.sorted { $0.topic < $1.topic }
  }
}
