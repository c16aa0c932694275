import KafkaProtocol
import Transport

/// CreateTopics 0–7: partitions go round the brokers; of assignments only the numbers are followed, and
/// of configurations none.
enum CreateTopicsHandler: Handler {
  typealias Request = CreateTopicsRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...7 }

  static func handle(
    _ request: CreateTopicsRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = CreateTopicsResponse()
    var seen: Set<String> = []
    var repeated: Set<String> = []
    for topic in request.topics where !seen.insert(topic.name).inserted {
      repeated.insert(topic.name)
    }
    response.topics = request.topics.map { wanted in
      var row = CreateTopicsResponse.Topic()
      row.name = wanted.name
      do throws(Topics.Refusal) {
        if repeated.contains(wanted.name) {
          throw Topics.Refusal(
            code: .invalidRequest, message: "Topic '\(wanted.name)' is named more than once.")
        }
        let made = try create(wanted, validateOnly: request.validateOnly, call)
        row.topicId = made.id
        row.numPartitions = made.partitions
        row.replicationFactor = made.replicas
        row.configs = []
      } catch {
        row.errorCode = error.code
        row.errorMessage = error.message
      }
      return row
    }
    return try reply(response, call)
  }

  private static func create(
    _ wanted: CreateTopicsRequest.Topic, validateOnly: Bool, _ call: Call
  ) throws(Topics.Refusal) -> (id: Uuid, partitions: Int32, replicas: Int16) {
    let broker = call.broker
    if let injected = call.injected {
      throw Topics.Refusal(code: injected, message: "As a fault rule says.")
    }
    var partitions = wanted.numPartitions
    var replicas = wanted.replicationFactor
    if !wanted.assignments.isEmpty {
      guard partitions == -1, replicas == -1 else {
        throw Topics.Refusal(
          code: .invalidRequest,
          message: "Both numPartitions or replicationFactor and replicasAssignments were set.")
      }
      (partitions, replicas) = try shape(wanted.assignments, broker)
    }
    // -1 asks for the broker's own number (KIP-464).
    if partitions == -1 { partitions = broker.options.defaultPartitions }
    if replicas == -1 { replicas = 1 }
    if validateOnly {
      if let refusal = broker.topics.refusal(
        name: wanted.name, partitions: partitions, replicas: replicas,
        brokers: broker.options.brokers)
      {
        throw refusal
      }
      return (.zero, partitions, replicas)
    }
    let topic = try broker.topics.create(
      name: wanted.name, partitions: partitions, replicas: replicas, brokerIds: broker.brokerIds,
      retentionBytes: broker.options.retentionBytesPerPartition)
    return (topic.id, partitions, replicas)
  }

  /// The numbers of partitions and replicas that an assignment by hand comes to.
  private static func shape(
    _ assignments: [CreateTopicsRequest.Assignment], _ broker: Broker
  ) throws(Topics.Refusal) -> (partitions: Int32, replicas: Int16) {
    let indexes = assignments.map(\.partitionIndex).sorted()
    guard indexes == Array(0..<Int32(assignments.count)) else {
      throw Topics.Refusal(
        code: .invalidReplicaAssignment,
        message: "Partitions must be numbered from 0 without a gap.")
    }
    let known = broker.brokerIds
    let width = assignments.first?.brokerIds.count ?? 0
    for assignment in assignments {
      let ids = assignment.brokerIds
      guard !ids.isEmpty, ids.count == width, Set(ids).count == ids.count,
        ids.allSatisfy(known.contains)
      else {
        throw Topics.Refusal(
          code: .invalidReplicaAssignment,
          message: "Replicas of partition \(assignment.partitionIndex): each must be one of"
            + " \(known), named once, and as many as of the others.")
      }
    }
    return (Int32(assignments.count), Int16(clamping: width))
  }
}
