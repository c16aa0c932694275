internal import KafkaProtocol
internal import Transport

/// The consumer's partitions: where they begin, how far they are written, and what of it is committed.
extension GroupMember {
  // MARK: Begin and end

  /// Has the consumer read partitions from where the group left off.
  func begin(_ partitions: [TopicPartition]) {
    assignmentCount += 1
    let number = assignmentCount
    for partition in partitions {
      reading[partition] = number
      initial[partition] = nil
    }
    // What -o says holds when a partition comes for the first time: later ones go on.
    let forced = partitions.filter { start != nil && started.insert($0).inserted }
    if let start { consumer.add(forced.map { PartitionStart($0, from: .spec(start)) }) }
    let rest = Set(partitions).subtracting(forced)
    if !rest.isEmpty { Net.task { await self.begin(rest, number) } }
  }

  private func begin(_ partitions: Set<TopicPartition>, _ number: Int) async {
    var backoff = Backoff(
      firstMs: settings.retryBackoffMs, maxMs: settings.retryBackoffMaxMs)
    var left = partitions
    while !isEnded {
      left = left.filter { reading[$0] == number }
      guard !left.isEmpty else { return }
      do {
        let known = try await committedOffsets(left)
        consumer.add(
          known.keys.filter { reading[$0] == number }.sorted().compactMap { partition in
            committed[partition] = known[partition]
            left.remove(partition)
            return known[partition].map {
              .init(partition, from: .committed(offset: $0.offset, leaderEpoch: $0.leaderEpoch))
            }
          })
        try await beginAnew(&left, number)
        return
      } catch {
        switch error {
        case .broker(.staleMemberEpoch, _), .broker(.unknownMemberId, _): break
        case .broker(.notCoordinator, _), .broker(.coordinatorNotAvailable, _):
          run([.forgetCoordinator])
        default:
          guard error.isRetriable else { return run([.fail(.offsets(error))]) }
        }
        lookAgain()
        await sleep(milliseconds: backoff.next())
      }
    }
  }

  /// Begins partitions of which nothing is committed, by `auto.offset.reset`.
  private func beginAnew(_ left: inout Set<TopicPartition>, _ number: Int)
    async throws(ClientError)
  {
    let reset = consumer.configuration.autoOffsetReset
    for (name, partitions) in Dictionary(grouping: left.sorted(), by: \.topic) {
      switch reset {
      case .earliest: consumer.add(partitions.map { .init($0, from: .spec(.beginning)) })
      case .error:
        for partition in partitions { consumer.events.push(.group(.noOffset(partition))) }
      case .latest:
        // The end is looked up here, so that it can be committed before a first record comes: a member
        // that is killed until then is not to pass over what is written meanwhile.
        let topic = cluster.metadata.topic(name)
        let ends = try await cluster.offsets(
          of: .end, topic: name,
          partitions: partitions.compactMap { topic?.partition($0.partition) }.filter {
            $0.leaderId >= 0
          }, timeoutMs: cluster.configuration.socketTimeoutMs)
        for partition in partitions where reading[partition] == number {
          guard let end = ends[partition.partition] else { continue }
          initial[partition] = end
          consumer.add([.init(partition, from: .spec(.absolute(end)))])
          left.remove(partition)
        }
        continue
      }
      left.subtract(partitions)
    }
    left = left.filter { reading[$0] == number }
    if !left.isEmpty { throw .broker(.leaderNotAvailable, message: nil) }
  }

  private func committedOffsets(_ partitions: Set<TopicPartition>)
    async throws(ClientError) -> [TopicPartition: CommittedOffset]
  {
    let connection = try await coordinator(
      untilMs: MonotonicClock.nowMs + settings.findCoordinatorMs)
    var member: (id: String, epoch: Int32)?
    if case .consumer(let state) = membership { member = (state.memberId, state.epoch) }
    return try await connection.committedOffsets(
      of: settings.groupId, partitions.sorted(), member: member,
      isStable: consumer.configuration.isolationLevel == .readCommitted,
      timeoutMs: cluster.configuration.socketTimeoutMs)
  }

  /// What is committed of a topic that was made anew is of the former one: a member that follows is to
  /// begin where this one does.
  func recreated(_ partition: TopicPartition) {
    committed[partition] = nil
    initial[partition] = 0
  }

  /// Has the consumer read partitions no more; the number of the report that says how far they were.
  @discardableResult func letGo(_ partitions: [TopicPartition]) -> Int {
    for partition in partitions { reading[partition] = nil }
    return consumer.revoke(partitions)
  }

  // MARK: Reports and progress

  /// Waits for the main thread to have come to a question, but not for ever.
  func reportComes(_ number: Int, withinMs: Int64) async {
    guard number > lastReport else { return }
    await withCheckedContinuation { continuation in
      let timer = Timer(afterMs: withinMs) { [weak self] in
        self?.reportWaiters.removeValue(forKey: number)
        continuation.resume()
      }
      reportWaiters[number] = {
        timer.cancel()
        continuation.resume()
      }
    }
  }

  /// The main thread has told how far it is.
  func reported(_ report: WrittenReport) {
    lastReport = max(lastReport, report.number)
    if report.number == openReport {
      openReport = nil
      if !isPaused { Net.task { await self.commitWritten(untilMs: MonotonicClock.nowMs + 5000) } }
    }
    reportWaiters.removeValue(forKey: report.number)?()
    guard isPaused, !isEnded else { return }
    isPaused = false
    log(ClientLog(.notice, "MAXPOLL", "stdout takes data again: joining the group"))
    run(membership.subscribe(topics, nowMs: MonotonicClock.nowMs))
  }

  /// How often the main thread is asked how far it is.
  var clockMs: Int64 {
    let commitMs = configuration.autoCommitIntervalMs
    let mostMs = max(1, min(5000, configuration.maxPollIntervalMs / 4))
    return configuration.autoCommit && commitMs > 0 ? min(commitMs, mostMs) : mostMs
  }

  /// Asks the main thread how far it is, and leaves where it has been silent for too long (F68).
  func checkProgress() {
    guard !isEnded else { return }
    let now = MonotonicClock.nowMs
    let writes = progress.count
    if openReport == nil || writes != stall.writes { stall = (now, writes) }
    if openReport == nil {
      openReport = consumer.askForReport()
      return
    }
    let silentMs = now - stall.sinceMs
    guard silentMs >= configuration.maxPollIntervalMs, !isPaused, membership.isIn else { return }
    isPaused = true
    log(
      ClientLog(
        .warning, "MAXPOLL",
        "Application maximum poll interval (\(configuration.maxPollIntervalMs)ms) exceeded by "
          + "\(silentMs - configuration.maxPollIntervalMs)ms: stdout takes nothing "
          + "(adjust max.poll.interval.ms): leaving group until it does"))
    Net.task { await self.pause() }
  }

  private func pause() async {
    await commitWritten(untilMs: MonotonicClock.nowMs + settings.commitWaitMs)
    guard isPaused, !isEnded else { return }
    run([.lose(membership.owned.sorted())])
    let wasJoining = membership.isJoining
    run(membership.leave(), wasJoining: wasJoining)
  }

  // MARK: Commits

  /// Commits what was written of the partitions that the member has, as far as that is not committed yet.
  func commitWritten(untilMs: Int64) async {
    guard configuration.autoCommit else { return }
    while isCommitting { await withCheckedContinuation { commitWaiters.append($0) } }
    isCommitting = true
    defer {
      isCommitting = false
      let waiting = commitWaiters
      commitWaiters = []
      for waiter in waiting { waiter.resume() }
    }
    var backoff = Backoff(
      firstMs: settings.retryBackoffMs, maxMs: settings.retryBackoffMaxMs)
    while membership.mayCommit, !offsetsToCommit.isEmpty {
      let attempt = membership.attempt
      let (due, problem) = await commit(untilMs: untilMs)
      guard let problem else { return }
      let pause = backoff.next()
      guard problem.isRetriable, attempt == membership.attempt,
        MonotonicClock.nowMs + pause < untilMs
      else { return sayCommitFailed(due, problem) }
      await sleep(milliseconds: pause)
    }
  }

  private var offsetsToCommit: [TopicPartition: CommittedOffset] {
    var due: [TopicPartition: CommittedOffset] = [:]
    for partition in membership.owned {
      let written = consumer.written[partition]
      guard let offset = written?.offset ?? initial[partition], offset >= 0,
        offset != committed[partition]?.offset
      else { continue }
      due[partition] = CommittedOffset(offset: offset, leaderEpoch: written?.leaderEpoch ?? -1)
    }
    return due
  }

  /// One OffsetCommit: what it was for, and what went wrong, if anything.
  private func commit(untilMs: Int64) async
    -> (due: [TopicPartition: CommittedOffset], ClientError?)
  {
    let attempt = membership.attempt
    var due: [TopicPartition: CommittedOffset] = [:]
    let outcomes: [TopicPartition: ErrorCode]
    do throws(ClientError) {
      let connection = try await coordinator(untilMs: untilMs)
      // The search may have taken so long that partitions have gone, and even come back, meanwhile.
      guard attempt == membership.attempt else { return (due, nil) }
      due = offsetsToCommit
      guard !due.isEmpty else { return (due, nil) }
      outcomes = try await connection.commit(
        due, groupId: settings.groupId, groupInstanceId: settings.groupInstanceId,
        memberId: membership.memberId, generationOrEpoch: membership.generationOrEpoch,
        topicIds: consumer.topicIds(of: Set(due.keys.map(\.topic))),
        timeoutMs: MonotonicClock.leftMs(until: untilMs))
    } catch { return (due.isEmpty ? offsetsToCommit : due, error) }
    var problem: ErrorCode?
    for (partition, offset) in due {
      let code = outcomes[partition] ?? .unknownServerError
      if code == .none { committed[partition] = offset } else { problem = code }
    }
    guard let problem else { return (due, nil) }
    if attempt == membership.attempt {
      run(membership.commitRefused(problem, nowMs: MonotonicClock.nowMs))
    }
    return (due, .broker(problem, message: nil))
  }

  private func sayCommitFailed(
    _ due: [TopicPartition: CommittedOffset], _ error: ClientError
  ) {
    // What a rebalance is in the way of goes with the next commit, or is read again by another member.
    if case .broker(.rebalanceInProgress, _) = error { return }
    let places = due.sorted { $0.key < $1.key }.prefix(3).map { "\($0.key)@\($0.value.offset)" }
    log(
      ClientLog(
        .warning, "COMMITFAIL",
        "Offset commit (auto commit) failed for \(due.count) partition(s): \(error): "
          + places.joined(separator: ", ")))
  }
}
