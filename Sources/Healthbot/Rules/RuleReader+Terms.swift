extension RuleReader {
  /// Reads a `trigger` statement.
  func trigger(_ statement: JunosStatement) throws(RuleError) -> RuleTrigger {
    guard let name = statement.arguments.first else {
      throw invalid("a trigger has no name", statement)
    }
    var frequencyMs: Int64?
    var isDeduplicated = true
    var terms: [RuleTerm] = []
    for child in statement.children {
      switch child.name {
      case "description", "synopsis": break
      case "frequency": frequencyMs = try span(child)
      case "disable-alarm-deduplication": isDeduplicated = false
      case "term": terms.append(try term(child))
      default: throw invalid("a trigger has no \(shown(child.name, limit: 64))", child)
      }
    }
    return RuleTrigger(
      name: name, frequencyMs: frequencyMs, isDeduplicated: isDeduplicated, terms: terms)
  }

  private func term(_ statement: JunosStatement) throws(RuleError) -> RuleTerm {
    var when: [RuleCondition] = []
    var status: RuleStatus?
    var continues = false
    for child in statement.children {
      switch child.name {
      case "description", "synopsis": break
      case "when":
        for condition in child.children { when.append(try self.condition(condition)) }
      case "then":
        for action in child.children {
          switch action.name {
          case "status": status = try self.status(action)
          case "next": continues = true
          default:
            throw unsupported("\(shown(action.name, limit: 64)) \(argument(action))", action)
          }
        }
      default: throw invalid("a term has no \(shown(child.name, limit: 64))", child)
      }
    }
    return RuleTerm(
      name: statement.arguments.first ?? "", when: when, status: status, continues: continues)
  }

  private func status(_ statement: JunosStatement) throws(RuleError) -> RuleStatus {
    let severity: Alarm.Severity
    switch statement.value("color") {
    case "red": severity = .major
    case "yellow": severity = .minor
    case "green": severity = .normal
    case let color:
      throw invalid(
        "color \(shown(color ?? "", limit: 40)) is none; use red, yellow or green", statement)
    }
    let message = statement.child("message")
    return RuleStatus(
      severity: severity,
      message: try text(message?.arguments.first ?? "", message ?? statement))
  }

  private func condition(_ statement: JunosStatement) throws(RuleError) -> RuleCondition {
    var quantifier = RuleCondition.Quantifier.latest
    var timeRangeMs: Int64?
    for child in statement.children {
      switch child.name {
      case "all": quantifier = .all
      case "any": quantifier = .any
      case "time-range": timeRangeMs = try span(child)
      case "ignore-case", "value", "percentage", "per", "min", "max", "argument", "rate": break
      default:
        throw invalid("\(statement.name) has no \(shown(child.name, limit: 64))", child)
      }
    }
    return RuleCondition(
      test: try test(statement), quantifier: quantifier, timeRangeMs: timeRangeMs)
  }

  private func test(_ statement: JunosStatement) throws(RuleError) -> RuleCondition.Test {
    let arguments = Array(statement.arguments)
    func sides() throws(RuleError) -> (String, String) {
      guard arguments.count == 2 else {
        throw invalid("\(statement.name) needs a left and a right operand", statement)
      }
      return (arguments[0], arguments[1])
    }
    if let comparison = RuleComparison(rawValue: statement.name) {
      let (left, right) = try sides()
      return .compare(comparison, try operand(left, statement), try operand(right, statement))
    }
    let name = arguments.first ?? ""
    switch statement.name {
    case "matches-with", "does-not-match-with":
      let (left, right) = try sides()
      return .matches(
        try operand(left, statement), try text(right, statement),
        ignoresCase: statement.child("ignore-case") != nil,
        negated: statement.name == "does-not-match-with")
    case "exists": return .exists(field: try field(named: name, statement))
    case "range":
      return .range(
        field: try field(named: name, statement), min: try bound("min", statement),
        max: try bound("max", statement))
    case "increasing-at-least-by-value", "increasing-at-most-by-value",
      "increasing-at-least-by-rate", "increasing-at-most-by-rate":
      return .increase(try increase(statement, of: try field(named: name, statement)))
    default:
      throw unsupported("\(shown(statement.name, limit: 64)) \(argument(statement))", statement)
    }
  }

  private func bound(_ name: String, _ statement: JunosStatement) throws(RuleError) -> Double? {
    guard let child = statement.child(name) else { return nil }
    let text = try substituted(child.arguments.first ?? "", child)
    guard let number = RuleValue(parsing: text).number else {
      throw invalid("\(name) \(shown(text, limit: 40)) is no number", child)
    }
    return number
  }

  private func increase(_ statement: JunosStatement, of field: Int) throws(RuleError)
    -> RuleIncrease
  {
    var increase = RuleIncrease(
      field: field, isAtLeast: statement.name.hasPrefix("increasing-at-least"))
    if let limit = statement.child("value") ?? statement.child("percentage") {
      increase.limit = try operand(limit.arguments.first ?? "", limit)
      increase.isPercentage = limit.name == "percentage"
    } else if !increase.isAtLeast {
      throw invalid("\(statement.name) \(argument(statement)) needs a value", statement)
    }
    if statement.name.hasSuffix("rate") {
      guard let per = statement.child("per"),
        let unitMs = RuleDuration.unitMs(per.arguments.first ?? "")
      else {
        throw invalid(
          "\(statement.name) needs per second, minute, hour, day, week, month or year",
          statement.child("per") ?? statement)
      }
      increase.perMs = Int64(unitMs)
    }
    return increase
  }
}
