import KafkaProtocol

/// Which batch goes to which broker when, and what an answer means for it: a plain value without I/O.
///
/// Sealed batches wait in their partition's queue. A broker has at most `inFlightMax` unanswered requests,
/// each with at most one batch per partition. Where a try fails, the partition sends no more until all
/// that it has under way is answered; then what failed goes back in front, in order, and the same bytes go
/// out again. A batch gets its sequence when it is first sent, so that those that never left leave no gap.
///
/// Where the broker's idea of the sequence is broken, the partition begins anew under its producer id's next
/// epoch, as Kafka's own client does (KIP-360): what the old epoch still has on its way is then refused.
struct ProducerState {
  /// As what a partition begins its sequence anew.
  enum Renewal {
    /// The same producer id in its next epoch.
    case epoch
    /// Another producer id.
    case producerId
  }

  struct Partition {
    var topic: Int
    var index: Int32
    /// −1 where no leader is known.
    var leaderId: Int32 = -1
    /// −1 if unknown.
    var leaderEpoch: Int32 = -1
    var queue = Fifo<Batch>()
    /// The number that the next batch in order has.
    var nextNumber = 0
    /// Records of the batches before that one.
    var nextPosition = 0
    /// Batches whose predecessors are still being compressed.
    var early: [Int: Batch] = [:]
    var inFlight = 0
    var inFlightBroker: Int32 = -1
    /// With idempotence: the ordinals of the batches under way.
    var underWay: [Int] = []
    /// Batches that are being made into others.
    var rebuilding: [Batch] = []
    /// What failed and waits until nothing is under way.
    var returned: [Batch] = []
    var isDraining = false
    var failuresInRow = 0
    var retryAtMs: Int64 = 0
    /// The broker in whose list of those that can send it stands; −1 if in none.
    var listedAt: Int32 = -1

    var identity = Stamp()
    var nextSequence: Int32 = 0
    var nextOrdinal = 0
    /// The sequence is broken: once nothing is under way it begins anew.
    var renewal: Renewal?
    /// A batch was acknowledged under this identity.
    ///
    /// Before, only one may be under way: a broker that knows nothing of a producer takes any sequence, so the
    /// second could pass a first that failed.
    var isKnown = false
    /// A batch that may have been appended was given up: the broker may miss it.
    var mayHaveGap = false
    /// From this batch on, sequences are free again, since the batch was refused for good.
    var rewind: (position: Int, sequence: Int32, ordinal: Int)?
    var ackedOffset: Int64 = -1
    var registration = Registration.none
  }

  struct Topic {
    var name: String
    var slots: [Int32: Int] = [:]
    var unknownSinceMs: Int64?
    var error: DeliveryError?
  }

  struct Broker {
    enum Link {
      case none
      case connecting
      case ready
      case resting(untilMs: Int64)
    }
    var link = Link.none
    var inFlight = 0
    var mutedUntilMs: Int64 = 0
    var backoff: Backoff
    /// Partitions that can send.
    var ready = Fifo<Int>()
  }

  enum Metadata {
    case idle
    case wanted(atMs: Int64)
    case running
  }

  /// A broker knows a producer's last five batches again; an older one it would take for a gap.
  static let rememberedBatches = 5

  let limits: Limits
  var random: SplitMix64
  var topics: [Topic] = []
  var partitions: [Partition] = []
  var brokers: [Int32: Broker] = [:]
  var requests: [Int: Request] = [:]
  var nextRequestId = 0
  var metadata = Metadata.idle
  var metadataBackoff: Backoff
  var refreshAtMs = Int64.max
  var identity: (producerId: Int64, epoch: Int16)?
  var isIdentifying = false
  var identifyAtMs = Int64.max
  var identityBackoff: Backoff
  var delayed: [Int] = []
  /// Partitions that are to become part of the transaction.
  var unregistered: [Int] = []
  /// Why all that waits is given up: the transaction cannot be committed any more, or a gap would be left.
  var abandoned: DeliveryError?
  /// A batch has failed which must not leave a gap.
  var hasGap = false
  var expiryAtMs = Int64.max
  /// It was said that a retry may double records.
  var hasWarnedOfDoubles = false
  var actions: [Action] = []
  /// Records that were taken over and are neither delivered nor given up.
  var waitingRecords = 0

  /// Makes a producer that knows nothing; `seed` makes its pauses repeatable.
  init(_ limits: Limits, seed: UInt64) {
    self.limits = limits
    random = SplitMix64(seed: seed)
    metadataBackoff = Backoff(
      firstMs: limits.metadataFastMs, maxMs: max(limits.metadataFastMs, limits.retryBackoffMaxMs))
    identityBackoff = Backoff(
      firstMs: limits.retryBackoffMs, maxMs: limits.retryBackoffMaxMs)
  }

  /// Records of which nobody knows whether a broker has them: under way, or failed without an answer.
  var recordsInDoubt: Int {
    var count = 0
    for request in requests.values {
      count += request.batches.reduce(0) { $0 + Int($1.recordCount) }
    }
    for partition in partitions {
      for batch in partition.returned + partition.rebuilding where batch.mayBeAppended {
        count += Int(batch.recordCount)
      }
      var queue = partition.queue
      while let batch = queue.popFirst() {
        if batch.mayBeAppended { count += Int(batch.recordCount) }
      }
    }
    return count
  }

  /// Adds a topic; its number is the answer.
  mutating func addTopic(_ name: String) -> Int {
    topics.append(Topic(name: name))
    return topics.count - 1
  }

  /// The topics' names, by number.
  var topicNames: [String] { topics.map(\.name) }

  // MARK: Events

  /// A batch was sealed; those of a partition may come in any order, and go out in that of their numbers.
  mutating func sealed(_ batch: Batch, nowMs: Int64) -> [Action] {
    let at = slot(batch.topic, batch.partition)
    waitingRecords += Int(batch.recordCount)
    if batch.number != partitions[at].nextNumber {
      partitions[at].early[batch.number] = batch
      return take(nowMs)
    }
    enqueue(batch, at)
    while let next = partitions[at].early.removeValue(forKey: partitions[at].nextNumber) {
      enqueue(next, at)
    }
    if let error = topics[batch.topic].error { failQueue(at, error) }
    list(at, nowMs)
    return take(nowMs)
  }

  /// Metadata came.
  mutating func learned(_ found: [TopicMetadata], nowMs: Int64) -> [Action] {
    metadata = .idle
    metadataBackoff.reset()
    if limits.metadataRefreshMs > 0 { refreshAtMs = nowMs + limits.metadataRefreshMs }
    for row in found where topics.indices.contains(row.topic) { learn(row, nowMs) }
    wantMetadataIfLeaderless(nowMs)
    return take(nowMs)
  }

  /// Metadata could not be had.
  mutating func metadataFailed(nowMs: Int64) -> [Action] {
    metadata = .wanted(atMs: nowMs + metadataBackoff.next(&random))
    return take(nowMs)
  }

  /// The connection that `connect` asked for is there.
  mutating func connected(_ brokerId: Int32, nowMs: Int64) -> [Action] {
    brokers[brokerId]?.link = .ready
    return take(nowMs)
  }

  /// The connection that `connect` asked for could not be made.
  mutating func connectionFailed(_ brokerId: Int32, nowMs: Int64) -> [Action] {
    rest(brokerId, nowMs)
    wantMetadata(nowMs)
    return take(nowMs)
  }

  /// The connection that `connect` asked for can never be made: what waits for that broker is lost.
  mutating func connectionRefused(_ brokerId: Int32, _ error: DeliveryError, nowMs: Int64)
    -> [Action]
  {
    for at in partitions.indices
    where partitions[at].leaderId == brokerId && !partitions[at].isDraining {
      failQueue(at, error)
    }
    return connectionFailed(brokerId, nowMs: nowMs)
  }

  /// A connection ended; its requests fail one by one by `requestFailed`.
  mutating func disconnected(_ brokerId: Int32, nowMs: Int64) -> [Action] {
    if case .ready = brokers[brokerId]?.link {
      rest(brokerId, nowMs)
      wantMetadata(nowMs)
    }
    return take(nowMs)
  }

  /// A request was answered, or written, where no answer is awaited.
  ///
  /// A partition that the answer lacks is treated as one whose answer was lost.
  mutating func answered(_ id: Int, _ results: [Result], throttleMs: Int64, nowMs: Int64)
    -> [Action]
  {
    guard let request = requests.removeValue(forKey: id) else { return take(nowMs) }
    brokers[request.brokerId]?.inFlight -= 1
    brokers[request.brokerId]?.backoff.reset()
    if throttleMs > 0 {
      // The broker mutes the connection for that long (KIP-219): what is sent would only wait.
      brokers[request.brokerId]?.mutedUntilMs = nowMs + throttleMs
    }
    var byPlace: [Int: Result] = [:]
    for result in results where topics.indices.contains(result.topic) {
      if let at = topics[result.topic].slots[result.partition], byPlace[at] == nil {
        byPlace[at] = result
      }
    }
    for batch in request.batches {
      let at = landed(batch)
      if !limits.awaitsResponse {
        deliver(batch, at, offset: -1, request.brokerId)
      } else if let result = byPlace[at] {
        judge(batch, at, result, request.brokerId, nowMs)
      } else {
        var batch = batch
        batch.mayBeAppended = true
        giveBack(batch, at, "Local: Bad message format (the response lacks the partition)", nowMs)
      }
      settle(at, nowMs)
    }
    return take(nowMs)
  }

  /// A request got no answer; `wasSent` false says that no byte of it left.
  mutating func requestFailed(_ id: Int, _ reason: String, wasSent: Bool, nowMs: Int64) -> [Action]
  {
    guard let request = requests.removeValue(forKey: id) else { return take(nowMs) }
    brokers[request.brokerId]?.inFlight -= 1
    for var batch in request.batches {
      let at = landed(batch)
      if wasSent { batch.mayBeAppended = true }
      giveBack(batch, at, reason, nowMs)
      settle(at, nowMs)
    }
    return take(nowMs)
  }

  /// A batch of a request cannot be sent in the broker's versions.
  mutating func refused(_ id: Int, _ error: DeliveryError, nowMs: Int64) -> [Action] {
    guard let request = requests.removeValue(forKey: id) else { return take(nowMs) }
    brokers[request.brokerId]?.inFlight -= 1
    for batch in request.batches {
      let at = landed(batch)
      fail(batch, at, error)
      settle(at, nowMs)
    }
    return take(nowMs)
  }

  /// The batches that `rebuild` asked for, in order; without any, there was no record left.
  mutating func rebuilt(_ original: Batch, into parts: [Part], nowMs: Int64) -> [Action] {
    guard let at = endRebuilding(original) else { return take(nowMs) }
    for part in parts {
      var batch = original
      batch.id = part.id
      batch.position += part.firstRecord
      batch.recordCount = part.recordCount
      batch.byteCount = part.byteCount
      batch.stamp = Stamp()
      batch.isStamped = false
      partitions[at].returned.append(batch)
    }
    settle(at, nowMs)
    return take(nowMs)
  }

  /// The batches that `rebuild` asked for cannot be made.
  mutating func rebuildFailed(_ original: Batch, _ error: DeliveryError, nowMs: Int64) -> [Action] {
    guard let at = endRebuilding(original) else { return take(nowMs) }
    lose(original, error)
    settle(at, nowMs)
    return take(nowMs)
  }

  /// The producer id that `newProducerId` asked for.
  mutating func identified(producerId: Int64, epoch: Int16, nowMs: Int64) -> [Action] {
    isIdentifying = false
    identityBackoff.reset()
    identity = (producerId, epoch)
    for at in partitions.indices {
      let isNew = partitions[at].identity.producerId < 0
      let isStill = partitions[at].inFlight == 0 && !partitions[at].isDraining
      if isNew || (partitions[at].renewal == .producerId && isStill) { adopt(at) }
      list(at, nowMs)
    }
    return take(nowMs)
  }

  /// No producer id could be had; it is asked for again, until the batches' time is over.
  mutating func identificationFailed(nowMs: Int64) -> [Action] {
    isIdentifying = false
    identifyAtMs = nowMs + identityBackoff.next(&random)
    return take(nowMs)
  }

  /// Time has passed; call it at `nextWakeMs`.
  mutating func tick(nowMs: Int64) -> [Action] { take(nowMs) }

  /// Gives up all that waits; what is under way stays in doubt.
  mutating func close() -> [Action] {
    for at in partitions.indices {
      for batch in partitions[at].early.values { lose(batch, .closed) }
      partitions[at].early = [:]
      for batch in partitions[at].returned + partitions[at].rebuilding { lose(batch, .closed) }
      partitions[at].returned = []
      partitions[at].rebuilding = []
      failQueue(at, .closed)
    }
    for request in requests.values {
      for batch in request.batches {
        var batch = batch
        batch.mayBeAppended = true
        lose(batch, .closed)
      }
    }
    requests = [:]
    defer { actions = [] }
    return actions
  }

  /// When `tick` has something to do; nil where only events help.
  var nextWakeMs: Int64? {
    var next = min(refreshAtMs, expiryAtMs)
    if case .wanted(let atMs) = metadata { next = min(next, atMs) }
    if !isIdentifying { next = min(next, identifyAtMs) }
    for at in delayed { next = min(next, partitions[at].retryAtMs) }
    for broker in brokers.values where !broker.ready.isEmpty {
      switch broker.link {
      case .resting(let untilMs): next = min(next, untilMs)
      case .ready where broker.inFlight < limits.inFlightMax: next = min(next, broker.mutedUntilMs)
      case .ready, .none, .connecting: break
      }
    }
    return next == .max ? nil : next
  }
}
