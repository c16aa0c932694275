import KafkaProtocol
import Testing

@testable import KafkaClient

@Suite struct TransactionStateTests {
  private static let identity = TransactionState.Identity(producerId: 7, epoch: 0)
  private static let none = TransactionState.Identity()

  // MARK: The usual course

  @Test func `in version 1 a partition waits until it was added, and the epoch stays`() {
    var bench = TransactionBench.open(isVersion2: false, isEmpty: true)
    #expect(bench.initialized == [""])
    bench.run(bench.state.add([TransactionBench.partition], nowMs: 0))
    #expect(bench.registered.isEmpty)
    #expect(bench.sent.last == .addPartitions([TransactionBench.partition], Self.identity))
    bench.answer(.partitions([TransactionBench.partition: .none]))
    #expect(bench.registered == [TransactionBench.partition])
    bench.end(isCommit: true)
    #expect(bench.sent.last == .endTxn(isCommit: true, Self.identity, isVersion2: false))
    bench.answer(.ended(.none, Self.none))
    #expect(bench.outcome == "committed")
    #expect(bench.state.identity == Self.identity)
  }

  @Test func `in version 2 a partition needs no request, and EndTxn brings the next epoch`() {
    var bench = TransactionBench.open(isVersion2: true)
    #expect(bench.registered == [TransactionBench.partition])
    #expect(bench.sent == [.initProducerId(Self.none)])
    bench.end(isCommit: true)
    #expect(bench.sent.last == .endTxn(isCommit: true, Self.identity, isVersion2: true))
    let next = TransactionState.Identity(producerId: 7, epoch: 1)
    bench.answer(.ended(.none, next))
    #expect(bench.state.identity == next)
    bench.state.begin()
    bench.run(bench.state.add([TransactionBench.partition], nowMs: 0))
    bench.end(isCommit: false)
    #expect(bench.sent.last == .endTxn(isCommit: false, next, isVersion2: true))
  }

  @Test(arguments: [true, false])
  func `a transaction of which the broker never heard ends without a request`(_ isCommit: Bool) {
    var bench = TransactionBench.open(isVersion2: false, isEmpty: true)
    bench.end(isCommit: isCommit)
    #expect(bench.outcome == (isCommit ? "committed" : "aborted"))
    #expect(bench.sent == [.initProducerId(Self.none)])
  }

  @Test func `a cluster that agrees on version 2 meanwhile is spoken to so in the next one`() {
    var bench = TransactionBench.open(isVersion2: false)
    bench.state.discovered(speaksVersion2: true)
    bench.end(isCommit: true)
    #expect(bench.sent.last == .endTxn(isCommit: true, Self.identity, isVersion2: false))
    bench.answer(.ended(.none, Self.none))
    bench.state.begin()
    #expect(bench.state.isVersion2)
  }

  @Test func `an end waits for the answer of what is under way`() {
    var bench = TransactionBench.open(isVersion2: false, isEmpty: true)
    bench.run(bench.state.add([TransactionBench.partition], nowMs: 0))
    bench.end(isCommit: false)
    #expect(bench.sent.count == 2)
    // It may have been added: the abort has to be said.
    bench.answer(.partitions([TransactionBench.partition: .concurrentTransactions]))
    #expect(bench.sent.last == .endTxn(isCommit: false, Self.identity, isVersion2: false))
    bench.answer(.ended(.invalidTxnState, Self.none))
    #expect(bench.outcome == "aborted")
  }

  // MARK: Retries

  @Test(
    "F48: a coordinator that has moved is found again",
    arguments: [ErrorCode.notCoordinator, .coordinatorNotAvailable])
  func movedCoordinator(_ code: ErrorCode) {
    for isVersion2 in [true, false] {
      var bench = TransactionBench.open(isVersion2: isVersion2)
      let before = bench.rediscoveries
      bench.end(isCommit: true)
      bench.answer(.ended(code, Self.none))
      #expect((80...120).contains(bench.wait()))
      #expect(bench.rediscoveries == before + 1)
      bench.answer(.ended(.none, Self.none))
      #expect(bench.outcome == "committed")
    }
  }

  @Test("F48: a coordinator that still loads is asked again, with growing pauses")
  func loadingCoordinator() {
    var bench = TransactionBench(isVersion2: true)
    bench.run(bench.state.initialize(untilMs: 60_000, nowMs: 0))
    bench.answer(.producerId(.coordinatorLoadInProgress, Self.none))
    #expect((80...120).contains(bench.wait()))
    bench.answer(.producerId(.coordinatorLoadInProgress, Self.none))
    #expect((160...240).contains(bench.wait()))
    #expect(bench.sent.count == 3)
    #expect(bench.rediscoveries == 1)
  }

  @Test("F49: CONCURRENT_TRANSACTIONS is tried again after 20 to 100 ms")
  func concurrentTransactions() {
    var bench = TransactionBench.open(isVersion2: false, isEmpty: true)
    bench.run(bench.state.add([TransactionBench.partition], nowMs: 0))
    var pauses: [Int64] = []
    for _ in 0..<5 {
      bench.answer(.partitions([TransactionBench.partition: .concurrentTransactions]))
      pauses.append(bench.wait())
    }
    #expect((16...24).contains(pauses[0]))
    #expect((32...48).contains(pauses[1]))
    #expect(pauses[3...].allSatisfy { (80...120).contains($0) })
    bench.answer(.partitions([TransactionBench.partition: .none]))
    #expect(bench.registered == [TransactionBench.partition])
  }

  @Test func `partitions that another one's error stopped are tried with it again`() {
    var bench = TransactionBench.open(isVersion2: false, isEmpty: true)
    let both = [TransactionBench.partition, TransactionBench.other]
    bench.run(bench.state.add(both, nowMs: 0))
    bench.answer(
      .partitions([both[0]: .unknownTopicOrPartition, both[1]: .operationNotAttempted]))
    #expect(bench.registered.isEmpty)
    bench.wait()
    #expect(bench.sent.last == .addPartitions(both, Self.identity))
    bench.answer(.partitions([both[0]: .none, both[1]: .none]))
    #expect(bench.registered == both)
  }

  @Test func `no coordinator within the time: the property and the cause are named`() {
    var bench = TransactionBench(isVersion2: true)
    bench.run(bench.state.initialize(untilMs: 5000, nowMs: 0))
    while bench.initialized.isEmpty {
      bench.lose(mayHaveArrived: false)
      bench.wait()
    }
    #expect(
      bench.initialized == [
        "Local: Timed out: the transaction coordinator gave no answer within 5000 ms (b: reset)"
      ])
  }

  // MARK: Unknown outcomes

  @Test("F50: an EndTxn whose answer was lost is sent again in the same epoch")
  func lostEndIsRetried() {
    for isVersion2 in [true, false] {
      var bench = TransactionBench.open(isVersion2: isVersion2)
      bench.end(isCommit: true)
      bench.lose()
      bench.wait()
      let ends = bench.sent.suffix(2)
      #expect(
        ends.allSatisfy {
          $0 == .endTxn(isCommit: true, Self.identity, isVersion2: isVersion2)
        })
      bench.answer(.ended(.none, Self.none))
      #expect(bench.outcome == "committed")
    }
  }

  /// Loses every answer until the epoch is renewed.
  private static func unknownCommit() -> TransactionBench {
    var bench = TransactionBench.open(isVersion2: true)
    bench.end(isCommit: true, withinMs: 5000)
    while bench.sent.last != .initProducerId(identity) {
      bench.lose()
      bench.wait()
    }
    return bench
  }

  @Test("F50: after the time limit the epoch is renewed and the outcome is unknown")
  func unknownOutcome() {
    var bench = Self.unknownCommit()
    #expect(bench.outcomes.isEmpty)
    bench.answer(.producerId(.concurrentTransactions, Self.none))
    bench.wait()
    #expect(bench.sent.last == .initProducerId(Self.identity))
    bench.answer(.producerId(.none, TransactionState.Identity(producerId: 7, epoch: 2)))
    #expect(bench.outcome == "unknown, settled")
    #expect(bench.state.identity.epoch == 2)
  }

  @Test("F50: an epoch that is no longer ours is settled too")
  func unknownAndFenced() {
    var bench = Self.unknownCommit()
    bench.answer(.producerId(.producerFenced, Self.none))
    #expect(bench.outcome == "unknown, settled")
  }

  @Test("F50: where the epoch cannot be renewed either, that is said")
  func unknownAndUnsettled() {
    var bench = Self.unknownCommit()
    while bench.outcomes.isEmpty {
      bench.lose()
      bench.wait()
    }
    #expect(bench.outcome == "unknown")
    #expect(bench.outcomes.count == 1)
  }

  @Test("F50: who is fenced after a lost answer does not know the outcome, and takes nothing back")
  func fencedInDoubt() {
    var bench = TransactionBench.open(isVersion2: true)
    bench.end(isCommit: true)
    bench.lose()
    bench.wait()
    bench.answer(.ended(.producerFenced, Self.none))
    #expect(bench.outcome == "unknown, settled")
    #expect(bench.sent.last == .endTxn(isCommit: true, Self.identity, isVersion2: true))
    #expect(bench.state.nextWakeMs == nil)
  }

  @Test("F50: a commit that never left is not committed, and what is open is fenced")
  func commitThatNeverLeft() {
    var bench = TransactionBench.open(isVersion2: true)
    bench.end(isCommit: true, withinMs: 1000)
    while bench.sent.last != .initProducerId(Self.identity) {
      bench.lose(mayHaveArrived: false)
      bench.wait()
    }
    bench.answer(.producerId(.none, TransactionState.Identity(producerId: 7, epoch: 1)))
    #expect(bench.outcome.hasPrefix("failed: Local: Timed out"))
  }

  @Test func `an abort whose requests may still arrive renews the epoch instead of EndTxn`() {
    var bench = TransactionBench.open(isVersion2: false)
    bench.end(isCommit: false, isInDoubt: true)
    #expect(bench.sent.last == .initProducerId(Self.identity))
    bench.answer(.producerId(.concurrentTransactions, Self.none))
    bench.wait()
    // The first one has fenced us: the transaction is aborted.
    bench.answer(.producerId(.producerFenced, Self.none))
    #expect(bench.outcome == "aborted")
  }

  @Test func `in version 2 the markers of EndTxn fence what may still arrive`() {
    var bench = TransactionBench.open(isVersion2: true)
    bench.end(isCommit: false, isInDoubt: true)
    #expect(bench.sent.last == .endTxn(isCommit: false, Self.identity, isVersion2: true))
  }

  // MARK: Fatal answers

  @Test(
    "F37: a fenced producer stops, and is told why",
    arguments: [ErrorCode.producerFenced, .invalidProducerEpoch])
  func fenced(_ code: ErrorCode) {
    var bench = TransactionBench.open(isVersion2: false)
    bench.end(isCommit: true)
    bench.answer(.ended(code, Self.none))
    #expect(bench.outcome.contains("another producer has taken over transactional.id \"id\""))
    #expect(bench.state.nextWakeMs == nil)
  }

  @Test("F37: fenced while partitions are added, nothing more is asked")
  func fencedWhileAdding() {
    var bench = TransactionBench.open(isVersion2: false)
    bench.run(bench.state.add([TransactionBench.other], nowMs: 0))
    bench.answer(.partitions([TransactionBench.other: .producerFenced]))
    #expect(bench.refusals.count == 1)
    let count = bench.sent.count
    bench.run(bench.state.add([TransactionBench.other], nowMs: 0))
    bench.end(isCommit: false)
    #expect(bench.outcome.contains("has taken over"))
    #expect(bench.sent.count == count)
  }

  @Test("F37: a topic that may not be written to ends in an abort that the coordinator hears of")
  func topicRefused() {
    var bench = TransactionBench.open(isVersion2: false)
    let both = [TransactionBench.partition, TransactionBench.other]
    bench.run(bench.state.add(both, nowMs: 0))
    bench.answer(
      .partitions([both[0]: .topicAuthorizationFailed, both[1]: .operationNotAttempted]))
    #expect(bench.refusals.map { "\($0)" } == ["Broker: Topic authorization failed"])
    bench.end(isCommit: false)
    #expect(bench.sent.last == .endTxn(isCommit: false, Self.identity, isVersion2: false))
  }

  @Test("F37: a transactional id that is not ours is refused at the start")
  func unauthorized() {
    var bench = TransactionBench(isVersion2: true)
    bench.run(bench.state.initialize(untilMs: 60_000, nowMs: 0))
    bench.lose(.broker(.transactionalIdAuthorizationFailed, message: nil), mayHaveArrived: false)
    #expect(bench.initialized == ["Broker: Transactional Id authorization failed"])
  }

  @Test func `a timeout longer than brokers allow names both properties`() {
    var bench = TransactionBench(isVersion2: true)
    bench.run(bench.state.initialize(untilMs: 60_000, nowMs: 0))
    bench.answer(.producerId(.invalidTransactionTimeout, Self.none))
    let text = bench.initialized.joined()
    #expect(text.contains("transaction.timeout.ms (60000 ms)"))
    #expect(text.contains("transaction.max.timeout.ms"))
  }

  // MARK: Time

  @Test func `a transaction is warned at 80 % of its time, once, and named after it`() {
    var bench = TransactionBench.open(isVersion2: true)
    #expect(bench.wait() == 48_000)
    #expect(bench.notes.count == 1)
    #expect(bench.notes.joined().contains("open for 48 s"))
    #expect(bench.notes.joined().contains("transaction.timeout.ms (60000 ms)"))
    #expect(bench.wait() == -1)
    bench.nowMs = 61_000
    bench.end(isCommit: true)
    bench.answer(.ended(.invalidProducerEpoch, Self.none))
    #expect(bench.outcome.contains("open for longer than transaction.timeout.ms (60000 ms)"))
    #expect(bench.outcome.contains("raise transaction.timeout.ms or commit more often"))
  }

  @Test func `a transaction of which the broker has not heard is not warned of`() {
    var bench = TransactionBench.open(isVersion2: true, isEmpty: true)
    #expect(bench.wait() == -1)
    bench.end(isCommit: true)
    #expect(bench.notes.isEmpty)
  }
}
