import KafkaProtocol

// When what is asked of whom: metadata, producer ids, requests.

extension ProducerState {
  mutating func learn(_ row: TopicMetadata, _ nowMs: Int64) {
    switch ProduceVerdict(row.errorCode) {
    case .delivered:
      topics[row.topic].error = nil
      for (partition, leaderId, leaderEpoch) in row.leaders where partition >= 0 {
        let at = slot(row.topic, partition)
        partitions[at].leaderId = leaderId
        partitions[at].leaderEpoch = leaderEpoch
        list(at, nowMs)
      }
    case .retry, .refreshAndRetry:
      break
    case .unknownTopic:
      let since = topics[row.topic].unknownSinceMs ?? nowMs
      topics[row.topic].unknownSinceMs = since
      if nowMs - since >= limits.propagationMaxMs { giveUp(row) }
    case .permanent, .outOfOrder, .unknownProducer, .newProducerId, .tooLarge:
      giveUp(row)
    }
  }

  /// A topic's error is final: all that waits for it is lost.
  mutating func giveUp(_ row: TopicMetadata) {
    let error = DeliveryError.broker(row.errorCode, message: nil)
    topics[row.topic].error = error
    for at in topics[row.topic].slots.values.sorted() where !partitions[at].isDraining {
      failQueue(at, error)
    }
  }

  mutating func wantMetadata(_ nowMs: Int64) {
    if case .idle = metadata { metadata = .wanted(atMs: nowMs) }
  }

  /// While a batch waits for a leader the metadata is asked for again, after a pause.
  mutating func wantMetadataIfLeaderless(_ nowMs: Int64) {
    let isWanted = partitions.contains {
      $0.leaderId < 0 && (!$0.queue.isEmpty || !$0.returned.isEmpty)
    }
    if isWanted { metadata = .wanted(atMs: nowMs + metadataBackoff.next(&random)) }
  }

  mutating func wantIdentity(_ nowMs: Int64) {
    guard !isIdentifying else { return }
    if identifyAtMs == .max { identifyAtMs = nowMs }
  }

  mutating func rest(_ brokerId: Int32, _ nowMs: Int64) {
    guard var broker = brokers[brokerId] else { return }
    broker.link = .resting(untilMs: nowMs + broker.backoff.next(&random))
    brokers[brokerId] = broker
  }

  // MARK: Sending

  /// Does what is due, and hands over the actions.
  mutating func take(_ nowMs: Int64) -> [Action] {
    if hasGap { giveUpAll(.gap) }
    wakeDelayed(nowMs)
    if expiryAtMs <= nowMs { expire(nowMs) }
    for brokerId in brokers.keys.sorted() { pump(brokerId, nowMs) }
    if refreshAtMs <= nowMs {
      refreshAtMs = nowMs + limits.metadataRefreshMs
      wantMetadata(nowMs)
    }
    if case .wanted(let atMs) = metadata, atMs <= nowMs {
      metadata = .running
      actions.append(.refreshMetadata)
    }
    if !isIdentifying && identifyAtMs <= nowMs {
      isIdentifying = true
      identifyAtMs = .max
      actions.append(.newProducerId)
    }
    wantRegistrations()
    defer { actions = [] }
    return actions
  }

  mutating func wakeDelayed(_ nowMs: Int64) {
    guard !delayed.isEmpty else { return }
    let due = delayed.filter { partitions[$0].retryAtMs <= nowMs }
    guard !due.isEmpty else { return }
    delayed.removeAll { partitions[$0].retryAtMs <= nowMs }
    for at in due { list(at, nowMs) }
  }

  /// Gives up the batches whose time is over; within a partition the oldest stands first.
  mutating func expire(_ nowMs: Int64) {
    var next = Int64.max
    for at in partitions.indices {
      while let head = partitions[at].queue.first, head.deadlineMs <= nowMs {
        _ = partitions[at].queue.popFirst()
        forget(head, at)
        lose(head, .timedOut(last: head.lastFailure))
        if partitions[at].inFlight == 0 && !partitions[at].isDraining { applyRewind(at) }
      }
      next = min(next, partitions[at].queue.first?.deadlineMs ?? .max)
    }
    expiryAtMs = next
  }

  mutating func pump(_ brokerId: Int32, _ nowMs: Int64) {
    guard let link = brokers[brokerId]?.link, brokers[brokerId]?.ready.isEmpty == false else {
      return
    }
    switch link {
    case .connecting: return
    case .resting(let untilMs) where untilMs > nowMs: return
    case .none, .resting:
      brokers[brokerId]?.link = .connecting
      actions.append(.connect(brokerId))
    case .ready:
      guard let mutedUntilMs = brokers[brokerId]?.mutedUntilMs, mutedUntilMs <= nowMs else {
        return
      }
      while let inFlight = brokers[brokerId]?.inFlight, inFlight < limits.inFlightMax,
        let request = nextRequest(brokerId, nowMs)
      {
        requests[request.id] = request
        brokers[brokerId]?.inFlight += 1
        actions.append(.send(request))
      }
    }
  }

  /// The next request of a broker: from each partition that can send its oldest batch.
  mutating func nextRequest(_ brokerId: Int32, _ nowMs: Int64) -> Request? {
    var batches: [Batch] = []
    var bytes = 0
    var deadlineMs = Int64.max
    var served: [Int] = []
    var isFull = false
    while !isFull, let at = brokers[brokerId]?.ready.popFirst() {
      // An entry that is no longer meant is passed over.
      guard partitions[at].listedAt == brokerId else { continue }
      guard partitions[at].leaderId == brokerId, canSend(at, nowMs),
        let head = partitions[at].queue.first
      else {
        partitions[at].listedAt = -1
        list(at, nowMs)
        continue
      }
      if !batches.isEmpty && bytes + head.byteCount > limits.requestBytesMax {
        brokers[brokerId]?.ready.prepend([at])
        break
      }
      partitions[at].listedAt = -1
      guard var batch = partitions[at].queue.popFirst() else { continue }
      stamp(&batch, at)
      if batch.mayBeAppended { warnOfDoubles() }
      partitions[at].inFlight += 1
      partitions[at].inFlightBroker = brokerId
      if limits.isIdempotent { partitions[at].underWay.append(batch.ordinal) }
      bytes += batch.byteCount
      isFull = bytes >= limits.requestBytesMax
      deadlineMs = min(deadlineMs, batch.deadlineMs)
      batches.append(batch)
      served.append(at)
    }
    for at in served { list(at, nowMs) }
    guard !batches.isEmpty else { return nil }
    nextRequestId += 1
    let left = deadlineMs == .max ? Int64.max : max(1, deadlineMs - nowMs)
    return Request(
      id: nextRequestId, brokerId: brokerId, batches: batches,
      timeoutMs: min(limits.requestTimeoutMs, left))
  }

  /// Without idempotence a batch whose answer was lost may come to stand in the log twice.
  mutating func warnOfDoubles() {
    guard !limits.isIdempotent, !hasWarnedOfDoubles else { return }
    hasWarnedOfDoubles = true
    actions.append(
      .note("an answer was lost and idempotence is off: what is sent again may be there twice"))
  }

  /// Gives a batch that was never sent its place in the partition's sequence.
  mutating func stamp(_ batch: inout Batch, _ at: Int) {
    guard limits.isIdempotent, !batch.isStamped else { return }
    var stamp = partitions[at].identity
    stamp.baseSequence = partitions[at].nextSequence
    partitions[at].nextSequence = Self.sequence(stamp.baseSequence, after: batch.recordCount)
    if stamp != batch.stamp { actions.append(.stamp(batch: batch.id, stamp)) }
    batch.stamp = stamp
    batch.ordinal = partitions[at].nextOrdinal
    partitions[at].nextOrdinal += 1
    batch.isStamped = true
  }

  /// The sequence `count` records later; after 2³¹ − 1 comes 0.
  static func sequence(_ sequence: Int32, after count: Int32) -> Int32 {
    Int32((Int64(sequence) + Int64(count)) & 0x7fff_ffff)
  }
}
