import KafkaProtocol
import Testing

@testable import KafkaClient

@Suite struct AssignorTests {
  private static func dealt(
    _ assignor: Assignor, _ members: [GroupSubscription], _ counts: [String: Int32]
  ) -> [String: String] {
    assignor.assign(members, counts).mapValues { share in
      share.map { "\($0.topic)\($0.partition)" }.joined(separator: " ")
    }
  }

  private static func member(_ id: String, _ topics: String..., instance: String? = nil)
    -> GroupSubscription
  {
    GroupSubscription(id, groupInstanceId: instance, topics: Set(topics))
  }

  @Test func `range deals each topic out on its own, neighbours to one member`() {
    let members = [Self.member("b", "t", "u"), Self.member("a", "t", "u"), Self.member("c", "t")]
    #expect(
      Self.dealt(.range, members, ["t": 4, "u": 3]) == [
        "a": "t0 t1 u0 u1", "b": "t2 u2", "c": "t3",
      ])
    #expect(Self.dealt(.range, members, ["t": 2]) == ["a": "t0", "b": "t1", "c": ""])
    #expect(Self.dealt(.range, members, [:]) == ["a": "", "b": "", "c": ""])
  }

  @Test func `roundrobin goes through all partitions and passes over who does not want one`() {
    let same = [Self.member("a", "t", "u"), Self.member("b", "t", "u")]
    #expect(
      Self.dealt(.roundrobin, same, ["t": 3, "u": 3]) == ["a": "t0 t2 u1", "b": "t1 u0 u2"])
    // The example of the JVM client's documentation.
    let mixed = [
      Self.member("c0", "t0"), Self.member("c1", "t0", "t1"), Self.member("c2", "t0", "t1", "t2"),
    ]
    #expect(
      Self.dealt(.roundrobin, mixed, ["t0": 1, "t1": 2, "t2": 3]) == [
        "c0": "t00", "c1": "t10", "c2": "t11 t20 t21 t22",
      ])
  }

  @Test func `static members come first, by their names`() {
    let members = [
      Self.member("a", "t"), Self.member("z", "t", instance: "one"),
      Self.member("b", "t", instance: "two"),
    ]
    #expect(Self.dealt(.range, members, ["t": 3]) == ["z": "t0", "b": "t1", "a": "t2"])
  }

  @Test func `cooperative-sticky gives a partition that moves to nobody until it is given up`() {
    let all = (0..<4).map { TopicPartition("t", $0) }
    var first = GroupSubscription("a", topics: ["t"], owned: all, generationId: 1)
    var second = GroupSubscription("b", topics: ["t"])
    #expect(Self.dealt(.cooperativeSticky, [first, second], ["t": 4]) == ["a": "t0 t1", "b": ""])
    first.owned = Array(all[..<2])
    second.generationId = 2
    #expect(
      Self.dealt(.cooperativeSticky, [first, second], ["t": 4]) == ["a": "t0 t1", "b": "t2 t3"])
  }

  @Test func `of two that claim a partition the later generation keeps it, of the same none`() {
    let t0 = TopicPartition("t", 0)
    let t1 = TopicPartition("t", 1)
    let old = GroupSubscription("a", topics: ["t"], owned: [t0, t1], generationId: 1)
    let new = GroupSubscription("b", topics: ["t"], owned: [t0], generationId: 2)
    #expect(StickyAssignment([old, new], ["t": 2]).dealt == [[t1], [t0]])
    let twin = GroupSubscription("c", topics: ["t"], owned: [t1], generationId: 1)
    // t1 has no owner: it is dealt out anew, to the first of those with least.
    #expect(StickyAssignment([old, twin], ["t": 2]).dealt == [[t0], [t1]])
  }

  @Test(arguments: 0..<40)
  func `sticky assignments are complete, even, allowed and keep what they can`(_ seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    let topicNames = (0..<Int.random(in: 1...4, using: &random)).map { "t\($0)" }
    var counts: [String: Int32] = [:]
    for name in topicNames { counts[name] = Int32.random(in: 0...12, using: &random) }
    let isUniform = Bool.random(using: &random)
    var members = (0..<Int.random(in: 1...6, using: &random)).map { number in
      GroupSubscription(
        "m\(number)",
        topics: isUniform
          ? Set(topicNames) : Set(topicNames.filter { _ in Bool.random(using: &random) }))
    }
    Self.check(StickyAssignment(members, counts).dealt, members, counts)
    // A member goes, another comes: what those who stay had they keep, as far as is fair.
    let before = StickyAssignment(members, counts).dealt
    for place in members.indices {
      members[place].owned = before[place]
      members[place].generationId = 1
    }
    members.removeFirst()
    var kept = Array(before.dropFirst())
    members.append(GroupSubscription("n", topics: Set(topicNames)))
    kept.append([])
    let after = StickyAssignment(members, counts).dealt
    Self.check(after, members, counts)
    if isUniform {
      let most = after.map(\.count).max() ?? 0
      for (old, new) in zip(kept, after) {
        let stayed = Set(old).intersection(new).count
        #expect(stayed >= min(old.count, most - 1), "seed \(seed)")
      }
    }
    let cooperative = StickyAssignment.cooperative(members, counts)
    for (place, share) in cooperative.enumerated() {
      let others = members.indices.filter { $0 != place }.flatMap { members[$0].owned }
      #expect(Set(share).isDisjoint(with: others))
    }
  }

  private static func check(
    _ dealt: [[TopicPartition]], _ members: [GroupSubscription], _ counts: [String: Int32]
  ) {
    let all = dealt.flatMap { $0 }
    #expect(Set(all).count == all.count)
    for (topic, count) in counts where members.contains(where: { $0.topics.contains(topic) }) {
      #expect(all.filter { $0.topic == topic }.count == Int(count))
    }
    for (share, member) in zip(dealt, members) {
      #expect(share.allSatisfy { member.topics.contains($0.topic) })
    }
    for from in members.indices {
      for to in members.indices where dealt[from].count >= dealt[to].count + 2 {
        #expect(!dealt[from].contains { members[to].topics.contains($0.topic) })
      }
    }
  }
}

/// A generator whose numbers a seed decides.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
