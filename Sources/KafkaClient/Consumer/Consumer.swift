internal import KafkaProtocol
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

  let cluster: Cluster
  let configuration: ConsumerConfiguration
  let log: @Sendable (ClientLog) -> Void
  var state: FetcherState
  var isRefreshing = false
  var isStopped = false
  var saidAllDown = false
  private var running: Set<Int32> = []
  private var assignedCount: Int32 = 0
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
      readCommitted: configuration.isolationLevel == .readCommitted, stopAtEnd: stopAtEnd)
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
  /// - Throws: `ClientError` where these cannot be had; the partitions remain assigned.
  public func assign(_ partitions: [PartitionStart]) async throws(ClientError) {
    take(on: partitions)
    try await findMissingOffsets()
    if !state.isComplete { refreshLeaders() }
    startLoops()
  }

  /// Reads partitions no more; what of them is not printed yet is dropped.
  ///
  /// - Returns: the number of the report that tells, when the main thread has come to it, how far they
  ///   have been written.
  @discardableResult public func revoke(_ partitions: [TopicPartition]) -> Int {
    let gone = state.remove(Set(partitions))
    for assigned in gone { assigned.revoke() }
    reportCount += 1
    events.push(.revoked(gone, report: reportCount))
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
      let assigned = AssignedPartition(start.partition, number: assignedCount)
      assignedCount += 1
      written[start.partition] = nil
      state.add(assigned, from: start.from)
      added.append(assigned)
      topics.insert(start.partition.topic)
    }
    for name in topics {
      if let topic = cluster.metadata.topic(name) { state.learn(topic) }
    }
    events.push(.assigned(added))
  }

  private func takeReports() {
    while let report = reports.poll() {
      for position in report.positions {
        // Of an older assignment of a partition that has come back nothing is to be committed.
        if let known = written[position.assigned.partition],
          known.assigned.number > position.assigned.number
        {
          continue
        }
        written[position.assigned.partition] = position
      }
      onReport?(report)
    }
  }

  /// Reads no more of a partition, as when its stop timestamp has been reached.
  public func finish(_ assigned: AssignedPartition) {
    state.update(assigned) { $0.isDone = true }
    checkFinished()
  }

  /// Ends reading; frames that are still out may be dropped.
  public func stop() {
    isStopped = true
  }

  // MARK: Loops

  func startLoops() {
    for leader in state.leaders where running.insert(leader).inserted {
      Net.task { await self.run(leader) }
    }
    checkFinished()
  }

  func checkFinished() {
    if !isStopped && !state.positions.isEmpty && state.isDone {
      isStopped = true
      events.push(.finished)
    }
  }

  private func run(_ brokerId: Int32) async {
    defer { running.remove(brokerId) }
    var said: Set<String> = []
    var backoff = Backoff(
      firstMs: cluster.configuration.retryBackoffMs,
      maxMs: cluster.configuration.retryBackoffMaxMs)
    while !isStopped && state.leaders.contains(brokerId) {
      do {
        let connection = try await cluster.connection(to: brokerId, .data)
        let fetched = try await fetchOnce(connection, brokerId)
        backoff.reset()
        saidAllDown = false
        said = []
        if !fetched { await waitForTurn(brokerId) }
      } catch {
        guard !isStopped else { return }
        guard error.isRetriable else {
          return fail(error)
        }
        // What goes wrong in the same way again and again is said once (F3).
        for line in error.details where said.insert(line).inserted {
          log(ClientLog(.error, "FAIL", line))
        }
        await sleep(milliseconds: backoff.next())
        refreshLeaders()
      }
    }
  }

  /// Waits until one of the broker's partitions may be asked for again.
  private func waitForTurn(_ brokerId: Int32) async {
    let now = MonotonicClock.nowMs
    let until = state.resumesAtMs(brokerId, nowMs: now) ?? now + 100
    await sleep(milliseconds: max(1, min(until - now, 1000)))
  }

  /// One Fetch and its answer; false where there was nothing to ask for.
  private func fetchOnce(_ connection: Connection, _ brokerId: Int32)
    async throws(ClientError) -> Bool
  {
    while !cluster.buffers.hasRoom {
      await withCheckedContinuation { continuation in
        cluster.buffers.whenFree { continuation.resume() }
      }
    }
    let version = try connection.version(
      of: .fetch, atMost: state.versionMax(for: brokerId))
    guard
      let fetch = state.fetch(
        from: brokerId, version: version, nowMs: MonotonicClock.nowMs)
    else { return false }
    let timeout = cluster.configuration.socketTimeoutMs + Int64(fetch.request.maxWaitMs)
    let result: Result<Buffer, ClientError> = await withCheckedContinuation { continuation in
      connection.send(fetch.request, version: version, timeoutMs: timeout) {
        continuation.resume(returning: $0)
      }
    }
    let buffer = try result.get()
    if isStopped {
      cluster.buffers.giveBack(buffer, size: buffer.count)
      return true
    }
    let response: FetchResponse
    do {
      response = try FetchRequest.response(in: buffer.bytes, version: version).response
    } catch {
      let frame = ClientError.malformed(
        what: "Fetch response v\(version)", peer: connection.name, error)
      cluster.buffers.giveBack(buffer, size: buffer.count)
      connection.close(frame)
      throw frame
    }
    take(response, version: version, in: buffer, offsets: fetch.offsets, brokerId)
    if response.throttleTimeMs > 0 {
      await sleep(milliseconds: Int64(min(response.throttleTimeMs, 60_000)))
    }
    return true
  }

  private func take(
    _ response: FetchResponse, version: Int16, in buffer: Buffer, offsets asked: [Int32: Int64],
    _ brokerId: Int32
  ) {
    var offsets = asked
    var entries: [FetchedFrame.Entry] = []
    var needsLeaders = response.errorCode != .none
    let bytes = buffer.bytes
    for topic in response.responses {
      for answer in topic.partitions {
        // A partition that was not asked for, or comes twice (S12), is passed over.
        guard
          let assigned = state.position(topic, version: version, answer.partitionIndex)?.assigned,
          let fetchOffset = offsets.removeValue(forKey: assigned.number)
        else { continue }
        let start = answer.records?.offset ?? 0
        let range = start..<start + (answer.records?.count ?? 0)
        let span = LogSpan(UnsafeRawBufferPointer(rebasing: bytes[range]))
        let outcome = state.received(
          answer, of: assigned, fetchOffset: fetchOffset, span: span)
        switch outcome {
        case .nothing: break
        case .records(let end):
          entries.append(
            FetchedFrame.Entry(
              assigned: assigned, brokerId: brokerId,
              range: start..<start + span.wholeBytes, fetchOffset: fetchOffset, end: end,
              abortedTransactions: answer.abortedTransactions ?? []))
        case .outOfRange(let offset): reset(assigned, from: offset, brokerId)
        case .staleLeader:
          pause(assigned)
          needsLeaders = true
        case .retry: pause(assigned)
        case .failed(let code): fail(assigned, .broker(code, message: nil))
        case .batchTooLarge(let size):
          fail(
            assigned,
            .unsupported(
              what: "a batch of \(size) bytes", needs: "a larger receive.message.max.bytes"))
        }
      }
    }
    if entries.isEmpty {
      cluster.buffers.giveBack(buffer, size: buffer.count)
    } else {
      events.push(.frame(FetchedFrame(buffer: buffer, entries: entries)))
    }
    if needsLeaders { refreshLeaders() }
    checkFinished()
  }

  func pause(_ assigned: AssignedPartition) {
    let until = MonotonicClock.nowMs + cluster.configuration.retryBackoffMs
    state.update(assigned) { $0.notBeforeMs = until }
  }

  /// A partition cannot be read on.
  func fail(_ assigned: AssignedPartition, _ error: ClientError) {
    state.update(assigned) { $0.isDone = true }
    events.push(.failed(assigned, error))
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
