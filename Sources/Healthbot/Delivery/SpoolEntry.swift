import JSON

/// What could not be delivered, as a line of a spool file keeps it until the next run.
///
/// `{"alarms": [{…}], "counts": {"major": 1}, "key": "…", "time": 1700000000000, "to": "kafka", "topic": "…"}`;
/// `key` and `topic` are Kafka's, `counts` is there where a storm was summed up for chat.
public struct SpoolEntry: Equatable, Sendable {
  /// Which of a notification's ways failed.
  public enum Way: String, Sendable {
    /// `kafka-publish`.
    case kafka
    /// `http-post`.
    case webhook
    /// `slack`.
    case slack
    /// `microsoft-teams`.
    case teams
    /// `emails`.
    case mail
  }

  /// The way that failed.
  public let way: Way
  /// The alarms; one, unless a storm was summed up.
  public let batch: AlarmBatch
  /// Kafka's topic; nil for the other ways.
  public let topic: String?
  /// Whether the record has the alarm's identity as its key.
  public let hasKey: Bool
  /// When it could not be delivered, in milliseconds since 1970.
  public let timeMs: Int64

  /// Makes an entry.
  public init(
    _ way: Way, _ batch: AlarmBatch, topic: String? = nil, hasKey: Bool = false, timeMs: Int64
  ) {
    self.way = way
    self.batch = batch
    self.topic = topic
    self.hasKey = hasKey
    self.timeMs = timeMs
  }

  /// The line, with its newline.
  public var line: [UInt8] {
    var writer = JSONWriter(.python)
    writer.beginObject()
    writer.name("alarms")
    writer.beginArray()
    for alarm in batch.kept { writer.raw(AlarmLine.bytes(of: alarm)) }
    writer.endArray()
    if batch.count > 1 {
      writer.name("counts")
      writer.beginObject()
      for severity in Alarm.Severity.allCases {
        guard let count = batch.counts[severity] else { continue }
        writer.name(severity.rawValue)
        writer.integer(Int64(count))
      }
      writer.endObject()
    }
    if hasKey {
      writer.name("key")
      writer.bool(true)
    }
    writer.name("time")
    writer.integer(timeMs)
    writer.name("to")
    writer.string(way.rawValue)
    if let topic {
      writer.name("topic")
      writer.string(topic)
    }
    writer.endObject()
    return writer.bytes + [UInt8(ascii: "\n")]
  }

  /// Reads a line without its newline; nil where it is none, such as one that a kill cut off.
  public init?(line: UnsafeRawBufferPointer) {
    do {
      guard let entry = try Self.read(line) else { return nil }
      self = entry
    } catch {
      return nil
    }
  }

  private static func read(_ line: UnsafeRawBufferPointer) throws(JSONError) -> SpoolEntry? {
    var reader = JSONReader(line)
    var alarms: [Alarm]?
    var counts: [Alarm.Severity: Int] = [:]
    var way: Way?
    var topic: String?
    var hasKey = false
    var timeMs: Int64?
    guard try reader.next() == .objectStart else { return nil }
    while case .name(let name)? = try reader.next() {
      switch reader.string(name) {
      case "alarms": alarms = try readAlarms(&reader)
      case "counts": counts = try readCounts(&reader)
      case "key": hasKey = try reader.next() == .bool(true)
      case "time":
        if case .number(let span)? = try reader.next() { timeMs = reader.integer(span) }
      case "to":
        if case .string(let span)? = try reader.next() { way = Way(rawValue: reader.string(span)) }
      case "topic":
        if case .string(let span)? = try reader.next() { topic = reader.string(span) }
      default: _ = try reader.skipValue()
      }
    }
    guard try reader.next() == nil, let alarms, let way, let timeMs,
      let batch = AlarmBatch(kept: alarms, counts: counts), way != .kafka || topic != nil
    else { return nil }
    return SpoolEntry(way, batch, topic: topic, hasKey: hasKey, timeMs: timeMs)
  }

  private static func readAlarms(_ reader: inout JSONReader) throws(JSONError) -> [Alarm]? {
    guard try reader.next() == .arrayStart else { return nil }
    var alarms: [Alarm] = []
    while alarms.count < AlarmBatch.keptMax {
      guard let text = try object(&reader) else { return alarms }
      guard
        let alarm = text.withUnsafeBytes({ try? AlarmLine.alarm(in: $0, needsDevice: false) })
      else { return nil }
      alarms.append(alarm)
    }
    return try reader.next() == .arrayEnd ? alarms : nil
  }

  /// The object that comes next; nil at the end of the array.
  private static func object(_ reader: inout JSONReader) throws(JSONError) -> [UInt8]? {
    var text: [UInt8] = []
    return try reader.appendSorted(to: &text) == .objectStart ? text : nil
  }

  private static func readCounts(
    _ reader: inout JSONReader
  ) throws(JSONError) -> [Alarm.Severity: Int] {
    var counts: [Alarm.Severity: Int] = [:]
    guard try reader.next() == .objectStart else { return counts }
    while case .name(let name)? = try reader.next() {
      let severity = Alarm.Severity(rawValue: reader.string(name))
      guard case .number(let span)? = try reader.next(), let value = reader.integer(span) else {
        continue
      }
      if let severity, (1...Int64(Int32.max)).contains(value) { counts[severity] = Int(value) }
    }
    return counts
  }
}
