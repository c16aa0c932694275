/// The state of alarms as their records tell it: which are active, since when and how often.
///
/// A value without I/O. Of an alarm whose records come out of several partitions the one with the latest
/// timestamp holds; within a partition the last one does, whatever its timestamp.
public struct AlarmTable: Sendable {
  /// Where a record lies.
  public struct Place: Hashable, Sendable {
    /// The Kafka topic.
    public var topic: String
    /// The partition in it.
    public var partition: Int32
    /// The offset in that.
    public var offset: Int64
    /// The record's time, in milliseconds since 1970.
    public var timestampMs: Int64

    /// Names a place.
    public init(topic: String, partition: Int32, offset: Int64, timestampMs: Int64) {
      self.topic = topic
      self.partition = partition
      self.offset = offset
      self.timestampMs = timestampMs
    }
  }

  /// An alarm and what is known of it.
  public struct Entry: Sendable {
    /// The alarm as the last record has it.
    public var alarm: Alarm
    /// When it was raised, or, once it is `normal`, cleared; in milliseconds since 1970.
    public var sinceMs: Int64
    /// When it took its severity, in milliseconds since 1970.
    public var changedMs: Int64
    /// How many records there were since `sinceMs`.
    public var count: Int
    /// Where the last record lies.
    public var place: Place

    /// Whether the alarm has not cleared.
    public var isActive: Bool { alarm.severity != .normal }
  }

  /// What a record changes.
  public enum Change: String, Sendable {
    /// It is active and was not, or was not known.
    case raised
    /// It is active with another severity than before.
    case changed
    /// It was active and is not any more.
    case cleared
    /// It says again what was said before, but for the message.
    case repeated
  }

  /// How many alarms are remembered unless told otherwise.
  public static let countMaxDefault = 100_000

  private let countMax: Int
  private var entries: [AlarmIdentity: Entry] = [:]

  /// Remembers nothing yet.
  ///
  /// Beyond `countMax` alarms the oldest quarter is forgotten, those that have cleared first.
  public init(countMax: Int = countMaxDefault) { self.countMax = max(1, countMax) }

  /// How many alarms are remembered, those that have cleared among them.
  public var count: Int { entries.count }

  /// What is known of an alarm.
  public subscript(identity: AlarmIdentity) -> Entry? { entries[identity] }

  /// Takes a record; nil where a later one of another partition is known already.
  ///
  /// An alarm that is `normal` the first time counts as `repeated`: nothing was raised.
  @discardableResult
  public mutating func apply(_ alarm: Alarm, at place: Place) -> Change? {
    let identity = AlarmIdentity(of: alarm)
    guard let old = entries[identity] else {
      if entries.count >= countMax { forget() }
      let time = place.timestampMs
      entries[identity] = Entry(
        alarm: alarm, sinceMs: time, changedMs: time, count: 1, place: place)
      return alarm.severity == .normal ? .repeated : .raised
    }
    let isSamePartition =
      old.place.partition == place.partition && old.place.topic == place.topic
    guard isSamePartition || place.timestampMs >= old.place.timestampMs else { return nil }
    let change: Change =
      if old.alarm.severity == alarm.severity {
        .repeated
      } else if alarm.severity == .normal {
        .cleared
      } else if old.isActive {
        .changed
      } else {
        .raised
      }
    var entry = old
    entry.alarm = alarm
    entry.place = place
    switch change {
    case .repeated: entry.count += 1
    case .changed:
      entry.count += 1
      entry.changedMs = place.timestampMs
    case .raised, .cleared:
      entry.count = 1
      entry.sinceMs = place.timestampMs
      entry.changedMs = place.timestampMs
    }
    entries[identity] = entry
    return change
  }

  /// The alarms that are active: `major` before `minor`, the latest first.
  public func active() -> [Entry] {
    entries.filter { $0.value.isActive }.sorted { first, second in
      let isMajor = (
        first.value.alarm.severity == .major, second.value.alarm.severity == .major
      )
      if isMajor.0 != isMajor.1 { return isMajor.0 }
      if first.value.sinceMs != second.value.sinceMs {
        return first.value.sinceMs > second.value.sinceMs
      }
      return first.key < second.key
    }.map(\.value)
  }

  private mutating func forget() {
    let oldest = entries.sorted {
      if $0.value.isActive != $1.value.isActive { return $1.value.isActive }
      return ($0.value.place.timestampMs, $0.key) < ($1.value.place.timestampMs, $1.key)
    }
    for (identity, _) in oldest.prefix(max(1, countMax / 4)) { entries[identity] = nil }
  }
}
