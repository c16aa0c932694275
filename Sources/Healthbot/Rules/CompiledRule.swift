/// A rule whose paths are numbers, as the engine asks for them.
struct CompiledRule {
  let rule: Rule
  /// For each field, whether it comes from a record and is no key: only such a one makes a record count.
  let isData: [Bool]
  /// The slots of those fields.
  let sensorSlots: Set<Int>
  /// For each field, its slot; nil where it is not from a sensor.
  private let slots: [Int?]
  /// For each field, the slots of its filters.
  private let filterSlots: [[Int]]
  /// The keys that are computed.
  private let computedKeys: [Int]
  /// An instance without values, in which those are computed.
  private let blank: RuleState

  /// Compiles a rule; paths that have no slot get one.
  init(_ rule: Rule, slots paths: inout [[UInt8]: Int]) {
    func slot(_ path: String) -> Int {
      let key = Array(path.utf8)
      if let slot = paths[key] { return slot }
      let slot = paths.count
      paths[key] = slot
      return slot
    }
    self.rule = rule
    var slots: [Int?] = []
    var filterSlots: [[Int]] = []
    for field in rule.fields {
      if case .sensor(let path) = field.source {
        slots.append(slot(path.path))
        filterSlots.append(path.filters.map { slot($0.path) })
      } else {
        slots.append(nil)
        filterSlots.append([])
      }
    }
    // A rule all of whose fields are keys is about their being there.
    let isAllKeys = slots.indices.allSatisfy {
      slots[$0] == nil || rule.keyIndices.contains($0)
    }
    isData = slots.indices.map {
      slots[$0] != nil && (isAllKeys || !rule.keyIndices.contains($0))
    }
    sensorSlots = Set(zip(slots, isData).compactMap { $1 ? $0 : nil })
    computedKeys = rule.order.filter { index in
      if case .formula = rule.fields[index].source {
        rule.keyIndices.contains(index)
      } else {
        false
      }
    }
    blank = RuleState(rule, device: "", keys: [], lastMs: 0)
    self.slots = slots
    self.filterSlots = filterSlots
  }

  /// The values of a record by field: those of sensors, of constants, and of keys that are computed.
  func values(_ record: [RuleValue?], _ search: RulePatternSearch) throws(RulePatternError)
    -> [RuleValue?]
  {
    var values = [RuleValue?](repeating: nil, count: rule.fields.count)
    var present: Set<String> = []
    var missing: [Int] = []
    for (index, field) in rule.fields.enumerated() {
      guard case .sensor(let path) = field.source, let slot = slots[index] else { continue }
      guard try passes(index, path, record, search) else { continue }
      if let value = record[slot] {
        values[index] = field.type.map { $0.cast(value) } ?? value
        if isData[index] { present.insert(path.sensor) }
      } else if path.ifMissing != nil {
        missing.append(index)
      }
    }
    for index in missing {
      let field = rule.fields[index]
      guard case .sensor(let path) = field.source, present.contains(path.sensor),
        let value = path.ifMissing
      else { continue }
      values[index] = field.type.map { $0.cast(value) } ?? value
    }
    for index in rule.order {
      let field = rule.fields[index]
      guard case .constant(let text) = field.source else { continue }
      let value = RuleValue(parsing: text.text { values[$0] })
      values[index] = field.type.map { $0.cast(value) } ?? value
    }
    for index in computedKeys {
      guard case .formula(let formula) = rule.fields[index].source else { continue }
      values[index] = blank.value(formula, values)
    }
    return values
  }

  /// Whether all filters of a field let the record pass; one without the path does not.
  private func passes(
    _ index: Int, _ path: RuleSensorPath, _ record: [RuleValue?], _ search: RulePatternSearch
  ) throws(RulePatternError) -> Bool {
    for (filter, slot) in zip(path.filters, filterSlots[index]) {
      guard let value = record[slot] else { return false }
      switch filter.test {
      case .matches(let pattern, let negated):
        guard try search(pattern, value.text, false) != negated else { return false }
      case .compare(let comparison, let operand):
        guard comparison.holds(value, operand) else { return false }
      }
    }
    return true
  }
}

extension Rule {
  /// Tries the regular expressions that do not depend on a record.
  func checkPatterns(_ search: RulePatternSearch) throws(RuleFault) {
    func check(_ pattern: String, _ ignoresCase: Bool, trigger: String?) throws(RuleFault) {
      do throws(RulePatternError) { _ = try search(pattern, "", ignoresCase) } catch {
        throw RuleFault(topic: topic, rule: name, trigger: trigger, reason: error.reason)
      }
    }
    for field in fields {
      guard case .sensor(let path) = field.source else { continue }
      for filter in path.filters {
        if case .matches(let pattern, _) = filter.test {
          try check(pattern, false, trigger: nil)
        }
      }
    }
    for trigger in triggers {
      for condition in trigger.terms.flatMap(\.when) {
        if case .matches(_, let text, let ignoresCase, _) = condition.test,
          let pattern = text.constant
        {
          try check(pattern, ignoresCase, trigger: trigger.name)
        }
      }
    }
  }
}
