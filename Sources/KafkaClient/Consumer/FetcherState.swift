internal import KafkaProtocol

/// The consumer's partitions and how far each has been read: a plain value without I/O.
///
/// It says what to ask a broker for next and what an answer means; `Consumer` does it.
struct FetcherState {
  struct Position {
    fileprivate(set) var assigned: AssignedPartition
    /// The topic's place in `topics`.
    let topic: Int32
    let index: Int32
    /// −1 where no leader is known.
    var leaderId: Int32 = -1
    var leaderEpoch: Int32 = -1
    /// Where to begin, while `offset` is still to be found.
    var start: OffsetSpec = .beginning
    /// Where the next Fetch begins; nil until it has been found.
    var offset: Int64?
    /// The leader's epoch of the record before `offset`; −1 if unknown.
    var offsetEpoch: Int32 = -1
    /// Leadership has changed: whether the new leader has what was read is to be asked first (KIP-320).
    var isUnvalidated = false
    /// Counts how often `offset` was set other than by reading.
    var seeks: Int32 = 0
    /// The replica to read from instead of the leader, until its lease ends (KIP-392); −1 for none.
    var replicaId: Int32 = -1
    var replicaUntilMs: Int64 = 0
    /// The end has been seen at this offset; said once per end.
    var endSeenAt: Int64?
    /// Bytes to ask for; grows where one batch is larger.
    var bytesMax: Int32
    var isDone = false
    var notBeforeMs: Int64 = 0
    /// Since when the cluster does not know the partition; nil where it does (F24).
    var absentSinceMs: Int64?

    var partition: TopicPartition { assigned.partition }

    /// The broker to read from; −1 where none is known.
    func source(_ nowMs: Int64) -> Int32 {
      replicaId >= 0 && nowMs < replicaUntilMs ? replicaId : leaderId
    }

    /// Goes on elsewhere; `epoch` is that of the record before.
    mutating func seek(_ offset: Int64?, epoch: Int32 = -1) {
      self.offset = offset
      offsetEpoch = epoch
      isUnvalidated = false
      seeks &+= 1
      endSeenAt = nil
      notBeforeMs = 0
    }
  }

  /// A topic of which partitions are or were assigned.
  struct Topic {
    let name: String
    /// Zero where it is not known.
    var id = Uuid.zero
  }

  struct Limits: Sendable {
    var waitMaxMs: Int32
    var bytesMin: Int32
    /// Of a response.
    var bytesMax: Int32
    /// Of a partition in it.
    var partitionBytesMax: Int32
    /// A batch larger than this is refused.
    var batchBytesMax: Int32
    var readCommitted: Bool
    var stopAtEnd: Bool
    /// Where the client stands (KIP-392); empty where that is not known.
    var rack = ""
  }

  /// How long a replica that the leader named is read from before the leader is asked again, in
  /// milliseconds: what Java's `metadata.max.age.ms` is by default (KIP-392).
  static let replicaLeaseMs: Int64 = 300_000
  /// How long a leader that named a replica in vain is not told our rack, in milliseconds (F61).
  static let racklessMs: Int64 = 30_000

  var limits: Limits
  private(set) var topics: [Topic] = []
  var positions: [Position] = []
  /// What each broker remembers of our requests.
  var sessions: [Int32: FetchSession] = [:]
  /// Leaders that are not told our rack until then.
  var racklessUntilMs: [Int32: Int64] = [:]
  var rotation = 0
  private var topicPlaces: [String: Int32] = [:]
  private var topicPlacesById: [Uuid: Int32] = [:]
  /// Where in `positions` a partition is.
  private var slots: [FetchSession.Place: Int] = [:]
  private var slotsByNumber: [Int32: Int] = [:]

  init(limits: Limits) { self.limits = limits }

  // MARK: Partitions

  /// Takes on a partition; it is fetched as soon as its leader and its offset are known.
  mutating func add(_ assigned: AssignedPartition, from: PartitionStart.From) {
    let partition = assigned.partition
    var position = Position(
      assigned: assigned, topic: topicPlace(partition.topic), index: partition.partition,
      bytesMax: limits.partitionBytesMax)
    switch from {
    case .spec(.absolute(let offset)): position.offset = offset
    case .spec(let spec): position.start = spec
    case .committed(let offset, let leaderEpoch):
      position.offset = offset
      position.offsetEpoch = leaderEpoch
      // What was committed may have been lost since.
      position.isUnvalidated = leaderEpoch >= 0
    }
    positions.append(position)
    index(positions.count - 1)
  }

  /// Lets go of partitions; the answer names those that were there.
  mutating func remove(_ partitions: Set<TopicPartition>) -> [AssignedPartition] {
    let removed = positions.map(\.assigned).filter { partitions.contains($0.partition) }
    positions.removeAll { partitions.contains($0.partition) }
    slots.removeAll(keepingCapacity: true)
    slotsByNumber.removeAll(keepingCapacity: true)
    for slot in positions.indices { index(slot) }
    return removed
  }

  /// Reads a partition on as another one, since its topic is another one.
  mutating func renew(_ assigned: AssignedPartition, as new: AssignedPartition) {
    guard let slot = slotsByNumber.removeValue(forKey: assigned.number) else { return }
    positions[slot].assigned = new
    slotsByNumber[new.number] = slot
  }

  private mutating func index(_ slot: Int) {
    let position = positions[slot]
    slots[FetchSession.Place(topic: position.topic, partition: position.index)] = slot
    slotsByNumber[position.assigned.number] = slot
  }

  private mutating func topicPlace(_ name: String) -> Int32 {
    if let known = topicPlaces[name] { return known }
    let place = Int32(topics.count)
    topics.append(Topic(name: name))
    topicPlaces[name] = place
    return place
  }

  /// The place of a topic that partitions were assigned of.
  func place(ofTopic name: String) -> Int32? { topicPlaces[name] }

  /// Notes a topic's id; answers with the former one.
  mutating func setId(_ id: Uuid, ofTopicAt place: Int32) -> Uuid {
    let former = topics[Int(place)].id
    guard former != id else { return former }
    topicPlacesById[former] = nil
    topics[Int(place)].id = id
    if id != .zero { topicPlacesById[id] = place }
    return former
  }

  /// The place that a response's row speaks of; nil for a topic that was never asked for.
  func place(_ topic: FetchResponse.Topic, version: Int16, _ partition: Int32)
    -> FetchSession.Place?
  {
    let topic = version >= 13 ? topicPlacesById[topic.topicId] : topicPlaces[topic.topic]
    return topic.map { FetchSession.Place(topic: $0, partition: partition) }
  }

  /// Where in `positions` the partition at a place is; nil where it is not assigned.
  func slot(_ place: FetchSession.Place) -> Int? { slots[place] }

  /// Where in `positions` a partition of this assignment is; nil where it has been revoked.
  func slot(_ assigned: AssignedPartition) -> Int? { slotsByNumber[assigned.number] }

  /// Changes a partition, unless it has been revoked.
  mutating func update(_ assigned: AssignedPartition, _ change: (inout Position) -> Void) {
    if let slot = slot(assigned) { change(&positions[slot]) }
  }

  // MARK: What is there

  /// True where nothing is left to read.
  var isDone: Bool { positions.allSatisfy(\.isDone) }

  /// The brokers that partitions still to be read are read from.
  func sources(_ nowMs: Int64) -> Set<Int32> {
    var found: Set<Int32> = []
    for position in positions where !position.isDone {
      let source = position.source(nowMs)
      if source >= 0 { found.insert(source) }
    }
    return found
  }

  /// The topics of partitions still to be read.
  var topicNames: [String] {
    let wanted = Set(positions.lazy.filter { !$0.isDone }.map(\.topic))
    return wanted.sorted().map { topics[Int($0)].name }
  }

  /// True where all partitions have a leader and an offset that is valid.
  var isComplete: Bool {
    positions.allSatisfy {
      $0.isDone || ($0.leaderId >= 0 && $0.offset != nil && !$0.isUnvalidated)
    }
  }
}
