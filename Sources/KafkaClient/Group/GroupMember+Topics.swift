internal import KafkaProtocol
internal import Transport

/// Which topics there are, again and again.
extension GroupMember {
  /// Asks for the topics, tells the state machine, and asks again: soon where one is missing, otherwise at
  /// `topic.metadata.refresh.interval.ms`.
  func watchTopics() async {
    var failures = 0
    while !isEnded {
      var pauseMs = cluster.configuration.metadataRefreshIntervalMs
      do {
        try await lookForTopics()
        failures = 0
        if !saidMissing.isEmpty { pauseMs = pauseMs < 0 ? 5000 : min(pauseMs, 5000) }
      } catch {
        guard error.isRetriable else { return run([.fail(.client(error))]) }
        failures += 1
        pauseMs = min(5000, settings.retryBackoffMs << Int64(min(failures, 6)))
      }
      guard !isEnded else { return }
      await withCheckedContinuation { continuation in
        wakeForTopics = { continuation.resume() }
        // −1 is never, until somebody asks for it.
        if pauseMs >= 0 {
          topicsWake = Timer(afterMs: pauseMs) { [weak self] in self?.lookAgain() }
        }
      }
    }
  }

  /// Ends the pause of `watchTopics`.
  func lookAgain() {
    topicsWake?.cancel()
    topicsWake = nil
    let body = wakeForTopics
    wakeForTopics = nil
    body?()
  }

  /// KIP-848 assigns by topic ids: where one has no name yet the metadata have to be asked.
  func nameTopics() {
    guard case .consumer(let member) = membership, !member.unknownTopicIds.isEmpty else { return }
    lookAgain()
  }

  private func lookForTopics() async throws(ClientError) {
    var asked = selection.asked
    if asked != nil, case .classic(let member) = membership {
      asked = Set(selection.names).union(member.groupTopics).sorted()
    }
    let metadata = try await cluster.refreshMetadata(
      topics: asked, allowAutoTopicCreation: configuration.allowAutoCreateTopics,
      timeoutMs: 5000)
    let found: TopicSelection.Found
    do throws(TopicPatternError) {
      found = try selection.find(in: metadata)
    } catch {
      return run([.fail(.pattern(error))])
    }
    sayMissing(found)
    let now = MonotonicClock.nowMs
    // A topic that is gone for a moment is no reason to give up all.
    if !found.topics.isEmpty { topics = found.topics }
    if !topics.isEmpty, !isPaused, !isEnded {
      run(membership.subscribe(topics, nowMs: now))
      run(membership.learn(metadata, nowMs: now))
    }
  }

  private func sayMissing(_ found: TopicSelection.Found) {
    for (name, code) in found.missing where code == .unknownTopicOrPartition || !code.isRetriable {
      guard saidMissing.insert(name).inserted else { continue }
      consumer.events.push(.group(.unavailable(name, code, found: found.topics.count)))
    }
    saidMissing.formIntersection(found.missing.map(\.name))
  }
}
