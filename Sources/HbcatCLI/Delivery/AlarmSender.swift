import Healthbot
import KafkaClient
import Transport

/// Carries alarms to where they go, counts what became of them, and keeps what could not be delivered.
///
/// Confined to the thread that made it. One for a whole stream: each cluster has one producer.
final class AlarmSender {
  let plan: DeliveryPlan
  let messages: Messages
  let interruption = Interruption()
  let routes: AlarmRoutes
  let lanes: [KafkaLane]
  let spool: SpoolFolder?
  let memory: AlarmMemory?
  /// What is to go into the spool, by notification.
  var toKeep: [String: [SpoolEntry]] = [:]
  var toKeepCount = 0
  var backlog = Backlog()
  /// What of the spool is on its way, by notification.
  var runs: [String: SpoolRun] = [:]
  /// When what is kept is tried again, of `MonotonicClock`, by notification.
  var drainsAtMs: [String: Int64] = [:]
  var counts = DeliveryCounts()
  /// Nothing more is to be read: what stands in the way will stay there.
  private(set) var isDoomed = false
  let silences: AlarmSilences
  /// Begins no thread before the first message.
  let web: WebLanes
  var underWay: [UInt64: UnderWay] = [:]
  var nextWebId: UInt64 = 0
  var groupWait: GroupWait?
  var groupedDestinations: [String: WebDestination] = [:]
  var plain = PlainSending()
  private var said = SaidFailures()
  /// Whether a first `normal` may be held; false where who raises alarms decides that already.
  var holdsInitialNormal = true
  private var sanitizedSaid: Set<String> = []

  /// Entries that wait for being written to the spool, at most.
  private static let toKeepMax = 1000

  /// Reads the configuration and the state; nil where something is wrong with them, which has been said.
  ///
  /// `isStream` says that several alarms will come, so that their state is kept within the stream.
  init?(_ plan: DeliveryPlan, _ messages: Messages, isStream: Bool) throws(PropertyError) {
    self.plan = plan
    self.messages = messages
    let setup = DeliverySetup(plan: plan, messages: messages)
    web = WebLanes(setup.webSettings)
    groupWait = plan.groupWaitMs > 0 ? GroupWait(waitMs: plan.groupWaitMs) : nil
    guard let routes = setup.routes(), let clusters = try setup.clusters(of: routes) else {
      return nil
    }
    self.routes = routes
    // Without a configuration nothing goes by the web.
    silences = AlarmSilences(plan, plan.configFiles.isEmpty ? [] : clusters, messages)
    do {
      spool = try plan.spoolFolder.map { (path) throws(DurableFile.Failure) in
        try SpoolFolder(path.description)
      }
      memory = try setup.memory(isStream: isStream, routes)
      var lanes: [KafkaLane] = []
      for cluster in clusters {
        lanes.append(try KafkaLane(cluster, plan, messages))
      }
      self.lanes = lanes
    } catch {
      messages.fatal("\(error)")
      return nil
    }
    let interrupts = lanes.map(\.input.interrupt) + silences.interrupts
    try? Net.wait { [interruption] in
      interruption.watch { for interrupt in interrupts { interrupt() } }
    }
  }

  /// Whether somebody wants an end.
  var isInterrupted: Bool { interruption.isRequested }

  // MARK: Sending

  /// Sends an alarm on all its ways; what goes wrong is said, with `context` in front, and counted.
  func send(_ alarm: Alarm, context: String = "") {
    let found: (routes: [Route], suppressesInitialNormal: Bool)
    do {
      found = try routes.routes(of: alarm)
    } catch {
      counts.refused += 1
      return messages.failure("\(context)\(error)")
    }
    if let memory {
      let isToBeSent = memory.isToBeSent(
        alarm.severity, AlarmIdentity(of: alarm),
        suppressesInitialNormal: found.suppressesInitialNormal && holdsInitialNormal,
        nowMs: WallClock.nowMs)
      guard isToBeSent else { return counts.held += 1 }
    }
    for route in found.routes { deliver(alarm, route, context) }
    if toKeepCount >= Self.toKeepMax { writeSpool() }
  }

  private func deliver(_ alarm: Alarm, _ route: Route, _ context: String) {
    switch route.destination {
    case .kafka(let destination):
      let (name, lane) = (route.notification, lanes[destination.cluster])
      let topic = destination.topic.description
      let line = AlarmLine.bytes(of: alarm)
      if plan.sanitizes { saySanitized(topic, alarm) }
      if !backlog.isEmpty {
        let entry = kafkaEntry(AlarmBatch(alarm), topic, destination.key != nil)
        if backlog.holds(entry, of: name) { return keep(entry, for: name) }
      }
      do throws(DeliveryRefusal) {
        try lane.publish(line, key: destination.key, to: topic, for: name)
        counts[name].taken += 1
      } catch {
        refused(error, name, kafkaEntry(AlarmBatch(alarm), topic, destination.key != nil), context)
      }
    case .impossible(let problem):
      counts[route.notification].failed += 1
      say("\(context)\(problem)")
      memory?.failed(AlarmIdentity(of: alarm))
    case .webhook, .slack, .teams, .mail:
      guard let destination = WebDestination(route) else { return }
      guard !silences.isSilenced(alarm) else { return counts.silenced += 1 }
      post(alarm, to: destination, context)
    }
  }

  /// Says once of each name what became `_` in it.
  private func saySanitized(_ topic: String, _ alarm: Alarm) {
    guard plan.topic == nil, sanitizedSaid.count < SaidFailures.countMax,
      let sanitized = try? SanitizedTopicName(TopicName.joined(for: alarm)), sanitized.isChanged,
      sanitized.name.description == topic, sanitizedSaid.insert(topic).inserted
    else { return }
    messages.info(1, "\(sanitized)")
  }

  func kafkaEntry(_ batch: AlarmBatch, _ topic: String, _ hasKey: Bool) -> SpoolEntry {
    SpoolEntry(.kafka, batch, topic: topic, hasKey: hasKey, timeMs: WallClock.nowMs)
  }

  // MARK: What is not delivered

  /// An entry was not delivered: it goes into the spool where there is one and it may pass another time.
  func refused(
    _ refusal: DeliveryRefusal, _ name: String, _ entry: SpoolEntry, _ context: String = ""
  ) {
    if isInterrupted, refusal.isInterruption {
      messages.markFailed()
    } else {
      sayRefusal(refusal, context)
    }
    if spool != nil, refusal.mayPass { return keep(entry, for: name) }
    if refusal.mayPass { counts.untimely += entry.batch.count }
    counts[name].failed += entry.batch.count
    if let memory {
      for alarm in entry.batch.kept { memory.failed(AlarmIdentity(of: alarm)) }
    }
  }

  private func sayRefusal(_ refusal: DeliveryRefusal, _ context: String) {
    // Without a configuration there is no other way: what cannot be reached ends the stream, as in kcat.
    if case .direct = routes, spool == nil, let cause = refusal.cause {
      guard !isDoomed else { return }
      isDoomed = !plan.client.keepGoing
      if case .unreachable = cause {
        _ = messages.allBrokersDown(cause, keepGoing: plan.client.keepGoing)
      } else {
        messages.fatal("\(context)\(refusal.text)")
      }
    } else {
      say("\(context)\(refusal.text)")
    }
  }

  /// Says a failure; of very many only the first ones, the summary counts all.
  func say(_ text: String) {
    messages.markFailed()
    if said.isNews(text, nowMs: MonotonicClock.nowMs) { messages.failure(text) }
  }

  func keep(_ entry: SpoolEntry, for name: String) {
    toKeep[name, default: []].append(entry)
    toKeepCount += 1
    backlog.add(entry, of: name)
    if runs[name] == nil, drainsAtMs[name] == nil {
      drainsAtMs[name] = MonotonicClock.nowMs + Self.drainPauseMs
    }
  }

  /// Takes what the lanes gave up.
  func collect() {
    for (number, lane) in lanes.enumerated() {
      for failure in lane.takeFailures(messages) {
        if takesBack(failure, lane: number) { continue }
        let name = failure.notification
        counts[name].taken -= 1
        let alarm = failure.line.withUnsafeBytes {
          try? AlarmLine.alarm(in: $0, needsDevice: false)
        }
        guard let alarm else {
          counts[name].failed += 1
          say(failure.refusal.text)
          continue
        }
        refused(
          failure.refusal, name,
          kafkaEntry(AlarmBatch(alarm), failure.topic, failure.key != nil))
      }
    }
    collectWeb()
    if toKeepCount > 0 { writeSpool() }
  }

  // MARK: Ends

  /// Whether all that is new was delivered, kept or failed.
  var isSettled: Bool {
    lanes.allSatisfy(\.isSettled) && underWay.values.allSatisfy { $0.spoolPlace != nil }
  }

  /// Sends what is open, and waits for nothing.
  func seal() { for lane in lanes { lane.seal() } }

  /// Waits until all that was sent is delivered, kept or failed, and writes the state.
  func checkpoint() {
    postGroups(all: true)
    seal()
    drainWeb()
    for lane in lanes {
      // After an interrupt the wait goes on: what was read is delivered, a second signal ends at once.
      while !lane.flush() {}
    }
    writeState()
  }

  /// Writes the state; to be called when all is settled.
  func writeState() {
    collect()
    do throws(DurableFile.Failure) {
      try memory?.commit()
    } catch { messages.failure("The state of alarms is not kept: \(error)") }
  }

  /// Delivers what is open, says what became of all, and gives the connections back; answers the exit code.
  func finish() -> Int32 {
    checkpoint()
    settleSpool()
    report()
    for lane in lanes { lane.close() }
    web.close()
    silences.close()
    interruption.end()
    return messages.exitStatus
  }

  private func report() {
    if counts.kept > 0 { messages.markFailed() }
    counts.countTaken()
    for lane in lanes {
      counts[lane.name].possiblyPersisted += lane.input.outcome().possiblyPersisted
    }
    if case .direct = routes {
      counts.sayDirect(messages)
    } else {
      counts.say(messages)
    }
  }
}
