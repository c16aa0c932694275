public import KafkaProtocol

/// Why a transaction cannot be begun, committed or aborted.
public enum TransactionError: Error, Sendable {
  /// No coordinator can be reached, or none that can do it.
  case client(ClientError)
  /// The coordinator refuses.
  case broker(ErrorCode)
  /// Somebody else uses the transactional id now.
  case fenced(ErrorCode, transactionalId: String)
  /// The transaction was open for longer than `transaction.timeout.ms`, so that the broker aborted it.
  case expired(ErrorCode, timeoutMs: Int64)
  /// `transaction.timeout.ms` is more than the brokers allow.
  case timeoutTooLong(ErrorCode, timeoutMs: Int64)
  /// No usable answer within the time; `last` is what the last try ended with, where there was one.
  case timedOut(afterMs: Int64, last: ClientError?)

  /// True where the epoch is no longer the transactional id's: it must not be taken back.
  var isFence: Bool {
    switch self {
    case .fenced, .expired: true
    case .client, .broker, .timeoutTooLong, .timedOut: false
    }
  }
}

extension TransactionError: CustomStringConvertible {
  /// A sentence for people: the code's own, and the way out.
  public var description: String {
    switch self {
    case .client(let error): "\(error)"
    case .broker(let code): code.sentence
    case .fenced(let code, let id):
      "\(code.sentence): another producer has taken over transactional.id \"\(id)\"; "
        + "give each producer an id of its own"
    case .expired(let code, let timeoutMs):
      "\(code.sentence): the transaction was open for longer than transaction.timeout.ms "
        + "(\(timeoutMs) ms), so the broker aborted it; raise transaction.timeout.ms or commit "
        + "more often"
    case .timeoutTooLong(let code, let timeoutMs):
      "\(code.sentence): lower transaction.timeout.ms (\(timeoutMs) ms), or raise the brokers' "
        + "transaction.max.timeout.ms"
    case .timedOut(let afterMs, let last):
      "Local: Timed out: the transaction coordinator gave no answer within \(afterMs) ms"
        + (last.map { " (\(Self.cause($0)))" } ?? "")
    }
  }

  private static func cause(_ error: ClientError) -> String {
    error.details.last ?? "\(error)"
  }
}

/// How a transaction ended.
public enum TransactionOutcome: Sendable {
  /// All of it is in the log, for `read_committed` too.
  case committed
  /// Nothing of it is seen by `read_committed`.
  case aborted
  /// It is not committed, and not known to be aborted: the broker does so after `transaction.timeout.ms`.
  case failed(TransactionError)
  /// The answer to the commit was lost: it may be committed or aborted.
  ///
  /// With `isSettled` the epoch has been renewed, so that it is one or the other by now.
  case unknown(TransactionError, isSettled: Bool)
}
