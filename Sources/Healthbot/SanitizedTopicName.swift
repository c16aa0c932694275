/// A topic's name made acceptable, and what that took.
public struct SanitizedTopicName: Hashable, Sendable, CustomStringConvertible {
  /// A character that became `_`.
  public struct Replacement: Hashable, Sendable {
    /// The character that was there.
    public let scalar: Unicode.Scalar
    /// How many UTF-8 bytes of the original stand before it.
    public let byteOffset: Int
  }

  /// The name to use.
  public let name: TopicName
  /// The name as it came.
  public let original: String
  /// What became `_`, in order; empty where the name was right.
  public let replacements: [Replacement]

  /// Replaces by `_` each character that Kafka refuses, and the dots of `.` and `..`.
  ///
  /// Nothing is cut: two long names must not become one.
  /// - Throws: `TopicNameError` where the name is empty or too long all the same.
  public init(_ original: String) throws(TopicNameError) {
    let allDots = original == "." || original == ".."
    var replacements: [Replacement] = []
    var text = ""
    var offset = 0
    for scalar in original.unicodeScalars {
      if !allDots && TopicName.isAllowed(scalar) {
        text.unicodeScalars.append(scalar)
      } else {
        text.append("_")
        replacements.append(Replacement(scalar: scalar, byteOffset: offset))
      }
      offset += UTF8.width(scalar)
    }
    name = try TopicName(text)
    self.original = original
    self.replacements = replacements
  }

  /// True where the name had to be changed.
  public var isChanged: Bool { !replacements.isEmpty }

  /// What changed: `topic name "ptp/mx960" is sanitized to "ptp_mx960": '/' at byte 3`.
  public var description: String {
    let shownMax = 8
    var list = replacements.prefix(shownMax).map {
      "'\(shown($0.scalar))' at byte \($0.byteOffset)"
    }
    if replacements.count > shownMax { list.append("\(replacements.count - shownMax) more") }
    return "topic name \(shown(original, limit: 80)) is "
      + (isChanged
        ? "sanitized to \"\(name)\": \(list.joined(separator: ", "))" : "right as it is")
  }
}
