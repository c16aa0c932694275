import KafkaClient
import KafkaProtocol
import Transport

/// Prints what was fetched, and knows when all that was asked for is printed.
struct ConsumePrinter: ConsumeSink, ~Copyable {
  /// One assigned partition's state on the printing side.
  final class Partition {
    let assigned: AssignedPartition
    /// nil before the first record.
    var format: PartitionFormat?
    var brokerId: Int32 = -1
    var course = PartitionCourse()
    var isStopped = false
    var isAtEnd = false
    /// Behind the last record that was printed or passed over; −1 before the first.
    var nextOffset: Int64 = -1
    var leaderEpoch: Int32 = -1
    /// The last `nextOffset` that was reported.
    var reportedOffset: Int64 = -1

    init(_ assigned: AssignedPartition) { self.assigned = assigned }
  }

  private let plan: ConsumePlan
  private let recordFormat: RecordFormat
  private let readCommitted: Bool
  private let messages: Messages
  private let interrupt: ThreadInterrupt
  /// nil unless something is Avro.
  private let avro: AvroFields?
  var output: OutputBuffer
  var reader = RecordSetReader()
  /// The current assignment, by its partitions' numbers there.
  var partitions: [Int32: Partition] = [:]
  var left: Int
  private var endedCount = 0
  private var outputFailed = false
  var isDone = false

  init(
    _ plan: ConsumePlan, _ format: RecordFormat, readCommitted: Bool, messages: Messages,
    interrupt: ThreadInterrupt
  ) {
    self.plan = plan
    recordFormat = format
    self.readCommitted = readCommitted
    self.messages = messages
    self.interrupt = interrupt
    avro = plan.registry.map {
      var lookup = SchemaLookup(addresses: $0, timeoutMs: Int(plan.client.timeoutMs))
      lookup.authorities = plan.registryAuthorities
      return AvroFields(SchemaRegistry(lookup), keepsGoing: plan.client.keepGoing)
    }
    output = OutputBuffer(descriptor: 1, isUnbuffered: plan.client.unbuffered)
    output.shouldStop = { interrupt.isRequested }
    left = plan.maxMessages.map { Int(clamping: $0) } ?? .max
  }

  /// Has each write that ends noted.
  mutating func note(writesIn progress: WriteProgress) { output.progress = progress }

  /// Writes out what is there, since nothing more is ready, and waits for what comes.
  mutating func flushed(then events: Handover<ConsumerEvent>) -> ConsumerEvent? {
    flush()
    if isDone { return nil }
    guard let stopMs = plan.stopBeforeMs, endedCount == partitions.count, endedCount > 0 else {
      return events.take()
    }
    // All is read, and once the time has come nothing more is wanted.
    if let event = events.take(timeoutMs: max(0, stopMs - WallClock.nowMs)) { return event }
    messages.info(1, "Reached stop timestamp for all partitions: exiting")
    return nil
  }

  mutating func flush() {
    do throws(OutputError) { try output.flush() } catch { failed(error) }
  }

  // MARK: Assignment

  /// These partitions are read from now on.
  mutating func assigned(_ list: [AssignedPartition]) {
    for assigned in list { partitions[assigned.number] = Partition(assigned) }
  }

  /// These are read no more; what of them was printed is written out and reported.
  mutating func revoked(_ list: [AssignedPartition], report number: Int) -> WrittenReport {
    let report = report(number)
    for assigned in list {
      if partitions.removeValue(forKey: assigned.number)?.isAtEnd == true { endedCount -= 1 }
    }
    return report
  }

  /// Writes out what is there and tells which positions have moved since the last report.
  ///
  /// What a failed or an interrupted write left in the buffer does not count: it must not be committed
  /// (F72).
  mutating func report(_ number: Int) -> WrittenReport {
    if !interrupt.isRequested && !outputFailed { flush() }
    let unwritten = output.unwritten
    var report = WrittenReport(number: number, positions: [])
    for partition in partitions.values {
      let first = unwritten[partition.assigned.number] ?? .max
      let offset = min(partition.nextOffset, first)
      guard offset != partition.reportedOffset else { continue }
      partition.reportedOffset = offset
      report.positions.append(
        WrittenPosition(
          partition.assigned, offset: offset,
          leaderEpoch: offset == partition.nextOffset ? partition.leaderEpoch : -1))
    }
    return report
  }

  // MARK: Records

  /// Prints the records of a response; `onNeed` hears of partitions that need something else than more.
  mutating func show(_ frame: FetchedFrame, onNeed: (AssignedPartition, PartitionNeed) -> Void) {
    for entry in frame.entries {
      if isDone { return }
      guard let partition = partitions[entry.assigned.number], !entry.assigned.isRevoked,
        !partition.isStopped, partition.course.begin(entry)
      else { continue }
      if !entry.range.isEmpty {
        prepare(partition, brokerId: entry.brokerId)
        reader.open(frame.records(of: entry))
        while printNextBatch(entry, partition, onNeed) {}
        if partition.isStopped { onNeed(entry.assigned, .stop) }
      }
      if let end = entry.end, !isDone, !partition.isStopped, !partition.course.awaitsAgain {
        ended(partition, "Reached end of topic", end, mayExit: plan.exitAtEnd)
      }
    }
  }

  func prepare(_ partition: Partition, brokerId: Int32) {
    guard partition.format == nil || partition.brokerId != brokerId else { return }
    let place = partition.assigned.partition
    partition.format = PartitionFormat(
      recordFormat, topic: place.topic, partition: place.partition,
      place: partition.assigned.number, brokerId: brokerId, escapesControls: output.isTerminal,
      avro: avro)
    partition.brokerId = brokerId
  }

  /// Prints one batch; false when there is no more, or no more is wanted.
  private mutating func printNextBatch(
    _ entry: FetchedFrame.Entry, _ partition: Partition,
    _ onNeed: (AssignedPartition, PartitionNeed) -> Void
  ) -> Bool {
    do throws(RecordError) {
      guard let batch = try reader.next() else { return false }
      guard batch.nextOffset > entry.fetchOffset else { return true }
      if !partition.course.hides(batch, readCommitted: readCommitted),
        !printRecords(batch, from: entry.fetchOffset, partition)
      {
        return false
      }
      partition.nextOffset = batch.nextOffset
      partition.course.goodOffset = batch.nextOffset
      partition.leaderEpoch = batch.partitionLeaderEpoch
      return true
    } catch {
      guard let again = partition.course.broken(entry, error) else {
        return failed(error, partition.assigned.partition)
      }
      onNeed(entry.assigned, again)
      return false
    }
  }

  /// Prints the records of a batch from an offset on; false when no more is wanted.
  private mutating func printRecords(
    _ batch: DecodedBatch, from start: Int64, _ partition: Partition
  ) -> Bool {
    var range = RecordRange(
      startOffset: start, stopTimestampMs: plan.stopBeforeMs ?? .max, countMax: left)
    var run = RecordRun()
    while true {
      do throws(RecordRunError) {
        try partition.format?.write(batch, range, to: &output, run: &run)
        printed(run, batch, partition)
        break
      } catch {
        printed(run, batch, partition)
        guard failed(error, partition.assigned.partition) else { return false }
        // With -E the batch goes on behind a record that does not fit its format; it counts all the same.
        guard let offset = error.passableOffset else { return true }
        if run.lastOffset < offset { left -= 1 }
        partition.nextOffset = offset + 1
        guard left > 0 else {
          isDone = true
          return false
        }
        range.startOffset = offset + 1
        range.countMax = left
      }
    }
    switch run.stop {
    case nil: return true
    case .count:
      isDone = true
      return false
    case .timestamp(let offset):
      ended(partition, "Reached stop timestamp for topic", offset, mayExit: true)
      partition.isStopped = true
      return false
    }
  }

  /// Counts what a run has printed.
  private mutating func printed(_ run: RecordRun, _ batch: DecodedBatch, _ partition: Partition) {
    left -= run.written
    guard run.written > 0 else { return }
    partition.nextOffset = run.lastOffset + 1
    partition.leaderEpoch = batch.partitionLeaderEpoch
  }

  // MARK: Ends

  /// Says that a partition has come to an end, and with `mayExit` ends where it is the last.
  private mutating func ended(
    _ partition: Partition, _ what: String, _ offset: Int64, mayExit: Bool
  ) {
    flush()
    guard !isDone else { return }
    if !partition.isAtEnd {
      partition.isAtEnd = true
      endedCount += 1
    }
    isDone = mayExit && endedCount == partitions.count
    messages.info(
      1,
      "\(what) \(partition.assigned.partition) at offset \(offset)"
        + (isDone ? ": exiting" : ""))
  }

  /// All partitions have been read to their ends, but for those of which something comes again.
  mutating func finish() {
    isDone = isDone || !partitions.values.contains { $0.course.awaitsAgain }
  }

  /// The user wants an end: what has been printed so far is written out.
  mutating func stop() {
    interrupt.acknowledge()
    isDone = true
  }

  /// Writes out the rest; the answer is the exit code.
  mutating func end() -> Int32 {
    if !interrupt.isRequested && !outputFailed { flush() }
    return messages.exitStatus
  }

  // MARK: Errors

  /// A partition cannot be read on.
  mutating func failed(_ assigned: AssignedPartition, _ error: ClientError) {
    guard partitions[assigned.number] != nil else { return }
    flush()
    let text = assigned.text(of: error)
    if plan.client.keepGoing {
      _ = messages.error(text, keepGoing: true)
    } else {
      messages.fatal(text)
      isDone = true
    }
  }

  /// A topic cannot be read on.
  mutating func failed(topic: String, _ error: ClientError) {
    flush()
    _ = messages.error("Topic \(topic) error: \(error)", keepGoing: plan.client.keepGoing)
    isDone = true
  }

  /// No broker can be reached; the consumer tries on where the user wants that.
  mutating func allBrokersDown(_ error: ClientError) {
    flush()
    if messages.allBrokersDown(error, keepGoing: plan.client.keepGoing) { isDone = true }
  }

  /// A batch is broken: an end, or with `-E` the next batch.
  mutating func failed(_ error: RecordError, _ partition: TopicPartition) -> Bool {
    flush()
    messages.markFailed()
    let text = "Topic \(partition) error: \(error)"
    if messages.error(text, keepGoing: plan.client.keepGoing) {
      isDone = true
      return false
    }
    return true
  }

  mutating func failed(_ error: RecordRunError, _ partition: TopicPartition) -> Bool {
    switch error {
    case .record(let error): return failed(error, partition)
    case .output(let error):
      failed(error)
      return false
    case .pack(let failure, let offset):
      flush()
      let text =
        "Failed to format message in \(partition) at offset \(offset): \(failure)"
      if messages.error(text, keepGoing: plan.client.keepGoing) { isDone = true }
      return !isDone
    case .avro(let failure, let offset):
      flush()
      let text =
        "Failed to format message in \(partition) at offset \(offset): \(failure.formatText)"
      if messages.error(text, keepGoing: plan.client.keepGoing) { isDone = true }
      return !isDone
    case .avroInEnvelope(let failures, let offset, _):
      flush()
      for failure in failures where !isDone {
        let text =
          "Failed to deserialize \(failure.field.rawValue) in message in \(partition) "
          + "at offset \(offset): \(failure.text)"
        if messages.error(text, keepGoing: plan.client.keepGoing) { isDone = true }
      }
      return !isDone
    }
  }

  /// stdout takes no more: a reader that left is a quiet end, anything else names what is not written.
  private mutating func failed(_ error: OutputError) {
    isDone = true
    guard !outputFailed else { return }
    outputFailed = true
    switch error {
    case .closed: break
    case .stopped: interrupt.acknowledge()
    case .failed:
      let place = output.firstUnwritten.flatMap { record in
        partitions[record.partition].map {
          "\($0.assigned.partition) at offset \(record.offset) is the first that is not written"
        }
      }
      messages.fatal("\(error)\(place.map { ": \($0)" } ?? "")")
    }
  }
}
