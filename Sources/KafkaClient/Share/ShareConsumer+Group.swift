internal import KafkaProtocol
internal import Transport

/// The member's part: heartbeats and assignments.
extension ShareConsumer {
  /// How long the coordinator may take for an answer, in milliseconds: less than what it takes a member
  /// for dead after (45 s).
  private nonisolated static let heartbeatTimeoutMs: Int64 = 10_000

  /// Joins the group; then heartbeats go on by themselves.
  func join(deadlineMs: Int64, timeoutMs: Int64) async throws(ClientError) {
    var last: ClientError?
    while !isStopped {
      let (outcome, error) = await beat()
      last = error ?? last
      if case .failed(let refusal) = outcome { throw refusal }
      act(on: outcome)
      if member.isMember { break }
      let nowMs = MonotonicClock.nowMs
      guard member.dueMs < deadlineMs else {
        throw last ?? .timedOut(what: "joining share group \(member.groupId)", afterMs: timeoutMs)
      }
      await sleep(milliseconds: max(1, member.dueMs - nowMs))
    }
    Net.task { await self.keepBeating() }
  }

  private func keepBeating() async {
    var said: Set<String> = []
    while true {
      let pauseMs = member.dueMs - MonotonicClock.nowMs
      if pauseMs > 0 { await sleep(milliseconds: pauseMs) }
      guard !isStopped else { return }
      let (outcome, error) = await beat()
      guard !isStopped else { return }
      if let error {
        // What goes wrong in the same way again and again is said once (F3).
        for line in error.details where said.insert(line).inserted {
          log(ClientLog(.error, "FAIL", line))
        }
      } else {
        said = []
      }
      act(on: outcome)
    }
  }

  /// One heartbeat and its answer; the error, where the coordinator was not reached.
  private func beat() async -> (ShareMember.Outcome, ClientError?) {
    do throws(ClientError) {
      let connection: Connection
      if let coordinator, coordinator.isOpen {
        connection = coordinator
      } else {
        connection = try await cluster.coordinator(
          of: member.groupId, .group, timeoutMs: Self.heartbeatTimeoutMs)
        coordinator = connection
      }
      let response = try await connection.request(
        member.heartbeat(),
        timeoutMs: min(cluster.configuration.socketTimeoutMs, Self.heartbeatTimeoutMs))
      return (member.received(response, nowMs: MonotonicClock.nowMs), nil)
    } catch {
      guard error.isRetriable else { return (.failed(error), nil) }
      return (member.lostCoordinator(nowMs: MonotonicClock.nowMs), error)
    }
  }

  private func act(on outcome: ShareMember.Outcome) {
    switch outcome {
    case .nothing: break
    case .coordinatorLost: coordinator = nil
    case .assigned: assignmentChanged()
    case .fenced(let code):
      log(
        ClientLog(
          .notice, "SHARE",
          "share group \(member.groupId): \(code.sentence): joining again as \(memberId)"))
      assignmentChanged()
    case .failed(let error): end(error)
    }
  }

  /// Nothing can be read any more.
  func end(_ error: ClientError) {
    guard !isStopped else { return }
    isStopped = true
    events.push(.ended(error))
  }

  private func assignmentChanged() {
    if !place() { refreshLeaders() }
    events.push(.assigned(member.assignment.compactMap { partitions[$0] }))
  }

  /// Leaves the group, if it is reached: otherwise it finds out by itself, in time.
  func leave() async {
    guard let request = member.leave(), let coordinator, coordinator.isOpen else { return }
    do throws(ClientError) {
      _ = try await coordinator.request(
        request, timeoutMs: min(cluster.configuration.socketTimeoutMs, Self.heartbeatTimeoutMs))
    } catch {
      log(ClientLog(.info, "SHARE", "leaving share group \(member.groupId): \(error)"))
    }
  }

  // MARK: Leaders

  /// Tells each broker's session which partitions it has; false where some have no known leader.
  private func place() -> Bool {
    var names: [Uuid: String] = [:]
    for topic in cluster.metadata.topics { names[topic.topicId] = topic.name }
    var byLeader: [Int32: [TopicIdPartition]] = [:]
    var isComplete = true
    for partition in member.assignment where !refused.contains(partition) {
      guard let name = names[partition.topicId] else {
        isComplete = false
        continue
      }
      if partitions[partition] == nil {
        partitions[partition] = AssignedPartition(
          TopicPartition(name, partition.partition), number: Int32(clamping: partitions.count))
      }
      if let leaderId = cluster.metadata.topic(name)?.partition(partition.partition)?.leaderId,
        leaderId >= 0
      {
        byLeader[leaderId, default: []].append(partition)
      } else {
        isComplete = false
      }
    }
    for brokerId in Set(sessions.keys).union(byLeader.keys) {
      sessions[brokerId, default: makeSession()].want(byLeader[brokerId] ?? [])
      if running.insert(brokerId).inserted { Net.task { await self.run(brokerId) } }
    }
    return isComplete
  }

  /// Asks who leads, until every partition has a leader; one asks at a time.
  func refreshLeaders() {
    guard !isRefreshing, !isStopped else { return }
    isRefreshing = true
    Net.task { await self.findLeaders() }
  }

  private func findLeaders() async {
    defer { isRefreshing = false }
    var backoff = Backoff(cluster.configuration)
    while !isStopped {
      do throws(ClientError) {
        try await cluster.refreshMetadata(
          topics: topics, allowAutoTopicCreation: false, timeoutMs: 5000)
        saidAllDown = false
        if isStopped { return }
        let knownCount = partitions.count
        let isComplete = place()
        if partitions.count > knownCount {
          events.push(.assigned(member.assignment.compactMap { partitions[$0] }))
        }
        if isComplete { return }
      } catch {
        if case .unreachable = error, !saidAllDown {
          saidAllDown = true
          events.push(.allBrokersDown(error))
        }
      }
      await sleep(milliseconds: backoff.next())
    }
  }
}
