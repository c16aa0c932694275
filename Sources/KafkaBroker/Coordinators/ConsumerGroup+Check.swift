import KafkaProtocol

// What is wrong with a heartbeat, whatever the group.
extension ConsumerGroup {
  /// Refuses a heartbeat that contradicts itself, in Kafka's words.
  static func check(_ request: ConsumerGroupHeartbeatRequest, version: Int16) throws(GroupRefusal) {
    func require(_ condition: Bool, _ message: String) throws(GroupRefusal) {
      if !condition { throw GroupRefusal(.invalidRequest, message) }
    }
    try require(!request.groupId.isEmpty, "GroupId can't be empty.")
    try require(request.instanceId != "", "InstanceId can't be empty.")
    try require(request.rackId != "", "RackId can't be empty.")
    if version >= 1 || request.memberEpoch != 0 {
      try require(!request.memberId.isEmpty, "MemberId can't be empty.")
    }
    switch request.memberEpoch {
    case 0:
      try require(
        request.rebalanceTimeoutMs >= 0, "RebalanceTimeoutMs must be provided in first request.")
      try require(
        request.topicPartitions?.isEmpty == true,
        "TopicPartitions must be empty when (re-)joining.")
      try require(
        request.subscribedTopicNames != nil || request.subscribedTopicRegex != nil,
        "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")
    case ConsumerMember.awayEpoch:
      try require(request.instanceId != nil, "InstanceId can't be null.")
    case ..<ConsumerMember.awayEpoch: try require(false, "MemberEpoch is invalid.")
    default: break
    }
    if let name = request.serverAssignor, ServerAssignor(rawValue: name) == nil {
      let names = ServerAssignor.allCases.map(\.rawValue).joined(separator: ", ")
      throw GroupRefusal(
        .unsupportedAssignor,
        "ServerAssignor \(name) is not supported. Supported assignors: \(names).")
    }
    if let expression = request.subscribedTopicRegex, !expression.isEmpty {
      throw GroupRefusal(
        .invalidRegularExpression,
        "SubscribedTopicRegex \(expression): this broker matches none; subscribe to names.")
    }
  }
}
