internal import KafkaProtocol
internal import Transport

/// Asks a transactional producer's coordinator what `TransactionState` decides.
@Net final class Transaction {
  private let cluster: Cluster
  private let id: String
  private let log: @Sendable (ClientLog) -> Void
  private let debug: DebugLog
  private let onRegistered: @Net ([TransactionState.Partition]) -> Void
  private let onRefused: @Net (TransactionError) -> Void
  private var state: TransactionState
  private var connection: Connection?
  private let wake = WakeTimer()
  private var whenInitialized: CheckedContinuation<TransactionError?, Never>?
  private var whenEnded: CheckedContinuation<TransactionOutcome, Never>?

  /// Makes one that has asked nothing yet.
  ///
  /// `onRegistered` hears which partitions batches may be sent to, `onRefused` that the transaction can only
  /// be aborted.
  init(
    _ cluster: Cluster, id: String, timeoutMs: Int64, seed: UInt64,
    log: @escaping @Sendable (ClientLog) -> Void,
    onRegistered: @escaping @Net ([TransactionState.Partition]) -> Void,
    onRefused: @escaping @Net (TransactionError) -> Void
  ) {
    self.cluster = cluster
    self.id = id
    self.log = log
    debug = DebugLog(contexts: cluster.configuration.debug, log: log)
    self.onRegistered = onRegistered
    self.onRefused = onRefused
    var limits = TransactionState.Limits()
    limits.transactionalId = id
    limits.transactionTimeoutMs = timeoutMs
    limits.requestTimeoutMs = max(1, min(cluster.configuration.socketTimeoutMs, timeoutMs / 3))
    limits.retryBackoffMs = cluster.configuration.retryBackoffMs
    limits.retryBackoffMaxMs = cluster.configuration.retryBackoffMaxMs
    state = TransactionState(limits, seed: seed)
  }

  /// Who produces; −1 before `initialize` has succeeded.
  var identity: TransactionState.Identity { state.identity }

  /// Whether the transaction that is open is one of version 2 (KIP-890).
  var isVersion2: Bool { state.isVersion2 }

  // MARK: What the producer wants

  /// Takes over the transactional id.
  func initialize(timeoutMs: Int64) async throws(TransactionError) {
    let error = await withCheckedContinuation { continuation in
      whenInitialized = continuation
      let nowMs = MonotonicClock.nowMs
      run(state.initialize(untilMs: nowMs + timeoutMs, nowMs: nowMs))
    }
    if let error { throw error }
  }

  func begin() { state.begin() }

  /// Makes partitions part of the transaction; `onRegistered` answers.
  func add(_ partitions: [TransactionState.Partition]) {
    run(state.add(partitions, nowMs: MonotonicClock.nowMs))
  }

  /// Commits or aborts.
  func end(isCommit: Bool, isInDoubt: Bool, timeoutMs: Int64) async -> TransactionOutcome {
    await withCheckedContinuation { continuation in
      whenEnded = continuation
      let nowMs = MonotonicClock.nowMs
      run(
        state.end(
          isCommit: isCommit, isInDoubt: isInDoubt, untilMs: nowMs + timeoutMs, nowMs: nowMs))
    }
  }

  /// Forgets the transaction: the broker aborts it in its time.
  func close() {
    wake.cancel()
  }

  // MARK: Actions

  private func run(_ actions: [TransactionState.Action]) {
    for action in actions {
      switch action {
      case .send(let request, let rediscovers, let timeoutMs):
        send(request, rediscovers: rediscovers, untilMs: MonotonicClock.nowMs + timeoutMs)
      case .registered(let partitions): onRegistered(partitions)
      case .refused(let error): onRefused(error)
      case .initialized(let error):
        whenInitialized?.resume(returning: error)
        whenInitialized = nil
      case .ended(let outcome):
        whenEnded?.resume(returning: outcome)
        whenEnded = nil
      case .note(let text): log(ClientLog(.warning, "TXN", text))
      }
    }
    arm()
  }

  /// Wakes the state when it wants.
  private func arm() {
    guard let next = state.nextWakeMs else { return }
    wake.arm(atMs: next) { [weak self] in
      guard let self else { return }
      self.run(self.state.tick(nowMs: MonotonicClock.nowMs))
    }
  }

  private func send(_ request: TransactionState.Request, rediscovers: Bool, untilMs: Int64) {
    Net.task { [weak self] in
      guard let self else { return }
      let coordinator: Connection
      do throws(ClientError) {
        coordinator = try await self.coordinator(rediscovers: rediscovers, untilMs: untilMs)
      } catch {
        return self.failed(request, error, mayHaveArrived: false)
      }
      do throws(ClientError) {
        let answer = try await self.ask(coordinator, request, untilMs: untilMs)
        self.debug(.eos, "TXN", "\(coordinator.name): \(request): \(answer)")
        self.run(self.state.answered(answer, nowMs: MonotonicClock.nowMs))
      } catch {
        self.failed(request, error, mayHaveArrived: true)
      }
    }
  }

  private func failed(
    _ request: TransactionState.Request, _ error: ClientError, mayHaveArrived: Bool
  ) {
    log(ClientLog(.info, "TXN", "\(request): \(error.details.last ?? "\(error)")"))
    run(state.failed(error, mayHaveArrived: mayHaveArrived, nowMs: MonotonicClock.nowMs))
  }

  private func coordinator(rediscovers: Bool, untilMs: Int64) async throws(ClientError)
    -> Connection
  {
    if !rediscovers, let connection, connection.isOpen { return connection }
    let found = try await cluster.coordinator(
      of: id, .transaction, timeoutMs: MonotonicClock.leftMs(until: untilMs))
    connection = found
    state.discovered(speaksVersion2: found.versions.transactionVersion >= 2)
    return found
  }

  // MARK: Requests

  private func ask(
    _ coordinator: Connection, _ request: TransactionState.Request, untilMs: Int64
  ) async throws(ClientError) -> TransactionState.Answer {
    let timeoutMs = MonotonicClock.leftMs(until: untilMs)
    switch request {
    case .initProducerId(let identity):
      return try await initProducerId(coordinator, identity, timeoutMs)
    case .addPartitions(let partitions, let identity):
      return try await addPartitions(coordinator, partitions, identity, timeoutMs)
    case .endTxn(let isCommit, let identity, let isVersion2):
      var message = EndTxnRequest()
      message.transactionalId = id
      message.producerId = identity.producerId
      message.producerEpoch = identity.epoch
      message.committed = isCommit
      let version = try coordinator.version(of: .endTxn, atMost: isVersion2 ? 5 : 4)
      let response = try await coordinator.request(
        message, version: version, timeoutMs: timeoutMs)
      return .ended(
        response.errorCode,
        TransactionState.Identity(
          producerId: response.producerId, epoch: response.producerEpoch))
    }
  }

  private func initProducerId(
    _ coordinator: Connection, _ identity: TransactionState.Identity, _ timeoutMs: Int64
  ) async throws(ClientError) -> TransactionState.Answer {
    var message = InitProducerIdRequest()
    message.transactionalId = id
    message.transactionTimeoutMs = Int32(clamping: state.limits.transactionTimeoutMs)
    let version = try coordinator.version(of: .initProducerId)
    if version >= 3 {
      // So that it fails where another producer has taken over meanwhile (KIP-360).
      message.producerId = identity.producerId
      message.producerEpoch = identity.epoch
    }
    let response = try await coordinator.request(message, version: version, timeoutMs: timeoutMs)
    return .producerId(
      response.errorCode,
      TransactionState.Identity(producerId: response.producerId, epoch: response.producerEpoch))
  }

  private func addPartitions(
    _ coordinator: Connection, _ partitions: [TransactionState.Partition],
    _ identity: TransactionState.Identity, _ timeoutMs: Int64
  ) async throws(ClientError) -> TransactionState.Answer {
    var message = AddPartitionsToTxnRequest()
    message.v3AndBelowTransactionalId = id
    message.v3AndBelowProducerId = identity.producerId
    message.v3AndBelowProducerEpoch = identity.epoch
    for (name, rows) in Dictionary(grouping: partitions, by: \.topic) {
      var topic = AddPartitionsToTxnRequest.Topic()
      topic.name = name
      topic.partitions = rows.map(\.index)
      message.v3AndBelowTopics.append(topic)
    }
    let version = try coordinator.version(of: .addPartitionsToTxn, atMost: 3)
    let response = try await coordinator.request(message, version: version, timeoutMs: timeoutMs)
    var codes: [TransactionState.Partition: ErrorCode] = [:]
    for topic in response.resultsByTopicV3AndBelow {
      for row in topic.resultsByPartition {
        codes[TransactionState.Partition(topic: topic.name, index: row.partitionIndex)] =
          row.partitionErrorCode
      }
    }
    return .partitions(codes)
  }
}
