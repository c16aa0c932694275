@testable import Healthbot

/// Alarms of tests, and a search that knows only what the tests use.
enum AlarmSamples {
  static func alarm(
    _ severity: Alarm.Severity = .major, device: String? = "mx960-1", group: String = "ptp",
    rule: String = "lock", message: String = "not aligned", keys: [(String, String)] = []
  ) -> Alarm {
    var alarm = Alarm(
      deviceID: device, group: group, message: message, rule: rule, severity: severity,
      topic: "protocol.ptp", trigger: "status")
    for (name, value) in keys { alarm.setKey(name, to: AlarmValue(string: value)) }
    return alarm
  }

  static func place(
    _ timestampMs: Int64, _ offset: Int64 = 0, partition: Int32 = 0, topic: String = "t"
  ) -> AlarmTable.Place {
    AlarmTable.Place(
      topic: topic, partition: partition, offset: offset, timestampMs: timestampMs)
  }

  /// Finds patterns by the standard library's engine.
  static var search: RulePatternSearch {
    { (pattern, text, _) throws(RulePatternError) in
      do {
        return try Regex(pattern).firstMatch(in: text) != nil
      } catch {
        throw RulePatternError(reason: "\(error)")
      }
    }
  }
}
