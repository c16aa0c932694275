internal import KafkaProtocol

/// What to ask a broker for, and what its answer means.
extension FetcherState {
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
    /// Read from that replica from now on (KIP-392).
    case readFrom(Int32)
    /// What the replica cannot give the leader is asked for (F61).
    case backToLeader(ErrorCode)
    /// What was read from `to` on is no longer in the log (KIP-320).
    case truncated(from: Int64, to: Int64)
    /// Another try after a pause.
    case retry(ErrorCode)
    /// It will not get better.
    case failed(ErrorCode)
    /// One batch is larger than may be.
    case batchTooLarge(Int)
  }

  /// The next Fetch to a broker, or nil where none of its partitions can be asked for now.
  ///
  /// The order of the partitions rotates, so that each gets its turn in a response of bounded size; in a
  /// session the broker sees to that. Until each partition's end has been seen once the broker is not
  /// asked to wait.
  mutating func fetch(from brokerId: Int32, version: Int16, nowMs: Int64) -> FetchRequest? {
    var mine: [Int] = []
    var allEndsSeen = true
    for slot in positions.indices where isReady(positions[slot], brokerId, nowMs) {
      mine.append(slot)
      if positions[slot].endSeenAt == nil { allEndsSeen = false }
    }
    guard !mine.isEmpty else { return nil }
    var session = sessions.removeValue(forKey: brokerId) ?? FetchSession()
    defer { sessions[brokerId] = session }
    if !session.isIncremental || version < 7 {
      rotation += 1
      mine = Array(mine[(rotation % mine.count)...] + mine[..<(rotation % mine.count)])
    }
    var partitionMax = Int32.max
    if version < 3 {
      // Before KIP-74 only the partitions' own limits bound a response.
      partitionMax = max(32 << 10, limits.bytesMax / Int32(clamping: mine.count))
      if mine.count > 256 {
        mine = Array(mine[..<256])
        allEndsSeen = false
      }
    }
    var request = FetchRequest()
    request.replicaId = -1
    request.maxWaitMs = allEndsSeen ? limits.waitMaxMs : 0
    request.minBytes = limits.bytesMin
    request.maxBytes = limits.bytesMax
    request.isolationLevel = version >= 4 && limits.readCommitted ? 1 : 0
    if version >= 11, nowMs >= racklessUntilMs[brokerId] ?? 0 { request.rackId = limits.rack }
    session.fill(
      &request, mine.map { wanted(positions[$0], partitionMax) }, topics: topics, version: version)
    return request
  }

  /// The newest version of Fetch that may be sent: up to 12 while a topic's id is not known (KIP-516).
  func versionMax(for brokerId: Int32, nowMs: Int64) -> Int16 {
    let isNameless = positions.contains {
      topics[Int($0.topic)].id == .zero && isReady($0, brokerId, nowMs)
    }
    return isNameless ? 12 : .max
  }

  private func isReady(_ position: Position, _ brokerId: Int32, _ nowMs: Int64) -> Bool {
    !position.isDone && position.offset != nil && !position.isUnvalidated
      && position.notBeforeMs <= nowMs && position.source(nowMs) == brokerId
  }

  private func wanted(_ position: Position, _ partitionMax: Int32) -> FetchSession.Wanted {
    let grown = position.bytesMax > limits.partitionBytesMax
    return FetchSession.Wanted(
      place: FetchSession.Place(topic: position.topic, partition: position.index),
      topicId: topics[Int(position.topic)].id, number: position.assigned.number,
      seeks: position.seeks, offset: position.offset ?? 0, offsetEpoch: position.offsetEpoch,
      leaderEpoch: position.leaderEpoch,
      bytesMax: grown ? position.bytesMax : min(position.bytesMax, partitionMax))
  }

  /// The moment at which a partition that pauses may be asked for again; nil where none pauses.
  func resumesAtMs(_ brokerId: Int32, nowMs: Int64) -> Int64? {
    positions.lazy.filter {
      $0.source(nowMs) == brokerId && !$0.isDone && $0.offset != nil && $0.notBeforeMs > nowMs
    }.map(\.notBeforeMs).min()
  }

  /// The broker's last Fetch came to nothing: what it remembers of us is not known.
  mutating func fetchFailed(from brokerId: Int32) { sessions[brokerId]?.restart() }

  /// The assignment that a response's row is of, and what was asked; nil where it was not (S12).
  func asked(
    _ topic: FetchResponse.Topic, version: Int16, _ partition: Int32, from brokerId: Int32
  ) -> (assigned: AssignedPartition, wanted: FetchSession.Wanted)? {
    guard let place = place(topic, version: version, partition), let slot = slot(place),
      let wanted = sessions[brokerId]?.asked(place),
      wanted.number == positions[slot].assigned.number, wanted.seeks == positions[slot].seeks
    else { return nil }
    return (positions[slot].assigned, wanted)
  }

  /// Takes one partition's answer to a Fetch.
  mutating func received(
    _ answer: FetchResponse.Partition, of assigned: AssignedPartition,
    _ wanted: FetchSession.Wanted, span: LogSpan, from brokerId: Int32
  ) -> Outcome {
    guard let slot = slot(assigned), !positions[slot].isDone,
      let fetchOffset = positions[slot].offset, fetchOffset == wanted.offset,
      positions[slot].seeks == wanted.seeks
    else { return .nothing }
    if let outcome = trouble(answer, slot, fetchOffset, brokerId) { return outcome }
    var next = fetchOffset
    if let reached = span.nextOffset {
      next = max(fetchOffset, reached)
      positions[slot].bytesMax = limits.partitionBytesMax
      if next > fetchOffset { positions[slot].offsetEpoch = span.lastEpoch }
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

  /// What is in the way of records; nil for nothing.
  private mutating func trouble(
    _ answer: FetchResponse.Partition, _ slot: Int, _ fetchOffset: Int64, _ brokerId: Int32
  ) -> Outcome? {
    let code = answer.errorCode
    if code == .none {
      if answer.preferredReadReplica >= 0, answer.preferredReadReplica != brokerId {
        return .readFrom(answer.preferredReadReplica)
      }
      guard answer.divergingEpoch.endOffset >= 0 else { return nil }
      return diverged(slot, answer.divergingEpoch.epoch, answer.divergingEpoch.endOffset)
    }
    if brokerId != positions[slot].leaderId {
      // Whatever a replica cannot do, the leader may (F61).
      positions[slot].replicaId = -1
      return .backToLeader(code)
    }
    switch code {
    case .offsetOutOfRange: return .outOfRange(at: fetchOffset)
    case .notLeaderOrFollower, .unknownTopicOrPartition, .unknownTopicId, .fencedLeaderEpoch,
      .unknownLeaderEpoch, .inconsistentTopicId, .leaderNotAvailable, .replicaNotAvailable:
      return .staleLeader(code)
    default: return code.isRetriable ? .retry(code) : .failed(code)
    }
  }
}
