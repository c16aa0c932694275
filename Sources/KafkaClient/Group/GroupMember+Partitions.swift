internal import KafkaProtocol
internal import Transport

/// The consumer's partitions: where they begin, how far they are written, and what of it is committed.
extension GroupMember {
  // MARK: Begin and end

  /// Has the consumer read partitions from where the group left off.
  func begin(_ partitions: [TopicPartition]) {
    assignmentCount += 1
    let number = assignmentCount
    for partition in partitions { reading[partition] = number }
    // What -o says holds when a partition comes for the first time: later ones go on.
    let forced = partitions.filter { start != nil && started.insert($0).inserted }
    if let start { consumer.add(forced.map { PartitionStart($0, from: .spec(start)) }) }
    let rest = Set(partitions).subtracting(forced)
    if !rest.isEmpty { Net.task { await self.begin(rest, number) } }
  }

  private func begin(_ partitions: Set<TopicPartition>, _ number: Int) async {
    var backoff = Backoff(
      firstMs: settings.retryBackoffMs, maxMs: settings.retryBackoffMaxMs)
    while !isEnded {
      let wanted = partitions.filter { reading[$0] == number }
      guard !wanted.isEmpty else { return }
      do {
        let found = try await committedOffsets(wanted)
        let still = wanted.filter { reading[$0] == number }.sorted()
        for partition in still { committed[partition] = found[partition] }
        return consumer.add(still.compactMap { begin($0, found[$0]) })
      } catch {
        switch error {
        case .broker(.staleMemberEpoch, _), .broker(.unknownMemberId, _): break
        case .broker(.notCoordinator, _), .broker(.coordinatorNotAvailable, _):
          run([.forgetCoordinator])
        default:
          guard error.isRetriable else { return run([.fail(.offsets(error))]) }
        }
        await sleep(milliseconds: backoff.next())
      }
    }
  }

  private func begin(_ partition: TopicPartition, _ known: CommittedOffset?) -> PartitionStart? {
    guard let from = consumer.start(known) else {
      consumer.events.push(.group(.noOffset(partition)))
      return nil
    }
    return PartitionStart(partition, from: from)
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

  /// Has the consumer read partitions no more; the number of the report that says how far they were.
  @discardableResult func letGo(_ partitions: [TopicPartition]) -> Int {
    for partition in partitions { reading[partition] = nil }
    return consumer.revoke(partitions)
  }

  // MARK: Reports and progress

  /// Waits for the main thread to have come to a question, but not for ever.
  func reportComes(_ number: Int, withinMs: Int64) async {
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
    let owned = membership.owned.sorted()
    run(membership.leave() + [.lose(owned)])
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
    while membership.mayCommit {
      let due = offsetsToCommit
      guard !due.isEmpty else { return }
      let attempt = membership.attempt
      let problem = await commit(due, untilMs: untilMs)
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
      guard let position = consumer.written[partition], position.offset >= 0,
        position.offset != committed[partition]?.offset
      else { continue }
      due[partition] = CommittedOffset(
        offset: position.offset, leaderEpoch: position.leaderEpoch)
    }
    return due
  }

  /// One OffsetCommit; the answer is what went wrong, if anything.
  private func commit(_ due: [TopicPartition: CommittedOffset], untilMs: Int64) async
    -> ClientError?
  {
    let attempt = membership.attempt
    let outcomes: [TopicPartition: ErrorCode]
    do throws(ClientError) {
      let connection = try await coordinator(untilMs: untilMs)
      outcomes = try await connection.commit(
        due, groupId: settings.groupId, groupInstanceId: settings.groupInstanceId,
        memberId: membership.memberId, generationOrEpoch: membership.generationOrEpoch,
        timeoutMs: max(1, untilMs - MonotonicClock.nowMs))
    } catch { return error }
    var problem: ErrorCode?
    for (partition, offset) in due {
      let code = outcomes[partition] ?? .unknownServerError
      if code == .none { committed[partition] = offset } else { problem = code }
    }
    guard let problem else { return nil }
    if attempt == membership.attempt {
      run(membership.commitRefused(problem, nowMs: MonotonicClock.nowMs))
    }
    return .broker(problem, message: nil)
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
