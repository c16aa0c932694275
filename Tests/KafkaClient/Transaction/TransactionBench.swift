import KafkaProtocol

@testable import KafkaClient

/// A transaction's state and what it decided; the test is the coordinator and the clock.
struct TransactionBench {
  var state: TransactionState
  var nowMs: Int64 = 0
  private(set) var sent: [TransactionState.Request] = []
  private(set) var rediscoveries = 0
  private(set) var registered: [TransactionState.Partition] = []
  private(set) var refusals: [TransactionError] = []
  /// What `initialize` was answered, as text; empty for success.
  private(set) var initialized: [String] = []
  private(set) var outcomes: [TransactionOutcome] = []
  private(set) var notes: [String] = []

  static let partition = TransactionState.Partition(topic: "t", index: 0)
  static let other = TransactionState.Partition(topic: "t", index: 1)

  /// A producer of a minute's transactions.
  init(isVersion2: Bool) {
    var limits = TransactionState.Limits()
    limits.transactionalId = "id"
    state = TransactionState(limits, seed: 1)
    state.discovered(speaksVersion2: isVersion2)
  }

  /// One whose transaction is open and, unless told otherwise, has a partition.
  static func open(isVersion2: Bool, isEmpty: Bool = false) -> TransactionBench {
    var bench = TransactionBench(isVersion2: isVersion2)
    bench.run(bench.state.initialize(untilMs: 60_000, nowMs: 0))
    bench.answer(.producerId(.none, TransactionState.Identity(producerId: 7, epoch: 0)))
    bench.state.begin()
    if isEmpty { return bench }
    bench.run(bench.state.add([partition], nowMs: bench.nowMs))
    if !isVersion2 { bench.answer(.partitions([partition: .none])) }
    return bench
  }

  mutating func run(_ actions: [TransactionState.Action]) {
    for action in actions {
      switch action {
      case .send(let request, let rediscovers, _):
        sent.append(request)
        if rediscovers { rediscoveries += 1 }
      case .registered(let partitions): registered += partitions
      case .refused(let error): refusals.append(error)
      case .initialized(let error): initialized.append(error.map { "\($0)" } ?? "")
      case .ended(let outcome): outcomes.append(outcome)
      case .note(let text): notes.append(text)
      }
    }
  }

  mutating func answer(_ answer: TransactionState.Answer) {
    run(state.answered(answer, nowMs: nowMs))
  }

  mutating func lose(_ error: ClientError? = nil, mayHaveArrived: Bool = true) {
    run(
      state.failed(
        error ?? .disconnected(peer: "b", reason: "reset"), mayHaveArrived: mayHaveArrived,
        nowMs: nowMs))
  }

  mutating func end(isCommit: Bool, isInDoubt: Bool = false, withinMs: Int64 = 60_000) {
    run(
      state.end(
        isCommit: isCommit, isInDoubt: isInDoubt, untilMs: nowMs + withinMs, nowMs: nowMs))
  }

  /// Lets time pass to the next thing that is due, and answers how long that was.
  @discardableResult
  mutating func wait() -> Int64 {
    guard let next = state.nextWakeMs else { return -1 }
    let passed = max(0, next - nowMs)
    nowMs = max(nowMs, next)
    run(state.tick(nowMs: nowMs))
    return passed
  }

  var outcome: String { outcomes.last.map(Self.text) ?? "none" }

  static func text(_ outcome: TransactionOutcome) -> String {
    switch outcome {
    case .committed: "committed"
    case .aborted: "aborted"
    case .failed(let error): "failed: \(error)"
    case .unknown(_, let isSettled): isSettled ? "unknown, settled" : "unknown"
    }
  }
}
