import JSON

/// The line in which an alarm travels, byte for byte as Healthbot's publisher writes it.
///
/// That is Python's `json.dumps(sort_keys=True)`: fields and keys by code point, `": "` and `", "`,
/// ASCII only, no newline.
public enum AlarmLine {
  /// Healthbot's fields, in the order of the line.
  public enum Field: String, CaseIterable, Sendable {
    /// The device.
    case deviceID = "device-id"
    /// The device group or network group.
    case group
    /// An object that tells instances apart.
    case keys
    /// What a person reads.
    case message
    /// The rule.
    case rule
    /// `major`, `minor` or `normal`.
    case severity
    /// Healthbot's topic.
    case topic
    /// The trigger.
    case trigger
  }

  /// The line of an alarm, without a newline; an alarm without a device has no `device-id`.
  public static func bytes(of alarm: Alarm) -> [UInt8] {
    var writer = JSONWriter(.python)
    writer.beginObject()
    var others = sorted(alarm.otherFields)[...]
    for field in Field.allCases {
      while let other = others.first, precedes(other.name, field.rawValue) {
        write(other, &writer)
        others.removeFirst()
      }
      write(field, alarm, &writer)
    }
    for other in others { write(other, &writer) }
    writer.endObject()
    return writer.bytes
  }

  /// The part of the line that says which alarm it is, whatever its state.
  static func identity(of alarm: Alarm) -> [UInt8] {
    var writer = JSONWriter(.python)
    writer.beginObject()
    for field in [Field.deviceID, .group, .keys, .rule, .topic, .trigger] {
      write(field, alarm, &writer)
    }
    writer.endObject()
    return writer.bytes
  }

  /// A field's text; nil for the keys, and for the device of an alarm that has none.
  static func text(of field: Field, _ alarm: Alarm) -> String? {
    switch field {
    case .deviceID: alarm.deviceID
    case .group: alarm.group
    case .keys: nil
    case .message: alarm.message
    case .rule: alarm.rule
    case .severity: alarm.severity.rawValue
    case .topic: alarm.topic
    case .trigger: alarm.trigger
    }
  }

  /// The object of an alarm's keys.
  static func keys(of alarm: Alarm) -> [UInt8] {
    var writer = JSONWriter(.python)
    writeKeys(alarm, &writer)
    return writer.bytes
  }

  private static func write(_ field: Field, _ alarm: Alarm, _ writer: inout JSONWriter) {
    if field == .keys {
      writer.name(field.rawValue)
      return writeKeys(alarm, &writer)
    }
    guard let value = text(of: field, alarm) else { return }
    writer.name(field.rawValue)
    writer.string(value)
  }

  private static func writeKeys(_ alarm: Alarm, _ writer: inout JSONWriter) {
    writer.beginObject()
    for member in sorted(alarm.keys) { write(member, &writer) }
    writer.endObject()
  }

  private static func write(_ member: AlarmMember, _ writer: inout JSONWriter) {
    writer.name(member.name)
    writer.raw(member.value.json.utf8)
  }

  private static func sorted(_ members: [AlarmMember]) -> [AlarmMember] {
    members.count < 2 ? members : members.sorted { precedes($0.name, $1.name) }
  }

  /// UTF-8 sorts as code points do; Swift's strings do not.
  private static func precedes(_ first: String, _ second: String) -> Bool {
    first.utf8.lexicographicallyPrecedes(second.utf8)
  }
}
