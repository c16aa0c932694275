import KafkaClient
import KafkaProtocol
import Transport

/// What takes the records of a consumer on the main thread: a printer, or an engine of rules.
protocol ConsumeSink: ~Copyable {
  /// No more is wanted.
  var isDone: Bool { get }

  /// Finishes what is at hand, since nothing more is ready, and waits for what comes; nil ends the run.
  mutating func flushed(then events: Handover<ConsumerEvent>) -> ConsumerEvent?
  /// These partitions are read from now on.
  mutating func assigned(_ list: [AssignedPartition])
  /// These are read no more; the answer is the report about them.
  mutating func revoked(_ list: [AssignedPartition], report number: Int) -> WrittenReport
  /// Tells how far what may be committed has moved since the last report.
  mutating func report(_ number: Int) -> WrittenReport
  /// Takes the records of a response; `onNeed` hears of partitions that need something else than more.
  mutating func show(_ frame: FetchedFrame, onNeed: (AssignedPartition, PartitionNeed) -> Void)
  /// A partition cannot be read on.
  mutating func failed(_ assigned: AssignedPartition, _ error: ClientError)
  /// A topic cannot be read on.
  mutating func failed(topic: String, _ error: ClientError)
  /// No broker can be reached; the consumer tries on.
  mutating func allBrokersDown(_ error: ClientError)
  /// All partitions have been read to their ends.
  mutating func finish()
  /// The user wants an end.
  mutating func stop()
  /// Finishes what is left; the answer is the exit code.
  mutating func end() -> Int32
}

/// What a partition needs after its records have been looked at.
enum PartitionNeed {
  /// No more of them.
  case stop
  /// The same again from an offset on, where a batch is broken (F57) or something was passed over wrongly.
  case again(Int64, RecordError?)
}

/// How far the batches of one partition have been taken, and which of them are not to be seen.
struct PartitionCourse {
  /// Behind the last whole batch that was good.
  var goodOffset: Int64 = 0
  private var aborted = AbortedTransactions()
  private var seeks: Int32 = 0
  /// Where a broken batch was fetched again: once for a place (F57).
  private var refetchedAt: Int64 = -1
  /// What was fetched before that comes again, and is dropped; nil where nothing is awaited.
  private var staleSeeks: Int32?

  /// Whether something is to come again.
  var awaitsAgain: Bool { staleSeeks != nil }

  /// Begins with a response's records; false where they were fetched before what is to come again.
  mutating func begin(_ entry: FetchedFrame.Entry) -> Bool {
    guard entry.seeks != staleSeeks else { return false }
    staleSeeks = nil
    guard !entry.range.isEmpty else { return true }
    if entry.seeks != seeks {
      // Elsewhere in the log: what was open there is not known yet.
      seeks = entry.seeks
      aborted = AbortedTransactions()
    }
    aborted.add(entry.abortedTransactions)
    goodOffset = entry.fetchOffset
    return true
  }

  /// True for control batches and, under `read_committed`, those of aborted transactions.
  mutating func hides(_ batch: DecodedBatch, readCommitted: Bool) -> Bool {
    guard batch.isControl || (readCommitted && batch.isTransactional) else { return false }
    return aborted.hides(
      baseOffset: batch.baseOffset, nextOffset: batch.nextOffset, producerId: batch.producerId,
      isTransactional: batch.isTransactional, isControl: batch.isControl,
      controlType: batch.isControl ? Self.controlType(batch) : nil)
  }

  /// A batch is broken: to be fetched again, or nil where that was done.
  mutating func broken(_ entry: FetchedFrame.Entry, _ error: RecordError) -> PartitionNeed? {
    guard refetchedAt != goodOffset else { return nil }
    refetchedAt = goodOffset
    return again(from: goodOffset, entry, error)
  }

  /// Has the partition come again from an offset on.
  mutating func again(
    from offset: Int64, _ entry: FetchedFrame.Entry, _ error: RecordError? = nil
  ) -> PartitionNeed {
    staleSeeks = entry.seeks
    return .again(offset, error)
  }

  /// The type of a control batch's record, the second INT16 of its key (KIP-98).
  private static func controlType(_ batch: DecodedBatch) -> Int16? {
    var records = RecordIterator(batch)
    guard let key = try? records.next()?.key, key.count >= 4 else { return nil }
    return Int16(bigEndian: key.loadUnaligned(fromByteOffset: 2, as: Int16.self))
  }
}

extension AssignedPartition {
  /// kcat's words where the partition cannot be read on.
  func text(of error: ClientError) -> String {
    if case .broker(.offsetOutOfRange, _) = error {
      return "Topic \(partition) error: fetch failed due to requested offset not available on "
        + "the broker: \(error)"
    }
    return "Topic \(partition) error: \(error)"
  }
}
