import KafkaProtocol
import Testing

@testable import KafkaClient

/// What a transaction changes for batches.
@Suite struct ProducerStateTransactionTests {
  @Test func `a batch waits until its partition is part of the transaction`() {
    var bench = StateBench { $0.isTransactional = true }
    let batch = bench.seal()
    #expect(bench.open.isEmpty)
    #expect(bench.registrations == [0])
    bench.seal()
    #expect(bench.registrations == [0])
    bench.run(bench.state.registered([(bench.topic, 0)], nowMs: 0))
    #expect(bench.underWay == [[batch]])
    #expect(bench.stamps[batch]?.isTransactional == true)
  }

  @Test
  func `the next transaction asks for its partitions again, and begins sequences with an epoch`() {
    var bench = StateBench { $0.isTransactional = true }
    bench.seal(records: 3)
    bench.run(bench.state.registered([(bench.topic, 0)], nowMs: 0))
    bench.answer()
    bench.run(bench.state.beginTransaction(producerId: 7, epoch: 0, nowMs: 0))
    let second = bench.seal()
    #expect(bench.registrations == [0, 0])
    bench.run(bench.state.registered([(bench.topic, 0)], nowMs: 0))
    #expect(bench.stamps[second]?.baseSequence == 3)
    bench.answer()
    bench.run(bench.state.beginTransaction(producerId: 7, epoch: 1, nowMs: 0))
    let third = bench.seal()
    bench.run(bench.state.registered([(bench.topic, 0)], nowMs: 0))
    #expect(bench.stamps[third]?.baseSequence == 0)
    #expect(bench.stamps[third]?.producerEpoch == 1)
  }

  @Test(
    "F37: what an idempotent producer mends by a new epoch fails a transaction's batch",
    arguments: [
      ErrorCode.outOfOrderSequenceNumber, .unknownProducerId, .invalidProducerEpoch,
      .producerFenced, .invalidTxnState, .transactionAbortable,
    ])
  func epochErrors(_ code: ErrorCode) {
    var bench = StateBench { $0.isTransactional = true }
    let batch = bench.seal()
    bench.run(bench.state.registered([(bench.topic, 0)], nowMs: 0))
    bench.answer(code)
    #expect(bench.failedIds == [batch])
    #expect(bench.idRequests == 0)
  }

  @Test("F49: a batch that meets the markers of the transaction before is sent again")
  func concurrentTransactions() {
    var bench = StateBench { $0.isTransactional = true }
    let batch = bench.seal()
    bench.run(bench.state.registered([(bench.topic, 0)], nowMs: 0))
    bench.answer(.concurrentTransactions)
    #expect(bench.failedIds.isEmpty)
    bench.run(bench.state.tick(nowMs: 1000))
    #expect(bench.underWay == [[batch]])
  }

  @Test func `an abort gives up what waits at once, and what is under way when it is answered`() {
    var bench = StateBench { $0.isTransactional = true }
    let first = bench.seal()
    bench.run(bench.state.registered([(bench.topic, 0)], nowMs: 0))
    let waiting = bench.seal()
    bench.run(bench.state.abandon(.closed, nowMs: 0))
    #expect(bench.failedIds == [waiting])
    #expect(!bench.state.isIdle)
    bench.answer(.notLeaderOrFollower)
    #expect(bench.failedIds == [waiting, first])
    let late = bench.seal()
    #expect(bench.failedIds == [waiting, first, late])
    #expect(bench.state.isIdle)
    #expect(bench.state.waitingRecords == 0)
  }
}
