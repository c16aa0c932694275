import JSON

/// Judges telemetry by rules: records in, alarms out.
///
/// A plain value without clock and I/O. For each rule, device and set of keys it keeps the last values and
/// what was last raised; an alarm comes where colour or message changed, or at each evaluation where the
/// trigger has `disable-alarm-deduplication`. Each record is judged when it comes, not at the trigger's
/// frequency. A value older than the last one of its field changes nothing, so that what is consumed twice
/// raises nothing twice. Memory is bounded by `instancesMax` and `samplesMax`.
public struct RuleEngine {
  /// The most instances (rule, device and keys) that are kept.
  public static let instancesMax = 100_000
  /// The most values that are kept; beyond, each field keeps its last two.
  public static let samplesMax = 2_000_000
  /// How long an instance without records is kept when there are too many, in milliseconds: a day.
  public static let idleMaxMs: Int64 = 86_400_000
  /// The most faults that are kept until they are taken.
  public static let faultsMax = 100

  /// The device group or network group of the alarms.
  public let group: String
  /// Whether a trigger's first status is raised where it is normal.
  ///
  /// False as Healthbot has it, unless the group says `no-initial-normal-notify-suppression`.
  public var reportsInitialNormal = false
  /// How many records had nothing for a rule that was not older than what the rule had.
  public private(set) var lateCount = 0
  /// How many records no rule had a use for.
  public private(set) var unusedCount = 0
  /// What could not be evaluated, one for each rule and trigger, until it is taken.
  private var faults: [RuleFault] = []

  var rules: [CompiledRule] = []
  var states: States = [:]
  /// The values in the windows of `states`.
  var sampleCount = 0
  private var reader: TelemetryReader
  /// For each slot, the rules that use it.
  private var users: [[Int]]
  private let search: RulePatternSearch
  private var lastPurgeMs = Int64.min

  typealias States = [InstanceID: RuleState]

  /// One rule, one device, one set of keys.
  struct InstanceID: Hashable {
    var rule: Int
    /// Device and keys, each behind its length.
    var parts: [UInt8]

    init(rule: Int, device: String, keys: [String]) {
      self.rule = rule
      parts = []
      for part in [device] + keys {
        parts += String(part.utf8.count).utf8
        parts.append(UInt8(ascii: ":"))
        parts += part.utf8
      }
    }
  }

  /// Makes an engine without state.
  ///
  /// - Throws: `RuleFault` where a regular expression of a rule is none.
  public init(_ rules: [Rule], group: String, search: @escaping RulePatternSearch)
    throws(RuleFault)
  {
    var slots: [[UInt8]: Int] = [:]
    self.group = group
    self.search = search
    self.rules = rules.map { CompiledRule($0, slots: &slots) }
    for rule in rules { try rule.checkPatterns(search) }
    users = Array(repeating: [], count: slots.count)
    for (index, rule) in self.rules.enumerated() {
      for slot in rule.sensorSlots { users[slot].append(index) }
    }
    reader = TelemetryReader(slots: slots)
  }

  /// Judges what one Kafka record holds: an object, or a list of them.
  ///
  /// `device` is the device of what names none, such as the record's key; `timestampMs` is the time of what
  /// has none, the Kafka record's; without one it is `nowMs`. Times are milliseconds since 1970. What is
  /// raised is appended to `alarms`.
  /// - Throws: `TelemetryError` where it is no telemetry; then nothing of it has been judged, except that
  ///   of a list the objects before one without a device have been, and may have raised alarms.
  public mutating func received(
    _ text: UnsafeRawBufferPointer, device: String? = nil, timestampMs: Int64? = nil, nowMs: Int64,
    alarms: inout [Alarm]
  ) throws(TelemetryError) {
    for record in try TelemetryReader.records(in: text) {
      do { try reader.read(record) } catch {
        throw TelemetryError(
          reason: .notJSON(error.message), line: error.line, column: error.column)
      }
      let concerned = Set(reader.touched.flatMap { users[$0] }).sorted()
      if concerned.isEmpty {
        unusedCount += 1
        continue
      }
      guard let device = reader.device ?? device, !device.isEmpty else {
        throw TelemetryError(reason: .noDevice, line: 1, column: 1)
      }
      var timeMs = max(0, reader.timestampMs ?? timestampMs ?? nowMs)
      if timeMs > nowMs + TelemetryReader.aheadMaxMs { timeMs = nowMs }
      for index in concerned { judge(index, device, timeMs, nowMs, &alarms) }
    }
  }

  /// Hands over what could not be evaluated since the last call.
  public mutating func takeFaults() -> [RuleFault] {
    defer { faults = [] }
    return faults
  }

  // MARK: One rule, one record

  private mutating func judge(
    _ index: Int, _ device: String, _ timeMs: Int64, _ nowMs: Int64, _ alarms: inout [Alarm]
  ) {
    let compiled = rules[index]
    var current: [RuleValue?]
    do throws(RulePatternError) {
      current = try compiled.values(reader.values, search)
    } catch {
      note(RuleFault(topic: compiled.rule.topic, rule: compiled.rule.name, reason: error.reason))
      return
    }
    var keys: [String] = []
    for key in compiled.rule.keyIndices {
      // Without its keys a record is of no instance.
      guard let value = current[key] else { return }
      keys.append(value.text)
    }
    guard current.indices.contains(where: { current[$0] != nil && compiled.isData[$0] }) else {
      return
    }
    guard let at = instance(index, device, keys, timeMs, nowMs) else { return }
    guard states.values[at].drop(compiled, &current, before: timeMs) else {
      lateCount += 1
      return
    }
    let samplesMax = sampleCount < Self.samplesMax ? RuleWindow.samplesMax : 2
    sampleCount += states.values[at].update(
      compiled.rule, &current, timeMs: timeMs, samplesMax: samplesMax)
    judgeTriggers(compiled.rule, at, current, &alarms)
  }

  /// The instance of a rule, which is made where it is not there; nil where there are too many.
  private mutating func instance(
    _ index: Int, _ device: String, _ keys: [String], _ timeMs: Int64, _ nowMs: Int64
  ) -> States.Index? {
    let id = InstanceID(rule: index, device: device, keys: keys)
    if let at = states.index(forKey: id) { return at }
    let rule = rules[index].rule
    guard makeRoom(nowMs) else {
      note(
        RuleFault(
          topic: rule.topic, rule: rule.name,
          reason: "more than \(Self.instancesMax) devices and keys; further ones are ignored"))
      return nil
    }
    states[id] = RuleState(rule, device: device, keys: keys, lastMs: timeMs)
    return states.index(forKey: id)
  }

  private mutating func judgeTriggers(
    _ rule: Rule, _ at: States.Index, _ current: [RuleValue?], _ alarms: inout [Alarm]
  ) {
    var statuses = states.values[at].statuses
    let judge = RuleJudge(state: states.values[at], current: current, search: search)
    for (index, trigger) in rule.triggers.enumerated() {
      let found: RuleState.Status?
      do throws(RulePatternError) { found = try judge.status(trigger) } catch {
        note(
          RuleFault(
            topic: rule.topic, rule: rule.name, trigger: trigger.name, reason: error.reason))
        continue
      }
      guard let status = found else { continue }
      let before = statuses[index]
      if status != before { statuses[index] = status }
      if before == nil && status.severity == .normal && !reportsInitialNormal { continue }
      guard status != before || !trigger.isDeduplicated else { continue }
      alarms.append(alarm(rule, trigger, status, judge.state))
    }
    states.values[at].statuses = statuses
  }

  private func alarm(
    _ rule: Rule, _ trigger: RuleTrigger, _ status: RuleState.Status, _ state: RuleState
  ) -> Alarm {
    var alarm = Alarm(
      deviceID: state.device, group: group, message: status.message, rule: rule.name,
      severity: status.severity, topic: rule.topic, trigger: trigger.name)
    for (name, value) in zip(rule.keys, state.keys) {
      alarm.setKey(name, to: AlarmValue(string: value))
    }
    return alarm
  }

  private mutating func note(_ fault: RuleFault) {
    guard faults.count < Self.faultsMax,
      !faults.contains(where: {
        $0.topic == fault.topic && $0.rule == fault.rule && $0.trigger == fault.trigger
      })
    else { return }
    faults.append(fault)
  }

  /// Makes room for one more instance, where need be by giving up those without records for a day.
  private mutating func makeRoom(_ nowMs: Int64) -> Bool {
    if states.count < Self.instancesMax { return true }
    // Looking through all of them is for once a minute, not for each record.
    guard lastPurgeMs == .min || nowMs - lastPurgeMs >= 60_000 else { return false }
    lastPurgeMs = nowMs
    states = states.filter { nowMs - $0.value.lastMs < Self.idleMaxMs }
    sampleCount = states.values.reduce(0) { $0 + $1.sampleCount }
    return states.count < Self.instancesMax
  }
}

/// Something of a rule that could not be evaluated.
public struct RuleFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// Healthbot's topic.
  public let topic: String
  /// The rule.
  public let rule: String
  /// The trigger, which kept the status it had; nil where it is not in a trigger.
  public var trigger: String?
  /// Why.
  public let reason: String

  init(topic: String, rule: String, trigger: String? = nil, reason: String) {
    self.topic = topic
    self.rule = rule
    self.trigger = trigger
    self.reason = reason
  }

  /// The rule, the trigger and why.
  public var description: String {
    "rule \(shown(topic, limit: 80)) \(shown(rule, limit: 80))"
      + (trigger.map { ", trigger \(shown($0, limit: 80))" } ?? "") + ": \(reason)"
  }
}
