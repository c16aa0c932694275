internal import KafkaProtocol

/// The membership by either protocol, as far as both are alike.
enum Membership {
  case classic(ClassicMember)
  case consumer(ConsumerMember)

  var settings: GroupSettings {
    switch self {
    case .classic(let member): member.settings
    case .consumer(let member): member.settings
    }
  }

  /// The member's id; empty before it has one.
  var memberId: String {
    switch self {
    case .classic(let member): member.memberId
    case .consumer(let member): member.memberId
    }
  }

  /// The generation or the epoch, for commits.
  var generationOrEpoch: Int32 {
    switch self {
    case .classic(let member): member.generationId
    case .consumer(let member): member.epoch
    }
  }

  /// Answers to requests of an earlier attempt mean nothing.
  var attempt: Int {
    switch self {
    case .classic(let member): member.attempt
    case .consumer(let member): member.attempt
    }
  }

  var owned: Set<TopicPartition> {
    switch self {
    case .classic(let member): member.owned
    case .consumer(let member): member.owned
    }
  }

  var isCooperative: Bool {
    switch self {
    case .classic(let member): member.isCooperative
    case .consumer: true
    }
  }

  /// Whether a commit would be taken now: not while the member joins.
  var mayCommit: Bool {
    switch self {
    case .classic(let member):
      switch member.phase {
      case .stable, .revoking: true
      case .out, .waiting, .joining, .counting, .syncing, .failed: false
      }
    case .consumer(let member):
      switch member.phase {
      case .stable, .revoking: true
      case .out, .joining, .failed: false
      }
    }
  }

  /// Whether JoinGroup or SyncGroup is out: its connection answers nothing else meanwhile.
  var isJoining: Bool {
    guard case .classic(let member) = self else { return false }
    return member.phase == .joining || member.phase == .syncing
  }

  /// Whether it is in the group, or on its way there.
  var isIn: Bool {
    switch self {
    case .classic(let member): member.phase != .out && member.phase != .failed
    case .consumer(let member): member.phase != .out && member.phase != .failed
    }
  }

  var wakeMs: Int64? {
    switch self {
    case .classic(let member): member.wakeMs
    case .consumer(let member): member.wakeMs
    }
  }

  /// How long the answer to a heartbeat is waited for: a third of the session, so that another coordinator
  /// can be found before it is over.
  var heartbeatAnswerMs: Int64 {
    switch self {
    case .classic(let member): max(member.settings.sessionTimeoutMs / 3, 1)
    case .consumer(let member): member.answerMs
    }
  }

  mutating func subscribe(_ topics: Set<String>, nowMs: Int64) -> [GroupAction] {
    change({ $0.subscribe(topics, nowMs: nowMs) }, { $0.subscribe(topics, nowMs: nowMs) })
  }

  /// What the metadata say now: the leader looks at the numbers, KIP-848's member at the ids.
  mutating func learn(_ metadata: ClusterMetadata, nowMs: Int64) -> [GroupAction] {
    let topics = metadata.topics.filter { $0.errorCode == .none }
    return change(
      { member in
        let counts = topics.map { ($0.name, Int32(clamping: $0.partitions.count)) }
        return member.partitionsChanged(Dictionary(counts) { $1 }, nowMs: nowMs)
      },
      { member in
        let ids = topics.filter { $0.topicId != .zero }.map { ($0.name, $0.topicId) }
        return member.named(Dictionary(ids) { $1 }, nowMs: nowMs)
      })
  }

  mutating func revoked(nowMs: Int64) -> [GroupAction] {
    change({ $0.revoked(nowMs: nowMs) }, { $0.revoked(nowMs: nowMs) })
  }

  mutating func leave() -> [GroupAction] {
    change({ $0.leave() }, { $0.leave() })
  }

  mutating func tick(nowMs: Int64) -> [GroupAction] {
    change({ $0.tick(nowMs: nowMs) }, { $0.tick(nowMs: nowMs) })
  }

  mutating func commitRefused(_ code: ErrorCode, nowMs: Int64) -> [GroupAction] {
    change(
      { $0.commitRefused(code, nowMs: nowMs) }, { $0.commitRefused(code, nowMs: nowMs) })
  }

  /// Changes the one or the other.
  mutating func change(
    _ classic: (inout ClassicMember) -> [GroupAction],
    _ consumer: (inout ConsumerMember) -> [GroupAction]
  ) -> [GroupAction] {
    switch self {
    case .classic(var member):
      defer { self = .classic(member) }
      return classic(&member)
    case .consumer(var member):
      defer { self = .consumer(member) }
      return consumer(&member)
    }
  }
}
