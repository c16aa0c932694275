/// How a field is computed, `formula`; fields are places in the rule's fields.
enum RuleFormula: Sendable {
  case eval(RuleExpression)
  /// Change per second, times the factor.
  case rateOfChange(field: Int, factor: Double, holdMs: Int64)
  case valueDifference(field: Int, holdMs: Int64)
  /// Seconds since the value before, times the factor.
  case elapsedTime(field: Int, factor: Double, holdMs: Int64)
  case aggregate(Aggregate, field: Int, timeRangeMs: Int64)
  case concatenate([RuleText])

  /// What is made of all values of a time range.
  enum Aggregate: String, Sendable {
    case count, max, mean, min, sum
  }

  /// The fields that it is computed from.
  var fields: [Int] {
    switch self {
    case .eval(let expression): expression.fields
    case .rateOfChange(let field, _, _), .valueDifference(let field, _),
      .elapsedTime(let field, _, _), .aggregate(_, let field, _):
      [field]
    case .concatenate(let texts): texts.flatMap(\.fields)
    }
  }

  /// How far back values of a field are looked at, in milliseconds.
  var windowMs: Int64 {
    switch self {
    // The last two values are kept in any case.
    case .eval, .concatenate, .rateOfChange, .valueDifference, .elapsedTime: 0
    case .aggregate(_, _, let timeRangeMs): timeRangeMs
    }
  }
}
