/// What was sent of which alarm, and therefore what of the next one is news.
///
/// A value without a file: `line(for:)` gives what a state file gets appended, `apply` takes what it
/// holds. Lines of several writers may follow one another; the last one of an alarm holds.
public struct Transitions: Sendable {
  /// What is news.
  public struct Rules: Hashable, Sendable {
    /// Only changes of severity are sent.
    public var onlyChanges = false
    /// After how many milliseconds an alarm that lasts is sent again, `normal` aside.
    ///
    /// Nil for never. Of use with `onlyChanges` alone.
    public var repeatIntervalMs: Int64?

    /// Sends everything but a first `normal`.
    public init() {}
  }

  /// What to do with an alarm.
  public enum Decision: Hashable, Sendable {
    /// To be sent: its severity is news, or everything is sent.
    case send
    /// To be sent: it lasts, and the interval is over.
    case remind
    /// Not to be sent: it is `normal` and was never anything else.
    case holdInitialNormal
    /// Not to be sent: its severity has not changed.
    case holdUnchanged

    /// Whether it is to be sent.
    public var isToBeSent: Bool { self == .send || self == .remind }
  }

  /// The last state of an alarm.
  struct State: Hashable, Sendable {
    var severity: Alarm.Severity
    /// When it took this severity, in milliseconds since 1970.
    var changedMs: Int64
    /// When it was last sent; nil for a first `normal` that was held.
    var sentMs: Int64?
  }

  /// How many alarms are remembered unless told otherwise.
  public static let countMaxDefault = 1 << 20

  /// What is news.
  public let rules: Rules
  private let countMax: Int
  private var states: [AlarmIdentity: State] = [:]

  /// Remembers nothing yet.
  ///
  /// Beyond `countMax` alarms the oldest quarter is forgotten, alarms that are `normal` first: a
  /// forgotten alarm is sent once more.
  public init(_ rules: Rules, countMax: Int = countMaxDefault) {
    self.rules = rules
    self.countMax = max(1, countMax)
  }

  /// How many alarms are remembered.
  public var count: Int { states.count }

  /// The severity that an alarm had last; nil for one that is not remembered.
  public func severity(of identity: AlarmIdentity) -> Alarm.Severity? {
    states[identity]?.severity
  }

  /// What to do with an alarm at a time (milliseconds since 1970); nothing is remembered yet.
  public func decide(
    _ severity: Alarm.Severity, _ identity: AlarmIdentity, suppressesInitialNormal: Bool,
    nowMs: Int64
  ) -> Decision {
    guard let state = states[identity] else {
      return severity == .normal && suppressesInitialNormal ? .holdInitialNormal : .send
    }
    guard rules.onlyChanges, state.severity == severity else { return .send }
    guard severity != .normal, let interval = rules.repeatIntervalMs else {
      return .holdUnchanged
    }
    guard let sentMs = state.sentMs else { return .remind }
    // A time far ahead was written by a clock that was wrong; it must not silence an alarm for years.
    let age = min(max(0, nowMs), Self.timeMax) - sentMs
    return age >= interval || age < -max(0, interval) ? .remind : .holdUnchanged
  }

  /// Remembers what was decided, once it is sent or safe in the spool.
  ///
  /// Returns whether the state changed, and `line(for:)` is to be appended to a state file.
  @discardableResult
  public mutating func record(
    _ severity: Alarm.Severity, _ identity: AlarmIdentity, _ decision: Decision, nowMs: Int64
  ) -> Bool {
    let nowMs = min(max(0, nowMs), Self.timeMax)
    let old = states[identity]
    var state = old ?? State(severity: severity, changedMs: nowMs)
    if state.severity != severity {
      state.severity = severity
      state.changedMs = nowMs
    }
    if decision.isToBeSent { state.sentMs = nowMs }
    guard state != old else { return false }
    set(state, identity)
    return true
  }

  /// What is remembered of one alarm at a moment.
  public struct Memory: Sendable {
    let identity: AlarmIdentity
    let state: State?
  }

  /// What is remembered of an alarm now, for `restore`.
  public func memory(of identity: AlarmIdentity) -> Memory {
    Memory(identity: identity, state: states[identity])
  }

  /// Remembers what was remembered before: what was recorded since did not come to pass.
  public mutating func restore(_ memory: Memory) { states[memory.identity] = memory.state }

  /// Forgets an alarm: the next of its kind is news.
  public mutating func forget(_ identity: AlarmIdentity) { states[identity] = nil }

  /// The latest time that is taken, in milliseconds: the year 10,889.
  static let timeMax: Int64 = 1 << 48

  private mutating func set(_ state: State, _ identity: AlarmIdentity) {
    if states.count >= countMax, states[identity] == nil { forget() }
    states[identity] = state
  }

  private mutating func forget() {
    let oldest = states.sorted {
      let isNormal = ($0.value.severity == .normal, $1.value.severity == .normal)
      if isNormal.0 != isNormal.1 { return isNormal.0 }
      return ($0.value.sentMs ?? 0, $0.key) < ($1.value.sentMs ?? 0, $1.key)
    }
    for (identity, _) in oldest.prefix(max(1, countMax / 4)) { states[identity] = nil }
  }

  // MARK: Lines

  /// What reading a state file found.
  public struct Reading: Hashable, Sendable {
    /// Lines that were taken.
    public var takenCount = 0
    /// Lines that are no state: what a kill cut off, or what somebody else wrote.
    public var brokenCount = 0
    /// Bytes behind the last newline, which a kill cut off; they are not taken.
    ///
    /// Where it is not 0, what is appended next must begin with a newline.
    public var tornByteCount = 0

    /// Nothing read yet.
    public init() {}
  }

  /// Takes the lines of a state file, or those that were appended since; the last of an alarm holds.
  @discardableResult
  public mutating func apply(_ bytes: UnsafeRawBufferPointer) -> Reading {
    var reading = Reading()
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
      rest = rest[(end + 1)...]
      if line.isEmpty { continue }
      if let (identity, state) = StateLine.read(line) {
        set(state, identity)
        reading.takenCount += 1
      } else {
        reading.brokenCount += 1
      }
    }
    reading.tornByteCount = rest.count
    return reading
  }

  /// The line that a state file holds for an alarm, with its newline; nil for one not remembered.
  public func line(for identity: AlarmIdentity) -> [UInt8]? {
    states[identity].map { StateLine.bytes(of: $0, identity) }
  }

  /// A whole state file: one line for each alarm, sorted.
  public func lines() -> [UInt8] {
    states.sorted { $0.key < $1.key }.flatMap { StateLine.bytes(of: $0.value, $0.key) }
  }
}
