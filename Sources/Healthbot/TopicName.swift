/// The name of a Kafka topic that Kafka will accept.
///
/// 1 to 249 bytes out of `A-Z a-z 0-9 . _ -`, neither `.` nor `..` (Kafka's `Topic.validate`).
public struct TopicName: Hashable, Sendable, CustomStringConvertible {
  /// The longest name, in bytes (Kafka's `Topic.MAX_NAME_LENGTH`).
  public static let bytesMax = 249

  /// The name.
  public let description: String

  /// Checks a name.
  /// - Throws: `TopicNameError`, which names what Kafka would refuse.
  public init(_ name: String) throws(TopicNameError) {
    if name.isEmpty { throw .empty }
    if name == "." || name == ".." { throw .dots(name) }
    if !name.utf8.allSatisfy({ Self.isAllowed(Unicode.Scalar($0)) }) {
      // What is allowed has one byte each, so the place counts bytes.
      for (offset, scalar) in name.unicodeScalars.enumerated() where !Self.isAllowed(scalar) {
        throw .character(scalar, byteOffset: offset, name: name)
      }
    }
    let byteCount = name.utf8.count
    if byteCount > Self.bytesMax { throw .tooLong(byteCount: byteCount, name: name) }
    description = name
  }

  /// The topic to which an alarm goes: `<group>.<device>.<topic>.<rule>.<trigger>`.
  ///
  /// An alarm without a device leaves that part out.
  /// - Throws: `TopicNameError` where a part of the alarm makes it a name that Kafka would refuse.
  public init(for alarm: Alarm) throws(TopicNameError) { try self.init(Self.joined(for: alarm)) }

  /// As `init(for:)`; with `sanitizes` what Kafka would refuse becomes `_`.
  public init(for alarm: Alarm, sanitizes: Bool) throws(TopicNameError) {
    self =
      try sanitizes
      ? SanitizedTopicName(Self.joined(for: alarm)).name : TopicName(for: alarm)
  }

  /// The parts of an alarm joined as a topic's name, unchecked.
  public static func joined(for alarm: Alarm) -> String {
    let device = alarm.deviceID.map { "\($0)." } ?? ""
    return "\(alarm.group).\(device)\(alarm.topic).\(alarm.rule).\(alarm.trigger)"
  }

  /// Whether Kafka refuses one of two names while the other exists: they differ in `.` and `_` alone.
  ///
  /// The names of Kafka's metrics have `_` for `.` (`Topic.hasCollision`).
  public func collides(with other: TopicName) -> Bool {
    func metric(_ byte: UInt8) -> UInt8 { byte == UInt8(ascii: ".") ? UInt8(ascii: "_") : byte }
    return self != other
      && description.utf8.lazy.map(metric).elementsEqual(other.description.utf8.lazy.map(metric))
  }

  static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "A"..."Z", "a"..."z", "0"..."9", ".", "_", "-": true
    default: false
    }
  }
}

/// Why Kafka would refuse a topic's name.
public enum TopicNameError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No characters at all.
  case empty
  /// The name is `.` or `..`.
  case dots(String)
  /// A character outside `A-Z a-z 0-9 . _ -`; the offset counts the UTF-8 bytes before it.
  case character(Unicode.Scalar, byteOffset: Int, name: String)
  /// More than 249 bytes.
  case tooLong(byteCount: Int, name: String)

  /// The thing, the value, the way out.
  public var description: String {
    switch self {
    case .empty: "topic name \"\": it is empty; give it 1 to \(TopicName.bytesMax) characters"
    case .dots(let name): "topic name \"\(name)\": Kafka does not allow \".\" and \"..\" as names"
    case .character(let scalar, let byteOffset, let name):
      "topic name \(shown(name, limit: 80)): '\(shown(scalar))' at byte \(byteOffset) is not "
        + "allowed; use A-Z a-z 0-9 . _ - or --sanitize"
    case .tooLong(let byteCount, let name):
      "topic name \(shown(name, limit: 80)): \(byteCount) bytes are too long; Kafka allows "
        + "\(TopicName.bytesMax): give a shorter one by \"topic\" in kafka-publish or by --to"
    }
  }
}
