import KafkaProtocol
import Testing

@testable import KafkaBroker

/// A classic group as a script: who asks what at which time, and what is answered.
struct ClassicGroupScript {
  var groups: Groups
  var nowMs: Int64 = 0
  private var nextTicket = 0
  /// Answers that were given, by ticket.
  private(set) var joined: [GroupTicket: JoinGroupResponse] = [:]
  private(set) var synced: [GroupTicket: SyncGroupResponse] = [:]

  init(_ change: (inout GroupLimits) -> Void = { _ in }) {
    var limits = GroupLimits()
    limits.initialRebalanceDelayMs = 0
    change(&limits)
    groups = Groups(limits)
  }

  mutating func take(_ actions: [GroupAction]) {
    for action in actions {
      switch action {
      case .joined(let ticket, let response): joined[ticket] = response
      case .synced(let ticket, let response): synced[ticket] = response
      }
    }
  }

  /// Joins; the ticket under which the answer comes.
  mutating func join(
    _ memberId: String = "", instance: String? = nil, protocols: [String] = ["range"],
    metadata: [UInt8] = [1], sessionMs: Int32 = 10_000, rebalanceMs: Int32 = 20_000,
    type: String = "consumer", version: Int16 = 9, newId: String = "new"
  ) -> GroupTicket {
    var request = JoinGroupRequest()
    request.groupId = "g"
    request.memberId = memberId
    request.groupInstanceId = instance
    request.sessionTimeoutMs = sessionMs
    request.rebalanceTimeoutMs = rebalanceMs
    request.protocolType = type
    request.protocols = protocols.map { name in
      var row = JoinGroupRequest.GroupProtocol()
      row.name = name
      row.metadata = metadata
      return row
    }
    nextTicket += 1
    take(
      groups.join(
        request, version: version, newMemberId: newId, ticket: nextTicket, nowMs: nowMs))
    return nextTicket
  }

  /// Syncs; with shares it is the leader.
  mutating func sync(
    _ memberId: String, generation: Int32, shares: [String: [UInt8]] = [:],
    instance: String? = nil, protocolName: String? = nil
  ) -> GroupTicket {
    var request = SyncGroupRequest()
    request.groupId = "g"
    request.memberId = memberId
    request.generationId = generation
    request.groupInstanceId = instance
    request.protocolName = protocolName
    request.assignments = shares.map { id, share in
      var row = SyncGroupRequest.Assignment()
      row.memberId = id
      row.assignment = share
      return row
    }
    nextTicket += 1
    take(groups.sync(request, ticket: nextTicket, nowMs: nowMs))
    return nextTicket
  }

  mutating func heartbeat(_ memberId: String, generation: Int32, instance: String? = nil)
    -> ErrorCode
  {
    var request = HeartbeatRequest()
    request.groupId = "g"
    request.memberId = memberId
    request.generationId = generation
    request.groupInstanceId = instance
    return groups.heartbeat(request, nowMs: nowMs)
  }

  mutating func leave(_ memberId: String, instance: String? = nil) -> ErrorCode? {
    var member = LeaveGroupRequest.Member()
    member.memberId = memberId
    member.groupInstanceId = instance
    let (errors, actions) = groups.leave("g", [member], nowMs: nowMs)
    take(actions)
    return errors.first
  }

  /// Lets the time pass to the group's next deadline, and it must be at `expected`.
  mutating func wait(until expected: Int64) {
    #expect(groups.deadlineMs("g") == expected)
    nowMs = expected
    take(groups.tick("g", nowMs: nowMs))
  }

  /// A stable group of members that were added in this order; all have joined and synced.
  mutating func settle(_ ids: [String]) -> Int32 {
    for id in ids { _ = join(newId: id, version: 3) }
    // Those that were there must join again, as a member does at its next heartbeat.
    for id in ids.dropLast()
    where groups.classic["g"]?.members.first(where: { $0.id == id })?
      .joining == nil
    {
      _ = join(id, version: 3)
    }
    let generation = groups.classic["g"]?.generation ?? -1
    for id in ids.dropFirst() { _ = sync(id, generation: generation) }
    _ = sync(
      ids[0], generation: generation,
      shares: Dictionary(uniqueKeysWithValues: ids.map { ($0, Array($0.utf8)) }))
    #expect(groups.classic["g"]?.state == .stable)
    return generation
  }
}

extension ClassicGroupScript {
  mutating func join(newId: String, version: Int16) -> GroupTicket {
    join("", version: version, newId: newId)
  }
}

struct ClassicGroupTests {
  @Test func `from version 4 on a new member first gets its id`() {
    var script = ClassicGroupScript()
    let first = script.join(newId: "a-1", version: 4)
    #expect(script.joined[first]?.errorCode == .memberIdRequired)
    #expect(script.joined[first]?.memberId == "a-1")
    let second = script.join("a-1")
    #expect(script.joined[second]?.errorCode == ErrorCode.none)
    #expect(script.joined[second]?.generationId == 1)
    #expect(script.joined[second]?.leader == "a-1")
    #expect(script.joined[second]?.members.map(\.memberId) == ["a-1"])
    #expect(script.joined[second]?.protocolName == "range")
  }

  @Test func `an id that was given out and not used is forgotten after the session timeout`() {
    var script = ClassicGroupScript()
    _ = script.join(newId: "a-1", version: 4)
    script.wait(until: 10_000)
    let late = script.join("a-1")
    #expect(script.joined[late]?.errorCode == .unknownMemberId)
    #expect(script.groups.deadlineMs("g") == nil)
  }

  @Test func `a member that was given an id holds up the others no longer than its session`() {
    var script = ClassicGroupScript()
    let generation = script.settle(["a"])
    _ = script.join(newId: "b-1", version: 4)
    script.nowMs = 5000
    let again = script.join("a")
    #expect(script.joined[again] == nil)
    script.wait(until: 10_000)
    #expect(script.joined[again]?.generationId == generation + 1)
  }

  @Test func `the first members wait for further ones, up to the rebalance timeout`() {
    var script = ClassicGroupScript { $0.initialRebalanceDelayMs = 50 }
    let first = script.join(newId: "a", version: 3)
    #expect(script.joined.isEmpty)
    script.nowMs = 20
    let second = script.join(newId: "b", version: 3)
    script.wait(until: 50)
    #expect(script.joined.isEmpty, "b came meanwhile")
    script.wait(until: 100)
    #expect(script.joined[first]?.members.map(\.memberId) == ["a", "b"])
    #expect(script.joined[second]?.generationId == 1)
    #expect(script.joined[second]?.members.isEmpty == true)
    #expect(script.joined[second]?.leader == "a")
  }

  @Test func `each member gets its share when the leader has assigned`() {
    var script = ClassicGroupScript { $0.initialRebalanceDelayMs = 10 }
    _ = script.join(newId: "a", version: 3)
    _ = script.join(newId: "b", version: 3)
    script.wait(until: 10)
    script.wait(until: 20)
    let follower = script.sync("b", generation: 1)
    #expect(script.synced[follower] == nil)
    #expect(script.heartbeat("a", generation: 1) == .none)
    let leader = script.sync("a", generation: 1, shares: ["a": [1], "b": [2]])
    #expect(script.synced[leader]?.assignment == [1])
    #expect(script.synced[follower]?.assignment == [2])
    #expect(script.synced[follower]?.protocolType == "consumer")
    // Who asks again gets the same.
    let again = script.sync("b", generation: 1)
    #expect(script.synced[again]?.assignment == [2])
  }

  @Test func `a new member makes the others join again`() {
    var script = ClassicGroupScript()
    let generation = script.settle(["a"])
    #expect(script.heartbeat("a", generation: generation) == .none)
    let new = script.join(newId: "b", version: 3)
    #expect(script.joined[new] == nil)
    #expect(script.heartbeat("a", generation: generation) == .rebalanceInProgress)
    let old = script.join("a")
    #expect(script.joined[old]?.generationId == generation + 1)
    #expect(script.joined[new]?.generationId == generation + 1)
    #expect(script.heartbeat("a", generation: generation) == .illegalGeneration)
  }

  @Test func `a member that does not join in the rebalance timeout is left behind`() {
    var script = ClassicGroupScript()
    let generation = script.settle(["a"])
    script.nowMs = 1000
    let new = script.join(newId: "b", version: 3)
    for second in Int64(2)...20 {
      script.nowMs = second * 1000
      #expect(script.heartbeat("a", generation: generation) == .rebalanceInProgress)
      if let due = script.groups.deadlineMs("g") { #expect(due > script.nowMs) }
    }
    script.wait(until: 21_000)
    #expect(script.joined[new]?.leader == "b")
    #expect(script.heartbeat("a", generation: generation) == .unknownMemberId)
  }

  @Test func `a member whose session ends is removed and the others join again`() {
    var script = ClassicGroupScript()
    let generation = script.settle(["a", "b"])
    script.nowMs = 9000
    #expect(script.heartbeat("b", generation: generation) == .none)
    script.wait(until: 10_000)
    #expect(script.heartbeat("a", generation: generation) == .unknownMemberId)
    #expect(script.heartbeat("b", generation: generation) == .rebalanceInProgress)
    let again = script.join("b")
    #expect(script.joined[again]?.leader == "b")
    #expect(script.joined[again]?.members.map(\.memberId) == ["b"])
  }

  @Test func `a member that never asks for its share is removed`() {
    var script = ClassicGroupScript { $0.initialRebalanceDelayMs = 10 }
    _ = script.join(sessionMs: 100_000, version: 3, newId: "a")
    _ = script.join(sessionMs: 100_000, version: 3, newId: "b")
    script.wait(until: 10)
    script.wait(until: 20)
    let leader = script.sync("a", generation: 1, shares: ["a": [1], "b": [2]])
    #expect(script.synced[leader]?.assignment == [1])
    script.wait(until: 20_020)
    #expect(script.heartbeat("b", generation: 1) == .unknownMemberId)
    #expect(script.heartbeat("a", generation: 1) == .rebalanceInProgress)
  }

  @Test func `who waits for the leader is told when a rebalance begins`() {
    var script = ClassicGroupScript { $0.initialRebalanceDelayMs = 10 }
    _ = script.join(newId: "a", version: 3)
    _ = script.join(newId: "b", version: 3)
    script.wait(until: 10)
    script.wait(until: 20)
    let waiting = script.sync("b", generation: 1)
    script.wait(until: 10_020)  // The leader dies.
    #expect(script.synced[waiting]?.errorCode == .rebalanceInProgress)
  }

  @Test func `the last to leave leaves an empty group, which can be joined anew`() {
    var script = ClassicGroupScript()
    let generation = script.settle(["a", "b"])
    #expect(script.leave("a") == ErrorCode.none)
    #expect(script.leave("a") == .unknownMemberId)
    let again = script.join("b")
    #expect(script.joined[again]?.generationId == generation + 1)
    #expect(script.leave("b") == ErrorCode.none)
    #expect(script.groups.classic["g"]?.state == .empty)
    #expect(script.groups.deadlineMs("g") == nil)
    let new = script.join(newId: "c", version: 3)
    #expect(script.joined[new]?.errorCode == ErrorCode.none)
  }

  @Test func `the way of assignment is one that all know, by votes`() {
    var script = ClassicGroupScript { $0.initialRebalanceDelayMs = 10 }
    let first = script.join(protocols: ["x", "y", "z"], version: 3, newId: "a")
    _ = script.join(protocols: ["z", "y"], version: 3, newId: "b")
    _ = script.join(protocols: ["y", "z"], version: 3, newId: "c")
    let stranger = script.join(protocols: ["x"], version: 3, newId: "d")
    #expect(script.joined[stranger]?.errorCode == .inconsistentGroupProtocol)
    let other = script.join(protocols: ["y"], type: "connect", version: 3, newId: "e")
    #expect(script.joined[other]?.errorCode == .inconsistentGroupProtocol)
    script.wait(until: 10)
    script.wait(until: 20)
    #expect(script.joined[first]?.protocolName == "y")
    let wrong = script.sync("b", generation: 1, protocolName: "z")
    #expect(script.synced[wrong]?.errorCode == .inconsistentGroupProtocol)
  }

  @Test func `a retried join is answered again, and the leader's begins a rebalance`() {
    var script = ClassicGroupScript()
    let generation = script.settle(["a", "b"])
    let same = script.join("b")
    #expect(script.joined[same]?.generationId == generation)
    #expect(script.joined[same]?.members.isEmpty == true)
    let leader = script.join("a")
    #expect(script.joined[leader] == nil)
    #expect(script.heartbeat("b", generation: generation) == .rebalanceInProgress)
  }

  @Test func `a member that knows other topics now begins a rebalance`() {
    var script = ClassicGroupScript()
    let generation = script.settle(["a", "b"])
    let changed = script.join("b", metadata: [9])
    #expect(script.joined[changed] == nil)
    #expect(script.heartbeat("a", generation: generation) == .rebalanceInProgress)
  }

  // MARK: - Static members

  @Test func `a static member that comes back keeps its share and nobody else notices`() {
    var script = ClassicGroupScript()
    _ = script.join(instance: "i", newId: "i-1")
    _ = script.sync("i-1", generation: 1, shares: ["i-1": [7]], instance: "i")
    let back = script.join(instance: "i", newId: "i-2")
    #expect(script.joined[back]?.errorCode == ErrorCode.none)
    #expect(script.joined[back]?.generationId == 1)
    #expect(script.joined[back]?.memberId == "i-2")
    #expect(script.joined[back]?.leader == "i-2")
    #expect(script.joined[back]?.skipAssignment == true)
    let share = script.sync("i-2", generation: 1, instance: "i")
    #expect(script.synced[share]?.assignment == [7])
    #expect(script.heartbeat("i-1", generation: 1, instance: "i") == .fencedInstanceId)
    #expect(script.heartbeat("x", generation: 1, instance: "other") == .unknownMemberId)
  }

  @Test func `before version 9 a static leader that comes back is told that another one leads`() {
    var script = ClassicGroupScript()
    _ = script.join(instance: "i", version: 5, newId: "i-1")
    _ = script.sync("i-1", generation: 1, shares: ["i-1": [7]], instance: "i")
    let back = script.join(instance: "i", version: 5, newId: "i-2")
    #expect(script.joined[back]?.leader == "i-1")
    #expect(script.joined[back]?.members.isEmpty == true)
    #expect(script.joined[back]?.skipAssignment == false)
  }

  @Test func `a static member that is away stays in the group until its session ends`() {
    var script = ClassicGroupScript()
    _ = script.join(instance: "i", rebalanceMs: 2000, newId: "i-1")
    _ = script.sync("i-1", generation: 1, shares: ["i-1": [7]], instance: "i")
    let new = script.join(rebalanceMs: 2000, version: 3, newId: "b")
    script.wait(until: 2000)
    #expect(script.joined[new]?.members.isEmpty == false)
    #expect(script.groups.classic["g"]?.members.map(\.id) == ["i-1", "b"])
    #expect(script.leave("", instance: "i") == ErrorCode.none)
    #expect(script.groups.classic["g"]?.members.map(\.id) == ["b"])
  }

  // MARK: - Limits

  @Test func `requests that no group can take are refused`() {
    var script = ClassicGroupScript { $0.membersMax = 2 }
    let short = script.join(sessionMs: 99)
    #expect(script.joined[short]?.errorCode == .invalidSessionTimeout)
    let stranger = script.join("who")
    #expect(script.joined[stranger]?.errorCode == .unknownMemberId)
    let bare = script.join(protocols: [])
    #expect(script.joined[bare]?.errorCode == .inconsistentGroupProtocol)
    _ = script.settle(["a", "b"])
    let third = script.join(newId: "c", version: 3)
    #expect(script.joined[third]?.errorCode == .groupMaxSizeReached)
    let large = script.join(
      "a", metadata: [UInt8](repeating: 0, count: GroupLimits.storedBytesMax), version: 3)
    #expect(script.joined[large]?.errorCode == .policyViolation)
  }

  @Test func `a group without members makes room for another one`() {
    var groups = Groups(GroupLimits())
    func join(_ group: String, member: String) -> ErrorCode? {
      var request = JoinGroupRequest()
      request.groupId = group
      request.sessionTimeoutMs = 10_000
      request.protocolType = "consumer"
      request.protocols = [JoinGroupRequest.GroupProtocol()]
      let actions = groups.join(
        request, version: 3, newMemberId: member, ticket: 1, nowMs: 0)
      guard case .joined(_, let response) = actions.first else { return nil }
      return response.errorCode
    }
    for index in 0..<GroupLimits.groupsMax { #expect(join("g\(index)", member: "m") == nil) }
    #expect(join("more", member: "m") == .policyViolation)
    var leaving = LeaveGroupRequest.Member()
    leaving.memberId = "m"
    _ = groups.leave("g7", [leaving], nowMs: 0)
    #expect(join("more", member: "m") == nil)
    #expect(groups.classic.count == GroupLimits.groupsMax)
  }

  // MARK: - Commits

  @Test func `offsets are taken from members of this generation only`() {
    var script = ClassicGroupScript()
    func refusal(_ id: String, _ epoch: Int32, _ instance: String? = nil, transaction: Bool = false)
      -> ErrorCode?
    {
      script.groups.commitRefusal(
        "g",
        OffsetCommitter(
          memberId: id, instanceId: instance, epoch: epoch, isTransactional: transaction),
        version: 9, nowMs: 0)
    }
    #expect(refusal("a", 1) == .groupIdNotFound)
    #expect(refusal("", -1) == nil)
    #expect(refusal("a", 1) == .unknownMemberId, "the commit has made the group")
    _ = script.join(newId: "a", version: 3)
    #expect(refusal("a", 1) == .rebalanceInProgress)
    #expect(refusal("a", 1, transaction: true) == nil)
    _ = script.sync("a", generation: 1)
    #expect(refusal("a", 1) == nil)
    #expect(refusal("a", 0) == .illegalGeneration)
    #expect(refusal("b", 1) == .unknownMemberId)
    #expect(refusal("a", 1, "i") == .unknownMemberId)
    #expect(refusal("", -1) == .unknownMemberId)
    #expect(refusal("", -1, transaction: true) == nil)
    #expect(script.leave("a") == ErrorCode.none)
  }
}
