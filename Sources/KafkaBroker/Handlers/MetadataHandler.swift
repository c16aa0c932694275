import KafkaProtocol
import Transport

/// Metadata 0–13: brokers, topics, partitions; creates a topic that is asked for and missing, where allowed.
enum MetadataHandler: Handler {
  typealias Request = MetadataRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...13 }

  static func handle(
    _ request: MetadataRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = MetadataResponse()
    response.brokers = call.broker.advertised(call.connection).map { node in
      var broker = MetadataResponse.Broker()
      broker.nodeId = node.id
      broker.host = node.host
      broker.port = node.port
      return broker
    }
    response.clusterId = call.broker.options.clusterId
    response.controllerId = call.broker.controllerId
    // Version 0 has no null: there an empty list means all.
    let wanted = call.version == 0 && request.topics?.isEmpty == true ? nil : request.topics
    if let wanted {
      response.topics = wanted.map { answer($0, request, call) }
    } else {
      response.topics = call.broker.topics.all.map { describe($0, call) }
    }
    return try reply(response, call)
  }

  private static func answer(
    _ wanted: MetadataRequest.Topic, _ request: MetadataRequest, _ call: Call
  ) -> MetadataResponse.Topic {
    let broker = call.broker
    guard let name = wanted.name else {
      if let topic = broker.topics[wanted.topicId] { return describe(topic, call) }
      var missing = MetadataResponse.Topic()
      missing.topicId = wanted.topicId
      missing.errorCode = .unknownTopicId
      return missing
    }
    if let topic = broker.topics[name] { return describe(topic, call) }
    var missing = MetadataResponse.Topic()
    missing.name = name
    missing.errorCode = .unknownTopicOrPartition
    if TopicRules.fault(in: name) != nil {
      missing.errorCode = .invalidTopic
    } else if broker.options.autoCreateTopics, call.injected == nil,
      request.allowAutoTopicCreation || call.version < 4
    {
      do {
        let topic = try broker.topics.create(
          name: name, partitions: broker.options.defaultPartitions, replicas: 1,
          brokerIds: broker.brokerIds, retentionBytes: broker.options.retentionBytesPerPartition)
        return describe(topic, call)
      } catch {
        missing.errorCode = error.code
      }
    }
    return missing
  }

  private static func describe(_ topic: Topic, _ call: Call) -> MetadataResponse.Topic {
    var shown = MetadataResponse.Topic()
    shown.name = topic.name
    shown.topicId = topic.id
    if let injected = call.injected {
      shown.errorCode = injected
      return shown
    }
    let up = call.broker.upIds
    shown.partitions = topic.partitions.enumerated().map { index, partition in
      var row = MetadataResponse.Partition()
      row.partitionIndex = Int32(index)
      row.leaderId = partition.leaderId
      row.leaderEpoch = partition.log.leaderEpoch
      row.replicaNodes = partition.replicas
      row.isrNodes = partition.replicas.filter(up.contains)
      row.offlineReplicas = partition.replicas.filter { !up.contains($0) }
      if partition.leaderId < 0 { row.errorCode = .leaderNotAvailable }
      return row
    }
    return shown
  }
}
