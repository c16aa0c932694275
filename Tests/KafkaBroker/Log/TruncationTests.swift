import KafkaProtocol
import Testing

@testable import KafkaBroker

struct TruncationTests {
  private func batch(_ value: String, _ sequence: Int32, id: Int64 = 1, transactional: Bool = false)
    throws -> [UInt8]
  {
    try makeBatch(
      [value], producerId: id, epoch: 0, sequence: sequence, transactional: transactional)
  }

  @Test func `a cut takes away whole batches, and what comes behind has the next epoch`() throws {
    var log = PartitionLog()
    for index in 0..<4 { try log.append(makeBatch(["a\(index)", "b\(index)"])) }
    // A reader may still be sending this.
    let before = try #require(log.read(from: 0, maxBytes: 1 << 20))
    let bytes = before.pieces.flatMap { Array($0.bytes) }
    try log.truncate(to: 5)
    #expect(log.logEndOffset == 4)
    #expect(log.leaderEpoch == 1)
    #expect(log.bytes(from: 5, maxBytes: 100) == nil)
    #expect(try log.append(makeBatch(["new"])) == .stored(baseOffset: 4))
    let found = try records(in: #require(log.bytes(from: 0, maxBytes: 1 << 20)))
    #expect(found.map(\.value) == ["a0", "b0", "a1", "b1", "new"])
    #expect(log.byteCount == log.bytes(from: 0, maxBytes: 1 << 20)?.count)
    #expect(before.pieces.flatMap { Array($0.bytes) } == bytes)
    try log.truncate(to: 0)
    #expect(log.logEndOffset == 0)
    #expect(log.byteCount == 0)
    #expect(try log.append(makeBatch(["first"])) == .stored(baseOffset: 0))
  }

  @Test func `what producers wrote behind the cut is not known any more`() throws {
    var log = PartitionLog()
    try log.append(batch("a", 0))
    try log.append(batch("b", 1))
    try log.append(batch("c", 2))
    try log.truncate(to: 1)
    #expect(try log.append(batch("a", 0)) == .duplicate(baseOffset: 0))
    #expect(
      try log.append(batch("c", 2))
        == .refused(.outOfOrder(producerId: 1, expected: 1, got: 2)))
    #expect(try log.append(batch("b", 1)) == .stored(baseOffset: 1))
  }

  @Test func `transactions are as the batches before the cut say`() throws {
    var log = PartitionLog()
    try log.append(batch("a", 0, id: 1, transactional: true))
    try log.append(batch("b", 0, id: 2, transactional: true))
    log.appendMarker(producerId: 1, epoch: 0, isCommit: false, timestamp: 5)
    log.appendMarker(producerId: 2, epoch: 0, isCommit: true, timestamp: 6)
    #expect(log.lastStableOffset == 4)
    let aborted = AbortedTransaction(producerId: 1, firstOffset: 0, lastOffset: 2)
    #expect(log.aborted == [aborted])
    try log.truncate(to: 3)
    #expect(log.aborted == [aborted])
    #expect(log.lastStableOffset == 1)
    try log.truncate(to: 2)
    #expect(log.aborted == [])
    #expect(log.lastStableOffset == 0)
  }

  @Test func `aborted transactions are found by the offsets that they touch`() throws {
    var log = PartitionLog()
    for id in Int64(1)...3 {
      try log.append(batch("a", 0, id: id, transactional: true))
      log.appendMarker(producerId: id, epoch: 0, isCommit: false, timestamp: 5)
    }
    #expect(log.abortedTransactions(from: 0, to: 6).map(\.producerId) == [1, 2, 3])
    #expect(log.abortedTransactions(from: 2, to: 4).map(\.producerId) == [2])
    #expect(log.abortedTransactions(from: 3, to: 5).map(\.producerId) == [2, 3])
    #expect(log.abortedTransactions(from: 6, to: 6).isEmpty)
  }

  @Test func `aborted transactions go with the batches that retention drops`() throws {
    var log = PartitionLog(retentionBytes: 4000)
    for sequence in Int32(0)..<200 {
      try log.append(batch("a", sequence, transactional: true))
      log.appendMarker(producerId: 1, epoch: 0, isCommit: false, timestamp: 5)
    }
    #expect(log.logStartOffset > 0)
    #expect(log.aborted.count < 100)
    #expect(log.aborted.allSatisfy { $0.lastOffset >= log.logStartOffset })
  }
}
