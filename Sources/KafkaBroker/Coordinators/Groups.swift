import KafkaProtocol

/// All groups of the cluster by name, as a value: whose a request is, and what is refused for all.
struct Groups: Sendable {
  let limits: GroupLimits
  // A name stands in one of these at most.
  private(set) var classic: [String: ClassicGroup] = [:]
  private(set) var consumer: [String: ConsumerGroup] = [:]
  private(set) var share: [String: ShareGroup] = [:]

  init(_ limits: GroupLimits) { self.limits = limits }

  /// When `tick` must be called for a group; nil for never.
  func deadlineMs(_ groupId: String) -> Int64? {
    classic[groupId]?.deadlineMs ?? consumer[groupId]?.deadlineMs ?? share[groupId]?.deadlineMs
  }

  /// Does what the time demands of a group.
  mutating func tick(_ groupId: String, nowMs: Int64) -> [GroupAction] {
    consumer[groupId]?.tick(nowMs: nowMs)
    share[groupId]?.tick(nowMs: nowMs)
    return classic[groupId]?.tick(nowMs: nowMs) ?? []
  }

  private var storedBytes: Int {
    classic.values.reduce(0) { $0 + $1.storedBytes }
      + consumer.values.reduce(0) { $0 + $1.storedBytes }
      + share.values.reduce(0) { $0 + $1.storedBytes }
  }

  /// Makes room for a new group by forgetting one without members; false where there is none.
  private mutating func makeRoom() -> Bool {
    guard classic.count + consumer.count + share.count >= GroupLimits.groupsMax else {
      return true
    }
    if let old = classic.first(where: { $0.value.isEmpty })?.key {
      classic[old] = nil
    } else if let old = consumer.first(where: { $0.value.isEmpty })?.key {
      consumer[old] = nil
    } else if let old = share.first(where: { $0.value.isEmpty })?.key {
      share[old] = nil
    } else {
      return false
    }
    return true
  }

  /// The kinds of groups.
  private enum Kind {
    case classic, consumer, share
  }

  /// Whether a group of another kind has the name; one that is empty gives it up (KIP-848).
  ///
  /// Members of several kinds in one group are not served.
  private mutating func isTaken(_ groupId: String, for kind: Kind) -> Bool {
    if kind != .classic, let other = classic[groupId] {
      if !other.isEmpty { return true }
      classic[groupId] = nil
    }
    if kind != .consumer, let other = consumer[groupId] {
      if !other.isEmpty { return true }
      consumer[groupId] = nil
    }
    if kind != .share, let other = share[groupId] {
      if !other.isEmpty { return true }
      share[groupId] = nil
    }
    return false
  }

  /// Refuses to take in another member of a KIP-848 or share group where there is no room for the topics
  /// that it names.
  private func checkRoom(for names: [String]?) throws(GroupRefusal) {
    guard let names else { return }
    let bytes = names.reduce(GroupLimits.memberBytes) { $0 + $1.utf8.count + 32 }
    guard bytes <= GroupLimits.storedBytesMax - storedBytes else {
      throw GroupRefusal(.policyViolation, "The groups of this broker hold too much already.")
    }
  }

  /// Refuses who speaks to a group of another kind, or to none without joining it.
  private mutating func admit(_ groupId: String, _ kind: Kind, isKnown: Bool, joins: Bool)
    throws(GroupRefusal)
  {
    guard !isKnown else { return }
    let isShare = kind == .share
    guard joins else {
      throw GroupRefusal(
        .groupIdNotFound, "\(isShare ? "Share" : "Consumer") group \(groupId) not found.")
    }
    guard !isTaken(groupId, for: kind) else {
      throw GroupRefusal(
        .groupIdNotFound, "Group \(groupId) is not a \(isShare ? "share" : "consumer") group.")
    }
    guard makeRoom() else {
      throw GroupRefusal(
        .policyViolation, "This broker has \(GroupLimits.groupsMax) groups with members already.")
    }
  }

  // MARK: - The classic protocol

  /// Takes a JoinGroup.
  mutating func join(
    _ request: JoinGroupRequest, version: Int16, newMemberId: String, ticket: GroupTicket,
    nowMs: Int64
  ) -> [GroupAction] {
    if let error = refusal(request) {
      var response = JoinGroupResponse()
      response.errorCode = error
      response.memberId = request.memberId
      return [.joined(ticket, response)]
    }
    return classic[request.groupId, default: ClassicGroup(limits)].join(
      request, version: version, newMemberId: newMemberId, ticket: ticket, nowMs: nowMs)
  }

  private mutating func refusal(_ request: JoinGroupRequest) -> ErrorCode? {
    if request.groupId.isEmpty { return .invalidGroupId }
    if !limits.sessionTimeoutsMs.contains(request.sessionTimeoutMs) {
      return .invalidSessionTimeout
    }
    let bytes = GroupLimits.memberBytes + ClassicMember.storedBytes(request.protocols)
    if bytes > GroupLimits.storedBytesMax - storedBytes { return .policyViolation }
    if isTaken(request.groupId, for: .classic) { return .inconsistentGroupProtocol }
    if classic[request.groupId] == nil {
      if !request.memberId.isEmpty { return .unknownMemberId }
      if !makeRoom() { return .policyViolation }
    }
    return nil
  }

  /// Takes a SyncGroup.
  mutating func sync(_ request: SyncGroupRequest, ticket: GroupTicket, nowMs: Int64)
    -> [GroupAction]
  {
    var response = SyncGroupResponse()
    let bytes = request.assignments.reduce(0) { $0 + $1.assignment.count }
    if request.groupId.isEmpty {
      response.errorCode = .invalidGroupId
    } else if bytes > GroupLimits.storedBytesMax - storedBytes {
      response.errorCode = .policyViolation
    } else {
      response.errorCode = .unknownMemberId
      if let actions = classic[request.groupId]?.sync(request, ticket: ticket, nowMs: nowMs) {
        return actions
      }
    }
    return [.synced(ticket, response)]
  }

  /// Takes a Heartbeat.
  mutating func heartbeat(_ request: HeartbeatRequest, nowMs: Int64) -> ErrorCode {
    if request.groupId.isEmpty { return .invalidGroupId }
    return classic[request.groupId]?.heartbeat(request, nowMs: nowMs) ?? .unknownMemberId
  }

  /// Takes members out of a group; says for each what is wrong.
  mutating func leave(_ groupId: String, _ members: [LeaveGroupRequest.Member], nowMs: Int64)
    -> (errors: [ErrorCode], actions: [GroupAction])
  {
    classic[groupId]?.leave(members, nowMs: nowMs) ?? (members.map { _ in .unknownMemberId }, [])
  }

  // MARK: - KIP-848 and KIP-932

  /// Takes a ConsumerGroupHeartbeat; a member without an id gets `newMemberId`.
  mutating func heartbeat(
    _ request: ConsumerGroupHeartbeatRequest, version: Int16, from client: ClientIdentity,
    newMemberId: String, topic: (String) -> SubscribedTopic?, nowMs: Int64
  ) throws(GroupRefusal) -> ConsumerGroupHeartbeatResponse {
    try ConsumerGroup.check(request, version: version)
    let id = request.groupId
    try checkRoom(for: request.subscribedTopicNames)
    try admit(id, .consumer, isKnown: consumer[id] != nil, joins: request.memberEpoch == 0)
    return try consumer[id, default: ConsumerGroup(limits)].heartbeat(
      request, from: client, newMemberId: newMemberId, topic: topic, nowMs: nowMs)
  }

  /// Takes a ShareGroupHeartbeat (KIP-932).
  mutating func heartbeat(
    _ request: ShareGroupHeartbeatRequest, topic: (String) -> SubscribedTopic?, nowMs: Int64
  ) throws(GroupRefusal) -> ShareGroupHeartbeatResponse {
    try ShareGroup.check(request)
    let id = request.groupId
    try checkRoom(for: request.subscribedTopicNames)
    try admit(id, .share, isKnown: share[id] != nil, joins: request.memberEpoch == 0)
    return try share[id, default: ShareGroup(limits)].heartbeat(
      request, topic: topic, nowMs: nowMs)
  }

  /// Describes a KIP-848 group.
  func describe(_ groupId: String) throws(GroupRefusal)
    -> ConsumerGroupDescribeResponse.DescribedGroup
  {
    if let group = consumer[groupId] { return group.describe() }
    throw GroupRefusal(
      .groupIdNotFound,
      classic[groupId] == nil
        ? "Group \(groupId) not found." : "Group \(groupId) is not a consumer group.")
  }

  // MARK: - Offsets

  /// Says why offsets may not be committed; nil if they may.
  mutating func commitRefusal(
    _ groupId: String, _ committer: OffsetCommitter, version: Int16, nowMs: Int64
  ) -> ErrorCode? {
    if classic[groupId] != nil {
      return classic[groupId]?.commitRefusal(committer, nowMs: nowMs)
    }
    if let group = consumer[groupId] { return group.commitRefusal(committer, version: version) }
    if committer.epoch < 0 {
      // A consumer without a group makes one without members by it.
      if makeRoom() { classic[groupId] = ClassicGroup(limits) }
      return nil
    }
    return version >= 9 ? .groupIdNotFound : .illegalGeneration
  }

  /// Says why offsets may not be read; nil if they may.
  func fetchRefusal(_ groupId: String, _ reader: OffsetCommitter) -> ErrorCode? {
    consumer[groupId]?.fetchRefusal(reader)
  }
}
