import KafkaProtocol
import Transport

/// OffsetForLeaderEpoch 2–4: where an epoch of a partition ends (KIP-320).
enum OffsetForLeaderEpochHandler: Handler {
  typealias Request = OffsetForLeaderEpochRequest
  nonisolated static var versions: ClosedRange<Int16> { 2...4 }

  static func handle(
    _ request: OffsetForLeaderEpochRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = OffsetForLeaderEpochResponse()
    response.topics = request.topics.map { asked in
      var shown = OffsetForLeaderEpochResponse.Topic()
      shown.topic = asked.topic
      let topic = call.broker.topics[asked.topic]
      shown.partitions = asked.partitions.map { part in
        answer(part, topic?.partition(part.partition), call)
      }
      return shown
    }
    return try reply(response, call)
  }

  private static func answer(
    _ asked: OffsetForLeaderEpochRequest.Partition, _ partition: Partition?, _ call: Call
  ) -> OffsetForLeaderEpochResponse.EpochEndOffset {
    var row = OffsetForLeaderEpochResponse.EpochEndOffset()
    row.partition = asked.partition
    if let fault = call.leaderFault(partition, epoch: asked.currentLeaderEpoch) {
      row.errorCode = fault
    } else if let log = partition?.log,
      let end = log.leaderEpochs.end(of: asked.leaderEpoch, logEndOffset: log.logEndOffset)
    {
      row.leaderEpoch = end.epoch
      row.endOffset = end.endOffset
    }
    return row
  }
}
