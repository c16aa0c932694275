import KafkaProtocol

// What answers and their absence mean for batches.

extension ProducerState {
  mutating func judge(
    _ batch: Batch, _ at: Int, _ result: Result, _ brokerId: Int32, _ nowMs: Int64
  ) {
    let code = result.errorCode
    if code != .none { follow(result, at) }
    let text = "\(DeliveryError.broker(code, message: result.message))"
    switch limits.isTransactional ? ProduceVerdict(inTransaction: code) : ProduceVerdict(code) {
    case .delivered:
      deliver(batch, at, offset: result.baseOffset, brokerId)
    case .retry:
      var batch = batch
      if ProduceVerdict.mayBeAppended(code) { batch.mayBeAppended = true }
      if code == .corruptMessage && batch.failures > 0 {
        actions.append(.note("\(place(at)): \(text), again: the link damages data"))
      }
      giveBack(batch, at, text, nowMs)
    case .refreshAndRetry:
      var batch = batch
      if ProduceVerdict.mayBeAppended(code) { batch.mayBeAppended = true }
      if partitions[at].leaderId == brokerId {
        partitions[at].leaderId = -1
        wantMetadata(nowMs)
      }
      giveBack(batch, at, text, nowMs, pauses: partitions[at].leaderId < 0)
    case .unknownTopic:
      // The broker may not have heard of the topic yet.
      let since = topics[batch.topic].unknownSinceMs ?? nowMs
      topics[batch.topic].unknownSinceMs = since
      guard nowMs - since < limits.propagationMaxMs else {
        return fail(batch, at, .broker(code, message: result.message))
      }
      if partitions[at].leaderId == brokerId { partitions[at].leaderId = -1 }
      wantMetadata(nowMs)
      giveBack(batch, at, text, nowMs)
    case .outOfOrder, .unknownProducer, .newProducerId:
      guard limits.isIdempotent else {
        return fail(batch, at, .broker(code, message: result.message))
      }
      if partitions[at].isDraining {
        // It follows one that failed: no failure of its own.
        partitions[at].returned.append(batch)
      } else {
        var batch = batch
        noteBreak(&batch, at, result)
        giveBack(batch, at, text, nowMs)
      }
    case .tooLarge:
      guard batch.recordCount > 1 else {
        return fail(batch, at, .broker(code, message: result.message))
      }
      rebuild(batch, at, .halves, code, nowMs)
    case .permanent:
      drop(batch, at, result, nowMs)
    }
  }

  /// Takes over the leader that an answer names, if it is newer than the known one (KIP-951).
  ///
  /// Two brokers that each name the other cannot make it run in circles: epochs only grow.
  mutating func follow(_ result: Result, _ at: Int) {
    guard result.currentLeaderId >= 0, result.currentLeaderEpoch > partitions[at].leaderEpoch
    else { return }
    partitions[at].leaderId = result.currentLeaderId
    partitions[at].leaderEpoch = result.currentLeaderEpoch
  }

  // MARK: A broken sequence

  /// The broker does not take the oldest batch under way because of its sequence or its producer.
  ///
  /// All before it is answered. So neither it nor a later one is in the log, unless an earlier answer was
  /// lost, and they can be sent again under a new epoch or id (KIP-360). What this may have cost is noted.
  mutating func noteBreak(_ batch: inout Batch, _ at: Int, _ result: Result) {
    switch ProduceVerdict(result.errorCode) {
    case .outOfOrder:
      partitions[at].renewal = .epoch
      // A broker knows its producers' last batches: it would have known this one again, so it has not got it.
      if partitions[at].isKnown && !partitions[at].mayHaveGap {
        note(at, "the broker lacks records that it had acknowledged, up to offset")
      }
      return
    case .unknownProducer:
      partitions[at].renewal = .epoch
      // Where retention has removed the producer's records it is right to have forgotten it.
      if partitions[at].isKnown && result.logStartOffset <= partitions[at].ackedOffset {
        note(at, "the broker has forgotten the producer, and perhaps its records up to offset")
      }
    default: partitions[at].renewal = .producerId
    }
    noteDouble(&batch, at, result.errorCode)
  }

  private mutating func note(_ at: Int, _ what: String) {
    actions.append(
      .note(
        "\(place(at)): \(what) \(partitions[at].ackedOffset); going on under a new producer epoch"))
  }

  /// An earlier try of the batch may be in the log, and the broker will not know it again; said once.
  private mutating func noteDouble(_ batch: inout Batch, _ at: Int, _ code: ErrorCode) {
    guard batch.mayBeAppended, !batch.isDoubtSaid else { return }
    batch.isDoubtSaid = true
    actions.append(
      .note(
        "\(place(at)): \(batch.recordCount) records may be in the log twice: an answer was lost, then"
          + " came \(code.name)"))
  }

  func place(_ at: Int) -> String {
    "\(topics[partitions[at].topic].name) [\(partitions[at].index)]"
  }

  // MARK: Batches that are taken apart

  /// A batch that is refused for some of its records is sent without them (KIP-467).
  mutating func drop(_ batch: Batch, _ at: Int, _ result: Result, _ nowMs: Int64) {
    var bad: Set<Int32> = []
    for error in result.recordErrors where (0..<batch.recordCount).contains(error.index) {
      guard bad.insert(error.index).inserted else { continue }
      guard batch.recordCount > 1 else { continue }
      // The message of each record, or of all; the number is that in the input where there is one partition.
      let number = batch.position + Int(error.index) + 1
      let reason = [
        "record \(number) to \(place(at))", error.message ?? result.message,
      ].compactMap { $0 }.joined(separator: ": ")
      actions.append(.dropped(batch, .broker(result.errorCode, message: reason)))
      waitingRecords -= 1
    }
    guard batch.recordCount > 1, !bad.isEmpty else {
      let message = result.recordErrors.first?.message ?? result.message
      return fail(batch, at, .broker(result.errorCode, message: message))
    }
    var rest = batch
    rest.recordCount -= Int32(bad.count)
    rebuild(rest, at, .without(bad), result.errorCode, nowMs)
  }

  /// A batch that was refused is made into others, which take its place and its sequence.
  mutating func rebuild(
    _ batch: Batch, _ at: Int, _ how: Rebuild, _ code: ErrorCode, _ nowMs: Int64
  ) {
    var batch = batch
    noteDouble(&batch, at, code)
    if batch.mayBeAppended { partitions[at].mayHaveGap = true }
    free(batch, at)
    batch.isStamped = false
    if !partitions[at].isDraining {
      partitions[at].isDraining = true
      partitions[at].retryAtMs = nowMs
    }
    partitions[at].rebuilding.append(batch)
    actions.append(.rebuild(batch, how))
  }

  /// The place of the partition whose batch was being rebuilt; nil where none was.
  mutating func endRebuilding(_ batch: Batch) -> Int? {
    guard topics.indices.contains(batch.topic),
      let at = topics[batch.topic].slots[batch.partition],
      let index = partitions[at].rebuilding.firstIndex(where: { $0.id == batch.id })
    else { return nil }
    partitions[at].rebuilding.remove(at: index)
    return at
  }

  // MARK: Ends

  mutating func deliver(_ batch: Batch, _ at: Int, offset: Int64, _ brokerId: Int32) {
    partitions[at].failuresInRow = 0
    topics[batch.topic].unknownSinceMs = nil
    partitions[at].isKnown = true
    if let rewind = partitions[at].rewind, rewind.position < batch.position {
      partitions[at].rewind = nil
    }
    let last = offset.addingReportingOverflow(Int64(batch.recordCount) - 1)
    if offset >= 0 && !last.overflow {
      partitions[at].ackedOffset = max(partitions[at].ackedOffset, last.partialValue)
    }
    waitingRecords -= Int(batch.recordCount)
    actions.append(.delivered(batch, baseOffset: offset, brokerId: brokerId))
  }

  /// A try failed: the batch waits until nothing of its partition is under way.
  mutating func giveBack(
    _ batch: Batch, _ at: Int, _ reason: String, _ nowMs: Int64, pauses: Bool = true
  ) {
    var batch = batch
    batch.failures += 1
    batch.lastFailure = reason
    if let abandoned { return fail(batch, at, abandoned) }
    guard batch.failures <= limits.retriesMax else {
      return fail(batch, at, .retriesExhausted(last: reason))
    }
    if !partitions[at].isDraining {
      partitions[at].isDraining = true
      partitions[at].failuresInRow += 1
      let pause = Backoff.pause(
        failures: partitions[at].failuresInRow, limits.retryBackoffMs, limits.retryBackoffMaxMs,
        &random)
      partitions[at].retryAtMs = pauses ? nowMs + pause : nowMs
    }
    partitions[at].returned.append(batch)
  }

  /// A batch is given up after it was sent.
  mutating func fail(_ batch: Batch, _ at: Int, _ error: DeliveryError) {
    forget(batch, at)
    lose(batch, error)
    // Those under way behind it come back as out of order: they are sent again, after this.
    if limits.isIdempotent && partitions[at].inFlight > 0 { partitions[at].isDraining = true }
    if limits.isIdempotent && partitions[at].inFlight == 0 && !partitions[at].isDraining {
      applyRewind(at)
    }
  }

  /// Frees the sequence of a batch that is given up, where the broker certainly has not got it.
  mutating func forget(_ batch: Batch, _ at: Int) {
    guard isCurrent(batch, at) else { return }
    if batch.mayBeAppended || partitions[at].mayHaveGap {
      partitions[at].mayHaveGap = true
    } else {
      free(batch, at)
    }
  }

  /// Lets the next batch begin where this one did in the sequence.
  mutating func free(_ batch: Batch, _ at: Int) {
    guard isCurrent(batch, at), batch.position < partitions[at].rewind?.position ?? .max else {
      return
    }
    partitions[at].rewind = (batch.position, batch.stamp.baseSequence, batch.ordinal)
  }

  /// Whether the batch has a place in the sequence that its partition is in.
  private func isCurrent(_ batch: Batch, _ at: Int) -> Bool {
    batch.isStamped && batch.stamp.producerId == partitions[at].identity.producerId
      && batch.stamp.producerEpoch == partitions[at].identity.producerEpoch
  }

  /// Gives the freed sequence to the batches that follow in the queue.
  mutating func applyRewind(_ at: Int) {
    guard let rewind = partitions[at].rewind else { return }
    partitions[at].rewind = nil
    partitions[at].nextSequence = rewind.sequence
    partitions[at].nextOrdinal = rewind.ordinal
    partitions[at].queue.update { if $0.position >= rewind.position { $0.isStamped = false } }
  }

  mutating func lose(_ batch: Batch, _ error: DeliveryError) {
    if limits.isGapless {
      // As librdkafka has it, those that ran out of time are not covered.
      if case .timedOut = error {} else { hasGap = true }
    }
    waitingRecords -= Int(batch.recordCount)
    actions.append(.failed(batch, error))
  }

  mutating func failQueue(_ at: Int, _ error: DeliveryError) {
    while let batch = partitions[at].queue.popFirst() {
      forget(batch, at)
      lose(batch, error)
    }
    if partitions[at].inFlight == 0 { applyRewind(at) }
  }
}
