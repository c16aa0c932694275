/// A device group or a network group: which notifications its alarms go to.
public struct AlarmGroup: Sendable {
  /// The two kinds of groups; a name may serve both.
  public enum Kind: String, CaseIterable, Sendable {
    /// `device-group`: each alarm is a device's.
    case device = "device-group"
    /// `network-group`: an alarm may belong to no device.
    case network = "network-group"
  }

  /// Which kind.
  public let kind: Kind
  /// `device-group-name` or `network-group-name`.
  public let name: String
  /// Where it stands.
  public let place: ConfigPlace
  /// The names of the notifications, by severity, in the file's order, none twice.
  public internal(set) var notifications: [Alarm.Severity: [String]] = [:]
  /// False where `no-initial-normal-notify-suppression` is true: the first `normal` is sent as well.
  ///
  /// A network group has no such key; its first `normal` is suppressed.
  public internal(set) var suppressesInitialNormal = true
}

extension AlarmGroup.Kind {
  /// The key that holds the group's name.
  var nameKey: String { "\(rawValue)-name" }

  /// What else Healthbot keeps in such a group.
  fileprivate var skippedKeys: [String] {
    let both = [
      "action-scheduler", "description", "ingest-frequency", "logging", "playbooks", "publish",
      "reports", "root-cause-analysis", "scheduler", "tagging-profile", "variable",
    ]
    return switch self {
    case .network: both
    case .device:
      both + [
        "authentication", "devices", "edge", "field-data", "flow", "native-gpb", "open-config",
        "outbound-ssh", "raw-data", "retention-policy", "snmp", "syslog", "timezone",
        "use-ingest-receive-time",
      ]
    }
  }
}

extension AlarmGroup {
  /// Reads a group; `isNotification` says whether a notification of a name is there.
  init?(
    _ node: ConfigNode, kind: Kind, name: ConfigText, notificationNames: Set<String>,
    _ issues: inout ConfigIssues
  ) {
    let what = "\(kind.rawValue) \(shown(name.value, limit: 80))"
    guard
      let fields = ConfigFields(
        node, what, known: [kind.nameKey, "notification"], skipped: kind.skippedKeys, &issues)
    else { return nil }
    self.init(kind: kind, name: name.value, place: name.place)
    issues.check(name, kind.nameKey, .group)
    guard let notification = fields["notification"] else { return }
    var known = ["enable", "major", "minor", "normal"]
    if kind == .device { known.append("no-initial-normal-notify-suppression") }
    guard
      let inner = ConfigFields(notification, "\(what): notification", known: known, &issues)
    else { return }
    if let enable = inner["enable"] { Self.check(enable, inner.what, &issues) }
    suppressesInitialNormal = !inner.bool("no-initial-normal-notify-suppression", &issues)
    for severity in Alarm.Severity.allCases {
      var names: [String] = []
      for text in inner.strings(severity.rawValue, &issues) {
        guard notificationNames.contains(text.value) else {
          issues.error(
            text.place,
            "\(inner.what): \(severity.rawValue): there is no notification "
              + shown(text.value, limit: 80)
              + ConfigIssues.suggestion(text.value, among: notificationNames.sorted()))
          continue
        }
        if !names.contains(text.value) { names.append(text.value) }
      }
      notifications[severity] = names
    }
  }

  /// `enable` is a presence container of YANG: `[null]`, `[]`, or true or false.
  ///
  /// It says whether Healthbot's alarm manager hears of alarms, and gates nothing here.
  private static func check(_ node: ConfigNode, _ what: String, _ issues: inout ConfigIssues) {
    switch node.content {
    case .bool: return
    case .sequence(let items):
      let isSound = items.allSatisfy { item in
        switch item.content {
        case .null: true
        case .mapping(let entries): entries.isEmpty
        case .sequence, .string, .number, .bool: false
        }
      }
      if isSound { return }
    case .mapping, .string, .number, .null: break
    }
    issues.error(node.place, "\(what): enable must be [null], [], true or false, not \(node.kind)")
  }
}
