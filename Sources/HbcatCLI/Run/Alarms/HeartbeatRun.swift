import Healthbot
import KafkaClient
import Transport

/// `alarms heartbeat`: raises an alarm when a source falls silent, and clears it when that is back.
///
/// What is raised is read from the alarms' own topics, so that another run neither raises nor clears twice.
struct HeartbeatRun {
  let base: AlarmsRun
  let fields: AlarmsPlan.HeartbeatFields

  /// The key that tells the topic which is silent.
  private static let sourceKey = "_source"
  /// How far back devices count as sources, in milliseconds, unless `--since` says otherwise: a device that
  /// was taken away must not raise an alarm for ever.
  private static let deviceAgeMs: Int64 = 86_400_000

  /// How long brokers that were away are waited for at once, in milliseconds.
  private static let reachMs: Int64 = 1000
  /// The pause before an alarm is published again that could not be, in milliseconds.
  private static let retryMs: Int64 = 10_000

  private var plan: AlarmsPlan { base.plan }
  private var messages: Messages { base.messages }

  func run() -> Int32 {
    // What cannot be published is refused before anything is watched.
    var alarm = fields.alarm
    alarm.deviceID = alarm.deviceID ?? "device"
    do throws(TopicNameError) {
      _ = try TopicName(for: alarm)
    } catch {
      messages.fatal("\(error)")
      return 1
    }
    let feed = base.feed(topics)
    let interruption = Interruption()
    let interrupt = feed.interrupt
    let timeoutMs = plan.timeoutMs
    try? Net.wait {
      interruption.watch(interrupt)
      if let timeoutMs { _ = Timer(afterMs: timeoutMs) { interrupt() } }
    }
    defer { interruption.end() }
    do throws(FeedError) { try feed.start() } catch { return base.fail(error) }
    defer { feed.close() }
    let board = HeartbeatBoard(
      fields, matchers: plan.matchers, topics: plan.topics,
      notBeforeMs: WallClock.nowMs - max(plan.sinceMs ?? Self.deviceAgeMs, 2 * fields.withinMs))
    while true {
      let nowMs = WallClock.nowMs
      let waitMs = min(1000, max(0, (board.watch.nextMs ?? .max) - nowMs))
      let step = feed.next(timeoutMs: waitMs) { board.take($0) }
      base.say(step, isEnd: fields.once)
      switch step {
      case .caughtUp:
        board.caughtUp(once: fields.once)
        publishDue(board, feed)
        if fields.once { return messages.exitStatus }
      case .interrupted: return messages.exitStatus
      case .allBrokersDown where fields.once, .failed where fields.once:
        return messages.exitStatus
      case .allBrokersDown: board.isBlind = true
      case .progress, .idle, .failed, .broken: publishDue(board, feed)
      }
    }
  }

  /// What is read: the sources, and the alarms' own topics from their beginning.
  private var topics: FeedTopics {
    guard fields.watchesTopics else {
      return FeedTopics(
        named: plan.topics, prefixes: FeedTopics.prefixes(ofGroup: fields.alarm.group))
    }
    let own = (try? TopicName(for: fields.alarm))?.description
    // The newest record of each partition tells when a topic was heard.
    return FeedTopics(
      named: plan.topics, optional: own.map { [$0] } ?? [], start: .tail(1))
  }

  private func publishDue(_ board: HeartbeatBoard, _ feed: RecordFeed) {
    if board.isBlind {
      guard feed.canReach(timeoutMs: Self.reachMs) else { return }
      board.isBlind = false
      board.watch.excuse(atMs: WallClock.nowMs)
    }
    guard board.isComplete, MonotonicClock.nowMs >= board.pausedUntilMs else { return }
    for change in board.watch.due(atMs: WallClock.nowMs) {
      let alarm = alarm(change)
      guard publish(alarm) else {
        board.pausedUntilMs = MonotonicClock.nowMs + Self.retryMs
        return
      }
      messages.info(1, "\(alarm.severity.rawValue): \(alarm.message)")
      board.watch.note(change.source, isRaised: change.isSilent)
    }
  }

  private func alarm(_ change: HeartbeatWatch.Change) -> Alarm {
    var alarm = fields.alarm
    if fields.watchesTopics {
      alarm.setKey(Self.sourceKey, to: AlarmValue(string: change.source))
    } else {
      alarm.deviceID = change.source
    }
    if !change.isSilent {
      alarm.severity = .normal
      alarm.message = "\(change.source) is heard again"
    } else if alarm.message.isEmpty {
      let age = TimeSpan.text(milliseconds: WallClock.nowMs - change.heardMs)
      alarm.message =
        change.heardMs > 0
        ? "nothing heard of \(change.source) for \(age)"
        : "nothing was ever heard of \(change.source)"
    }
    return alarm
  }

  /// Publishes an alarm as `notify` does; false where that failed, which is said.
  private func publish(_ alarm: Alarm) -> Bool {
    do throws(PropertyError) {
      let delivery = DeliveryPlan(client: plan.client)
      guard let sender = try AlarmSender(delivery, messages, isStream: false) else { return false }
      sender.send(alarm)
      _ = sender.finish()
      return sender.lanes.contains { sender.counts[$0.name].delivered > 0 }
    } catch {
      messages.failure("ERROR: \(error)")
      return false
    }
  }

  /// The source that an alarm of ours is about; nil for others' alarms.
  static func source(of alarm: Alarm, _ fields: AlarmsPlan.HeartbeatFields) -> String? {
    let own = fields.alarm
    guard alarm.group == own.group, alarm.topic == own.topic, alarm.rule == own.rule,
      alarm.trigger == own.trigger
    else { return nil }
    let topic = alarm.keys.first { $0.name == sourceKey }?.value.text
    guard fields.watchesTopics else { return topic == nil ? alarm.deviceID : nil }
    return alarm.deviceID == own.deviceID ? topic : nil
  }
}

/// When each source was heard, and which alarms are raised, as the records tell it.
private final class HeartbeatBoard {
  var watch: HeartbeatWatch
  /// No broker could be reached: who sends is not silent for that.
  var isBlind = false
  /// Nothing is published before this time of `MonotonicClock`.
  var pausedUntilMs: Int64 = 0
  /// Whether all that was there has been read.
  private(set) var isComplete = false
  private let fields: AlarmsPlan.HeartbeatFields
  private let matchers: [AlarmMatcher]
  private let topics: Set<String>
  private let notBeforeMs: Int64
  private let patterns = RulePatterns()
  /// Alarms of ours, by source, and when each was published.
  private var own: [String: (isRaised: Bool, timestampMs: Int64)] = [:]

  init(
    _ fields: AlarmsPlan.HeartbeatFields, matchers: [AlarmMatcher], topics: [String],
    notBeforeMs: Int64
  ) {
    self.fields = fields
    self.matchers = matchers
    self.topics = Set(topics)
    self.notBeforeMs = notBeforeMs
    watch = HeartbeatWatch(withinMs: fields.withinMs)
  }

  func take(_ record: RecordFeed.Record) {
    // What comes now is heard now, whatever the clock of who sent it says.
    let heardMs = isComplete ? WallClock.nowMs : min(record.timestampMs, WallClock.nowMs)
    if fields.watchesTopics, topics.contains(record.topic) {
      return watch.hear(record.topic, atMs: heardMs)
    }
    guard let value = record.value,
      let alarm = try? AlarmLine.alarm(in: value, needsDevice: false)
    else { return }
    if let source = HeartbeatRun.source(of: alarm, fields) {
      let isNews = record.timestampMs >= own[source]?.timestampMs ?? 0
      if isNews { own[source] = (alarm.severity != .normal, record.timestampMs) }
      return
    }
    guard !fields.watchesTopics, topics.isEmpty || topics.contains(record.topic),
      let device = alarm.deviceID, heardMs >= notBeforeMs,
      fields.alarm.deviceID == nil || fields.alarm.deviceID == device,
      (try? matchers.match(alarm, search: patterns.searching)) == true
    else { return }
    watch.hear(device, atMs: heardMs)
  }

  /// All that was there has been read: what is raised is known, and who was never heard begins to count.
  func caughtUp(once: Bool) {
    isComplete = true
    // With --once there is no later: what was never heard is silent.
    let neverMs = once ? 0 : WallClock.nowMs
    let expected = fields.watchesTopics ? topics : Set([fields.alarm.deviceID].compactMap { $0 })
    for source in expected { watch.add(source, heardMs: neverMs) }
    for (source, state) in own where state.isRaised {
      watch.add(source, heardMs: 0)
      watch.note(source, isRaised: true)
    }
  }
}
