import KafkaProtocol

/// Which batch goes to which broker when, and what an answer means for it: a plain value without I/O.
///
/// Sealed batches wait in their partition's queue. A broker has at most `inFlightMax` unanswered requests,
/// each with at most one batch per partition. Where a try fails, the partition sends no more until all
/// that it has under way is answered; then what failed goes back in front, in order, and the same bytes go
/// out again. A batch gets its sequence when it is first sent, so that those that never left leave no gap.
struct ProducerState {
  /// The limits that properties set.
  struct Limits: Sendable {
    /// Unanswered requests per broker; at most 5 with idempotence.
    var inFlightMax = 5
    /// A request takes no further batch beyond this; one batch may be larger.
    var requestBytesMax = 1 << 20
    /// Tries after the first.
    var retriesMax = Int(Int32.max)
    var retryBackoffMs: Int64 = 100
    var retryBackoffMaxMs: Int64 = 1000
    var reconnectBackoffMs: Int64 = 100
    var reconnectBackoffMaxMs: Int64 = 10_000
    var requestTimeoutMs: Int64 = 30_000
    /// How long an unknown topic is waited for.
    var propagationMaxMs: Int64 = 30_000
    /// 0 or less turns the periodic refresh off.
    var metadataRefreshMs: Int64 = 300_000
    /// False for acks=0: what is written is done.
    var awaitsResponse = true
    var isIdempotent = false
  }

  /// Who produces, and where in the partition's sequence a batch begins; −1 without idempotence.
  struct Stamp: Hashable, Sendable {
    var producerId: Int64 = -1
    var producerEpoch: Int16 = -1
    var baseSequence: Int32 = -1
  }

  /// What the state knows of a sealed batch.
  struct Batch: Sendable {
    /// The caller's name for it.
    var id: Int
    var topic: Int
    var partition: Int32
    /// 0, 1, 2 … within the partition, in the order of sealing.
    var number: Int
    var recordCount: Int32
    var byteCount: Int
    /// `.max` where it may wait for ever.
    var deadlineMs: Int64
    /// What its bytes say now.
    var stamp = Stamp()
    /// Why it cannot be sent at all; it is given up in its turn.
    var failure: DeliveryError?

    /// The stamp is the one that the broker knows or will know it by.
    fileprivate(set) var isStamped = false
    fileprivate(set) var failures = 0
    /// A try ended without an answer that rules out that it was appended.
    fileprivate(set) var mayBeAppended = false
    fileprivate(set) var lastFailure: String?
  }

  /// A Produce request to be sent.
  struct Request: Sendable {
    var id: Int
    var brokerId: Int32
    /// One batch per partition.
    var batches: [Batch]
    var timeoutMs: Int64
  }

  /// What a response says of one partition.
  struct Result: Sendable {
    var topic: Int
    var partition: Int32
    var errorCode = ErrorCode.none
    var message: String?
    /// −1 if unknown.
    var baseOffset: Int64 = -1
    /// −1 if unknown.
    var logStartOffset: Int64 = -1
    /// The leader that the broker names with its error (KIP-951); −1 if none.
    var currentLeaderId: Int32 = -1
  }

  /// What metadata says of one topic.
  struct TopicMetadata: Sendable {
    var topic: Int
    var errorCode = ErrorCode.none
    /// Per partition its leader, −1 where there is none.
    var leaders: [(partition: Int32, leaderId: Int32)] = []
  }

  /// What is to be done; in order.
  enum Action: Sendable {
    /// Open a connection; answer with `connected` or `connectionFailed`.
    case connect(Int32)
    /// Write this stamp into the batch's bytes, before it is sent.
    case stamp(batch: Int, Stamp)
    /// Answer with `answered` or `requestFailed`.
    case send(Request)
    case delivered(Batch, baseOffset: Int64, brokerId: Int32)
    case failed(Batch, DeliveryError)
    /// Answer with `learned` or `metadataFailed`.
    case refreshMetadata
    /// Answer with `identified` or `identificationFailed`.
    case newProducerId
    /// Something that a careful user wants to read.
    case note(String)
  }

  private struct Partition {
    var topic: Int
    var index: Int32
    /// −1 where no leader is known.
    var leaderId: Int32 = -1
    var queue = Fifo<Batch>()
    /// The number that the next batch in order has.
    var nextNumber = 0
    /// Batches whose predecessors are still being compressed.
    var early: [Int: Batch] = [:]
    var inFlight = 0
    var inFlightBroker: Int32 = -1
    /// With idempotence: the numbers of the batches under way.
    var underWay: [Int] = []
    /// What failed and waits until nothing is under way.
    var returned: [Batch] = []
    var isDraining = false
    var failuresInRow = 0
    var retryAtMs: Int64 = 0
    /// The broker in whose list of those that can send it stands; −1 if in none.
    var listedAt: Int32 = -1

    var identity = Stamp()
    var nextSequence: Int32 = 0
    var needsIdentity = false
    /// A batch was acknowledged under this identity.
    ///
    /// Before, only one may be under way: a broker that knows nothing of a producer takes any sequence, so the
    /// second could pass a first that failed.
    var isKnown = false
    /// A batch that may have been appended was given up: the broker may miss it.
    var mayHaveGap = false
    /// From this batch on, sequences are free again, since the batch was refused for good.
    var rewind: (number: Int, sequence: Int32)?
    var ackedOffset: Int64 = -1
  }

  private struct Topic {
    var name: String
    var slots: [Int32: Int] = [:]
    var unknownSinceMs: Int64?
    var error: DeliveryError?
  }

  private struct Broker {
    enum Link {
      case none
      case connecting
      case ready
      case resting(untilMs: Int64)
    }
    var link = Link.none
    var inFlight = 0
    var mutedUntilMs: Int64 = 0
    var backoff: RetryBackoff
    /// Partitions that can send.
    var ready = Fifo<Int>()
  }

  private enum Metadata {
    case idle
    case wanted(atMs: Int64)
    case running
  }

  /// A broker knows a producer's last five batches again; an older one it would take for a gap.
  private static let rememberedBatches = 5

  private let limits: Limits
  private var random: SplitMix64
  private var topics: [Topic] = []
  private var partitions: [Partition] = []
  private var brokers: [Int32: Broker] = [:]
  private var requests: [Int: Request] = [:]
  private var nextRequestId = 0
  private var metadata = Metadata.idle
  private var metadataBackoff: RetryBackoff
  private var refreshAtMs = Int64.max
  private var identity: (producerId: Int64, epoch: Int16)?
  private var isIdentifying = false
  private var identifyAtMs = Int64.max
  private var identityBackoff: RetryBackoff
  private var delayed: [Int] = []
  private var expiryAtMs = Int64.max
  private var actions: [Action] = []
  /// Records that were taken over and are neither delivered nor given up.
  private(set) var waitingRecords = 0

  /// Makes a producer that knows nothing; `seed` makes its pauses repeatable.
  init(_ limits: Limits, seed: UInt64) {
    self.limits = limits
    random = SplitMix64(seed: seed)
    metadataBackoff = RetryBackoff(limits.retryBackoffMs, limits.retryBackoffMaxMs)
    identityBackoff = RetryBackoff(limits.retryBackoffMs, limits.retryBackoffMaxMs)
  }

  /// Records of which nobody knows whether a broker has them: under way, or failed without an answer.
  var recordsInDoubt: Int {
    var count = 0
    for request in requests.values {
      count += request.batches.reduce(0) { $0 + Int($1.recordCount) }
    }
    for partition in partitions {
      for batch in partition.returned where batch.mayBeAppended {
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

  /// The producer id that `newProducerId` asked for.
  mutating func identified(producerId: Int64, epoch: Int16, nowMs: Int64) -> [Action] {
    isIdentifying = false
    identityBackoff.reset()
    identity = (producerId, epoch)
    for at in partitions.indices {
      let isNew = partitions[at].identity.producerId < 0
      let isStill = partitions[at].inFlight == 0 && !partitions[at].isDraining
      if isNew || (partitions[at].needsIdentity && isStill) { adopt(at) }
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
      for batch in partitions[at].returned { lose(batch, .closed) }
      partitions[at].returned = []
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

  // MARK: Partitions

  private mutating func slot(_ topic: Int, _ partition: Int32) -> Int {
    if let known = topics[topic].slots[partition] { return known }
    var fresh = Partition(topic: topic, index: partition)
    if let identity {
      fresh.identity = Stamp(producerId: identity.producerId, producerEpoch: identity.epoch)
    }
    partitions.append(fresh)
    topics[topic].slots[partition] = partitions.count - 1
    return partitions.count - 1
  }

  /// A batch is no longer under way; the place of its partition is the answer.
  private mutating func landed(_ batch: Batch) -> Int {
    let at = slot(batch.topic, batch.partition)
    partitions[at].inFlight -= 1
    if limits.isIdempotent { partitions[at].underWay.removeAll { $0 == batch.number } }
    return at
  }

  private mutating func enqueue(_ batch: Batch, _ at: Int) {
    partitions[at].nextNumber = batch.number + 1
    if let failure = batch.failure { return lose(batch, failure) }
    partitions[at].queue.append(batch)
    expiryAtMs = min(expiryAtMs, batch.deadlineMs)
  }

  /// Puts the partition into its leader's list, if it can send.
  private mutating func list(_ at: Int, _ nowMs: Int64) {
    let partition = partitions[at]
    if limits.isIdempotent && partition.identity.producerId < 0 && !partition.queue.isEmpty {
      wantIdentity(nowMs)
      return
    }
    guard !partition.queue.isEmpty else { return }
    guard partition.leaderId >= 0 else { return wantMetadata(nowMs) }
    guard partition.listedAt != partition.leaderId, canSend(at, nowMs) else { return }
    let fresh = Broker(
      backoff: RetryBackoff(limits.reconnectBackoffMs, limits.reconnectBackoffMaxMs))
    brokers[partition.leaderId, default: fresh].ready.append(at)
    partitions[at].listedAt = partition.leaderId
  }

  private func canSend(_ at: Int, _ nowMs: Int64) -> Bool {
    guard !partitions[at].isDraining, !partitions[at].needsIdentity,
      partitions[at].retryAtMs <= nowMs
    else { return false }
    if partitions[at].inFlight == 0 { return true }
    guard partitions[at].inFlightBroker == partitions[at].leaderId else { return false }
    guard limits.isIdempotent else { return true }
    guard partitions[at].isKnown, let next = partitions[at].queue.first?.number,
      let oldest = partitions[at].underWay.min()
    else { return false }
    return next - oldest < Self.rememberedBatches
  }

  /// Once nothing of the partition is under way: what failed goes back in front.
  private mutating func settle(_ at: Int, _ nowMs: Int64) {
    guard partitions[at].inFlight == 0, partitions[at].isDraining else { return list(at, nowMs) }
    partitions[at].isDraining = false
    partitions[at].queue.prepend(partitions[at].returned.sorted { $0.number < $1.number })
    partitions[at].returned = []
    applyRewind(at)
    expiryAtMs = min(expiryAtMs, partitions[at].queue.first?.deadlineMs ?? .max)
    if let error = topics[partitions[at].topic].error { return failQueue(at, error) }
    if partitions[at].needsIdentity {
      if let identity, identity.producerId != partitions[at].identity.producerId {
        adopt(at)
      } else {
        wantIdentity(nowMs)
      }
    }
    if partitions[at].retryAtMs > nowMs { delayed.append(at) }
    list(at, nowMs)
  }

  /// The partition begins anew under the newest producer id.
  private mutating func adopt(_ at: Int) {
    guard let identity else { return }
    partitions[at].needsIdentity = false
    partitions[at].mayHaveGap = false
    partitions[at].identity = Stamp(
      producerId: identity.producerId, producerEpoch: identity.epoch)
    partitions[at].nextSequence = 0
    partitions[at].isKnown = false
    partitions[at].rewind = nil
    partitions[at].queue.update { $0.isStamped = false }
  }

  // MARK: Answers

  private mutating func judge(
    _ batch: Batch, _ at: Int, _ result: Result, _ brokerId: Int32, _ nowMs: Int64
  ) {
    let code = result.errorCode
    if result.currentLeaderId >= 0 && code != .none {
      partitions[at].leaderId = result.currentLeaderId
    }
    let text = "\(DeliveryError.broker(code, message: result.message))"
    switch ProduceVerdict(code) {
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
  private mutating func reorder(_ at: Int) {
    partitions[at].needsIdentity = true
    if !partitions[at].mayHaveGap { noteLoss(at) }
  }

  private mutating func noteLoss(_ at: Int) {
    actions.append(
      .note(
        "\(place(at)): the broker lacks records that it had acknowledged, up to offset "
          + "\(partitions[at].ackedOffset); going on under a new producer id"))
  }

  private func place(_ at: Int) -> String {
    "\(topics[partitions[at].topic].name) [\(partitions[at].index)]"
  }

  private mutating func deliver(_ batch: Batch, _ at: Int, offset: Int64, _ brokerId: Int32) {
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
  private mutating func giveBack(
    _ batch: Batch, _ at: Int, _ reason: String, _ nowMs: Int64, pauses: Bool = true
  ) {
    var batch = batch
    batch.failures += 1
    batch.lastFailure = reason
    guard batch.failures <= limits.retriesMax else {
      return fail(batch, at, .retriesExhausted(last: reason))
    }
    if !partitions[at].isDraining {
      partitions[at].isDraining = true
      partitions[at].failuresInRow += 1
      let pause = RetryBackoff.pause(
        failures: partitions[at].failuresInRow, limits.retryBackoffMs, limits.retryBackoffMaxMs,
        &random)
      partitions[at].retryAtMs = pauses ? nowMs + pause : nowMs
    }
    partitions[at].returned.append(batch)
  }

  /// A batch is given up after it was sent.
  private mutating func fail(_ batch: Batch, _ at: Int, _ error: DeliveryError) {
    forget(batch, at)
    lose(batch, error)
    // Those under way behind it come back as out of order: they are sent again, after this.
    if limits.isIdempotent && partitions[at].inFlight > 0 { partitions[at].isDraining = true }
    if limits.isIdempotent && partitions[at].inFlight == 0 && !partitions[at].isDraining {
      applyRewind(at)
    }
  }

  /// Frees the sequence of a batch that is given up, where the broker certainly has not got it.
  private mutating func forget(_ batch: Batch, _ at: Int) {
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
  private mutating func applyRewind(_ at: Int) {
    guard let rewind = partitions[at].rewind else { return }
    partitions[at].rewind = nil
    partitions[at].nextSequence = rewind.sequence
    partitions[at].queue.update { if $0.number > rewind.number { $0.isStamped = false } }
  }

  private mutating func lose(_ batch: Batch, _ error: DeliveryError) {
    waitingRecords -= Int(batch.recordCount)
    actions.append(.failed(batch, error))
  }

  private mutating func failQueue(_ at: Int, _ error: DeliveryError) {
    while let batch = partitions[at].queue.popFirst() {
      forget(batch, at)
      lose(batch, error)
    }
    if partitions[at].inFlight == 0 { applyRewind(at) }
  }

  // MARK: Metadata

  private mutating func learn(_ row: TopicMetadata, _ nowMs: Int64) {
    switch ProduceVerdict(row.errorCode) {
    case .delivered:
      topics[row.topic].error = nil
      for (partition, leaderId) in row.leaders where partition >= 0 {
        let at = slot(row.topic, partition)
        partitions[at].leaderId = leaderId
        list(at, nowMs)
      }
    case .retry, .refreshAndRetry:
      break
    case .unknownTopic:
      let since = topics[row.topic].unknownSinceMs ?? nowMs
      topics[row.topic].unknownSinceMs = since
      if nowMs - since >= limits.propagationMaxMs { giveUp(row) }
    case .permanent, .outOfOrder, .newProducerId:
      giveUp(row)
    }
  }

  /// A topic's error is final: all that waits for it is lost.
  private mutating func giveUp(_ row: TopicMetadata) {
    let error = DeliveryError.broker(row.errorCode, message: nil)
    topics[row.topic].error = error
    for at in topics[row.topic].slots.values.sorted() where !partitions[at].isDraining {
      failQueue(at, error)
    }
  }

  private mutating func wantMetadata(_ nowMs: Int64) {
    if case .idle = metadata { metadata = .wanted(atMs: nowMs) }
  }

  /// While a batch waits for a leader the metadata is asked for again, after a pause.
  private mutating func wantMetadataIfLeaderless(_ nowMs: Int64) {
    let isWanted = partitions.contains {
      $0.leaderId < 0 && (!$0.queue.isEmpty || !$0.returned.isEmpty)
    }
    if isWanted { metadata = .wanted(atMs: nowMs + metadataBackoff.next(&random)) }
  }

  private mutating func wantIdentity(_ nowMs: Int64) {
    guard !isIdentifying else { return }
    if identifyAtMs == .max { identifyAtMs = nowMs }
  }

  private mutating func rest(_ brokerId: Int32, _ nowMs: Int64) {
    guard var broker = brokers[brokerId] else { return }
    broker.link = .resting(untilMs: nowMs + broker.backoff.next(&random))
    brokers[brokerId] = broker
  }

  // MARK: Sending

  /// Does what is due, and hands over the actions.
  private mutating func take(_ nowMs: Int64) -> [Action] {
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
    defer { actions = [] }
    return actions
  }

  private mutating func wakeDelayed(_ nowMs: Int64) {
    guard !delayed.isEmpty else { return }
    let due = delayed.filter { partitions[$0].retryAtMs <= nowMs }
    guard !due.isEmpty else { return }
    delayed.removeAll { partitions[$0].retryAtMs <= nowMs }
    for at in due { list(at, nowMs) }
  }

  /// Gives up the batches whose time is over; within a partition the oldest stands first.
  private mutating func expire(_ nowMs: Int64) {
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

  private mutating func pump(_ brokerId: Int32, _ nowMs: Int64) {
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
  private mutating func nextRequest(_ brokerId: Int32, _ nowMs: Int64) -> Request? {
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
      partitions[at].inFlight += 1
      partitions[at].inFlightBroker = brokerId
      if limits.isIdempotent { partitions[at].underWay.append(batch.number) }
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

  /// Gives a batch that was never sent its place in the partition's sequence.
  private mutating func stamp(_ batch: inout Batch, _ at: Int) {
    guard limits.isIdempotent, !batch.isStamped else { return }
    var stamp = partitions[at].identity
    stamp.baseSequence = partitions[at].nextSequence
    partitions[at].nextSequence = Self.sequence(stamp.baseSequence, after: batch.recordCount)
    if stamp != batch.stamp { actions.append(.stamp(batch: batch.id, stamp)) }
    batch.stamp = stamp
    batch.isStamped = true
  }

  /// The sequence `count` records later; after 2³¹ − 1 comes 0.
  static func sequence(_ sequence: Int32, after count: Int32) -> Int32 {
    Int32((Int64(sequence) + Int64(count)) & 0x7fff_ffff)
  }
}

/// How long to wait before the next try: doubles from first to max, ±20 % (KIP-580).
struct RetryBackoff {
  private let firstMs: Int64
  private let maxMs: Int64
  private var failures = 0

  init(_ firstMs: Int64, _ maxMs: Int64) {
    self.firstMs = firstMs
    self.maxMs = maxMs
  }

  /// The pause before the next try, in milliseconds.
  mutating func next(_ random: inout SplitMix64) -> Int64 {
    failures += 1
    return Self.pause(failures: failures, firstMs, maxMs, &random)
  }

  /// A try succeeded.
  mutating func reset() { failures = 0 }

  /// The pause after so many failures in a row, in milliseconds.
  static func pause(
    failures: Int, _ firstMs: Int64, _ maxMs: Int64, _ random: inout SplitMix64
  ) -> Int64 {
    let first = max(1, firstMs)
    let limit = max(first, maxMs)
    let doubled = min(limit, first << Int64(min(max(0, failures - 1), 20)))
    return max(1, doubled * Int64(800 + random.below(401)) / 1000)
  }
}
