import KafkaProtocol

/// A share group's members, as a value (KIP-932): several may read the same partition.
struct ShareGroup: Sendable {
  /// One member.
  struct Member: Sendable {
    let id: String
    var epoch: Int32 = 0
    var previousEpoch: Int32 = -1
    var subscribedTopicNames: Set<String> = []
    var assigned: Set<TopicIdPartition> = []
    /// When it is taken for dead.
    var sessionEndMs: Int64 = 0
  }

  let limits: GroupLimits
  /// Rises with each change of the members or of what they want; the first member gets 2, as in Kafka.
  private(set) var epoch: Int32 = 1
  private(set) var members: [Member] = []
  private var topics: [String: SubscribedTopic] = [:]
  private var target: [String: Set<TopicIdPartition>] = [:]

  init(_ limits: GroupLimits) { self.limits = limits }

  var isEmpty: Bool { members.isEmpty }

  /// Bytes that it holds.
  var storedBytes: Int {
    let partitions = topics.values.reduce(0) { $0 + Int($1.partitions) }
    return members.reduce(max(partitions, members.count) * 128) { sum, member in
      member.subscribedTopicNames.reduce(sum + GroupLimits.memberBytes) {
        $0 + $1.utf8.count + 32
      }
    }
  }

  /// When `tick` must be called; nil for never.
  var deadlineMs: Int64? { members.map(\.sessionEndMs).min() }

  /// Removes who has been silent too long.
  mutating func tick(nowMs: Int64) {
    for member in members where member.sessionEndMs <= nowMs { remove(member.id) }
  }

  /// Refuses a heartbeat that contradicts itself.
  static func check(_ request: ShareGroupHeartbeatRequest) throws(GroupRefusal) {
    func require(_ condition: Bool, _ message: String) throws(GroupRefusal) {
      if !condition { throw GroupRefusal(.invalidRequest, message) }
    }
    try require(!request.groupId.isEmpty, "GroupId can't be empty.")
    try require(!request.memberId.isEmpty, "MemberId can't be empty.")
    try require(request.rackId != "", "RackId can't be empty.")
    try require(request.memberEpoch >= -1, "MemberEpoch is invalid.")
    if request.memberEpoch == 0 {
      try require(
        request.subscribedTopicNames?.isEmpty == false,
        "SubscribedTopicNames must be set in first request.")
    }
  }

  /// Takes a heartbeat that has been checked.
  mutating func heartbeat(
    _ request: ShareGroupHeartbeatRequest, topic: (String) -> SubscribedTopic?, nowMs: Int64
  ) throws(GroupRefusal) -> ShareGroupHeartbeatResponse {
    var response = ShareGroupHeartbeatResponse()
    response.memberId = request.memberId
    let index = try find(request)
    if request.memberEpoch == -1 {
      remove(request.memberId)
      response.memberEpoch = -1
      return response
    }
    members[index].sessionEndMs = nowMs + limits.consumerSessionTimeoutMs
    var isChanged = members[index].epoch == 0
    if let names = request.subscribedTopicNames.map({ Set($0) }),
      names != members[index].subscribedTopicNames
    {
      members[index].subscribedTopicNames = names
      isChanged = true
    }
    let wanted = members.reduce(into: Set<String>()) { $0.formUnion($1.subscribedTopicNames) }
    let seen = wanted.reduce(into: [:]) { $0[$1] = topic($1) }
    if isChanged || seen != topics {
      topics = seen
      epoch += 1
      assign()
    }
    let share = target[request.memberId] ?? []
    if request.memberEpoch == 0 || request.subscribedTopicNames != nil
      || share != members[index].assigned
    {
      response.assignment = Self.assignment(share)
    }
    members[index].assigned = share
    if members[index].epoch != epoch {
      members[index].previousEpoch = members[index].epoch
      members[index].epoch = epoch
    }
    response.memberEpoch = epoch
    response.heartbeatIntervalMs = limits.heartbeatIntervalMs
    return response
  }

  private mutating func find(_ request: ShareGroupHeartbeatRequest) throws(GroupRefusal) -> Int {
    if let index = members.firstIndex(where: { $0.id == request.memberId }) {
      let member = members[index]
      guard [-1, 0, member.epoch, member.previousEpoch].contains(request.memberEpoch) else {
        throw GroupRefusal(
          .fencedMemberEpoch,
          "The share group member has epoch \(request.memberEpoch) where the group coordinator has"
            + " \(member.epoch). The member must abandon all its partitions and rejoin.")
      }
      return index
    }
    guard request.memberEpoch == 0 else {
      throw GroupRefusal(
        .unknownMemberId, "Member \(request.memberId) is not a member of group \(request.groupId).")
    }
    guard members.count < limits.membersMax else {
      throw GroupRefusal(
        .groupMaxSizeReached,
        "The share group has reached its maximum capacity of \(limits.membersMax) members.")
    }
    members.append(Member(id: request.memberId))
    return members.count - 1
  }

  private mutating func remove(_ memberId: String) {
    members.removeAll { $0.id == memberId }
    epoch += 1
    assign()
  }

  /// Gives each partition to some member and each member some partition, where it wants any.
  private mutating func assign() {
    target = [:]
    for (name, topic) in topics where topic.partitions > 0 {
      let wanting = members.filter { $0.subscribedTopicNames.contains(name) }
      guard !wanting.isEmpty else { continue }
      for turn in 0..<max(wanting.count, Int(topic.partitions)) {
        let partition = TopicIdPartition(
          topic.id, Int32(turn % Int(topic.partitions)))
        target[wanting[turn % wanting.count].id, default: []].insert(partition)
      }
    }
  }

  private static func assignment(_ partitions: Set<TopicIdPartition>)
    -> ShareGroupHeartbeatResponse.Assignment
  {
    var assignment = ShareGroupHeartbeatResponse.Assignment()
    assignment.topicPartitions = Dictionary(grouping: partitions, by: \.topicId).map { id, list in
      var row = ShareGroupHeartbeatResponse.TopicPartitions()
      row.topicId = id
      row.partitions = list.map(\.partition).sorted()
      return row
    }
    return assignment
  }
}
