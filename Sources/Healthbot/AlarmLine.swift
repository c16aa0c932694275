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
    object(
      members(Field.allCases, alarm)
        + alarm.otherFields.map { ($0.name, Array($0.value.json.utf8)) })
  }

  /// The part of the line that says which alarm it is, whatever its state.
  static func identity(of alarm: Alarm) -> [UInt8] {
    object(members([.deviceID, .group, .keys, .rule, .topic, .trigger], alarm))
  }

  /// The object of an alarm's keys.
  static func keys(of alarm: Alarm) -> [UInt8] {
    object(alarm.keys.map { ($0.name, Array($0.value.json.utf8)) })
  }

  private static func members(_ fields: [Field], _ alarm: Alarm) -> [(name: String, json: [UInt8])]
  {
    fields.compactMap { field in value(of: field, alarm).map { (field.rawValue, $0) } }
  }

  private static func value(of field: Field, _ alarm: Alarm) -> [UInt8]? {
    switch field {
    case .deviceID: alarm.deviceID.map(string)
    case .group: string(alarm.group)
    case .keys: keys(of: alarm)
    case .message: string(alarm.message)
    case .rule: string(alarm.rule)
    case .severity: string(alarm.severity.rawValue)
    case .topic: string(alarm.topic)
    case .trigger: string(alarm.trigger)
    }
  }

  private static func string(_ value: String) -> [UInt8] {
    var writer = JSONWriter(.python)
    writer.string(value)
    return writer.bytes
  }

  private static func object(_ members: [(name: String, json: [UInt8])]) -> [UInt8] {
    var writer = JSONWriter(.python)
    writer.beginObject()
    // UTF-8 sorts as code points do; Swift's strings do not.
    for member in members.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      writer.name(member.name)
      writer.raw(member.json)
    }
    writer.endObject()
    return writer.bytes
  }
}
