import KafkaProtocol
import Transport

extension Broker {
  /// Changes a partition's log, and answers the fetches that have got enough by it.
  func change<T>(_ partition: Partition, _ body: (inout PartitionLog) -> T) -> T {
    let (result, ready) = partition.change(body)
    readyWaits += ready
    return result
  }

  /// Writes the markers of a transaction that has ended, and what it commits of groups' offsets.
  func run(_ completion: TransactionCoordinator.Completion) {
    let (producerId, epoch) = (completion.identity.producerId, completion.identity.epoch)
    let timestamp = WallClock.nowMs
    for place in completion.partitions {
      guard let partition = topics[place.topic]?.partition(place.partition) else { continue }
      change(partition) { log in
        log.appendMarker(
          producerId: producerId, epoch: epoch, isCommit: completion.isCommit,
          timestamp: timestamp)
      }
    }
    groupOffsets.complete(producerId: producerId, commit: completion.isCommit)
  }

  /// Sets the timer by which the next overdue transaction is aborted.
  func watchTransactions() {
    transactionTimer?.cancel()
    transactionTimer = nil
    guard let deadlineMs = transactions.nextDeadlineMs else { return }
    transactionTimer = Timer(afterMs: deadlineMs - MonotonicClock.nowMs) { [weak self] in
      guard let self else { return }
      for completion in transactions.expire(nowMs: MonotonicClock.nowMs) { run(completion) }
      finishReadyWaits()
      watchTransactions()
    }
  }

  /// The broker that coordinates a group or a transactional id; nil if none is up.
  func coordinatorId(of key: String) -> Int32? {
    CoordinatorChoice.broker(for: key, among: upIds)
  }
}

extension Call {
  /// The error where the asked broker does not coordinate this group or transactional id, or where a
  /// fault rule wants one.
  func coordinatorFault(_ key: String) -> ErrorCode? {
    if let injected { return injected }
    return broker.coordinatorId(of: key) == nodeId ? nil : .notCoordinator
  }

  /// Makes partitions part of a transaction, as a request of the producer wants it.
  func add(
    _ partitions: [TopicPartition], to id: String, _ producerId: Int64, _ epoch: Int16
  ) -> ErrorCode {
    let error = broker.transactions.add(
      partitions, to: id,
      of: TransactionCoordinator.Identity(producerId: producerId, epoch: epoch),
      nowMs: MonotonicClock.nowMs)
    broker.watchTransactions()
    return error
  }

  /// Says whether a partition is part of the producer's transaction, in words of `Produce` and
  /// `TxnOffsetCommit`: with `adds` it becomes so (KIP-890).
  func join(
    _ partition: TopicPartition, _ id: String, _ producerId: Int64, _ epoch: Int16, adds: Bool,
    isAbortable: Bool
  ) -> ErrorCode {
    let identity = TransactionCoordinator.Identity(producerId: producerId, epoch: epoch)
    var error = broker.transactions.verify(partition, in: id, of: identity)
    if error == .invalidTxnState, adds { error = add([partition], to: id, producerId, epoch) }
    return switch error {
    case .producerFenced: .invalidProducerEpoch
    case .invalidTxnState where isAbortable: .transactionAbortable
    default: error
    }
  }
}
