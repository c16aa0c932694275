import KafkaProtocol

@testable import KafkaClient

/// Brokers that check sequences and epochs as Kafka does; their logs hold records by number.
struct SimulatedCluster {
  struct Producer {
    var epoch: Int16
    var nextSequence: Int32
    /// The last five batches, by which duplicates are known.
    var recent: [(base: Int32, count: Int32, offset: Int64)] = []
  }
  struct Log {
    var records: [Int] = []
    var producers: [Int64: Producer] = [:]
  }

  var logs: [Log]
  var leaders: [Int32]
  var epochs: [Int32]
  /// Batches of more records are too large.
  var batchRecordsMax = Int.max
  /// Every so many records one is too large alone, or not valid; 0 is none.
  var oversizedEvery = 0
  var invalidEvery = 0

  init(leaders: [Int32]) {
    self.leaders = leaders
    epochs = leaders.map { _ in 0 }
    logs = leaders.map { _ in Log() }
  }

  /// Appends a batch as a broker that leads the partition does.
  mutating func append(_ batch: ProducerState.Batch, _ records: [Int]) -> ProducerState.Result {
    var result = ProducerState.Result(topic: batch.topic, partition: batch.partition)
    let isOversized = oversizedEvery > 0 && records.contains { $0 % oversizedEvery == 7 }
    if records.count > batchRecordsMax || isOversized {
      result.errorCode = .messageTooLarge
      return result
    }
    if invalidEvery > 0 {
      result.recordErrors = records.indices.filter { records[$0] % invalidEvery == 5 }
        .map { (Int32($0), nil) }
      if !result.recordErrors.isEmpty {
        result.errorCode = .invalidRecord
        return result
      }
    }
    let at = Int(batch.partition)
    if let refusal = admit(batch, at, &result) {
      result.errorCode = refusal
      return result
    }
    if result.baseOffset < 0 {
      result.baseOffset = Int64(logs[at].records.count)
      logs[at].records += records
      remember(batch, at, result.baseOffset)
    }
    return result
  }

  /// The error of a sequence or epoch that is not right; a duplicate's offset goes into the result.
  private func admit(_ batch: ProducerState.Batch, _ at: Int, _ result: inout ProducerState.Result)
    -> ErrorCode?
  {
    let stamp = batch.stamp
    // A producer that the broker does not know may begin anywhere (KIP-360).
    guard stamp.producerId >= 0, let known = logs[at].producers[stamp.producerId] else {
      return nil
    }
    if stamp.producerEpoch < known.epoch { return .invalidProducerEpoch }
    if stamp.producerEpoch > known.epoch {
      return stamp.baseSequence == 0 ? nil : .outOfOrderSequenceNumber
    }
    if let double = known.recent.first(where: {
      $0.base == stamp.baseSequence && $0.count == batch.recordCount
    }) {
      result.baseOffset = double.offset
      return nil
    }
    return stamp.baseSequence == known.nextSequence ? nil : .outOfOrderSequenceNumber
  }

  private mutating func remember(_ batch: ProducerState.Batch, _ at: Int, _ offset: Int64) {
    let stamp = batch.stamp
    guard stamp.producerId >= 0 else { return }
    var known =
      logs[at].producers[stamp.producerId] ?? Producer(epoch: stamp.producerEpoch, nextSequence: 0)
    if known.epoch != stamp.producerEpoch {
      known = Producer(epoch: stamp.producerEpoch, nextSequence: 0)
    }
    known.nextSequence = ProducerState.sequence(stamp.baseSequence, after: batch.recordCount)
    known.recent.append((stamp.baseSequence, batch.recordCount, offset))
    if known.recent.count > 5 { known.recent.removeFirst() }
    logs[at].producers[stamp.producerId] = known
  }
}
