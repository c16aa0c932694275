import KafkaProtocol
import Testing

@testable import KafkaClient

/// Sequences that the broker does not take: epochs and ids (KIP-360), and what of it is said.
@Suite struct ProducerStateSequenceTests {
  @Test func `F34: a gap without a failure of one's own is noted, and the next epoch heals it`() {
    var bench = StateBench()
    bench.seal()
    bench.answer(offset: 5)
    bench.seal()
    bench.seal()
    bench.answer(.outOfOrderSequenceNumber)
    bench.answer(.outOfOrderSequenceNumber)
    #expect(bench.idRequests == 0)
    #expect(bench.notes.count == 1)
    #expect(bench.notes.first?.contains("acknowledged, up to offset 14") == true)
    bench.pass(2000)
    #expect(bench.underWay == [[1]])
    #expect(bench.stamps[1] == .init(producerId: 7, producerEpoch: 1, baseSequence: 0))
    bench.answer()
    #expect(bench.stamps[2] == .init(producerId: 7, producerEpoch: 1, baseSequence: 10))
    bench.answer()
    #expect(bench.deliveredIds == [0, 1, 2])
  }

  @Test func `F34: only the partition whose sequence is broken takes the next epoch`() {
    var bench = StateBench(leaders: [1, 1])
    for partition in [Int32(0), 1] {
      bench.seal(partition)
      bench.answer()
    }
    bench.seal(0)
    bench.answer(.outOfOrderSequenceNumber)
    let other = bench.seal(1)
    bench.answer()
    bench.pass(2000)
    bench.answer()
    #expect(bench.stamps[other] == .init(producerId: 7, producerEpoch: 0, baseSequence: 10))
    #expect(bench.stamps[2] == .init(producerId: 7, producerEpoch: 1, baseSequence: 0))
    #expect(bench.deliveredIds == [0, 1, 3, 2])
  }

  @Test func `F34: behind the last epoch comes another producer id`() {
    var bench = StateBench()
    bench.run(bench.state.identified(producerId: 8, epoch: .max, nowMs: 0))
    bench.seal()
    bench.answer(.invalidProducerEpoch)
    bench.pass(200)
    bench.answer()
    #expect(bench.stamps[0]?.producerId == 8)
    bench.seal()
    bench.answer(.outOfOrderSequenceNumber)
    bench.pass(200)
    #expect(bench.open.isEmpty)
    #expect(bench.idRequests > 0)
    bench.run(bench.state.identified(producerId: 9, epoch: 0, nowMs: bench.nowMs))
    #expect(bench.stamps[1] == .init(producerId: 9, producerEpoch: 0, baseSequence: 0))
  }

  @Test func `F34: a batch in doubt that was given up costs an epoch but no note`() {
    var bench = StateBench()
    bench.seal()
    bench.answer()
    bench.seal(timeoutMs: 50)
    bench.seal()
    bench.disconnect()
    bench.lead([1])
    bench.pass(2000)
    #expect(bench.failedIds == [1])
    #expect(bench.underWay == [[2]])
    #expect(bench.open[0].batches[0].stamp.baseSequence == 20)
    bench.answer(.outOfOrderSequenceNumber)
    #expect(bench.notes.isEmpty)
    bench.pass(2000)
    #expect(bench.stamps[2] == .init(producerId: 7, producerEpoch: 1, baseSequence: 0))
  }

  @Test func `F34: a broker that never takes the sequence is tried no longer than retries allow`() {
    var bench = StateBench { $0.retriesMax = 2 }
    bench.seal()
    for _ in 0..<3 {
      bench.answer(.outOfOrderSequenceNumber)
      bench.pass(2000)
    }
    #expect(bench.failedIds == [0])
    #expect(bench.notes.isEmpty)
    let next = bench.seal()
    #expect(bench.underWay == [[next]])
    #expect(bench.stamps[next]?.baseSequence == 0)
  }

  @Test func `F36: a forgotten producer is noted only where records may be lost or doubled`() {
    for (logStart, isNoted) in [(Int64(100), false), (0, true), (-1, true)] {
      var bench = StateBench()
      bench.seal()
      bench.answer(offset: 5)
      bench.seal()
      bench.answer(.unknownProducerId, logStart: logStart)
      #expect(bench.notes.isEmpty != isNoted)
      bench.pass(200)
      #expect(bench.idRequests == 0)
      #expect(bench.stamps[1] == .init(producerId: 7, producerEpoch: 1, baseSequence: 0))
    }
  }

  @Test
  func `F36: a batch whose answer was lost may be there twice when the producer is forgotten`() {
    var bench = StateBench()
    bench.seal()
    bench.disconnect()
    bench.lead([1])
    bench.pass(1000)
    bench.answer(.unknownProducerId)
    #expect(bench.notes.count == 1)
    #expect(bench.notes.first?.contains("10 records may be in the log twice") == true)
    bench.pass(1000)
    bench.answer(.unknownProducerId)
    bench.pass(1000)
    bench.answer()
    #expect(bench.notes.count == 1)
    #expect(bench.deliveredIds == [0])
  }

  @Test(arguments: [
    ErrorCode.invalidProducerEpoch, .producerFenced, .invalidProducerIdMapping,
  ])
  func `F37: a fenced idempotent producer goes on under another id`(code: ErrorCode) {
    var bench = StateBench()
    bench.seal()
    bench.answer(code)
    #expect(bench.idRequests == 1)
    bench.run(bench.state.identified(producerId: 8, epoch: 0, nowMs: 0))
    bench.pass(2000)
    bench.answer()
    #expect(bench.deliveredIds == [0])
    #expect(bench.stamps[0]?.producerId == 8)
    #expect(bench.notes.isEmpty)
  }

  @Test func `F35: a duplicate is a success`() {
    var bench = StateBench()
    bench.seal()
    bench.answer(.duplicateSequenceNumber)
    #expect(bench.deliveredIds == [0])
    #expect(bench.delivered[0].baseOffset == -1)
  }

  @Test func `F1: without idempotence a retry that may double is said, once`() {
    for idempotent in [true, false] {
      var bench = StateBench(idempotent: idempotent)
      for _ in 0..<2 {
        bench.seal()
        bench.disconnect()
        bench.lead([1])
        bench.pass(2000)
        bench.answer()
      }
      #expect(bench.deliveredIds == [0, 1])
      #expect(bench.notes.count == (idempotent ? 0 : 1))
    }
  }

  @Test func `F31: a refusal that excludes an append doubles nothing and says nothing`() {
    var bench = StateBench(idempotent: false)
    bench.seal()
    bench.answer(.notEnoughReplicas)
    bench.pass(200)
    bench.answer()
    #expect(bench.notes.isEmpty)
    bench.seal()
    bench.answer(.notEnoughReplicasAfterAppend)
    bench.pass(200)
    bench.answer()
    #expect(bench.notes.count == 1)
  }
}
