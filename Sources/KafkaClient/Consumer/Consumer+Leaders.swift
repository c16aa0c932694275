internal import KafkaProtocol
internal import Transport

/// Who leads, and where to begin or to go on.
extension Consumer {
  /// Asks who leads, until every partition has a leader and an offset; one asks at a time.
  func refreshLeaders() {
    guard !isRefreshing, !isStopped else { return }
    isRefreshing = true
    Net.task { await self.findLeaders() }
  }

  private func findLeaders() async {
    defer { isRefreshing = false }
    var backoff = Backoff(
      firstMs: cluster.configuration.retryBackoffMs,
      maxMs: cluster.configuration.retryBackoffMaxMs)
    while !isStopped {
      do {
        let names = state.topicNames
        let metadata = try await cluster.refreshMetadata(
          topics: names, allowAutoTopicCreation: false, timeoutMs: 5000)
        saidAllDown = false
        for name in names {
          guard let topic = metadata.topic(name) else { continue }
          if topic.errorCode == .none {
            state.learn(topic)
          } else if !topic.errorCode.isRetriable {
            isStopped = true
            return events.push(.topicFailed(name, .broker(topic.errorCode, message: nil)))
          }
        }
        startLoops()
        try await findMissingOffsets()
        startLoops()
        if state.isComplete && names.allSatisfy({ metadata.topic($0)?.errorCode == ErrorCode.none })
        {
          return
        }
      } catch {
        if case .closed = error { return }
        guard error.isRetriable else { return fail(error) }
        if case .unreachable = error, !saidAllDown {
          saidAllDown = true
          events.push(.allBrokersDown(error))
        }
      }
      await sleep(milliseconds: backoff.next())
    }
  }

  /// Finds the first offset of partitions that have a leader and none yet.
  func findMissingOffsets() async throws(ClientError) {
    let missing = state.positions.filter { $0.offset == nil && !$0.isDone && $0.leaderId >= 0 }
    for (spec, positions) in Dictionary(grouping: missing, by: \.start) {
      for (name, group) in Dictionary(grouping: positions, by: \.partition.topic) {
        guard let topic = cluster.metadata.topic(name) else { continue }
        let offsets = try await cluster.offsets(
          of: spec, topic: name, partitions: group.compactMap { topic.partition($0.index) },
          timeoutMs: cluster.configuration.socketTimeoutMs)
        for position in group {
          state.update(position.assigned) { $0.offset = $0.offset ?? offsets[position.index] }
        }
      }
    }
  }

  /// Goes on elsewhere, or not, by `auto.offset.reset`.
  func reset(_ assigned: AssignedPartition, from offset: Int64, _ brokerId: Int32) {
    let spec: OffsetSpec
    let policy: String
    switch configuration.autoOffsetReset {
    case .earliest: (spec, policy) = (.beginning, "BEGINNING")
    case .latest: (spec, policy) = (.end, "END")
    case .error: return fail(assigned, .broker(.offsetOutOfRange, message: nil))
    }
    state.update(assigned) { $0.notBeforeMs = .max }
    Net.task { await self.findReset(assigned, from: offset, spec, policy, brokerId) }
  }

  private func findReset(
    _ assigned: AssignedPartition, from offset: Int64, _ spec: OffsetSpec, _ policy: String,
    _ brokerId: Int32
  ) async {
    let partition = assigned.partition
    guard
      let known = cluster.metadata.topic(partition.topic)?.partition(partition.partition)
    else { return }
    do {
      let found = try await cluster.offsets(
        of: spec, topic: partition.topic, partitions: [known],
        timeoutMs: cluster.configuration.socketTimeoutMs)
      let next = found[partition.partition] ?? 0
      state.update(assigned) {
        $0.offset = next
        $0.endSeenAt = nil
        $0.notBeforeMs = 0
      }
      guard !assigned.isRevoked else { return }
      events.push(.reset(partition, from: offset, to: next, policy: policy, brokerId: brokerId))
    } catch {
      // Asked for again at the old offset, which brings us back here.
      pause(assigned)
      refreshLeaders()
    }
  }
}
