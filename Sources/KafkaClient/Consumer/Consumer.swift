public import KafkaProtocol
public import Transport

/// Reads the partitions of a topic and hands the responses to the main thread.
///
/// One Fetch per broker is in flight or its answer waits; the next is sent before the former is
/// formatted. Where the main thread does not keep up, the memory budget is spent and no Fetch is sent.
@Net public final class Consumer {
  /// Where the main thread takes what happened.
  public nonisolated let events: Handover<ConsumerEvent>
  /// Where the main thread gives frames back.
  public nonisolated let returned: Handover<FetchedFrame>

  private let cluster: Cluster
  private let configuration: ConsumerConfiguration
  private let log: @Sendable (ClientLog) -> Void
  private var state: FetcherState
  private var running: Set<Int32> = []
  private var isRefreshing = false
  private var isStopped = false
  private var saidAllDown = false

  /// Makes a consumer of `topic`; `start` begins.
  ///
  /// `events` is shared with whoever else wakes the main thread, such as a signal's watcher.
  public init(
    _ cluster: Cluster, topic: String, configuration: ConsumerConfiguration, stopAtEnd: Bool,
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
    state = FetcherState(topic: topic, positions: [], limits: limits)
    let me = WeakConsumer()
    returned = Handover { Net.task { me.consumer?.takeBack() } }
    me.consumer = self
    takeBack()
  }

  /// Finds the first offsets and begins to fetch.
  ///
  /// - Throws: `ClientError` where the offsets cannot be had.
  public func start(
    _ partitions: [ClusterMetadata.Partition], topicId: Uuid, from spec: OffsetSpec,
    timeoutMs: Int64
  ) async throws(ClientError) {
    let led = partitions.filter { $0.leaderId >= 0 }
    let offsets = try await cluster.offsets(
      of: spec, topic: state.topic, partitions: led, timeoutMs: timeoutMs)
    let positions = partitions.map { partition in
      FetcherState.Position(
        index: partition.index, topicId: topicId, leaderId: partition.leaderId,
        leaderEpoch: partition.leaderEpoch, offset: offsets[partition.index],
        bytesMax: state.limits.partitionBytesMax)
    }
    state = FetcherState(topic: state.topic, positions: positions, limits: state.limits)
    if led.count < partitions.count { refreshLeaders(spec) }
    startLoops()
  }

  /// Reads no more of a partition, as when its stop timestamp has been reached.
  public func finish(_ partition: Int32) {
    state.update(partition) { $0.isDone = true }
    checkFinished()
  }

  /// Ends reading; frames that are still out may be dropped.
  public func stop() {
    isStopped = true
  }

  // MARK: Loops

  private func startLoops() {
    for leader in state.leaders where running.insert(leader).inserted {
      Net.task { await self.run(leader) }
    }
    checkFinished()
  }

  private func checkFinished() {
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
          isStopped = true
          return events.push(.failed(partition: -1, error))
        }
        // What goes wrong in the same way again and again is said once (F3).
        for line in error.details where said.insert(line).inserted {
          log(ClientLog(.error, "FAIL", line))
        }
        await sleep(milliseconds: backoff.next())
        refreshLeaders(nil)
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
    let known = state.positions.first { $0.leaderId == brokerId }?.topicId ?? .zero
    let version = try connection.version(of: .fetch, atMost: known == .zero ? 12 : .max)
    guard
      let request = state.fetch(
        from: brokerId, version: version, nowMs: MonotonicClock.nowMs)
    else { return false }
    let asked = request.topics[0].partitions
    let timeout = cluster.configuration.socketTimeoutMs + Int64(request.maxWaitMs)
    let result: Result<Buffer, ClientError> = await withCheckedContinuation { continuation in
      connection.send(request, version: version, timeoutMs: timeout) {
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
    take(response, in: buffer, asked: asked, brokerId)
    if response.throttleTimeMs > 0 {
      await sleep(milliseconds: Int64(min(response.throttleTimeMs, 60_000)))
    }
    return true
  }

  private func take(
    _ response: FetchResponse, in buffer: Buffer, asked: [FetchRequest.Partition],
    _ brokerId: Int32
  ) {
    var offsets: [Int32: Int64] = [:]
    for part in asked { offsets[part.partition] = part.fetchOffset }
    var entries: [FetchedFrame.Entry] = []
    var needsLeaders = response.errorCode != .none
    let bytes = buffer.bytes
    for topic in response.responses {
      for answer in topic.partitions {
        // A partition that was not asked for, or comes twice (S12), is passed over.
        guard let fetchOffset = offsets.removeValue(forKey: answer.partitionIndex) else {
          continue
        }
        let start = answer.records?.offset ?? 0
        let range = start..<start + (answer.records?.count ?? 0)
        let span = LogSpan(UnsafeRawBufferPointer(rebasing: bytes[range]))
        let outcome = state.received(answer, fetchOffset: fetchOffset, span: span)
        switch outcome {
        case .nothing: break
        case .records(let end):
          entries.append(
            FetchedFrame.Entry(
              partition: answer.partitionIndex, brokerId: brokerId,
              range: start..<start + span.wholeBytes, fetchOffset: fetchOffset, end: end,
              abortedTransactions: answer.abortedTransactions ?? []))
        case .outOfRange(let offset): reset(answer.partitionIndex, from: offset, brokerId)
        case .staleLeader:
          pause(answer.partitionIndex)
          needsLeaders = true
        case .retry: pause(answer.partitionIndex)
        case .failed(let code):
          state.update(answer.partitionIndex) { $0.isDone = true }
          events.push(
            .failed(partition: answer.partitionIndex, .broker(code, message: nil)))
        case .batchTooLarge(let size):
          state.update(answer.partitionIndex) { $0.isDone = true }
          events.push(
            .failed(
              partition: answer.partitionIndex,
              .unsupported(
                what: "a batch of \(size) bytes",
                needs: "a larger receive.message.max.bytes")))
        }
      }
    }
    if entries.isEmpty {
      cluster.buffers.giveBack(buffer, size: buffer.count)
    } else {
      events.push(.frame(FetchedFrame(buffer: buffer, entries: entries)))
    }
    if needsLeaders { refreshLeaders(nil) }
    checkFinished()
  }

  private func pause(_ partition: Int32) {
    let until = MonotonicClock.nowMs + cluster.configuration.retryBackoffMs
    state.update(partition) { $0.notBeforeMs = until }
  }

  private func takeBack() {
    while let frame = returned.poll() {
      cluster.buffers.giveBack(frame.buffer, size: frame.buffer.count)
    }
  }

  // MARK: Leaders and offsets

  /// Asks who leads, until every partition has a leader; one asks at a time.
  private func refreshLeaders(_ spec: OffsetSpec?) {
    guard !isRefreshing, !isStopped else { return }
    isRefreshing = true
    Net.task { await self.findLeaders(spec) }
  }

  private func findLeaders(_ spec: OffsetSpec?) async {
    defer { isRefreshing = false }
    var backoff = Backoff(
      firstMs: cluster.configuration.retryBackoffMs,
      maxMs: cluster.configuration.retryBackoffMaxMs)
    while !isStopped {
      do {
        let metadata = try await cluster.refreshMetadata(
          topics: [state.topic], allowAutoTopicCreation: false, timeoutMs: 5000)
        saidAllDown = false
        if let topic = metadata.topic(state.topic), topic.errorCode == .none {
          for partition in topic.partitions {
            state.update(partition.index) {
              $0.leaderId = partition.leaderId
              $0.leaderEpoch = partition.leaderEpoch
              $0.topicId = topic.topicId
            }
          }
          if try await findMissingOffsets(topic, spec) && state.leaderless.isEmpty {
            return startLoops()
          }
          startLoops()
        } else if metadata.topic(state.topic)?.errorCode.isRetriable == false {
          isStopped = true
          let code = metadata.topic(state.topic)?.errorCode ?? .unknownTopicOrPartition
          return events.push(.failed(partition: -1, .broker(code, message: nil)))
        }
      } catch {
        if case .unreachable = error, !saidAllDown {
          saidAllDown = true
          events.push(.allBrokersDown(error))
        }
      }
      await sleep(milliseconds: backoff.next())
    }
  }

  /// Finds the first offset of partitions that had no leader at the start; true if none is missing.
  private func findMissingOffsets(_ topic: ClusterMetadata.Topic, _ spec: OffsetSpec?)
    async throws(ClientError) -> Bool
  {
    let missing = state.positions.filter { $0.offset == nil && !$0.isDone && $0.leaderId >= 0 }
      .compactMap { topic.partition($0.index) }
    guard !missing.isEmpty else { return true }
    guard let spec else { return false }
    let offsets = try await cluster.offsets(
      of: spec, topic: state.topic, partitions: missing,
      timeoutMs: cluster.configuration.socketTimeoutMs)
    for (index, offset) in offsets { state.update(index) { $0.offset = offset } }
    return true
  }

  /// Goes on elsewhere, or not, by `auto.offset.reset`.
  private func reset(_ partition: Int32, from offset: Int64, _ brokerId: Int32) {
    let spec: OffsetSpec
    let policy: String
    switch configuration.autoOffsetReset {
    case .earliest: (spec, policy) = (.beginning, "BEGINNING")
    case .latest: (spec, policy) = (.end, "END")
    case .error:
      state.update(partition) { $0.isDone = true }
      events.push(
        .failed(partition: partition, .broker(.offsetOutOfRange, message: nil)))
      return checkFinished()
    }
    state.update(partition) { $0.notBeforeMs = .max }
    Net.task { await self.findReset(partition, from: offset, spec, policy, brokerId) }
  }

  private func findReset(
    _ partition: Int32, from offset: Int64, _ spec: OffsetSpec, _ policy: String,
    _ brokerId: Int32
  ) async {
    guard let known = cluster.metadata.topic(state.topic)?.partition(partition) else { return }
    do {
      let found = try await cluster.offsets(
        of: spec, topic: state.topic, partitions: [known],
        timeoutMs: cluster.configuration.socketTimeoutMs)
      let next = found[partition] ?? 0
      state.update(partition) {
        $0.offset = next
        $0.endSeenAt = nil
        $0.notBeforeMs = 0
      }
      events.push(
        .reset(
          partition: partition, from: offset, to: next, policy: policy, brokerId: brokerId))
    } catch {
      // Asked for again at the old offset, which brings us back here.
      pause(partition)
      refreshLeaders(nil)
    }
  }
}

/// Lets the hand-over's closure find its consumer without keeping it.
@Net private final class WeakConsumer {
  weak var consumer: Consumer?
  nonisolated init() {}
}
