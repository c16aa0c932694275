import KafkaProtocol
import Transport

/// AddPartitionsToTxn 0–3: the versions for clients; all partitions are added or none.
enum AddPartitionsToTxnHandler: Handler {
  typealias Request = AddPartitionsToTxnRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...3 }

  static func handle(
    _ request: AddPartitionsToTxnRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    let id = request.v3AndBelowTransactionalId
    let places = request.v3AndBelowTopics.flatMap { topic in
      topic.partitions.map { TopicPartition(topic.name, $0) }
    }
    let missing = Set(
      places.filter { call.broker.topics[$0.topic]?.partition($0.partition) == nil })
    var error: ErrorCode
    if let fault = call.coordinatorFault(id) {
      error = fault
    } else if !missing.isEmpty {
      error = .operationNotAttempted
    } else {
      error = call.add(
        places, to: id, request.v3AndBelowProducerId, request.v3AndBelowProducerEpoch)
      if error == .producerFenced, call.version < 2 { error = .invalidProducerEpoch }
    }
    var response = AddPartitionsToTxnResponse()
    response.resultsByTopicV3AndBelow = request.v3AndBelowTopics.map { topic in
      var row = AddPartitionsToTxnResponse.TopicResult()
      row.name = topic.name
      row.resultsByPartition = topic.partitions.map { partition in
        var result = AddPartitionsToTxnResponse.PartitionResult()
        result.partitionIndex = partition
        let isMissing =
          error == .operationNotAttempted
          && missing.contains(TopicPartition(topic.name, partition))
        result.partitionErrorCode = isMissing ? .unknownTopicOrPartition : error
        return result
      }
      return row
    }
    return try reply(response, call)
  }
}
