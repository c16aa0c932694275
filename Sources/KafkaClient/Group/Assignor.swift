internal import KafkaProtocol

/// A way to deal out a group's partitions: a value of `partition.assignment.strategy`.
///
/// The leader of a classic group computes it for all. The results of `range` and `roundrobin` are those
/// of librdkafka and of the JVM client.
public enum Assignor: String, CaseIterable, Sendable {
  /// Topic by topic, neighbouring partitions to the same member.
  case range
  /// All partitions in turn.
  case roundrobin
  /// Balanced, each member keeping what it has; what moves is given up one rebalance before (KIP-429).
  case cooperativeSticky = "cooperative-sticky"

  /// Whether members keep their partitions while they join (KIP-429).
  var isCooperative: Bool { self == .cooperativeSticky }

  /// What each member gets, by its id; every member is there, partitions are sorted.
  ///
  /// `partitionCounts` says which topics there are and how many partitions each has.
  func assign(_ members: [GroupSubscription], _ partitionCounts: [String: Int32])
    -> [String: [TopicPartition]]
  {
    let members = members.sorted(by: GroupSubscription.precedes)
    let dealt: [[TopicPartition]] =
      switch self {
      case .range: Self.range(members, partitionCounts)
      case .roundrobin: Self.roundrobin(members, partitionCounts)
      case .cooperativeSticky: StickyAssignment.cooperative(members, partitionCounts)
      }
    var result: [String: [TopicPartition]] = [:]
    for (member, partitions) in zip(members, dealt) {
      result[member.memberId] = partitions.sorted()
    }
    return result
  }

  private static func range(_ members: [GroupSubscription], _ counts: [String: Int32])
    -> [[TopicPartition]]
  {
    var dealt = [[TopicPartition]](repeating: [], count: members.count)
    for (topic, count) in counts {
      let takers = members.indices.filter { members[$0].topics.contains(topic) }
      guard !takers.isEmpty else { continue }
      let (share, extra) = Int(count).quotientAndRemainder(dividingBy: takers.count)
      var next: Int32 = 0
      for (place, taker) in takers.enumerated() {
        for _ in 0..<(share + (place < extra ? 1 : 0)) {
          dealt[taker].append(TopicPartition(topic, next))
          next += 1
        }
      }
    }
    return dealt
  }

  private static func roundrobin(_ members: [GroupSubscription], _ counts: [String: Int32])
    -> [[TopicPartition]]
  {
    var dealt = [[TopicPartition]](repeating: [], count: members.count)
    var next = 0
    for topic in counts.keys.sorted() where members.contains(where: { $0.topics.contains(topic) }) {
      for partition in 0..<(counts[topic] ?? 0) {
        while !members[next].topics.contains(topic) { next = (next + 1) % members.count }
        dealt[next].append(TopicPartition(topic, partition))
        next = (next + 1) % members.count
      }
    }
    return dealt
  }
}
