import Healthbot
import KafkaClient
import KafkaProtocol
import Transport

/// Judges fetched telemetry by rules, and knows how far it may be committed.
struct IngestSink: ConsumeSink, ~Copyable {
  /// One assigned partition's state.
  private final class Partition {
    let assigned: AssignedPartition
    var course = PartitionCourse()
    var seeks: Int32 = 0
    /// Records before this offset were seen before a restart.
    var seenBelow: Int64
    /// The offset that the first response was asked for; −1 before it.
    var firstOffset: Int64 = -1
    /// Behind the last record that was judged or passed over; −1 before the first.
    var nextOffset: Int64 = -1
    var leaderEpoch: Int32 = -1
    /// `nextOffset` and `leaderEpoch` at the last checkpoint, which may be committed.
    var safe: (offset: Int64, leaderEpoch: Int32) = (-1, -1)
    /// The last offset that was reported.
    var reportedOffset: Int64 = -1

    init(_ assigned: AssignedPartition, seenBelow: Int64) {
      self.assigned = assigned
      self.seenBelow = seenBelow
    }
  }

  /// How many bad records are told one by one.
  private static let toldMax = 10
  /// The shortest time between two checkpoints, in milliseconds, unless offsets are to be committed.
  private static let pauseMs: Int64 = 100
  /// How long a checkpoint is put off for what is under way to chat, mail and webhooks, in milliseconds.
  private static let settleMs: Int64 = 10_000

  private let plan: IngestPlan
  private let readCommitted: Bool
  private let messages: Messages
  private let interrupt: ThreadInterrupt
  private let sender: AlarmSender
  /// Nil where nothing is kept.
  private let file: DurableFile?
  private var engine: RuleEngine
  private var state: IngestState
  private var reader = RecordSetReader()
  /// The current assignment, by its partitions' numbers there.
  private var partitions: [Int32: Partition] = [:]
  private var alarms: [Alarm] = []
  private(set) var isDone = false
  /// Something was judged since the last checkpoint.
  private var isDirty = false
  /// Since when, by the monotonic clock.
  private var dirtySinceMs: Int64 = 0
  /// Something is lost that may come again: nothing more is kept or committed.
  private var isAbandoned = false
  /// When the next checkpoint may be, by the monotonic clock.
  private var dueMs: Int64 = 0
  private var recordCount = 0
  private var alarmCount = 0
  private var badCount = 0

  init(
    _ plan: IngestPlan, _ engine: RuleEngine, _ state: IngestState, file: DurableFile?,
    sender: AlarmSender, readCommitted: Bool, messages: Messages, interrupt: ThreadInterrupt
  ) {
    self.plan = plan
    self.engine = engine
    self.state = state
    self.file = file
    self.sender = sender
    self.readCommitted = readCommitted
    self.messages = messages
    self.interrupt = interrupt
  }

  // MARK: Checkpoints

  /// Has all alarms delivered and then the state written; false where that failed.
  ///
  /// In this order: what was raised and is not known to be delivered is judged, and raised, again.
  private mutating func checkpoint() -> Bool {
    guard !isAbandoned else { return false }
    guard isDirty else { return true }
    let startMs = MonotonicClock.nowMs
    sender.checkpoint()
    guard !isLosing() else { return false }
    for fault in engine.takeFaults() { messages.failure("\(fault)") }
    for partition in partitions.values where partition.nextOffset >= 0 {
      let place = partition.assigned.partition
      state.offsets[place] = max(partition.nextOffset, partition.seenBelow)
      partition.safe = (partition.nextOffset, partition.leaderEpoch)
    }
    if let file {
      do throws(DurableFile.Failure) { try state.write(engine, plan, to: file) } catch {
        messages.fatal("\(error)")
        isAbandoned = true
        isDone = true
        return false
      }
    }
    isDirty = false
    // A large state takes its time: most of it is left for records.
    let endMs = MonotonicClock.nowMs
    dueMs = endMs + max(Self.pauseMs, 10 * (endMs - startMs))
    return true
  }

  mutating func flushed(then events: Handover<ConsumerEvent>) -> ConsumerEvent? {
    while !isDone {
      let nowMs = MonotonicClock.nowMs
      tend()
      if isDirty, readyMs <= nowMs, !checkpoint() { return nil }
      // What waits for more alarms does not wait for a checkpoint.
      if isDirty { sender.seal() }
      var nextMs = min(sender.nextTendMs, sender.groupWait?.nextDueMs ?? .max)
      if isDirty { nextMs = min(nextMs, readyMs) }
      if !sender.underWay.isEmpty { nextMs = min(nextMs, nowMs + AlarmSender.outcomePollMs) }
      guard nextMs < .max else { return events.take() }
      if let event = events.take(timeoutMs: MonotonicClock.leftMs(until: nextMs)) { return event }
      if events.isDrained { return nil }
    }
    return nil
  }

  /// When the next checkpoint may be: what chat gathers and what is under way to the web may come to its
  /// end before, so that neither cuts a group short nor stops the reading of telemetry.
  private var readyMs: Int64 {
    if sender.groupWait?.nextDueMs == nil && sender.underWay.isEmpty { return dueMs }
    return max(dueMs, dirtySinceMs + 2 * plan.delivery.groupWaitMs + Self.settleMs)
  }

  /// Sends what is due out of the spool and to chat, and takes what has come to its end.
  private func tend() {
    sender.tendSpool()
    sender.postGroups()
    sender.collect()
  }

  private mutating func markDirty() {
    if !isDirty { dirtySinceMs = MonotonicClock.nowMs }
    isDirty = true
  }

  /// Whether an alarm was lost that will be raised again if nothing is kept of it: then this is the end.
  ///
  /// So it is where a signal came while it was sent, and where there is one way only, which is shut. Of
  /// several ways of a configuration one that is shut stops nothing: `--spool` keeps what it missed.
  private mutating func isLosing() -> Bool {
    guard sender.counts.untimely > 0 else { return false }
    var hasOneWay = false
    if case .direct = sender.routes { hasOneWay = true }
    guard hasOneWay || sender.isInterrupted else {
      sender.counts.untimely = 0
      return false
    }
    if !sender.isInterrupted {
      messages.fatal(
        "Alarms are not delivered: nothing is committed, and they are raised again at the next start "
          + "(--spool FOLDER keeps them)")
    }
    isAbandoned = true
    isDone = true
    return true
  }

  mutating func report(_ number: Int) -> WrittenReport {
    let nowMs = MonotonicClock.nowMs
    tend()
    // The pause between checkpoints is for those that nobody asks for.
    if isDirty, readyMs == dueMs || readyMs <= nowMs { _ = checkpoint() }
    return safeReport(number)
  }

  /// Tells what the last checkpoint has made safe.
  private func safeReport(_ number: Int) -> WrittenReport {
    var report = WrittenReport(number: number, positions: [])
    for partition in partitions.values where partition.safe.offset != partition.reportedOffset {
      partition.reportedOffset = partition.safe.offset
      report.positions.append(
        WrittenPosition(
          partition.assigned, offset: partition.safe.offset,
          leaderEpoch: partition.safe.leaderEpoch))
    }
    return report
  }

  // MARK: Assignment

  mutating func assigned(_ list: [AssignedPartition]) {
    for assigned in list {
      partitions[assigned.number] = Partition(
        assigned, seenBelow: state.offsets[assigned.partition] ?? 0)
    }
  }

  mutating func revoked(_ list: [AssignedPartition], report number: Int) -> WrittenReport {
    _ = checkpoint()
    let report = safeReport(number)
    for assigned in list { partitions[assigned.number] = nil }
    return report
  }

  // MARK: Records

  mutating func show(_ frame: FetchedFrame, onNeed: (AssignedPartition, PartitionNeed) -> Void) {
    for entry in frame.entries {
      if isDone { return }
      guard let partition = partitions[entry.assigned.number], !entry.assigned.isRevoked else {
        continue
      }
      let isAgain = partition.course.awaitsAgain
      guard partition.course.begin(entry) else { continue }
      if entry.seeks != partition.seeks {
        partition.seeks = entry.seeks
        // Reading goes on elsewhere, as the log was cut or is another one: what is there is new.
        if !isAgain {
          partition.seenBelow = 0
          partition.nextOffset = -1
        }
      }
      if partition.firstOffset < 0 { partition.firstOffset = entry.fetchOffset }
      reader.open(frame.records(of: entry))
      while takeNextBatch(entry, partition, onNeed) {}
      if let end = entry.end, end < partition.seenBelow, !partition.course.awaitsAgain {
        // The topic was made anew, and its offsets are others.
        messages.info(
          1,
          "\(partition.assigned.partition) ends at offset \(end), and \(partition.seenBelow) had been "
            + "seen: it is read as a new one")
        partition.seenBelow = 0
        partition.nextOffset = -1
        onNeed(entry.assigned, partition.course.again(from: partition.firstOffset, entry))
      }
    }
  }

  /// Judges one batch; false when there is no more, or no more is wanted.
  private mutating func takeNextBatch(
    _ entry: FetchedFrame.Entry, _ partition: Partition,
    _ onNeed: (AssignedPartition, PartitionNeed) -> Void
  ) -> Bool {
    do throws(RecordError) {
      guard let batch = try reader.next() else { return false }
      guard batch.nextOffset > entry.fetchOffset else { return true }
      if batch.nextOffset > partition.seenBelow,
        !partition.course.hides(batch, readCommitted: readCommitted),
        try !take(batch, from: max(entry.fetchOffset, partition.seenBelow), partition)
      {
        return false
      }
      partition.nextOffset = batch.nextOffset
      partition.course.goodOffset = batch.nextOffset
      partition.leaderEpoch = batch.partitionLeaderEpoch
      markDirty()
      return true
    } catch {
      if let again = partition.course.broken(entry, error) {
        onNeed(entry.assigned, again)
        return false
      }
      messages.markFailed()
      let text = "Topic \(partition.assigned.partition) error: \(error)"
      isDone = messages.error(text, keepGoing: plan.client.keepGoing)
      return !isDone
    }
  }

  /// Judges the records of a batch from an offset on; false when no more is wanted.
  private mutating func take(_ batch: DecodedBatch, from start: Int64, _ partition: Partition)
    throws(RecordError) -> Bool
  {
    var records = RecordIterator(batch)
    while let record = try records.next() {
      // After a signal nothing more can be sent that had to wait.
      guard !sender.isInterrupted else {
        isDone = true
        return false
      }
      let offset = batch.offset(of: record)
      // A batch that breaks in its middle comes again: what was judged of it is not judged twice.
      guard offset >= max(start, partition.nextOffset) else { continue }
      guard judge(record, at: batch.timestamp(of: record), offset, partition) else { return false }
      partition.nextOffset = offset + 1
      markDirty()
    }
    return true
  }

  /// Judges one record; false where it ends the run.
  private mutating func judge(
    _ record: RecordView, at timestampMs: Int64, _ offset: Int64, _ partition: Partition
  ) -> Bool {
    recordCount += 1
    // A tombstone has nothing to say.
    guard let value = record.value, !value.isEmpty else { return true }
    let key = record.key.flatMap { String(validating: $0, as: UTF8.self) }
    var isGood = true
    do throws(TelemetryError) {
      try engine.received(
        value, device: key, timestampMs: timestampMs >= 0 ? timestampMs : nil,
        nowMs: WallClock.nowMs, alarms: &alarms)
    } catch {
      isGood = tell(error, offset, partition)
    }
    alarmCount += alarms.count
    for alarm in alarms { sender.send(alarm) }
    if !alarms.isEmpty {
      alarms.removeAll(keepingCapacity: true)
      if isLosing() { return false }
    }
    return isGood
  }

  /// Says what is no telemetry, the first few each and then their number now and again.
  private mutating func tell(_ error: TelemetryError, _ offset: Int64, _ partition: Partition)
    -> Bool
  {
    let place = "\(partition.assigned.partition) at offset \(offset)"
    badCount += 1
    if plan.isStrict {
      messages.fatal("No telemetry in \(place): \(error)")
      isDone = true
      return false
    }
    if badCount <= Self.toldMax {
      messages.info(1, "No telemetry in \(place): \(error)")
    } else if badCount & (badCount - 1) == 0 {
      messages.info(1, "\(badCount) records were no telemetry, the last in \(place)")
    }
    return true
  }

  // MARK: Ends

  mutating func failed(_ assigned: AssignedPartition, _ error: ClientError) {
    guard partitions[assigned.number] != nil else { return }
    if messages.error(assigned.text(of: error), keepGoing: plan.client.keepGoing) { isDone = true }
  }

  mutating func failed(topic: String, _ error: ClientError) {
    _ = messages.error("Topic \(topic) error: \(error)", keepGoing: plan.client.keepGoing)
    isDone = true
  }

  /// A service outlives its brokers' absence, unless it is to end with what is there.
  mutating func allBrokersDown(_ error: ClientError) {
    if messages.allBrokersDown(error, keepGoing: !plan.exitAtEnd || plan.client.keepGoing) {
      isDone = true
    }
  }

  mutating func finish() {
    isDone = isDone || !partitions.values.contains { $0.course.awaitsAgain }
  }

  mutating func stop() {
    interrupt.acknowledge()
    isDone = true
  }

  mutating func end() -> Int32 {
    _ = checkpoint()
    var text =
      "\(recordCount) record\(recordCount == 1 ? "" : "s"), "
      + "\(alarmCount) alarm\(alarmCount == 1 ? "" : "s")"
    for (count, what) in [
      (badCount, "no telemetry"), (engine.lateCount, "late"),
      (engine.unusedCount, "of no use to a rule"),
    ] where count > 0 { text += ", \(count) \(what)" }
    messages.info(1, text)
    return messages.exitStatus
  }
}
