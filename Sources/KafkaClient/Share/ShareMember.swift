internal import KafkaProtocol

/// A share group's member as its coordinator sees it (KIP-932), without I/O and without a clock.
///
/// It says which ShareGroupHeartbeat is due and what an answer means; `ShareConsumer` does it.
struct ShareMember {
  /// What an answer, or its absence, comes to.
  enum Outcome {
    case nothing
    /// These are the member's partitions from now on.
    case assigned([TopicIdPartition])
    /// The group has gone on without this member: it has nothing, and joins again.
    case fenced(ErrorCode)
    /// The coordinator is elsewhere, or not there: to be looked for anew.
    case coordinatorLost
    /// It cannot be a member.
    case failed(ClientError)
  }

  /// How often a member without partitions asks again after `soonMs` milliseconds.
  private static let soonCount = 12
  private static let soonMs: Int64 = 250

  let groupId: String
  /// Made by the client, a UUID in Kafka's text; the same for its whole life.
  let memberId: String
  private let topics: [String]
  private let rackId: String?

  /// 0 until the coordinator has taken it in; −1 once it leaves.
  private(set) var epoch: Int32 = 0
  private(set) var assignment: [TopicIdPartition] = []
  /// When the next heartbeat is due, in milliseconds of the clock that the events come with.
  private(set) var dueMs: Int64 = 0
  /// The next heartbeat says all again, since the coordinator may not have got the last.
  private var saysAll = true
  /// Answers in a row that gave it nothing to read.
  private var emptyCount = 0
  private var backoff: Backoff

  init(groupId: String, memberId: String, topics: [String], rackId: String?, backoff: Backoff) {
    self.groupId = groupId
    self.memberId = memberId
    self.topics = topics
    self.rackId = rackId
    self.backoff = backoff
  }

  /// Whether the coordinator counts it as a member.
  var isMember: Bool { epoch > 0 }
  var hasLeft: Bool { epoch < 0 }

  /// The heartbeat to send now.
  func heartbeat() -> ShareGroupHeartbeatRequest {
    var request = ShareGroupHeartbeatRequest()
    request.groupId = groupId
    request.memberId = memberId
    request.memberEpoch = epoch
    if saysAll {
      request.subscribedTopicNames = topics
      request.rackId = rackId
    }
    return request
  }

  /// The heartbeat that leaves the group; nil where there is nothing to leave.
  mutating func leave() -> ShareGroupHeartbeatRequest? {
    // Who is joining may be a member by the time the request arrives.
    guard epoch >= 0 else { return nil }
    epoch = -1
    saysAll = false
    assignment = []
    return heartbeat()
  }

  /// Takes the coordinator's answer.
  mutating func received(_ response: ShareGroupHeartbeatResponse, nowMs: Int64) -> Outcome {
    guard !hasLeft else { return .nothing }
    let throttledUntilMs = nowMs + Int64(max(0, response.throttleTimeMs))
    defer { dueMs = max(dueMs, throttledUntilMs) }
    let code = response.errorCode
    switch code {
    case .none: return joined(response, nowMs)
    case .unknownMemberId, .fencedMemberEpoch:
      // At the first time at once; a group that refuses who joins is not asked in a tight loop.
      let pause = epoch == 0 ? backoff.next() : 0
      forget()
      dueMs = nowMs + pause
      return .fenced(code)
    case .notCoordinator, .coordinatorNotAvailable:
      return lostCoordinator(nowMs: nowMs)
    case .unsupportedVersion:
      return .failed(
        .unsupported(
          what: "share group \(groupId)",
          needs: "share groups turned on in the cluster (kafka-features: share.version=1)"))
    case let code where code.isRetriable:
      saysAll = true
      dueMs = nowMs + backoff.next()
      return .nothing
    default: return .failed(.broker(code, message: response.errorMessage))
    }
  }

  private mutating func joined(_ response: ShareGroupHeartbeatResponse, _ nowMs: Int64) -> Outcome {
    guard response.memberEpoch > 0 else {
      return .failed(.broker(.unknownServerError, message: "epoch \(response.memberEpoch)"))
    }
    epoch = response.memberEpoch
    saysAll = false
    backoff.reset()
    defer {
      // What is no interval must not become a tight loop, nor an endless one.
      let intervalMs = min(max(Int64(response.heartbeatIntervalMs), 100), 60_000)
      // Kafka assigns a moment after the join: an interval (5 s) is long to wait for the first records.
      emptyCount = assignment.isEmpty ? min(emptyCount + 1, Self.soonCount + 1) : 0
      let isSoon = (1...Self.soonCount).contains(emptyCount)
      dueMs = nowMs + (isSoon ? min(intervalMs, Self.soonMs) : intervalMs)
    }
    guard let told = response.assignment else { return .nothing }
    var seen: Set<TopicIdPartition> = []
    let partitions = told.topicPartitions.flatMap { topic in
      topic.partitions.map { TopicIdPartition(topic.topicId, $0) }
    }.filter { $0.partition >= 0 && seen.insert($0).inserted }
    guard partitions != assignment else { return .nothing }
    assignment = partitions
    return .assigned(partitions)
  }

  /// The coordinator did not answer, or is not the coordinator.
  mutating func lostCoordinator(nowMs: Int64) -> Outcome {
    guard !hasLeft else { return .nothing }
    saysAll = true
    dueMs = nowMs + backoff.next()
    return .coordinatorLost
  }

  private mutating func forget() {
    epoch = 0
    emptyCount = 0
    saysAll = true
    assignment = []
  }
}
