/// Searches a regular expression in a text.
///
/// How is for the owner of the engine to decide, with limits against hostile expressions, and with a
/// cache of compiled ones: an expression comes again and again.
public typealias RulePatternSearch = (_ pattern: String, _ text: String, _ ignoresCase: Bool)
  throws(RulePatternError) -> Bool

/// A regular expression is none, or takes too long.
public struct RulePatternError: Error, Hashable, Sendable {
  /// Why.
  public let reason: String

  /// Makes an error.
  public init(reason: String) { self.reason = reason }
}

/// Judges the terms of triggers by the last record and the values before.
struct RuleJudge {
  let state: RuleState
  /// The values of the record, by field.
  let current: [RuleValue?]
  let search: RulePatternSearch

  /// What a trigger says; nil where no term with a status matches, and it keeps what it said.
  ///
  /// Terms are asked in their order until one matches that does not go on to the `next`. Of several that
  /// match the worst counts, and the messages of those as bad are joined: the rules of the public
  /// collection that use `next` gather errors so, and end with a term that always says green.
  func status(_ trigger: RuleTrigger) throws(RulePatternError) -> RuleState.Status? {
    var result: RuleState.Status?
    for term in trigger.terms {
      guard try holds(term) else { continue }
      if let status = term.status {
        let message = status.message.text { state.latest($0, current) }
        if let worst = result, worst.severity == status.severity {
          result?.message = worst.message + "; " + message
        } else if status.severity.badness > (result?.severity.badness ?? -1) {
          result = .init(severity: status.severity, message: message)
        }
      }
      if !term.continues { break }
    }
    return result
  }

  private func holds(_ term: RuleTerm) throws(RulePatternError) -> Bool {
    for condition in term.when where try !holds(condition) { return false }
    return true
  }

  private func holds(_ condition: RuleCondition) throws(RulePatternError) -> Bool {
    switch condition.test {
    case .compare(let comparison, let left, let right):
      guard let right = value(right) else { return false }
      return quantify(values(left, condition), condition) { comparison.holds($0, right) }
    case .matches(let left, let pattern, let ignoresCase, let negated):
      let pattern = pattern.text { state.latest($0, current) }
      let values = values(left, condition)
      for value in values {
        let holds = try search(pattern, value.text, ignoresCase) != negated
        if holds != (condition.quantifier == .all) { return holds }
      }
      return !values.isEmpty && condition.quantifier == .all
    case .exists(let field):
      if condition.timeRangeMs == nil { return current[field] != nil }
      return !values(.field(field), condition).isEmpty
    case .range(let field, let min, let max):
      return quantify(values(.field(field), condition), condition) { value in
        value.number.map { $0 >= min ?? -.infinity && $0 <= max ?? .infinity } ?? false
      }
    case .increase(let increase):
      var limit: Double?
      if let operand = increase.limit {
        limit = value(operand)?.number
        if limit == nil { return false }
      }
      return quantify(pairs(increase.field, condition), condition) { old, new in
        guard let amount = Self.amount(increase, old, new) else { return false }
        guard let limit else { return amount > 0 }
        return increase.isAtLeast ? amount >= limit : amount <= limit
      }
    }
  }

  /// Where there is nothing to ask, nothing holds.
  private func quantify<T>(
    _ values: [T], _ condition: RuleCondition, _ holds: (T) -> Bool
  ) -> Bool {
    switch condition.quantifier {
    case .all: !values.isEmpty && values.allSatisfy(holds)
    case .any, .latest: values.contains(where: holds)
    }
  }

  private func value(_ operand: RuleOperand) -> RuleValue? {
    switch operand {
    case .value(let value): value
    case .field(let index): state.latest(index, current)
    }
  }

  /// The values of an operand that a condition asks; of `latest`, one at most.
  private func values(_ operand: RuleOperand, _ condition: RuleCondition) -> [RuleValue] {
    guard case .field(let index) = operand, let timeRangeMs = condition.timeRangeMs,
      !state.windows[index].samples.isEmpty
    else { return value(operand).map { [$0] } ?? [] }
    let samples = state.windows[index].samples(sinceMs: state.lastMs - timeRangeMs)
    return condition.quantifier == .latest
      ? samples.suffix(1).map(\.value) : samples.map(\.value)
  }

  /// The values next to one another that a condition asks; of `latest`, the last two.
  private func pairs(_ field: Int, _ condition: RuleCondition)
    -> [(RuleWindow.Sample, RuleWindow.Sample)]
  {
    let sinceMs = condition.timeRangeMs.map { state.lastMs - $0 } ?? .min
    if condition.quantifier == .latest || condition.timeRangeMs == nil {
      return state.lastPair(field, sinceMs: sinceMs).map { [$0] } ?? []
    }
    let samples = state.windows[field].samples(sinceMs: sinceMs)
    return Array(zip(samples, samples.dropFirst()))
  }

  private static func amount(
    _ increase: RuleIncrease, _ old: RuleWindow.Sample, _ new: RuleWindow.Sample
  ) -> Double? {
    guard var amount = RuleValue.difference(new.value, old.value)?.number else { return nil }
    if increase.isPercentage {
      guard let before = old.value.number, before != 0 else { return amount > 0 ? .infinity : nil }
      amount = amount / abs(before) * 100
    }
    if let perMs = increase.perMs {
      guard new.timeMs > old.timeMs else { return nil }
      amount *= Double(perMs) / Double(new.timeMs - old.timeMs)
    }
    return amount
  }
}

extension Alarm.Severity {
  /// 0 for normal, and more the worse it is.
  var badness: Int {
    switch self {
    case .normal: 0
    case .minor: 1
    case .major: 2
    }
  }
}
