import KafkaProtocol

/// A group whose partitions the broker assigns, as a value: heartbeats and time in, answers out.
///
/// KIP-848. Regular expressions are not matched here: clients must name topics.
struct ConsumerGroup: Sendable {
  let limits: GroupLimits
  /// Rises with each change of the members or of what they want; the first member gets 2, as in Kafka.
  private(set) var epoch: Int32 = 1
  /// The group's epoch for which the target was made.
  private(set) var targetEpoch: Int32 = 0
  private(set) var target: [String: Set<TopicIdPartition>] = [:]
  private(set) var members: [ConsumerMember] = []
  /// The topics that members want and that exist, as they were last seen.
  private(set) var topics: [String: SubscribedTopic] = [:]
  /// Who has a partition or is to give it up.
  private var owners: [TopicIdPartition: String] = [:]

  init(_ limits: GroupLimits) { self.limits = limits }

  var isEmpty: Bool { members.isEmpty }

  /// Bytes that it holds.
  var storedBytes: Int {
    let partitions = topics.values.reduce(0) { $0 + Int($1.partitions) }
    return members.reduce(partitions * 128) { $0 + $1.storedBytes }
  }

  /// When `tick` must be called; nil for never.
  var deadlineMs: Int64? { members.map(\.deadlineMs).min() }

  /// The assignor that most members ask for.
  var assignor: ServerAssignor {
    let votes = Dictionary(grouping: members.compactMap(\.serverAssignor)) { $0 }
    return votes.max { ($0.value.count, $1.key.rawValue) < ($1.value.count, $0.key.rawValue) }?.key
      ?? .uniform
  }

  func index(of memberId: String) -> Int? { members.firstIndex { $0.id == memberId } }

  /// Takes a heartbeat that has been checked; a member without an id gets `newMemberId`.
  mutating func heartbeat(
    _ request: ConsumerGroupHeartbeatRequest, from client: ClientIdentity, newMemberId: String,
    topic: (String) -> SubscribedTopic?, nowMs: Int64
  ) throws(GroupRefusal) -> ConsumerGroupHeartbeatResponse {
    if request.memberEpoch < 0 { return try leave(request) }
    let owned = request.topicPartitions.map(Self.partitions)
    let index = try find(request, owned: owned, newMemberId: newMemberId)
    let before = members[index].assigned
    let isChanged = members[index].update(request, client)
    members[index].sessionEndMs = nowMs + limits.consumerSessionTimeoutMs
    let seen = currentTopics(topic)
    if isChanged || seen != topics {
      topics = seen
      epoch += 1
    }
    assignAnew()
    reconcile(index, owned: owned, nowMs: nowMs)
    let member = members[index]
    var response = ConsumerGroupHeartbeatResponse()
    response.memberId = member.id
    response.memberEpoch = member.epoch
    response.heartbeatIntervalMs = limits.heartbeatIntervalMs
    let isFull =
      request.memberEpoch == 0
      || request.rebalanceTimeoutMs >= 0 && request.subscribedTopicNames != nil && owned != nil
    if isFull || member.assigned != before {
      response.assignment = Self.assignment(member.assigned)
    }
    return response
  }

  /// Removes who has been silent too long or has not given up in time what it should.
  mutating func tick(nowMs: Int64) {
    for member in members where member.deadlineMs <= nowMs { remove(member.id) }
  }

  // MARK: - Members

  /// Finds the member that speaks, or takes it in.
  private mutating func find(
    _ request: ConsumerGroupHeartbeatRequest, owned: Set<TopicIdPartition>?, newMemberId: String
  ) throws(GroupRefusal) -> Int {
    let id = request.memberId.isEmpty ? newMemberId : request.memberId
    if let instanceId = request.instanceId,
      let index = members.firstIndex(where: { $0.instanceId == instanceId })
    {
      let member = members[index]
      if request.memberEpoch == 0 {
        guard member.epoch == ConsumerMember.awayEpoch else {
          throw GroupRefusal(
            .unreleasedInstanceId,
            "Static member \(id) with instance id \(instanceId) cannot join the group because the"
              + " instance id is owned by \(member.id) member.")
        }
        rename(index, to: id)
      } else if member.id == id {
        try check(member, request.memberEpoch, owned)
      } else {
        throw GroupRefusal(
          .fencedInstanceId,
          "Static member \(id) with instance id \(instanceId) was fenced by member \(member.id).")
      }
      return index
    }
    if let index = index(of: id) {
      try check(members[index], request.memberEpoch, owned)
      return index
    }
    guard request.memberEpoch == 0 else {
      throw GroupRefusal(
        .unknownMemberId, "Member \(id) is not a member of group \(request.groupId).")
    }
    guard members.count < limits.membersMax else {
      throw GroupRefusal(
        .groupMaxSizeReached,
        "The consumer group has reached its maximum capacity of \(limits.membersMax) members.")
    }
    members.append(ConsumerMember(id: id, instanceId: request.instanceId))
    return members.count - 1
  }

  private func check(
    _ member: ConsumerMember, _ epoch: Int32, _ owned: Set<TopicIdPartition>?
  ) throws(GroupRefusal) {
    guard !member.accepts(epoch, owned: owned) else { return }
    throw GroupRefusal(
      .fencedMemberEpoch,
      "The consumer group member has a \(epoch > member.epoch ? "greater" : "smaller") member epoch"
        + " (\(epoch)) than the one known by the group coordinator (\(member.epoch))."
        + " The member must abandon all its partitions and rejoin.")
  }

  /// Gives a static member's place to its next incarnation.
  private mutating func rename(_ index: Int, to id: String) {
    target[id] = target.removeValue(forKey: members[index].id)
    members[index].id = id
    members[index].epoch = 0
    members[index].previousEpoch = -1
    for partition in members[index].assigned { owners[partition] = id }
  }

  private mutating func leave(_ request: ConsumerGroupHeartbeatRequest) throws(GroupRefusal)
    -> ConsumerGroupHeartbeatResponse
  {
    let found =
      request.instanceId.map { instanceId in
        members.firstIndex { $0.instanceId == instanceId }
      } ?? index(of: request.memberId)
    guard let index = found else {
      throw GroupRefusal(
        .unknownMemberId,
        "Member \(request.memberId) is not a member of group \(request.groupId).")
    }
    guard members[index].id == request.memberId else {
      throw GroupRefusal(
        .fencedInstanceId,
        "Static member \(request.memberId) was fenced by member \(members[index].id).")
    }
    if request.memberEpoch == ConsumerMember.awayEpoch {
      free(members[index].revoking, of: request.memberId)
      members[index].revoking = []
      members[index].revokeEndMs = nil
      members[index].state = .stable
      members[index].epoch = ConsumerMember.awayEpoch
    } else {
      remove(request.memberId)
    }
    var response = ConsumerGroupHeartbeatResponse()
    response.memberId = request.memberId
    response.memberEpoch = request.memberEpoch
    return response
  }

  private mutating func remove(_ memberId: String) {
    guard let index = index(of: memberId) else { return }
    let member = members.remove(at: index)
    free(member.assigned.union(member.revoking), of: memberId)
    target[memberId] = nil
    epoch += 1
  }

  private mutating func free(_ partitions: Set<TopicIdPartition>, of memberId: String) {
    for partition in partitions where owners[partition] == memberId { owners[partition] = nil }
  }

  // MARK: - Assignment

  private func currentTopics(_ topic: (String) -> SubscribedTopic?) -> [String: SubscribedTopic] {
    var seen: [String: SubscribedTopic] = [:]
    for name in members.reduce(into: Set<String>(), { $0.formUnion($1.subscribedTopicNames) }) {
      seen[name] = topic(name)
    }
    return seen
  }

  /// Makes the target for the group as it is now.
  private mutating func assignAnew() {
    guard targetEpoch < epoch else { return }
    let shares = assignor.assign(
      topics,
      to: members.map { member in
        Subscriber(
          id: member.id, instanceId: member.instanceId, topics: member.subscribedTopicNames,
          partitions: target[member.id] ?? [])
      })
    target = Dictionary(
      zip(members.map(\.id), shares).map { ($0, $1) }, uniquingKeysWith: { $1 })
    targetEpoch = epoch
  }

  /// Brings a member one step nearer to its target: it gives up first and gets afterwards, and gets only
  /// what its former owner has given up.
  private mutating func reconcile(_ index: Int, owned: Set<TopicIdPartition>?, nowMs: Int64) {
    let member = members[index]
    /// Whether the member has some of these still, or does not say.
    func has(_ partitions: Set<TopicIdPartition>) -> Bool {
      owned.map { !$0.isDisjoint(with: partitions) } ?? true
    }
    switch member.state {
    case .stable: if member.epoch == targetEpoch { return }
    case .unrevokedPartitions: if has(member.revoking) { return }
    case .unreleasedPartitions: break
    }
    let wanted = target[member.id] ?? []
    let kept = member.assigned.intersection(wanted)
    let surplus = member.assigned.subtracting(wanted)
    free(member.revoking, of: member.id)
    if !surplus.isEmpty, has(surplus) {
      members[index].state = .unrevokedPartitions
      members[index].assigned = kept
      members[index].revoking = surplus
      members[index].previousEpoch = member.epoch
      members[index].revokeEndMs = nowMs + member.rebalanceTimeoutMs
      return
    }
    free(surplus, of: member.id)
    let missing = wanted.subtracting(kept)
    let ready = missing.filter { owners[$0] == nil }
    for partition in ready { owners[partition] = member.id }
    members[index].assigned = kept.union(ready)
    members[index].revoking = []
    members[index].revokeEndMs = nil
    members[index].previousEpoch = member.epoch
    members[index].epoch = targetEpoch
    members[index].state = ready.count == missing.count ? .stable : .unreleasedPartitions
  }

  // MARK: - Offsets

  /// Says why offsets may not be committed; nil if they may.
  func commitRefusal(_ commit: OffsetCommitter, version: Int16) -> ErrorCode? {
    // An administrator may set offsets while nobody is there.
    if commit.epoch < 0, members.isEmpty { return nil }
    guard let index = index(of: commit.memberId) else { return .unknownMemberId }
    if version < 9, !commit.isTransactional { return .unsupportedVersion }
    return members[index].epoch == commit.epoch ? nil : .staleMemberEpoch
  }

  /// Says why offsets may not be read; nil if they may.
  func fetchRefusal(_ reader: OffsetCommitter) -> ErrorCode? {
    if reader.memberId.isEmpty, reader.epoch < 0 { return nil }
    guard let index = index(of: reader.memberId) else { return .unknownMemberId }
    return members[index].epoch == reader.epoch ? nil : .staleMemberEpoch
  }

  // MARK: - Wire

  private static func partitions(
    _ topics: [ConsumerGroupHeartbeatRequest.TopicPartitions]
  ) -> Set<TopicIdPartition> {
    topics.reduce(into: []) { all, topic in
      for partition in topic.partitions {
        all.insert(TopicIdPartition(topic.topicId, partition))
      }
    }
  }

  private static func assignment(_ partitions: Set<TopicIdPartition>)
    -> ConsumerGroupHeartbeatResponse.Assignment
  {
    var assignment = ConsumerGroupHeartbeatResponse.Assignment()
    let topics = Dictionary(grouping: partitions, by: \.topicId)
    assignment.topicPartitions = topics.map { id, partitions in
      var row = ConsumerGroupHeartbeatResponse.TopicPartitions()
      row.topicId = id
      row.partitions = partitions.map(\.partition).sorted()
      return row
    }
    return assignment
  }
}
