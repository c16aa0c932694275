internal import KafkaProtocol
internal import Transport

/// Who leads, and what has become of the topics.
extension Consumer {
  /// How long the cluster may not know a partition before it is taken for deleted, in milliseconds: a
  /// broker that has just started may lag (F24).
  static let absentMs: Int64 = 3000

  /// Asks who leads, until every partition has a leader and an offset; one asks at a time.
  func refreshLeaders() {
    guard !isRefreshing, !isStopped else { return }
    isRefreshing = true
    Net.task { await self.findLeaders() }
  }

  private func findLeaders() async {
    defer { isRefreshing = false }
    var backoff = Backoff.metadata(cluster.configuration)
    while !isStopped {
      let names = state.topicNames
      if names.isEmpty { return }
      do {
        let isKnown = try await learnAll(names)
        startLoops()
        try await findMissingOffsets()
        try await validate()
        startLoops()
        if isKnown && state.isComplete { return }
      } catch {
        if case .closed = error { return }
        guard error.isRetriable else { return fail(error) }
      }
      await sleep(milliseconds: backoff.next())
    }
  }

  /// Asks for the metadata of topics; false where they are to be asked for again.
  private func learnAll(_ names: [String]) async throws(ClientError) -> Bool {
    do {
      try await cluster.refreshMetadata(
        topics: names, allowAutoTopicCreation: false, timeoutMs: 5000)
    } catch {
      // Only this has tried all brokers; a leader that is away is no more than that (F4).
      if case .unreachable = error, !saidAllDown {
        saidAllDown = true
        events.push(.allBrokersDown(error))
      }
      throw error
    }
    saidAllDown = false
    var isKnown = true
    for name in names where !isStopped {
      if !learn(name) { isKnown = false }
    }
    return isKnown
  }

  /// The ids of topics as they are read; those that are not known are left out.
  func topicIds(of names: Set<String>) -> [String: Uuid] {
    var ids: [String: Uuid] = [:]
    for name in names {
      guard let place = state.place(ofTopic: name) else { continue }
      let id = state.topics[Int(place)].id
      if id != .zero { ids[name] = id }
    }
    return ids
  }

  /// Takes over what the metadata now say of a topic; false where they are to be asked again.
  private func learn(_ name: String) -> Bool {
    guard let topic = cluster.metadata.topic(name) else { return false }
    switch topic.errorCode {
    case .none: learn(topic)
    case .unknownTopicOrPartition, .unknownTopicId:
      state.learnAbsent(name, nowMs: MonotonicClock.nowMs)
      giveUpAbsent()
      return false
    case let code where code.isRetriable: return false
    case let code:
      stop()
      events.push(.topicFailed(name, .broker(code, message: nil)))
    }
    return true
  }

  /// Takes over a topic's partitions and their leaders.
  func learn(_ topic: ClusterMetadata.Topic) {
    let learned = state.learn(topic, nowMs: MonotonicClock.nowMs)
    for (assigned, offset) in learned.recreated {
      let place = offset.map { "offset \($0)" } ?? "its beginning"
      if configuration.autoOffsetReset == .error {
        fail(assigned, .broker(.unknownTopicId, message: "the topic was deleted and made anew"))
      } else {
        log(
          ClientLog(
            .warning, "OFFSET",
            "\(assigned.partition): the topic was deleted and made anew (was at \(place)): "
              + "reading the new one from its beginning"))
        renew(assigned)
      }
    }
    if followed.contains(topic.name), !learned.unassigned.isEmpty {
      let list = learned.unassigned.map(String.init).joined(separator: ", ")
      log(
        ClientLog(
          .notice, "PARTCNT",
          "Topic \(topic.name) has grown to \(topic.partitions.count) partitions: reading \(list) "
            + "from the beginning"))
      add(
        learned.unassigned.map {
          PartitionStart(TopicPartition(topic.name, $0), from: .spec(.beginning))
        })
    }
    giveUpAbsent()
  }

  /// Reports partitions that the cluster has not known for a while; where the end is wanted, this is it.
  private func giveUpAbsent() {
    let sinceMs = MonotonicClock.nowMs - Self.absentMs
    for position in state.positions where !position.isDone {
      guard let absent = position.absentSinceMs, absent <= sinceMs else { continue }
      if state.limits.stopAtEnd {
        fail(position.assigned, .unknownTopic(position.partition.topic))
      } else if saidAbsent.insert(position.assigned.number).inserted {
        log(
          ClientLog(
            .warning, "TOPIC",
            "\(position.partition): \(ErrorCode.unknownTopicOrPartition.sentence): "
              + "waiting until it is there again"))
      }
    }
  }

  /// Takes over the leader that a broker names in its stead (KIP-951).
  func follow(
    _ answer: FetchResponse.Partition, _ response: FetchResponse, _ assigned: AssignedPartition
  ) {
    let (leaderId, epoch) = (answer.currentLeader.leaderId, answer.currentLeader.leaderEpoch)
    let endpoint = response.nodeEndpoints.first { $0.nodeId == leaderId }
    cluster.metadata.apply(
      leader: leaderId, epoch: epoch, topic: assigned.partition.topic,
      partition: assigned.partition.partition,
      endpoint: endpoint.map {
        ClusterMetadata.Broker(nodeId: $0.nodeId, host: $0.host, port: $0.port, rack: $0.rack)
      })
    guard cluster.metadata.broker(leaderId) != nil else { return }
    if state.lead(assigned, leaderId, epoch: epoch) { startLoops() }
  }
}
