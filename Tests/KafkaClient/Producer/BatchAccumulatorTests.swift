import KafkaProtocol
import Synchronization
import Testing

@testable import KafkaClient

@Suite struct BatchAccumulatorTests {
  /// Collects sealed batches, and acknowledges them when told to.
  private final class Sink {
    var batches: [OutgoingBatch] = []
    let link = ProducerLink()

    func acknowledgeAll() {
      for batch in batches {
        link.release(bytes: batch.chargedBytes, records: batch.sealed.recordCount)
      }
      batches = []
    }
  }

  private let sink = Sink()

  private func accumulator(
    partitions: Int = 1, _ change: (inout BatchAccumulator.Limits) -> Void = { _ in }
  ) -> BatchAccumulator {
    var limits = BatchAccumulator.Limits()
    change(&limits)
    var accumulator = BatchAccumulator(limits, link: sink.link) { [sink] in
      sink.batches.append($0)
    }
    for partition in 0..<partitions {
      _ = accumulator.addPartition(topic: 0, partition: Int32(partition))
    }
    _ = accumulator.tick(nowMs: 1000, timestampMs: 5_000_000)
    return accumulator
  }

  private func append(
    _ accumulator: inout BatchAccumulator, to place: Int = 0, _ value: [UInt8],
    key: [UInt8]? = nil
  ) -> Bool {
    value.withUnsafeBytes { value in
      let none = UnsafeRawBufferPointer(start: nil, count: 0)
      guard let key else {
        return accumulator.append(
          to: place, key: nil, value: value, headerCount: 0, headers: none)
      }
      return key.withUnsafeBytes {
        accumulator.append(to: place, key: $0, value: value, headerCount: 0, headers: none)
      }
    }
  }

  private func values(of batch: SealedBatch) throws -> [[UInt8]] {
    var reader = RecordSetReader()
    reader.open(batch.bytes)
    var values: [[UInt8]] = []
    while let decoded = try reader.next() {
      var records = RecordIterator(decoded)
      while let record = try records.next() {
        values.append(Array(record.value ?? .init(start: nil, count: 0)))
      }
    }
    return values
  }

  @Test func `records come out as they went in, in batches that say where they belong`() throws {
    var accumulator = accumulator(partitions: 2) { $0.batch.maxRecords = 2 }
    accumulator.identify(ProducerState.Stamp(producerId: 9, producerEpoch: 3))
    for value in UInt8(0)..<5 {
      #expect(append(&accumulator, to: 0, [value]))
      #expect(append(&accumulator, to: 1, [value, 100]))
    }
    accumulator.sealAll()
    let first = sink.batches.filter { $0.partition == 0 }
    #expect(first.map(\.number) == [0, 1, 2])
    #expect(first.map(\.stamp.baseSequence) == [0, 2, 4])
    #expect(first.allSatisfy { $0.stamp.producerId == 9 && $0.stamp.producerEpoch == 3 })
    #expect(try first.flatMap { try values(of: $0.sealed) } == [[0], [1], [2], [3], [4]])
    let second = sink.batches.filter { $0.partition == 1 }
    #expect(try second.flatMap { try values(of: $0.sealed) }.map(\.count) == [2, 2, 2, 2, 2])
  }

  @Test func `F43: a batch is sealed when it has waited for linger_ms`() {
    var accumulator = accumulator(partitions: 2)
    #expect(append(&accumulator, to: 0, [1]))
    let early = accumulator.tick(nowMs: 1003, timestampMs: 0)
    #expect(early == 1005)
    #expect(append(&accumulator, to: 1, [2]))
    let later = accumulator.tick(nowMs: 1004, timestampMs: 0)
    #expect(later == 1005)
    #expect(sink.batches.isEmpty)
    let due = accumulator.tick(nowMs: 1005, timestampMs: 0)
    #expect(due == 1008)
    #expect(sink.batches.map(\.partition) == [0])
    let end = accumulator.tick(nowMs: 2000, timestampMs: 0)
    #expect(end == nil)
    #expect(sink.batches.map(\.partition) == [0, 1])
  }

  @Test func `with linger 0 the end of the block seals`() {
    var accumulator = accumulator { $0.lingerMs = 0 }
    #expect(append(&accumulator, [1]))
    #expect(append(&accumulator, [2]))
    let end = accumulator.tick(nowMs: 1000, timestampMs: 0)
    #expect(end == nil)
    #expect(sink.batches.map(\.sealed.recordCount) == [2])
  }

  @Test func `a batch is full at batch_size bytes or at batch_num_messages records`() {
    var accumulator = accumulator {
      $0.batch.maxBytes = 1000
      $0.batch.maxRecords = 7
    }
    for _ in 0..<20 { #expect(append(&accumulator, [UInt8](repeating: 1, count: 200))) }
    #expect(sink.batches.allSatisfy { $0.sealed.byteCount <= 1000 })
    sink.batches = []
    accumulator.sealAll()
    sink.batches = []
    for _ in 0..<20 { #expect(append(&accumulator, [1])) }
    #expect(sink.batches.map(\.sealed.recordCount) == [7, 7])
  }

  @Test func `a record larger than a batch has one of its own`() {
    var accumulator = accumulator { $0.batch.maxBytes = 1000 }
    #expect(append(&accumulator, [1]))
    #expect(append(&accumulator, [UInt8](repeating: 1, count: 5000)))
    #expect(append(&accumulator, [2]))
    accumulator.sealAll()
    #expect(sink.batches.map(\.sealed.recordCount) == [1, 1, 1])
  }

  @Test func `the deadline counts from the first record of the batch`() {
    var accumulator = accumulator { $0.messageTimeoutMs = 300 }
    #expect(append(&accumulator, [1]))
    _ = accumulator.tick(nowMs: 1004, timestampMs: 0)
    #expect(append(&accumulator, [1]))
    accumulator.sealAll()
    #expect(sink.batches.map(\.deadlineMs) == [1300])
    var endless = self.accumulator { $0.messageTimeoutMs = 0 }
    #expect(append(&endless, [1]))
    endless.sealAll()
    #expect(sink.batches.last?.deadlineMs == .max)
  }

  @Test func `F47: the budget holds, whatever the number of partitions, and there is no deadlock`()
  {
    for partitions in [1, 3, 500, 5000] {
      let budget = 2 << 20
      var accumulator = accumulator(partitions: partitions) { $0.bytesMax = budget }
      let value = [UInt8](repeating: 7, count: 100)
      var random = SplitMix64(seed: 1)
      var waits = 0
      var isKept = true
      for _ in 0..<30_000 {
        let place = random.below(partitions)
        if !append(&accumulator, to: place, value) {
          waits += 1
          // Something is under way whose end brings room.
          #expect(!sink.batches.isEmpty)
          #expect(!accumulator.hasRoom)
          sink.acknowledgeAll()
          #expect(accumulator.hasRoom)
          #expect(append(&accumulator, to: place, value))
        }
        isKept =
          isKept && sink.link.unacknowledgedBytes.load(ordering: .relaxed) <= budget
      }
      #expect(isKept)
      #expect(waits > 0)
      sink.acknowledgeAll()
      accumulator.sealAll()
      sink.acknowledgeAll()
      #expect(sink.link.unacknowledgedBytes.load(ordering: .relaxed) == 0)
      #expect(sink.link.unacknowledgedRecords.load(ordering: .relaxed) == 0)
    }
  }

  @Test func `the largest batches make room`() {
    var accumulator = accumulator(partitions: 10) { $0.bytesMax = 100_000 }
    for place in 0..<10 { #expect(append(&accumulator, to: place, [1])) }
    var isFull = false
    while !isFull { isFull = !append(&accumulator, to: 4, [UInt8](repeating: 1, count: 500)) }
    #expect(sink.batches.map(\.partition) == [4])
  }

  @Test func `memory goes round and nothing of its past comes out`() throws {
    var accumulator = accumulator { $0.batch.maxBytes = 200_000 }
    var number = 0
    for _ in 0..<10 {
      while sink.batches.isEmpty {
        // Of changing length, so that a batch ends elsewhere than the one before.
        let length = 500 + number % 7 * 100
        #expect(append(&accumulator, [UInt8](repeating: UInt8(number % 251), count: length)))
        number += 1
      }
      // The batch that was begun meanwhile took the block that was given back.
      let isTaken = sink.link.blocks.take(200_000) == nil
      #expect(isTaken)
      let sealed = sink.batches[0].sealed
      #expect(sealed.byteCount <= 200_000)
      let first = try values(of: sealed)
      #expect(first.allSatisfy { value in value.allSatisfy { $0 == value[0] } })
      sink.link.blocks.give(sealed.memory)
      sink.acknowledgeAll()
    }
  }

  @Test func `the number of records has a limit too`() {
    var accumulator = accumulator { $0.recordsMax = 100 }
    var taken = 0
    while append(&accumulator, [1]) { taken += 1 }
    #expect(taken == 100)
    #expect(sink.batches.map(\.sealed.recordCount) == [100])
    sink.acknowledgeAll()
    #expect(append(&accumulator, [1]))
  }

  @Test func `a record larger than the budget passes when nothing else is there`() {
    var accumulator = accumulator { $0.bytesMax = 1000 }
    let large = [UInt8](repeating: 1, count: 5000)
    #expect(append(&accumulator, large))
    #expect(!append(&accumulator, large))
    #expect(!accumulator.hasRoom)
    sink.acknowledgeAll()
    #expect(accumulator.hasRoom)
    #expect(append(&accumulator, large))
  }

  @Test func `F32: batches stay below a limit that was learnt, but for a record that is larger`() {
    var accumulator = accumulator { $0.lingerMs = 60_000 }
    for _ in 0..<300 { #expect(append(&accumulator, [UInt8](repeating: 1, count: 100))) }
    accumulator.limitBatches(at: 0, 2000)
    for _ in 0..<1500 { #expect(append(&accumulator, [UInt8](repeating: 1, count: 100))) }
    #expect(append(&accumulator, [UInt8](repeating: 1, count: 5000)))
    accumulator.sealAll()
    // What was open may have more.
    #expect(sink.batches.dropFirst().dropLast().allSatisfy { $0.sealed.byteCount <= 2000 })
    #expect(sink.batches.count > 15)
    #expect(sink.batches.last?.sealed.byteCount ?? 0 > 5000)
    #expect(sink.batches.map(\.sealed.recordCount).reduce(0, +) == 1801)
  }
}
