import KafkaProtocol
import Synchronization
import Transport

/// What became of a batch.
public enum DeliveryEvent: Sendable {
  /// Its records are in the log; `baseOffset` −1 if unknown, as with acks=0.
  case delivered(
    topic: String, partition: Int32, recordCount: Int, baseOffset: Int64, brokerId: Int32)
  /// Its records are given up; `mayBeAppended` says that a broker may have them all the same.
  ///
  /// `records` is nil unless the producer keeps what failed.
  case failed(
    topic: String, partition: Int32, recordCount: Int, error: DeliveryError, mayBeAppended: Bool,
    records: FailedRecords? = nil)
}

/// The records of a batch that was given up.
public struct FailedRecords: Sendable {
  let batch: SealedBatch

  /// Calls `body` with each record's key and value; they are valid during the call.
  /// - Throws: what `body` throws, or an error where the batch cannot be read again.
  public func forEach(
    _ body: (_ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?) throws -> Void
  ) throws {
    var reader = RecordSetReader(verifiesCRC: false)
    try withExtendedLifetime(batch) {
      reader.open(batch.bytes)
      while let decoded = try reader.next() {
        var records = RecordIterator(decoded)
        while let record = try records.next() { try body(record.key, record.value) }
      }
    }
  }
}

/// What became of all records.
public struct ProduceOutcome: Sendable, Hashable {
  /// Records that were taken over.
  public var appended = 0
  /// Records that are in the log, or, with acks=0, written.
  public var delivered = 0
  /// Records that were given up.
  public var failed = 0
  /// Records that are not known to be delivered, but may be in the log.
  public var possiblyPersisted = 0

  /// Records that are not delivered, given up or not.
  public var undelivered: Int { appended - delivered }

  /// Makes one of nothing.
  public init() {}
}

/// What the producing thread and the loop share: counts, events, and how one wakes the other.
final class ProducerLink: Sendable {
  /// Bytes of memory that sealed batches hold until they are acknowledged.
  let unacknowledgedBytes = Atomic<Int>(0)
  let unacknowledgedRecords = Atomic<Int>(0)
  let delivered = Atomic<Int>(0)
  let failed = Atomic<Int>(0)
  let failedInDoubt = Atomic<Int>(0)
  /// How often the producing thread was asked to look up from its waiting.
  let interrupts = Atomic<Int>(0)
  let wakeDescriptor = WakeDescriptor()
  /// Memory of batches that are done with.
  let blocks = BlockPool()

  private let waits = Atomic<Bool>(false)
  private let events = Mutex<[DeliveryEvent]>([])
  private let hasEvents = Atomic<Bool>(false)
  private let layouts = Mutex<[Int: [Bool]]>([:])
  private let layoutChanges = Atomic<Int>(0)
  private let batchLimits = Mutex<[Int: Int]>([:])
  private let batchLimitChanges = Atomic<Int>(0)

  // MARK: The loop's side

  /// Batches of so many bytes and records are done with.
  func release(bytes: Int, records: Int) {
    unacknowledgedBytes.subtract(bytes, ordering: .relaxed)
    unacknowledgedRecords.subtract(records, ordering: .relaxed)
  }

  /// Wakes the producing thread if it waits for room or for the end.
  func wakeWaiter() {
    if waits.exchange(false, ordering: .sequentiallyConsistent) { wakeDescriptor.wake() }
  }

  func post(_ event: DeliveryEvent) {
    events.withLock { $0.append(event) }
    if !hasEvents.exchange(true, ordering: .acquiringAndReleasing) { wakeDescriptor.wake() }
  }

  /// Tells the producing thread which partitions of a topic have a leader.
  func publish(topic: Int, available: [Bool]) {
    let isNew = layouts.withLock { known in
      defer { known[topic] = available }
      return known[topic] != available
    }
    if isNew { layoutChanges.add(1, ordering: .releasing) }
  }

  /// Tells the producing thread that a topic's batches must not be larger; the least limit counts.
  func limit(topic: Int, batchBytes: Int) {
    let isNew = batchLimits.withLock { known in
      guard batchBytes < known[topic] ?? .max else { return false }
      known[topic] = batchBytes
      return true
    }
    if isNew { batchLimitChanges.add(1, ordering: .releasing) }
  }

  // MARK: The producing thread's side

  func takeEvents() -> [DeliveryEvent] {
    guard hasEvents.exchange(false, ordering: .acquiringAndReleasing) else { return [] }
    return events.withLock { events in
      defer { events = [] }
      return events
    }
  }

  /// The layouts, if they changed since `seen`.
  func layouts(since seen: inout Int) -> [Int: [Bool]]? {
    let now = layoutChanges.load(ordering: .acquiring)
    guard now != seen else { return nil }
    seen = now
    return layouts.withLock { $0 }
  }

  /// By topic the most bytes of a batch, if they changed since `seen`.
  func batchLimits(since seen: inout Int) -> [Int: Int]? {
    let now = batchLimitChanges.load(ordering: .acquiring)
    guard now != seen else { return nil }
    seen = now
    return batchLimits.withLock { $0 }
  }

  /// From now on `wakeWaiter` wakes; what was waited for must be looked at once more after this.
  func announceWait() { waits.store(true, ordering: .sequentiallyConsistent) }

  // MARK: Any thread

  func interrupt() {
    interrupts.add(1, ordering: .sequentiallyConsistent)
    wakeDescriptor.wake()
  }
}
