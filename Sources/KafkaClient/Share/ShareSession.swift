internal import KafkaProtocol

/// A member's share session with one broker (KIP-932), without I/O and without a clock.
///
/// The first ShareFetch, epoch 0, names all partitions and opens the session; each further request has the
/// next epoch and names what has changed. One request is on its way at a time. Acknowledgements go with
/// the next ShareFetch; those of partitions that are no longer wanted by ShareAcknowledge.
struct ShareSession {
  struct Limits: Sendable {
    /// How long the broker may wait for records, in milliseconds.
    var waitMaxMs: Int32
    var bytesMin: Int32
    var bytesMax: Int32
    /// How many records are acquired at a time.
    var recordsMax: Int32
  }

  /// What to send now.
  enum Request {
    case fetch(ShareFetchRequest)
    case acknowledge(ShareAcknowledgeRequest)
  }

  /// Records of one partition that this member has acquired.
  struct Acquired {
    var partition: TopicIdPartition
    var offsets: AcquiredOffsets
    /// Where the batches lie in the answer; nil where only gaps were acquired.
    var records: RecordsSlice?
  }

  /// What an answer says.
  struct Answer {
    var acquired: [Acquired] = []
    var failures: [AcknowledgeFailure] = []
    /// Partitions that cannot be read from this broker for good.
    var failed: [(partition: TopicIdPartition, error: ClientError)] = []
    /// Some partition is not led by this broker, or not for now.
    var needsLeaders = false
    /// Why the session had to be given up; the next request opens another.
    var sessionError: ErrorCode?
    /// Nothing can be had from any broker.
    var refusal: ClientError?
  }

  let groupId: String
  let memberId: String
  let limits: Limits
  /// The epoch of the next request; 0 where there is no session.
  private(set) var epoch: Int32 = 0
  private var isClosed = false
  private var wanted: [TopicIdPartition] = []
  /// What the broker's session has.
  private var known: Set<TopicIdPartition> = []
  private var pending: [TopicIdPartition: [ShareAcknowledgement]] = [:]
  private var sent: [TopicIdPartition: [ShareAcknowledgement]] = [:]
  /// What is pending was already sent to a session that the broker did not know.
  private var isSecondTry = false
  private var backoff: Backoff
  /// Nothing is sent before.
  private(set) var notBeforeMs: Int64 = 0

  init(groupId: String, memberId: String, limits: Limits, backoff: Backoff) {
    self.groupId = groupId
    self.memberId = memberId
    self.limits = limits
    self.backoff = backoff
  }

  /// Whether there is nothing to ask the broker for, and no session to end.
  var isIdle: Bool { isClosed || (wanted.isEmpty && epoch == 0) }

  /// Takes over which partitions are to be read from this broker.
  mutating func want(_ partitions: [TopicIdPartition]) { wanted = partitions }

  /// Reads a partition no more.
  mutating func drop(_ partition: TopicIdPartition) { wanted.removeAll { $0 == partition } }

  /// Takes what has become of acquired records; what can no longer be said is answered.
  mutating func acknowledge(_ partition: TopicIdPartition, _ list: [ShareAcknowledgement])
    -> AcknowledgeFailure?
  {
    guard !list.isEmpty else { return nil }
    guard epoch > 0 else {
      // The broker has released them with the session.
      return AcknowledgeFailure(
        partition, list, .broker(.shareSessionNotFound, message: nil))
    }
    pending[partition, default: []] += list
    return nil
  }

  // MARK: Requests

  /// What to send now, or nil; `recordsMax` bounds what is acquired, to the record if `isExact`.
  mutating func next(recordsMax: Int32, isExact: Bool) -> Request? {
    guard !isClosed else { return nil }
    if epoch > 0 {
      if wanted.isEmpty { return close(isFinal: false).map { .acknowledge($0) } }
      let present = Set(wanted)
      let orphans = pending.filter { !present.contains($0.key) }
      if !orphans.isEmpty {
        for partition in orphans.keys { pending[partition] = nil }
        sent = orphans
        return .acknowledge(acknowledgeRequest(orphans))
      }
    } else if wanted.isEmpty {
      return nil
    }
    return .fetch(fetchRequest(min(recordsMax, limits.recordsMax), isExact))
  }

  /// The request that ends the session and takes along what is to be acknowledged.
  ///
  /// The broker releases what this member has acquired beyond that, without counting it as a delivery. nil
  /// where there is no session. After a final one nothing more is sent.
  mutating func close(isFinal: Bool = true) -> ShareAcknowledgeRequest? {
    guard !isClosed else { return nil }
    isClosed = isFinal
    guard epoch > 0 else { return nil }
    epoch = -1
    sent = pending
    pending = [:]
    return acknowledgeRequest(sent)
  }

  private func acknowledgeRequest(_ all: [TopicIdPartition: [ShareAcknowledgement]])
    -> ShareAcknowledgeRequest
  {
    var request = ShareAcknowledgeRequest()
    request.groupId = groupId
    request.memberId = memberId
    request.shareSessionEpoch = epoch
    request.topics = all.keys.byTopic.map { topicId, partitions in
      var topic = ShareAcknowledgeRequest.AcknowledgeTopic()
      topic.topicId = topicId
      topic.partitions = partitions.map { partition in
        var row = ShareAcknowledgeRequest.AcknowledgePartition()
        row.partitionIndex = partition
        row.acknowledgementBatches = (all[TopicIdPartition(topicId, partition)] ?? []).map(\.batch)
        return row
      }
      return topic
    }
    return request
  }

  private mutating func fetchRequest(_ recordsMax: Int32, _ isExact: Bool) -> ShareFetchRequest {
    var request = ShareFetchRequest()
    request.groupId = groupId
    request.memberId = memberId
    request.shareSessionEpoch = epoch
    request.maxWaitMs = limits.waitMaxMs
    request.minBytes = limits.bytesMin
    request.maxBytes = limits.bytesMax
    request.maxRecords = recordsMax
    request.batchSize = recordsMax
    request.shareAcquireMode = isExact ? 1 : 0
    if epoch > 0 {
      sent = pending
      pending = [:]
    }
    let news = wanted.filter { !known.contains($0) || sent[$0] != nil }
    request.topics = news.byTopic.map { topicId, partitions in
      var topic = ShareFetchRequest.FetchTopic()
      topic.topicId = topicId
      topic.partitions = partitions.map { partition in
        var row = ShareFetchRequest.FetchPartition()
        row.partitionIndex = partition
        row.acknowledgementBatches = (sent[TopicIdPartition(topicId, partition)] ?? []).map(\.batch)
        return row
      }
      return topic
    }
    let present = Set(wanted)
    request.forgottenTopicsData = known.subtracting(present).byTopic.map { topicId, partitions in
      var topic = ShareFetchRequest.ForgottenTopic()
      topic.topicId = topicId
      topic.partitions = partitions
      return topic
    }
    known = present
    return request
  }

  // MARK: Answers

  /// Takes the answer to the ShareFetch that was sent last.
  mutating func received(_ response: ShareFetchResponse, nowMs: Int64) -> Answer {
    var answer = Answer()
    guard take(response.errorCode, response.errorMessage, nowMs: nowMs, &answer) else {
      return answer
    }
    advance()
    var seen: Set<TopicIdPartition> = []
    for topic in response.responses {
      for row in topic.partitions {
        let partition = TopicIdPartition(topic.topicId, row.partitionIndex)
        // What was not asked for, or comes twice (S12), is passed over.
        guard known.contains(partition), seen.insert(partition).inserted else { continue }
        settle(partition, row.acknowledgeErrorCode, row.acknowledgeErrorMessage, &answer)
        take(partition, row, nowMs: nowMs, &answer)
      }
    }
    failUnanswered(&answer)
    if answer.needsLeaders {
      pause(nowMs: nowMs)
    } else {
      backoff.reset()
    }
    noteThrottle(response.throttleTimeMs, nowMs: nowMs)
    return answer
  }

  /// Takes the answer to the ShareAcknowledge that was sent last.
  mutating func received(_ response: ShareAcknowledgeResponse, nowMs: Int64) -> Answer {
    var answer = Answer()
    let wasClosing = epoch == -1
    if wasClosing {
      // Nothing comes behind it that could say it again.
      isSecondTry = true
      reset()
      if response.errorCode == .shareSessionNotFound, sent.isEmpty { return answer }
    }
    guard take(response.errorCode, response.errorMessage, nowMs: nowMs, &answer) else {
      return answer
    }
    if !wasClosing { advance() }
    for topic in response.responses {
      for row in topic.partitions {
        settle(
          TopicIdPartition(topic.topicId, row.partitionIndex), row.errorCode, row.errorMessage,
          &answer)
      }
    }
    failUnanswered(&answer)
    noteThrottle(response.throttleTimeMs, nowMs: nowMs)
    return answer
  }

  /// The connection broke or an answer did not come: the broker drops the session and releases all.
  mutating func lost(_ error: ClientError, nowMs: Int64) -> [AcknowledgeFailure] {
    let failures = (Array(sent) + Array(pending)).map { AcknowledgeFailure($0, $1, error) }
    reset()
    sent = [:]
    pending = [:]
    pause(nowMs: nowMs)
    return failures.filter { $0.count > 0 }
  }

  /// False where the request failed as a whole: the session is given up then, the next is a new one.
  private mutating func take(
    _ code: ErrorCode, _ message: String?, nowMs: Int64, _ answer: inout Answer
  ) -> Bool {
    guard code != .none else { return true }
    let error = ClientError.broker(code, message: message)
    answer.sessionError = code
    let isUnknown = code == .shareSessionNotFound || code == .invalidShareSessionEpoch
    if isUnknown, !isSecondTry {
      // The locks are the member's, not the session's: the next one may still acknowledge.
      pending.merge(sent) { $1 + $0 }
      sent = [:]
      isSecondTry = true
      reset()
      pause(nowMs: nowMs)
      return false
    }
    answer.failures += lost(error, nowMs: nowMs)
    if !code.isRetriable { answer.refusal = error }
    return false
  }

  private mutating func take(
    _ partition: TopicIdPartition, _ row: ShareFetchResponse.Partition, nowMs: Int64,
    _ answer: inout Answer
  ) {
    switch row.errorCode {
    case .none:
      var offsets = AcquiredOffsets(
        row.acquiredRecords.lazy.map { ($0.firstOffset, $0.lastOffset) })
      // Released with the lost session and acquired again, but printed: it only has to be acknowledged.
      if let printed = pending[partition] { offsets = offsets.without(printed) }
      guard !offsets.ranges.isEmpty else { return }
      answer.acquired.append(
        Acquired(partition: partition, offsets: offsets, records: row.records))
    case let code where code.isRetriable || code == .unknownTopicId:
      answer.needsLeaders = true
    default:
      drop(partition)
      answer.failed.append((partition, .broker(row.errorCode, message: row.errorMessage)))
    }
  }

  private mutating func settle(
    _ partition: TopicIdPartition, _ code: ErrorCode, _ message: String?, _ answer: inout Answer
  ) {
    guard let list = sent.removeValue(forKey: partition), code != .none else { return }
    answer.failures.append(AcknowledgeFailure(partition, list, .broker(code, message: message)))
  }

  private mutating func failUnanswered(_ answer: inout Answer) {
    for (partition, list) in sent {
      answer.failures.append(
        AcknowledgeFailure(
          partition, list, .broker(.unknownServerError, message: "no answer about it")))
    }
    sent = [:]
    answer.failures.removeAll { $0.count == 0 }
  }

  private mutating func advance() {
    // The first request of a session acknowledges nothing.
    if epoch > 0 { isSecondTry = false }
    epoch = epoch == .max ? 1 : epoch + 1
  }

  private mutating func reset() {
    epoch = 0
    known = []
  }

  private mutating func pause(nowMs: Int64) { notBeforeMs = nowMs + backoff.next() }

  private mutating func noteThrottle(_ throttleTimeMs: Int32, nowMs: Int64) {
    notBeforeMs = max(notBeforeMs, nowMs + Int64(max(0, throttleTimeMs)))
  }
}
