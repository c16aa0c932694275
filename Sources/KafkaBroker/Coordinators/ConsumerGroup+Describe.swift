import KafkaProtocol

// What is to be told of a group.
extension ConsumerGroup {
  /// Where the group stands, in Kafka's words.
  var stateName: String {
    if members.isEmpty { return "Empty" }
    if targetEpoch < epoch { return "Assigning" }
    let isSettled = members.allSatisfy { $0.state == .stable && $0.epoch == targetEpoch }
    return isSettled ? "Stable" : "Reconciling"
  }

  /// Describes the group and its members.
  func describe() -> ConsumerGroupDescribeResponse.DescribedGroup {
    let names = Dictionary(topics.map { ($0.value.id, $0.key) }, uniquingKeysWith: { $1 })
    var group = ConsumerGroupDescribeResponse.DescribedGroup()
    group.groupState = stateName
    group.groupEpoch = epoch
    group.assignmentEpoch = targetEpoch
    group.assignorName = assignor.rawValue
    group.members = members.map { member in
      var row = ConsumerGroupDescribeResponse.Member()
      row.memberId = member.id
      row.instanceId = member.instanceId
      row.rackId = member.rackId
      row.memberEpoch = member.epoch
      row.clientId = member.client.id
      row.clientHost = member.client.host
      row.subscribedTopicNames = member.subscribedTopicNames.sorted()
      row.assignment = Self.shown(member.assigned, names)
      row.targetAssignment = Self.shown(target[member.id] ?? [], names)
      row.memberType = 1
      return row
    }
    return group
  }

  private static func shown(_ partitions: Set<TopicIdPartition>, _ names: [Uuid: String])
    -> ConsumerGroupDescribeResponse.Assignment
  {
    var assignment = ConsumerGroupDescribeResponse.Assignment()
    let topics = Dictionary(grouping: partitions, by: \.topicId)
    assignment.topicPartitions = topics.map { id, partitions in
      var row = ConsumerGroupDescribeResponse.TopicPartitions()
      row.topicId = id
      row.topicName = names[id] ?? ""
      row.partitions = partitions.map(\.partition).sorted()
      return row
    }.sorted { $0.topicName < $1.topicName }
    return assignment
  }
}
