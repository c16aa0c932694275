internal import KafkaProtocol

/// A member of a group whose partitions the broker assigns (KIP-848): a plain value without I/O.
///
/// Everything goes by ConsumerGroupHeartbeat: the member says what changed on its side, the coordinator
/// answers what the member shall have. The member gives up first, says so, and then begins what is new.
struct ConsumerMember {
  /// Where the member stands.
  enum Phase: Hashable {
    /// Has not begun, or is out on purpose.
    case out
    /// Joins, or joins again, with everything in the next heartbeat.
    case joining
    /// Has an epoch.
    case stable
    /// The main thread gives up partitions, until then at most.
    case revoking(untilMs: Int64)
    /// It can never go on.
    case failed
  }

  /// A topic's partition as the coordinator names it.
  struct Target: Hashable {
    var topicId: Uuid
    var partition: Int32
  }

  let settings: GroupSettings
  private(set) var phase = Phase.out
  /// Made by the client (KIP-1082), or in version 0 given by the coordinator.
  private(set) var memberId: String
  /// 0 joins.
  private(set) var epoch: Int32 = 0
  /// What it reads now.
  private(set) var owned: Set<TopicPartition> = []
  /// Rises with everything that makes an answer to an earlier heartbeat meaningless.
  private(set) var attempt = 0
  private var topics: Set<String> = []
  private var ids: [String: Uuid] = [:]
  /// The last assignment, as far as it has not been taken over.
  private var pending: Set<Target>?
  /// What remains when the revocation under way is done.
  private var afterRevocation: Set<TopicPartition> = []
  private var saidTopics: Set<String>?
  private var saidOwned: Set<TopicPartition>?
  private var failures = 0
  private var intervalMs: Int64 = 3000
  private var dueMs: Int64 = .max
  private var isOut = false

  /// `memberId` is a fresh UUID, or empty where the broker knows version 0 only.
  init(_ settings: GroupSettings, memberId: String) {
    self.settings = settings
    self.memberId = memberId
  }

  /// When `tick` wants to be called; nil: not at all.
  var wakeMs: Int64? {
    switch phase {
    case .out, .failed: nil
    case .joining, .stable: isOut ? nil : dueMs
    case .revoking(let untilMs): min(untilMs, isOut ? .max : dueMs)
    }
  }

  /// How long the answer to a heartbeat is waited for: the session's time is the broker's secret, and by
  /// default nine intervals.
  var answerMs: Int64 { max(3 * intervalMs, 1000) }

  /// Topics of the assignment whose names are not known yet.
  var unknownTopicIds: Set<Uuid> {
    guard let pending else { return [] }
    let known = Set(ids.values)
    return Set(pending.lazy.map(\.topicId)).subtracting(known)
  }

  // MARK: What the user and the metadata say

  /// What the member wants to read; the first call joins.
  mutating func subscribe(_ topics: Set<String>, nowMs: Int64) -> [GroupAction] {
    let changed = topics != self.topics
    self.topics = topics
    switch phase {
    case .out:
      phase = .joining
      epoch = 0
      dueMs = nowMs
    case .stable: if changed { dueMs = nowMs }
    case .joining, .revoking, .failed: break
    }
    return tick(nowMs: nowMs)
  }

  /// The topics' ids, as the metadata have them: the coordinator speaks of nothing else.
  mutating func named(_ ids: [String: Uuid], nowMs: Int64) -> [GroupAction] {
    self.ids.merge(ids) { $1 }
    return phase == .stable ? reconcile(nowMs) : []
  }

  /// The main thread has given up what it was asked to, and what was written is committed.
  mutating func revoked(nowMs: Int64) -> [GroupAction] {
    guard case .revoking = phase else { return [] }
    phase = .stable
    owned = afterRevocation
    dueMs = nowMs
    return reconcile(nowMs) + tick(nowMs: nowMs)
  }

  /// Gives up all and leaves, for a while or for ever; `revoke` comes before, where there is time for it.
  ///
  /// A static member keeps its place for the session's time.
  mutating func leave() -> [GroupAction] {
    // Who is joining may be a member by the time the request arrives.
    let wasIn =
      phase != .out && phase != .failed && (epoch > 0 || isOut) && !memberId.isEmpty
    attempt += 1
    if phase != .failed { phase = .out }
    forget()
    guard wasIn else { return [] }
    var request = ConsumerGroupHeartbeatRequest()
    request.groupId = settings.groupId
    request.memberId = memberId
    request.instanceId = settings.groupInstanceId
    request.memberEpoch = settings.groupInstanceId == nil ? -1 : -2
    return [.leave(.consumer(request))]
  }

  /// Does what is due.
  mutating func tick(nowMs: Int64) -> [GroupAction] {
    switch phase {
    case .out, .failed: return []
    case .revoking(let untilMs) where nowMs >= untilMs: return revoked(nowMs: nowMs)
    case .joining, .stable, .revoking: break
    }
    guard nowMs >= dueMs, !isOut else { return [] }
    isOut = true
    dueMs = nowMs + intervalMs
    return [.consumerHeartbeat(heartbeat())]
  }

  private mutating func heartbeat() -> ConsumerGroupHeartbeatRequest {
    let isWhole = phase == .joining
    var request = ConsumerGroupHeartbeatRequest()
    request.groupId = settings.groupId
    request.memberId = memberId
    request.memberEpoch = epoch
    request.instanceId = settings.groupInstanceId
    if isWhole {
      request.rackId = settings.rackId
      request.rebalanceTimeoutMs = Int32(clamping: settings.rebalanceTimeoutMs)
      request.serverAssignor = settings.remoteAssignor
    }
    if isWhole || saidTopics != topics {
      request.subscribedTopicNames = topics.sorted()
      saidTopics = topics
    }
    if isWhole || saidOwned != owned {
      request.topicPartitions = GroupAssignment.byTopic(owned).compactMap { topic, numbers in
        guard let id = ids[topic] else { return nil }
        var entry = ConsumerGroupHeartbeatRequest.TopicPartitions()
        (entry.topicId, entry.partitions) = (id, numbers)
        return entry
      }
      saidOwned = owned
    }
    return request
  }

  // MARK: Answers

  /// The answer to a heartbeat.
  mutating func beaten(
    _ result: Result<ConsumerGroupHeartbeatResponse, ClientError>, nowMs: Int64
  ) -> [GroupAction] {
    guard isOut else { return [] }
    isOut = false
    switch result {
    case .failure(let error):
      guard error.isRetriable else { return fail(.client(error)) }
      // The answer may have been lost with what it took note of.
      (saidTopics, saidOwned) = (nil, nil)
      dueMs = nowMs + pause()
      return [.forgetCoordinator]
    case .success(let response):
      guard response.errorCode == .none else {
        return refused(response.errorCode, response.errorMessage, nowMs)
      }
      return take(response, nowMs)
    }
  }

  private mutating func take(_ response: ConsumerGroupHeartbeatResponse, _ nowMs: Int64)
    -> [GroupAction]
  {
    failures = 0
    if let id = response.memberId, !id.isEmpty { memberId = id }
    epoch = response.memberEpoch
    intervalMs = Int64(max(response.heartbeatIntervalMs, 1))
    dueMs = nowMs + intervalMs
    if phase == .joining { phase = .stable }
    if let assignment = response.assignment {
      pending = assignment.topicPartitions.reduce(into: []) { targets, topic in
        for number in topic.partitions where number >= 0 {
          targets.insert(Target(topicId: topic.topicId, partition: number))
        }
      }
    }
    if saidTopics != topics || saidOwned != owned { dueMs = nowMs }
    return (phase == .stable ? reconcile(nowMs) : []) + tick(nowMs: nowMs)
  }

  /// Takes over what the coordinator wants, as far as the topics' names are known.
  private mutating func reconcile(_ nowMs: Int64) -> [GroupAction] {
    guard let targets = pending else { return [] }
    let names = Dictionary(ids.map { ($0.value, $0.key) }) { $1 }
    let wanted = Set(
      targets.compactMap { target in
        names[target.topicId].map { TopicPartition($0, target.partition) }
      })
    let given = owned.subtracting(wanted)
    guard given.isEmpty else {
      phase = .revoking(untilMs: nowMs + settings.revocationMs)
      afterRevocation = owned.intersection(wanted)
      return [.revoke(given.sorted())]
    }
    if wanted.count == targets.count { pending = nil }
    let added = wanted.subtracting(owned)
    owned = wanted
    guard owned != saidOwned else { return [] }
    dueMs = nowMs
    return added.isEmpty ? [] : [.assign(added.sorted())]
  }

  /// OffsetCommit was refused for what concerns the membership.
  mutating func commitRefused(_ code: ErrorCode, nowMs: Int64) -> [GroupAction] {
    switch code {
    // The epoch has moved on: the next heartbeat brings it, and the next commit goes with it.
    case .staleMemberEpoch: dueMs = min(dueMs, nowMs)
    case .unknownMemberId, .fencedMemberEpoch, .fencedInstanceId:
      return refused(code, nil, nowMs)
    default: break
    }
    return tick(nowMs: nowMs)
  }

  private mutating func refused(_ code: ErrorCode, _ message: String?, _ nowMs: Int64)
    -> [GroupAction]
  {
    switch code {
    case .unknownMemberId, .fencedMemberEpoch:
      return startOver(nowMs)
    case .notCoordinator, .coordinatorNotAvailable:
      dueMs = nowMs + pause()
      (saidTopics, saidOwned) = (nil, nil)
      return [.forgetCoordinator]
    case .fencedInstanceId, .unreleasedInstanceId: return fail(.fenced(code))
    default:
      guard code.isRetriable else {
        return fail(.refused(api: "ConsumerGroupHeartbeat", code, message: message))
      }
      (saidTopics, saidOwned) = (nil, nil)
      dueMs = nowMs + pause()
      return []
    }
  }

  /// The coordinator knows the member, or its epoch, no more: its partitions are others' already.
  private mutating func startOver(_ nowMs: Int64) -> [GroupAction] {
    let lost = owned
    attempt += 1
    forget()
    phase = .joining
    dueMs = nowMs + pause()
    return lost.isEmpty ? [] : [.lose(lost.sorted())]
  }

  private mutating func forget() {
    epoch = 0
    owned = []
    pending = nil
    afterRevocation = []
    (saidTopics, saidOwned) = (nil, nil)
    isOut = false
    dueMs = .max
  }

  private mutating func fail(_ failure: GroupFailure) -> [GroupAction] {
    let lost = owned
    attempt += 1
    phase = .failed
    owned = []
    return (lost.isEmpty ? [] : [.lose(lost.sorted())]) + [.fail(failure)]
  }

  private mutating func pause() -> Int64 {
    failures += 1
    var random = SystemRandomNumberGenerator()
    return Backoff.pause(
      failures: failures, settings.retryBackoffMs, settings.retryBackoffMaxMs, &random)
  }
}
