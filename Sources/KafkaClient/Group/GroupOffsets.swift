public import KafkaProtocol
internal import Transport

/// An offset that a group has committed.
struct CommittedOffset: Hashable, Sendable {
  /// The offset of the next record to read.
  var offset: Int64
  /// The epoch of the record before it; −1 if unknown (KIP-320).
  var leaderEpoch: Int32
}

extension Connection {
  /// Asks the coordinator how far a group has read; partitions without an offset are left out.
  ///
  /// `member` is that of a KIP-848 group, with its epoch. With `isStable` offsets that a transaction has
  /// not decided yet are an error (KIP-447).
  /// - Throws: `ClientError`, also for an error of one partition.
  func committedOffsets(
    of groupId: String, _ partitions: [TopicPartition], member: (id: String, epoch: Int32)?,
    isStable: Bool, timeoutMs: Int64
  ) async throws(ClientError) -> [TopicPartition: CommittedOffset] {
    // From version 10 on topics go by their ids.
    let version = try version(of: .offsetFetch, atMost: 9)
    let topics = GroupAssignment.byTopic(partitions).map { name, numbers in
      var topic = OffsetFetchRequest.Topic()
      (topic.name, topic.partitionIndexes) = (name, numbers)
      return topic
    }
    var request = OffsetFetchRequest()
    if version >= 8 {
      var group = OffsetFetchRequest.Group()
      group.groupId = groupId
      group.topics = topics
      if let member, version >= 9 { (group.memberId, group.memberEpoch) = member }
      request.groups = [group]
    } else {
      request.groupId = groupId
      request.topics = topics
    }
    request.requireStable = isStable && version >= 7
    let response = try await self.request(request, version: version, timeoutMs: timeoutMs)
    var (code, rows) = (response.errorCode, response.topics)
    if version >= 8 {
      guard let group = response.groups.first(where: { $0.groupId == groupId }) else {
        throw .broker(.unknownServerError, message: "the answer lacks group \(groupId)")
      }
      (code, rows) = (group.errorCode, group.topics)
    }
    guard code == .none else { throw .broker(code, message: nil) }
    var found: [TopicPartition: CommittedOffset] = [:]
    for topic in rows {
      for row in topic.partitions {
        // Version 1 answers so where nothing is stored.
        if row.errorCode == .unknownTopicOrPartition { continue }
        guard row.errorCode == .none else { throw .broker(row.errorCode, message: nil) }
        guard row.committedOffset >= 0 else { continue }
        found[TopicPartition(topic.name, row.partitionIndex)] = CommittedOffset(
          offset: row.committedOffset, leaderEpoch: row.committedLeaderEpoch)
      }
    }
    return found
  }

  /// Commits offsets for a member; the answer names each partition's outcome.
  ///
  /// Where `topicIds` has all topics, and the broker goes by them, what was read of a topic that has been
  /// made anew under its name is refused with UNKNOWN_TOPIC_ID.
  /// - Throws: `ClientError` where there is no answer.
  func commit(
    _ offsets: [TopicPartition: CommittedOffset], groupId: String, groupInstanceId: String?,
    memberId: String, generationOrEpoch: Int32, topicIds: [String: Uuid], timeoutMs: Int64
  ) async throws(ClientError) -> [TopicPartition: ErrorCode] {
    // From version 10 on topics go by their ids.
    let areNamed = offsets.keys.contains { topicIds[$0.topic] == nil }
    let version = try version(of: .offsetCommit, atMost: areNamed ? 9 : 10)
    var request = OffsetCommitRequest()
    request.groupId = groupId
    request.memberId = memberId
    request.generationIdOrMemberEpoch = generationOrEpoch
    if version >= 7 { request.groupInstanceId = groupInstanceId }
    request.topics = GroupAssignment.byTopic(offsets.keys).map { name, numbers in
      var topic = OffsetCommitRequest.Topic()
      topic.name = name
      topic.topicId = topicIds[name] ?? .zero
      topic.partitions = numbers.compactMap { number in
        guard let position = offsets[TopicPartition(name, number)] else { return nil }
        var row = OffsetCommitRequest.Partition()
        row.partitionIndex = number
        row.committedOffset = position.offset
        row.committedLeaderEpoch = position.leaderEpoch
        row.committedMetadata = ""
        return row
      }
      return topic
    }
    let response = try await self.request(request, version: version, timeoutMs: timeoutMs)
    var outcomes: [TopicPartition: ErrorCode] = [:]
    let names = Dictionary(topicIds.map { ($0.value, $0.key) }) { $1 }
    for topic in response.topics {
      let name = version >= 10 ? names[topic.topicId] ?? "" : topic.name
      for row in topic.partitions {
        outcomes[TopicPartition(name, row.partitionIndex)] = row.errorCode
      }
    }
    return outcomes
  }
}

extension Consumer {
  /// Begins to read partitions from where a group left off, without being its member; what it has not
  /// begun begins by `auto.offset.reset`.
  ///
  /// - Throws: `ClientError` where that cannot be had.
  public func assign(
    _ partitions: [TopicPartition], committedBy groupId: String, timeoutMs: Int64
  ) async throws(ClientError) {
    let found = try await committedOffsets(of: partitions, groupId, timeoutMs: timeoutMs)
    var starts: [PartitionStart] = []
    for partition in partitions {
      guard let from = start(found[partition]) else {
        throw .broker(.offsetOutOfRange, message: "no offset is stored for \(partition)")
      }
      starts.append(PartitionStart(partition, from: from))
    }
    try await assign(starts, timeoutMs: timeoutMs)
  }

  /// Asks again while a coordinator that has just become one is still reading.
  private func committedOffsets(
    of partitions: [TopicPartition], _ groupId: String, timeoutMs: Int64
  ) async throws(ClientError) -> [TopicPartition: CommittedOffset] {
    let deadlineMs = MonotonicClock.nowMs + timeoutMs
    var backoff = Backoff(cluster.configuration)
    while true {
      let leftMs = MonotonicClock.leftMs(until: deadlineMs)
      do throws(ClientError) {
        return try await cluster.coordinator(of: groupId, .group, timeoutMs: leftMs)
          .committedOffsets(
            of: groupId, partitions, member: nil, isStable: false, timeoutMs: leftMs)
      } catch {
        let pause = backoff.next()
        guard error.isRetriable, MonotonicClock.nowMs + pause < deadlineMs else { throw error }
        await sleep(milliseconds: pause)
      }
    }
  }

  /// Where a partition begins by what is committed; nil where it may not begin at all.
  func start(_ known: CommittedOffset?) -> PartitionStart.From? {
    if let known { return .committed(offset: known.offset, leaderEpoch: known.leaderEpoch) }
    switch configuration.autoOffsetReset {
    case .earliest: return .spec(.beginning)
    case .latest: return .spec(.end)
    case .error: return nil
    }
  }
}
