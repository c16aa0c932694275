/// What a partition remembers of its idempotent producers (KIP-98): the last five batches of each.
struct ProducerStates: Sendable {
  /// What to do with a batch.
  enum Verdict: Hashable, Sendable {
    case new
    /// The same batch was stored before, at `baseOffset`.
    case duplicate(baseOffset: Int64)
    case refused(Refusal)
  }

  /// Why a batch of an idempotent producer is not taken.
  enum Refusal: Hashable, Sendable {
    /// The sequence neither follows the last one nor repeats one of the last five batches.
    case outOfOrder(producerId: Int64, expected: Int32, got: Int32)
    /// A later incarnation of the producer has written.
    case staleEpoch(producerId: Int64, current: Int16, got: Int16)
  }

  private struct Producer {
    var epoch: Int16
    /// The last batches, oldest first.
    var batches: [(first: Int32, last: Int32, baseOffset: Int64)]
    /// Counts up with each batch of the partition: the lowest is the one to forget.
    var lastUse: UInt64
  }

  /// Batches of one producer that are remembered; also the most that a client may have in flight.
  static let batchesMax = 5
  /// Producers that are remembered; of more, the longest unused is forgotten, as after a day in Kafka.
  static let producersMax = 1000

  private var producers: [Int64: Producer] = [:]
  private var uses: UInt64 = 0

  /// Judges a batch and, where it is new, notes that it will be stored at `baseOffset`.
  ///
  /// A producer of which nothing is known may begin at any sequence, as in Kafka.
  mutating func admit(_ batch: BatchSummary, baseOffset: Int64) -> Verdict {
    guard batch.producerId >= 0 else { return .new }
    let first = batch.baseSequence
    let last = Self.sequence(first, plus: batch.recordCount - 1)
    uses += 1
    if var producer = producers[batch.producerId] {
      if batch.producerEpoch < producer.epoch {
        return .refused(
          .staleEpoch(
            producerId: batch.producerId, current: producer.epoch, got: batch.producerEpoch))
      }
      let isSameEpoch = batch.producerEpoch == producer.epoch
      if isSameEpoch,
        let same = producer.batches.first(where: { $0.first == first && $0.last == last })
      {
        return .duplicate(baseOffset: same.baseOffset)
      }
      var expected: Int32 = 0
      if isSameEpoch, let previous = producer.batches.last {
        expected = Self.sequence(previous.last, plus: 1)
      }
      guard first == expected else {
        return .refused(
          .outOfOrder(producerId: batch.producerId, expected: expected, got: first))
      }
      if !isSameEpoch { producer.batches = [] }
      if producer.batches.count == Self.batchesMax { producer.batches.removeFirst() }
      producer.batches.append((first, last, baseOffset))
      producer.epoch = batch.producerEpoch
      producer.lastUse = uses
      producers[batch.producerId] = producer
      return .new
    }
    if producers.count >= Self.producersMax,
      let oldest = producers.min(by: { $0.value.lastUse < $1.value.lastUse })
    {
      producers[oldest.key] = nil
    }
    producers[batch.producerId] = Producer(
      epoch: batch.producerEpoch, batches: [(first, last, baseOffset)], lastUse: uses)
    return .new
  }

  /// The sequence `count` behind `start`; 0 follows the largest.
  static func sequence(_ start: Int32, plus count: Int32) -> Int32 {
    Int32(truncatingIfNeeded: (Int64(start) + Int64(count)) & 0x7fff_ffff)
  }
}
