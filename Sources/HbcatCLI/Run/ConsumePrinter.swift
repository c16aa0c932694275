import KafkaClient
import KafkaProtocol
import Transport

/// Prints what was fetched, and knows when all that was asked for is printed.
struct ConsumePrinter: ~Copyable {
  /// One partition's state on the printing side.
  private final class Partition {
    var format: PartitionFormat
    var brokerId: Int32
    var aborted = AbortedTransactions()
    var isStopped = false
    var isAtEnd = false

    init(_ format: consuming PartitionFormat, brokerId: Int32) {
      self.format = format
      self.brokerId = brokerId
    }
  }

  private let plan: ConsumePlan
  private let recordFormat: RecordFormat
  private let readCommitted: Bool
  private let partitionCount: Int
  private let messages: Messages
  private let interrupt: ThreadInterrupt
  private var output: OutputBuffer
  private var reader = RecordSetReader()
  private var partitions: [Int32: Partition] = [:]
  private var left: Int
  private var endedCount = 0
  private var outputFailed = false
  private(set) var isDone = false

  init(
    _ plan: ConsumePlan, _ format: RecordFormat, readCommitted: Bool, partitions: Int,
    messages: Messages, interrupt: ThreadInterrupt
  ) {
    self.plan = plan
    recordFormat = format
    self.readCommitted = readCommitted
    partitionCount = partitions
    self.messages = messages
    self.interrupt = interrupt
    output = OutputBuffer(descriptor: 1, isUnbuffered: plan.client.unbuffered)
    output.shouldStop = { interrupt.isRequested }
    left = plan.maxMessages.map { Int(clamping: $0) } ?? .max
  }

  /// Writes out what is there, since nothing more is ready, and waits for what comes.
  mutating func flushed(then events: Handover<ConsumerEvent>) -> ConsumerEvent? {
    flush()
    return isDone ? nil : events.take()
  }

  private mutating func flush() {
    do throws(OutputError) { try output.flush() } catch { failed(error) }
  }

  /// Prints the records of a response; `onStopped` hears of partitions that need no more of them.
  mutating func show(_ frame: FetchedFrame, onStopped: (Int32) -> Void) {
    for entry in frame.entries {
      if isDone { return }
      let partition = partition(entry)
      if !partition.isStopped && !entry.range.isEmpty {
        partition.aborted.add(entry.abortedTransactions)
        reader.open(frame.records(of: entry))
        while printNextBatch(entry, partition) {}
        if partition.isStopped { onStopped(entry.partition) }
      }
      if let end = entry.end, !isDone, !partition.isStopped { sayEnd(entry.partition, end) }
    }
  }

  private mutating func partition(_ entry: FetchedFrame.Entry) -> Partition {
    if let known = partitions[entry.partition], known.brokerId == entry.brokerId { return known }
    let format = PartitionFormat(
      recordFormat, topic: plan.topic, partition: entry.partition, place: entry.partition,
      brokerId: entry.brokerId, escapesControls: output.isTerminal)
    if let known = partitions[entry.partition] {
      known.format = format
      known.brokerId = entry.brokerId
      return known
    }
    let made = Partition(format, brokerId: entry.brokerId)
    partitions[entry.partition] = made
    return made
  }

  /// Prints one batch; false when there is no more, or no more is wanted.
  private mutating func printNextBatch(_ entry: FetchedFrame.Entry, _ partition: Partition)
    -> Bool
  {
    do throws(RecordError) {
      guard let batch = try reader.next() else { return false }
      guard batch.nextOffset > entry.fetchOffset, !hides(batch, partition) else { return true }
      return printRecords(batch, from: entry.fetchOffset, entry.partition, partition)
    } catch {
      return failed(error, entry.partition)
    }
  }

  /// Prints the records of a batch from an offset on; false when no more is wanted.
  private mutating func printRecords(
    _ batch: DecodedBatch, from start: Int64, _ index: Int32, _ partition: Partition
  ) -> Bool {
    var range = RecordRange(
      startOffset: start, stopTimestampMs: plan.stopBeforeMs ?? .max, countMax: left)
    var run = RecordRun()
    while true {
      do throws(RecordRunError) {
        try partition.format.write(batch, range, to: &output, run: &run)
        left -= run.written
        break
      } catch {
        left -= run.written
        guard failed(error, index) else { return false }
        // With -E the batch goes on behind a record that does not fit the pack format.
        guard case .pack(_, let offset) = error, left > 0 else { return true }
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
      sayStop(index, offset)
      partition.isStopped = true
      return false
    }
  }

  /// True for control batches and, under `read_committed`, those of aborted transactions.
  private func hides(_ batch: DecodedBatch, _ partition: Partition) -> Bool {
    guard batch.isControl || (readCommitted && batch.isTransactional) else { return false }
    return partition.aborted.hides(
      baseOffset: batch.baseOffset, nextOffset: batch.nextOffset, producerId: batch.producerId,
      isTransactional: batch.isTransactional, isControl: batch.isControl,
      controlType: batch.isControl ? Self.controlType(batch) : nil)
  }

  /// The type of a control batch's record, the second INT16 of its key (KIP-98).
  private static func controlType(_ batch: DecodedBatch) -> Int16? {
    var records = RecordIterator(batch)
    guard let key = try? records.next()?.key, key.count >= 4 else { return nil }
    return Int16(bigEndian: key.loadUnaligned(fromByteOffset: 2, as: Int16.self))
  }

  // MARK: Ends

  private mutating func sayEnd(_ partition: Int32, _ offset: Int64) {
    flush()
    guard !isDone else { return }
    if let known = partitions[partition], !known.isAtEnd {
      known.isAtEnd = true
      endedCount += 1
    }
    let isLast = plan.exitAtEnd && endedCount == partitionCount
    messages.info(
      1,
      "Reached end of topic \(plan.topic) [\(partition)] at offset \(offset)"
        + (isLast ? ": exiting" : ""))
    if isLast { isDone = true }
  }

  private mutating func sayStop(_ partition: Int32, _ offset: Int64) {
    flush()
    guard !isDone else { return }
    if let known = partitions[partition], !known.isAtEnd {
      known.isAtEnd = true
      endedCount += 1
    }
    let isLast = endedCount == partitionCount
    messages.info(
      1,
      "Reached stop timestamp for topic \(plan.topic) [\(partition)] at offset \(offset)"
        + (isLast ? ": exiting" : ""))
    if isLast { isDone = true }
  }

  /// All partitions have been read to their ends.
  mutating func finish() { isDone = true }

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

  /// A partition, or with −1 the topic, cannot be read on.
  mutating func failed(_ partition: Int32, _ error: ClientError) {
    flush()
    let place = partition < 0 ? plan.topic : "\(plan.topic) [\(partition)]"
    if messages.error("Topic \(place) error: \(error)", keepGoing: plan.client.keepGoing) {
      isDone = true
    }
    if partition < 0 { isDone = true }
  }

  /// No broker can be reached; the consumer tries on where the user wants that.
  mutating func allBrokersDown(_ error: ClientError) {
    flush()
    if messages.error(
      "Local: All broker connections are down: \(error.details.joined(separator: "; "))",
      keepGoing: plan.client.keepGoing)
    {
      isDone = true
    }
  }

  /// A batch is broken: an end, or with `-E` the next batch.
  private mutating func failed(_ error: RecordError, _ partition: Int32) -> Bool {
    flush()
    messages.markFailed()
    let text = "Topic \(plan.topic) [\(partition)] error: \(error)"
    if messages.error(text, keepGoing: plan.client.keepGoing) {
      isDone = true
      return false
    }
    return true
  }

  private mutating func failed(_ error: RecordRunError, _ partition: Int32) -> Bool {
    switch error {
    case .record(let error): return failed(error, partition)
    case .output(let error):
      failed(error)
      return false
    case .pack(let failure, let offset):
      flush()
      let text =
        "Failed to format message in \(plan.topic) [\(partition)] at offset \(offset): \(failure)"
      if messages.error(text, keepGoing: plan.client.keepGoing) { isDone = true }
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
      let place = output.firstUnwritten.map {
        "\(plan.topic) [\($0.partition)] at offset \($0.offset) is the first that is not written"
      }
      messages.fatal("\(error)\(place.map { ": \($0)" } ?? "")")
    }
  }
}
