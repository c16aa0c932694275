import KafkaProtocol
import Synchronization

/// A batch on its way from the producing thread to the loop.
struct OutgoingBatch: Sendable {
  var sealed: SealedBatch
  let topic: Int
  let partition: Int32
  /// 0, 1, 2 … within the partition.
  let number: Int
  /// `.max` where it may wait for ever.
  let deadlineMs: Int64
  /// What the loop will probably want to be in its header.
  let stamp: ProducerState.Stamp
  /// The bytes that the budget holds for it.
  var chargedBytes: Int
  /// Why it could not be compressed.
  var failure: String?
}

/// The open batches, one per partition, each written in place by the producing thread.
///
/// A batch is sealed when it is full, when it has waited `lingerMs`, and when the budget is spent: then the
/// largest ones go first, so that room comes back however many partitions there are.
struct BatchAccumulator {
  struct Limits: Sendable {
    var lingerMs: Int64 = 5
    var batch = BatchLimits()
    /// How long a record may wait in all; 0 is for ever.
    var messageTimeoutMs: Int64 = 300_000
    /// Open and unacknowledged bytes.
    var bytesMax = 8 << 20
    /// Open and unacknowledged records.
    var recordsMax = 100_000
  }

  private struct Open {
    var builder: BatchBuilder
    let topic: Int
    let partition: Int32
    var openedAtMs: Int64 = 0
    var nextNumber = 0
    var nextSequence: Int32 = 0

    /// Adds a record; the answer is how many bytes the batch's memory grew, nil where the batch is full.
    @inline(__always)
    mutating func append(
      _ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?, _ headerCount: Int,
      _ headers: UnsafeRawBufferPointer, _ timestampMs: Int64
    ) -> Int? {
      let memory = builder.memoryCount
      guard
        builder.append(
          key: key, value: value, headerCount: headerCount, headers: headers,
          timestamp: timestampMs)
      else { return nil }
      return builder.memoryCount &- memory
    }
  }

  private let limits: Limits
  private let link: ProducerLink
  private let emit: (consuming OutgoingBatch) -> Void
  private var open: [Open] = []
  /// Producer id and epoch; −1 without idempotence.
  private var identity = ProducerState.Stamp()
  private var nowMs: Int64 = 0
  private var timestampMs: Int64 = 0
  private var lingerAtMs = Int64.max
  private var openBytes = 0
  private var openRecords = 0
  /// What can surely be added before the budget must be looked at again.
  private var roomBytes = 0
  private var roomRecords = 0
  /// Batches that were sealed so far.
  private(set) var sealedCount = 0

  /// Makes one without partitions; `emit` gets each sealed batch at once.
  init(_ limits: Limits, link: ProducerLink, emit: @escaping (consuming OutgoingBatch) -> Void) {
    self.limits = limits
    self.link = link
    self.emit = emit
  }

  /// Adds a partition; its place is the answer.
  mutating func addPartition(topic: Int, partition: Int32) -> Int {
    open.append(
      Open(builder: BatchBuilder(limits: limits.batch), topic: topic, partition: partition))
    return open.count - 1
  }

  /// The partition's batches have at most so many bytes from now on, but for a record that alone has more.
  mutating func limitBatches(at place: Int, _ bytes: Int) {
    open[place].builder.limit(maxBytes: bytes)
  }

  /// Batches sealed from now on say this producer id, and count their sequence.
  ///
  /// Sequences begin anew, so no batch may be on its way.
  mutating func identify(_ fresh: ProducerState.Stamp) {
    identity = fresh
    for place in open.indices { open[place].nextSequence = 0 }
  }

  /// Adds a record to its partition's batch; false where the budget is spent.
  ///
  /// Then the largest batches have been sealed: wait until `hasRoom` and try again.
  mutating func append(
    to place: Int, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
    headerCount: Int, headers: UnsafeRawBufferPointer
  ) -> Bool {
    if roomBytes <= 0 || roomRecords <= 0 {
      guard findRoom() else { return false }
    }
    guard !open[place].builder.isEmpty,
      let grown = open[place].append(key, value, headerCount, headers, timestampMs)
    else { return begin(place, key, value, headerCount, headers) }
    took(grown)
    return true
  }

  /// Adds a record to its partition's next batch, for which that before is sealed.
  @inline(never)
  private mutating func begin(
    _ place: Int, _ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?,
    _ headerCount: Int, _ headers: UnsafeRawBufferPointer
  ) -> Bool {
    seal(place)
    reuseMemory(place)
    guard open[place].append(key, value, headerCount, headers, timestampMs) != nil else {
      return false
    }
    open[place].openedAtMs = nowMs
    lingerAtMs = min(lingerAtMs, nowMs + limits.lingerMs)
    took(open[place].builder.memoryCount)
    return true
  }

  /// Counts a record; what counts in bytes is the memory that is held, not what of it is written.
  @inline(__always)
  private mutating func took(_ grown: Int) {
    openBytes &+= grown
    roomBytes &-= grown
    openRecords &+= 1
    roomRecords &-= 1
  }

  private mutating func reuseMemory(_ place: Int) {
    let wanted = open[place].builder.wantedCapacity
    guard wanted >= BlockPool.blockMin, let block = link.blocks.take(wanted) else { return }
    open[place].builder.reuse(block)
  }

  /// Takes over the time, and seals what has waited long enough.
  ///
  /// `nowMs` is monotonic, `timestampMs` that of the records to come. Call it once per block of input, and
  /// again at the time that it answers; nil where nothing is open.
  mutating func tick(nowMs: Int64, timestampMs: Int64) -> Int64? {
    self.nowMs = nowMs
    self.timestampMs = timestampMs
    guard lingerAtMs <= nowMs else { return lingerAtMs == .max ? nil : lingerAtMs }
    var next = Int64.max
    for place in open.indices where !open[place].builder.isEmpty {
      let due = open[place].openedAtMs + limits.lingerMs
      if due <= nowMs { seal(place) } else { next = min(next, due) }
    }
    lingerAtMs = next
    return next == .max ? nil : next
  }

  /// Seals all that is open.
  mutating func sealAll() {
    for place in open.indices where !open[place].builder.isEmpty { seal(place) }
    lingerAtMs = .max
  }

  /// True where enough room has come back that waiting has paid.
  var hasRoom: Bool {
    let bytes = link.unacknowledgedBytes.load(ordering: .relaxed)
    let records = link.unacknowledgedRecords.load(ordering: .relaxed)
    if bytes == 0 && records == 0 { return true }
    return limits.bytesMax - openBytes - bytes > limits.bytesMax / 8
      && limits.recordsMax - openRecords - records > limits.recordsMax / 8
  }

  /// Looks at the budget; where it is spent, seals the largest batches until half of it is under way.
  private mutating func findRoom() -> Bool {
    let bytes = link.unacknowledgedBytes.load(ordering: .relaxed)
    let records = link.unacknowledgedRecords.load(ordering: .relaxed)
    roomBytes = limits.bytesMax - openBytes - bytes
    roomRecords = limits.recordsMax - openRecords - records
    if roomBytes > 0 && roomRecords > 0 { return true }
    let largestFirst = open.indices.filter { !open[$0].builder.isEmpty }
      .sorted { open[$0].builder.byteCount > open[$1].builder.byteCount }
    var (sealedBytes, sealedRecords) = (bytes, records)
    for place in largestFirst {
      if sealedBytes > limits.bytesMax / 2 || sealedRecords > limits.recordsMax / 2 { break }
      sealedBytes += open[place].builder.memoryCount
      sealedRecords += open[place].builder.count
      seal(place)
    }
    return false
  }

  private mutating func seal(_ place: Int) {
    let count = open[place].builder.count
    guard count > 0 else { return }
    let sealed = open[place].builder.seal()
    let memory = sealed.memoryCount
    openBytes -= memory
    openRecords -= count
    sealedCount &+= 1
    link.unacknowledgedBytes.add(memory, ordering: .relaxed)
    link.unacknowledgedRecords.add(count, ordering: .relaxed)
    var stamp = ProducerState.Stamp()
    if identity.producerId >= 0 {
      stamp = identity
      stamp.baseSequence = open[place].nextSequence
      open[place].nextSequence = ProducerState.sequence(
        stamp.baseSequence, after: Int32(truncatingIfNeeded: count))
    }
    let number = open[place].nextNumber
    open[place].nextNumber += 1
    let timeoutMs = limits.messageTimeoutMs
    emit(
      OutgoingBatch(
        sealed: consume sealed, topic: open[place].topic, partition: open[place].partition,
        number: number,
        deadlineMs: timeoutMs > 0 ? open[place].openedAtMs + timeoutMs : .max, stamp: stamp,
        chargedBytes: memory))
  }
}
