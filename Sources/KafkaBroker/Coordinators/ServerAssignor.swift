import KafkaProtocol

/// A topic as an assignor sees it.
struct SubscribedTopic: Hashable, Sendable {
  var id: Uuid
  /// Number of partitions.
  var partitions: Int32
}

/// A member as an assignor sees it.
struct Subscriber: Sendable {
  var id: String
  var instanceId: String?
  /// The topics that it wants.
  var topics: Set<String>
  /// What it was given last.
  var partitions: Set<TopicIdPartition>
}

/// How the broker assigns partitions in a KIP-848 group, by Kafka's names.
enum ServerAssignor: String, CaseIterable, Sendable {
  /// As even as can be, and each keeps what it has.
  case uniform
  /// Neighbouring partitions of each topic to one member.
  case range

  /// Gives each member its partitions, in the order of `members`.
  func assign(_ topics: [String: SubscribedTopic], to members: [Subscriber])
    -> [Set<TopicIdPartition>]
  {
    let names = topics.keys.sorted()
    switch self {
    case .uniform: return Self.uniform(names, topics, members)
    case .range: return Self.range(names, topics, members)
    }
  }

  private static func range(
    _ names: [String], _ topics: [String: SubscribedTopic], _ members: [Subscriber]
  ) -> [Set<TopicIdPartition>] {
    var shares = [Set<TopicIdPartition>](repeating: [], count: members.count)
    let order = members.indices.sorted {
      (members[$0].instanceId ?? members[$0].id) < (members[$1].instanceId ?? members[$1].id)
    }
    for name in names {
      let wanting = order.filter { members[$0].topics.contains(name) }
      guard let topic = topics[name], !wanting.isEmpty else { continue }
      let (each, more) = Int(topic.partitions).quotientAndRemainder(dividingBy: wanting.count)
      var next: Int32 = 0
      for (place, index) in wanting.enumerated() {
        let end = next + Int32(each + (place < more ? 1 : 0))
        for partition in next..<end {
          shares[index].insert(TopicIdPartition(topic.id, partition))
        }
        next = end
      }
    }
    return shares
  }

  private static func uniform(
    _ names: [String], _ topics: [String: SubscribedTopic], _ members: [Subscriber]
  ) -> [Set<TopicIdPartition>] {
    var owners: [TopicIdPartition: Int] = [:]
    for (index, member) in members.enumerated() {
      let wanted = Set(member.topics.compactMap { topics[$0]?.id })
      for partition in member.partitions where wanted.contains(partition.topicId) {
        owners[partition] = index
      }
    }
    var loads = [Int](repeating: 0, count: members.count)
    var places: [(partition: TopicIdPartition, wanting: [Int], owner: Int)] = []
    for name in names {
      let wanting = members.indices.filter { members[$0].topics.contains(name) }
      guard let topic = topics[name], !wanting.isEmpty else { continue }
      for number in 0..<topic.partitions {
        let partition = TopicIdPartition(topic.id, number)
        let owner = owners[partition] ?? -1
        if owner >= 0 { loads[owner] += 1 }
        places.append((partition, wanting, owner))
      }
    }
    func leastLoaded(_ wanting: [Int]) -> Int {
      wanting.reduce(wanting[0]) { loads[$1] < loads[$0] ? $1 : $0 }
    }
    for index in places.indices where places[index].owner < 0 {
      let taker = leastLoaded(places[index].wanting)
      places[index].owner = taker
      loads[taker] += 1
    }
    var held = [[Int]](repeating: [], count: members.count)
    for (index, place) in places.enumerated() { held[place.owner].append(index) }
    // The one with most gives to the one with least: so nobody gives and gets in turn.
    var givers = Set(members.indices)
    while let giver = givers.max(by: { (loads[$0], $1) < (loads[$1], $0) }) {
      let movable = held[giver].lastIndex {
        loads[giver] - loads[leastLoaded(places[$0].wanting)] >= 2
      }
      guard let movable else {
        givers.remove(giver)
        continue
      }
      let index = held[giver].remove(at: movable)
      let taker = leastLoaded(places[index].wanting)
      places[index].owner = taker
      held[taker].append(index)
      loads[giver] -= 1
      loads[taker] += 1
    }
    var shares = [Set<TopicIdPartition>](repeating: [], count: members.count)
    for place in places { shares[place.owner].insert(place.partition) }
    return shares
  }
}
