import KafkaProtocol

/// One transactional producer's side of KIP-98 and KIP-890: what to ask the coordinator when, and what its
/// answers mean.
///
/// A plain value without I/O and without a clock. At most one request is under way. Below version 2 of
/// transactions a partition must be added to the transaction before anything is sent to it; from then on the
/// first Produce request adds it.
struct TransactionState {
  /// What properties set; times are in milliseconds.
  struct Limits: Sendable {
    var transactionalId = ""
    /// After this the broker aborts an open transaction.
    var transactionTimeoutMs: Int64 = 60_000
    /// A request without an answer is given up after this, so that there is time for another.
    var requestTimeoutMs: Int64 = 20_000
    /// How long the epoch is tried to be renewed where a commit's outcome is unknown.
    var renewalMs: Int64 = 10_000
    var retryBackoffMs: Int64 = 100
    var retryBackoffMaxMs: Int64 = 1000
  }

  /// A partition of a topic.
  struct Partition: Hashable, Sendable {
    var topic: String
    var index: Int32
  }

  /// Producer id and epoch; −1 for none.
  struct Identity: Hashable, Sendable {
    var producerId: Int64 = -1
    var epoch: Int16 = -1
  }

  /// What is asked of the coordinator.
  enum Request: Hashable, Sendable {
    /// Takes over the transactional id; with an identity it renews that one's epoch (KIP-360).
    case initProducerId(Identity)
    case addPartitions([Partition], Identity)
    /// Version 5 in transactions of version 2, at most 4 in others.
    case endTxn(isCommit: Bool, Identity, isVersion2: Bool)
  }

  /// What the coordinator says.
  enum Answer: Sendable {
    case producerId(ErrorCode, Identity)
    case partitions([Partition: ErrorCode])
    /// The identity is the next transaction's, −1 where it stays.
    case ended(ErrorCode, Identity)
  }

  /// What is to be done; in order.
  enum Action: Sendable {
    /// Answer with `answered` or `failed`; with `rediscovers` the coordinator is to be found anew.
    case send(Request, rediscovers: Bool, timeoutMs: Int64)
    /// From now on the transaction's batches may be sent to these partitions.
    case registered([Partition])
    /// Nothing more can be sent in this transaction: it can only be aborted.
    case refused(TransactionError)
    /// Answers `initialize`; nil is success.
    case initialized(TransactionError?)
    /// Answers `end`.
    case ended(TransactionOutcome)
    /// Something that the user wants to read.
    case note(String)
  }

  enum Phase {
    case fresh
    case initializing(untilMs: Int64)
    /// Between transactions.
    case ready
    case open
    case ending(isCommit: Bool, untilMs: Int64)
    /// InitProducerId aborts what is open; the outcome is said once that is done.
    case renewing(TransactionOutcome, untilMs: Int64)
    case over
  }

  let limits: Limits
  var phase = Phase.fresh
  /// Who produces; −1 before `initialize` has succeeded.
  var identity = Identity()
  /// Whether the transaction that is open is one of version 2 (KIP-890).
  var isVersion2 = false
  /// Whether the next one will be.
  var speaksVersion2 = false
  /// Nothing of the transaction has been sent to anybody.
  var isEmpty = true
  var unregistered: [Partition] = []
  var registering: [Partition] = []
  var startedAtMs = Int64.max
  var warnAtMs = Int64.max
  var endAskedAtMs: Int64 = 0
  /// An EndTxn was sent and its answer did not come.
  var isEndInDoubt = false
  /// Why nothing but an end without the coordinator is left.
  var fatal: TransactionError?
  var isBusy = false
  var rediscovers = true
  var retryAtMs: Int64 = 0
  var backoff: Backoff
  /// A transaction's markers are written within milliseconds (F49).
  var concurrentBackoff = Backoff(firstMs: 20, maxMs: 100)
  var random: SplitMix64
  var lastFailure: ClientError?
  var actions: [Action] = []

  /// Makes one that has not taken over its transactional id yet; `seed` makes its pauses repeatable.
  init(_ limits: Limits, seed: UInt64) {
    self.limits = limits
    backoff = Backoff(firstMs: limits.retryBackoffMs, maxMs: limits.retryBackoffMaxMs)
    random = SplitMix64(seed: seed)
  }

  // MARK: What the producer wants

  /// Takes over the transactional id, which fences a predecessor and aborts what it left open.
  mutating func initialize(untilMs: Int64, nowMs: Int64) -> [Action] {
    guard case .fresh = phase else { preconditionFailure("a transactional id is taken once") }
    endAskedAtMs = nowMs
    phase = .initializing(untilMs: untilMs)
    return take(nowMs)
  }

  /// Begins a transaction; the broker hears of it with its first partition.
  mutating func begin() {
    guard case .ready = phase else { return }
    phase = .open
    isVersion2 = speaksVersion2
    isEmpty = true
    (startedAtMs, warnAtMs) = (.max, .max)
    isEndInDoubt = false
  }

  /// Makes partitions part of the transaction; `registered` answers.
  mutating func add(_ partitions: [Partition], nowMs: Int64) -> [Action] {
    guard case .open = phase, fatal == nil else { return take(nowMs) }
    if isVersion2 {
      start(nowMs)
      actions.append(.registered(partitions))
    } else {
      unregistered += partitions
    }
    return take(nowMs)
  }

  /// Commits or aborts; `ended` answers.
  ///
  /// `isInDoubt` says that requests which nobody answered may still reach a broker. In version 1 EndTxn is
  /// not enough for an abort then: they could come after it and begin a transaction that nobody ends. So the
  /// epoch is renewed, whose markers fence them; in version 2 those of EndTxn do.
  mutating func end(isCommit: Bool, isInDoubt: Bool, untilMs: Int64, nowMs: Int64) -> [Action] {
    guard case .open = phase else { preconditionFailure("no transaction is open") }
    unregistered = []
    endAskedAtMs = nowMs
    retryAtMs = nowMs
    if let fatal {
      finish(.failed(fatal))
    } else if isEmpty {
      finish(isCommit ? .committed : .aborted)
    } else if isInDoubt && !isVersion2 {
      phase = .renewing(.aborted, untilMs: untilMs)
    } else {
      phase = .ending(isCommit: isCommit, untilMs: untilMs)
    }
    return take(nowMs)
  }

  // MARK: Time

  /// Time has passed; call it at `nextWakeMs`.
  mutating func tick(nowMs: Int64) -> [Action] { take(nowMs) }

  /// When `tick` has something to do; nil where only events help.
  var nextWakeMs: Int64? {
    var next = Int64.max
    switch phase {
    case .open: next = warnAtMs
    case .ending(_, let untilMs): next = isBusy ? warnAtMs : min(warnAtMs, untilMs)
    case .initializing(let untilMs), .renewing(_, let untilMs): if !isBusy { next = untilMs }
    case .fresh, .ready, .over: break
    }
    if !isBusy && nextRequest != nil { next = min(next, retryAtMs) }
    return next == .max ? nil : next
  }

  /// Does what is due, and hands over the actions.
  mutating func take(_ nowMs: Int64) -> [Action] {
    warnIfLate(nowMs)
    if !isBusy { expire(nowMs) }
    if !isBusy, retryAtMs <= nowMs, let request = nextRequest {
      if case .addPartitions = request {
        (registering, unregistered) = (unregistered, [])
        start(nowMs)
      }
      isBusy = true
      actions.append(
        .send(request, rediscovers: rediscovers, timeoutMs: requestTimeoutMs(nowMs)))
      rediscovers = false
    }
    defer { actions = [] }
    return actions
  }

  private var nextRequest: Request? {
    switch phase {
    case .initializing, .renewing: .initProducerId(identity)
    case .open: unregistered.isEmpty || fatal != nil ? nil : .addPartitions(unregistered, identity)
    case .ending(let isCommit, _):
      .endTxn(isCommit: isCommit, identity, isVersion2: isVersion2)
    case .fresh, .ready, .over: nil
    }
  }

  private func requestTimeoutMs(_ nowMs: Int64) -> Int64 {
    switch phase {
    case .initializing(let untilMs), .ending(_, let untilMs), .renewing(_, let untilMs):
      max(1, min(limits.requestTimeoutMs, untilMs - nowMs))
    case .fresh, .ready, .open, .over: limits.requestTimeoutMs
    }
  }

  /// From here on the broker counts the transaction's time.
  private mutating func start(_ nowMs: Int64) {
    guard isEmpty else { return }
    isEmpty = false
    startedAtMs = nowMs
    warnAtMs = nowMs + limits.transactionTimeoutMs * 4 / 5
  }

  private mutating func warnIfLate(_ nowMs: Int64) {
    guard warnAtMs <= nowMs else { return }
    warnAtMs = .max
    switch phase {
    case .open, .ending:
      let timeoutMs = limits.transactionTimeoutMs
      actions.append(
        .note(
          "the transaction has been open for \((nowMs - startedAtMs) / 1000) s and the broker aborts "
            + "it after transaction.timeout.ms (\(timeoutMs) ms): raise transaction.timeout.ms or "
            + "commit more often"))
    case .fresh, .initializing, .ready, .renewing, .over: break
    }
  }

  private mutating func expire(_ nowMs: Int64) {
    switch phase {
    case .initializing(let untilMs), .ending(_, let untilMs), .renewing(_, let untilMs):
      guard untilMs <= nowMs else { return }
      stop(.timedOut(afterMs: nowMs - endAskedAtMs, last: lastFailure), nowMs)
    case .fresh, .ready, .open, .over: break
    }
  }
}
