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

  /// One message for the alarms of a device, or of a group where they name no device.
  ///
  /// A batch of one is told as the alarm alone. Nil for a batch that holds none.
  public init?(_ batch: AlarmBatch, template: MessageTemplate? = nil) {
    guard let first = batch.kept.first else { return nil }
    if batch.count == 1 {
      self.init(first, template: template)
      return
    }
    let present = Alarm.Severity.allCases.filter { batch.counts[$0, default: 0] > 0 }
    let severity = present.first ?? first.severity
    var lines = batch.kept.map { alarm in
      template?.expanded(for: alarm) ?? "\(alarm.severity.mark) \(alarm.rule): \(alarm.message)"
    }
    if batch.count > lines.count { lines.append("and \(batch.count - lines.count) more") }
    self.init(
      severity: severity,
      title: "\(severity.mark) \(first.deviceID ?? first.group): \(batch.count) alarms",
      facts: present.map { Fact(name: $0.rawValue, value: "\(batch.counts[$0, default: 0])") },
      text: lines.joined(separator: "\n"))
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
