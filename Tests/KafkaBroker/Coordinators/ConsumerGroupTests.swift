import KafkaProtocol
import Testing

@testable import KafkaBroker

/// A KIP-848 group as a script: who sends which heartbeat at which time.
struct ConsumerGroupScript {
  static let topicId = Uuid(high: 7, low: 7)
  var groups: Groups
  var nowMs: Int64 = 0
  /// Partitions of the topics that exist.
  var topics: [String: SubscribedTopic] = [
    "t": SubscribedTopic(id: ConsumerGroupScript.topicId, partitions: 4)
  ]
  /// What each member has: what the last answer that named partitions said.
  private(set) var held: [String: Set<Int32>] = [:]
  private(set) var epochs: [String: Int32] = [:]

  init(_ change: (inout GroupLimits) -> Void = { _ in }) {
    var limits = GroupLimits()
    change(&limits)
    groups = Groups(limits)
  }

  static func request(_ id: String, epoch: Int32) -> ConsumerGroupHeartbeatRequest {
    var request = ConsumerGroupHeartbeatRequest()
    request.groupId = "g"
    request.memberId = id
    request.memberEpoch = epoch
    return request
  }

  static func owned(_ partitions: Set<Int32>) -> [ConsumerGroupHeartbeatRequest.TopicPartitions] {
    var row = ConsumerGroupHeartbeatRequest.TopicPartitions()
    row.topicId = topicId
    row.partitions = partitions.sorted()
    return partitions.isEmpty ? [] : [row]
  }

  @discardableResult
  mutating func send(_ request: ConsumerGroupHeartbeatRequest) throws
    -> ConsumerGroupHeartbeatResponse
  {
    let topics = topics
    let response = try groups.heartbeat(
      request, version: 1, from: ClientIdentity(id: "c", host: "/h"), newMemberId: "new",
      topic: { topics[$0] }, nowMs: nowMs)
    let id = response.memberId ?? ""
    epochs[id] = response.memberEpoch
    if let assignment = response.assignment {
      held[id] = Set(assignment.topicPartitions.flatMap(\.partitions))
    }
    return response
  }

  @discardableResult
  mutating func join(
    _ id: String, instance: String? = nil, topics: [String] = ["t"], assignor: String? = nil
  ) throws -> ConsumerGroupHeartbeatResponse {
    held[id] = []
    var request = Self.request(id, epoch: 0)
    request.instanceId = instance
    request.rebalanceTimeoutMs = 20_000
    request.subscribedTopicNames = topics
    request.serverAssignor = assignor
    request.topicPartitions = []
    return try send(request)
  }

  /// A heartbeat that says what the member has, having given up what it was told to.
  @discardableResult
  mutating func beat(_ id: String, instance: String? = nil) throws
    -> ConsumerGroupHeartbeatResponse
  {
    var request = Self.request(id, epoch: epochs[id] ?? 0)
    request.instanceId = instance
    request.topicPartitions = Self.owned(held[id] ?? [])
    return try send(request)
  }

  func refusal(_ change: (inout ConsumerGroupHeartbeatRequest) -> Void) -> ErrorCode? {
    var request = Self.request("a", epoch: 0)
    request.rebalanceTimeoutMs = 20_000
    request.subscribedTopicNames = ["t"]
    request.topicPartitions = []
    change(&request)
    var copy = self
    do { _ = try copy.send(request) } catch { return (error as? GroupRefusal)?.code }
    return nil
  }
}

struct ConsumerGroupTests {
  @Test func `a single member gets all partitions at once`() throws {
    var script = ConsumerGroupScript()
    let joined = try script.join("a")
    #expect(joined.memberEpoch == 2)
    #expect(joined.heartbeatIntervalMs == 1000)
    #expect(script.held["a"] == [0, 1, 2, 3])
    let next = try script.beat("a")
    #expect(next.memberEpoch == 2)
    #expect(next.assignment == nil, "nothing has changed")
  }

  @Test func `a partition is given only when its former owner has given it up`() throws {
    var script = ConsumerGroupScript()
    try script.join("a")
    try script.join("b")
    #expect(script.epochs["b"] == 3)
    #expect(script.held["b"] == [])
    // The first is told to give up two, and keeps its epoch until it has.
    let told = try script.beat("a")
    #expect(told.memberEpoch == 2)
    let kept = try #require(script.held["a"])
    #expect(kept.count == 2)
    #expect(try script.beat("b").assignment == nil, "not free yet")
    // A heartbeat that does not say what the member has proves nothing.
    #expect(try script.send(ConsumerGroupScript.request("a", epoch: 2)).memberEpoch == 2)
    #expect(try script.beat("a").memberEpoch == 3)
    try script.beat("b")
    #expect(script.held["b"] == Set([0, 1, 2, 3]).subtracting(kept))
    #expect(try script.groups.describe("g").groupState == "Stable")
  }

  @Test func `partitions of a member that leaves go to the others`() throws {
    var script = ConsumerGroupScript()
    try script.join("a")
    try script.join("b")
    for id in ["a", "a", "b"] { try script.beat(id) }
    let left = try script.send(ConsumerGroupScript.request("a", epoch: -1))
    #expect(left.memberEpoch == -1)
    try script.beat("b")
    #expect(script.held["b"] == [0, 1, 2, 3])
    #expect(throws: GroupRefusal.self) {
      try script.send(ConsumerGroupScript.request("a", epoch: 2))
    }
  }

  @Test func `a member whose session ends loses its partitions`() throws {
    var script = ConsumerGroupScript()
    try script.join("a")
    script.nowMs = 3000
    try script.join("b")
    #expect(script.groups.deadlineMs("g") == 6000)
    script.nowMs = 6000
    _ = script.groups.tick("g", nowMs: 6000)
    try script.beat("b")
    #expect(script.held["b"] == [0, 1, 2, 3])
    #expect(script.refusal { $0.memberEpoch = 1 } == .unknownMemberId)
  }

  @Test func `a member that does not give up in the rebalance timeout is removed`() throws {
    var script = ConsumerGroupScript { $0.consumerSessionTimeoutMs = 15_000 }
    try script.join("a")
    try script.join("b")
    try script.beat("a")
    script.nowMs = 10_000
    try script.send(ConsumerGroupScript.request("a", epoch: 2))
    try script.beat("b")
    script.nowMs = 20_000
    _ = script.groups.tick("g", nowMs: 20_000)
    try script.beat("b")
    #expect(script.held["b"] == [0, 1, 2, 3])
  }

  @Test func `a wrong epoch is fenced, and the lost answer's predecessor is not`() throws {
    var script = ConsumerGroupScript()
    try script.join("a")
    #expect(script.refusal { $0.memberEpoch = 3 } == .fencedMemberEpoch)
    try script.join("b")
    try script.beat("a")
    try script.beat("a")
    #expect(script.epochs["a"] == 3)
    let kept = try #require(script.held["a"])
    func again(_ epoch: Int32, _ owned: Set<Int32>?) -> ErrorCode? {
      script.refusal {
        $0.memberEpoch = epoch
        $0.topicPartitions = owned.map(ConsumerGroupScript.owned)
      }
    }
    #expect(again(2, kept) == nil)
    #expect(again(2, [0, 1, 2, 3]) == .fencedMemberEpoch)
    #expect(again(2, nil) == .fencedMemberEpoch)
    // Who was fenced joins again under the same id.
    #expect(again(0, []) == nil)
  }

  @Test func `a topic that appears or grows is assigned at the next heartbeat`() throws {
    var script = ConsumerGroupScript()
    try script.join("a", topics: ["t", "later"])
    #expect(script.held["a"]?.count == 4)
    script.topics["t"]?.partitions = 5
    #expect(try script.beat("a").memberEpoch == 3)
    #expect(script.held["a"] == [0, 1, 2, 3, 4])
    script.topics["later"] = SubscribedTopic(id: Uuid(high: 8, low: 8), partitions: 1)
    let grown = try script.beat("a")
    #expect(grown.memberEpoch == 4)
    #expect(grown.assignment?.topicPartitions.count == 2)
  }

  @Test func `a topic that is no longer wanted is given up`() throws {
    var script = ConsumerGroupScript()
    try script.join("a")
    var request = ConsumerGroupScript.request("a", epoch: 2)
    request.subscribedTopicNames = ["other"]
    try script.send(request)
    #expect(script.held["a"] == [])
    #expect(script.epochs["a"] == 2)
    #expect(try script.beat("a").memberEpoch == 3)
  }

  // MARK: - Static members

  @Test func `a static member that leaves for a while keeps its partitions for the next one`()
    throws
  {
    var script = ConsumerGroupScript()
    try script.join("a-1", instance: "i")
    try script.join("b")
    for id in ["a-1", "a-1"] { try script.beat(id, instance: "i") }
    try script.beat("b")
    let kept = try #require(script.held["a-1"])
    #expect(
      script.refusal {
        $0.memberId = "a-2"
        $0.instanceId = "i"
      } == .unreleasedInstanceId)
    #expect(
      script.refusal {
        $0.memberId = "a-1"
        $0.instanceId = "i"
      } == .unreleasedInstanceId, "not even under the same id")
    var away = ConsumerGroupScript.request("a-1", epoch: -2)
    away.instanceId = "i"
    #expect(try script.send(away).memberEpoch == -2)
    #expect(try script.beat("b").assignment == nil, "nobody else gets them")
    try script.join("a-2", instance: "i")
    #expect(script.held["a-2"] == kept)
    #expect(script.epochs["a-2"] == 3)
    #expect(
      script.refusal {
        $0.memberId = "a-1"
        $0.memberEpoch = 3
        $0.instanceId = "i"
      } == .fencedInstanceId)
  }

  @Test func `a static member that stays away loses its partitions`() throws {
    var script = ConsumerGroupScript()
    try script.join("a", instance: "i")
    var away = ConsumerGroupScript.request("a", epoch: -2)
    away.instanceId = "i"
    try script.send(away)
    script.nowMs = 5000
    try script.join("b")
    #expect(script.held["b"] == [])
    script.nowMs = 6000
    _ = script.groups.tick("g", nowMs: 6000)
    try script.beat("b")
    #expect(script.held["b"]?.count == 4)
  }

  // MARK: - Refusals

  @Test func `a heartbeat that contradicts itself is refused`() {
    let script = ConsumerGroupScript { $0.membersMax = 1 }
    #expect(script.refusal { _ in } == nil)
    #expect(script.refusal { $0.groupId = "" } == .invalidRequest)
    #expect(script.refusal { $0.memberId = "" } == .invalidRequest)
    #expect(script.refusal { $0.instanceId = "" } == .invalidRequest)
    #expect(script.refusal { $0.rackId = "" } == .invalidRequest)
    #expect(script.refusal { $0.rebalanceTimeoutMs = -1 } == .invalidRequest)
    #expect(script.refusal { $0.topicPartitions = nil } == .invalidRequest)
    #expect(script.refusal { $0.subscribedTopicNames = nil } == .invalidRequest)
    #expect(script.refusal { $0.memberEpoch = -2 } == .invalidRequest)
    #expect(script.refusal { $0.memberEpoch = -3 } == .invalidRequest)
    #expect(script.refusal { $0.serverAssignor = "sticky" } == .unsupportedAssignor)
    #expect(script.refusal { $0.subscribedTopicRegex = "t.*" } == .invalidRegularExpression)
    #expect(script.refusal { $0.memberEpoch = 1 } == .groupIdNotFound)
  }

  @Test func `groups of one kind refuse members of the other, and change kind when empty`() throws {
    var script = ConsumerGroupScript { $0.membersMax = 1 }
    var join = JoinGroupRequest()
    join.groupId = "g"
    join.sessionTimeoutMs = 10_000
    join.protocolType = "consumer"
    join.protocols = [JoinGroupRequest.GroupProtocol()]
    func classic() -> ErrorCode? {
      let actions = script.groups.join(
        join, version: 3, newMemberId: "m", ticket: 1, nowMs: script.nowMs)
      guard case .joined(_, let response) = actions.first else { return nil }
      return response.errorCode
    }
    try script.join("a")
    #expect(script.refusal { $0.memberId = "b" } == .groupMaxSizeReached)
    #expect(classic() == .inconsistentGroupProtocol)
    var heartbeat = HeartbeatRequest()
    heartbeat.groupId = "g"
    #expect(script.groups.heartbeat(heartbeat, nowMs: 0) == .unknownMemberId)
    try script.send(ConsumerGroupScript.request("a", epoch: -1))
    #expect(classic() == nil, "it waits for others")
    #expect(script.refusal { _ in } == .groupIdNotFound)
    #expect(throws: GroupRefusal.self) { try script.groups.describe("g") }
    var leaving = LeaveGroupRequest.Member()
    leaving.memberId = "m"
    _ = script.groups.leave("g", [leaving], nowMs: 0)
    #expect(script.refusal { _ in } == nil)
  }

  @Test func `offsets are for members of this epoch only`() throws {
    var script = ConsumerGroupScript()
    try script.join("a")
    func commit(_ id: String, _ epoch: Int32, version: Int16 = 9) -> ErrorCode? {
      script.groups.commitRefusal(
        "g", OffsetCommitter(memberId: id, epoch: epoch), version: version, nowMs: 0)
    }
    #expect(commit("a", 2) == nil)
    #expect(commit("a", 2, version: 8) == .unsupportedVersion)
    #expect(commit("a", 0) == .staleMemberEpoch)
    #expect(commit("b", 1) == .unknownMemberId)
    #expect(commit("", -1) == .unknownMemberId)
    func fetch(_ id: String, _ epoch: Int32) -> ErrorCode? {
      script.groups.fetchRefusal("g", OffsetCommitter(memberId: id, epoch: epoch))
    }
    #expect(fetch("", -1) == nil)
    #expect(fetch("a", 2) == nil)
    #expect(fetch("a", 3) == .staleMemberEpoch)
    #expect(fetch("b", 1) == .unknownMemberId)
    try script.send(ConsumerGroupScript.request("a", epoch: -1))
    #expect(commit("", -1) == nil, "an administrator's, while nobody is there")
  }
}
