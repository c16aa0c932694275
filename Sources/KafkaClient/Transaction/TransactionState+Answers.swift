import KafkaProtocol

// What the coordinator's answers and their absence mean.

extension TransactionState {
  /// A coordinator was found; `speaksVersion2` says whether its cluster has agreed on version 2 (KIP-890).
  mutating func discovered(speaksVersion2: Bool) { self.speaksVersion2 = speaksVersion2 }

  /// The coordinator answered.
  mutating func answered(_ answer: Answer, nowMs: Int64) -> [Action] {
    isBusy = false
    switch answer {
    case .producerId(let code, let fresh): judge(code, fresh, nowMs)
    case .partitions(let codes): judge(codes, nowMs)
    case .ended(let code, let next): judgeEnd(code, next, nowMs)
    }
    return take(nowMs)
  }

  /// There was no answer; `mayHaveArrived` false says that the request did not leave.
  mutating func failed(_ error: ClientError, mayHaveArrived: Bool, nowMs: Int64) -> [Action] {
    isBusy = false
    lastFailure = error
    unregistered = registering + unregistered
    registering = []
    if case .ending = phase, mayHaveArrived { isEndInDoubt = true }
    if error.isRetriable {
      rediscovers = true
      retryAtMs = nowMs + backoff.next(&random)
    } else if case .broker(let code, _) = error {
      stop(self.error(code, nowMs), nowMs)
    } else {
      stop(.client(error), nowMs)
    }
    return take(nowMs)
  }

  // MARK: InitProducerId

  private mutating func judge(_ code: ErrorCode, _ fresh: Identity, _ nowMs: Int64) {
    guard code == .none else { return judgeFailure(code, nowMs) }
    succeeded()
    identity = fresh
    switch phase {
    case .initializing:
      phase = .ready
      actions.append(.initialized(nil))
    case .renewing(let outcome, _): finish(outcome)
    case .fresh, .ready, .open, .ending, .over: break
    }
  }

  // MARK: AddPartitionsToTxn

  private mutating func judge(_ codes: [Partition: ErrorCode], _ nowMs: Int64) {
    let asked = registering
    registering = []
    // An end that is wanted meanwhile needs no partition.
    guard case .open = phase else { return }
    var done: [Partition] = []
    var failure: ErrorCode?
    for partition in asked {
      // One partition's error keeps the others from being tried.
      switch codes[partition] ?? .operationNotAttempted {
      case .none: done.append(partition)
      case .operationNotAttempted: unregistered.append(partition)
      case let code:
        unregistered.append(partition)
        if failure.map(isRetriable) ?? true { failure = code }
      }
    }
    if !done.isEmpty { actions.append(.registered(done)) }
    guard let failure else { return succeeded() }
    judgeFailure(failure, nowMs)
  }

  // MARK: EndTxn

  private mutating func judgeEnd(_ code: ErrorCode, _ next: Identity, _ nowMs: Int64) {
    guard case .ending(let isCommit, _) = phase else { return }
    switch code {
    case .none:
      succeeded()
      if next.producerId >= 0 && next.epoch >= 0 { identity = next }
      finish(isCommit ? .committed : .aborted)
    case .invalidTxnState where !isCommit:
      // There is nothing open: it was never begun, or the broker has aborted it.
      finish(.aborted)
    default: judgeFailure(code, nowMs)
    }
  }

  // MARK: Failures

  private mutating func succeeded() {
    backoff.reset()
    concurrentBackoff.reset()
    lastFailure = nil
  }

  /// An unknown topic is one of which the coordinator has not heard yet.
  private func isRetriable(_ code: ErrorCode) -> Bool {
    code.isRetriable || code == .concurrentTransactions || code == .operationNotAttempted
  }

  private mutating func judgeFailure(_ code: ErrorCode, _ nowMs: Int64) {
    guard isRetriable(code) else { return stop(error(code, nowMs), nowMs) }
    lastFailure = .broker(code, message: nil)
    if code == .concurrentTransactions {
      retryAtMs = nowMs + concurrentBackoff.next(&random)
      return
    }
    if code == .notCoordinator || code == .coordinatorNotAvailable { rediscovers = true }
    retryAtMs = nowMs + backoff.next(&random)
  }

  private func error(_ code: ErrorCode, _ nowMs: Int64) -> TransactionError {
    switch code {
    case .invalidTransactionTimeout:
      return .timeoutTooLong(code, timeoutMs: limits.transactionTimeoutMs)
    case .producerFenced, .invalidProducerEpoch, .invalidTxnState, .invalidProducerIdMapping,
      .unknownProducerId:
      let age = startedAtMs == .max ? 0 : nowMs - startedAtMs
      if age >= limits.transactionTimeoutMs {
        return .expired(code, timeoutMs: limits.transactionTimeoutMs)
      }
      let isFence = code == .producerFenced || code == .invalidProducerEpoch
      return isFence ? .fenced(code, transactionalId: limits.transactionalId) : .broker(code)
    default: return .broker(code)
    }
  }

  /// Another try does not help.
  mutating func stop(_ error: TransactionError, _ nowMs: Int64) {
    switch phase {
    case .initializing:
      phase = .over
      actions.append(.initialized(error))
    case .open:
      // Where only a partition is refused the coordinator still has to abort the rest.
      if case .broker(let code) = error, Self.isAbortable(code) {} else { fatal = error }
      unregistered = []
      actions.append(.refused(error))
    case .ending(let isCommit, _):
      let outcome: TransactionOutcome =
        isCommit && isEndInDoubt ? .unknown(error, isSettled: true) : .failed(error)
      if isCommit && !error.isFence && isUnanswered(error) {
        // Whatever of it still reaches the coordinator then is too old to count (F50).
        phase = .renewing(outcome, untilMs: nowMs + limits.renewalMs)
      } else {
        finish(isEndInDoubt && isCommit ? .unknown(error, isSettled: error.isFence) : outcome)
      }
    case .renewing(let outcome, _):
      switch outcome {
      // The epoch has been renewed already: by what was asked for before CONCURRENT_TRANSACTIONS, by the
      // broker after `transaction.timeout.ms`, or by another producer. What was open is over.
      case _ where error.isFence: finish(outcome)
      case .unknown(let cause, _): finish(.unknown(cause, isSettled: false))
      case .failed, .aborted, .committed: finish(.failed(error))
      }
    case .fresh, .ready, .over: break
    }
  }

  private static func isAbortable(_ code: ErrorCode) -> Bool {
    switch code {
    case .producerFenced, .invalidProducerEpoch, .invalidTxnState, .invalidProducerIdMapping,
      .unknownProducerId, .transactionalIdAuthorizationFailed, .clusterAuthorizationFailed,
      .unsupportedVersion:
      false
    default: true
    }
  }

  /// True where the coordinator did not decide.
  private func isUnanswered(_ error: TransactionError) -> Bool {
    switch error {
    case .timedOut, .client: true
    case .broker, .fenced, .expired, .timeoutTooLong: false
    }
  }

  /// The transaction is over, and so is the producer unless it was committed.
  mutating func finish(_ outcome: TransactionOutcome) {
    if case .committed = outcome { phase = .ready } else { phase = .over }
    warnAtMs = .max
    actions.append(.ended(outcome))
  }
}
