/// What is known of one instance of a rule: one device and one set of keys.
struct RuleState: Sendable {
  /// What a trigger last said.
  struct Status: Hashable, Sendable {
    var severity: Alarm.Severity
    var message: String
  }

  /// The device.
  let device: String
  /// The values of the rule's keys, in their order.
  let keys: [String]
  /// The last values, by field.
  var windows: [RuleWindow]
  /// What was last raised, by trigger.
  var statuses: [Status?]
  /// The time of the last record, in milliseconds since 1970.
  var lastMs: Int64

  init(_ rule: Rule, device: String, keys: [String], lastMs: Int64) {
    self.device = device
    self.keys = keys
    self.lastMs = lastMs
    windows = Array(repeating: RuleWindow(), count: rule.fields.count)
    statuses = Array(repeating: nil, count: rule.triggers.count)
  }

  /// Drops the values of a record that are older than what is kept, and says whether any are left.
  ///
  /// That is by field: sensors of one rule have clocks of their own.
  func drop(_ rule: CompiledRule, _ current: inout [RuleValue?], before timeMs: Int64) -> Bool {
    var isFresh = false
    for index in current.indices where rule.isData[index] && current[index] != nil {
      let isKey = rule.rule.keyIndices.contains(index)
      if timeMs < (isKey ? lastMs : windows[index].samples.last?.timeMs ?? .min) {
        if !isKey { current[index] = nil }
      } else {
        isFresh = true
      }
    }
    return isFresh
  }

  /// Computes the formulas and keeps the values of a record.
  ///
  /// `current` has the values of sensors and constants by field. Returns by how many values it has grown.
  mutating func update(
    _ rule: Rule, _ current: inout [RuleValue?], timeMs: Int64, samplesMax: Int
  ) -> Int {
    lastMs = max(lastMs, timeMs)
    var growth = 0
    for index in rule.order {
      let field = rule.fields[index]
      var sampleMs = timeMs
      switch field.source {
      case .constant: continue
      case .sensor: break
      case .formula(let formula):
        sampleMs = lastMs
        current[index] = value(formula, current).flatMap { value in
          field.type.map { $0.cast(value) } ?? value
        }
      }
      guard let value = current[index], !rule.keyIndices.contains(index) else { continue }
      growth += windows[index].append(
        .init(timeMs: sampleMs, value: value), windowMs: rule.windowsMs[index],
        samplesMax: samplesMax)
    }
    return growth
  }

  // MARK: Formulas

  /// What a formula makes of a record and the values before; nil where a value is missing.
  func value(_ formula: RuleFormula, _ current: [RuleValue?]) -> RuleValue? {
    switch formula {
    case .eval(let expression): return expression.value { latest($0, current) }
    case .concatenate(let texts):
      return .string(texts.map { $0.text { latest($0, current) } }.joined())
    case .valueDifference(let field, let holdMs):
      guard current[field] != nil, let (old, new) = lastPair(field, sinceMs: lastMs - holdMs)
      else { return nil }
      return RuleValue.difference(new.value, old.value)
    case .elapsedTime(let field, let factor, let holdMs):
      guard current[field] != nil, let (old, new) = lastPair(field, sinceMs: lastMs - holdMs)
      else { return nil }
      return RuleValue.finite(Double(new.timeMs - old.timeMs) / 1000 * factor)
    case .rateOfChange(let field, let factor, let holdMs):
      guard current[field] != nil, let (old, new) = lastPair(field, sinceMs: lastMs - holdMs),
        new.timeMs > old.timeMs,
        let difference = RuleValue.difference(new.value, old.value)?.number
      else { return nil }
      return RuleValue.finite(difference / (Double(new.timeMs - old.timeMs) / 1000) * factor)
    case .aggregate(let aggregate, let field, let timeRangeMs):
      let samples = windows[field].samples(sinceMs: lastMs - timeRangeMs)
      if aggregate == .count { return .integer(Int64(samples.count)) }
      let numbers = samples.compactMap(\.value.number)
      guard let first = numbers.first else { return nil }
      switch aggregate {
      case .count: return .integer(Int64(numbers.count))
      case .max: return .float(numbers.reduce(first, Swift.max))
      case .min: return .float(numbers.reduce(first, Swift.min))
      case .sum: return RuleValue.finite(numbers.reduce(0, +))
      case .mean: return RuleValue.finite(numbers.reduce(0, +) / Double(numbers.count))
      }
    }
  }

  /// The last value: the record's, else the one before.
  func latest(_ field: Int, _ current: [RuleValue?]) -> RuleValue? {
    current[field] ?? windows[field].samples.last?.value
  }

  /// The last two values of a time range, the older first.
  func lastPair(_ field: Int, sinceMs: Int64) -> (RuleWindow.Sample, RuleWindow.Sample)? {
    let samples = windows[field].samples(sinceMs: sinceMs)
    guard samples.count >= 2, let new = samples.last, let old = samples.dropLast().last else {
      return nil
    }
    return (old, new)
  }
}
