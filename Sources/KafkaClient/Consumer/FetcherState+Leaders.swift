internal import KafkaProtocol

/// Who leads, which replica is near, and whether what was read is still in the log.
extension FetcherState {
  /// What has happened to a topic since it was asked for last.
  struct Learned {
    /// Partitions whose topic was deleted and made anew (F25), and the offset that each had.
    var recreated: [(assigned: AssignedPartition, offset: Int64?)] = []
    /// Partitions of the topic that are not assigned, by number.
    var unassigned: [Int32] = []
  }

  /// Takes over who leads a topic's partitions.
  ///
  /// A leader's epoch only grows: what is older than what is known comes from a broker that lags
  /// (KIP-320).
  mutating func learn(_ topic: ClusterMetadata.Topic, nowMs: Int64) -> Learned {
    var learned = Learned()
    guard let place = place(ofTopic: topic.name) else { return learned }
    let former = setId(topic.topicId, ofTopicAt: place)
    let isNew = former != .zero && topic.topicId != .zero && former != topic.topicId
    var found: Set<Int32> = []
    for partition in topic.partitions {
      found.insert(partition.index)
      guard let slot = slot(FetchSession.Place(topic: place, partition: partition.index)) else {
        learned.unassigned.append(partition.index)
        continue
      }
      positions[slot].absentSinceMs = nil
      if isNew {
        learned.recreated.append((positions[slot].assigned, positions[slot].offset))
        positions[slot].start = .beginning
        positions[slot].seek(nil)
        positions[slot].leaderEpoch = -1
        positions[slot].replicaId = -1
      }
      lead(slot, partition.leaderId, partition.leaderEpoch)
    }
    for slot in positions.indices
    where positions[slot].topic == place && !found.contains(positions[slot].index) {
      positions[slot].leaderId = -1
      positions[slot].absentSinceMs = positions[slot].absentSinceMs ?? nowMs
    }
    return learned
  }

  /// The cluster says that there is no such topic.
  mutating func learnAbsent(_ name: String, nowMs: Int64) {
    guard let place = place(ofTopic: name) else { return }
    for slot in positions.indices where positions[slot].topic == place {
      positions[slot].absentSinceMs = positions[slot].absentSinceMs ?? nowMs
    }
  }

  /// A leader that is named by a broker's answer (KIP-951); false where it is no news.
  mutating func lead(_ assigned: AssignedPartition, _ leaderId: Int32, epoch: Int32) -> Bool {
    guard let slot = slot(assigned), leaderId >= 0, epoch > positions[slot].leaderEpoch else {
      return false
    }
    lead(slot, leaderId, epoch)
    return true
  }

  private mutating func lead(_ slot: Int, _ leaderId: Int32, _ epoch: Int32) {
    let position = positions[slot]
    guard epoch < 0 || epoch >= position.leaderEpoch else { return }
    if leaderId != position.leaderId || epoch != position.leaderEpoch {
      // Not where an offset is being looked up.
      if positions[slot].notBeforeMs < .max { positions[slot].notBeforeMs = 0 }
      // The near replica was the former leader's choice.
      positions[slot].replicaId = -1
      if position.leaderEpoch >= 0, position.offset != nil, position.offsetEpoch >= 0 {
        positions[slot].isUnvalidated = true
      }
    }
    positions[slot].leaderId = leaderId
    positions[slot].leaderEpoch = epoch
  }

  // MARK: Near replicas (KIP-392)

  /// Reads from a replica, until its lease ends.
  mutating func prefer(_ replicaId: Int32, for assigned: AssignedPartition, nowMs: Int64) {
    update(assigned) {
      $0.replicaId = replicaId
      $0.replicaUntilMs = nowMs + Self.replicaLeaseMs
    }
  }

  /// The replica is not there: its partitions go back to their leaders, which for a while are not told
  /// our rack, since they would name it again (F61).
  mutating func abandon(replica replicaId: Int32, nowMs: Int64) {
    for slot in positions.indices where positions[slot].replicaId == replicaId {
      positions[slot].replicaId = -1
      avoidRack(at: positions[slot].leaderId, nowMs: nowMs)
    }
  }

  /// Does not tell a leader our rack for a while.
  mutating func avoidRack(at leaderId: Int32, nowMs: Int64) {
    racklessUntilMs[leaderId] = nowMs + Self.racklessMs
  }

  // MARK: Truncation (KIP-320)

  /// Partitions whose leader is to be asked whether what was read is still there.
  var unvalidated: [Position] {
    positions.filter { $0.isUnvalidated && !$0.isDone && $0.leaderId >= 0 }
  }

  /// Takes the leader's answer: where the epoch of the last record that was read ends.
  ///
  /// −1 for both where the leader knows nothing of that epoch.
  mutating func validated(
    _ assigned: AssignedPartition, asked: Position, epoch: Int32, endOffset: Int64
  ) -> Outcome {
    guard let slot = slot(assigned), positions[slot].seeks == asked.seeks,
      positions[slot].leaderEpoch == asked.leaderEpoch, let offset = positions[slot].offset
    else { return .nothing }
    guard epoch >= 0, endOffset >= 0 else {
      positions[slot].isUnvalidated = false
      return .outOfRange(at: offset)
    }
    return diverged(slot, epoch, endOffset)
  }

  mutating func diverged(_ slot: Int, _ epoch: Int32, _ endOffset: Int64) -> Outcome {
    positions[slot].isUnvalidated = false
    guard let offset = positions[slot].offset, endOffset < offset else { return .nothing }
    positions[slot].seek(endOffset, epoch: epoch)
    return .truncated(from: offset, to: endOffset)
  }
}
