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

  private(set) var settings: GroupSettings
  private(set) var phase = Phase.out
  /// Given by the coordinator; empty at first.
  private(set) var memberId = ""
  /// −1 for none.
  private(set) var generationId: Int32 = -1
  /// What it reads now.
  private(set) var owned: Set<TopicPartition> = []
  /// Rises with everything that makes an answer to an earlier request meaningless.
  private(set) var attempt = 0
  private(set) var leads = false
  /// What the group agreed on; nil before.
  private(set) var assignor: Assignor?
  private var topics: Set<String> = []
  /// The topics named in the JoinGroup that holds.
  private var joinedTopics: Set<String> = []
  private var protocolType: String?
  private var members: [GroupSubscription] = []
  /// As leader: a static member is back, and the assignment that there is holds (KIP-814).
  private var keepsAssignment = false
  /// As leader: the partitions of the group's topics when they were dealt out.
  private var dealtCounts: [String: Int32] = [:]
  /// What comes when the revocation under way is done; nil where all was given up to join.
  private var afterRevocation: Set<TopicPartition>?
  private var failures = 0
  private var heartbeatDueMs: Int64 = .max
  private var heartbeatIsOut = false
  private var lastHeardMs: Int64 = 0

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

  private var heartbeatWakeMs: Int64 {
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
  private var leaveRequest: LeaveGroupRequest? {
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
    case .waiting(let untilMs): return nowMs >= untilMs ? join() : []
    case .revoking(let untilMs):
      if nowMs >= untilMs { return revoked(nowMs: nowMs) }
      return keepUp(nowMs)
    case .stable: return keepUp(nowMs)
    }
  }

  private mutating func keepUp(_ nowMs: Int64) -> [GroupAction] {
    let silentMs = nowMs - lastHeardMs
    if silentMs >= settings.sessionTimeoutMs {
      let line =
        "Consumer group session timed out after \(silentMs) ms without a successful response from the "
        + "group coordinator: revoking assignment and rejoining group"
      return [.log(ClientLog(.warning, "SESSTMOUT", line)), .forgetCoordinator]
        + startOver(keepsId: true, nowMs)
    }
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

  private mutating func rejoin(_ nowMs: Int64) -> [GroupAction] {
    if isCooperative || owned.isEmpty { return join() }
    phase = .revoking(untilMs: nowMs + settings.revocationMs)
    afterRevocation = nil
    return [.revoke(owned.sorted())]
  }

  private mutating func join() -> [GroupAction] {
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
      memberId = response.memberId
      return join()
    case .invalidSessionTimeout
    where settings.isSessionTimeoutDefault && settings.sessionTimeoutMs > Self.oldSessionTimeoutMs:
      settings.sessionTimeoutMs = Self.oldSessionTimeoutMs
      return join()
    default: return refused("JoinGroup", response.errorCode, nowMs)
    }
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

  // MARK: Answers of the running membership

  /// The answer to Heartbeat.
  mutating func beaten(_ result: Result<HeartbeatResponse, ClientError>, nowMs: Int64)
    -> [GroupAction]
  {
    heartbeatIsOut = false
    switch result {
    case .failure(let error):
      heartbeatDueMs = nowMs + pause()
      return error.isRetriable ? [.forgetCoordinator] : fail(.client(error))
    case .success(let response):
      heartbeatDueMs = nowMs + settings.heartbeatIntervalMs
      guard response.errorCode != .none else {
        lastHeardMs = nowMs
        failures = 0
        return []
      }
      return heard("Heartbeat", response.errorCode, nowMs)
    }
  }

  /// OffsetCommit was refused for what concerns the membership.
  mutating func commitRefused(_ code: ErrorCode, nowMs: Int64) -> [GroupAction] {
    heard("OffsetCommit", code, nowMs)
  }

  private mutating func heard(_ api: String, _ code: ErrorCode, _ nowMs: Int64) -> [GroupAction] {
    switch code {
    case .rebalanceInProgress:
      lastHeardMs = nowMs
      return phase == .stable ? rejoin(nowMs) : []
    case .coordinatorLoadInProgress:
      lastHeardMs = nowMs
      return []
    case .notCoordinator, .coordinatorNotAvailable:
      heartbeatDueMs = nowMs + pause()
      return [.forgetCoordinator]
    default:
      switch phase {
      case .stable, .revoking: return refused(api, code, nowMs)
      case .out, .waiting, .joining, .counting, .syncing, .failed: return []
      }
    }
  }

  private mutating func refused(_ api: String, _ code: ErrorCode, _ nowMs: Int64)
    -> [GroupAction]
  {
    switch code {
    case .fencedInstanceId: return fail(.fenced(code))
    case .unknownMemberId: return startOver(keepsId: false, nowMs)
    case .illegalGeneration: return startOver(keepsId: true, nowMs)
    case .rebalanceInProgress:
      phase = .waiting(untilMs: nowMs)
      return []
    case .notCoordinator, .coordinatorNotAvailable, .coordinatorLoadInProgress:
      wait(nowMs)
      return code == .coordinatorLoadInProgress ? [] : [.forgetCoordinator]
    default:
      guard code.isRetriable else { return fail(.refused(api: api, code, message: nil)) }
      wait(nowMs)
      return []
    }
  }

  /// The connection broke, or nobody answers: the coordinator is looked for and joined again.
  private mutating func lostTouch(_ error: ClientError, _ nowMs: Int64) -> [GroupAction] {
    guard error.isRetriable else { return fail(.client(error)) }
    wait(nowMs)
    return [.forgetCoordinator]
  }

  /// The coordinator knows the member no more: its partitions are others' already.
  private mutating func startOver(keepsId: Bool, _ nowMs: Int64) -> [GroupAction] {
    let lost = owned
    owned = []
    let id = memberId
    forget()
    if keepsId { memberId = id }
    wait(nowMs)
    return lost.isEmpty ? [] : [.lose(lost.sorted())]
  }

  private mutating func forget() {
    memberId = ""
    generationId = -1
    leads = false
    members = []
    dealtCounts = [:]
    afterRevocation = nil
    heartbeatIsOut = false
    heartbeatDueMs = .max
  }

  private mutating func fail(_ failure: GroupFailure) -> [GroupAction] {
    attempt += 1
    phase = .failed
    let lost = owned
    owned = []
    return (lost.isEmpty ? [] : [.lose(lost.sorted())]) + [.fail(failure)]
  }

  private mutating func wait(_ nowMs: Int64) {
    attempt += 1
    phase = .waiting(untilMs: nowMs + pause())
  }

  private mutating func pause() -> Int64 {
    failures += 1
    var random = SystemRandomNumberGenerator()
    return Backoff.pause(
      failures: failures, settings.retryBackoffMs, settings.retryBackoffMaxMs, &random)
  }
}
