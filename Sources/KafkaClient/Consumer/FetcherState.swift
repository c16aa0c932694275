internal import KafkaProtocol

/// The consumer's partitions and how far each has been read: a plain value without I/O.
///
/// It says what to ask a broker for next and what an answer means; `Consumer` does it.
struct FetcherState {
  struct Position {
    let assigned: AssignedPartition
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
    /// The end has been seen at this offset; said once per end.
    var endSeenAt: Int64?
    /// Bytes to ask for; grows where one batch is larger.
    var bytesMax: Int32
    var isDone = false
    var notBeforeMs: Int64 = 0

    var partition: TopicPartition { assigned.partition }
  }

  /// A topic of which partitions are or were assigned.
  struct Topic {
    let name: String
    /// Zero where it is not known.
    var id = Uuid.zero
  }

  /// A partition by its topic's place in `topics`.
  private struct Place: Hashable {
    var topic: Int32
    var partition: Int32
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
  }

  /// What to ask a broker for.
  struct Fetch {
    var request: FetchRequest
    /// Where each partition begins, by its assignment's number.
    var offsets: [Int32: Int64]
  }

  /// What an answer means for one partition.
  enum Outcome: Equatable {
    /// Record data for the main thread, and the end, where it has been reached.
    case records(end: Int64?)
    /// Nothing new.
    case nothing
    /// The offset is not there: by policy.
    case outOfRange(at: Int64)
    /// Ask the metadata who leads.
    case staleLeader(ErrorCode)
    /// Another try after a pause.
    case retry(ErrorCode)
    /// It will not get better.
    case failed(ErrorCode)
    /// One batch is larger than may be.
    case batchTooLarge(Int)
  }

  var limits: Limits
  private(set) var topics: [Topic] = []
  private(set) var positions: [Position] = []
  private var topicPlaces: [String: Int32] = [:]
  private var topicPlacesById: [Uuid: Int32] = [:]
  /// Where in `positions` a partition is.
  private var slots: [Place: Int] = [:]
  private var slotsByNumber: [Int32: Int] = [:]
  private var rotation = 0

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
    case .committed(let offset, _): position.offset = offset
    }
    positions.append(position)
    index(positions.count - 1)
  }

  /// Lets go of partitions; the answer names those that were there.
  mutating func remove(_ partitions: Set<TopicPartition>) -> [AssignedPartition] {
    let gone = positions.lazy.map(\.assigned).filter { partitions.contains($0.partition) }
    let removed = Array(gone)
    positions.removeAll { partitions.contains($0.partition) }
    slots.removeAll(keepingCapacity: true)
    slotsByNumber.removeAll(keepingCapacity: true)
    for slot in positions.indices { index(slot) }
    return removed
  }

  private mutating func index(_ slot: Int) {
    slots[Place(topic: positions[slot].topic, partition: positions[slot].index)] = slot
    slotsByNumber[positions[slot].assigned.number] = slot
  }

  private mutating func topicPlace(_ name: String) -> Int32 {
    if let known = topicPlaces[name] { return known }
    let place = Int32(topics.count)
    topics.append(Topic(name: name))
    topicPlaces[name] = place
    return place
  }

  /// Takes over who leads a topic's partitions.
  mutating func learn(_ topic: ClusterMetadata.Topic) {
    guard let place = topicPlaces[topic.name] else { return }
    let old = topics[Int(place)].id
    if old != topic.topicId {
      topicPlacesById[old] = nil
      topics[Int(place)].id = topic.topicId
      if topic.topicId != .zero { topicPlacesById[topic.topicId] = place }
    }
    for partition in topic.partitions {
      guard let slot = slots[Place(topic: place, partition: partition.index)] else { continue }
      positions[slot].leaderId = partition.leaderId
      positions[slot].leaderEpoch = partition.leaderEpoch
    }
  }

  /// True where nothing is left to read.
  var isDone: Bool { positions.allSatisfy(\.isDone) }

  /// The brokers that lead partitions still to be read.
  var leaders: Set<Int32> {
    Set(positions.lazy.filter { !$0.isDone && $0.leaderId >= 0 }.map(\.leaderId))
  }

  /// The topics of partitions still to be read.
  var topicNames: [String] {
    let wanted = Set(positions.lazy.filter { !$0.isDone }.map(\.topic))
    return wanted.sorted().map { topics[Int($0)].name }
  }

  /// True where all partitions have a leader and an offset.
  var isComplete: Bool {
    positions.allSatisfy { $0.isDone || ($0.leaderId >= 0 && $0.offset != nil) }
  }

  /// Changes a partition, unless it has been revoked.
  mutating func update(_ assigned: AssignedPartition, _ change: (inout Position) -> Void) {
    if let slot = slotsByNumber[assigned.number] { change(&positions[slot]) }
  }

  /// The position that a response's row speaks of; nil where it was not asked for (S12).
  func position(_ topic: FetchResponse.Topic, version: Int16, _ partition: Int32) -> Position? {
    slot(topic, version: version, partition).map { positions[$0] }
  }

  private func slot(_ topic: FetchResponse.Topic, version: Int16, _ partition: Int32) -> Int? {
    let place = version >= 13 ? topicPlacesById[topic.topicId] : topicPlaces[topic.topic]
    return place.flatMap { slots[Place(topic: $0, partition: partition)] }
  }

  // MARK: Fetching

  /// The next Fetch to a broker, or nil where none of its partitions can be asked for now.
  ///
  /// The order of the partitions rotates, so that each gets its turn in a response of bounded size.
  /// Until each partition's end has been seen once the broker is not asked to wait.
  mutating func fetch(from brokerId: Int32, version: Int16, nowMs: Int64) -> Fetch? {
    let mine = positions.indices.filter {
      positions[$0].leaderId == brokerId && !positions[$0].isDone && positions[$0].offset != nil
        && positions[$0].notBeforeMs <= nowMs
    }
    guard !mine.isEmpty else { return nil }
    rotation += 1
    var asked = Array(mine[(rotation % mine.count)...] + mine[..<(rotation % mine.count)])
    var partitionMax = Int32.max
    if version < 3 {
      // Before KIP-74 only the partitions' own limits bound a response.
      partitionMax = max(32 << 10, limits.bytesMax / Int32(clamping: asked.count))
      asked = Array(asked.prefix(256))
    }
    let allEndsSeen = mine.allSatisfy { positions[$0].endSeenAt != nil }
    var request = FetchRequest()
    request.replicaId = -1
    request.maxWaitMs = allEndsSeen && asked.count == mine.count ? limits.waitMaxMs : 0
    request.minBytes = limits.bytesMin
    request.maxBytes = limits.bytesMax
    request.isolationLevel = version >= 4 && limits.readCommitted ? 1 : 0
    request.sessionEpoch = -1
    var offsets: [Int32: Int64] = [:]
    offsets.reserveCapacity(asked.count)
    // Where in the request each topic is.
    var rows = [Int](repeating: -1, count: topics.count)
    for slot in asked {
      let position = positions[slot]
      let topic = Int(position.topic)
      if rows[topic] < 0 {
        rows[topic] = request.topics.count
        var row = FetchRequest.Topic()
        if version >= 13 { row.topicId = topics[topic].id } else { row.topic = topics[topic].name }
        request.topics.append(row)
      }
      var part = FetchRequest.Partition()
      part.partition = position.index
      part.currentLeaderEpoch = version >= 9 ? position.leaderEpoch : -1
      part.fetchOffset = position.offset ?? 0
      part.partitionMaxBytes = max(min(position.bytesMax, partitionMax), grown(position))
      request.topics[rows[topic]].partitions.append(part)
      offsets[position.assigned.number] = part.fetchOffset
    }
    return Fetch(request: request, offsets: offsets)
  }

  /// The newest version of Fetch that may be sent: up to 12 while a topic's id is not known (KIP-516).
  func versionMax(for brokerId: Int32) -> Int16 {
    let isNameless = positions.contains {
      $0.leaderId == brokerId && !$0.isDone && topics[Int($0.topic)].id == .zero
    }
    return isNameless ? 12 : .max
  }

  private func grown(_ position: Position) -> Int32 {
    position.bytesMax > limits.partitionBytesMax ? position.bytesMax : 0
  }

  /// The moment at which a partition that pauses may be asked for again; nil where none pauses.
  func resumesAtMs(_ brokerId: Int32, nowMs: Int64) -> Int64? {
    positions.lazy.filter {
      $0.leaderId == brokerId && !$0.isDone && $0.offset != nil && $0.notBeforeMs > nowMs
    }.map(\.notBeforeMs).min()
  }

  /// Takes one partition's answer to the Fetch that began at `fetchOffset`.
  mutating func received(
    _ answer: FetchResponse.Partition, of assigned: AssignedPartition, fetchOffset: Int64,
    span: LogSpan
  ) -> Outcome {
    guard let slot = slotsByNumber[assigned.number], !positions[slot].isDone,
      positions[slot].offset == fetchOffset
    else { return .nothing }
    switch answer.errorCode {
    case .none: break
    case .offsetOutOfRange: return .outOfRange(at: fetchOffset)
    case .notLeaderOrFollower, .unknownTopicOrPartition, .unknownTopicId, .fencedLeaderEpoch,
      .unknownLeaderEpoch, .inconsistentTopicId, .leaderNotAvailable, .replicaNotAvailable:
      return .staleLeader(answer.errorCode)
    default:
      return answer.errorCode.isRetriable ? .retry(answer.errorCode) : .failed(answer.errorCode)
    }
    var next = fetchOffset
    if let reached = span.nextOffset {
      next = max(fetchOffset, reached)
      positions[slot].bytesMax = limits.partitionBytesMax
    } else if span.firstBatchSize > 0 {
      // Before KIP-74 a batch above the limit came cut off: ask for all of it (F56).
      guard span.firstBatchSize <= Int(limits.batchBytesMax) else {
        return .batchTooLarge(span.firstBatchSize)
      }
      positions[slot].bytesMax = Int32(clamping: span.firstBatchSize)
      return .nothing
    }
    positions[slot].offset = next
    let stable = answer.lastStableOffset
    let end = limits.readCommitted && stable >= 0 ? stable : answer.highWatermark
    var reachedEnd: Int64?
    if next >= end, positions[slot].endSeenAt != next {
      positions[slot].endSeenAt = next
      reachedEnd = next
      if limits.stopAtEnd { positions[slot].isDone = true }
    }
    return next == fetchOffset && reachedEnd == nil ? .nothing : .records(end: reachedEnd)
  }
}
