import KafkaProtocol

/// A group whose members assign the partitions themselves, as a value: requests and time in, answers out.
///
/// KIP-62, KIP-134, KIP-345, KIP-394, KIP-559, KIP-814.
struct ClassicGroup: Sendable {
  /// Where a group stands, in Kafka's words.
  enum State: Sendable {
    /// No members.
    case empty
    /// Members are called upon to join.
    case preparingRebalance
    /// All have joined; the leader is to assign.
    case completingRebalance
    /// All may read.
    case stable
  }

  let limits: GroupLimits
  var state = State.empty
  var generation: Int32 = 0
  var protocolType: String?
  var protocolName: String?
  var leaderId: String?
  var members: [ClassicMember] = []
  /// Ids that were given out and not yet used (KIP-394), and when they are forgotten.
  var pendingMembers: [String: Int64] = [:]
  /// When the members that have not joined are left behind.
  var joinEndMs: Int64?
  /// In the first rebalance of a group: how much longer it may wait for further members.
  var initialRemainingMs: Int64?
  /// Whether a member came since the first rebalance began to wait.
  var hasNewMember = false
  /// When the members that have not asked for their share are removed.
  var syncEndMs: Int64?
  /// What is to be done; the functions that take requests hand it out.
  var actions: [GroupAction] = []

  init(_ limits: GroupLimits) { self.limits = limits }

  /// Whether it has neither members nor ids given out.
  var isEmpty: Bool { members.isEmpty && pendingMembers.isEmpty }

  /// Bytes that it holds.
  var storedBytes: Int {
    members.reduce(pendingMembers.count * GroupLimits.memberBytes) { $0 + $1.storedBytes }
  }

  /// When `tick` must be called; nil for never.
  var deadlineMs: Int64? {
    var first = [joinEndMs, syncEndMs].compactMap(\.self).min() ?? .max
    for member in members { first = min(first, member.deadlineMs ?? .max) }
    for end in pendingMembers.values { first = min(first, end) }
    return first == .max ? nil : first
  }

  mutating func takeActions() -> [GroupAction] {
    defer { actions = [] }
    return actions
  }

  func index(of memberId: String) -> Int? { members.firstIndex { $0.id == memberId } }

  func index(ofInstance instanceId: String) -> Int? {
    members.firstIndex { $0.instanceId == instanceId }
  }

  /// Finds who says to be a member; refuses strangers and static members that were replaced.
  func find(_ memberId: String, _ instanceId: String?) throws(GroupRefusal) -> Int {
    if let instanceId {
      guard let index = index(ofInstance: instanceId) else { throw GroupRefusal(.unknownMemberId) }
      guard members[index].id == memberId else { throw GroupRefusal(.fencedInstanceId) }
      return index
    }
    guard let index = index(of: memberId) else { throw GroupRefusal(.unknownMemberId) }
    return index
  }

  /// Takes a heartbeat.
  mutating func heartbeat(_ request: HeartbeatRequest, nowMs: Int64) -> ErrorCode {
    do throws(GroupRefusal) {
      let index = try find(request.memberId, request.groupInstanceId)
      guard request.generationId == generation else { return .illegalGeneration }
      members[index].sessionEndMs = nowMs + members[index].sessionTimeoutMs
      return state == .preparingRebalance ? .rebalanceInProgress : .none
    } catch {
      return error.code
    }
  }

  /// Says why a member may not commit offsets; nil if it may, and then its session goes on.
  mutating func commitRefusal(_ commit: OffsetCommitter, nowMs: Int64) -> ErrorCode? {
    // A consumer without a group may commit while nobody is in the group.
    if commit.epoch < 0, state == .empty { return nil }
    if commit.epoch >= 0 || !commit.memberId.isEmpty || commit.instanceId != nil {
      do throws(GroupRefusal) {
        let index = try find(commit.memberId, commit.instanceId)
        guard commit.epoch == generation else { return .illegalGeneration }
        members[index].sessionEndMs = nowMs + members[index].sessionTimeoutMs
      } catch {
        return error.code
      }
    } else if !commit.isTransactional {
      return .unknownMemberId
    }
    // Between JoinGroup and SyncGroup nobody knows what he may commit.
    return !commit.isTransactional && state == .completingRebalance ? .rebalanceInProgress : nil
  }

  /// Does what the time demands: ends sessions and phases.
  mutating func tick(nowMs: Int64) -> [GroupAction] {
    pendingMembers = pendingMembers.filter { $0.value > nowMs }
    for member in members where (member.deadlineMs ?? .max) <= nowMs {
      remove(member.id, nowMs: nowMs)
    }
    if let end = joinEndMs, end <= nowMs {
      if let remaining = initialRemainingMs, hasNewMember, remaining > 0 {
        waitForMore(remaining, nowMs: nowMs)
      } else {
        completeJoin(nowMs: nowMs)
      }
    } else {
      completeJoinIfAllHaveJoined(nowMs: nowMs)
    }
    if let end = syncEndMs, end <= nowMs {
      syncEndMs = nil
      for member in members where member.owesSync { remove(member.id, nowMs: nowMs) }
    }
    return takeActions()
  }
}

/// Why a coordinator does not do what it is asked.
struct GroupRefusal: Error {
  var code: ErrorCode
  /// The reason in words, where the answer has room for it.
  var message: String?

  init(_ code: ErrorCode, _ message: String? = nil) {
    self.code = code
    self.message = message
  }
}

/// Who wants to commit offsets.
struct OffsetCommitter: Sendable {
  var memberId = ""
  var instanceId: String?
  /// Generation or member epoch; negative for who is no member.
  var epoch: Int32 = -1
  /// Whether it is part of a transaction.
  var isTransactional = false
}
