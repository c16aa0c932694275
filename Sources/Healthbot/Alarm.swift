/// An alarm as Healthbot publishes it on Kafka: one trigger's state on one device.
public struct Alarm: Equatable, Sendable {
  /// The device, `device-id`; nil where an alarm of a network group belongs to none.
  public var deviceID: String?
  /// The device group or network group, `group`.
  public var group: String
  /// What tells instances of the rule apart, `keys`, in the order they came.
  public internal(set) var keys: [AlarmMember] = []
  /// What a person reads, `message`.
  public var message: String
  /// The rule, `rule`.
  public var rule: String
  /// How bad it is, `severity`.
  public var severity: Severity
  /// Healthbot's topic, `topic`, such as `protocol.ptp`; no Kafka topic.
  public var topic: String
  /// The trigger, `trigger`.
  public var trigger: String
  /// Fields that Healthbot's documentation does not name, kept as they came.
  public internal(set) var otherFields: [AlarmMember] = []

  /// How bad an alarm is.
  public enum Severity: String, CaseIterable, Sendable {
    /// Red.
    case major
    /// Yellow.
    case minor
    /// Green: the alarm has cleared.
    case normal
  }

  /// Makes an alarm without keys.
  public init(
    deviceID: String?, group: String, message: String, rule: String, severity: Severity,
    topic: String, trigger: String
  ) {
    self.deviceID = deviceID
    self.group = group
    self.message = message
    self.rule = rule
    self.severity = severity
    self.topic = topic
    self.trigger = trigger
  }

  /// Sets a key; one of the same name is replaced.
  ///
  /// Returns false where the name was there before.
  @discardableResult
  public mutating func setKey(_ name: String, to value: AlarmValue) -> Bool {
    Self.set(AlarmMember(name: name, value: value), in: &keys)
  }

  /// Sets a field beyond Healthbot's eight; one of the same name is replaced.
  ///
  /// Returns false, and changes nothing, where the name is one of the eight.
  @discardableResult
  public mutating func setOtherField(_ name: String, to value: AlarmValue) -> Bool {
    guard AlarmLine.Field(rawValue: name) == nil else { return false }
    return Self.set(AlarmMember(name: name, value: value), in: &otherFields)
  }

  private static func set(_ member: AlarmMember, in members: inout [AlarmMember]) -> Bool {
    // Byte for byte: to Swift's == two spellings of é are one name, to JSON they are two.
    guard let at = members.firstIndex(where: { $0.name.utf8.elementsEqual(member.name.utf8) })
    else {
      members.append(member)
      return true
    }
    members[at] = member
    return false
  }
}

/// A name and its value in `keys`, or a further field.
public struct AlarmMember: Hashable, Sendable {
  /// The name, decoded.
  public let name: String
  /// The value.
  public let value: AlarmValue

  /// Makes a member.
  public init(name: String, value: AlarmValue) {
    self.name = name
    self.value = value
  }
}
