/// What a partition remembers of its idempotent producers (KIP-98): the last five batches of each, and
/// where its open transaction begins.
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
    /// The producer has an open transaction, and the batch is of none.
    case notTransactional(producerId: Int64)
  }

  private struct Producer {
    var epoch: Int16
    /// The last batches, oldest first.
    var batches: [(first: Int32, last: Int32, baseOffset: Int64)] = []
    /// The first offset of its open transaction here; nil where none is.
    var openOffset: Int64?
    /// Counts up with each batch of the partition: the lowest is the one to forget.
    var lastUse: UInt64
  }

  /// Batches of one producer that are remembered; also the most that a client may have in flight.
  static let batchesMax = 5
  /// Producers that are remembered; of more, the longest unused without an open transaction is
  /// forgotten, as after a day in Kafka.
  static let producersMax = 1000

  private var producers: [Int64: Producer] = [:]
  private var uses: UInt64 = 0
  /// The first offset of all open transactions; nil where none is open.
  private(set) var firstOpenOffset: Int64?

  /// Judges a batch and, where it is new, notes that it will be stored at `baseOffset`.
  ///
  /// A producer of which nothing is known may begin at any sequence, as in Kafka.
  mutating func admit(_ batch: BatchSummary, baseOffset: Int64) -> Verdict {
    guard batch.producerId >= 0 else { return .new }
    let first = batch.baseSequence
    let last = Self.sequence(first, plus: batch.recordCount - 1)
    uses += 1
    var producer: Producer
    if let known = producers[batch.producerId] {
      if batch.producerEpoch < known.epoch {
        return .refused(
          .staleEpoch(
            producerId: batch.producerId, current: known.epoch, got: batch.producerEpoch))
      }
      let isSameEpoch = batch.producerEpoch == known.epoch
      if isSameEpoch,
        let same = known.batches.first(where: { $0.first == first && $0.last == last })
      {
        return .duplicate(baseOffset: same.baseOffset)
      }
      var expected: Int32 = 0
      if isSameEpoch, let previous = known.batches.last {
        expected = Self.sequence(previous.last, plus: 1)
      }
      guard first == expected else {
        return .refused(
          .outOfOrder(producerId: batch.producerId, expected: expected, got: first))
      }
      guard known.openOffset == nil || batch.isTransactional else {
        return .refused(.notTransactional(producerId: batch.producerId))
      }
      producer = known
      if !isSameEpoch { producer.batches = [] }
      if producer.batches.count == Self.batchesMax { producer.batches.removeFirst() }
    } else {
      makeRoom()
      producer = Producer(epoch: batch.producerEpoch, lastUse: uses)
    }
    producer.batches.append((first, last, baseOffset))
    producer.epoch = batch.producerEpoch
    producer.lastUse = uses
    if batch.isTransactional, producer.openOffset == nil {
      producer.openOffset = baseOffset
      if firstOpenOffset == nil { firstOpenOffset = baseOffset }
    }
    producers[batch.producerId] = producer
    return .new
  }

  /// Notes the marker that ends a producer's transaction; returns where that began, nil if nowhere here.
  ///
  /// A marker of a new epoch shuts the old one out (KIP-890), and sequences begin at 0 again.
  mutating func end(producerId: Int64, epoch: Int16) -> Int64? {
    uses += 1
    guard var producer = producers[producerId] else {
      makeRoom()
      producers[producerId] = Producer(epoch: epoch, lastUse: uses)
      return nil
    }
    if epoch > producer.epoch {
      producer.epoch = epoch
      producer.batches = []
    }
    let openOffset = producer.openOffset
    producer.openOffset = nil
    producer.lastUse = uses
    producers[producerId] = producer
    if openOffset == firstOpenOffset {
      firstOpenOffset = producers.values.lazy.compactMap(\.openOffset).min()
    }
    return openOffset
  }

  private mutating func makeRoom() {
    guard producers.count >= Self.producersMax,
      let oldest = producers.filter({ $0.value.openOffset == nil }).min(by: {
        $0.value.lastUse < $1.value.lastUse
      })
    else { return }
    producers[oldest.key] = nil
  }

  /// The sequence `count` behind `start`; 0 follows the largest.
  static func sequence(_ start: Int32, plus count: Int32) -> Int32 {
    Int32(truncatingIfNeeded: (Int64(start) + Int64(count)) & 0x7fff_ffff)
  }
}
