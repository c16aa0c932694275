import KafkaClient
import KafkaProtocol
import Transport

/// Carries out a `ListPlan`.
struct ListRun {
  let plan: ListPlan
  let configuration: ClientConfiguration
  let messages: Messages

  func run() -> Int32 {
    let setup = ClientSetup(plan: plan.client, messages: messages)
    let view: ClusterView
    do {
      view = try Net.wait { [plan, configuration] in
        let cluster = setup.cluster(configuration)
        defer { cluster.close() }
        try await cluster.refreshMetadata(
          topics: plan.topic.map { [$0] }, allowAutoTopicCreation: false,
          timeoutMs: plan.client.timeoutMs)
        var view = try ClusterView(cluster, topic: plan.topic)
        try await view.add(plan.options, of: cluster, timeoutMs: plan.client.timeoutMs)
        return view
      }
    } catch {
      guard let error = error as? ClientError else {
        messages.fatal("topic.blacklist: \(error)")
        return 1
      }
      let hint = if case .unreachable = error { ClientSetup.metadataHint } else { "" }
      return setup.fail("Failed to acquire metadata", error, hint: hint)
    }
    _ = StandardOutput.write(messages) { forTerminal in
      plan.json ? view.json(forTerminal: forTerminal) : view.text(forTerminal: forTerminal)
    }
    view.reportUnknown(to: messages)
    return messages.exitStatus
  }
}

extension ClusterView {
  /// What the cluster said, as it is shown.
  @Net init(_ cluster: Cluster, topic: String?) throws(TopicPatternError) {
    let metadata = cluster.metadata
    self.init(
      topic: topic, originatingBrokerId: cluster.origin.id,
      originatingBrokerName: cluster.origin.name)
    controllerId = metadata.controllerId >= 0 ? metadata.controllerId : nil
    brokers = metadata.brokers.map { Broker(id: $0.nodeId, host: $0.host, port: $0.port) }
    // A broker below Metadata v4 was asked for all topics, so as not to create the one that is wanted.
    let shown = try cluster.visibleTopics().filter { topic == nil || $0.name == topic }
    topics = shown.map { topic in
      Topic(
        name: topic.name, error: topic.errorCode == .none ? nil : topic.errorCode.sentence,
        tryAgain: topic.errorCode == .leaderNotAvailable,
        partitions: topic.partitions.map {
          Partition(
            id: $0.index, leader: $0.leaderId, replicas: $0.replicas, isrs: $0.isrs,
            error: Self.partitionError($0))
        })
    }
    if let topic, shown.isEmpty {
      topics = [Topic(name: topic, error: ErrorCode.unknownTopicOrPartition.sentence)]
    }
  }

  /// librdkafka does not call a replica that is away an error.
  private static func partitionError(_ partition: ClusterMetadata.Partition) -> String? {
    partition.errorCode == .none || partition.errorCode == .replicaNotAvailable
      ? nil : partition.errorCode.sentence
  }
}
