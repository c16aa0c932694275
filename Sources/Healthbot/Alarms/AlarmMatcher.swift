/// A condition on an alarm in the words of Alertmanager's matchers: `severity="major"`, `device-id=~"mx.*"`.
public struct AlarmMatcher: Hashable, Sendable {
  /// How the value is compared.
  public enum Operation: String, CaseIterable, Sendable {
    /// The same text.
    case equal = "="
    /// Another text.
    case notEqual = "!="
    /// The regular expression matches the whole text.
    case matches = "=~"
    /// The regular expression does not match the whole text.
    case doesNotMatch = "!~"

    /// Whether the value is a regular expression.
    public var isPattern: Bool { self == .matches || self == .doesNotMatch }
  }

  /// One of Healthbot's fields, or the name of a key or of a further field.
  public let name: String
  /// How the value is compared.
  public let operation: Operation
  /// A text, or a regular expression.
  public let value: String
  /// The expression bound to both ends; empty where the value is none.
  private let pattern: String

  /// Makes a matcher; `device` is another word for `device-id`.
  public init(_ name: String, _ operation: Operation, _ value: String) {
    self.name = name == "device" ? AlarmLine.Field.deviceID.rawValue : name
    self.operation = operation
    self.value = value
    pattern = operation.isPattern ? "\\A(?:\(value))\\z" : ""
  }

  /// Whether an alarm meets the condition; what it has not counts as empty, as in Alertmanager.
  ///
  /// - Throws: `RulePatternError` where the expression is none, or takes too many steps.
  public func matches(_ alarm: Alarm, search: RulePatternSearch) throws(RulePatternError) -> Bool {
    let text = text(in: alarm)
    switch operation {
    case .equal: return text == value
    case .notEqual: return text != value
    case .matches: return try search(pattern, text, false)
    case .doesNotMatch: return try !search(pattern, text, false)
    }
  }

  /// Tries the expression, alone and as it will be used.
  ///
  /// - Throws: `RulePatternError` where it is none.
  public func check(search: RulePatternSearch) throws(RulePatternError) {
    guard operation.isPattern else { return }
    // Alone first: `a)|(b` would be one only within the group.
    _ = try search(value, "", false)
    _ = try search(pattern, "", false)
  }

  /// Whether all records of an alarm meet it, or none: it asks for nothing that may change.
  public var concernsIdentity: Bool {
    switch AlarmLine.Field(rawValue: name) {
    case .severity, .message: false
    case .some: true
    // What is no key may be a further field.
    case nil: name.hasPrefix("keys.")
    }
  }

  private func text(in alarm: Alarm) -> String {
    if name == AlarmLine.Field.keys.rawValue {
      return String(decoding: AlarmLine.keys(of: alarm), as: UTF8.self)
    }
    if let field = AlarmLine.Field(rawValue: name) { return AlarmLine.text(of: field, alarm) ?? "" }
    // A key may be called as a field is.
    let key = name.hasPrefix("keys.") ? String(name.dropFirst(5)) : name
    if let member = alarm.keys.first(where: { $0.name == key }) { return member.value.text }
    return alarm.otherFields.first { $0.name == name }?.value.text ?? ""
  }
}

extension [AlarmMatcher] {
  /// Whether an alarm meets all conditions; none are met by every alarm.
  ///
  /// - Throws: `RulePatternError` as `AlarmMatcher.matches` does.
  public func match(_ alarm: Alarm, search: RulePatternSearch) throws(RulePatternError) -> Bool {
    for matcher in self where try !matcher.matches(alarm, search: search) { return false }
    return true
  }

  /// The group that an alarm must have by these conditions; nil where several may do.
  public var group: String? {
    first { $0.name == AlarmLine.Field.group.rawValue && $0.operation == .equal }?.value
  }
}
