/// What fills the fields that an alarm from elsewhere lacks.
public struct AlarmDefaults: Hashable, Sendable {
  /// `device-id`.
  public var deviceID: String?
  /// `group`.
  public var group: String?
  /// `message`.
  public var message: String?
  /// `rule`.
  public var rule: String?
  /// `severity`.
  public var severity: Alarm.Severity?
  /// `topic`.
  public var topic: String?
  /// `trigger`.
  public var trigger: String?

  /// Fills nothing.
  public init() {}
}

/// An alarm's fields as they are gathered, some of them perhaps missing.
struct AlarmParts {
  /// The fields that are texts, `severity` among them.
  private(set) var fields = AlarmDefaults()
  private(set) var keys: [AlarmMember] = []
  private var names: Set<[UInt8]> = []

  /// Sets a field that is a text, which `keys` is not.
  ///
  /// - Throws: `AlarmPartError` where it is set already, or the severity is none.
  mutating func set(_ field: AlarmLine.Field, to text: String) throws(AlarmPartError) {
    guard field == .keys || !fields.has(field) else {
      throw AlarmPartError(.duplicate(field.rawValue))
    }
    switch field {
    case .deviceID: fields.deviceID = text
    case .group: fields.group = text
    case .keys:
      throw AlarmPartError(
        .notWords("\"keys\" is an object; a key is a word of its own, NAME=VALUE"))
    case .message: fields.message = text
    case .rule: fields.rule = text
    case .severity:
      guard let severity = Alarm.Severity(rawValue: text) else {
        throw AlarmPartError(.unknownSeverity(text))
      }
      fields.severity = severity
    case .topic: fields.topic = text
    case .trigger: fields.trigger = text
    }
  }

  /// Sets one of the keys.
  ///
  /// - Throws: `AlarmPartError` where it is set already.
  mutating func setKey(_ name: String, to text: String) throws(AlarmPartError) {
    guard names.insert(Array(name.utf8)).inserted else { throw AlarmPartError(.duplicate(name)) }
    keys.append(AlarmMember(name: name, value: AlarmValue(string: text)))
  }

  /// The alarm, with what is missing out of the defaults.
  ///
  /// - Throws: `AlarmPartError`, which names all fields that are still missing.
  func alarm(_ defaults: AlarmDefaults, needsDevice: Bool) throws(AlarmPartError) -> Alarm {
    let deviceID = fields.deviceID ?? defaults.deviceID
    guard let group = fields.group ?? defaults.group,
      let message = fields.message ?? defaults.message,
      let rule = fields.rule ?? defaults.rule,
      let severity = fields.severity ?? defaults.severity,
      let topic = fields.topic ?? defaults.topic,
      let trigger = fields.trigger ?? defaults.trigger, deviceID != nil || !needsDevice
    else {
      let missing = AlarmLine.Field.allCases.filter {
        !fields.has($0) && !defaults.has($0) && ($0 != .deviceID || needsDevice)
      }
      throw AlarmPartError(.missing(missing))
    }
    var alarm = Alarm(
      deviceID: deviceID, group: group, message: message, rule: rule, severity: severity,
      topic: topic, trigger: trigger)
    alarm.keys = keys
    return alarm
  }
}

extension AlarmDefaults {
  /// Whether a field is there; keys, of which there may be none, always are.
  fileprivate func has(_ field: AlarmLine.Field) -> Bool {
    switch field {
    case .deviceID: deviceID != nil
    case .group: group != nil
    case .keys: true
    case .message: message != nil
    case .rule: rule != nil
    case .severity: severity != nil
    case .topic: topic != nil
    case .trigger: trigger != nil
    }
  }
}

/// What is wrong with parts of an alarm; where, the one who has gathered them knows.
struct AlarmPartError: Error {
  let reason: AlarmError.Reason
  init(_ reason: AlarmError.Reason) { self.reason = reason }
}
