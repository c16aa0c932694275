internal import KafkaProtocol

/// Heartbeats and commits, and what an error means for the membership.
extension ClassicMember {
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

  mutating func heard(_ api: String, _ code: ErrorCode, _ nowMs: Int64) -> [GroupAction] {
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

  mutating func refused(_ api: String, _ code: ErrorCode, _ nowMs: Int64)
    -> [GroupAction]
  {
    switch code {
    case .fencedInstanceId: return fail(.fenced(code))
    case .unknownMemberId: return startOver(keepsId: false, nowMs)
    case .illegalGeneration: return startOver(keepsId: true, nowMs)
    case .rebalanceInProgress where phase != .joining:
      phase = .waiting(untilMs: nowMs)
      return []
    case .notCoordinator, .coordinatorNotAvailable:
      wait(nowMs)
      return [.forgetCoordinator]
    case .coordinatorLoadInProgress, .rebalanceInProgress:
      lastHeardMs = nowMs
      wait(nowMs)
      return []
    default:
      guard code.isRetriable else { return fail(.refused(api: api, code, message: nil)) }
      wait(nowMs)
      return []
    }
  }

  /// The connection broke, or nobody answers: the coordinator is looked for and joined again.
  mutating func lostTouch(_ error: ClientError, _ nowMs: Int64) -> [GroupAction] {
    guard error.isRetriable else { return fail(.client(error)) }
    // However long JoinGroup was out, the coordinator kept the member meanwhile.
    if failures == 0 { lastHeardMs = nowMs }
    wait(nowMs)
    return [.forgetCoordinator]
  }

  /// What becomes of a member whose session is over by its own clock; nil where it is not.
  mutating func sessionOver(_ nowMs: Int64) -> [GroupAction]? {
    let silentMs = nowMs - lastHeardMs
    guard silentMs >= settings.sessionTimeoutMs else { return nil }
    let line =
      "Consumer group session timed out after \(silentMs) ms without a successful response from the "
      + "group coordinator: revoking assignment and rejoining group"
    return [.log(ClientLog(.warning, "SESSTMOUT", line)), .forgetCoordinator]
      + startOver(keepsId: true, nowMs)
  }

  /// The coordinator knows the member no more: its partitions are others' already.
  mutating func startOver(keepsId: Bool, _ nowMs: Int64) -> [GroupAction] {
    let lost = owned
    owned = []
    let id = memberId
    forget()
    if keepsId { memberId = id }
    wait(nowMs)
    return lost.isEmpty ? [] : [.lose(lost.sorted())]
  }

  mutating func forget() {
    memberId = ""
    generationId = -1
    leads = false
    members = []
    dealtCounts = [:]
    afterRevocation = nil
    heartbeatIsOut = false
    heartbeatDueMs = .max
  }

  mutating func fail(_ failure: GroupFailure) -> [GroupAction] {
    attempt += 1
    phase = .failed
    let lost = owned
    owned = []
    return (lost.isEmpty ? [] : [.lose(lost.sorted())]) + [.fail(failure)]
  }

  mutating func wait(_ nowMs: Int64) {
    attempt += 1
    phase = .waiting(untilMs: nowMs + pause())
  }

  mutating func pause() -> Int64 {
    failures += 1
    var random = SystemRandomNumberGenerator()
    return Backoff.pause(
      failures: failures, settings.retryBackoffMs, settings.retryBackoffMaxMs, &random)
  }
}
