/// What people read of an alarm, or of several, before a channel gives it its form.
public struct ChatMessage: Equatable, Sendable {
  /// A name and a value, such as `device` and `mx960-1`.
  public struct Fact: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The value.
    public let value: String
  }

  /// How bad it is; of several alarms the worst.
  public let severity: Alarm.Severity
  /// One line; empty where a template says all.
  public let title: String
  /// What is known in short; empty where a template says all.
  public let facts: [Fact]
  /// The text, which may have several lines.
  public let text: String

  /// How many alarms a summary tells one by one.
  public static let summaryLinesMax = 20

  private init(severity: Alarm.Severity, title: String, facts: [Fact], text: String) {
    self.severity = severity
    self.title = title
    self.facts = facts
    self.text = text
  }

  /// The message of an alarm: severity, device, rule and text, or what a template makes of it.
  public init(_ alarm: Alarm, template: MessageTemplate? = nil) {
    severity = alarm.severity
    if let template {
      title = ""
      facts = []
      text = template.expanded(for: alarm)
      return
    }
    title = "\(alarm.severity.mark) \(alarm.deviceID ?? alarm.group): \(alarm.rule)"
    var facts = [Fact(name: "severity", value: alarm.severity.rawValue)]
    if let device = alarm.deviceID { facts.append(Fact(name: "device", value: device)) }
    facts += [
      Fact(name: "group", value: alarm.group), Fact(name: "topic", value: alarm.topic),
      Fact(name: "rule", value: alarm.rule), Fact(name: "trigger", value: alarm.trigger),
    ]
    self.facts = facts
    text = alarm.message
  }

  /// One message for many alarms of a device (or of a group, where they name no device).
  ///
  /// Nil where there are none; one alarm is told as if it were alone.
  public init?(summing alarms: [Alarm], template: MessageTemplate? = nil) {
    guard let first = alarms.first else { return nil }
    if alarms.count == 1 {
      self.init(first, template: template)
      return
    }
    let counts = Alarm.Severity.allCases.map { severity in
      (severity, alarms.count { $0.severity == severity })
    }
    let severity = counts.first { $0.1 > 0 }?.0 ?? first.severity
    let title = "\(severity.mark) \(first.deviceID ?? first.group): \(alarms.count) alarms"
    let facts = counts.filter { $0.1 > 0 }.map { Fact(name: $0.0.rawValue, value: "\($0.1)") }
    var lines = alarms.prefix(Self.summaryLinesMax).map { alarm in
      template?.expanded(for: alarm) ?? "\(alarm.severity.mark) \(alarm.rule): \(alarm.message)"
    }
    if alarms.count > lines.count { lines.append("and \(alarms.count - lines.count) more") }
    self.init(
      severity: severity, title: title, facts: facts, text: lines.joined(separator: "\n"))
  }
}

extension Alarm.Severity {
  /// The colour and the word.
  var mark: String {
    switch self {
    case .major: "🔴 MAJOR"
    case .minor: "🟡 MINOR"
    case .normal: "🟢 NORMAL"
    }
  }
}
