import KafkaClient
import KafkaProtocol
import Transport

extension ClusterView {
  /// Adds what was asked for beyond the metadata.
  @Net mutating func add(
    _ options: ListOptions, of cluster: Cluster, timeoutMs: Int64
  ) async throws(ClientError) {
    if options.offsets { try await addOffsets(of: cluster, timeoutMs) }
    if options.configs != .none {
      try await addConfigs(of: cluster, all: options.configs == .all, timeoutMs)
    }
  }

  @Net private mutating func addOffsets(
    of cluster: Cluster, _ timeoutMs: Int64
  ) async throws(ClientError) {
    var queries: [OffsetQuery] = []
    for topic in topics {
      // What has no leader is not waited for: a listing tells what is.
      for partition in topic.partitions where partition.leader >= 0 {
        let named = TopicPartition(topic.name, partition.id)
        queries += [OffsetQuery(named, timestamp: -2), OffsetQuery(named, timestamp: -1)]
      }
    }
    var answers: [OffsetQuery: OffsetAnswer] = [:]
    if !queries.isEmpty {
      for answer in try await cluster.answers(to: queries, timeoutMs: timeoutMs) {
        answers[answer.query] = answer
      }
    }
    for topic in topics.indices {
      for index in topics[topic].partitions.indices {
        let named = TopicPartition(topics[topic].name, topics[topic].partitions[index].id)
        topics[topic].partitions[index].offsets = Self.offsets(
          low: answers[OffsetQuery(named, timestamp: -2)],
          high: answers[OffsetQuery(named, timestamp: -1)])
      }
    }
  }

  private static func offsets(low: OffsetAnswer?, high: OffsetAnswer?) -> Told<Span> {
    guard let low, let high else {
      return .unknown("\(ClientError.broker(.leaderNotAvailable, message: nil))")
    }
    if let error = low.error ?? high.error { return .unknown("\(error)") }
    return .known(Span(low: low.offset, high: high.offset))
  }

  @Net private mutating func addConfigs(
    of cluster: Cluster, all: Bool, _ timeoutMs: Int64
  ) async throws(ClientError) {
    let names = topics.filter { $0.error == nil }.map(\.name)
    guard !names.isEmpty else { return }
    let found = try await cluster.configs(ofTopics: names, timeoutMs: timeoutMs)
    for index in topics.indices where topics[index].error == nil {
      topics[index].configs =
        switch found[topics[index].name] {
        case .success(let configs): .known(configs.filter { all || $0.source == .topic })
        case .failure(let error): .unknown("\(error)")
        case nil: .unknown("the broker did not answer for it")
        }
    }
  }

  /// Says on stderr, and by the exit code, that something that was asked for is not known.
  func reportUnknown(to messages: Messages) {
    let partitions = topics.flatMap(\.partitions)
    let offsets = partitions.count { if case .unknown = $0.offsets { true } else { false } }
    if offsets > 0 {
      messages.failure("No offsets of \(offsets)/\(partitions.count) partitions")
    }
    let configs = topics.count { if case .unknown = $0.configs { true } else { false } }
    if configs > 0 {
      messages.failure("No configuration of \(configs)/\(topics.count) topics")
    }
  }
}
