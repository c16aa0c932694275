internal import KafkaProtocol
internal import Transport

/// The sessions' part: ShareFetch and ShareAcknowledge, a broker at a time.
extension ShareConsumer {
  /// Asks a broker again and again, while there is something to ask it for.
  func run(_ brokerId: Int32) async {
    defer { running.remove(brokerId) }
    var said: Set<String> = []
    while !isStopped {
      // With all printed that is wanted, the main thread is about to end it.
      if framesOut.contains(brokerId) || left.map({ $0 <= 0 }) ?? false {
        await withCheckedContinuation { frameWaiters[brokerId] = $0 }
        continue
      }
      guard let session = sessions[brokerId], !session.isIdle else {
        lose(brokerId, .broker(.shareSessionNotFound, message: nil))
        sessions[brokerId] = nil
        return
      }
      let pauseMs = session.notBeforeMs - MonotonicClock.nowMs
      if pauseMs > 0 {
        await sleep(milliseconds: min(pauseMs, 1000))
        continue
      }
      do throws(ClientError) {
        try await exchange(brokerId)
        said = []
      } catch {
        lose(brokerId, error)
        guard !isStopped else { return }
        guard error.isRetriable else { return end(error) }
        // What goes wrong in the same way again and again is said once (F3).
        for line in error.details where said.insert(line).inserted {
          log(ClientLog(.error, "FAIL", line))
        }
        refreshLeaders()
      }
    }
  }

  /// One request and its answer.
  private func exchange(_ brokerId: Int32) async throws(ClientError) {
    await cluster.buffers.waitForRoom()
    let connection = try await cluster.connection(to: brokerId, .data)
    if let old = connections[brokerId], old !== connection {
      // The session has ended with its connection.
      throw .disconnected(peer: old.name, reason: "Disconnected")
    }
    connections[brokerId] = connection
    guard !isStopped else { return }
    let recordsMax = Int32(clamping: left ?? .max)
    guard let request = sessions[brokerId]?.next(recordsMax: recordsMax, isExact: left != nil)
    else { return }
    inFlight.insert(brokerId)
    defer {
      inFlight.remove(brokerId)
      answerWaiters.removeValue(forKey: brokerId)?.resume()
    }
    switch request {
    case .acknowledge(let request): try await acknowledge(request, on: connection, brokerId)
    case .fetch(let request): try await fetch(request, on: connection, brokerId)
    }
  }

  private func acknowledge(
    _ request: ShareAcknowledgeRequest, on connection: Connection, _ brokerId: Int32
  ) async throws(ClientError) {
    let response = try await connection.request(
      request, timeoutMs: cluster.configuration.socketTimeoutMs)
    guard let answer = sessions[brokerId]?.received(response, nowMs: MonotonicClock.nowMs)
    else { return }
    act(on: answer)
  }

  private func fetch(
    _ request: ShareFetchRequest, on connection: Connection, _ brokerId: Int32
  ) async throws(ClientError) {
    let version = try connection.version(of: .shareFetch)
    let sentMs = MonotonicClock.nowMs
    let (response, buffer) = try await connection.exchange(
      request, version: version,
      timeoutMs: cluster.configuration.socketTimeoutMs + Int64(request.maxWaitMs))
    guard let answer = sessions[brokerId]?.received(response, nowMs: MonotonicClock.nowMs)
    else { return cluster.buffers.giveBack(buffer, size: buffer.count) }
    act(on: answer)
    // What comes too late to be printed is released with the session.
    let acquired = isStopped ? [] : answer.acquired.filter { partitions[$0.partition] != nil }
    guard !acquired.isEmpty else {
      return cluster.buffers.giveBack(buffer, size: buffer.count)
    }
    // The broker locked the records at some time since it was asked.
    let lockMs = Int64(response.acquisitionLockTimeoutMs)
    let lockedUntilMs = lockMs > 0 ? sentMs + lockMs : .max
    let unlockedAtMs = lockMs > 0 ? MonotonicClock.nowMs + lockMs : .max
    framesOut.insert(brokerId)
    events.push(
      .frame(
        ShareFrame(
          frame: FetchedFrame(buffer: buffer, entries: entries(acquired, buffer, brokerId)),
          acquired: acquired.map(\.offsets), lockedUntilMs: lockedUntilMs,
          unlockedAtMs: unlockedAtMs, brokerId: brokerId,
          partitions: acquired.map(\.partition))))
  }

  private func entries(
    _ acquired: [ShareSession.Acquired], _ buffer: Buffer, _ brokerId: Int32
  ) -> [FetchedFrame.Entry] {
    acquired.compactMap { part in
      guard let assigned = partitions[part.partition] else { return nil }
      let start = part.records?.offset ?? 0
      let range = start..<start + (part.records?.count ?? 0)
      return FetchedFrame.Entry(
        assigned: assigned, brokerId: brokerId, range: range, fetchOffset: 0, end: nil,
        abortedTransactions: [])
    }
  }

  private func act(on answer: ShareSession.Answer) {
    report(answer.failures)
    for (partition, error) in answer.failed {
      refused.insert(partition)
      if let assigned = partitions[partition] {
        events.push(.failed(assigned, error))
      }
    }
    if let code = answer.sessionError, answer.refusal == nil {
      log(ClientLog(.info, "SHARE", "\(code.sentence): opening another share session"))
    }
    if let refusal = answer.refusal { end(refusal) }
    if answer.needsLeaders { refreshLeaders() }
  }

  /// Says the last to a broker: acknowledgements, and the end of the session.
  func closeSession(_ brokerId: Int32) async {
    if inFlight.contains(brokerId) {
      await withCheckedContinuation { answerWaiters[brokerId] = $0 }
    }
    guard let request = sessions[brokerId]?.close() else {
      return lose(brokerId, .broker(.shareSessionNotFound, message: nil))
    }
    do throws(ClientError) {
      guard let connection = connections[brokerId], connection.isOpen else {
        throw ClientError.disconnected(peer: "broker \(brokerId)", reason: "Disconnected")
      }
      try await acknowledge(request, on: connection, brokerId)
    } catch {
      lose(brokerId, error)
    }
  }
}
