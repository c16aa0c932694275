import KafkaProtocol

// How the batches of a partition wait and in what order they go.

extension ProducerState {
  mutating func slot(_ topic: Int, _ partition: Int32) -> Int {
    if let known = topics[topic].slots[partition] { return known }
    var fresh = Partition(topic: topic, index: partition)
    if let identity { fresh.identity = stamp(identity) }
    partitions.append(fresh)
    topics[topic].slots[partition] = partitions.count - 1
    return partitions.count - 1
  }

  /// A batch is no longer under way; the place of its partition is the answer.
  mutating func landed(_ batch: Batch) -> Int {
    let at = slot(batch.topic, batch.partition)
    partitions[at].inFlight -= 1
    if limits.isIdempotent { partitions[at].underWay.removeAll { $0 == batch.ordinal } }
    return at
  }

  mutating func enqueue(_ batch: Batch, _ at: Int) {
    var batch = batch
    partitions[at].nextNumber = batch.number + 1
    batch.position = partitions[at].nextPosition
    partitions[at].nextPosition += Int(batch.recordCount)
    if let failure = batch.failure ?? abandoned { return lose(batch, failure) }
    partitions[at].queue.append(batch)
    expiryAtMs = min(expiryAtMs, batch.deadlineMs)
  }

  /// Puts the partition into its leader's list, if it can send.
  mutating func list(_ at: Int, _ nowMs: Int64) {
    let partition = partitions[at]
    if limits.isIdempotent && partition.identity.producerId < 0 && !partition.queue.isEmpty {
      wantIdentity(nowMs)
      return
    }
    guard !partition.queue.isEmpty else { return }
    guard isRegistered(at) else { return }
    guard partition.leaderId >= 0 else { return wantMetadata(nowMs) }
    guard partition.listedAt != partition.leaderId, canSend(at, nowMs) else { return }
    let fresh = Broker(
      backoff: Backoff(
        firstMs: limits.reconnectBackoffMs, maxMs: limits.reconnectBackoffMaxMs))
    brokers[partition.leaderId, default: fresh].ready.append(at)
    partitions[at].listedAt = partition.leaderId
  }

  func canSend(_ at: Int, _ nowMs: Int64) -> Bool {
    guard !partitions[at].isDraining, partitions[at].renewal == nil,
      partitions[at].retryAtMs <= nowMs,
      !limits.isTransactional || partitions[at].registration == .done
    else { return false }
    if partitions[at].inFlight == 0 { return true }
    guard partitions[at].inFlightBroker == partitions[at].leaderId else { return false }
    guard limits.isIdempotent else { return true }
    guard partitions[at].isKnown, let next = partitions[at].queue.first,
      let oldest = partitions[at].underWay.min()
    else { return false }
    let ordinal = next.isStamped ? next.ordinal : partitions[at].nextOrdinal
    return ordinal - oldest < Self.rememberedBatches
  }

  /// Once nothing of the partition is under way: what failed goes back in front.
  mutating func settle(_ at: Int, _ nowMs: Int64) {
    guard partitions[at].isDraining || partitions[at].renewal != nil,
      partitions[at].inFlight == 0, partitions[at].rebuilding.isEmpty
    else { return list(at, nowMs) }
    partitions[at].isDraining = false
    partitions[at].queue.prepend(partitions[at].returned.sorted { $0.position < $1.position })
    partitions[at].returned = []
    applyRewind(at)
    expiryAtMs = min(expiryAtMs, partitions[at].queue.first?.deadlineMs ?? .max)
    if let error = abandoned ?? topics[partitions[at].topic].error { return failQueue(at, error) }
    renew(at, nowMs)
    if partitions[at].retryAtMs > nowMs { delayed.append(at) }
    list(at, nowMs)
  }

  /// Begins the sequence anew, where that is wanted and can be done at once.
  mutating func renew(_ at: Int, _ nowMs: Int64) {
    switch partitions[at].renewal {
    case nil: return
    case .epoch where partitions[at].identity.producerEpoch < Int16.max:
      // A partition's sequence is no other's business: neither the broker nor they need to be asked.
      var next = partitions[at].identity
      next.producerEpoch += 1
      begin(at, next)
    case .epoch, .producerId:
      partitions[at].renewal = .producerId
      if let identity, identity.producerId != partitions[at].identity.producerId {
        adopt(at)
      } else {
        wantIdentity(nowMs)
      }
    }
  }

  /// The partition begins anew under the newest producer id.
  mutating func adopt(_ at: Int) {
    guard let identity else { return }
    begin(at, stamp(identity))
  }

  /// The partition's next batch is the first of an identity.
  mutating func begin(_ at: Int, _ identity: Stamp) {
    partitions[at].renewal = nil
    partitions[at].mayHaveGap = false
    partitions[at].identity = identity
    partitions[at].nextSequence = 0
    partitions[at].nextOrdinal = 0
    partitions[at].isKnown = false
    partitions[at].rewind = nil
    partitions[at].queue.update { $0.isStamped = false }
  }
}
