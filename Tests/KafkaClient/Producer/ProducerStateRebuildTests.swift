import KafkaProtocol
import Testing

@testable import KafkaClient

/// Batches that the broker does not take as they are: too large, or with records that are refused.
@Suite struct ProducerStateRebuildTests {
  @Test func `F32: a batch that is too large is sent in halves, in order, in its own sequence`() {
    var bench = StateBench()
    bench.seal()
    bench.answer()
    for _ in 0..<3 { bench.seal() }
    bench.answer(.messageTooLarge)
    #expect(bench.rebuilds.map(\.how) == [.halves])
    bench.answer(.outOfOrderSequenceNumber)
    bench.answer(.outOfOrderSequenceNumber)
    // Nothing overtakes the halves.
    bench.pass(2000)
    #expect(bench.open.isEmpty)
    let halves = bench.rebuild()
    #expect(bench.underWay == [[halves[0]], [halves[1]], [2], [3]])
    #expect(bench.open.map { $0.batches[0].stamp.baseSequence } == [10, 15, 20, 30])
    while !bench.open.isEmpty { bench.answer() }
    #expect(bench.deliveredIds == [0] + halves + [2, 3])
    #expect(bench.state.waitingRecords == 0)
    #expect(bench.failed.isEmpty)
    #expect(bench.notes.isEmpty)
  }

  @Test func `F32: halves that are too large are halved again, down to the record that is`() {
    var bench = StateBench()
    bench.seal(records: 5)
    let next = bench.seal(records: 1)
    // 5 → 3 + 2 → …: the record at place 3 is too large.
    var delivered: [Int] = []
    var expected: Int32 = 0
    var steps = 0
    while bench.state.waitingRecords > 0 && steps < 50 {
      steps += 1
      if !bench.rebuilds.isEmpty { bench.rebuild() }
      guard let batch = bench.open.first?.batches.first else {
        bench.pass(200)
        continue
      }
      if (batch.position..<batch.position + Int(batch.recordCount)).contains(3) {
        bench.answer(.messageTooLarge)
      } else if batch.stamp.baseSequence != expected {
        bench.answer(.outOfOrderSequenceNumber)
      } else {
        expected += batch.recordCount
        delivered += (0..<Int(batch.recordCount)).map { batch.position + $0 }
        bench.answer()
      }
    }
    #expect(delivered == [0, 1, 2, 4, 5])
    #expect(bench.deliveredIds.last == next)
    #expect(bench.failed.count == 1)
    #expect("\(bench.failed[0].error)" == "\(ErrorCode.messageTooLarge)")
    #expect(bench.state.waitingRecords == 0)
  }

  @Test func `F32: several batches that are too large keep their order`() {
    var bench = StateBench()
    bench.seal()
    bench.answer()
    for _ in 0..<3 { bench.seal() }
    for _ in 0..<3 { bench.answer(.messageTooLarge) }
    #expect(bench.rebuilds.count == 3)
    // Whatever is ready first.
    bench.rebuilds.reverse()
    let third = bench.rebuild()
    let second = bench.rebuild()
    #expect(bench.open.isEmpty)
    let first = bench.rebuild()
    var order: [Int] = []
    while !bench.open.isEmpty {
      order += bench.underWay[0]
      bench.answer()
    }
    #expect(order == first + second + third)
  }

  @Test func `F32: a batch that cannot be taken apart fails and the next takes its sequence`() {
    var bench = StateBench()
    bench.seal()
    bench.answer(.messageTooLarge)
    let next = bench.seal()
    let (batch, _) = bench.rebuilds.removeFirst()
    bench.run(bench.state.rebuildFailed(batch, .unsupported("no"), nowMs: 0))
    #expect(bench.failedIds == [0])
    #expect(bench.underWay == [[next]])
    #expect(bench.stamps[next]?.baseSequence == 0)
  }

  @Test func `F39: records that are refused are left out and named, the rest is sent again`() {
    var bench = StateBench()
    bench.seal()
    bench.answer()
    bench.seal()
    bench.seal()
    bench.answer(
      .invalidRecord, message: "bad",
      recordErrors: [(2, "no key"), (4, nil), (4, "again"), (-1, nil), (10, nil)])
    #expect(
      bench.dropped.map { "\($0.error)" } == [
        "\(ErrorCode.invalidRecord) (record 13 to t [0]: no key)",
        "\(ErrorCode.invalidRecord) (record 15 to t [0]: bad)",
      ])
    #expect(bench.rebuilds.map(\.how) == [.without([2, 4])])
    bench.answer(.outOfOrderSequenceNumber)
    let rest = bench.rebuild()
    #expect(bench.underWay == [rest, [2]])
    #expect(bench.open.map { $0.batches[0].stamp.baseSequence } == [10, 18])
    bench.answer()
    bench.answer()
    #expect(bench.delivered.map(\.batch) == [0, rest[0], 2])
    #expect(bench.state.waitingRecords == 0)
    #expect(bench.failed.isEmpty)
  }

  @Test func `F39: a refusal that names no record fails the batch`() {
    var bench = StateBench()
    bench.seal()
    bench.answer(.invalidRecord, message: "bad")
    #expect(bench.failedIds == [0])
    bench.seal(records: 1)
    bench.answer(.invalidRecord, message: "bad", recordErrors: [(0, "no key")])
    #expect(bench.failedIds == [0, 1])
    #expect("\(bench.failed[1].error)" == "\(ErrorCode.invalidRecord) (no key)")
  }

  @Test func `F39: where every record is refused nothing is sent again`() {
    var bench = StateBench()
    bench.seal(records: 2)
    bench.answer(.invalidRecord, recordErrors: [(0, nil), (1, nil)])
    #expect(bench.dropped.count == 2)
    #expect(bench.rebuild().isEmpty)
    #expect(bench.state.waitingRecords == 0)
    let next = bench.seal()
    #expect(bench.underWay == [[next]])
    #expect(bench.stamps[next]?.baseSequence == 0)
  }

  @Test func `a batch that is being rebuilt when the producer closes is given up`() {
    var bench = StateBench()
    bench.seal()
    bench.answer(.messageTooLarge)
    bench.run(bench.state.close())
    #expect(bench.failedIds == [0])
    #expect(bench.state.waitingRecords == 0)
  }
}
