import KafkaProtocol
import Synchronization
public import Transport

/// Sends sealed batches to the partitions' leaders: runs what `ProducerState` decides.
///
/// The producing thread works through `ProducerInput`; this half lives on the loop.
@Net public final class Producer {
  /// What the producing thread needs to know of a topic.
  struct Layout: Sendable {
    var topic: Int
    /// By partition, whether it has a leader.
    var available: [Bool]
    /// The format of batches: 2, or 0 or 1 for brokers before 0.11.
    var magic: Int
    /// Producer id and epoch; −1 without idempotence.
    var identity: ProducerState.Stamp
  }

  /// Keeps a batch's bytes where they are until they are acknowledged.
  final class Held: Sendable {
    let sealed: SealedBatch
    let chargedBytes: Int
    init(_ sealed: SealedBatch, chargedBytes: Int) {
      self.sealed = sealed
      self.chargedBytes = chargedBytes
    }
  }

  /// Lets the hand-over, which is older, find the producer.
  private final class Reference: Sendable {
    @Net weak var producer: Producer?
    nonisolated init() {}
  }

  let configuration: ProducerConfiguration
  nonisolated let link = ProducerLink()
  /// Finished batches from the producing thread and its helpers.
  nonisolated let inbox: Handover<OutgoingBatch>

  let cluster: Cluster
  let log: @Sendable (ClientLog) -> Void
  let seed: UInt64
  private let reportsDeliveries: Bool
  private let keepsFailed: Bool
  var state: ProducerState
  var names: [String] = []
  var numbers: [String: Int] = [:]
  var numbersById: [Uuid: Int] = [:]
  private var pending = Fifo<ProducerState.Action>()
  private var isRunning = false
  var held: [Int: Held] = [:]
  var nextBatchId = 0
  var connections: [Int32: Connection] = [:]
  var hasBegun = false
  var identity: ProducerState.Stamp?
  /// With a transactional id.
  private(set) var transaction: Transaction?
  /// What to do once no request is unanswered.
  var whenIdle: (@Net () -> Void)?
  private let wake = WakeTimer()
  var isClosed = false

  /// Makes a producer; nothing is sent before a topic is opened.
  ///
  /// With `reportsDeliveries` there is an event for every batch, not only for those that fail; with
  /// `keepsFailed` the event of a batch that failed holds its records.
  public init(
    _ cluster: Cluster, _ configuration: ProducerConfiguration, reportsDeliveries: Bool = false,
    keepsFailed: Bool = false, seed: UInt64 = UInt64.random(in: 0...UInt64.max),
    log: @escaping @Sendable (ClientLog) -> Void
  ) {
    self.cluster = cluster
    self.configuration = configuration
    self.reportsDeliveries = reportsDeliveries
    self.keepsFailed = keepsFailed
    self.seed = seed
    self.log = log
    state = ProducerState(
      Self.limits(configuration, cluster.configuration, isIdempotent: false), seed: seed)
    let reference = Reference()
    inbox = Handover { Net.task { reference.producer?.takeInbox() } }
    reference.producer = self
    transaction = configuration.transactionalId.map { makeTransaction(cluster, $0, seed: seed) }
  }

  static func limits(
    _ producer: ProducerConfiguration, _ client: ClientConfiguration, isIdempotent: Bool
  ) -> ProducerState.Limits {
    var limits = ProducerState.Limits()
    limits.inFlightMax = max(1, isIdempotent ? min(5, producer.inFlightMax) : producer.inFlightMax)
    limits.retriesMax = producer.retries
    limits.retryBackoffMs = client.retryBackoffMs
    limits.retryBackoffMaxMs = client.retryBackoffMaxMs
    limits.metadataFastMs = client.metadataRefreshFastIntervalMs
    limits.reconnectBackoffMs = producer.reconnectBackoffMs
    limits.reconnectBackoffMaxMs = producer.reconnectBackoffMaxMs
    // The broker is to answer before the connection is given up.
    limits.requestTimeoutMs = producer.requestTimeoutMs + 1000
    limits.propagationMaxMs = producer.topicMetadataPropagationMaxMs
    limits.metadataRefreshMs = producer.topicMetadataRefreshMs
    limits.isGapless = producer.isGapless
    limits.awaitsResponse = producer.acks != 0
    limits.isIdempotent = isIdempotent
    limits.isTransactional = producer.transactionalId != nil
    return limits
  }

  // MARK: Batches

  private func takeInbox() {
    while let batch = inbox.poll() { take(batch) }
  }

  private func take(_ batch: OutgoingBatch) {
    nextBatchId += 1
    let id = nextBatchId
    let sealed = batch.sealed
    held[id] = Held(sealed, chargedBytes: batch.chargedBytes)
    var known = ProducerState.Batch(
      id: id, topic: batch.topic, partition: batch.partition, number: batch.number,
      recordCount: Int32(truncatingIfNeeded: sealed.recordCount), byteCount: sealed.byteCount,
      deadlineMs: batch.deadlineMs, stamp: batch.stamp)
    known.failure = batch.failure.map { .unsupported("Local: Compression failure: \($0)") }
    if isClosed { known.failure = .closed }
    run(state.sealed(known, nowMs: MonotonicClock.nowMs))
  }

  // MARK: Actions

  /// Does what the state decided, in the order in which it did.
  ///
  /// An action may end at once and bring further ones, as a write that needs no answer does: they wait
  /// until those before them are done, otherwise batches would overtake one another.
  func run(_ actions: [ProducerState.Action]) {
    for action in actions { pending.append(action) }
    guard !isRunning else { return }
    isRunning = true
    while let action = pending.popFirst() {
      switch action {
      case .connect(let brokerId): connect(brokerId)
      case .stamp(let batch, let stamp): self.stamp(batch, stamp)
      case .send(let request): send(request)
      case .delivered(let batch, let baseOffset, let brokerId):
        delivered(batch, baseOffset, brokerId)
      case .failed(let batch, let error): failed(batch, error)
      case .rebuild(let batch, let how): rebuild(batch, how)
      case .dropped(let batch, let error): dropped(batch, error)
      case .refreshMetadata: refreshMetadata()
      case .newProducerId: newProducerId()
      case .register(let list): register(list)
      case .note(let text): log(ClientLog(.warning, "DELIVERY", text))
      }
    }
    isRunning = false
    if whenIdle != nil && state.isIdle { endWait() }
    arm()
  }

  /// Wakes the state when it wants.
  private func arm() {
    guard !isClosed, let next = state.nextWakeMs else { return }
    wake.arm(atMs: next) { [weak self] in
      guard let self else { return }
      self.run(self.state.tick(nowMs: MonotonicClock.nowMs))
    }
  }

  private func connect(_ brokerId: Int32) {
    Net.task { [weak self, cluster] in
      let result: Result<Connection, ClientError>
      do throws(ClientError) {
        result = .success(try await cluster.connection(to: brokerId, .data))
      } catch {
        result = .failure(error)
      }
      self?.connected(brokerId, result)
    }
  }

  private func connected(_ brokerId: Int32, _ result: Result<Connection, ClientError>) {
    guard !isClosed else { return }
    switch result {
    case .success(let connection):
      connections[brokerId] = connection
      run(state.connected(brokerId, nowMs: MonotonicClock.nowMs))
      connection.onClose { [weak self, weak connection] error in
        guard let self, self.connections[brokerId] === connection else { return }
        self.connections[brokerId] = nil
        // After our own close there is nothing to tell.
        guard !self.isClosed else { return }
        self.log(ClientLog(.info, "FAIL", "broker \(brokerId): \(error)"))
        self.run(self.state.disconnected(brokerId, nowMs: MonotonicClock.nowMs))
      }
    case .failure(let error):
      log(ClientLog(.info, "FAIL", "broker \(brokerId): \(error)"))
      for line in error.details { log(ClientLog(.info, "FAIL", line)) }
      let now = MonotonicClock.nowMs
      run(
        error.isRetriable
          ? state.connectionFailed(brokerId, nowMs: now)
          : state.connectionRefused(brokerId, .unreachable("\(error)"), nowMs: now))
    }
  }

  /// The bytes change hands here, since an earlier try may still be on its way out.
  private func stamp(_ id: Int, _ stamp: ProducerState.Stamp) {
    guard let old = held[id] else { return }
    var sealed = old.sealed
    sealed.stamp(
      producerId: stamp.producerId, epoch: stamp.producerEpoch,
      sequence: stamp.baseSequence, transactional: stamp.isTransactional)
    held[id] = Held(sealed, chargedBytes: old.chargedBytes)
  }

  // Events are posted before they are counted: who waits for the counts then finds the events.
  private func delivered(_ batch: ProducerState.Batch, _ baseOffset: Int64, _ brokerId: Int32) {
    let count = Int(batch.recordCount)
    release(batch)
    if reportsDeliveries {
      link.post(
        .delivered(
          topic: names[batch.topic], partition: batch.partition, recordCount: count,
          baseOffset: baseOffset, brokerId: brokerId))
    }
    link.delivered.add(count, ordering: .releasing)
    link.wakeWaiter()
  }

  private func failed(_ batch: ProducerState.Batch, _ error: DeliveryError) {
    let records = keepsFailed ? held[batch.id].map { FailedRecords(batch: $0.sealed) } : nil
    release(batch)
    report(batch, Int(batch.recordCount), error, records)
  }

  func report(
    _ batch: ProducerState.Batch, _ count: Int, _ error: DeliveryError,
    _ records: FailedRecords? = nil
  ) {
    link.post(
      .failed(
        topic: names[batch.topic], partition: batch.partition, recordCount: count, error: error,
        mayBeAppended: batch.mayBeAppended, records: records))
    if batch.mayBeAppended { link.failedInDoubt.add(count, ordering: .relaxed) }
    link.failed.add(count, ordering: .releasing)
    link.wakeWaiter()
  }

  func release(_ batch: ProducerState.Batch) {
    guard let held = held.removeValue(forKey: batch.id) else { return }
    link.blocks.give(held.sealed.memory)
    link.release(bytes: held.chargedBytes, records: Int(batch.recordCount))
  }

  private func refreshMetadata() {
    let timeoutMs = cluster.configuration.socketTimeoutMs
    Net.task { [weak self, cluster, names] in
      let metadata: ClusterMetadata
      do throws(ClientError) {
        metadata = try await cluster.refreshMetadata(
          topics: names, allowAutoTopicCreation: true, timeoutMs: timeoutMs)
      } catch {
        self?.metadataFailed(error)
        return
      }
      self?.learned(metadata)
    }
  }

  private func metadataFailed(_ error: ClientError) {
    guard !isClosed else { return }
    log(ClientLog(.info, "METADATA", "\(error)"))
    run(state.metadataFailed(nowMs: MonotonicClock.nowMs))
  }

  private func learned(_ metadata: ClusterMetadata) {
    guard !isClosed else { return }
    var rows: [ProducerState.TopicMetadata] = []
    for (number, name) in names.enumerated() {
      guard let topic = metadata.topic(name) else { continue }
      if topic.topicId != .zero { numbersById[topic.topicId] = number }
      rows.append(Self.metadata(of: topic, number))
    }
    publish(rows)
    run(state.learned(rows, nowMs: MonotonicClock.nowMs))
  }

  // MARK: End

  /// Records of which nobody knows whether a broker has them.
  func recordsInDoubt() -> Int { state.recordsInDoubt }

  /// Gives up all that is not delivered; the connections are the cluster's.
  public func close() {
    guard !isClosed else { return }
    takeInbox()
    isClosed = true
    wake.cancel()
    transaction?.close()
    run(state.close())
  }
}
