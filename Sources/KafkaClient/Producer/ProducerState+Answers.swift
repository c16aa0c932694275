import KafkaProtocol

// What answers and their absence mean for batches.

extension ProducerState {
  mutating func judge(
    _ batch: Batch, _ at: Int, _ result: Result, _ brokerId: Int32, _ nowMs: Int64
  ) {
    let code = result.errorCode
    if result.currentLeaderId >= 0 && code != .none {
      partitions[at].leaderId = result.currentLeaderId
    }
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
    case .outOfOrder:
      guard limits.isIdempotent else {
        return fail(batch, at, .broker(code, message: result.message))
      }
      if partitions[at].isDraining {
        // It follows one that failed: no failure of its own.
        partitions[at].returned.append(batch)
      } else {
        reorder(at)
        giveBack(batch, at, text, nowMs)
      }
    case .newProducerId:
      guard limits.isIdempotent else {
        return fail(batch, at, .broker(code, message: result.message))
      }
      if !partitions[at].isDraining {
        partitions[at].needsIdentity = true
        if code == .unknownProducerId && result.logStartOffset <= partitions[at].ackedOffset {
          noteLoss(at)
        }
      }
      giveBack(batch, at, text, nowMs)
    case .permanent:
      fail(batch, at, .broker(code, message: result.message))
    }
  }

  /// The broker lacks what came before this batch, and all before it has been answered.
  ///
  /// So neither this batch nor a later one is in the log, and nothing can be doubled by sending them under
  /// a new producer id (as KIP-360 bumps the epoch). Where no batch was given up, the broker lost what it
  /// had acknowledged.
  mutating func reorder(_ at: Int) {
    partitions[at].needsIdentity = true
    if !partitions[at].mayHaveGap { noteLoss(at) }
  }

  mutating func noteLoss(_ at: Int) {
    actions.append(
      .note(
        "\(place(at)): the broker lacks records that it had acknowledged, up to offset "
          + "\(partitions[at].ackedOffset); going on under a new producer id"))
  }

  func place(_ at: Int) -> String {
    "\(topics[partitions[at].topic].name) [\(partitions[at].index)]"
  }

  mutating func deliver(_ batch: Batch, _ at: Int, offset: Int64, _ brokerId: Int32) {
    partitions[at].failuresInRow = 0
    topics[batch.topic].unknownSinceMs = nil
    partitions[at].isKnown = true
    if let rewind = partitions[at].rewind, rewind.number < batch.number {
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
    guard batch.isStamped, batch.stamp.producerId == partitions[at].identity.producerId else {
      return
    }
    if batch.mayBeAppended || partitions[at].mayHaveGap {
      partitions[at].mayHaveGap = true
    } else if batch.number < partitions[at].rewind?.number ?? .max {
      partitions[at].rewind = (batch.number, batch.stamp.baseSequence)
    }
  }

  /// Gives the freed sequence to the batches that follow in the queue.
  mutating func applyRewind(_ at: Int) {
    guard let rewind = partitions[at].rewind else { return }
    partitions[at].rewind = nil
    partitions[at].nextSequence = rewind.sequence
    partitions[at].queue.update { if $0.number > rewind.number { $0.isStamped = false } }
  }

  mutating func lose(_ batch: Batch, _ error: DeliveryError) {
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
