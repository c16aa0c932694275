internal import KafkaProtocol

/// The assignment of `cooperative-sticky`: as even as can be, and as near to what there was.
struct StickyAssignment {
  private let members: [GroupSubscription]
  private let counts: [String: Int32]
  /// What each member gets, by its place.
  private(set) var dealt: [[TopicPartition]]

  /// Deals out what `members`, in their order, may have.
  init(_ members: [GroupSubscription], _ counts: [String: Int32]) {
    self.members = members
    self.counts = counts
    dealt = [[TopicPartition]](repeating: [], count: members.count)
    guard !members.isEmpty else { return }
    keepWhatIsThere()
    dealWhatIsFree()
    balance()
  }

  /// The same, without what somebody else still has: that is given up first, and dealt out by the
  /// rebalance that follows (KIP-429).
  static func cooperative(_ members: [GroupSubscription], _ counts: [String: Int32])
    -> [[TopicPartition]]
  {
    let sticky = StickyAssignment(members, counts)
    var holders: [TopicPartition: Set<Int>] = [:]
    for (place, member) in members.enumerated() {
      for partition in member.owned { holders[partition, default: []].insert(place) }
    }
    return sticky.dealt.enumerated().map { place, partitions in
      partitions.filter { holders[$0]?.subtracting([place]).isEmpty ?? true }
    }
  }

  /// Of two that claim a partition the one of the later generation keeps it; of the same, none does.
  private mutating func keepWhatIsThere() {
    var claims: [TopicPartition: (generationId: Int32, place: Int?)] = [:]
    for (place, member) in members.enumerated() {
      for partition in Set(member.owned)
      where member.topics.contains(partition.topic)
        && (0..<(counts[partition.topic] ?? 0)).contains(partition.partition)
      {
        guard let claim = claims[partition], claim.generationId >= member.generationId else {
          claims[partition] = (member.generationId, place)
          continue
        }
        if claim.generationId == member.generationId {
          claims[partition] = (claim.generationId, nil)
        }
      }
    }
    for (partition, claim) in claims {
      if let place = claim.place { dealt[place].append(partition) }
    }
    for place in dealt.indices { dealt[place].sort() }
  }

  /// Those that few can have come first; each goes to who has least.
  private mutating func dealWhatIsFree() {
    let kept = Set(dealt.joined())
    let topics = counts.keys.map { topic in
      (topic: topic, takers: members.indices.filter { members[$0].topics.contains(topic) })
    }
    .sorted { ($0.takers.count, $0.topic) < ($1.takers.count, $1.topic) }
    for (topic, takers) in topics where !takers.isEmpty {
      for number in 0..<(counts[topic] ?? 0) {
        let partition = TopicPartition(topic, number)
        guard !kept.contains(partition),
          let least = takers.min(by: { dealt[$0].count < dealt[$1].count })
        else { continue }
        dealt[least].append(partition)
      }
    }
  }

  /// Moves one partition after the other from who has two more to who has less.
  ///
  /// Each move makes the sum of the squares smaller, so that it comes to an end.
  private mutating func balance() {
    while let (from, slot, to) = unfairPlace() {
      dealt[to].append(dealt[from].remove(at: slot))
    }
  }

  private func unfairPlace() -> (from: Int, slot: Int, to: Int)? {
    let byLoad = dealt.indices.sorted { (dealt[$0].count, $0) < (dealt[$1].count, $1) }
    for from in byLoad.reversed() {
      for to in byLoad where dealt[from].count - dealt[to].count >= 2 {
        let topics = members[to].topics
        if let slot = dealt[from].lastIndex(where: { topics.contains($0.topic) }) {
          return (from, slot, to)
        }
      }
    }
    return nil
  }
}
