internal import KafkaProtocol
public import Transport

/// Reads topics as a member of a share group (KIP-932) and hands what it acquires to the main thread.
///
/// One request per broker is in flight, or its records are with the main thread: the next ShareFetch goes
/// when these are printed, and takes their acknowledgements along. So what waits for a blocked stdout is
/// no more than one answer of each broker, and others get the rest. Heartbeats go on meanwhile.
@Net public final class ShareConsumer {
  /// Where the main thread takes what happened.
  public nonisolated let events: Handover<ShareEvent>
  /// Where the main thread gives frames back.
  public nonisolated let returned: Handover<ShareReceipt>
  /// The member's id, a UUID in Kafka's text.
  public nonisolated let memberId: String

  /// How many records are acquired of a broker at a time: as Kafka's own client does.
  ///
  /// More would keep them from the group's other members.
  private nonisolated static let acquiredMax: Int32 = 500
  /// How long a broker may wait for records, in milliseconds, whatever `fetch.wait.max.ms` says: an end
  /// has to wait for it, and the locks' time runs.
  private nonisolated static let waitMaxMs = 500

  let cluster: Cluster
  let topics: [String]
  let log: @Sendable (ClientLog) -> Void
  var member: ShareMember
  var coordinator: Connection?
  var sessions: [Int32: ShareSession] = [:]
  /// The connection that a broker's session lives on: it ends with it.
  var connections: [Int32: Connection] = [:]
  /// Brokers that are being asked again and again.
  var running: Set<Int32> = []
  /// Brokers that owe an answer.
  var inFlight: Set<Int32> = []
  /// Brokers whose records are with the main thread.
  var framesOut: Set<Int32> = []
  /// Who waits for a broker's frame to come back, and for its answer.
  var frameWaiters: [Int32: CheckedContinuation<Void, Never>] = [:]
  var answerWaiters: [Int32: CheckedContinuation<Void, Never>] = [:]
  /// All partitions that were ever assigned, as the main thread knows them.
  var partitions: [TopicIdPartition: AssignedPartition] = [:]
  /// Partitions that a broker refused for good.
  var refused: Set<TopicIdPartition> = []
  /// How many records are still wanted; nil is no limit.
  var left: Int64?
  var isRefreshing = false
  var isStopped = false
  var saidAllDown = false

  private let limits: ShareSession.Limits
  private var farewells = 0
  private var whenGone: CheckedContinuation<Void, Never>?

  /// Makes a member of a group that reads `topics`, at least one; `start` joins it.
  ///
  /// `recordsMax` is how many records are wanted at most; nil is no limit. `events` is shared with whoever
  /// else wakes the main thread, such as a signal's watcher.
  public init(
    _ cluster: Cluster, group: String, topics: [String], configuration: ConsumerConfiguration,
    recordsMax: Int64?, events: Handover<ShareEvent>, log: @escaping @Sendable (ClientLog) -> Void
  ) {
    self.cluster = cluster
    self.topics = topics
    self.events = events
    self.log = log
    left = recordsMax
    // No leading dash, which tools would take for an option: the first digit is a letter.
    let id = Uuid(high: .random(in: 0..<(1 << 63)), low: .random(in: 0...(.max)))
    memberId = id.description
    limits = ShareSession.Limits(
      waitMaxMs: Int32(min(configuration.fetchWaitMaxMs, Self.waitMaxMs)),
      bytesMin: Int32(clamping: configuration.fetchMinBytes),
      bytesMax: Int32(clamping: min(configuration.fetchMaxBytes, 1 << 20)),
      recordsMax: Self.acquiredMax)
    member = ShareMember(
      groupId: group, memberId: id.description, topics: topics,
      rackId: configuration.clientRack.isEmpty ? nil : configuration.clientRack,
      backoff: Backoff(cluster.configuration))
    let me = WeakShareConsumer()
    returned = Handover { Net.task { me.consumer?.takeBack() } }
    me.consumer = self
    takeBack()
  }

  func makeSession() -> ShareSession {
    ShareSession(
      groupId: member.groupId, memberId: memberId, limits: limits,
      backoff: Backoff(cluster.configuration))
  }

  // MARK: Start and end

  /// Finds the topics and joins the group; then records come as events.
  ///
  /// - Throws: `ClientError`: `.unsupported` where the brokers have no share groups, `.unknownTopic`, the
  ///   code of a refusal, or what stood in the way when `timeoutMs` was over.
  public func start(timeoutMs: Int64) async throws(ClientError) {
    let deadlineMs = MonotonicClock.nowMs + timeoutMs
    try await cluster.refreshMetadata(
      topics: topics, allowAutoTopicCreation: false, timeoutMs: timeoutMs)
    let any = try await cluster.anyConnection(timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
    guard any.versions.offers(.shareGroupHeartbeat) else {
      throw .unsupported(what: "share group \(member.groupId)", needs: "Kafka 4.2 or later")
    }
    for name in topics {
      let code = cluster.metadata.topic(name)?.errorCode ?? .unknownTopicOrPartition
      if code == .unknownTopicOrPartition { throw .unknownTopic(name) }
      if code != .none && !code.isRetriable { throw .broker(code, message: name) }
    }
    try await join(deadlineMs: deadlineMs, timeoutMs: timeoutMs)
  }

  /// Acknowledges what was printed, releases the rest and leaves the group, within `timeoutMs`.
  ///
  /// What cannot be acknowledged is among the events. The cluster may be closed afterwards.
  public func stop(timeoutMs: Int64) async {
    isStopped = true
    takeBack()
    for waiter in frameWaiters.values { waiter.resume() }
    frameWaiters = [:]
    farewells = sessions.count + 1
    for brokerId in sessions.keys {
      Net.task {
        await self.closeSession(brokerId)
        self.saidFarewell()
      }
    }
    Net.task {
      await self.leave()
      self.saidFarewell()
    }
    let timer = Timer(afterMs: timeoutMs) { self.gone() }
    await withCheckedContinuation { whenGone = $0 }
    timer.cancel()
    let late = ClientError.timedOut(what: "the last acknowledgements", afterMs: timeoutMs)
    for brokerId in sessions.keys { lose(brokerId, late) }
  }

  private func saidFarewell() {
    farewells -= 1
    if farewells == 0 { gone() }
  }

  private func gone() {
    whenGone?.resume()
    whenGone = nil
  }

  // MARK: What comes back

  private func takeBack() {
    while let receipt = returned.poll() {
      let frame = receipt.frame
      let buffer = frame.frame.buffer
      cluster.buffers.giveBack(buffer, size: buffer.count)
      left = left.map { $0 - Int64(receipt.printedCount) }
      for (partition, list) in zip(frame.partitions, receipt.acknowledgements) {
        acknowledge(partition, list, of: frame)
      }
      framesOut.remove(frame.brokerId)
      frameWaiters.removeValue(forKey: frame.brokerId)?.resume()
    }
  }

  private func acknowledge(
    _ partition: TopicIdPartition, _ list: [ShareAcknowledgement], of frame: ShareFrame
  ) {
    // Kafka says nothing against it where the next one to get the records has accepted them meanwhile.
    guard MonotonicClock.nowMs < frame.unlockedAtMs else {
      let error = ClientError.broker(
        .invalidRecordState, message: "written when the lock had run out")
      return report([AcknowledgeFailure(partition, list, error)])
    }
    // A session lives while a frame of it is out.
    guard let failure = sessions[frame.brokerId]?.acknowledge(partition, list) else { return }
    report([failure])
  }

  /// Tells the main thread what may be delivered again.
  func report(_ failures: [AcknowledgeFailure]) {
    for failure in failures where failure.count > 0 {
      guard let assigned = partitions[failure.partition] else { continue }
      events.push(.notAcknowledged(assigned.partition, failure))
    }
  }

  /// A broker's session is gone, with all that it was told and did not answer.
  func lose(_ brokerId: Int32, _ error: ClientError) {
    connections[brokerId] = nil
    report(sessions[brokerId]?.lost(error, nowMs: MonotonicClock.nowMs) ?? [])
  }
}

/// Lets the hand-over's closure find its consumer without keeping it.
@Net private final class WeakShareConsumer {
  weak var consumer: ShareConsumer?
  nonisolated init() {}
}
