import KafkaProtocol

/// All transactional ids of the cluster and where each transaction stands (KIP-98, KIP-360, KIP-890).
///
/// Markers are written at once, so that Kafka's states in between (`PrepareCommit`, `PrepareAbort`) do
/// not occur. The errors are those of the newest versions; older ones say `PRODUCER_FENCED` otherwise.
struct TransactionCoordinator: Sendable {
  /// A producer id and its epoch; both −1 for none.
  struct Identity: Hashable, Sendable {
    var producerId: Int64 = -1
    var epoch: Int16 = -1
  }

  /// Markers that are to be written now: a transaction has ended.
  struct Completion: Hashable, Sendable {
    /// Who wrote it; the epoch is that of the markers.
    var identity: Identity
    var isCommit: Bool
    var partitions: Set<TopicPartition>
  }

  /// What a request comes to.
  struct Answer: Hashable, Sendable {
    var error = ErrorCode.none
    /// With which the producer is to go on.
    var identity = Identity()
    var completion: Completion?
  }

  private enum State: Hashable, Sendable {
    case empty
    case ongoing(startedMs: Int64)
    case completeCommit
    case completeAbort
  }

  private struct Transaction: Sendable {
    var identity: Identity
    /// The one before, from which a producer whose answer was lost asks again.
    var last = Identity()
    var timeoutMs: Int32
    var state = State.empty
    var partitions: Set<TopicPartition> = []
    var lastUse: UInt64 = 0

    var deadlineMs: Int64? {
      guard case .ongoing(let startedMs) = state else { return nil }
      return startedMs + Int64(timeoutMs)
    }
  }

  /// The longest `transaction.timeout.ms` (Kafka's `transaction.max.timeout.ms`).
  static let timeoutMsMax: Int32 = 900_000
  /// Transactional ids that are remembered; of more, the longest unused is forgotten.
  static let transactionalIdsMax = 10_000
  /// The first epoch that is not given out: markers may still need one more.
  private static let epochEnd = Int16.max
  /// Kafka's internal topic of committed offsets; a group is part of a transaction by its partition.
  private static let offsetsTopic = "__consumer_offsets"
  private static let offsetsPartitions: UInt64 = 50

  private var transactions: [String: Transaction] = [:]
  private var ongoing: Set<String> = []
  private var uses: UInt64 = 0
  private var nextProducerId: Int64 = 1000

  /// When the next transaction is overdue, in the caller's milliseconds; nil if none is open.
  var nextDeadlineMs: Int64? { ongoing.lazy.compactMap { transactions[$0]?.deadlineMs }.min() }

  /// What stands for a group among the partitions of a transaction.
  static func place(ofGroup group: String) -> TopicPartition {
    TopicPartition(
      offsetsTopic,
      Int32(CoordinatorChoice.hash(group) % offsetsPartitions))
  }

  /// Hands out an id for an idempotent producer.
  ///
  /// As in Kafka also to one that has an id: without a transactional id it raises its epoch itself.
  mutating func takeProducerId() -> Int64 {
    defer { nextProducerId += 1 }
    return nextProducerId
  }

  // MARK: - InitProducerId

  /// Takes over a transactional id: its former producer is fenced, its open transaction aborted.
  ///
  /// `expected` is what the producer has already (KIP-360). While a transaction was open the answer is
  /// `CONCURRENT_TRANSACTIONS`, and the next try succeeds, as in Kafka.
  mutating func initialize(_ id: String, timeoutMs: Int32, expected: Identity?) -> Answer {
    guard !id.isEmpty else { return Answer(error: .invalidRequest) }
    guard timeoutMs > 0, timeoutMs <= Self.timeoutMsMax else {
      return Answer(error: .invalidTransactionTimeout)
    }
    guard var transaction = transactions[id] ?? begin(timeoutMs) else {
      return Answer(error: .coordinatorNotAvailable)
    }
    let current = transaction.identity
    if let expected, current.epoch >= 0, expected.producerId != current.producerId,
      !(expected.producerId == transaction.last.producerId && Self.isExhausted(expected))
    {
      return Answer(error: .producerFenced)
    }
    if case .ongoing = transaction.state {
      return Answer(error: .concurrentTransactions, completion: fence(id, &transaction))
    }
    let isCurrent = expected.map { $0 == current } ?? true
    if Self.isExhausted(current), isCurrent {
      transaction.last = expected == nil ? Identity() : current
      transaction.identity = Identity(producerId: takeProducerId(), epoch: 0)
    } else if isCurrent || current.epoch < 0 {
      transaction.last = expected == nil ? Identity() : current
      transaction.identity.epoch += 1
    } else if expected != transaction.last {
      return Answer(error: .producerFenced)
    }
    transaction.timeoutMs = timeoutMs
    transaction.state = .empty
    store(transaction, id)
    return Answer(identity: transaction.identity)
  }

  /// A new transaction; nil where there are too many and all are open.
  private mutating func begin(_ timeoutMs: Int32) -> Transaction? {
    if transactions.count >= Self.transactionalIdsMax {
      let idle = transactions.filter { !ongoing.contains($0.key) }
      guard let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return nil }
      transactions[oldest.key] = nil
    }
    return Transaction(
      identity: Identity(producerId: takeProducerId(), epoch: -1), timeoutMs: timeoutMs)
  }

  /// Whether no further epoch can be given out under this producer id.
  private static func isExhausted(_ identity: Identity) -> Bool {
    identity.epoch >= epochEnd - 1
  }

  /// Aborts an open transaction under an epoch that its producer does not have.
  private mutating func fence(_ id: String, _ transaction: inout Transaction) -> Completion {
    if transaction.identity.epoch < Self.epochEnd { transaction.identity.epoch += 1 }
    transaction.last = Identity()
    return complete(id, &transaction, commit: false, as: transaction.identity)
  }

  // MARK: - Partitions

  /// Makes partitions part of a transaction, which begins with the first.
  mutating func add(
    _ partitions: [TopicPartition], to id: String, of identity: Identity, nowMs: Int64
  ) -> ErrorCode {
    var transaction: Transaction
    switch find(id, identity) {
    case .failure(let refusal): return refusal.code
    case .success(let found): transaction = found
    }
    if case .ongoing = transaction.state {
    } else {
      transaction.state = .ongoing(startedMs: nowMs)
      ongoing.insert(id)
    }
    transaction.partitions.formUnion(partitions)
    store(transaction, id)
    return .none
  }

  /// Whether a partition is part of the producer's open transaction: `INVALID_TXN_STATE` if not.
  func verify(_ partition: TopicPartition, in id: String, of identity: Identity) -> ErrorCode {
    switch find(id, identity) {
    case .failure(let refusal): refusal.code
    case .success(let transaction):
      transaction.partitions.contains(partition) ? .none : .invalidTxnState
    }
  }

  private struct Refusal: Error {
    var code: ErrorCode
  }

  private func find(_ id: String, _ identity: Identity) -> Result<Transaction, Refusal> {
    if id.isEmpty { return .failure(Refusal(code: .invalidRequest)) }
    guard let transaction = transactions[id],
      transaction.identity.producerId == identity.producerId
    else { return .failure(Refusal(code: .invalidProducerIdMapping)) }
    guard transaction.identity.epoch == identity.epoch else {
      return .failure(Refusal(code: .producerFenced))
    }
    return .success(transaction)
  }

  // MARK: - End

  /// Ends a transaction.
  ///
  /// With `bumpsEpoch` (EndTxn version 5 on, KIP-890) the producer goes on under the next epoch, which the
  /// markers bear already, and a repeated request is known by its old epoch.
  mutating func end(_ id: String, of identity: Identity, commit: Bool, bumpsEpoch: Bool) -> Answer {
    guard !id.isEmpty else { return Answer(error: .invalidRequest) }
    guard var transaction = transactions[id] else {
      return Answer(error: .invalidProducerIdMapping)
    }
    let isRetry =
      bumpsEpoch && identity != transaction.identity && identity == transaction.last
    if !isRetry {
      switch find(id, identity) {
      case .failure(let refusal): return Answer(error: refusal.code)
      case .success: break
      }
    }
    switch transaction.state {
    case .ongoing where isRetry: return Answer(error: .producerFenced)
    case .ongoing: break
    case .completeCommit where commit && (isRetry || !bumpsEpoch),
      .completeAbort where !commit && (isRetry || !bumpsEpoch):
      return Answer(identity: transaction.identity)
    case .empty, .completeCommit, .completeAbort:
      // Under version 2 a client may abort where nothing was written: it gets its new epoch.
      guard bumpsEpoch, !commit, !isRetry else { return Answer(error: .invalidTxnState) }
    }
    guard bumpsEpoch else {
      let completion = complete(id, &transaction, commit: commit, as: identity)
      return Answer(identity: identity, completion: completion)
    }
    let marker = Identity(producerId: identity.producerId, epoch: identity.epoch + 1)
    transaction.last = identity
    transaction.identity =
      Self.isExhausted(identity) ? Identity(producerId: takeProducerId(), epoch: 0) : marker
    let completion = complete(id, &transaction, commit: commit, as: marker)
    return Answer(identity: transaction.identity, completion: completion)
  }

  /// Aborts the transactions that are overdue, and fences their producers.
  mutating func expire(nowMs: Int64) -> [Completion] {
    var completions: [Completion] = []
    for id in ongoing {
      guard var transaction = transactions[id], let deadlineMs = transaction.deadlineMs,
        deadlineMs <= nowMs
      else { continue }
      completions.append(fence(id, &transaction))
    }
    return completions
  }

  private mutating func complete(
    _ id: String, _ transaction: inout Transaction, commit: Bool, as identity: Identity
  ) -> Completion {
    let completion = Completion(
      identity: identity, isCommit: commit, partitions: transaction.partitions)
    transaction.partitions = []
    transaction.state = commit ? .completeCommit : .completeAbort
    ongoing.remove(id)
    store(transaction, id)
    return completion
  }

  private mutating func store(_ transaction: Transaction, _ id: String) {
    uses += 1
    transactions[id] = transaction
    transactions[id]?.lastUse = uses
  }
}
