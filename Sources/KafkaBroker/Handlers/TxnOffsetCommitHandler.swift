import KafkaProtocol
import Transport

/// TxnOffsetCommit 0–5: notes what a transaction will commit for a group; from version 5 on the group
/// becomes part of the transaction by it (KIP-890).
enum TxnOffsetCommitHandler: Handler {
  typealias Request = TxnOffsetCommitRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...5 }

  static func handle(
    _ request: TxnOffsetCommitRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    let fault = fault(request, call)
    var response = TxnOffsetCommitResponse()
    response.topics = request.topics.map { topic in
      var shown = TxnOffsetCommitResponse.Topic()
      shown.name = topic.name
      shown.partitions = topic.partitions.map { part in
        var row = TxnOffsetCommitResponse.Partition()
        row.partitionIndex = part.partitionIndex
        row.errorCode = fault ?? commit(part, of: topic.name, request, call)
        return row
      }
      return shown
    }
    return try reply(response, call)
  }

  private static func fault(_ request: TxnOffsetCommitRequest, _ call: Call) -> ErrorCode? {
    if let fault = call.coordinatorFault(request.groupId) { return fault }
    if request.groupId.isEmpty { return .invalidGroupId }
    let committer = OffsetCommitter(
      memberId: request.memberId, instanceId: request.groupInstanceId, epoch: request.generationId,
      isTransactional: true)
    switch call.broker.groups.commitRefusal(request.groupId, committer, version: call.version) {
    case .staleMemberEpoch?, .groupIdNotFound?: return .illegalGeneration
    case let refusal?: return refusal
    case nil: break
    }
    let error = call.join(
      TransactionCoordinator.place(ofGroup: request.groupId), request.transactionalId,
      request.producerId, request.producerEpoch, adds: call.version >= 5,
      isAbortable: call.version >= 4)
    return error == .none ? nil : error
  }

  private static func commit(
    _ part: TxnOffsetCommitRequest.Partition, of topic: String, _ request: TxnOffsetCommitRequest,
    _ call: Call
  ) -> ErrorCode {
    guard call.broker.topics[topic]?.partition(part.partitionIndex) != nil else {
      return .unknownTopicOrPartition
    }
    return call.broker.groupOffsets.commit(
      group: request.groupId,
      TopicPartition(topic, part.partitionIndex),
      GroupOffsets.Committed(
        offset: part.committedOffset, leaderEpoch: part.committedLeaderEpoch,
        metadata: part.committedMetadata),
      inTransactionOf: request.producerId)
  }
}
