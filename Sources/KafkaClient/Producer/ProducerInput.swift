import Glibc
public import KafkaProtocol
import Synchronization
public import Transport

/// The producing thread's half of a `Producer`: takes records, waits, counts.
///
/// Confined to the thread that made it. Per record it costs one copy into the partition's batch; there is no
/// lock, no allocation and no clock: `tick` is called once per block of input.
public final class ProducerInput {
  /// A topic that was opened.
  public struct Topic: Hashable, Sendable {
    fileprivate var number: Int
  }

  /// Whether a record was taken over.
  public enum Append: Sendable {
    case appended
    /// The budget is spent: call `waitForRoom`, then append the record again.
    case full
  }

  /// How a wait ended.
  public enum Wait: Sendable {
    /// What was waited for has come.
    case done
    /// The time is over.
    case timedOut
    /// `interrupt` was called.
    case interrupted
  }

  let producer: Producer
  private let configuration: ProducerConfiguration
  private let link: ProducerLink
  private let seed: UInt64
  private var intake: RecordIntake
  private var byName: [String: Topic] = [:]
  private var byNumber: [Int] = []
  private var magic = 2
  private var seenLayouts = 0
  private var seenBatchLimits = 0
  private var seenInterrupts = 0

  /// Makes the handle of a producer; one per producer.
  ///
  /// `seed` makes what is random in the choice of partitions repeatable.
  public init(
    _ producer: Producer, _ configuration: ProducerConfiguration,
    seed: UInt64 = UInt64.random(in: 0...UInt64.max)
  ) {
    self.producer = producer
    self.configuration = configuration
    self.seed = seed
    link = producer.link
    var limits = BatchAccumulator.Limits()
    limits.lingerMs = max(0, configuration.lingerMs)
    limits.batch = BatchLimits(
      maxBytes: max(1, min(configuration.batchSize, configuration.messageBytesMax)),
      maxRecords: max(1, configuration.batchRecordsMax), allowsLargerRecord: true)
    limits.messageTimeoutMs = configuration.messageTimeoutMs
    limits.bytesMax = max(1, configuration.queuedBytesMax)
    limits.recordsMax =
      configuration.queuedRecordsMax > 0 ? configuration.queuedRecordsMax : Int.max / 4
    intake = RecordIntake(limits, link)
    _ = tick()
  }

  deinit { intake.close() }

  // MARK: Topics

  /// A topic that was opened before.
  public func opened(_ name: String) -> Topic? { byName[name] }

  /// Waits until the topic has a leader, at most `timeoutMs`; later calls answer at once.
  ///
  /// A topic that is created by this needs about a second.
  ///
  /// - Throws: `ClientError.closed` where `interrupt` came first, `.unknownTopic` where it does not appear
  ///   in time, `.unsupported` where the cluster
  ///   does not know the codec, or what else is in the way.
  public func open(_ name: String, timeoutMs: Int64) throws(ClientError) -> Topic {
    if let known = byName[name] { return known }
    let layout = try waitForLayout(name, timeoutMs: timeoutMs)
    begin(layout)
    // The loop numbers topics in the order in which they are opened, so does the intake.
    precondition(layout.topic == intake.topicCount, "topics are opened one after the other")
    intake.addTopic(
      name,
      Partitioner(
        configuration.partitioner, stickyLingerMs: configuration.stickyPartitioningLingerMs,
        seed: seed &+ UInt64(layout.topic)))
    intake.grow(layout.topic, layout.available)
    let topic = Topic(number: layout.topic)
    byName[name] = topic
    return topic
  }

  /// Not by `Net.wait`, so that an interrupt ends the wait for a broker that does not answer (F12).
  private func waitForLayout(_ name: String, timeoutMs: Int64) throws(ClientError)
    -> Producer.Layout
  {
    let answer: Result<Producer.Layout, ClientError>? = waitFor { producer in
      do throws(ClientError) {
        return .success(try await producer.open(name, timeoutMs: timeoutMs))
      } catch {
        return .failure(error)
      }
    }
    guard let answer else { throw .closed }
    return try answer.get()
  }

  /// Waits for what `body` does on the loop; nil where an interrupt came first.
  func waitFor<T: Sendable>(_ body: @escaping @Sendable @Net (Producer) async -> T) -> T? {
    let answers = Handover<T>()
    Net.task { [producer, link] in
      answers.push(await body(producer))
      link.wakeWaiter()
    }
    var answer: T?
    _ = wait(untilMs: nil) {
      answer = answers.poll()
      return answer != nil
    }
    return answer
  }

  private func begin(_ layout: Producer.Layout) {
    guard !intake.hasBegun else { return }
    magic = layout.magic
    let inbox = producer.inbox
    intake.begin(
      layout.identity,
      BatchFinisher(
        codec: configuration.codec, level: configuration.compressionLevel, magic: magic, link: link
      ) { inbox.push($0) })
  }

  /// Says whose the batches are from now on; all of those before have been delivered.
  func renewIdentity(_ identity: ProducerState.Stamp) {
    if intake.hasBegun { intake.identify(identity) }
  }

  /// Closes all open batches.
  func sealAll() { intake.sealAll() }

  /// How many partitions the topic has.
  public func partitionCount(of topic: Topic) -> Int {
    intake.partitionCount(of: topic.number)
  }

  // MARK: Records

  /// Takes over a record; its bytes are copied.
  ///
  /// A partition of −1 leaves the choice to the partitioner; a key or value that is nil is null.
  ///
  /// - Throws: `ProduceError` where the record cannot be sent whatever happens.
  public func append(
    to topic: Topic, partition: Int32 = -1, key: UnsafeRawBufferPointer?,
    value: UnsafeRawBufferPointer?, headers: RecordHeaders
  ) throws(ProduceError) -> Append {
    if headers.count > 0 && magic < 2 {
      throw .unsupported(what: "headers", needs: "Kafka 0.11 or later")
    }
    return try headers.encoded.withUnsafeBufferPointer { bytes throws(ProduceError) in
      try append(
        to: topic, partition: partition, key: key, value: value, headerCount: headers.count,
        headers: UnsafeRawBufferPointer(bytes))
    }
  }

  /// Takes over a record without headers; its bytes are copied.
  ///
  /// As `append(to:partition:key:value:headers:)`.
  public func append(
    to topic: Topic, partition: Int32 = -1, key: UnsafeRawBufferPointer?,
    value: UnsafeRawBufferPointer?
  ) throws(ProduceError) -> Append {
    try append(
      to: topic, partition: partition, key: key, value: value, headerCount: 0,
      headers: UnsafeRawBufferPointer(start: nil, count: 0))
  }

  @inline(__always)
  private func append(
    to topic: Topic, partition: Int32, key: UnsafeRawBufferPointer?,
    value: UnsafeRawBufferPointer?, headerCount: Int, headers: UnsafeRawBufferPointer
  ) throws(ProduceError) -> Append {
    let size = (key?.count ?? 0) &+ (value?.count ?? 0)
    guard size <= configuration.messageBytesMax else {
      throw .tooLarge(bytes: size, limit: configuration.messageBytesMax)
    }
    let isTaken = try intake.append(
      to: topic.number, partition: partition, key: key, value: value, headerCount: headerCount,
      headers: headers)
    return isTaken ? .appended : .full
  }

  // MARK: Time

  /// Reads the clocks, seals what has waited long enough and answers when the next batch is due.
  ///
  /// Call it before and after each block of input and before waiting for more: in milliseconds of
  /// `MonotonicClock`; nil where nothing waits.
  @discardableResult
  public func tick() -> Int64? {
    var wall = timespec()
    clock_gettime(CLOCK_REALTIME, &wall)
    return tick(
      nowMs: MonotonicClock.nowMs,
      timestampMs: Int64(wall.tv_sec) * 1000 + Int64(wall.tv_nsec) / 1_000_000)
  }

  /// As `tick()`, with the time as the caller says: `timestampMs` is that of the records to come.
  @discardableResult
  public func tick(nowMs: Int64, timestampMs: Int64) -> Int64? {
    if let layouts = link.layouts(since: &seenLayouts) {
      for number in 0..<intake.topicCount {
        if let available = layouts[number] { intake.grow(number, available) }
      }
    }
    if let limits = link.batchLimits(since: &seenBatchLimits) {
      for (number, bytes) in limits { intake.limitBatches(of: number, bytes) }
    }
    return intake.tick(nowMs: nowMs, timestampMs: timestampMs)
  }

  // MARK: Waiting

  /// Becomes readable when there is something to look at: events, or an interrupt.
  ///
  /// For poll(2) beside stdin; call `takeEvents` and `wasInterrupted` then.
  public var wakeDescriptor: WakeDescriptor { link.wakeDescriptor }

  /// Waits until a record can be appended again.
  public func waitForRoom() -> Wait {
    wait(untilMs: nil) { self.intake.hasRoom }
  }

  /// Seals all that is open and waits until all is delivered or given up.
  ///
  /// It stops waiting at `deadlineMs`, of `MonotonicClock`; with nil when `message.timeout.ms` has given up
  /// the last record.
  public func flush(deadlineMs: Int64? = nil) -> Wait {
    intake.sealAll()
    return wait(untilMs: deadlineMs) { self.isSettled }
  }

  /// Whether all that was taken over is delivered or given up; events tell of the latter by then.
  public var isSettled: Bool {
    link.delivered.load(ordering: .acquiring) + link.failed.load(ordering: .acquiring)
      >= intake.appended
  }

  /// Ends a wait of the producing thread, the current one or the next, from any thread.
  public var interrupt: @Sendable () -> Void {
    let link = link
    return { link.interrupt() }
  }

  /// True once after each interrupt that no wait has reported.
  public func wasInterrupted() -> Bool {
    let now = link.interrupts.load(ordering: .sequentiallyConsistent)
    defer { seenInterrupts = now }
    return now != seenInterrupts
  }

  private func wait(untilMs: Int64?, _ isDone: () -> Bool) -> Wait {
    while true {
      link.announceWait()
      if isDone() { return .done }
      if wasInterrupted() { return .interrupted }
      // What lingers in other partitions goes out meanwhile.
      let nextMs = tick()
      var timeout: Int64 = -1
      let nowMs = MonotonicClock.nowMs
      if let untilMs {
        guard nowMs < untilMs else { return .timedOut }
        timeout = untilMs - nowMs
      }
      if let nextMs { timeout = timeout < 0 ? nextMs - nowMs : min(timeout, nextMs - nowMs) }
      var wake = pollfd(
        fd: link.wakeDescriptor.descriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&wake, 1, timeout < 0 ? -1 : Int32(clamping: max(1, timeout)))
      link.wakeDescriptor.drain()
    }
  }

  // MARK: Results

  /// What became of batches since the last call: those that failed, and, where asked for, all.
  public func takeEvents() -> [DeliveryEvent] {
    link.takeEvents()
  }

  /// The counts so far.
  ///
  /// `possiblyPersisted` asks the loop, so it is exact also after an interrupted `flush`.
  public func outcome() -> ProduceOutcome {
    var outcome = ProduceOutcome()
    outcome.appended = intake.appended
    outcome.delivered = link.delivered.load(ordering: .acquiring)
    outcome.failed = link.failed.load(ordering: .acquiring)
    outcome.possiblyPersisted = link.failedInDoubt.load(ordering: .relaxed)
    if outcome.delivered + outcome.failed < intake.appended {
      let waiting = try? Net.wait { [producer] in producer.recordsInDoubt() }
      outcome.possiblyPersisted += waiting ?? 0
    }
    return outcome
  }
}
