public import KafkaProtocol
public import Transport

/// Reads partitions and hands the responses to the main thread.
///
/// Which partitions may change at any time (`add`, `assign`, `revoke`). One Fetch per broker is in flight
/// or its answer waits; the next is sent before the former is formatted. Where the main thread does not
/// keep up, the memory budget is spent and no Fetch is sent.
@Net public final class Consumer {
  /// Where the main thread takes what happened.
  public nonisolated let events: Handover<ConsumerEvent>
  /// Where the main thread gives frames back.
  public nonisolated let returned: Handover<FetchedFrame>
  /// Where the main thread tells how far it has written.
  public nonisolated let reports: Handover<WrittenReport>
  /// How far each partition has been written, by the reports so far; a revoked one stays until it is
  /// assigned again.
  public private(set) var written: [TopicPartition: WrittenPosition] = [:]
  /// Called with each report, after `written` has it.
  public var onReport: ((WrittenReport) -> Void)?
  /// Called with each partition whose topic was deleted and made anew, and is read from its beginning.
  public var onRecreated: ((TopicPartition) -> Void)?

  let cluster: Cluster
  let configuration: ConsumerConfiguration
  let log: @Sendable (ClientLog) -> Void
  var state: FetcherState
  var isRefreshing = false
  private(set) var isStopped = false
  /// Stopped because all had been read.
  private var hasFinished = false
  var saidAllDown = false
  /// Brokers of which a loop reads.
  var running: Set<Int32> = []
  /// Topics of which partitions that come into being are read too (F26).
  var followed: Set<String> = []
  /// Assignments that the cluster was found not to know, each said once (F24).
  var saidAbsent: Set<Int32> = []
  private var keepsWatch = false
  private var assignedCount: Int32 = 0
  /// The number of each partition's newest assignment: of an older one nothing is to be committed.
  private var newest: [TopicPartition: Int32] = [:]
  private var reportCount = 0

  /// Makes a consumer of nothing yet.
  ///
  /// `events` is shared with whoever else wakes the main thread, such as a signal's watcher. With
  /// `stopAtEnd` a partition is read no more once its end has been seen.
  public init(
    _ cluster: Cluster, configuration: ConsumerConfiguration, stopAtEnd: Bool,
    events: Handover<ConsumerEvent>, log: @escaping @Sendable (ClientLog) -> Void
  ) {
    self.cluster = cluster
    self.configuration = configuration
    self.events = events
    self.log = log
    // Responses of 1 MiB are best: larger ones fall out of the cache before they are formatted.
    let partitionMax = Int32(clamping: configuration.fetchMessageMaxBytes)
    let limits = FetcherState.Limits(
      waitMaxMs: Int32(clamping: configuration.fetchWaitMaxMs),
      bytesMin: Int32(clamping: configuration.fetchMinBytes),
      bytesMax: min(
        Int32(clamping: configuration.fetchMaxBytes), max(1 << 20, partitionMax)),
      partitionBytesMax: partitionMax,
      batchBytesMax: Int32(clamping: cluster.configuration.receiveMessageMaxBytes - 1024),
      readCommitted: configuration.isolationLevel == .readCommitted, stopAtEnd: stopAtEnd,
      rack: configuration.clientRack)
    state = FetcherState(limits: limits)
    let me = WeakConsumer()
    returned = Handover { Net.task { me.consumer?.takeBack() } }
    reports = Handover { Net.task { me.consumer?.takeReports() } }
    me.consumer = self
    takeBack()
    takeReports()
  }

  // MARK: Assignment

  /// Begins to read partitions, beside those that are read already.
  ///
  /// Leaders and offsets that are not known yet are asked for until they are had; what cannot be had comes
  /// as `ConsumerEvent.failed` or `topicFailed`.
  public func add(_ partitions: [PartitionStart]) {
    take(on: partitions)
    if !state.isComplete { refreshLeaders() }
    startLoops()
  }

  /// Begins to read partitions, beside those that are read already, once their first offsets are found.
  ///
  /// - Throws: `ClientError` where these cannot be had in `timeoutMs`; the partitions remain assigned.
  public func assign(_ partitions: [PartitionStart], timeoutMs: Int64 = 5000)
    async throws(ClientError)
  {
    take(on: partitions)
    let deadlineMs = MonotonicClock.nowMs + timeoutMs
    var backoff = Backoff(cluster.configuration)
    while true {
      do {
        try await findMissingOffsets()
        break
      } catch {
        let pause = backoff.next()
        guard error.isRetriable, MonotonicClock.nowMs + pause < deadlineMs, !isStopped else {
          throw error
        }
        await sleep(milliseconds: pause)
        // Leaders may have moved since the metadata were had.
        refreshLeaders()
      }
    }
    if !state.isComplete { refreshLeaders() }
    startLoops()
  }

  /// Reads, from their beginning, also partitions that `topic` gets while it is read (F26).
  public func follow(_ topic: String) { followed.insert(topic) }

  /// Reads partitions no more; what of them is not printed yet is dropped.
  ///
  /// - Returns: the number of the report that tells, when the main thread has come to it, how far they
  ///   have been written.
  @discardableResult public func revoke(_ partitions: [TopicPartition]) -> Int {
    let gone = state.remove(Set(partitions))
    for assigned in gone { assigned.revoke() }
    reportCount += 1
    events.push(.revoked(gone, report: reportCount))
    // What remains may have been read to its end.
    checkFinished()
    return reportCount
  }

  /// Has the main thread write out what it holds and tell how far it is.
  ///
  /// - Returns: the number of the report.
  @discardableResult public func askForReport() -> Int {
    reportCount += 1
    events.push(.report(reportCount))
    return reportCount
  }

  private func take(on partitions: [PartitionStart]) {
    guard !isStopped else { return }
    var added: [AssignedPartition] = []
    var topics: Set<String> = []
    for start in partitions {
      let assigned = newAssignment(of: start.partition)
      state.add(assigned, from: start.from)
      added.append(assigned)
      topics.insert(start.partition.topic)
    }
    events.push(.assigned(added))
    for name in topics {
      if let topic = cluster.metadata.topic(name), topic.errorCode == .none { learn(topic) }
    }
    keepWatch()
  }

  private func newAssignment(of partition: TopicPartition) -> AssignedPartition {
    let assigned = AssignedPartition(partition, number: assignedCount)
    assignedCount += 1
    newest[partition] = assigned.number
    written[partition] = nil
    return assigned
  }

  /// A partition's topic was made anew: offsets of the former one are not to be committed for it.
  ///
  /// What of the former one has been fetched is still printed, unlike that of a revoked partition.
  func renew(_ assigned: AssignedPartition) {
    let new = newAssignment(of: assigned.partition)
    state.renew(assigned, as: new)
    reportCount += 1
    events.push(.revoked([assigned], report: reportCount))
    events.push(.assigned([new]))
    onRecreated?(assigned.partition)
  }

  /// Asks for metadata now and again: partitions come into being, topics are made anew.
  private func keepWatch() {
    let intervalMs = cluster.configuration.metadataRefreshIntervalMs
    guard !keepsWatch, intervalMs > 0 else { return }
    keepsWatch = true
    Net.task { [weak self] in
      while true {
        await sleep(milliseconds: intervalMs)
        guard let self, !self.isStopped else { return }
        self.refreshLeaders()
      }
    }
  }

  private func takeReports() {
    while let report = reports.poll() { take(report) }
  }

  func take(_ report: WrittenReport) {
    for position in report.positions
    where newest[position.assigned.partition] == position.assigned.number {
      written[position.assigned.partition] = position
    }
    onReport?(report)
  }

  /// Reads no more of a partition, as when its stop timestamp has been reached.
  public func finish(_ assigned: AssignedPartition) {
    state.update(assigned) { $0.isDone = true }
    checkFinished()
  }

  /// Reads a partition again from an offset on, since what came from there was broken (F57).
  public func refetch(_ assigned: AssignedPartition, from offset: Int64) {
    if hasFinished {
      hasFinished = false
      isStopped = false
    }
    state.update(assigned) {
      $0.isDone = false
      $0.seek(offset)
    }
    startLoops()
  }

  /// Ends reading; frames that are still out may be dropped.
  public func stop() {
    isStopped = true
    hasFinished = false
  }

  /// True where everything has been read, and says so.
  func checkFinished() {
    if !isStopped && !state.positions.isEmpty && state.isDone {
      isStopped = true
      hasFinished = true
      events.push(.finished)
    }
  }

  /// A partition cannot be read on.
  func fail(_ assigned: AssignedPartition, _ error: ClientError) {
    state.update(assigned) { $0.isDone = true }
    events.push(.failed(assigned, error))
    checkFinished()
  }

  /// Nothing can be read on.
  func fail(_ error: ClientError) {
    isStopped = true
    for name in state.topicNames { events.push(.topicFailed(name, error)) }
  }

  private func takeBack() {
    while let frame = returned.poll() {
      cluster.buffers.giveBack(frame.buffer, size: frame.buffer.count)
    }
  }
}

/// Lets the hand-over's closure find its consumer without keeping it.
@Net private final class WeakConsumer {
  weak var consumer: Consumer?
  nonisolated init() {}
}
