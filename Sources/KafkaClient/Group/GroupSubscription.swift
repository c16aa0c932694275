internal import KafkaProtocol

/// A member of a classic group as its leader sees it: what it wants and what it has.
struct GroupSubscription: Hashable, Sendable {
  var memberId: String
  /// The name of a static member (KIP-345), or nil.
  var groupInstanceId: String?
  var topics: Set<String> = []
  /// What the member has kept from the generation before (KIP-429).
  var owned: [TopicPartition] = []
  /// The generation in which it got them; −1 if it does not say.
  var generationId: Int32 = -1

  init(
    _ memberId: String, groupInstanceId: String? = nil, topics: Set<String>,
    owned: [TopicPartition] = [], generationId: Int32 = -1
  ) {
    self.memberId = memberId
    self.groupInstanceId = groupInstanceId
    self.topics = topics
    self.owned = owned
    self.generationId = generationId
  }

  /// Reads what JoinGroup's answer says of a member.
  ///
  /// - Throws: `WireError` where its metadata are no subscription.
  init(_ member: JoinGroupResponse.Member) throws(WireError) {
    memberId = member.memberId
    groupInstanceId = member.groupInstanceId
    let (version, data) = try ConsumerProtocolSubscription.decode(member.metadata)
    topics = Set(data.topics)
    owned = data.ownedPartitions.flatMap { topic in
      topic.partitions.map { TopicPartition(topic.topic, $0) }
    }
    generationId = version >= 2 ? data.generationId : Self.generation(in: data.userData)
  }

  /// What a JVM member below version 2 writes beside its partitions: the generation, four bytes.
  private static func generation(in userData: [UInt8]?) -> Int32 {
    guard let userData, userData.count == 4 else { return -1 }
    return userData.reduce(0) { $0 << 8 | Int32($1) }
  }

  /// The order in which partitions are dealt out, as the JVM client's: static members first, by their
  /// names, then the others by their ids.
  static func precedes(_ left: Self, _ right: Self) -> Bool {
    switch (left.groupInstanceId, right.groupInstanceId) {
    case (let left?, let right?): left < right
    case (_?, nil): true
    case (nil, _?): false
    case (nil, nil): left.memberId < right.memberId
    }
  }
}
