import KafkaProtocol
import Transport

/// Produce: advertised from 0, because librdkafka before 2.11.1 wants 0 in the range before it compresses
/// (KAFKA-18659), but carried out from 3 on, as in Kafka 4; acks 0, 1 and all.
enum ProduceHandler: Handler {
  typealias Request = ProduceRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...13 }

  static func handle(
    _ request: ProduceRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = ProduceResponse()
    var hasErrors = false
    var leaders: Set<Int32> = []
    for topicData in request.topicData {
      let topic =
        call.version >= 13
        ? call.broker.topics[topicData.topicId] : call.broker.topics[topicData.name]
      var shown = ProduceResponse.Topic()
      shown.name = topicData.name
      shown.topicId = topicData.topicId
      for data in topicData.partitionData {
        var row = ProduceResponse.Partition()
        row.index = data.index
        do {
          let stored = try append(data, to: topic, request, in: frame, call)
          row.baseOffset = stored.baseOffset
          row.logStartOffset = stored.logStartOffset
        } catch {
          hasErrors = true
          row.errorCode = error.code
          row.errorMessage = error.message
          if error.code == .notLeaderOrFollower, call.version >= 10,
            let partition = topic?.partition(data.index)
          {
            row.currentLeader.leaderId = partition.leaderId
            row.currentLeader.leaderEpoch = partition.log.leaderEpoch
            leaders.insert(partition.leaderId)
          }
          row.baseOffset = -1
          if error.isViolation {
            let name = topic?.name ?? topicData.name
            call.violation("Produce v\(call.version) to \(name) [\(data.index)]: \(error.message)")
          }
        }
        shown.partitionResponses.append(row)
      }
      response.responses.append(shown)
    }
    response.nodeEndpoints = call.endpoints(leaders).map { node in
      var endpoint = ProduceResponse.NodeEndpoint()
      endpoint.nodeId = node.id
      endpoint.host = node.host
      endpoint.port = node.port
      return endpoint
    }
    guard request.acks == 0 else { return try reply(response, call) }
    // With no answer to put an error into, closing tells the client to look for news, as in Kafka.
    return hasErrors ? .hangUp : .silence
  }

  private static func append(
    _ data: ProduceRequest.Partition, to topic: Topic?, _ request: ProduceRequest,
    in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(BatchRefusal) -> (baseOffset: Int64, logStartOffset: Int64) {
    if let injected = call.injected {
      throw BatchRefusal(injected, "as a fault rule says", isViolation: false)
    }
    guard call.version >= 3 else {
      throw BatchRefusal(
        .unsupportedVersion, "Produce before version 3 is not carried out", isViolation: false)
    }
    guard (-1...1).contains(request.acks) else {
      throw BatchRefusal(.invalidRequiredAcks, "acks=\(request.acks); -1, 0 and 1 can be")
    }
    guard let partition = topic?.partition(data.index) else {
      throw BatchRefusal(
        call.version >= 13 && topic == nil ? .unknownTopicId : .unknownTopicOrPartition,
        "no such topic or partition", isViolation: false)
    }
    guard partition.leaderId == call.nodeId else {
      throw BatchRefusal(
        .notLeaderOrFollower, "the leader is broker \(partition.leaderId)", isViolation: false)
    }
    guard let slice = data.records else {
      throw BatchRefusal(.invalidRecord, "no records are given")
    }
    guard let bytes = frame.part(slice) else {
      throw BatchRefusal(.corruptMessage, "the records lie outside the request")
    }
    let batch = try call.broker.check(bytes, produceVersion: call.version)
    if let doubt = batch.doubt {
      call.violation(
        "Produce v\(call.version) to \(topic?.name ?? data.index.description) [\(data.index)]: \(doubt)"
      )
    }
    if batch.isTransactional, let topic {
      try join(
        TopicPartition(topic.name, data.index), batch,
        request.transactionalId, call)
    }
    switch call.broker.change(partition, { $0.append(bytes, batch) }) {
    case .stored(let baseOffset): return (baseOffset, partition.log.logStartOffset)
    case .duplicate(let baseOffset): return (baseOffset, partition.log.logStartOffset)
    case .refused(let refusal):
      switch refusal {
      case .outOfOrder(let id, let expected, let got):
        throw BatchRefusal(
          .outOfOrderSequenceNumber,
          "producer \(id): sequence \(got) came where \(expected) was next", isViolation: false)
      case .staleEpoch(let id, let current, let got):
        throw BatchRefusal(
          .invalidProducerEpoch,
          "producer \(id): epoch \(got) is older than \(current), which has written since",
          isViolation: false)
      case .notTransactional(let id):
        throw BatchRefusal(
          .invalidTxnState,
          "producer \(id) has an open transaction here, and the batch is of none")
      }
    }
  }

  /// Checks that a batch's partition is part of its producer's transaction; from version 12 on it
  /// becomes so by the batch (KIP-890).
  private static func join(
    _ place: TopicPartition, _ batch: BatchSummary, _ transactionalId: String?, _ call: Call
  ) throws(BatchRefusal) {
    guard let transactionalId else {
      throw BatchRefusal(
        .transactionalIdAuthorizationFailed,
        "the batch is of a transaction, but the request names no transactional id")
    }
    let error = call.join(
      place, transactionalId, batch.producerId, batch.producerEpoch, adds: call.version >= 12,
      isAbortable: call.version >= 11)
    guard error != .none else { return }
    throw BatchRefusal(
      error,
      "producer \(batch.producerId), epoch \(batch.producerEpoch), has no transaction with this"
        + " partition", isViolation: false)
  }
}

extension UnsafeRawBufferPointer {
  /// The bytes of a slice; nil where it is not within.
  func part(_ slice: RecordsSlice) -> UnsafeRawBufferPointer? {
    guard slice.offset >= 0, slice.count >= 0, slice.offset <= count,
      slice.count <= count - slice.offset
    else { return nil }
    return UnsafeRawBufferPointer(rebasing: self[slice.offset..<slice.offset + slice.count])
  }
}
