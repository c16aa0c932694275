import KafkaProtocol
import Synchronization
import Transport

// A producer with a transactional id: its batches wait for their partitions, and its end for its batches.

extension Producer {
  /// The transaction of a producer whose configuration names a transactional id.
  func makeTransaction(_ cluster: Cluster, _ id: String, seed: UInt64) -> Transaction {
    Transaction(
      cluster, id: id, timeoutMs: configuration.transactionTimeoutMs, seed: seed, log: log,
      onRegistered: { [weak self] partitions in self?.registered(partitions) },
      onRefused: { [weak self] error in
        self?.abandon(.unsupported("\(error)"))
      })
  }

  private func registered(_ partitions: [TransactionState.Partition]) {
    let list = partitions.compactMap { partition in
      numbers[partition.topic].map { (topic: $0, partition: partition.index) }
    }
    run(state.registered(list, nowMs: MonotonicClock.nowMs))
  }

  private func abandon(_ error: DeliveryError) {
    run(state.abandon(error, nowMs: MonotonicClock.nowMs))
  }

  /// Makes partitions part of the transaction.
  func register(_ list: [(topic: Int, partition: Int32)]) {
    transaction?.add(
      list.map { TransactionState.Partition(topic: names[$0.topic], index: $0.partition) })
  }

  /// Takes over the transactional id and begins the first transaction.
  func beginTransactions(timeoutMs: Int64) async throws(TransactionError) {
    do throws(ClientError) {
      // Brokers that are not there are said to be so sooner than a coordinator that is busy.
      try await cluster.refreshMetadata(
        topics: [], allowAutoTopicCreation: false, timeoutMs: timeoutMs)
    } catch {
      throw .client(error)
    }
    try await transaction?.initialize(timeoutMs: configuration.transactionTimeoutMs)
    transaction?.begin()
  }

  /// Whose batches are from now on.
  var transactionStamp: ProducerState.Stamp {
    let identity = transaction?.identity ?? TransactionState.Identity()
    return ProducerState.Stamp(
      producerId: identity.producerId, producerEpoch: identity.epoch, isTransactional: true)
  }

  /// Commits the transaction, of which all has been delivered, and begins the next.
  func commitTransaction() async -> TransactionOutcome {
    guard let transaction else { return .aborted }
    let outcome = await transaction.end(
      isCommit: true, isInDoubt: false, timeoutMs: configuration.transactionTimeoutMs)
    if case .committed = outcome {
      transaction.begin()
      let next = transactionStamp
      if identity != nil { identity = next }
      run(
        state.beginTransaction(
          producerId: next.producerId, epoch: next.producerEpoch, nowMs: MonotonicClock.nowMs))
    }
    return outcome
  }

  /// Gives up what is not delivered, now and later: the transaction will be aborted.
  func giveUpTransaction() { abandon(.closed) }

  /// Aborts the transaction that was given up.
  ///
  /// Requests that are under way are waited for first: what came after an abort would begin a transaction
  /// that nobody ends.
  func abortTransaction(timeoutMs: Int64) async -> TransactionOutcome {
    guard let transaction else { return .aborted }
    let deadlineMs = MonotonicClock.nowMs + timeoutMs
    if !state.isIdle { await waitUntilIdle(timeoutMs: timeoutMs / 2) }
    let isInDoubt = !state.isIdle || link.failedInDoubt.load(ordering: .relaxed) > 0
    return await transaction.end(
      isCommit: false, isInDoubt: isInDoubt,
      timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
  }

  private func waitUntilIdle(timeoutMs: Int64) async {
    await withCheckedContinuation { continuation in
      let timer = Timer(afterMs: timeoutMs) { [weak self] in self?.endWait() }
      whenIdle = {
        timer.cancel()
        continuation.resume()
      }
    }
  }

  /// Ends the wait for the answers of what is under way.
  func endWait() {
    let waiter = whenIdle
    whenIdle = nil
    waiter?()
  }
}
