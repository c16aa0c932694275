import KafkaProtocol
import Testing

@testable import KafkaBroker

struct GroupOffsetsTests {
  private let place = TopicPartition("t", 0)

  @Test func `a committed offset is fetched, the last one counts, and groups differ`() {
    var offsets = GroupOffsets()
    #expect(offsets.fetch(group: "g", place) == nil)
    #expect(offsets.commit(group: "g", place, .init(offset: 5, metadata: "m")) == .none)
    #expect(offsets.commit(group: "g", place, .init(offset: 3, leaderEpoch: 2)) == .none)
    #expect(offsets.fetch(group: "g", place) == .init(offset: 3, leaderEpoch: 2))
    #expect(offsets.fetchAll(group: "g") == [place: .init(offset: 3, leaderEpoch: 2)])
    #expect(offsets.fetchAll(group: "h") == [:])
    #expect(offsets.groupIds == ["g"])
    #expect(offsets.count == 1)
  }

  @Test func `a transaction's offset counts when it commits, and not when it aborts`() {
    var offsets = GroupOffsets()
    #expect(offsets.commit(group: "g", place, .init(offset: 1)) == .none)
    for (commit, expected) in [(false, Int64(1)), (true, 7)] {
      #expect(
        offsets.commit(group: "g", place, .init(offset: 7), inTransactionOf: 1000) == .none)
      #expect(offsets.isUnstable(group: "g", place))
      #expect(offsets.fetch(group: "g", place)?.offset == 1)
      offsets.complete(producerId: 2000, commit: true)
      #expect(offsets.isUnstable(group: "g", place))
      offsets.complete(producerId: 1000, commit: commit)
      #expect(!offsets.isUnstable(group: "g", place))
      #expect(offsets.fetch(group: "g", place)?.offset == expected)
      #expect(offsets.count == 1)
    }
  }

  @Test func `a group and a topic are forgotten with all they have`() {
    var offsets = GroupOffsets()
    let other = TopicPartition("u", 1)
    for group in ["g", "h"] {
      for place in [place, other] {
        #expect(offsets.commit(group: group, place, .init(offset: 1)) == .none)
        #expect(
          offsets.commit(group: group, place, .init(offset: 2), inTransactionOf: 1) == .none)
      }
    }
    #expect(offsets.count == 8)
    offsets.forget(topic: "u")
    #expect(offsets.count == 4)
    #expect(offsets.fetch(group: "g", other) == nil)
    #expect(!offsets.isUnstable(group: "g", other))
    offsets.forget(group: "g")
    #expect(offsets.count == 2)
    #expect(offsets.fetch(group: "g", place) == nil)
    #expect(offsets.fetch(group: "h", place)?.offset == 1)
  }

  @Test func `long metadata and too many offsets are refused`() {
    var offsets = GroupOffsets()
    let long = String(repeating: "m", count: GroupOffsets.metadataBytesMax + 1)
    #expect(
      offsets.commit(group: "g", place, .init(offset: 1, metadata: long))
        == .offsetMetadataTooLarge)
    for partition in 0..<Int32(GroupOffsets.offsetsMax) {
      let place = TopicPartition("t", partition)
      guard offsets.commit(group: "g", place, .init(offset: 1)) == .none else {
        Issue.record("offset \(partition) was refused")
        return
      }
    }
    #expect(offsets.commit(group: "h", place, .init(offset: 1)) == .policyViolation)
    #expect(offsets.commit(group: "g", place, .init(offset: 2)) == .none)
  }
}
