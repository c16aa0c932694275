internal import KafkaProtocol

/// What a record changes on the producing thread: the choice of its partition and that one's open batch.
///
/// It is one value, so that its owner, a class, pays for exclusive access once per record and not for each
/// part of it.
struct RecordIntake {
  private struct Opened {
    var name: String
    var partitioner: Partitioner
    /// By partition, the place of its open batch.
    var places: [Int] = []
  }

  /// What the accumulator's sealed batches pass through; what it noted is looked at after each append.
  private final class Outbox {
    var finisher: BatchFinisher?
    /// Whose batch was closed since the partitioners were told.
    var closed: [(topic: Int, partition: Int32)] = []

    func take(_ batch: consuming OutgoingBatch) {
      closed.append((batch.topic, batch.partition))
      finisher?.finish(batch)
    }
  }

  private let outbox: Outbox
  private var accumulator: BatchAccumulator
  private var topics: [Opened] = []
  private var nowMs: Int64 = 0
  private var toldCount = 0
  /// Records that were taken over.
  private(set) var appended = 0

  /// Makes one without topics.
  init(_ limits: BatchAccumulator.Limits, _ link: ProducerLink) {
    let outbox = Outbox()
    self.outbox = outbox
    accumulator = BatchAccumulator(limits, link: link) { outbox.take($0) }
  }

  // MARK: Topics

  /// Whether batches have somewhere to go.
  var hasBegun: Bool { outbox.finisher != nil }

  /// Says where batches go, and whose they are where the producer is idempotent.
  mutating func begin(_ identity: ProducerState.Stamp, _ finisher: BatchFinisher) {
    outbox.finisher = finisher
    identify(identity)
  }

  /// Says whose the batches are from now on, their sequences beginning anew.
  mutating func identify(_ identity: ProducerState.Stamp) {
    if identity.producerId >= 0 { accumulator.identify(identity) }
  }

  /// Ends the threads that finish batches.
  func close() { outbox.finisher?.close() }

  var topicCount: Int { topics.count }

  func partitionCount(of topic: Int) -> Int { topics[topic].places.count }

  /// Adds a topic without partitions; its number is the count of those before.
  mutating func addTopic(_ name: String, _ partitioner: Partitioner) {
    topics.append(Opened(name: name, partitioner: partitioner))
  }

  /// Says which of a topic's partitions have a leader, and makes room for new ones.
  mutating func grow(_ topic: Int, _ available: [Bool]) {
    topics[topic].partitioner.available = available
    while topics[topic].places.count < available.count {
      let partition = Int32(truncatingIfNeeded: topics[topic].places.count)
      topics[topic].places.append(
        accumulator.addPartition(topic: topic, partition: partition))
    }
  }

  /// From now on the topic's batches have at most so many bytes before compression.
  mutating func limitBatches(of topic: Int, _ bytes: Int) {
    for place in topics[topic].places { accumulator.limitBatches(at: place, bytes) }
  }

  // MARK: Records

  /// Adds a record to its partition's batch; false where the budget is spent.
  ///
  /// - Throws: `ProduceError.unknownPartition`.
  @inline(__always)
  mutating func append(
    to topic: Int, partition: Int32, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
    headerCount: Int, headers: UnsafeRawBufferPointer
  ) throws(ProduceError) -> Bool {
    let place = try place(topic, partition, key)
    let isTaken = accumulator.append(
      to: place, key: key, value: value, headerCount: headerCount, headers: headers)
    if accumulator.sealedCount != toldCount { tellPartitioners() }
    guard isTaken else { return false }
    appended &+= 1
    return true
  }

  @inline(__always)
  private mutating func place(
    _ topic: Int, _ partition: Int32, _ key: UnsafeRawBufferPointer?
  ) throws(ProduceError) -> Int {
    let chosen =
      partition >= 0 ? partition : topics[topic].partitioner.partition(key: key, nowMs: nowMs)
    let index = Int(chosen)
    guard index >= 0, index < topics[topic].places.count else {
      throw .unknownPartition(topic: topics[topic].name, chosen)
    }
    return topics[topic].places[index]
  }

  /// The batches that were closed end their partitions' turns.
  private mutating func tellPartitioners() {
    toldCount = accumulator.sealedCount
    for (topic, partition) in outbox.closed {
      topics[topic].partitioner.batchClosed(partition: partition)
    }
    outbox.closed.removeAll(keepingCapacity: true)
  }

  // MARK: Time

  /// Takes over the time and seals what has waited long enough, as `BatchAccumulator.tick` does.
  mutating func tick(nowMs: Int64, timestampMs: Int64) -> Int64? {
    self.nowMs = nowMs
    defer { tellPartitioners() }
    return accumulator.tick(nowMs: nowMs, timestampMs: timestampMs)
  }

  /// Seals all that is open.
  mutating func sealAll() {
    accumulator.sealAll()
    tellPartitioners()
  }

  /// True where enough room has come back that waiting has paid.
  var hasRoom: Bool { accumulator.hasRoom }
}
