import KafkaProtocol
import Synchronization
import Transport

/// Topics: opened once, and known from then on.
extension Producer {
  /// Waits until the topic has a leader, and agrees with the cluster on format and producer id.
  ///
  /// An answer is waited for `timeoutMs`; a leader that is being chosen and a coordinator that is loading
  /// `topic.metadata.propagation.max.ms`; neither longer than `message.timeout.ms`.
  ///
  /// - Throws: `ClientError.unknownTopic` where it does not appear in time, or what else is in the way.
  func open(_ name: String, timeoutMs: Int64) async throws(ClientError) -> Layout {
    let startMs = MonotonicClock.nowMs
    let boundMs = configuration.messageTimeoutMs > 0 ? configuration.messageTimeoutMs : .max
    let deadlineMs = startMs + min(timeoutMs, boundMs)
    let patienceMs =
      startMs + min(max(timeoutMs, configuration.topicMetadataPropagationMaxMs), boundMs)
    let found = try await findTopic(name, deadlineMs: deadlineMs, patienceMs: patienceMs)
    warmUp(found)
    let connection = try await cluster.anyConnection(
      timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
    let version = try connection.version(of: .produce)
    if configuration.codec == .zstd && version < 7 {
      throw .unsupported(what: "zstd", needs: "Kafka 2.1 or later")
    }
    let magic = version >= 3 ? 2 : version == 2 ? 1 : 0
    if !hasBegun {
      let stamp = try await identify(magic: magic, deadlineMs: patienceMs)
      // Another `open` may have come first while this one waited.
      if !hasBegun { begin(stamp) }
    }
    let topic = number(of: name)
    if found.topicId != .zero { numbersById[found.topicId] = topic }
    let rows = [Self.metadata(of: found, topic)]
    publish(rows)
    run(state.learned(rows, nowMs: MonotonicClock.nowMs))
    return Layout(
      topic: topic, available: Self.available(rows[0]), magic: magic,
      identity: identity ?? ProducerState.Stamp())
  }

  private func number(of name: String) -> Int {
    if let known = numbers[name] { return known }
    let topic = state.addTopic(name)
    numbers[name] = topic
    names.append(name)
    return topic
  }

  private func findTopic(_ name: String, deadlineMs: Int64, patienceMs: Int64)
    async throws(ClientError) -> ClusterMetadata.Topic
  {
    var backoff = Backoff.metadata(cluster.configuration)
    var untilMs = deadlineMs
    var isUnknown = false
    while true {
      let left = MonotonicClock.leftMs(until: untilMs)
      let metadata: ClusterMetadata
      do {
        metadata = try await cluster.refreshMetadata(
          topics: [name], allowAutoTopicCreation: true, timeoutMs: left)
      } catch {
        // A cluster that answered is not out of reach, only too slow to be asked again in what was left.
        if case .timedOut = error, isUnknown { throw .unknownTopic(name) }
        throw error
      }
      var code = ErrorCode.unknownTopicOrPartition
      if let topic = metadata.topic(name) {
        code = topic.errorCode
        if code == .none {
          if topic.partitions.contains(where: { $0.leaderId >= 0 }) { return topic }
          code = .leaderNotAvailable
        }
      }
      let mayCome =
        switch ProduceVerdict(code) {
        case .retry, .refreshAndRetry, .unknownTopic: true
        // A broker that has just started does not count itself yet when it creates a topic.
        case .permanent: code == .invalidReplicationFactor
        case .delivered, .outOfOrder, .unknownProducer, .newProducerId, .tooLarge: false
        }
      isUnknown = code == .unknownTopicOrPartition
      untilMs = isUnknown ? deadlineMs : patienceMs
      let pause = backoff.next()
      guard mayCome, MonotonicClock.nowMs + pause < untilMs,
        link.interrupts.load(ordering: .relaxed) == 0
      else {
        throw code == .unknownTopicOrPartition
          ? .unknownTopic(name) : .broker(code, message: nil)
      }
      await sleep(milliseconds: pause)
    }
  }

  /// Connections to a few leaders are made while the producer id is asked for.
  private func warmUp(_ topic: ClusterMetadata.Topic) {
    let leaders = Set(topic.partitions.map(\.leaderId).filter { $0 >= 0 })
    guard leaders.count <= 4 else { return }
    for leader in leaders {
      Net.task { [cluster] in _ = try? await cluster.connection(to: leader, .data) }
    }
  }

  static func metadata(of topic: ClusterMetadata.Topic, _ number: Int)
    -> ProducerState.TopicMetadata
  {
    var row = ProducerState.TopicMetadata(topic: number)
    row.errorCode = topic.errorCode
    row.leaders = topic.partitions.map { ($0.index, $0.leaderId, $0.leaderEpoch) }
    return row
  }

  /// Most partitions that a topic may have here; more than any cluster allows.
  private static let partitionsMax: Int32 = 1_000_000

  static func available(_ row: ProducerState.TopicMetadata) -> [Bool] {
    let leaders = row.leaders.filter { (0..<partitionsMax).contains($0.partition) }
    var available = [Bool](
      repeating: false, count: Int((leaders.map(\.partition).max() ?? -1) + 1))
    for (partition, leaderId, _) in leaders { available[Int(partition)] = leaderId >= 0 }
    return available
  }

  func publish(_ rows: [ProducerState.TopicMetadata]) {
    for row in rows where row.errorCode == .none && !row.leaders.isEmpty {
      link.publish(topic: row.topic, available: Self.available(row))
    }
  }
}
