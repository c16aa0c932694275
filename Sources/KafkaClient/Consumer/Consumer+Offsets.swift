internal import KafkaProtocol
internal import Transport

/// Where to begin, where to go on when that is not there, and whether what was read still is.
extension Consumer {
  /// Finds the first offset of partitions that have a leader and none yet.
  ///
  /// A leader that is away keeps none but its own partitions waiting; its error is thrown in the end.
  func findMissingOffsets() async throws(ClientError) {
    struct Question: Hashable {
      var topic: String
      var leaderId: Int32
      var spec: OffsetSpec
    }
    let missing = state.positions.filter { $0.offset == nil && !$0.isDone && $0.leaderId >= 0 }
    var failure: ClientError?
    for (question, group) in Dictionary(
      grouping: missing,
      by: { Question(topic: $0.partition.topic, leaderId: $0.leaderId, spec: $0.start) })
    {
      do {
        guard let topic = cluster.metadata.topic(question.topic) else { continue }
        let offsets = try await cluster.offsets(
          of: question.spec, topic: question.topic,
          partitions: group.compactMap { topic.partition($0.index) },
          timeoutMs: cluster.configuration.socketTimeoutMs)
        for position in group {
          state.update(position.assigned) {
            if $0.offset == nil && $0.seeks == position.seeks {
              $0.offset = offsets[position.index]
            }
          }
        }
      } catch {
        guard error.isRetriable else { throw error }
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Goes on elsewhere, or not, by `auto.offset.reset`.
  func reset(_ assigned: AssignedPartition, from offset: Int64, _ brokerId: Int32) {
    let spec: OffsetSpec
    let policy: String
    switch configuration.autoOffsetReset {
    case .earliest: (spec, policy) = (.beginning, "BEGINNING")
    case .latest: (spec, policy) = (.end, "END")
    case .error:
      return fail(assigned, .broker(.offsetOutOfRange, message: "broker \(brokerId)"))
    }
    state.update(assigned) { $0.notBeforeMs = .max }
    Net.task { await self.findReset(assigned, from: offset, spec, policy, brokerId) }
  }

  private func findReset(
    _ assigned: AssignedPartition, from offset: Int64, _ spec: OffsetSpec, _ policy: String,
    _ brokerId: Int32
  ) async {
    let partition = assigned.partition
    do throws(ClientError) {
      guard
        let known = cluster.metadata.topic(partition.topic)?.partition(partition.partition)
      else { throw .unknownPartition(topic: partition.topic, partition.partition) }
      let found = try await cluster.offsets(
        of: spec, topic: partition.topic, partitions: [known],
        timeoutMs: cluster.configuration.socketTimeoutMs)
      guard let slot = state.slot(assigned), state.positions[slot].offset == offset else { return }
      let next = found[partition.partition] ?? 0
      state.update(assigned) { $0.seek(next) }
      events.push(.reset(partition, from: offset, policy: policy, brokerId: brokerId))
    } catch {
      // Asked for again at the old offset, which brings us back here.
      pause(assigned)
      refreshLeaders()
    }
  }

  // MARK: Truncation (KIP-320)

  /// Asks leaders that are new whether they have what was read (F60).
  ///
  /// A leader that is away keeps none but its own partitions waiting; its error is thrown in the end.
  func validate() async throws(ClientError) {
    var failure: ClientError?
    for (leaderId, group) in Dictionary(grouping: state.unvalidated, by: \.leaderId) {
      do {
        try await validate(group, at: leaderId)
      } catch {
        guard error.isRetriable else { throw error }
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private func validate(_ group: [FetcherState.Position], at leaderId: Int32)
    async throws(ClientError)
  {
    let connection = try await cluster.connection(to: leaderId, .control)
    guard connection.versions.offers(.offsetForLeaderEpoch),
      let version = try? connection.version(of: .offsetForLeaderEpoch), version >= 1
    else {
      for position in group { state.update(position.assigned) { $0.isUnvalidated = false } }
      return
    }
    var request = OffsetForLeaderEpochRequest()
    request.replicaId = version >= 3 ? -1 : -2
    for (name, positions) in Dictionary(grouping: group, by: \.partition.topic) {
      var topic = OffsetForLeaderEpochRequest.Topic()
      topic.topic = name
      for position in positions {
        var part = OffsetForLeaderEpochRequest.Partition()
        part.partition = position.index
        part.currentLeaderEpoch = version >= 2 ? position.leaderEpoch : -1
        part.leaderEpoch = position.offsetEpoch
        topic.partitions.append(part)
      }
      request.topics.append(topic)
    }
    let response = try await connection.request(
      request, version: version, timeoutMs: cluster.configuration.socketTimeoutMs)
    for topic in response.topics {
      for answer in topic.partitions {
        let asked = group.first {
          $0.index == answer.partition && $0.partition.topic == topic.topic
        }
        if let asked { take(answer, asked, leaderId) }
      }
    }
  }

  private func take(
    _ answer: OffsetForLeaderEpochResponse.EpochEndOffset, _ asked: FetcherState.Position,
    _ leaderId: Int32
  ) {
    guard answer.errorCode == .none else {
      // What is not retriable, such as a missing permission, leaves things as they were before KIP-320.
      if !answer.errorCode.isRetriable {
        state.update(asked.assigned) { $0.isUnvalidated = false }
      }
      return
    }
    let outcome = state.validated(
      asked.assigned, asked: asked, epoch: answer.leaderEpoch, endOffset: answer.endOffset)
    handle(outcome, asked.assigned, leaderId)
  }

  /// What was read from `to` on was lost: its leader had to do without the replicas that had it (F60).
  func truncated(
    _ assigned: AssignedPartition, from: Int64, to: Int64, _ brokerId: Int32
  ) {
    let text =
      "log truncation: offsets \(to) to \(from - 1) were read and are no longer in the log"
    if configuration.autoOffsetReset == .error {
      return fail(assigned, .broker(.offsetOutOfRange, message: text))
    }
    log(
      ClientLog(
        .warning, "TRUNC",
        "\(assigned.partition): \(text) (broker \(brokerId)): reading on at offset \(to)"))
  }
}
