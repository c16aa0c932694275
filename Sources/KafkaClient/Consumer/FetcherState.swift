internal import KafkaProtocol

/// The consumer's partitions and how far each has been read: a plain value without I/O.
///
/// It says what to ask a broker for next and what an answer means; `Consumer` does it.
struct FetcherState {
  struct Position {
    var index: Int32
    var topicId = Uuid.zero
    /// −1 where no leader is known.
    var leaderId: Int32 = -1
    var leaderEpoch: Int32 = -1
    /// Where the next Fetch begins; nil until it has been found.
    var offset: Int64?
    /// The end has been seen at this offset; said once per end.
    var endSeenAt: Int64?
    /// Bytes to ask for; grows where one batch is larger.
    var bytesMax: Int32
    var isDone = false
    var notBeforeMs: Int64 = 0
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

  let topic: String
  var limits: Limits
  private(set) var positions: [Position]
  private var rotation = 0

  init(topic: String, positions: [Position], limits: Limits) {
    self.topic = topic
    self.positions = positions
    self.limits = limits
  }

  /// True where nothing is left to read.
  var isDone: Bool { positions.allSatisfy(\.isDone) }

  /// The brokers that lead partitions still to be read.
  var leaders: Set<Int32> {
    Set(positions.lazy.filter { !$0.isDone && $0.leaderId >= 0 }.map(\.leaderId))
  }

  /// The partitions that have no leader.
  var leaderless: [Int32] { positions.filter { !$0.isDone && $0.leaderId < 0 }.map(\.index) }

  /// The place of a partition in `positions`.
  func slot(_ index: Int32) -> Int? {
    // Partitions are almost always 0, 1, 2 …: the index is its own slot.
    if let direct = Int(exactly: index), positions.indices.contains(direct),
      positions[direct].index == index
    {
      return direct
    }
    return positions.firstIndex { $0.index == index }
  }

  mutating func update(_ index: Int32, _ change: (inout Position) -> Void) {
    if let slot = slot(index) { change(&positions[slot]) }
  }

  /// The next Fetch to a broker, or nil where none of its partitions can be asked for now.
  ///
  /// The order of the partitions rotates, so that each gets its turn in a response of bounded size.
  /// Until each partition's end has been seen once the broker is not asked to wait.
  mutating func fetch(from brokerId: Int32, version: Int16, nowMs: Int64) -> FetchRequest? {
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
    var topicRequest = FetchRequest.Topic()
    if version >= 13 {
      topicRequest.topicId = positions[mine[0]].topicId
    } else {
      topicRequest.topic = topic
    }
    topicRequest.partitions = asked.map { slot in
      let position = positions[slot]
      var part = FetchRequest.Partition()
      part.partition = position.index
      part.currentLeaderEpoch = version >= 9 ? position.leaderEpoch : -1
      part.fetchOffset = position.offset ?? 0
      part.partitionMaxBytes = max(min(position.bytesMax, partitionMax), grown(position))
      return part
    }
    request.topics = [topicRequest]
    return request
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
    _ answer: FetchResponse.Partition, fetchOffset: Int64, span: LogSpan
  ) -> Outcome {
    guard let slot = slot(answer.partitionIndex), !positions[slot].isDone,
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
