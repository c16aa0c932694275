import KafkaProtocol
import Testing
import Transport

@testable import KafkaBroker

/// Groups over a socket, in every version, with requests made by hand.
struct GroupTests {
  private func join(
    _ memberId: String = "", instance: String? = nil, version: Int16, sessionMs: Int32 = 10_000
  ) -> JoinGroupRequest {
    var request = JoinGroupRequest()
    request.groupId = "g"
    request.memberId = memberId
    request.groupInstanceId = instance
    request.sessionTimeoutMs = sessionMs
    request.rebalanceTimeoutMs = version >= 1 ? 10_000 : -1
    request.protocolType = "consumer"
    request.protocols = [JoinGroupRequest.GroupProtocol()]
    request.protocols[0].name = "range"
    request.protocols[0].metadata = [1, 2, 3]
    return request
  }

  /// Joins by as many requests as the version needs.
  @Net private func joined(
    _ client: TestClient, version: Int16, sessionMs: Int32 = 10_000
  ) async throws -> JoinGroupResponse {
    let first = try await client.call(
      join(version: version, sessionMs: sessionMs), version: version)
    guard first.errorCode == .memberIdRequired else { return first }
    return try await client.call(
      join(first.memberId, version: version, sessionMs: sessionMs), version: version)
  }

  @Net private func synced(
    _ client: TestClient, _ member: JoinGroupResponse, version: Int16 = 3
  ) async throws -> SyncGroupResponse {
    var sync = SyncGroupRequest()
    sync.groupId = "g"
    sync.generationId = member.generationId
    sync.memberId = member.memberId
    if version >= 5 {
      sync.protocolType = member.protocolName == nil ? nil : "consumer"
      sync.protocolName = member.protocolName
    }
    if member.leader == member.memberId {
      sync.assignments = member.members.map { row in
        var share = SyncGroupRequest.Assignment()
        share.memberId = row.memberId
        share.assignment = [9]
        return share
      }
    }
    return try await client.call(sync, version: version)
  }

  private func commit(
    _ offset: Int64, memberId: String = "", epoch: Int32 = -1, topic: Topic, version: Int16,
    metadata: String? = nil
  ) async -> OffsetCommitRequest {
    var request = OffsetCommitRequest()
    request.groupId = "g"
    request.memberId = memberId
    request.generationIdOrMemberEpoch = epoch
    var row = OffsetCommitRequest.Topic()
    row.name = await topic.name
    row.topicId = await topic.id
    row.partitions = [OffsetCommitRequest.Partition()]
    row.partitions[0].committedOffset = offset
    row.partitions[0].committedMetadata = metadata
    if version >= 6 { row.partitions[0].committedLeaderEpoch = 5 }
    request.topics = [row]
    return request
  }

  @Net private func fetch(
    _ client: TestClient, topic: Topic?, version: Int16, partitions: [Int32] = [0],
    requireStable: Bool = false
  ) async throws -> OffsetFetchResponse {
    var request = OffsetFetchRequest()
    let topics = topic.map { topic in
      var row = OffsetFetchRequest.Topic()
      row.name = topic.name
      row.topicId = topic.id
      row.partitionIndexes = partitions
      return [row]
    }
    if version >= 8 {
      request.groups = ["g", "other"].map { id in
        var group = OffsetFetchRequest.Group()
        group.groupId = id
        group.topics = topics
        return group
      }
    } else {
      request.groupId = "g"
      request.topics = topics
    }
    request.requireStable = requireStable
    return try await client.call(request, version: version)
  }

  // MARK: - Classic

  @Net @Test func `every version of the classic protocol joins, syncs, beats and leaves`()
    async throws
  {
    for version in JoinGroupHandler.versions {
      let broker = try startBroker { $0.groupInitialRebalanceDelayMs = 0 }
      let client = try await TestClient(broker)
      let member = try await joined(client, version: version)
      #expect(member.errorCode == .none, "v\(version)")
      #expect(member.memberId.hasPrefix("test-"))
      #expect(member.leader == member.memberId)
      #expect(member.members.first?.metadata == [1, 2, 3])
      if version >= 7 { #expect(member.protocolType == "consumer") }
      let share = try await synced(
        client, member, version: min(version, SyncGroupHandler.versions.upperBound))
      #expect(share.errorCode == .none)
      #expect(share.assignment == [9])
      if version == 5 {
        let bare = try await synced(client, JoinGroupResponse(), version: 5)
        #expect(bare.errorCode == .inconsistentGroupProtocol, "names its protocol from v5 on")
      }
      var beat = HeartbeatRequest()
      beat.groupId = "g"
      beat.memberId = member.memberId
      beat.generationId = member.generationId
      let beatVersion = min(version, HeartbeatHandler.versions.upperBound)
      #expect(try await client.call(beat, version: beatVersion).errorCode == .none)
      var leave = LeaveGroupRequest()
      leave.groupId = "g"
      let leaveVersion = min(version, LeaveGroupHandler.versions.upperBound)
      if leaveVersion >= 3 {
        leave.members = [LeaveGroupRequest.Member(), LeaveGroupRequest.Member()]
        leave.members[0].memberId = member.memberId
        leave.members[1].memberId = "nobody"
      } else {
        leave.memberId = member.memberId
      }
      let left = try await client.call(leave, version: leaveVersion)
      #expect(left.errorCode == .none)
      if leaveVersion >= 3 { #expect(left.members.map(\.errorCode) == [.none, .unknownMemberId]) }
      #expect(
        try await client.call(beat, version: beatVersion).errorCode == .unknownMemberId)
      #expect(broker.violations == [])
      await broker.stop()
    }
  }

  @Net @Test func `a join that waits holds back its own connection and no other`() async throws {
    let broker = try startBroker { $0.groupInitialRebalanceDelayMs = 0 }
    let first = try await TestClient(broker)
    let second = try await TestClient(broker)
    let leader = try await joined(first, version: 3)
    _ = try await synced(first, leader)
    // It waits for the first member to join again; the request behind it waits with it.
    let waiting = try second.send(join(version: 3), version: 3)
    let behind = try second.send(ApiVersionsRequest(), version: 0)
    var beat = HeartbeatRequest()
    beat.groupId = "g"
    beat.memberId = leader.memberId
    beat.generationId = leader.generationId
    #expect(
      await eventually { broker.requests[.joinGroup] == 2 })
    #expect(try await first.call(beat, version: 3).errorCode == .rebalanceInProgress)
    #expect(broker.requests[.apiVersions] == nil)
    let again = try await first.call(join(leader.memberId, version: 3), version: 3)
    #expect(again.generationId == leader.generationId + 1)
    let answer = try await second.response(to: JoinGroupRequest.self, version: 3)
    #expect(answer.correlationID == waiting)
    #expect(answer.response.generationId == again.generationId)
    #expect(
      try await second.response(to: ApiVersionsRequest.self, version: 0).correlationID == behind)
    await broker.stop()
  }

  @Net @Test func `a member that falls silent is removed by the clock`() async throws {
    let broker = try startBroker { $0.groupInitialRebalanceDelayMs = 0 }
    let silent = try await TestClient(broker)
    let other = try await TestClient(broker)
    let member = try await joined(silent, version: 3, sessionMs: 200)
    _ = try await synced(silent, member)
    silent.close()
    let start = MonotonicClock.nowMs
    let next = try await joined(other, version: 3)
    #expect(next.members.map(\.memberId) == [next.memberId])
    #expect(MonotonicClock.nowMs - start < 5000)
    await broker.stop()
  }

  @Net @Test func `who waits and goes away is answered by nobody`() async throws {
    let broker = try startBroker { $0.groupInitialRebalanceDelayMs = 100 }
    let gone = try await TestClient(broker)
    try gone.send(join(version: 3, sessionMs: 200), version: 3)
    #expect(await eventually { broker.requests[.joinGroup] == 1 })
    gone.close()
    let other = try await TestClient(broker)
    #expect(try await joined(other, version: 3).errorCode == .none)
    await broker.stop()
  }

  // MARK: - Offsets

  @Net @Test func `offsets are committed and fetched in every version`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let topic = try #require(broker.topics["test"])
    var offset: Int64 = 10
    for version in OffsetCommitHandler.versions {
      offset += 1
      let stored = try await client.call(
        await commit(offset, topic: topic, version: version, metadata: "m"), version: version)
      #expect(stored.topics.flatMap(\.partitions).map(\.errorCode) == [.none], "v\(version)")
      let fetched = try await fetch(client, topic: topic, version: version, partitions: [0, 1])
      let rows = version >= 8 ? fetched.groups.first?.topics : fetched.topics
      #expect(rows?.first?.partitions.map(\.committedOffset) == [offset, -1], "v\(version)")
      #expect(rows?.first?.partitions.first?.metadata == "m")
      if version >= 6 { #expect(rows?.first?.partitions.first?.committedLeaderEpoch == 5) }
      if version >= 8 {
        #expect(fetched.groups.map(\.groupId) == ["g", "other"])
        #expect(fetched.groups.last?.topics.first?.partitions.first?.committedOffset == -1)
      }
      let all = try await fetch(client, topic: nil, version: version)
      let allRows = version >= 8 ? all.groups.first?.topics : all.topics
      #expect(allRows?.flatMap(\.partitions).map(\.committedOffset) == [offset])
    }
    let oldest = try await fetch(client, topic: topic, version: 1)
    #expect(oldest.topics.first?.partitions.first?.committedOffset == offset)
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `offsets that cannot be kept are refused by partition`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let topic = try #require(broker.topics["test"])
    func code(_ request: OffsetCommitRequest, version: Int16) async throws -> ErrorCode? {
      try await client.call(request, version: version).topics.first?.partitions.first?.errorCode
    }
    var request = await commit(1, topic: topic, version: 8)
    request.topics[0].name = "none"
    #expect(try await code(request, version: 8) == .unknownTopicOrPartition)
    request = await commit(1, topic: topic, version: 8)
    request.topics[0].partitions[0].partitionIndex = 1
    #expect(try await code(request, version: 8) == .unknownTopicOrPartition)
    request = await commit(1, topic: topic, version: 10)
    request.topics[0].topicId = Uuid(high: 1, low: 1)
    #expect(try await code(request, version: 10) == .unknownTopicId)
    request = await commit(
      1, topic: topic, version: 8, metadata: String(repeating: "m", count: 4097))
    #expect(try await code(request, version: 8) == .offsetMetadataTooLarge)
    request = await commit(1, memberId: "who", epoch: 3, topic: topic, version: 8)
    request.groupId = "new"
    #expect(try await code(request, version: 8) == .illegalGeneration)
    #expect(try await code(request, version: 9) == .groupIdNotFound)
    await broker.stop()
  }

  @Net @Test func `an offset that a transaction has not decided is unstable for who asks`()
    async throws
  {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let topic = try #require(broker.topics["test"])
    _ = try await client.call(await commit(1, topic: topic, version: 8), version: 8)
    _ = broker.groupOffsets.commit(
      group: "g", TopicPartition("test", 0), GroupOffsets.Committed(offset: 2),
      inTransactionOf: 7)
    let loose = try await fetch(client, topic: topic, version: 7)
    #expect(loose.topics.first?.partitions.first?.committedOffset == 1)
    let strict = try await fetch(client, topic: topic, version: 7, requireStable: true)
    #expect(strict.topics.first?.partitions.first?.errorCode == .unstableOffsetCommit)
    #expect(strict.topics.first?.partitions.first?.committedOffset == -1)
    await broker.stop()
  }

  @Net @Test func `a transaction commits offsets for members of this generation only`() async throws
  {
    let broker = try startBroker(["test"]) { $0.groupInitialRebalanceDelayMs = 0 }
    let client = try await TestClient(broker)
    let member = try await joined(client, version: 3)
    func code(_ memberId: String, _ generation: Int32) async throws -> ErrorCode? {
      var request = TxnOffsetCommitRequest()
      request.transactionalId = "tx"
      request.groupId = "g"
      request.memberId = memberId
      request.generationId = generation
      request.topics = [TxnOffsetCommitRequest.Topic()]
      request.topics[0].name = "test"
      request.topics[0].partitions = [TxnOffsetCommitRequest.Partition()]
      let answer = try await client.call(request, version: 3)
      return answer.topics.first?.partitions.first?.errorCode
    }
    #expect(try await code("who", 1) == .unknownMemberId)
    #expect(try await code(member.memberId, 2) == .illegalGeneration)
    // Past the group's checks there is no such transaction.
    #expect(try await code(member.memberId, 1) == .invalidProducerIdMapping)
    #expect(try await code("", -1) == .invalidProducerIdMapping)
    await broker.stop()
  }

  // MARK: - KIP-848

  @Net @Test func `a KIP-848 member joins, is described, commits and leaves`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let topic = try #require(broker.topics["test"])
    for version in ConsumerGroupHeartbeatHandler.versions {
      var beat = ConsumerGroupHeartbeatRequest()
      beat.groupId = "g"
      beat.memberId = version >= 1 ? "mine" : ""
      beat.rebalanceTimeoutMs = 10_000
      beat.subscribedTopicNames = ["test"]
      beat.topicPartitions = []
      let joined = try await client.call(beat, version: version)
      #expect(joined.errorCode == .none, "\(joined.errorMessage ?? "")")
      #expect(joined.heartbeatIntervalMs == 1000)
      #expect(joined.assignment?.topicPartitions.map(\.topicId) == [topic.id])
      #expect(joined.assignment?.topicPartitions.map(\.partitions) == [[0]])
      let memberId = try #require(joined.memberId)
      if version >= 1 { #expect(memberId == "mine") }

      var describe = ConsumerGroupDescribeRequest()
      describe.groupIds = ["g", "none"]
      let shown = try await client.call(describe, version: version)
      #expect(shown.groups.map(\.errorCode) == [.none, .groupIdNotFound])
      let group = try #require(shown.groups.first)
      #expect(group.groupState == "Stable")
      #expect(group.assignorName == "uniform")
      #expect(group.members.map(\.memberId) == [memberId])
      #expect(group.members.first?.clientId == "test")
      #expect(group.members.first?.clientHost == "/127.0.0.1")
      #expect(group.members.first?.assignment.topicPartitions.first?.topicName == "test")
      if version >= 1 { #expect(group.members.first?.memberType == 1) }

      let epoch = joined.memberEpoch
      for (epoch, expected) in [(epoch, ErrorCode.none), (epoch + 1, .staleMemberEpoch)] {
        let stored = try await client.call(
          await commit(5, memberId: memberId, epoch: epoch, topic: topic, version: 9), version: 9)
        #expect(stored.topics.first?.partitions.first?.errorCode == expected)
      }
      var left = ConsumerGroupHeartbeatRequest()
      left.groupId = "g"
      left.memberId = memberId
      left.memberEpoch = -1
      #expect(try await client.call(left, version: version).memberEpoch == -1)
      let again = try await client.call(left, version: version)
      #expect(again.errorCode == .unknownMemberId)
      #expect(again.errorMessage?.contains(memberId) == true)
    }
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test(.timeLimit(.minutes(1)))
  func `a KIP-848 member that falls silent is removed by the clock`() async throws {
    let broker = try startBroker(["test"]) { $0.consumerGroupSessionTimeoutMs = 150 }
    let client = try await TestClient(broker)
    var beat = ConsumerGroupHeartbeatRequest()
    beat.groupId = "g"
    beat.memberId = "a"
    beat.rebalanceTimeoutMs = 10_000
    beat.subscribedTopicNames = ["test"]
    beat.topicPartitions = []
    #expect(try await client.call(beat, version: 1).errorCode == .none)
    var describe = ConsumerGroupDescribeRequest()
    describe.groupIds = ["g"]
    while try await client.call(describe, version: 1).groups.first?.groupState != "Empty" {
      await sleep(milliseconds: 10)
    }
    await broker.stop()
  }

  // MARK: - Faults and coordinators

  @Net @Test func `every API of groups can answer with an error`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    let topic = try #require(broker.topics["test"])
    func strike() { broker.inject(FaultRule(nil, .error(.coordinatorLoadInProgress))) }
    let wanted = ErrorCode.coordinatorLoadInProgress
    strike()
    #expect(try await client.call(join(version: 5), version: 5).errorCode == wanted)
    strike()
    #expect(try await client.call(SyncGroupRequest(), version: 3).errorCode == wanted)
    strike()
    #expect(try await client.call(HeartbeatRequest(), version: 3).errorCode == wanted)
    strike()
    #expect(try await client.call(LeaveGroupRequest(), version: 3).errorCode == wanted)
    strike()
    let stored = try await client.call(await commit(1, topic: topic, version: 8), version: 8)
    #expect(stored.topics.first?.partitions.first?.errorCode == wanted)
    strike()
    #expect(try await fetch(client, topic: topic, version: 5).errorCode == wanted)
    strike()
    let several = try await fetch(client, topic: topic, version: 8)
    #expect(several.groups.map(\.errorCode) == [wanted, wanted])
    strike()
    let oldest = try await fetch(client, topic: topic, version: 1)
    #expect(oldest.topics.first?.partitions.first?.errorCode == wanted)
    strike()
    #expect(
      try await client.call(ConsumerGroupHeartbeatRequest(), version: 1).errorCode == wanted)
    strike()
    var describe = ConsumerGroupDescribeRequest()
    describe.groupIds = ["g"]
    #expect(try await client.call(describe, version: 1).groups.map(\.errorCode) == [wanted])
    // Nothing was carried out.
    let after = try await fetch(client, topic: nil, version: 8)
    #expect(after.groups.allSatisfy { $0.topics.isEmpty })
    await broker.stop()
  }

  @Net @Test func `F48: a broker that does not coordinate the group says so`() async throws {
    let broker = try startBroker { $0.brokers = 2 }
    let client = try await TestClient(broker)
    // The client is at the first broker; one of these groups is the second one's.
    let other = try #require(
      (0..<100).map { "g\($0)" }.first { broker.coordinatorId(of: $0) == 1002 })
    var beat = HeartbeatRequest()
    beat.groupId = other
    #expect(try await client.call(beat, version: 3).errorCode == .notCoordinator)
    var find = FindCoordinatorRequest()
    find.coordinatorKeys = [other]
    #expect(try await client.call(find, version: 4).coordinators.map(\.nodeId) == [1002])
    await broker.stop()
  }
}
