import Transport

// The producing thread's half of transactions.

extension ProducerInput {
  /// Takes over the transactional id and begins a transaction; false where `interrupt` came first.
  ///
  /// To be called once and before a topic is opened, where the configuration names a transactional id. What a
  /// predecessor of that id left open is aborted, and it is fenced.
  ///
  /// - Throws: `TransactionError` where no broker is reached within `timeoutMs`, where it is refused, or where
  ///   it is not done within `transaction.timeout.ms`.
  public func beginTransactions(timeoutMs: Int64) throws(TransactionError) -> Bool {
    let result: Result<Void, TransactionError>? = waitFor { producer in
      do throws(TransactionError) {
        return .success(try await producer.beginTransactions(timeoutMs: timeoutMs))
      } catch {
        return .failure(error)
      }
    }
    guard let result else { return false }
    try result.get()
    return true
  }

  /// Waits for the delivery of all records, commits them and begins the next transaction.
  ///
  /// nil where `interrupt` came before all was delivered, or where a record could not be: nothing has been
  /// decided then, and the transaction is to be aborted. Once the coordinator has been asked to commit, an
  /// interrupt changes nothing.
  public func commitTransaction() -> TransactionOutcome? {
    guard case .done = flush(), outcome().failed == 0 else { return nil }
    let result = uninterrupted { producer in
      (outcome: await producer.commitTransaction(), next: producer.transactionStamp)
    }
    if case .committed = result.outcome { renewIdentity(result.next) }
    return result.outcome
  }

  /// Gives up all that is not delivered and aborts the transaction; no other can be begun then.
  ///
  /// Not for a transaction whose commit did not succeed: that one is over.
  public func abortTransaction(timeoutMs: Int64) -> TransactionOutcome {
    // In this order: what is open must not become part of the transaction any more.
    Net.task { [producer] in producer.giveUpTransaction() }
    sealAll()
    return uninterrupted { producer in await producer.abortTransaction(timeoutMs: timeoutMs) }
  }

  private func uninterrupted<T: Sendable>(_ body: @escaping @Sendable @Net (Producer) async -> T)
    -> T
  {
    let answers = Handover<T>()
    let producer = producer
    Net.task { answers.push(await body(producer)) }
    guard let answer = answers.take() else { preconditionFailure("an answer is always pushed") }
    return answer
  }
}
