import KafkaProtocol
import Testing

@testable import KafkaBroker

struct SharePartitionTests {
  /// Acquires for a session; the ranges as "first-last×count".
  private func acquire(
    _ partition: inout SharePartition, upTo end: Int64, most: Int = 100, owner: Int32 = 1,
    lockEndMs: Int64 = 1000
  ) -> [String] {
    partition.acquire(upTo: end, recordsMax: most, owner: owner, lockEndMs: lockEndMs).map {
      "\($0.firstOffset)-\($0.lastOffset)×\($0.deliveryCount)"
    }
  }

  private func say(
    _ partition: inout SharePartition, _ offsets: ClosedRange<Int64>, _ types: [Int8],
    owner: Int32 = 1
  ) -> ErrorCode {
    partition.acknowledge(
      [
        SharePartition.Acknowledgement(
          firstOffset: offsets.lowerBound, lastOffset: offsets.upperBound, types: types)
      ], owner: owner, lockEndMs: 5000)
  }

  @Test func `a record is with one member at a time`() {
    var partition = SharePartition(startOffset: 10)
    #expect(acquire(&partition, upTo: 20, most: 4) == ["10-13×1"])
    #expect(acquire(&partition, upTo: 20, owner: 2) == ["14-19×1"])
    #expect(acquire(&partition, upTo: 20, owner: 3) == [])
    #expect(partition.nextOffset == 20)
    #expect(say(&partition, 14...19, [1]) == .invalidRecordState)
    #expect(say(&partition, 10...13, [1]) == .none)
    #expect(partition.startOffset == 14)
    #expect(partition.slotCount == 6)
  }

  @Test func `released records come again and count, rejected ones do not come again`() {
    var partition = SharePartition(startOffset: 0)
    #expect(acquire(&partition, upTo: 5) == ["0-4×1"])
    // Accept, release, reject, release, gap.
    #expect(say(&partition, 0...4, [1, 2, 3, 2, 0]) == .none)
    #expect(partition.startOffset == 1)
    #expect(partition.nextOffset == 1)
    #expect(acquire(&partition, upTo: 7) == ["1-1×2", "3-3×2", "5-6×1"])
    #expect(say(&partition, 1...1, [1]) == .none)
    #expect(partition.startOffset == 3)
  }

  @Test func `a record is given up after so many deliveries`() {
    var partition = SharePartition(startOffset: 0)
    for count in 1...SharePartition.deliveriesMax {
      #expect(acquire(&partition, upTo: 1) == ["0-0×\(count)"])
      #expect(say(&partition, 0...0, [2]) == .none)
    }
    #expect(acquire(&partition, upTo: 1) == [])
    #expect(partition.startOffset == 1)
    #expect(partition.slotCount == 0)
  }

  @Test func `what is held too long is released, unless it is renewed`() {
    var partition = SharePartition(startOffset: 0)
    #expect(partition.deadlineMs == nil)
    _ = acquire(&partition, upTo: 3)
    #expect(partition.deadlineMs == 1000)
    #expect(say(&partition, 1...1, [4]) == .none)
    let (early, late) = (partition.expire(nowMs: 999), partition.expire(nowMs: 1000))
    #expect((early, late) == (false, true))
    #expect(partition.deadlineMs == 5000)
    #expect(say(&partition, 0...0, [1]) == .invalidRecordState)
    #expect(acquire(&partition, upTo: 3, owner: 2) == ["0-0×2", "2-2×2"])
    #expect(say(&partition, 1...1, [1]) == .none)
  }

  @Test func `a session that ends gives back what it had`() {
    var partition = SharePartition(startOffset: 0)
    _ = acquire(&partition, upTo: 2)
    _ = acquire(&partition, upTo: 3, owner: 2)
    let (first, again) = (partition.release(owner: 1), partition.release(owner: 1))
    #expect((first, again) == (true, false))
    #expect(acquire(&partition, upTo: 3, owner: 2) == ["0-1×2"])
  }

  @Test func `an acknowledgement is taken as a whole or not at all`() {
    var partition = SharePartition(startOffset: 5)
    _ = acquire(&partition, upTo: 8)
    #expect(say(&partition, 6...6, [3]) == .none)
    let good = SharePartition.Acknowledgement(firstOffset: 5, lastOffset: 5, types: [1])
    for (bad, error) in [
      (SharePartition.Acknowledgement(firstOffset: 7, lastOffset: 6, types: [1]), .invalidRequest),
      (.init(firstOffset: 6, lastOffset: 7, types: [1, 1, 1]), .invalidRequest),
      (.init(firstOffset: 6, lastOffset: 7, types: []), .invalidRequest),
      (.init(firstOffset: 6, lastOffset: 7, types: [5]), .invalidRequest),
      (.init(firstOffset: 7, lastOffset: 8, types: [1]), .invalidRequest),
      (.init(firstOffset: .min, lastOffset: .max, types: [1]), .invalidRequest),
      (.init(firstOffset: 0, lastOffset: 7, types: [1, 1]), .invalidRequest),
      (.init(firstOffset: 6, lastOffset: 6, types: [1]), ErrorCode.invalidRecordState),
    ] {
      let answer = partition.acknowledge([good, bad], owner: 1, lockEndMs: 0)
      #expect(answer == error)
      #expect(partition.startOffset == 5)
    }
  }

  @Test func `what is settled already is passed over`() {
    var partition = SharePartition(startOffset: 5)
    _ = acquire(&partition, upTo: 8)
    #expect(say(&partition, 5...5, [1]) == .none)
    #expect(say(&partition, 5...5, [1]) == .none)
    #expect(say(&partition, 0...6, [1]) == .none)
    #expect(partition.startOffset == 7)
    #expect(say(&partition, 0...7, [1, 1, 1, 1, 1, 1, 1, 2]) == .none)
    #expect(partition.startOffset == 7)
  }

  @Test func `no more is on its way than the limit, and what the log has dropped is forgotten`() {
    var partition = SharePartition(startOffset: 0)
    let most = Int64(SharePartition.slotsMax)
    #expect(acquire(&partition, upTo: 5000, most: 10_000) == ["0-\(most - 1)×1"])
    #expect(partition.nextOffset == nil)
    partition.dropBefore(100)
    #expect(partition.startOffset == 100)
    #expect(acquire(&partition, upTo: 5000, most: 10_000) == ["\(most)-\(most + 99)×1"])
    partition.dropBefore(1_000_000)
    #expect(partition.startOffset == 1_000_000)
    #expect(partition.slotCount == 0)
  }
}

struct ShareGroupTests {
  private func send(
    _ groups: inout Groups, _ id: String, epoch: Int32, topics: [String]? = nil, nowMs: Int64 = 0
  ) throws -> ShareGroupHeartbeatResponse {
    var request = ShareGroupHeartbeatRequest()
    request.groupId = "g"
    request.memberId = id
    request.memberEpoch = epoch
    request.subscribedTopicNames = topics
    return try groups.heartbeat(
      request,
      topic: { $0 == "t" ? SubscribedTopic(id: Uuid(high: 1, low: 1), partitions: 2) : nil },
      nowMs: nowMs)
  }

  private func partitions(_ response: ShareGroupHeartbeatResponse) -> [Int32]? {
    response.assignment?.topicPartitions.flatMap(\.partitions)
  }

  private func refusal(_ body: () throws -> ShareGroupHeartbeatResponse) -> ErrorCode? {
    do { _ = try body() } catch { return (error as? GroupRefusal)?.code }
    return nil
  }

  @Test func `each partition is read, and each member reads one, more than one if need be`() throws
  {
    var groups = Groups(GroupLimits())
    let first = try send(&groups, "a", epoch: 0, topics: ["t", "unknown"])
    #expect(partitions(first) == [0, 1])
    #expect(try partitions(send(&groups, "b", epoch: 0, topics: ["t"])) == [1])
    #expect(try partitions(send(&groups, "c", epoch: 0, topics: ["t"])) == [0])
    let again = try send(&groups, "a", epoch: first.memberEpoch)
    #expect(partitions(again) == [0])
    #expect(again.memberEpoch == 4)
    #expect(try send(&groups, "a", epoch: 4).assignment == nil)
    #expect(try send(&groups, "b", epoch: -1).memberEpoch == -1)
    #expect(try partitions(send(&groups, "c", epoch: 4)) == [1])
  }

  @Test func `a member that falls silent is removed`() throws {
    var groups = Groups(GroupLimits())
    _ = try send(&groups, "a", epoch: 0, topics: ["t"])
    _ = try send(&groups, "b", epoch: 0, topics: ["t"], nowMs: 3000)
    #expect(groups.deadlineMs("g") == 6000)
    _ = groups.tick("g", nowMs: 6000)
    #expect(try partitions(send(&groups, "b", epoch: 3, nowMs: 6000)) == [0, 1])
    #expect(refusal { try send(&groups, "a", epoch: 2) } == .unknownMemberId)
  }

  @Test func `what fits no group is refused`() throws {
    var groups = Groups(GroupLimits())
    #expect(refusal { try send(&groups, "a", epoch: 1) } == .groupIdNotFound)
    #expect(refusal { try send(&groups, "", epoch: 0, topics: ["t"]) } == .invalidRequest)
    #expect(refusal { try send(&groups, "a", epoch: 0) } == .invalidRequest)
    #expect(refusal { try send(&groups, "a", epoch: -2) } == .invalidRequest)
    _ = try send(&groups, "a", epoch: 0, topics: ["t"])
    #expect(refusal { try send(&groups, "a", epoch: 7) } == .fencedMemberEpoch)
    var join = JoinGroupRequest()
    join.groupId = "g"
    join.sessionTimeoutMs = 10_000
    join.protocolType = "consumer"
    join.protocols = [JoinGroupRequest.GroupProtocol()]
    let actions = groups.join(join, version: 3, newMemberId: "m", ticket: 1, nowMs: 0)
    guard case .joined(_, let answer) = actions.first else {
      Issue.record("no answer")
      return
    }
    #expect(answer.errorCode == .inconsistentGroupProtocol)
  }
}
