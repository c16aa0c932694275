import KafkaProtocol
import Transport

/// OffsetCommit 2–10: for members of groups, and for consumers that are in none.
enum OffsetCommitHandler: Handler {
  typealias Request = OffsetCommitRequest
  nonisolated static var versions: ClosedRange<Int16> { 2...10 }

  static func handle(
    _ request: OffsetCommitRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    let committer = OffsetCommitter(
      memberId: request.memberId, instanceId: request.groupInstanceId,
      epoch: request.generationIdOrMemberEpoch)
    let refusal =
      call.coordinatorFault(request.groupId)
      ?? call.broker.groups.commitRefusal(request.groupId, committer, version: call.version)
    var response = OffsetCommitResponse()
    response.topics = request.topics.map { asked in
      let topic =
        call.version >= 10 ? call.broker.topics[asked.topicId] : call.broker.topics[asked.name]
      var shown = OffsetCommitResponse.Topic()
      shown.name = asked.name
      shown.topicId = asked.topicId
      shown.partitions = asked.partitions.map { part in
        var row = OffsetCommitResponse.Partition()
        row.partitionIndex = part.partitionIndex
        row.errorCode = refusal ?? commit(part, topic, request.groupId, call)
        return row
      }
      return shown
    }
    return try reply(response, call)
  }

  private static func commit(
    _ part: OffsetCommitRequest.Partition, _ topic: Topic?, _ groupId: String, _ call: Call
  ) -> ErrorCode {
    guard let topic else {
      return call.version >= 10 ? .unknownTopicId : .unknownTopicOrPartition
    }
    guard topic.partition(part.partitionIndex) != nil else { return .unknownTopicOrPartition }
    return call.broker.groupOffsets.commit(
      group: groupId,
      TopicPartition(topic.name, part.partitionIndex),
      GroupOffsets.Committed(
        offset: part.committedOffset, leaderEpoch: part.committedLeaderEpoch,
        metadata: part.committedMetadata))
  }
}
