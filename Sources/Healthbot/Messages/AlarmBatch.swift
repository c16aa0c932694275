/// Alarms that one chat message tells: how many of each severity, and the first ones themselves.
public struct AlarmBatch: Equatable, Sendable {
  /// How many alarms are kept and told one by one.
  public static let keptMax = 20

  /// The first alarms, in their order; never empty.
  public private(set) var kept: [Alarm]
  /// How many alarms there are of each severity.
  public private(set) var counts: [Alarm.Severity: Int]

  /// A batch of one.
  public init(_ alarm: Alarm) {
    kept = [alarm]
    counts = [alarm.severity: 1]
  }

  /// A batch of alarms that were kept before; nil where there is none.
  ///
  /// `counts` is taken where it counts at least the alarms that are there.
  init?(kept alarms: [Alarm], counts: [Alarm.Severity: Int]) {
    guard let first = alarms.first else { return nil }
    self.init(first)
    for alarm in alarms.dropFirst() { add(alarm) }
    if counts.values.reduce(0, +) >= count { self.counts = counts }
  }

  /// Adds an alarm; beyond `keptMax` it is counted only.
  public mutating func add(_ alarm: Alarm) {
    if kept.count < Self.keptMax { kept.append(alarm) }
    counts[alarm.severity, default: 0] += 1
  }

  /// How many alarms there are.
  public var count: Int { counts.values.reduce(0, +) }
}

/// Gathers what goes to chat, so that a storm becomes one message per device (`--group-wait`).
///
/// The first alarm of a device opens a batch, which is due when the wait is over. Kafka does not come
/// here: every record is sent at once.
public struct GroupWait: Sendable {
  /// Whose alarms are told together.
  public struct Key: Hashable, Sendable {
    /// The notification that they go to.
    public let notification: String
    /// The group.
    public let group: String
    /// The device; nil for alarms that belong to none.
    public let device: String?

    /// The key under which an alarm goes to a notification.
    public init(notification: String, _ alarm: Alarm) {
      self.notification = notification
      group = alarm.group
      device = alarm.deviceID
    }
  }

  /// How many batches are open at once; beyond that the oldest is due early.
  public static let openMaxDefault = 4096

  private let waitMs: Int64
  private let openMax: Int
  private var batches: [Key: AlarmBatch] = [:]
  /// The open batches by age, each with the time when it is due.
  private var queue: [(key: Key, dueMs: Int64)] = []

  /// Gathers for a time, in milliseconds.
  public init(waitMs: Int64, openMax: Int = openMaxDefault) {
    self.waitMs = min(max(0, waitMs), 1 << 48)
    self.openMax = max(1, openMax)
  }

  /// When the next batch is due, in milliseconds since 1970 (or whichever clock `add` is given).
  public var nextDueMs: Int64? { queue.first?.dueMs }

  /// Takes an alarm at a time; `due` is to be asked behind it, which is what keeps memory bounded.
  public mutating func add(_ alarm: Alarm, to notification: String, nowMs: Int64) {
    let key = Key(notification: notification, alarm)
    if batches[key]?.add(alarm) != nil { return }
    batches[key] = AlarmBatch(alarm)
    queue.append((key, min(nowMs, .max - waitMs) + waitMs))
  }

  /// The batches that are due at a time, the oldest first; they are no longer held.
  public mutating func due(nowMs: Int64) -> [(key: Key, batch: AlarmBatch)] {
    let early = max(0, queue.count - openMax)
    let count = max(early, queue.prefix { $0.dueMs <= nowMs }.count)
    return take(count)
  }

  /// All batches, as at the end of a stream.
  public mutating func all() -> [(key: Key, batch: AlarmBatch)] { take(queue.count) }

  private mutating func take(_ count: Int) -> [(key: Key, batch: AlarmBatch)] {
    let taken = queue.prefix(count)
    queue.removeFirst(count)
    return taken.compactMap { entry in
      batches.removeValue(forKey: entry.key).map { (entry.key, $0) }
    }
  }
}
