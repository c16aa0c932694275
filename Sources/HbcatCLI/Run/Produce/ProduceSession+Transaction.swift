import KafkaClient

// With a transactional id: kcat's words, and an end of either sort for every transaction.

extension ProduceSession {
  /// What has become of the run's transactions.
  struct Transactions {
    /// The transactional id is ours, and a transaction is open.
    var isOpen = false
    /// A record of the open transaction cannot be delivered: it will be aborted.
    var isDoomed = false
    var committedCount = 0
    var committedRecords = 0
    /// Records of a transaction whose outcome is unknown.
    var recordsInDoubt = 0
  }

  /// True where more input would be read in vain.
  var isDoomed: Bool { transactions?.isDoomed ?? (isGapless && messages.failed) }

  /// Takes over the transactional id, where there is one; false where that fails, which is said then.
  func beginTransactions() -> Bool {
    guard transactions != nil else { return true }
    messages.info(1, "Using transactional producer")
    do throws(TransactionError) {
      guard try input.beginTransactions(timeoutMs: plan.timeoutMs) else { return false }
      transactions?.isOpen = true
      return true
    } catch {
      if case .client(let cause) = error { sayDetails(of: cause) }
      messages.fatal("init_transactions(): \(error)")
      return false
    }
  }

  /// Commits what was appended and goes on in the next transaction; what is wrong has been said.
  func commit() throws(Stop) {
    messages.info(2, "Committing transaction")
    guard let outcome = input.commitTransaction() else {
      throw isInterrupted ? .interrupted : .refused
    }
    conclude(outcome, of: "commit_transaction()")
    guard case .committed = outcome else { throw .refused }
    messages.info(2, "Transaction successfully committed")
  }

  /// Commits the last transaction if all went well, else aborts it.
  func endTransaction() {
    guard transactions?.isOpen == true else { return }
    if !isInterrupted && !messages.failed {
      messages.info(1, "Committing transaction")
      if let outcome = input.commitTransaction() {
        conclude(outcome, of: "commit_transaction()")
        if case .committed = outcome {
          reportEvents()
          sayCommitted()
        }
        return
      }
      reportEvents()
    }
    if isInterrupted {
      messages.info(0, "Aborting transaction due to termination signal")
    } else {
      messages.info(1, "Aborting transaction")
    }
    conclude(input.abortTransaction(timeoutMs: abortTimeoutMs), of: "abort_transaction()")
  }

  /// An abort must not keep a user waiting who wants an end; the broker aborts by itself in the end.
  private var abortTimeoutMs: Int64 { max(plan.timeoutMs, 5000) }

  private func sayCommitted() {
    let count = transactions?.committedCount ?? 1
    messages.info(
      1,
      count > 1
        ? "\(count) transactions successfully committed" : "Transaction successfully committed")
  }

  private func conclude(_ outcome: TransactionOutcome, of call: String) {
    let appended = input.outcome().appended
    switch outcome {
    case .committed:
      // The last one may have no records.
      if appended > transactions?.committedRecords ?? 0 { transactions?.committedCount += 1 }
      transactions?.committedRecords = appended
    case .aborted: transactions?.isOpen = false
    case .failed(let error):
      transactions?.isOpen = false
      messages.fatal("\(call): \(error)\(Self.hint(error))")
    case .unknown(let error, let isSettled):
      transactions?.isOpen = false
      let inDoubt = appended - (transactions?.committedRecords ?? 0)
      transactions?.recordsInDoubt = inDoubt
      messages.fatal(
        "\(call): \(error): the outcome is unknown: the transaction is committed or aborted as a "
          + "whole; read its topics (isolation.level=read_committed) before sending it again"
          + (isSettled
            ? "" : "; if it is open still, the broker aborts it (transaction.timeout.ms)"))
    }
  }

  /// What the command line offers against it.
  private static func hint(_ error: TransactionError) -> String {
    switch error {
    case .expired: " (hbcat produce --transaction-every N)"
    case .timedOut: "; the broker aborts what is open after transaction.timeout.ms"
    case .client, .broker, .fenced, .timeoutTooLong: ""
    }
  }
}
