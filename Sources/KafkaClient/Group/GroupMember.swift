internal import KafkaProtocol
public import Transport

/// Makes a consumer the member of a group: joins, hands it partitions and takes them away, commits.
///
/// What is hard is in `ClassicMember` and `ConsumerMember`; here are their effects. Heartbeats go by
/// timers of the loop, so that a blocked stdout does not hold them up.
@Net public final class GroupMember {
  /// What the main thread notes its writes in.
  public nonisolated let progress = WriteProgress()

  let cluster: Cluster
  let consumer: Consumer
  let configuration: GroupConfiguration
  let settings: GroupSettings
  let selection: TopicSelection
  /// Where each partition begins when it is assigned for the first time; nil: where the group left off.
  let start: OffsetSpec?
  let log: @Sendable (ClientLog) -> Void
  var membership: Membership
  var isEnded = false
  /// Topics that are there, as the metadata had them last.
  var topics: Set<String> = []
  /// What was said to be missing, so that it is said once.
  var saidMissing: Set<String> = []
  var topicsWake: Timer?
  var wakeForTopics: (@Net () -> Void)?
  /// Each partition that is read or about to be, with the number of the assignment that gave it.
  var reading: [TopicPartition: Int] = [:]
  var assignmentCount = 0
  /// Partitions that `start` has been used for.
  var started: Set<TopicPartition> = []
  /// Where partitions began of which nothing was committed, until they are written.
  var initial: [TopicPartition: Int64] = [:]
  /// What is committed as far as we know.
  var committed: [TopicPartition: CommittedOffset] = [:]
  var isCommitting = false
  var commitWaiters: [CheckedContinuation<Void, Never>] = []
  /// The newest report that has come; they come in order.
  var lastReport = 0
  var reportWaiters: [Int: @Net () -> Void] = [:]
  /// The report that was asked for and has not come.
  var openReport: Int?
  /// Since when stdout has taken nothing, and how many writes had ended then.
  var stall: (sinceMs: Int64, writes: Int) = (0, 0)
  /// stdout takes nothing; the group has been left until it does.
  var isPaused = false
  private var coordinatorConnection: Connection?
  private var revocations = 0
  private var wake: Timer?
  private var clock: Timer?

  /// Makes a member of the group `groupId` that reads `topics`: names and `^regular expressions`.
  ///
  /// `rackId` is `client.rack`, or empty.
  /// - Throws: `TopicPatternError` where an expression is none.
  public init(
    _ consumer: Consumer, groupId: String, topics: [String], configuration: GroupConfiguration,
    start: OffsetSpec?, rackId: String
  ) throws(TopicPatternError) {
    selection = try TopicSelection(topics, blacklist: consumer.cluster.configuration.topicBlacklist)
    self.consumer = consumer
    self.configuration = configuration
    self.start = start
    cluster = consumer.cluster
    log = consumer.log
    var settings = GroupSettings(groupId: groupId)
    settings.groupInstanceId = configuration.groupInstanceId
    settings.rackId = rackId.isEmpty ? nil : rackId
    settings.sessionTimeoutMs = configuration.sessionTimeoutMs
    settings.isSessionTimeoutDefault = configuration.isSessionTimeoutDefault
    settings.heartbeatIntervalMs = configuration.heartbeatIntervalMs
    settings.rebalanceTimeoutMs = configuration.maxPollIntervalMs
    settings.assignors = configuration.assignors
    settings.remoteAssignor = configuration.remoteAssignor
    settings.retryBackoffMs = cluster.configuration.retryBackoffMs
    settings.retryBackoffMaxMs = cluster.configuration.retryBackoffMaxMs
    self.settings = settings
    membership = .classic(ClassicMember(settings))
  }

  /// Joins, as soon as the cluster answers and a topic is there.
  public func join() {
    consumer.onReport = { [weak self] in self?.reported($0) }
    consumer.onRecreated = { [weak self] in self?.recreated($0) }
    stall.sinceMs = MonotonicClock.nowMs
    clock = Timer(afterMs: clockMs, everyMs: clockMs) { [weak self] in self?.checkProgress() }
    Net.task { await self.begin() }
  }

  /// Commits what was written, leaves the group and lets go of everything, within `timeoutMs`.
  public func leave(timeoutMs: Int64) async {
    isEnded = true
    let deadlineMs = MonotonicClock.nowMs + timeoutMs
    for timer in [wake, clock] { timer?.cancel() }
    lookAgain()
    await commitWritten(untilMs: deadlineMs)
    let wasJoining = membership.isJoining
    for case .leave(let request) in membership.leave() {
      await say(request, onNewConnection: wasJoining, untilMs: deadlineMs)
    }
    consumer.onReport = nil
    consumer.onRecreated = nil
  }

  // MARK: Effects

  /// Does what the state machine wants, and wakes it when it wants that.
  ///
  /// `wasJoining` says of a member that leaves whether JoinGroup or SyncGroup was out.
  func run(_ actions: [GroupAction], wasJoining: Bool = false) {
    for action in actions {
      switch action {
      case .join(let request): ask(join: request)
      case .countPartitions(let topics): count(topics)
      case .sync(let request): ask(sync: request)
      case .heartbeat(let request): ask(heartbeat: request)
      case .consumerHeartbeat(let request): ask(consumerHeartbeat: request)
      case .leave(let request):
        Net.task {
          await self.say(
            request, onNewConnection: wasJoining, untilMs: MonotonicClock.nowMs + 5000)
        }
      case .forgetCoordinator: coordinatorConnection = nil
      case .assign(let partitions):
        tell(.assigned, partitions)
        begin(partitions)
      case .revoke(let partitions):
        tell(.revoked, partitions)
        revocations += 1
        let mine = revocations
        let report = letGo(partitions)
        Net.task { await self.giveUp(report, mine) }
      case .lose(let partitions):
        tell(.lost, partitions)
        letGo(partitions)
      case .fail(let failure):
        isEnded = true
        lookAgain()
        consumer.events.push(.group(.failed(failure)))
      case .log(let line): log(line)
      }
    }
    arm()
  }

  private func tell(_ kind: GroupEvent.Rebalance.Kind, _ partitions: [TopicPartition]) {
    consumer.events.push(
      .group(
        .rebalanced(
          GroupEvent.Rebalance(
            kind: kind, partitions: partitions, memberId: membership.memberId,
            isCooperative: membership.isCooperative))))
  }

  /// Waits for the main thread, commits what it has written, and goes on with the rebalance.
  private func giveUp(_ report: Int, _ mine: Int) async {
    let attempt = membership.attempt
    await reportComes(report, withinMs: settings.stdoutWaitMs)
    await commitWritten(untilMs: MonotonicClock.nowMs + settings.commitWaitMs)
    guard mine == revocations, attempt == membership.attempt, !isEnded else { return }
    run(membership.revoked(nowMs: MonotonicClock.nowMs))
  }

  private func arm() {
    wake?.cancel()
    wake = nil
    guard !isEnded, let wakeMs = membership.wakeMs, wakeMs < .max else { return }
    wake = Timer(afterMs: max(0, wakeMs - MonotonicClock.nowMs)) { [weak self] in
      guard let self, !self.isEnded else { return }
      self.run(self.membership.tick(nowMs: MonotonicClock.nowMs))
    }
  }

  // MARK: The coordinator

  /// The connection to the group's coordinator, found anew where it broke or was forgotten.
  func coordinator(untilMs: Int64) async throws(ClientError) -> Connection {
    if let known = coordinatorConnection, known.isOpen { return known }
    do {
      let found = try await cluster.coordinator(
        of: settings.groupId, .group, timeoutMs: MonotonicClock.leftMs(until: untilMs))
      coordinatorConnection = found
      consumer.saidAllDown = false
      return found
    } catch {
      // The coordinator alone may be down: only where nobody answers all are.
      if case .unreachable = error, !isEnded { try await lookForBrokers(timeoutMs: 1000) }
      throw error
    }
  }

  /// Has any broker tell who there is; that none can be reached is said once.
  func lookForBrokers(timeoutMs: Int64) async throws(ClientError) {
    do throws(ClientError) {
      try await cluster.refreshMetadata(
        topics: [], allowAutoTopicCreation: false, timeoutMs: timeoutMs)
    } catch {
      if case .unreachable = error, !consumer.saidAllDown, !isEnded {
        consumer.saidAllDown = true
        consumer.events.push(.allBrokersDown(error))
      }
      throw error
    }
  }

  /// Sends a request to the coordinator; `then` gets the answer unless it has become meaningless.
  func ask<R: KafkaRequest>(
    _ request: R, timeoutMs: Int64, adapted: @escaping @Net (inout R, Int16) -> Void = { _, _ in },
    then: @escaping @Net (Result<R.Response, ClientError>) -> Void
  ) {
    let attempt = membership.attempt
    let findMs = settings.findCoordinatorMs
    Net.task {
      let result: Result<R.Response, ClientError>
      do throws(ClientError) {
        let connection = try await self.coordinator(untilMs: MonotonicClock.nowMs + findMs)
        let version = try connection.version(of: R.api)
        var request = request
        adapted(&request, version)
        result = .success(
          try await connection.request(request, version: version, timeoutMs: timeoutMs))
      } catch { result = .failure(error) }
      guard attempt == self.membership.attempt, !self.isEnded else { return }
      then(result)
    }
  }

  /// Says goodbye; on a connection of its own where the usual one waits for JoinGroup's answer.
  private func say(_ goodbye: GroupLeave, onNewConnection: Bool, untilMs: Int64) async {
    do throws(ClientError) {
      let connection =
        onNewConnection
        ? try await cluster.coordinator(
          of: settings.groupId, .group, kind: .control,
          timeoutMs: MonotonicClock.leftMs(until: untilMs))
        : try await coordinator(untilMs: untilMs)
      let timeoutMs = MonotonicClock.leftMs(until: untilMs)
      switch goodbye {
      case .classic(var request):
        let version = try connection.version(of: .leaveGroup)
        if version >= 3 { request.memberId = "" } else { request.members = [] }
        _ = try await connection.request(request, version: version, timeoutMs: timeoutMs)
      case .consumer(let request):
        _ = try await connection.request(request, timeoutMs: timeoutMs)
      }
    } catch {
      // The coordinator will miss the heartbeats.
      log(ClientLog(.info, "LEAVE", "Group \(settings.groupId): leaving failed: \(error)"))
    }
  }
}
