import KafkaProtocol
import Transport

/// All topics of the cluster, by name and by id.
@Net struct Topics {
  /// Partitions of all topics together; so a client cannot fill the memory with empty ones.
  nonisolated static let partitionsMax = 20_000

  private(set) var all: [Topic] = []
  private var topicByName: [String: Topic] = [:]
  private var topicById: [Uuid: Topic] = [:]
  private var nameByCollisionKey: [String: String] = [:]
  private var partitionCount = 0
  private var random = SystemRandomNumberGenerator()

  /// Why a topic was not created.
  struct Refusal: Error {
    var code: ErrorCode
    var message: String
  }

  /// Finds a topic by name.
  subscript(name: String) -> Topic? { topicByName[name] }
  /// Finds a topic by id.
  subscript(id: Uuid) -> Topic? { topicById[id] }

  /// Finds a topic by name, as group assignors see it.
  func subscribed(_ name: String) -> SubscribedTopic? {
    topicByName[name].map { SubscribedTopic(id: $0.id, partitions: Int32($0.partitions.count)) }
  }

  /// Says why a topic cannot be created; nil if it can.
  func refusal(name: String, partitions: Int32, replicas: Int16, brokers: Int) -> Refusal? {
    if topicByName[name] != nil {
      return Refusal(code: .topicAlreadyExists, message: "Topic '\(name)' already exists.")
    }
    if let fault = TopicRules.fault(in: name) {
      return Refusal(code: .invalidTopic, message: fault)
    }
    if let other = nameByCollisionKey[TopicRules.collisionKey(name)] {
      return Refusal(
        code: .invalidTopic,
        message: "Topic '\(name)' collides with existing topic: \(other)")
    }
    if partitions < 1 {
      return Refusal(
        code: .invalidPartitions,
        message: "Number of partitions was set to an invalid non-positive value: \(partitions).")
    }
    if let refusal = refusal(more: partitions) { return refusal }
    if replicas < 1 {
      return Refusal(
        code: .invalidReplicationFactor,
        message: "Replication factor must be larger than 0, or -1 to use the default value.")
    }
    if Int(replicas) > brokers {
      return Refusal(
        code: .invalidReplicationFactor,
        message: "Replication factor: \(replicas) larger than available brokers: \(brokers).")
    }
    return nil
  }

  private func refusal(more partitions: Int32) -> Refusal? {
    guard Int(partitions) > Self.partitionsMax - partitionCount else { return nil }
    return Refusal(
      code: .policyViolation,
      message: "\(partitions) partitions more than the \(partitionCount) there would be over this"
        + " broker's limit of \(Self.partitionsMax).")
  }

  /// Creates a topic whose partitions go round the brokers.
  mutating func create(
    name: String, partitions: Int32, replicas: Int16, brokerIds: [Int32], retentionBytes: Int?
  ) throws(Refusal) -> Topic {
    if let refusal = refusal(
      name: name, partitions: partitions, replicas: replicas, brokers: brokerIds.count)
    {
      throw refusal
    }
    let id = Uuid(high: random.next(), low: random.next())
    let topic = Topic(
      name: name, id: id,
      partitions: Self.partitions(
        0..<Int(partitions), replicas: Int(replicas), brokerIds, retentionBytes))
    all.append(topic)
    partitionCount += topic.partitions.count
    topicByName[name] = topic
    topicById[id] = topic
    nameByCollisionKey[TopicRules.collisionKey(name)] = name
    return topic
  }

  private static func partitions(
    _ numbers: Range<Int>, replicas: Int, _ brokerIds: [Int32], _ retentionBytes: Int?
  ) -> [Partition] {
    numbers.map { partition in
      Partition(
        replicas: (0..<replicas).map { brokerIds[(partition + $0) % brokerIds.count] },
        log: PartitionLog(retentionBytes: retentionBytes))
    }
  }

  /// Adds partitions to a topic until it has `count`.
  mutating func grow(_ topic: Topic, to count: Int32, brokerIds: [Int32], retentionBytes: Int?)
    throws(Refusal)
  {
    let now = topic.partitions.count
    guard Int(count) > now else {
      throw Refusal(
        code: .invalidPartitions,
        message:
          "Topic currently has \(now) partitions, which is higher than the requested \(count).")
    }
    if let refusal = refusal(more: count - Int32(now)) { throw refusal }
    topic.append(
      Self.partitions(
        now..<Int(count), replicas: topic.partitions.first?.replicas.count ?? 1, brokerIds,
        retentionBytes))
    partitionCount += Int(count) - now
  }

  /// Takes a topic away; nil where there is none of that name.
  mutating func delete(_ name: String) -> Topic? {
    guard let topic = topicByName.removeValue(forKey: name) else { return nil }
    topicById[topic.id] = nil
    nameByCollisionKey[TopicRules.collisionKey(name)] = nil
    all.removeAll { $0 === topic }
    partitionCount -= topic.partitions.count
    return topic
  }
}
