import KafkaProtocol

extension ProduceVerdict {
  /// The verdict on a code where the batch belongs to a transaction.
  ///
  /// What an idempotent producer mends by a new epoch ends a transaction: it is aborted (KIP-360).
  init(inTransaction code: ErrorCode) {
    switch ProduceVerdict(code) {
    case .outOfOrder, .unknownProducer, .newProducerId: self = .permanent
    // The coordinator is still busy with the transaction before (KIP-890).
    case .permanent where code == .concurrentTransactions: self = .retry
    case let verdict: self = verdict
    }
  }
}

// How batches and transactions go together.

extension ProducerState {
  /// Whether a partition is part of the current transaction.
  enum Registration {
    case none
    case asked
    case done
  }

  /// What batches of that identity say.
  func stamp(_ identity: (producerId: Int64, epoch: Int16)) -> Stamp {
    Stamp(
      producerId: identity.producerId, producerEpoch: identity.epoch,
      isTransactional: limits.isTransactional)
  }

  /// True where the partition's batches may be sent; asks for what is missing.
  mutating func isRegistered(_ at: Int) -> Bool {
    guard limits.isTransactional else { return true }
    if partitions[at].registration == .none {
      partitions[at].registration = .asked
      unregistered.append(at)
    }
    return partitions[at].registration == .done
  }

  mutating func wantRegistrations() {
    guard !unregistered.isEmpty else { return }
    actions.append(
      .register(unregistered.map { (partitions[$0].topic, partitions[$0].index) }))
    unregistered = []
  }

  /// These partitions are part of the transaction.
  mutating func registered(_ list: [(topic: Int, partition: Int32)], nowMs: Int64) -> [Action] {
    for (topic, partition) in list {
      let at = slot(topic, partition)
      guard partitions[at].registration == .asked else { continue }
      partitions[at].registration = .done
      self.list(at, nowMs)
    }
    return take(nowMs)
  }

  /// The transaction will be aborted: what waits is given up now, what is under way when it is answered.
  mutating func abandon(_ error: DeliveryError, nowMs: Int64) -> [Action] {
    giveUpAll(error)
    return take(nowMs)
  }

  /// Gives up what waits, and what will come; only the first reason counts.
  mutating func giveUpAll(_ error: DeliveryError) {
    guard abandoned == nil else { return }
    abandoned = error
    for at in partitions.indices {
      for batch in partitions[at].returned { lose(batch, error) }
      partitions[at].returned = []
      failQueue(at, error)
    }
  }

  /// No request is unanswered.
  var isIdle: Bool { requests.isEmpty }

  /// The next transaction begins; all batches of the one before have been delivered.
  ///
  /// With a new epoch the partitions' sequences begin anew.
  mutating func beginTransaction(producerId: Int64, epoch: Int16, nowMs: Int64) -> [Action] {
    let isRenewed = identity.map { $0 != (producerId, epoch) } ?? true
    identity = (producerId, epoch)
    for at in partitions.indices {
      partitions[at].registration = .none
      if isRenewed { adopt(at) }
      list(at, nowMs)
    }
    return take(nowMs)
  }
}
