/// Why a property cannot be set, or why some do not go together; in librdkafka's words where it has such.
public struct PropertyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What sort of mistake it is.
  public enum Reason: Sendable {
    /// No property has that name.
    case unknown
    /// The property does not take that value.
    case invalidValue
    /// A number outside the property's range.
    case outOfRange
    /// The property is refused whatever its value.
    case refused
    /// Two properties contradict one another.
    case conflict
    /// The same, and one of them is a topic's: librdkafka notices when the topic is used.
    case topicConflict
    /// hbcat cannot do it yet.
    case notSupported
  }

  /// What sort of mistake it is.
  public let reason: Reason
  /// The property's name, as given where it is unknown, otherwise librdkafka's.
  public let property: String
  /// The sentence.
  public let description: String
  /// What to do instead; nil where there is no more to say than the sentence.
  public let hint: String?

  init(_ reason: Reason, _ property: String, _ description: String, hint: String? = nil) {
    self.reason = reason
    self.property = property
    self.description = description
    self.hint = hint
  }

  static func unknown(_ name: String) -> PropertyError {
    let bare = name.hasPrefix("topic.") ? String(name.dropFirst(6)) : name
    let hint: String?
    if bare != name, PropertyTable.find(bare) != nil {
      hint = "\(bare) is no property of topics; write it without the prefix topic."
    } else {
      hint = (PropertyTable.nearest(to: name) ?? PropertyTable.nearest(to: bare)).map {
        "did you mean \($0)?"
      }
    }
    return PropertyError(
      .unknown, name, "No such configuration property: \"\(bare)\"", hint: hint)
  }

  static func invalid(_ value: String, _ name: String, why: String? = nil, hint: String? = nil)
    -> PropertyError
  {
    let sentence = "Invalid value \"\(value)\" for configuration property \"\(name)\""
    return PropertyError(
      .invalidValue, name, why.map { "\(sentence): \($0)" } ?? sentence, hint: hint)
  }

  static func invalidNumber(_ name: String, hint: String) -> PropertyError {
    PropertyError(
      .invalidValue, name, "Invalid value for configuration property \"\(name)\"", hint: hint)
  }

  static func outOfRange(_ value: String, _ name: String, _ range: String) -> PropertyError {
    PropertyError(
      .outOfRange, name,
      "Configuration property \"\(name)\" value \(value) is outside allowed range \(range)")
  }

  static func conflict(_ name: String, _ sentence: String) -> PropertyError {
    PropertyError(.conflict, name, sentence)
  }

  static func topicConflict(_ name: String, _ sentence: String) -> PropertyError {
    PropertyError(.topicConflict, name, sentence)
  }
}
