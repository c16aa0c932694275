import Glibc

/// An alarm line that is already as `AlarmLine` writes it, its parts found without making an alarm.
///
/// So a stream of Healthbot's own lines goes through without a copy. It knows the plain case only:
/// Healthbot's eight fields and no others, keys that are texts, no escapes but the short ones. What is
/// more has to be read by `AlarmLine.alarm`, which gives the same or says what is wrong.
public struct PlainAlarmLine {
  /// How bad it is.
  public let severity: Alarm.Severity
  private let line: UnsafeRawBufferPointer
  private let deviceID: Range<Int>
  private let group: Range<Int>
  private let keys: Range<Int>
  private let topic: Range<Int>
  private let rule: Range<Int>
  private let trigger: Range<Int>

  /// Finds the parts of a line; nil where it is not plain.
  ///
  /// The bytes must outlive the value.
  public init?(_ line: UnsafeRawBufferPointer) {
    var scan = Scan(line)
    guard scan.take("{\"device-id\": \""), let deviceID = scan.name(),
      scan.take(", \"group\": \""), let group = scan.name(),
      scan.take(", \"keys\": {"), let keys = scan.members(),
      scan.take(", \"message\": \""), scan.text(),
      scan.take(", \"rule\": \""), let rule = scan.name(),
      scan.take(", \"severity\": \""), let severity = scan.severity(),
      scan.take(", \"topic\": \""), let topic = scan.name(),
      scan.take(", \"trigger\": \""), let trigger = scan.name(),
      scan.take("}"), scan.isAtEnd
    else { return nil }
    self.severity = severity
    self.line = line
    self.deviceID = deviceID
    self.group = group
    self.keys = keys
    self.topic = topic
    self.rule = rule
    self.trigger = trigger
  }

  /// The group's name.
  public var groupName: String { String(decoding: line[group], as: UTF8.self) }

  /// Which alarm it is: the same as of the alarm itself.
  public var identity: AlarmIdentity {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(keys.upperBound + rule.count + topic.count + trigger.count + 64)
    // All up to the end of the keys stands in the line as it stands in an identity.
    bytes += line[..<keys.upperBound]
    for (name, part) in [
      (", \"rule\": \"" as StaticString, rule), ("\", \"topic\": \"", topic),
      ("\", \"trigger\": \"", trigger),
    ] {
      bytes += UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
      bytes += line[part]
    }
    bytes += [UInt8(ascii: "\""), UInt8(ascii: "}")]
    return AlarmIdentity(bytes: bytes)
  }

  /// Writes the topic's name, which Kafka accepts, in place of what `name` holds.
  ///
  /// False where it is too long or no name: then `TopicName(for:)` says why.
  public func topicName(into name: inout [UInt8]) -> Bool {
    name.removeAll(keepingCapacity: true)
    for (place, part) in [group, deviceID, topic, rule, trigger].enumerated() {
      if place > 0 { name.append(UInt8(ascii: ".")) }
      name.append(contentsOf: line[part])
    }
    return name.count <= TopicName.bytesMax && name.count > 4
  }
}

/// Goes through a line once.
private struct Scan {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { place == bytes.count }

  /// Passes over a text that must stand here.
  @inline(__always)
  mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count - place >= count, let base = bytes.baseAddress,
      memcmp(base + place, text.utf8Start, count) == 0
    else { return false }
    place += count
    return true
  }

  /// Passes over what a topic's name may have, and the quote behind it.
  mutating func name() -> Range<Int>? {
    let start = place
    while place < bytes.count {
      let byte = bytes[place]
      if byte == UInt8(ascii: "\"") {
        place += 1
        return start..<(place - 1)
      }
      guard TopicName.isAllowed(Unicode.Scalar(byte)) else { return nil }
      place += 1
    }
    return nil
  }

  /// Passes over a text and the quote behind it, as long as its escapes are the short ones.
  mutating func text() -> Bool {
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == UInt8(ascii: "\"") { return true }
      guard (0x20...0x7E).contains(byte) else { return false }
      if byte == UInt8(ascii: "\\") {
        guard place < bytes.count else { return false }
        switch bytes[place] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "n"), UInt8(ascii: "r"),
          UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "f"):
          place += 1
        default: return false
        }
      }
    }
    return false
  }

  /// Passes over keys in their order, whose names have no escapes, and the brace behind them.
  mutating func members() -> Range<Int>? {
    let begin = place
    if take("}") { return begin..<place }
    var last: Range<Int>?
    repeat {
      guard take("\"") else { return nil }
      let start = place
      guard text() else { return nil }
      let name = start..<(place - 1)
      guard !bytes[name].contains(UInt8(ascii: "\\")) else { return nil }
      if let last, !bytes[last].lexicographicallyPrecedes(bytes[name]) { return nil }
      last = name
      guard take(": \""), text() else { return nil }
      if take("}") { return begin..<place }
    } while take(", ")
    return nil
  }

  mutating func severity() -> Alarm.Severity? {
    if take("major\"") { return .major }
    if take("minor\"") { return .minor }
    return take("normal\"") ? .normal : nil
  }
}
