import Healthbot

/// The options that `notify` alone has, as typed; the alarm's fields are elsewhere.
struct NotifyOptions: Sendable {
  var checksConfig = false
  var isDryRun = false
  var form: NotifyPlan.Form?
  var isStrict = false

  mutating func apply(
    _ key: OptionKey, _ value: Argument, _ spelling: String
  ) throws(UsageError) {
    switch key {
    case .checkConfig: checksConfig = true
    case .dryRun: isDryRun = true
    case .strict: isStrict = true
    default:
      let text = try OptionValue.text(value, spelling)
      guard let known = NotifyPlan.Form(rawValue: text) else {
        throw .value("\(spelling): expected json, words or alertmanager, not \"\(text)\"")
      }
      form = known
    }
  }
}

extension OwnOptions {
  /// The fields of the command line.
  var alarmDefaults: AlarmDefaults {
    var defaults = AlarmDefaults()
    defaults.deviceID = alarm[.alarmDevice]
    defaults.group = alarm[.alarmGroup]
    defaults.message = alarm[.alarmMessage]
    defaults.rule = alarm[.alarmRule]
    defaults.severity = alarm[.alarmSeverity].flatMap { Alarm.Severity(rawValue: $0) }
    defaults.topic = alarm[.alarmTopic]
    defaults.trigger = alarm[.alarmTrigger]
    return defaults
  }

  /// The alarm of the command line's options and words; nil if it has none, so that alarms come from stdin.
  func alarm(words: [Argument], needsDevice: Bool) throws(UsageError) -> Alarm? {
    if alarm.isEmpty, alarmKeys.isEmpty, words.isEmpty { return nil }
    guard words.isEmpty else { return try alarm(of: words, needsDevice: needsDevice) }
    let defaults = alarmDefaults
    guard let group = defaults.group, let topic = defaults.topic, let rule = defaults.rule,
      let trigger = defaults.trigger, let severity = defaults.severity,
      let message = defaults.message, defaults.deviceID != nil || !needsDevice
    else {
      let needed: [(OptionKey, String)] = [
        (.alarmGroup, "--group"), (.alarmDevice, "--device"), (.alarmTopic, "--topic"),
        (.alarmRule, "--rule"), (.alarmTrigger, "--trigger"), (.alarmSeverity, "--severity"),
        (.alarmMessage, "--message"),
      ]
      let missing = needed.filter {
        alarm[$0.0] == nil && ($0.0 != .alarmDevice || needsDevice)
      }.map(\.1)
      throw .syntax("the alarm lacks \(missing.joined(separator: ", "))")
    }
    return withKeys(
      Alarm(
        deviceID: defaults.deviceID, group: group, message: message, rule: rule,
        severity: severity, topic: topic, trigger: trigger))
  }

  private func alarm(of words: [Argument], needsDevice: Bool) throws(UsageError) -> Alarm {
    var texts: [String] = []
    for word in words { texts.append(try OptionValue.text(word, "NAME=VALUE")) }
    do throws(AlarmError) {
      return withKeys(
        try AlarmWords.alarm(in: texts, defaults: alarmDefaults, needsDevice: needsDevice))
    } catch {
      switch error.reason {
      case .missing(let fields):
        throw .syntax("the alarm lacks \(fields.map(\.rawValue).joined(separator: ", "))")
      default:
        throw .value(
          "\(texts.indices.contains(error.column - 1) ? texts[error.column - 1] : ""): \(error.message)"
        )
      }
    }
  }

  private func withKeys(_ alarm: Alarm) -> Alarm {
    var alarm = alarm
    for key in alarmKeys { alarm.setKey(key.name, to: AlarmValue(string: key.value)) }
    return alarm
  }
}
