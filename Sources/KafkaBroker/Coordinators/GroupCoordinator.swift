import KafkaProtocol
import Transport

/// Carries out what the groups decide: answers that come later, and timers.
@Net final class GroupCoordinator {
  private var groups: Groups
  private var waiting: [GroupTicket: (answer: DelayedAnswer, call: Call)] = [:]
  private var nextTicket: GroupTicket = 0
  /// One for each group that has to do something at some time.
  private var timers: [String: WakeTimer] = [:]
  private var random = SystemRandomNumberGenerator()

  init(_ limits: GroupLimits) { groups = Groups(limits) }

  /// Forgets everything.
  func stop() {
    for timer in timers.values { timer.cancel() }
    timers = [:]
    waiting = [:]
    groups = Groups(groups.limits)
  }

  /// Takes a JoinGroup, and says when or how it is answered.
  func join(_ request: JoinGroupRequest, _ call: Call) -> Outcome {
    let id = newId()
    let prefix = request.groupInstanceId ?? call.header.clientID ?? ""
    return later(call, request.groupId) { groups, ticket, nowMs in
      groups.join(
        request, version: call.version, newMemberId: "\(prefix)-\(id)", ticket: ticket,
        nowMs: nowMs)
    }
  }

  /// Takes a SyncGroup, and says when or how it is answered.
  func sync(_ request: SyncGroupRequest, _ call: Call) -> Outcome {
    later(call, request.groupId) { groups, ticket, nowMs in
      groups.sync(request, ticket: ticket, nowMs: nowMs)
    }
  }

  private func newId() -> String {
    Uuid(high: random.next(), low: random.next()).description
  }

  private func later(
    _ call: Call, _ groupId: String,
    _ take: (inout Groups, GroupTicket, _ nowMs: Int64) -> [GroupAction]
  ) -> Outcome {
    let ticket = nextTicket
    nextTicket += 1
    let answer = DelayedAnswer()
    waiting[ticket] = (answer, call)
    run(take(&groups, ticket, MonotonicClock.nowMs))
    schedule(groupId)
    return answer.outcome ?? .wait(answer)
  }

  /// Takes a Heartbeat.
  func heartbeat(_ request: HeartbeatRequest) -> ErrorCode {
    defer { schedule(request.groupId) }
    return groups.heartbeat(request, nowMs: MonotonicClock.nowMs)
  }

  /// Takes members out of a group; says for each what is wrong.
  func leave(_ groupId: String, _ members: [LeaveGroupRequest.Member]) -> [ErrorCode] {
    let (errors, actions) = groups.leave(groupId, members, nowMs: MonotonicClock.nowMs)
    run(actions)
    schedule(groupId)
    return errors
  }

  /// Says why offsets may not be committed; nil if they may.
  func commitRefusal(_ groupId: String, _ committer: OffsetCommitter, version: Int16)
    -> ErrorCode?
  {
    groups.commitRefusal(groupId, committer, version: version, nowMs: MonotonicClock.nowMs)
  }

  /// Says why a group's offsets may not be read; nil if they may.
  func fetchRefusal(_ groupId: String, _ reader: OffsetCommitter) -> ErrorCode? {
    groups.fetchRefusal(groupId, reader)
  }

  // MARK: - KIP-848 and KIP-932

  /// Takes a ConsumerGroupHeartbeat.
  func heartbeat(_ request: ConsumerGroupHeartbeatRequest, _ call: Call) throws(GroupRefusal)
    -> ConsumerGroupHeartbeatResponse
  {
    defer { schedule(request.groupId) }
    return try groups.heartbeat(
      request, version: call.version,
      from: ClientIdentity(id: call.header.clientID ?? "", host: "/\(call.connection.peerHost)"),
      newMemberId: newId(), topic: call.broker.topics.subscribed, nowMs: MonotonicClock.nowMs)
  }

  /// Takes a ShareGroupHeartbeat.
  func heartbeat(_ request: ShareGroupHeartbeatRequest, _ call: Call) throws(GroupRefusal)
    -> ShareGroupHeartbeatResponse
  {
    defer { schedule(request.groupId) }
    return try groups.heartbeat(
      request, topic: call.broker.topics.subscribed, nowMs: MonotonicClock.nowMs)
  }

  /// Describes a KIP-848 group.
  func describe(_ groupId: String) throws(GroupRefusal)
    -> ConsumerGroupDescribeResponse.DescribedGroup
  {
    try groups.describe(groupId)
  }

  // MARK: - Effects

  /// Gives the answers; they go out when the request in hand is done.
  private func run(_ actions: [GroupAction]) {
    for action in actions {
      switch action {
      case .joined(let ticket, let response):
        give(ticket) { call in JoinGroupHandler.outcome(response, call) }
      case .synced(let ticket, let response):
        give(ticket) { call in SyncGroupHandler.outcome(response, call) }
      }
    }
  }

  private func give(_ ticket: GroupTicket, _ outcome: (Call) -> Outcome) {
    guard let (answer, call) = waiting.removeValue(forKey: ticket) else { return }
    answer.give(outcome(call))
    call.broker.readyWaits.append(answer)
  }

  /// Sees to it that the group is asked in time what is to be done.
  private func schedule(_ groupId: String) {
    guard let dueMs = groups.deadlineMs(groupId) else {
      timers.removeValue(forKey: groupId)?.cancel()
      return
    }
    let timer = timers[groupId] ?? WakeTimer()
    timers[groupId] = timer
    timer.arm(atMs: dueMs) { [weak self] in self?.fired(groupId) }
  }

  private func fired(_ groupId: String) {
    run(groups.tick(groupId, nowMs: MonotonicClock.nowMs))
    schedule(groupId)
    sendAnswers?()
  }

  /// Sends the answers that have come while no request was in hand; set by the broker.
  var sendAnswers: (@Net () -> Void)?
}
