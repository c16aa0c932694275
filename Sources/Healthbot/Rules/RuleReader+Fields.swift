extension RuleReader {
  /// Reads a `field` statement.
  func field(_ statement: JunosStatement) throws(RuleError) -> RuleField {
    var type: RuleFieldType?
    var source: RuleField.Source?
    for child in statement.children {
      switch child.name {
      case "description": break
      case "type":
        type = RuleFieldType(rawValue: child.arguments.first ?? "")
        guard type != nil else {
          throw invalid(
            "type \(argument(child)) of field \(argument(statement)) is none; use "
              + RuleFieldType.allCases.map(\.rawValue).joined(separator: ", "), child)
        }
      case "reference": throw unsupported("reference field \(argument(statement))", child)
      case "sensor":
        guard source == nil else {
          throw unsupported("field \(argument(statement)) of several sources", child)
        }
        source = .sensor(try sensorPath(child))
      case "constant":
        source = .constant(try text(child.value("value") ?? "", child.child("value") ?? child))
      case "formula": source = .formula(try formula(child, of: statement))
      default: throw invalid("a field has no \(shown(child.name, limit: 64))", child)
      }
    }
    guard let source, let name = statement.arguments.first else {
      throw invalid(
        "field \(argument(statement)) has no sensor, constant or formula", statement)
    }
    return RuleField(name: name, type: type, source: source)
  }

  private func sensorPath(_ statement: JunosStatement) throws(RuleError) -> RuleSensorPath {
    guard let path = statement.child("path"), let text = path.arguments.first else {
      throw invalid("sensor \(argument(statement)) of a field has no path", statement)
    }
    guard !text.contains("[") else {
      throw unsupported("path \(shown(text, limit: 80)) with a condition", path)
    }
    var result = RuleSensorPath(
      sensor: statement.arguments.first ?? "",
      path: TelemetryPath.normalized(try substituted(text, path)))
    for filter in statement.all("where") { result.filters.append(try self.filter(filter)) }
    if statement.child("zero-suppression") != nil {
      result.ifMissing = .integer(0)
    } else if let missing = statement.child("data-if-missing")?.child("value") {
      result.ifMissing = RuleValue(
        parsing: try substituted(missing.arguments.first ?? "", missing))
    }
    return result
  }

  /// Reads `where "name =~ /ge-.*/"`.
  private func filter(_ statement: JunosStatement) throws(RuleError) -> RuleFilter {
    let text = try substituted(statement.arguments.first ?? "", statement)
    let refusal = unsupported("where \(shown(text, limit: 80))", statement)
    let left = text.prefix { !" =!<>~".contains($0) }
    let rest = text[left.endIndex...].drop { $0 == " " }
    let sign = rest.prefix { "=!<>~".contains($0) }
    var right = String(rest[sign.endIndex...].drop { $0 == " " })
    while right.hasSuffix(" ") { right.removeLast() }
    guard !left.isEmpty, !right.isEmpty else { throw refusal }
    let path = TelemetryPath.normalized(String(left))
    if right.utf8.count >= 2, right.hasPrefix("/"), right.hasSuffix("/") {
      let pattern = String(right.dropFirst().dropLast())
      for word in ["/ and ", "/ or ", "/ AND ", "/ OR ", "/ && ", "/ || "]
      where pattern.contains(word) { throw refusal }
      switch sign {
      case "=~", "==", "=":
        return RuleFilter(path: path, test: .matches(pattern: pattern, negated: false))
      case "!~", "!=":
        return RuleFilter(path: path, test: .matches(pattern: pattern, negated: true))
      default: throw refusal
      }
    }
    guard let comparison = Self.comparisons[String(sign)],
      !right.contains(" ") || Self.isQuoted(right)
    else { throw refusal }
    if Self.isQuoted(right) {
      let inside = String(right.dropFirst().dropLast())
      guard !inside.contains("'"), !inside.contains("\"") else { throw refusal }
      return RuleFilter(path: path, test: .compare(comparison, .string(inside)))
    }
    return RuleFilter(path: path, test: .compare(comparison, RuleValue(parsing: right)))
  }

  private static func isQuoted(_ text: String) -> Bool {
    text.utf8.count >= 2
      && (text.hasPrefix("'") && text.hasSuffix("'")
        || text.hasPrefix("\"") && text.hasSuffix("\""))
  }

  private static let comparisons: [String: RuleComparison] = [
    "==": .equalTo, "=": .equalTo, "!=": .notEqualTo, "<": .lessThan,
    "<=": .lessThanOrEqualTo, ">": .greaterThan, ">=": .greaterThanOrEqualTo,
  ]

  private func formula(_ statement: JunosStatement, of field: JunosStatement) throws(RuleError)
    -> RuleFormula
  {
    guard let formula = statement.children.last else {
      throw invalid("formula of field \(argument(field)) is empty", statement)
    }
    func operand() throws(RuleError) -> Int {
      try self.field(
        named: formula.value("field-name") ?? "", formula.child("field-name") ?? formula)
    }
    switch formula.name {
    case "eval":
      let child = formula.child("expression") ?? formula
      let text = try substituted(child.arguments.first ?? "", child)
      guard let expression = RuleExpression(text, field: { places[$0] }) else {
        throw unsupported("expression \(shown(text, limit: 80))", child)
      }
      return .eval(expression)
    case "rate-of-change":
      return .rateOfChange(
        field: try operand(), factor: try factor(formula), holdMs: try hold(formula))
    case "elapsed-time":
      return .elapsedTime(
        field: try operand(), factor: try factor(formula), holdMs: try hold(formula))
    case "value-difference":
      return .valueDifference(field: try operand(), holdMs: try hold(formula))
    case "concatenate":
      var texts: [RuleText] = []
      for strings in formula.all("strings") {
        for string in strings.arguments { texts.append(try text(string, strings)) }
      }
      return .concatenate(texts)
    default:
      guard let aggregate = RuleFormula.Aggregate(rawValue: formula.name) else {
        throw unsupported("formula \(shown(formula.name, limit: 40))", formula)
      }
      guard
        let range = formula.child("time-range")
          ?? self.statement.child("field-aggregation-time-range")
      else {
        throw invalid("formula \(formula.name) of \(argument(field)) has no time-range", formula)
      }
      return .aggregate(aggregate, field: try operand(), timeRangeMs: try span(range))
    }
  }

  private func factor(_ formula: JunosStatement) throws(RuleError) -> Double {
    guard let statement = formula.child("multiplication-factor") else { return 1 }
    let text = try substituted(statement.arguments.first ?? "", statement)
    guard let factor = RuleValue(parsing: text).number else {
      throw invalid("multiplication-factor \(shown(text, limit: 40)) is no number", statement)
    }
    return factor
  }

  private func hold(_ formula: JunosStatement) throws(RuleError) -> Int64 {
    guard let statement = formula.child("hold-time") else { return Self.holdDefaultMs }
    return try span(statement)
  }
}
