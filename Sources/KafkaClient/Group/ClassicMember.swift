internal import KafkaProtocol

/// A member of a classic group: a plain value without I/O and without a clock.
///
/// It joins, computes the assignment where it leads, keeps up its heartbeats, gives up and takes over
/// partitions, and joins again. Eager members give up everything before they join; cooperative ones only
/// what they lose, after they have learnt of it (KIP-429).
struct ClassicMember {
  /// The most that brokers before 0.10.1 allow, in milliseconds, unless they are told otherwise.
  private static let oldSessionTimeoutMs: Int64 = 30_000

  /// Where the member stands.
  enum Phase: Hashable {
    /// Has not begun, or is out on purpose.
    case out
    /// The next JoinGroup goes then.
    case waiting(untilMs: Int64)
    /// The main thread gives up partitions, until then at most.
    case revoking(untilMs: Int64)
    /// JoinGroup is out.
    case joining
    /// It leads, and asks for the topics' partitions.
    case counting
    /// SyncGroup is out.
    case syncing
    /// It has its partitions.
    case stable
    /// It can never go on.
    case failed
  }

  var settings: GroupSettings
  var phase = Phase.out
  /// Given by the coordinator; empty at first.
  var memberId = ""
  /// −1 for none.
  var generationId: Int32 = -1
  /// What it reads now.
  var owned: Set<TopicPartition> = []
  /// Rises with everything that makes an answer to an earlier request meaningless.
  var attempt = 0
  var leads = false
  /// What the group agreed on; nil before.
  var assignor: Assignor?
  var topics: Set<String> = []
  /// The topics named in the JoinGroup that holds.
  var joinedTopics: Set<String> = []
  var protocolType: String?
  var members: [GroupSubscription] = []
  /// As leader: a static member is back, and the assignment that there is holds (KIP-814).
  var keepsAssignment = false
  /// As leader: the partitions of the group's topics when they were dealt out.
  var dealtCounts: [String: Int32] = [:]
  /// What comes when the revocation under way is done; nil where all was given up to join.
  var afterRevocation: Set<TopicPartition>?
  var failures = 0
  var heartbeatDueMs: Int64 = .max
  var heartbeatIsOut = false
  var lastHeardMs: Int64 = 0

  init(_ settings: GroupSettings) {
    self.settings = settings
  }

  /// Whether the group's ways of assignment are cooperative.
  var isCooperative: Bool { settings.assignors.first?.isCooperative ?? false }

  /// When `tick` wants to be called; nil: not at all.
  var wakeMs: Int64? {
    switch phase {
    case .out, .failed, .joining, .counting, .syncing: nil
    case .waiting(let untilMs): untilMs
    case .revoking(let untilMs): min(untilMs, heartbeatWakeMs)
    case .stable: heartbeatWakeMs
    }
  }

  var heartbeatWakeMs: Int64 {
    min(heartbeatIsOut ? .max : heartbeatDueMs, lastHeardMs + settings.sessionTimeoutMs)
  }

  /// The topics that the group's members want; of interest to the leader alone.
  var groupTopics: Set<String> { Set(dealtCounts.keys) }

  // MARK: What the user and the metadata say

  /// What the member wants to read; the first call joins, a later one joins again if it differs.
  mutating func subscribe(_ topics: Set<String>, nowMs: Int64) -> [GroupAction] {
    self.topics = topics
    switch phase {
    case .out: return join()
    case .stable: return topics == joinedTopics ? [] : rejoin(nowMs)
    case .waiting, .revoking, .joining, .counting, .syncing, .failed: return []
    }
  }

  /// How many partitions topics have now: the leader deals out anew where that has changed.
  mutating func partitionsChanged(_ counts: [String: Int32], nowMs: Int64) -> [GroupAction] {
    guard phase == .stable, leads,
      dealtCounts.contains(where: { counts[$0.key] ?? $0.value != $0.value })
    else { return [] }
    return rejoin(nowMs)
  }

  /// The main thread has given up what it was asked to, and what was written is committed.
  mutating func revoked(nowMs: Int64) -> [GroupAction] {
    guard case .revoking = phase else { return [] }
    guard let kept = afterRevocation else {
      owned = []
      return join()
    }
    afterRevocation = nil
    let added = kept.subtracting(owned)
    owned = kept
    // Those who get what was given up learn of it by the next rebalance.
    return (added.isEmpty ? [] : [.assign(added.sorted())]) + join()
  }

  /// Gives up all and leaves, for a while or for ever; `revoke` comes before, where there is time for it.
  mutating func leave() -> [GroupAction] {
    let leaving = leaveRequest
    attempt += 1
    if phase != .failed { phase = .out }
    forget()
    owned = []
    return leaving.map { [.leave(.classic($0))] } ?? []
  }

  /// A static member does not say that it goes: its place is kept for the session's time (KIP-345).
  var leaveRequest: LeaveGroupRequest? {
    guard !memberId.isEmpty, settings.groupInstanceId == nil, phase != .failed else { return nil }
    var request = LeaveGroupRequest()
    request.groupId = settings.groupId
    request.memberId = memberId
    var member = LeaveGroupRequest.Member()
    member.memberId = memberId
    request.members = [member]
    return request
  }

  /// Does what is due.
  mutating func tick(nowMs: Int64) -> [GroupAction] {
    switch phase {
    case .out, .failed, .joining, .counting, .syncing: return []
    case .waiting(let untilMs):
      guard nowMs >= untilMs else { return [] }
      // A cooperative member reads on while it joins, but not when others may do so.
      return owned.isEmpty ? join() : sessionOver(nowMs) ?? join()
    case .revoking(let untilMs):
      if nowMs >= untilMs { return revoked(nowMs: nowMs) }
      return keepUp(nowMs)
    case .stable: return keepUp(nowMs)
    }
  }

  private mutating func keepUp(_ nowMs: Int64) -> [GroupAction] {
    if let actions = sessionOver(nowMs) { return actions }
    guard nowMs >= heartbeatDueMs, !heartbeatIsOut else { return [] }
    heartbeatIsOut = true
    var request = HeartbeatRequest()
    request.groupId = settings.groupId
    request.generationId = generationId
    request.memberId = memberId
    request.groupInstanceId = settings.groupInstanceId
    return [.heartbeat(request)]
  }

  // MARK: Joining

  mutating func rejoin(_ nowMs: Int64) -> [GroupAction] {
    if isCooperative || owned.isEmpty { return join() }
    phase = .revoking(untilMs: nowMs + settings.revocationMs)
    afterRevocation = nil
    return [.revoke(owned.sorted())]
  }

  mutating func join() -> [GroupAction] {
    attempt += 1
    phase = .joining
    joinedTopics = topics
    var request = JoinGroupRequest()
    request.groupId = settings.groupId
    request.sessionTimeoutMs = Int32(clamping: settings.sessionTimeoutMs)
    request.rebalanceTimeoutMs = Int32(clamping: settings.rebalanceTimeoutMs)
    request.memberId = memberId
    request.groupInstanceId = settings.groupInstanceId
    request.protocolType = "consumer"
    do throws(WireError) {
      for assignor in settings.assignors {
        var way = JoinGroupRequest.GroupProtocol()
        way.name = assignor.rawValue
        way.metadata = try subscription(for: assignor).encode(version: 3)
        request.protocols.append(way)
      }
    } catch {
      return fail(.client(.malformed(what: "subscription", peer: "this client", error)))
    }
    return [.join(request)]
  }

  private func subscription(for assignor: Assignor) -> ConsumerProtocolSubscription {
    var subscription = ConsumerProtocolSubscription()
    subscription.topics = topics.sorted()
    // Kafka 0.9's JVM client cannot read null.
    subscription.userData = []
    subscription.rackId = settings.rackId
    guard assignor.isCooperative else { return subscription }
    subscription.ownedPartitions = GroupAssignment.byTopic(owned).map { topic, partitions in
      var entry = ConsumerProtocolSubscription.TopicPartition()
      (entry.topic, entry.partitions) = (topic, partitions)
      return entry
    }
    subscription.generationId = generationId
    if generationId >= 0 {
      // JVM clients before 3.2 look for the generation here.
      subscription.userData = withUnsafeBytes(of: generationId.bigEndian) { Array($0) }
    }
    return subscription
  }

  /// The answer to JoinGroup.
  mutating func joined(_ result: Result<JoinGroupResponse, ClientError>, nowMs: Int64)
    -> [GroupAction]
  {
    guard phase == .joining else { return [] }
    let response: JoinGroupResponse
    switch result {
    case .failure(let error): return lostTouch(error, nowMs)
    case .success(let answer): response = answer
    }
    switch response.errorCode {
    case .none: break
    case .memberIdRequired:
      let isFirst = memberId.isEmpty && !response.memberId.isEmpty
      memberId = response.memberId
      if isFirst { return join() }
      // Who has an id is not asked to have one: a broker that does it all the same is given time.
      wait(nowMs)
      return []
    case .invalidSessionTimeout
    where settings.isSessionTimeoutDefault && settings.sessionTimeoutMs > Self.oldSessionTimeoutMs:
      settings.sessionTimeoutMs = Self.oldSessionTimeoutMs
      return join()
    default: return refused("JoinGroup", response.errorCode, nowMs)
    }
    lastHeardMs = nowMs
    memberId = response.memberId
    generationId = response.generationId
    protocolType = response.protocolType
    leads = response.leader == memberId && !memberId.isEmpty
    guard let name = response.protocolName, let chosen = Assignor(rawValue: name),
      settings.assignors.contains(chosen)
    else { return fail(.refused(api: "JoinGroup", .inconsistentGroupProtocol, message: nil)) }
    assignor = chosen
    guard leads else { return sync([]) }
    keepsAssignment = response.skipAssignment
    do throws(WireError) {
      members = []
      for member in response.members { members.append(try GroupSubscription(member)) }
    } catch {
      return fail(.client(.malformed(what: "subscription", peer: "a member", error)))
    }
    phase = .counting
    return [.countPartitions(members.reduce(into: []) { $0.formUnion($1.topics) })]
  }

  /// As leader: how many partitions each of the group's topics has; those that are not there are left out.
  mutating func counted(_ result: Result<[String: Int32], ClientError>, nowMs: Int64)
    -> [GroupAction]
  {
    guard phase == .counting, let assignor else { return [] }
    switch result {
    case .failure(let error): return lostTouch(error, nowMs)
    case .success(let counts): dealtCounts = counts
    }
    let dealt = keepsAssignment ? [:] : assignor.assign(members, dealtCounts)
    members = []
    do throws(WireError) {
      var assignments: [SyncGroupRequest.Assignment] = []
      for (member, partitions) in dealt {
        var share = SyncGroupRequest.Assignment()
        share.memberId = member
        share.assignment = try GroupAssignment.encode(partitions)
        assignments.append(share)
      }
      return sync(assignments)
    } catch {
      return fail(.client(.malformed(what: "assignment", peer: "this client", error)))
    }
  }

  private mutating func sync(_ assignments: [SyncGroupRequest.Assignment]) -> [GroupAction] {
    phase = .syncing
    var request = SyncGroupRequest()
    request.groupId = settings.groupId
    request.generationId = generationId
    request.memberId = memberId
    request.groupInstanceId = settings.groupInstanceId
    request.protocolType = protocolType
    request.protocolName = assignor?.rawValue
    request.assignments = assignments
    return [.sync(request)]
  }

  /// The answer to SyncGroup: the member's share.
  mutating func synced(_ result: Result<SyncGroupResponse, ClientError>, nowMs: Int64)
    -> [GroupAction]
  {
    guard phase == .syncing else { return [] }
    let response: SyncGroupResponse
    switch result {
    case .failure(let error): return lostTouch(error, nowMs)
    case .success(let answer): response = answer
    }
    guard response.errorCode == .none else {
      return refused("SyncGroup", response.errorCode, nowMs)
    }
    let share: Set<TopicPartition>
    do throws(WireError) {
      share = try GroupAssignment.decode(response.assignment)
    } catch {
      return fail(.client(.malformed(what: "assignment", peer: "the group's leader", error)))
    }
    phase = .stable
    failures = 0
    lastHeardMs = nowMs
    heartbeatIsOut = false
    heartbeatDueMs = nowMs + settings.heartbeatIntervalMs
    return take(share, nowMs)
  }

  private mutating func take(_ share: Set<TopicPartition>, _ nowMs: Int64) -> [GroupAction] {
    let given = owned.subtracting(share)
    guard given.isEmpty else {
      phase = .revoking(untilMs: nowMs + settings.revocationMs)
      afterRevocation = share
      return [.revoke(given.sorted())]
    }
    let added = share.subtracting(owned)
    owned = share
    // An eager member says what it has even where that is nothing.
    let actions: [GroupAction] = added.isEmpty && isCooperative ? [] : [.assign(added.sorted())]
    return topics == joinedTopics ? actions : actions + rejoin(nowMs)
  }
}
