import KafkaProtocol
import Testing

@testable import KafkaBroker

struct ServerAssignorTests {
  private let topics: [String: SubscribedTopic] = [
    "x": SubscribedTopic(id: Uuid(high: 1, low: 0), partitions: 5),
    "y": SubscribedTopic(id: Uuid(high: 2, low: 0), partitions: 4),
  ]

  private func member(
    _ id: String, _ topics: Set<String> = ["x", "y"], _ has: Set<TopicIdPartition> = []
  ) -> Subscriber {
    Subscriber(id: id, instanceId: nil, topics: topics, partitions: has)
  }

  private var all: Set<TopicIdPartition> {
    topics.values.reduce(into: []) { all, topic in
      for partition in 0..<topic.partitions {
        all.insert(TopicIdPartition(topic.id, partition))
      }
    }
  }

  @Test(arguments: ServerAssignor.allCases)
  func `every partition goes to exactly one member that wants it`(_ assignor: ServerAssignor) {
    for members in [
      [member("a")], [member("a"), member("b")], [member("a", ["x"]), member("b", ["y"])],
      [member("a", ["x"]), member("b"), member("c")], (0..<20).map { member("\($0)") },
    ] {
      let shares = assignor.assign(topics, to: members)
      #expect(shares.count == members.count)
      #expect(shares.reduce(0) { $0 + $1.count } == all.count)
      #expect(shares.reduce(into: Set()) { $0.formUnion($1) } == all)
      for (member, share) in zip(members, shares) {
        let wanted = Set(member.topics.compactMap { topics[$0]?.id })
        #expect(Set(share.map(\.topicId)).isSubset(of: wanted))
      }
    }
  }

  @Test(arguments: ServerAssignor.allCases)
  func `without members or wanted topics nothing is given`(_ assignor: ServerAssignor) {
    #expect(assignor.assign(topics, to: []).isEmpty)
    #expect(assignor.assign(topics, to: [member("a", ["z"])]) == [[]])
  }

  @Test func `uniform is even and each keeps what it has`() {
    var members = [member("a")]
    var shares = ServerAssignor.uniform.assign(topics, to: members)
    for next in ["b", "c", "d"] {
      members = zip(members, shares).map { member($0.id, $0.topics, $1) } + [member(next)]
      let before = shares
      shares = ServerAssignor.uniform.assign(topics, to: members)
      let counts = shares.map(\.count)
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1, "\(counts)")
      for (old, new) in zip(before, shares) { #expect(new.isSubset(of: old)) }
    }
    // What the last one had goes to the others, who lose nothing.
    members = zip(members, shares).map { member($0.id, $0.topics, $1) }.dropLast()
    let after = ServerAssignor.uniform.assign(topics, to: members)
    #expect(after.map(\.count) == [3, 3, 3])
    for (old, new) in zip(shares, after) { #expect(new.isSuperset(of: old)) }
  }

  @Test func `range gives neighbouring partitions of each topic in the order of ids`() {
    let shares = ServerAssignor.range.assign(topics, to: [member("b"), member("a")])
    func partitions(_ share: Set<TopicIdPartition>, _ topic: String) -> [Int32] {
      share.filter { $0.topicId == topics[topic]?.id }.map(\.partition).sorted()
    }
    #expect(partitions(shares[1], "x") == [0, 1, 2])
    #expect(partitions(shares[0], "x") == [3, 4])
    #expect(partitions(shares[1], "y") == [0, 1])
    #expect(partitions(shares[0], "y") == [2, 3])
  }
}
