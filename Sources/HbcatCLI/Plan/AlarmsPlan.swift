import Healthbot

/// Shows, silences or watches alarms.
struct AlarmsPlan: Equatable, Sendable {
  /// How alarms are shown.
  enum Mode: Hashable, Sendable {
    /// A table that keeps up, or a line for each change; without an end.
    case follow
    /// What there is up to the end of the topics.
    case once
    /// One line and an exit code.
    case check
    /// Nothing, until no alarm is active.
    case untilClear
  }

  /// What is done.
  enum Action: Equatable, Sendable {
    case show(Mode)
    case addSilence(SilenceFields)
    case listSilences
    /// The ids.
    case expireSilences([String])
    case heartbeat(HeartbeatFields)
  }

  /// A silence that is to be made.
  struct SilenceFields: Hashable, Sendable {
    var forMs: Int64
    var author: String
    var comment: String
  }

  /// The alarm of sources that fall silent.
  struct HeartbeatFields: Equatable, Sendable {
    /// Its message is empty where the source and the time are to be told.
    var alarm: Alarm
    var withinMs: Int64
    /// Each topic is a source; otherwise each device is whose alarms match.
    var watchesTopics: Bool
    /// Looks once, by the time of the newest records.
    var once = false
  }

  /// The topic of silences unless another one is named.
  static let silenceTopicDefault = "hbcat.silences"
  /// How long `--check` may take unless told otherwise, in milliseconds.
  static let checkTimeoutMs: Int64 = 30_000

  var client = ClientPlan()
  var action: Action
  /// The Kafka topics to read; empty: those of the group.
  var topics: [String] = []
  /// What an alarm must meet.
  var matchers: [AlarmMatcher] = []
  /// Begins with records of so long ago, in milliseconds; nil: with the first.
  var sinceMs: Int64?
  /// Every record is shown, or every silence.
  var all = false
  var json = false
  var showsSilenced = false
  var silenceTopic = silenceTopicDefault
  /// How long it may take, in milliseconds; nil: for ever.
  var timeoutMs: Int64?
}

extension PlanBuilder {
  /// What the words and options of `alarms` come to.
  func alarmsPlan(_ words: [Argument]) throws(UsageError) -> AlarmsPlan {
    var words = words[...]
    let verb = try AlarmsVerb(taking: &words)
    try alarms.check(verb, once: exitAtEnd, json: json)
    var plan = AlarmsPlan(client: clientPlan(), action: .listSilences)
    plan.topics = alarms.topics
    plan.sinceMs = alarms.sinceMs
    plan.all = alarms.all
    plan.json = json
    plan.showsSilenced = alarms.showsSilenced
    plan.silenceTopic = alarms.silenceTopic ?? AlarmsPlan.silenceTopicDefault
    plan.timeoutMs = alarms.timeoutMs
    switch verb {
    case .expireSilences:
      var ids: [String] = []
      for word in words { ids.append(try OptionValue.text(word, "ID")) }
      plan.action = .expireSilences(ids)
      guard !words.isEmpty else { throw .syntax("no silence: give its ID (see silence list)") }
      return plan
    case .heartbeat:
      plan.matchers = try matchers(words)
      return try heartbeatPlan(plan)
    case .show, .addSilence, .listSilences: plan.matchers = try fieldMatchers() + matchers(words)
    }
    switch verb {
    case .show:
      plan.action = .show(try showMode())
      if case .show(.check) = plan.action {
        plan.timeoutMs = plan.timeoutMs ?? AlarmsPlan.checkTimeoutMs
      }
      try checkSource(plan)
    case .addSilence:
      guard let forMs = alarms.forMs else {
        throw .syntax("a silence needs --for, such as --for 2h")
      }
      guard !plan.matchers.isEmpty else {
        throw .syntax("a silence needs a MATCHER, such as device-id=mx960-1")
      }
      guard plan.matchers.count <= Silence.matchersMax else {
        throw .syntax("a silence has at most \(Silence.matchersMax) matchers")
      }
      plan.action = .addSilence(
        .init(
          forMs: forMs, author: alarms.author ?? surroundings.variable("USER") ?? "",
          comment: alarms.comment ?? ""))
    case .listSilences, .expireSilences, .heartbeat: break
    }
    return plan
  }

  private func showMode() throws(UsageError) -> AlarmsPlan.Mode {
    let modes: [(Bool, AlarmsPlan.Mode, String)] = [
      (exitAtEnd, .once, "--once"), (alarms.check, .check, "--check"),
      (alarms.untilClear, .untilClear, "--until-clear"),
    ]
    let given = modes.filter(\.0)
    guard given.count <= 1 else {
      throw .syntax("\(given.map(\.2).joined(separator: " and ")) exclude one another")
    }
    let mode = given.first?.1 ?? .follow
    if mode == .follow, alarms.timeoutMs != nil {
      throw .syntax("--timeout needs --once, --check or --until-clear")
    }
    if let name = given.first?.2, mode != .once {
      if alarms.all { throw .syntax("--all and \(name) exclude one another") }
      if json { throw .syntax("--json and \(name) exclude one another") }
    }
    return mode
  }

  /// Refuses to read every topic of a cluster.
  private func checkSource(_ plan: AlarmsPlan) throws(UsageError) {
    guard plan.topics.isEmpty, plan.matchers.group == nil else { return }
    throw .syntax(
      "which alarms? give --group NAME, to read the topics that begin with \"NAME.\", or -t TOPIC"
        + (own.alarm[.alarmTopic] == nil ? "" : " (--topic is Healthbot's topic)"))
  }

  private func heartbeatPlan(_ base: AlarmsPlan) throws(UsageError) -> AlarmsPlan {
    var plan = base
    guard let withinMs = alarms.withinMs else {
      throw .syntax("heartbeat needs --within, such as --within 5m")
    }
    guard let group = own.alarm[.alarmGroup] else {
      throw .syntax("heartbeat needs --group, the alarm's group")
    }
    let watchesTopics = !plan.topics.isEmpty && plan.matchers.isEmpty
    let device = own.alarm[.alarmDevice]
    if watchesTopics, device == nil {
      throw .syntax("heartbeat -t needs --device, the alarm's device")
    }
    func field(_ key: OptionKey, or text: String) -> String { own.alarm[key] ?? text }
    var alarm = Alarm(
      deviceID: device, group: group, message: field(.alarmMessage, or: ""),
      rule: field(.alarmRule, or: "heartbeat"),
      severity: Alarm.Severity(rawValue: field(.alarmSeverity, or: "major")) ?? .major,
      topic: field(.alarmTopic, or: "hbcat"), trigger: field(.alarmTrigger, or: "silent"))
    guard alarm.severity != .normal else {
      throw .value("--severity: a source that is silent is major or minor")
    }
    for key in own.alarmKeys { alarm.setKey(key.name, to: AlarmValue(string: key.value)) }
    plan.action = .heartbeat(
      .init(alarm: alarm, withinMs: withinMs, watchesTopics: watchesTopics, once: exitAtEnd))
    return plan
  }

  /// Matchers of the fields that options name.
  private func fieldMatchers() -> [AlarmMatcher] {
    let fields: [(OptionKey, AlarmLine.Field)] = [
      (.alarmGroup, .group), (.alarmDevice, .deviceID), (.alarmTopic, .topic),
      (.alarmRule, .rule), (.alarmTrigger, .trigger), (.alarmSeverity, .severity),
      (.alarmMessage, .message),
    ]
    return fields.compactMap { key, field in
      own.alarm[key].map { AlarmMatcher(field.rawValue, .equal, $0) }
    } + own.alarmKeys.map { AlarmMatcher("keys.\($0.name)", .equal, $0.value) }
  }

  private func matchers(_ words: ArraySlice<Argument>) throws(UsageError) -> [AlarmMatcher] {
    let patterns = RulePatterns()
    var matchers: [AlarmMatcher] = []
    for word in words {
      let text = try OptionValue.text(word, "MATCHER")
      do throws(AlarmMatcherError) {
        matchers += try AlarmMatcher.list(parsing: text)
      } catch {
        throw .value("\(error)")
      }
    }
    for matcher in matchers {
      do throws(RulePatternError) {
        try matcher.check(search: patterns.searching)
      } catch {
        throw .value("matcher \(matcher): \(error.reason)")
      }
    }
    return matchers
  }
}
