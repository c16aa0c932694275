internal import KafkaProtocol
internal import Transport

/// The loops, one per broker: ask, take, ask again.
extension Consumer {
  /// Begins to read of brokers that have become sources.
  func startLoops() {
    guard !isStopped else { return }
    for source in state.sources(MonotonicClock.nowMs) where running.insert(source).inserted {
      Net.task { await self.run(source) }
    }
    checkFinished()
  }

  private func run(_ brokerId: Int32) async {
    defer {
      running.remove(brokerId)
      state.sessions[brokerId]?.restart()
    }
    var said: Set<String> = []
    var backoff = Backoff(cluster.configuration)
    while !isStopped && state.sources(MonotonicClock.nowMs).contains(brokerId) {
      do {
        let connection = try await cluster.connection(to: brokerId, .data)
        let fetched = try await fetchOnce(connection, brokerId)
        backoff.reset()
        saidAllDown = false
        said = []
        if !fetched { await waitForTurn(brokerId) }
      } catch {
        state.fetchFailed(from: brokerId)
        guard !isStopped else { return }
        guard error.isRetriable else { return fail(error) }
        // What goes wrong in the same way again and again is said once (F3).
        for line in error.details where said.insert(line).inserted {
          log(ClientLog(.error, "FAIL", line))
        }
        state.abandon(replica: brokerId, nowMs: MonotonicClock.nowMs)
        startLoops()
        refreshLeaders()
        await sleep(milliseconds: backoff.next())
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
    await cluster.buffers.waitForRoom()
    let nowMs = MonotonicClock.nowMs
    let version = try connection.version(
      of: .fetch, atMost: state.versionMax(for: brokerId, nowMs: nowMs))
    guard let request = state.fetch(from: brokerId, version: version, nowMs: nowMs) else {
      return false
    }
    let (response, buffer) = try await connection.exchange(
      request, version: version,
      timeoutMs: cluster.configuration.socketTimeoutMs + Int64(request.maxWaitMs))
    if isStopped {
      cluster.buffers.giveBack(buffer, size: buffer.count)
      return true
    }
    connection.heed(response, version: version)
    guard state.sessions[brokerId]?.received(response, version: version) == true else {
      cluster.buffers.giveBack(buffer, size: buffer.count)
      // A session that the broker has lost is no trouble: the next request is full (F62).
      if request.sessionEpoch > 0 { return true }
      throw .broker(response.errorCode, message: nil)
    }
    take(response, version, in: buffer, brokerId)
    return true
  }

  private func take(
    _ response: FetchResponse, _ version: Int16, in buffer: Buffer, _ brokerId: Int32
  ) {
    var entries: [FetchedFrame.Entry] = []
    let bytes = buffer.bytes
    for topic in response.responses {
      for answer in topic.partitions {
        // A partition that was not asked for, or comes twice (S12), is passed over.
        guard
          let (assigned, wanted) = state.asked(
            topic, version: version, answer.partitionIndex, from: brokerId)
        else { continue }
        let start = answer.records?.offset ?? 0
        let range = start..<start + (answer.records?.count ?? 0)
        let span = LogSpan(UnsafeRawBufferPointer(rebasing: bytes[range]))
        let outcome = state.received(answer, of: assigned, wanted, span: span, from: brokerId)
        if case .records(let end) = outcome {
          entries.append(
            FetchedFrame.Entry(
              assigned: assigned, brokerId: brokerId,
              range: start..<start + span.wholeBytes, fetchOffset: wanted.offset,
              seeks: wanted.seeks, end: end,
              abortedTransactions: answer.abortedTransactions ?? []))
        } else if outcome != .nothing {
          if answer.currentLeader.leaderId >= 0 { follow(answer, response, assigned) }
          handle(outcome, assigned, brokerId)
        }
      }
    }
    if entries.isEmpty {
      cluster.buffers.giveBack(buffer, size: buffer.count)
    } else {
      events.push(.frame(FetchedFrame(buffer: buffer, entries: entries)))
    }
    checkFinished()
  }

  /// Does what an answer that is no records asks for.
  func handle(
    _ outcome: FetcherState.Outcome, _ assigned: AssignedPartition, _ brokerId: Int32
  ) {
    let nowMs = MonotonicClock.nowMs
    switch outcome {
    case .nothing, .records: break
    case .outOfRange(let offset): reset(assigned, from: offset, brokerId)
    case .staleLeader:
      pause(assigned)
      refreshLeaders()
    case .readFrom(let replica):
      if cluster.metadata.broker(replica) == nil {
        // Not to be stranded between a leader that sends nothing and a replica that is not known (F61).
        state.avoidRack(at: brokerId, nowMs: nowMs)
        refreshLeaders()
      } else {
        state.prefer(replica, for: assigned, nowMs: nowMs)
        startLoops()
      }
    case .backToLeader:
      if let slot = state.slot(assigned) {
        state.avoidRack(at: state.positions[slot].leaderId, nowMs: nowMs)
      }
      startLoops()
    case .truncated(let from, let to): truncated(assigned, from: from, to: to, brokerId)
    case .retry: pause(assigned)
    case .failed(let code): fail(assigned, .broker(code, message: nil))
    case .batchTooLarge(let size):
      fail(
        assigned,
        .unsupported(
          what: "a batch of \(size) bytes", needs: "a larger receive.message.max.bytes"))
    }
  }

  func pause(_ assigned: AssignedPartition) {
    let until = MonotonicClock.nowMs + configuration.fetchErrorBackoffMs
    state.update(assigned) { $0.notBeforeMs = until }
  }
}
