import Testing

@testable import KafkaBroker

struct ProducerStatesTests {
  private func batch(
    _ id: Int64, epoch: Int16 = 0, _ sequence: Int32, count: Int32 = 1, transactional: Bool = false
  ) -> BatchSummary {
    BatchSummary(
      recordCount: count, maxTimestamp: 0, producerId: id, producerEpoch: epoch,
      baseSequence: sequence, isTransactional: transactional)
  }

  @Test func `the first open transaction is where the earliest of all began`() {
    var states = ProducerStates()
    #expect(states.admit(batch(1, 0), baseOffset: 0) == .new)
    #expect(states.firstOpenOffset == nil)
    #expect(states.admit(batch(2, 0, transactional: true), baseOffset: 1) == .new)
    #expect(states.admit(batch(3, 0, transactional: true), baseOffset: 2) == .new)
    #expect(states.admit(batch(2, 1, transactional: true), baseOffset: 3) == .new)
    #expect(states.firstOpenOffset == 1)
    #expect(states.admit(batch(2, 2), baseOffset: 4) == .refused(.notTransactional(producerId: 2)))
    #expect(states.end(producerId: 2, epoch: 0) == 1)
    #expect(states.firstOpenOffset == 2)
    #expect(states.end(producerId: 2, epoch: 0) == nil)
    #expect(states.end(producerId: 3, epoch: 0) == 2)
    #expect(states.firstOpenOffset == nil)
    // Under the same epoch sequences go on.
    #expect(states.admit(batch(2, 2, transactional: true), baseOffset: 5) == .new)
  }

  @Test func `a marker of a new epoch shuts the old one out, and sequences begin at 0`() {
    var states = ProducerStates()
    #expect(states.admit(batch(1, 0, transactional: true), baseOffset: 0) == .new)
    #expect(states.end(producerId: 1, epoch: 1) == 0)
    #expect(
      states.admit(batch(1, 1, transactional: true), baseOffset: 2)
        == .refused(.staleEpoch(producerId: 1, current: 1, got: 0)))
    #expect(
      states.admit(batch(1, epoch: 1, 1, transactional: true), baseOffset: 2)
        == .refused(.outOfOrder(producerId: 1, expected: 0, got: 1)))
    #expect(states.admit(batch(1, epoch: 1, 0, transactional: true), baseOffset: 2) == .new)
  }

  @Test func `a producer with an open transaction is not forgotten`() {
    var states = ProducerStates()
    #expect(states.admit(batch(-1, 0), baseOffset: 0) == .new)
    #expect(states.admit(batch(7, 0, transactional: true), baseOffset: 0) == .new)
    for id in 100..<Int64(100 + ProducerStates.producersMax) {
      #expect(states.admit(batch(id, 0), baseOffset: id) == .new)
    }
    #expect(states.firstOpenOffset == 0)
    #expect(states.end(producerId: 7, epoch: 0) == 0)
  }

  @Test func `a batch without a producer's id is always new`() {
    var states = ProducerStates()
    let plain = BatchSummary(recordCount: 1, maxTimestamp: 0)
    #expect(states.admit(plain, baseOffset: 0) == .new)
    #expect(states.admit(plain, baseOffset: 1) == .new)
  }

  @Test
  func `one of the last five batches again is answered with its offset, an older one refused`() {
    var states = ProducerStates()
    for index in Int32(0)..<7 {
      #expect(states.admit(batch(1, index * 2, count: 2), baseOffset: Int64(index * 2)) == .new)
    }
    for index in Int32(2)..<7 {
      #expect(
        states.admit(batch(1, index * 2, count: 2), baseOffset: 99)
          == .duplicate(baseOffset: Int64(index * 2)))
    }
    #expect(
      states.admit(batch(1, 2, count: 2), baseOffset: 99)
        == .refused(.outOfOrder(producerId: 1, expected: 14, got: 2)))
    #expect(
      states.admit(batch(1, 12, count: 1), baseOffset: 99)
        == .refused(.outOfOrder(producerId: 1, expected: 14, got: 12)))
  }

  @Test func `a gap is refused and changes nothing`() {
    var states = ProducerStates()
    #expect(states.admit(batch(1, 0, count: 3), baseOffset: 0) == .new)
    #expect(
      states.admit(batch(1, 4), baseOffset: 3)
        == .refused(.outOfOrder(producerId: 1, expected: 3, got: 4)))
    #expect(states.admit(batch(1, 3), baseOffset: 3) == .new)
    #expect(states.admit(batch(2, 0), baseOffset: 4) == .new)
  }

  @Test func `a new epoch begins at 0 and shuts the old one out`() {
    var states = ProducerStates()
    #expect(states.admit(batch(1, 0), baseOffset: 0) == .new)
    #expect(
      states.admit(batch(1, epoch: 1, 1), baseOffset: 1)
        == .refused(.outOfOrder(producerId: 1, expected: 0, got: 1)))
    #expect(states.admit(batch(1, epoch: 1, 0), baseOffset: 1) == .new)
    #expect(
      states.admit(batch(1, epoch: 0, 1), baseOffset: 2)
        == .refused(.staleEpoch(producerId: 1, current: 1, got: 0)))
  }

  @Test func `sequences go on at 0 behind the largest`() {
    var states = ProducerStates()
    #expect(states.admit(batch(1, .max - 1, count: 4), baseOffset: 0) == .new)
    #expect(states.admit(batch(1, 2), baseOffset: 4) == .new)
    #expect(ProducerStates.sequence(.max, plus: 1) == 0)
  }

  @Test func `of too many producers the longest unused is forgotten`() {
    var states = ProducerStates()
    for id in 0..<Int64(ProducerStates.producersMax) {
      #expect(states.admit(batch(id, 0), baseOffset: id) == .new)
    }
    #expect(states.admit(batch(0, 1), baseOffset: 1) == .new)
    #expect(states.admit(batch(5000, 0), baseOffset: 1) == .new)
    // 1 is forgotten, so that it may begin anywhere; 0 is not.
    #expect(states.admit(batch(1, 77), baseOffset: 1) == .new)
    #expect(
      states.admit(batch(0, 77), baseOffset: 1)
        == .refused(.outOfOrder(producerId: 0, expected: 2, got: 77)))
  }
}
