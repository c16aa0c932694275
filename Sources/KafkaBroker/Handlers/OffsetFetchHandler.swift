import KafkaProtocol
import Transport

/// OffsetFetch 1–10: of one group, or from version 8 on of several.
enum OffsetFetchHandler: Handler {
  typealias Request = OffsetFetchRequest
  nonisolated static var versions: ClosedRange<Int16> { 1...10 }

  static func handle(
    _ request: OffsetFetchRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = OffsetFetchResponse()
    if call.version >= 8 {
      response.groups = request.groups.map { answer($0, request, call) }
    } else {
      var asked = OffsetFetchRequest.Group()
      asked.groupId = request.groupId
      asked.topics = request.topics
      let group = answer(asked, request, call)
      response.topics = group.topics
      response.errorCode = group.errorCode
      if call.version < 2, group.errorCode != .none {
        // There is no other place for it.
        response.topics = (asked.topics ?? []).map { topic in
          show(topic) { _ in refused(group.errorCode) }
        }
      }
    }
    return try reply(response, call)
  }

  private static func answer(
    _ asked: OffsetFetchRequest.Group, _ request: OffsetFetchRequest, _ call: Call
  ) -> OffsetFetchResponse.Group {
    var group = OffsetFetchResponse.Group()
    group.groupId = asked.groupId
    let reader = OffsetCommitter(memberId: asked.memberId ?? "", epoch: asked.memberEpoch)
    let fault = call.coordinatorFault(asked.groupId)
    if let error = fault ?? call.broker.groups.fetchRefusal(asked.groupId, reader) {
      group.errorCode = error
      return group
    }
    let offsets = call.broker.groupOffsets
    for topic in asked.topics ?? everything(asked.groupId, call) {
      let name =
        call.version >= 10 ? call.broker.topics[topic.topicId]?.name : Optional(topic.name)
      group.topics.append(
        show(topic) { partition in
          guard let name else { return refused(.unknownTopicId) }
          let place = TopicPartition(name, partition)
          if request.requireStable, offsets.isUnstable(group: asked.groupId, place) {
            return refused(.unstableOffsetCommit)
          }
          guard let committed = offsets.fetch(group: asked.groupId, place) else {
            return refused(.none)
          }
          var row = OffsetFetchResponse.Partition()
          row.committedOffset = committed.offset
          row.committedLeaderEpoch = committed.leaderEpoch
          row.metadata = committed.metadata ?? ""
          return row
        })
    }
    return group
  }

  /// All that a group has, as if it had been asked for.
  private static func everything(_ groupId: String, _ call: Call) -> [OffsetFetchRequest.Topic] {
    let places = call.broker.groupOffsets.fetchAll(group: groupId).keys
    return Dictionary(grouping: places, by: \.topic).sorted { $0.key < $1.key }.map {
      name, places in
      var topic = OffsetFetchRequest.Topic()
      topic.name = name
      topic.topicId = call.broker.topics[name]?.id ?? .zero
      topic.partitionIndexes = places.map(\.partition).sorted()
      return topic
    }
  }

  private static func show(
    _ topic: OffsetFetchRequest.Topic, _ row: (Int32) -> OffsetFetchResponse.Partition
  ) -> OffsetFetchResponse.Topic {
    var shown = OffsetFetchResponse.Topic()
    shown.name = topic.name
    shown.topicId = topic.topicId
    shown.partitions = topic.partitionIndexes.map { partition in
      var row = row(partition)
      row.partitionIndex = partition
      return row
    }
    return shown
  }

  /// No offset, with the reason.
  private static func refused(_ error: ErrorCode) -> OffsetFetchResponse.Partition {
    var row = OffsetFetchResponse.Partition()
    row.committedOffset = -1
    row.metadata = ""
    row.errorCode = error
    return row
  }
}
