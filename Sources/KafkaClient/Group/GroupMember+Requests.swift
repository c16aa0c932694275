internal import KafkaProtocol
internal import Transport

/// The requests of the state machines, and where their answers go.
extension GroupMember {
  /// Finds the coordinator, chooses the protocol by what it speaks, and looks for the topics.
  func begin() async {
    var backoff = Backoff(
      firstMs: settings.retryBackoffMs, maxMs: settings.retryBackoffMaxMs)
    while !isEnded {
      do {
        try await lookForBrokers(timeoutMs: settings.findCoordinatorMs)
        let connection = try await coordinator(
          untilMs: MonotonicClock.nowMs + settings.findCoordinatorMs)
        membership = try choose(connection)
        return await watchTopics()
      } catch {
        guard error.isRetriable else { return run([.fail(.client(error))]) }
        await sleep(milliseconds: backoff.next())
      }
    }
  }

  private func choose(_ connection: Connection) throws(ClientError) -> Membership {
    if configuration.groupProtocol == .consumer {
      if let version = try? connection.version(of: .consumerGroupHeartbeat) {
        // From version 1 on the member makes its own id (KIP-1082).
        return .consumer(
          ConsumerMember(settings, memberId: version >= 1 ? Self.freshId() : ""))
      }
      fallBack("\(connection.name) does not know ConsumerGroupHeartbeat (KIP-848)")
    }
    if settings.groupInstanceId != nil, try connection.version(of: .joinGroup) < 5 {
      throw .unsupported(what: "group.instance.id", needs: "Kafka 2.3 or later")
    }
    return .classic(ClassicMember(settings))
  }

  private func fallBack(_ why: String) {
    log(
      ClientLog(
        .warning, "GROUP",
        "Group \(settings.groupId): \(why): going on with group.protocol=classic"))
  }

  private static func freshId() -> String {
    Uuid(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max)).description
  }

  func ask(join request: JoinGroupRequest) {
    // The answer comes when all members have joined.
    ask(request, timeoutMs: settings.rebalanceTimeoutMs + 5000) { result in
      self.run(
        self.membership.change(
          { $0.joined(result, nowMs: MonotonicClock.nowMs) }, { _ in [] }))
    }
  }

  func ask(sync request: SyncGroupRequest) {
    ask(request, timeoutMs: settings.rebalanceTimeoutMs + 5000) { result in
      self.run(
        self.membership.change(
          { $0.synced(result, nowMs: MonotonicClock.nowMs) }, { _ in [] }))
    }
  }

  func ask(heartbeat request: HeartbeatRequest) {
    ask(request, timeoutMs: membership.heartbeatAnswerMs) { result in
      self.run(
        self.membership.change(
          { $0.beaten(result, nowMs: MonotonicClock.nowMs) }, { _ in [] }))
    }
  }

  func ask(consumerHeartbeat request: ConsumerGroupHeartbeatRequest) {
    let timeoutMs = min(membership.heartbeatAnswerMs, cluster.configuration.socketTimeoutMs)
    ask(request, timeoutMs: timeoutMs) { result in
      if case .success(let response) = result, response.errorCode == .unsupportedVersion {
        return self.becomeClassic()
      }
      self.run(
        self.membership.change(
          { _ in [] }, { $0.beaten(result, nowMs: MonotonicClock.nowMs) }))
      self.nameTopics()
    }
  }

  /// The broker knows the request but does not serve it (`group.coordinator.rebalance.protocols`).
  private func becomeClassic() {
    fallBack("the coordinator does not serve ConsumerGroupHeartbeat (KIP-848)")
    membership = .classic(ClassicMember(settings))
    run(membership.subscribe(topics, nowMs: MonotonicClock.nowMs))
  }

  /// As leader: how many partitions the group's topics have.
  func count(_ topics: Set<String>) {
    let attempt = membership.attempt
    Net.task {
      let result: Result<[String: Int32], ClientError>
      do throws(ClientError) {
        let metadata = try await self.cluster.refreshMetadata(
          topics: topics.sorted(), allowAutoTopicCreation: false, timeoutMs: 5000)
        result = .success(
          topics.reduce(into: [:]) { counts, name in
            guard let topic = metadata.topic(name), topic.errorCode == .none else { return }
            counts[name] = Int32(clamping: topic.partitions.count)
          })
      } catch { result = .failure(error) }
      guard attempt == self.membership.attempt, !self.isEnded else { return }
      self.run(
        self.membership.change(
          { $0.counted(result, nowMs: MonotonicClock.nowMs) }, { _ in [] }))
    }
  }
}
