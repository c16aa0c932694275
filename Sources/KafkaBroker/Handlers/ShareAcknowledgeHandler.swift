import KafkaProtocol
import Transport

/// ShareAcknowledge 1–2 (KIP-932): acknowledges without fetching, and with epoch −1 ends the session.
enum ShareAcknowledgeHandler: Handler {
  typealias Request = ShareAcknowledgeRequest
  nonisolated static var versions: ClosedRange<Int16> { 1...2 }

  static func handle(
    _ request: ShareAcknowledgeRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = ShareAcknowledgeResponse()
    response.acquisitionLockTimeoutMs = Int32(clamping: call.broker.shares.lockMs)
    do throws(GroupRefusal) {
      response.responses = try acknowledge(request, call)
    } catch {
      response.errorCode = error.code
      response.errorMessage = error.message
    }
    return try reply(response, call)
  }

  private static func acknowledge(_ request: ShareAcknowledgeRequest, _ call: Call)
    throws(GroupRefusal) -> [ShareAcknowledgeResponse.Topic]
  {
    if let injected = call.injected { throw GroupRefusal(injected) }
    let key = try call.shareSessionKey(request.groupId, request.memberId)
    guard request.shareSessionEpoch != 0 else { throw GroupRefusal(.invalidShareSessionEpoch) }
    let shares = call.broker.shares
    let session = try shares.session(key, epoch: request.shareSessionEpoch, call.connection)
    let topics = request.topics.map { asked in
      var topic = ShareAcknowledgeResponse.Topic()
      topic.topicId = asked.topicId
      topic.partitions = asked.partitions.map { part in
        var row = ShareAcknowledgeResponse.Partition()
        row.partitionIndex = part.partitionIndex
        row.errorCode = shares.acknowledge(
          key.groupId,
          TopicIdPartition(asked.topicId, part.partitionIndex),
          part.acknowledgementBatches.map {
            SharePartition.Acknowledgement(
              firstOffset: $0.firstOffset, lastOffset: $0.lastOffset, types: $0.acknowledgeTypes)
          }, owner: session.number)
        return row
      }
      return topic
    }
    if request.shareSessionEpoch == -1 { shares.release(key.groupId, owner: session.number) }
    return topics
  }
}
