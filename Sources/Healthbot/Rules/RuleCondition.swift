/// A condition of a term, out of `when`.
public struct RuleCondition: Sendable {
  /// What is asked.
  enum Test: Sendable {
    case compare(RuleComparison, RuleOperand, RuleOperand)
    /// The text, and the regular expression that is searched in it.
    case matches(RuleOperand, RuleText, ignoresCase: Bool, negated: Bool)
    case exists(field: Int)
    case increase(RuleIncrease)
    case range(field: Int, min: Double?, max: Double?)
  }

  /// Which values of the time range are asked.
  enum Quantifier: Sendable {
    /// The last one, which must lie in the range where there is one.
    case latest
    /// Every one, and at least one.
    case all
    /// At least one.
    case any
  }

  let test: Test
  let quantifier: Quantifier
  /// How far back values count, `time-range`; nil for the last one whenever it came.
  let timeRangeMs: Int64?
}

/// How two values are compared; the raw value is Healthbot's word.
enum RuleComparison: String, Sendable {
  case equalTo = "equal-to"
  case notEqualTo = "not-equal-to"
  case lessThan = "less-than"
  case lessThanOrEqualTo = "less-than-or-equal-to"
  case greaterThan = "greater-than"
  case greaterThanOrEqualTo = "greater-than-or-equal-to"

  /// Whether it holds; false where an order is asked of what are no numbers.
  func holds(_ a: RuleValue, _ b: RuleValue) -> Bool {
    switch self {
    case .equalTo: RuleValue.isEqual(a, b)
    case .notEqualTo: !RuleValue.isEqual(a, b)
    case .lessThan: RuleValue.order(a, b).map { $0 < 0 } ?? false
    case .lessThanOrEqualTo: RuleValue.order(a, b).map { $0 <= 0 } ?? false
    case .greaterThan: RuleValue.order(a, b).map { $0 > 0 } ?? false
    case .greaterThanOrEqualTo: RuleValue.order(a, b).map { $0 >= 0 } ?? false
    }
  }
}

/// A side of a comparison.
enum RuleOperand: Hashable, Sendable {
  /// A place in the rule's fields.
  case field(Int)
  case value(RuleValue)
}

/// How much a field grows from one value to the next.
struct RuleIncrease: Sendable {
  /// A place in the rule's fields.
  var field: Int
  /// `increasing-at-least-…`; false for `increasing-at-most-…`.
  var isAtLeast: Bool
  /// The least or the most; nil for any increase at all.
  var limit: RuleOperand?
  /// Milliseconds of the unit of a rate, `per`; nil where the increase itself is limited.
  var perMs: Int64?
  /// True where the limit is in percent of the value before.
  var isPercentage = false
}
