/// Makes a rule of a `rule` statement; what hbcat does not do is refused by name.
struct RuleReader {
  /// The offset where no sensor and no rule says a frequency, in milliseconds.
  static let offsetDefaultMs: Int64 = 60_000
  /// The most fields, triggers and so on of a rule.
  static let partsMax = 1000
  /// How long a value before counts for a rate where `hold-time` is not said: a day.
  static let holdDefaultMs: Int64 = 86_400_000

  let file: String
  let topic: String
  let name: String
  let statement: JunosStatement
  /// One offset in milliseconds.
  var offsetMs = Self.offsetDefaultMs
  /// The values of variables; nil where there is none.
  var variables: [String: String?] = [:]
  /// Where each field is; grows before the fields are read.
  var places: [String: Int] = [:]

  init(_ statement: JunosStatement, topic: String, file: String) {
    self.statement = statement
    self.topic = topic
    self.file = file
    name = statement.arguments.first ?? ""
  }

  /// Reads the rule; `values` are the caller's for variables.
  mutating func rule(values: [String: String]) throws(RuleError) -> Rule {
    guard !name.isEmpty else { throw invalid("it has no name", statement) }
    try refuse()
    offsetMs = try offset()
    let variables = try readVariables(values)
    var declared = statement.all("field")
    let keys = statement.all("keys").flatMap(\.arguments)
    guard max(declared.count, statement.children.count) <= Self.partsMax else {
      throw invalid("it has more than \(Self.partsMax) fields and other parts", statement)
    }
    for field in declared { try addPlace(field.arguments.first ?? "", field) }
    // A key that no field gives is a path of its own name, as the tags of a sensor are.
    for name in keys + implicitNames() where places[name] == nil {
      try addPlace(name, statement)
      declared.append(implicitField(name))
    }
    var fields: [RuleField] = []
    for field in declared { fields.append(try self.field(field)) }
    var triggers: [RuleTrigger] = []
    for trigger in statement.all("trigger") {
      let name = trigger.arguments.first ?? ""
      guard !triggers.contains(where: { $0.name == name }) else {
        throw invalid("trigger \(shown(name, limit: 64)) is there twice", trigger)
      }
      triggers.append(try self.trigger(trigger))
    }
    return Rule(
      topic: topic, name: name, fields: fields, variables: variables, triggers: triggers,
      keyIndices: keys.compactMap { places[$0] }, order: try order(fields, declared),
      windowsMs: Self.windowsMs(fields, triggers))
  }

  /// The names behind `$` that no field has, where the rule has a sensor with a table.
  ///
  /// The columns of the tables of iAgent and SNMP sensors are fields without being declared.
  private func implicitNames() -> [String] {
    let hasTable = statement.all("sensor").contains { sensor in
      sensor.children.contains { $0.name == "iAgent" || $0.name == "snmp" }
    }
    guard hasTable else { return [] }
    var names: [String] = []
    func visit(_ statements: [JunosStatement]) {
      for statement in statements {
        for word in statement.words { names += RuleNames.all(in: word) }
        visit(statement.children)
      }
    }
    visit(statement.all("field").flatMap { $0.all("formula") })
    for term in statement.all("trigger").flatMap({ $0.all("term") }) { visit(term.children) }
    return names.filter { name in
      RuleNames.longest(in: Array(name.utf8)[...], { places[$0] }) == nil
        && variables[name] == nil
    }
  }

  /// A field whose path is its name, of the first sensor.
  private func implicitField(_ name: String) -> JunosStatement {
    let place = statement.place
    let sensor = statement.child("sensor")?.arguments.first ?? ""
    let path = JunosStatement(words: ["path", name], place: place)
    return JunosStatement(
      words: ["field", name],
      children: [JunosStatement(words: ["sensor", sensor], children: [path], place: place)],
      place: place)
  }

  private mutating func addPlace(_ name: String, _ statement: JunosStatement) throws(RuleError) {
    guard !name.isEmpty else { throw invalid("a field has no name", statement) }
    guard places.updateValue(places.count, forKey: name) == nil else {
      throw invalid("field \(shown(name, limit: 64)) is there twice", statement)
    }
  }

  /// Refuses the statements that are not for hbcat, and those that Healthbot does not know.
  private func refuse() throws(RuleError) {
    for child in statement.children {
      switch child.name {
      case "function": throw unsupported("function \(argument(child))", child)
      case "vector": throw unsupported("vector \(argument(child))", child)
      case "network-rule": throw unsupported("network-rule", child)
      case "description", "synopsis", "keys", "sensor", "field", "variable", "trigger",
        "rule-frequency", "field-aggregation-time-range", "rule-properties",
        "disable-no-data-alarm":
        break
      default:
        throw invalid("Healthbot's rules have no \(shown(child.name, limit: 64))", child)
      }
    }
  }

  /// The longest frequency of the rule's sensors, else the rule's own.
  private func offset() throws(RuleError) -> Int64 {
    var longest: Int64?
    for sensor in statement.all("sensor") {
      for kind in sensor.children {
        guard let frequency = kind.child("frequency") else { continue }
        longest = max(longest ?? 0, try span(frequency))
      }
    }
    if let longest { return longest }
    guard let frequency = statement.child("rule-frequency") else { return Self.offsetDefaultMs }
    return try span(frequency)
  }

  /// The span of time that is a statement's argument, in milliseconds.
  func span(_ statement: JunosStatement) throws(RuleError) -> Int64 {
    let text = try substituted(statement.arguments.first ?? "", statement)
    guard let duration = RuleDuration(text) else {
      throw invalid(
        "\(statement.name) \(shown(text, limit: 40)) is no span of time such as 60s or 3offset",
        statement)
    }
    return duration.milliseconds(offsetMs: offsetMs)
  }

  private mutating func readVariables(_ values: [String: String]) throws(RuleError)
    -> [RuleVariable]
  {
    var result: [RuleVariable] = []
    for variable in statement.all("variable") {
      guard let name = variable.arguments.first else {
        throw invalid("a variable has no name", variable)
      }
      guard variables[name] == nil else {
        throw invalid("variable \(shown(name, limit: 64)) is there twice", variable)
      }
      let value = values[name] ?? variable.value("value")
      variables[name] = .some(value)
      result.append(RuleVariable(name: name, value: value))
    }
    return result
  }

  // MARK: Texts

  /// The text with the variables' values for `{{…}}`; `{{$field}}` becomes `$field`.
  func substituted(_ text: String, _ statement: JunosStatement) throws(RuleError) -> String {
    var result = ""
    var rest = text[...]
    while let open = rest.firstRange(of: "{{"),
      let close = rest[open.upperBound...].firstRange(of: "}}")
    {
      result += rest[..<open.lowerBound]
      let inside = rest[open.upperBound..<close.lowerBound]
        .drop { $0 == " " }.split(separator: " ", omittingEmptySubsequences: true)
        .joined(separator: " ")
      if inside.hasPrefix("$") {
        result += inside
      } else {
        guard let variable = variables[inside] else {
          throw invalid("there is no variable {{\(inside.prefix(64))}}", statement)
        }
        guard let value = variable else {
          throw invalid("variable {{\(inside.prefix(64))}} has no value; give it one", statement)
        }
        result += value
      }
      rest = rest[close.upperBound...]
    }
    return result + rest
  }

  /// A text in which fields' values go.
  func text(_ text: String, _ statement: JunosStatement) throws(RuleError) -> RuleText {
    RuleText(try substituted(text, statement)) { places[$0] }
  }

  /// The field that `$name`, or in some places `name`, means.
  func field(named text: String, _ statement: JunosStatement) throws(RuleError) -> Int {
    let text = try substituted(text, statement)
    if text.hasPrefix("@") { throw unsupported("vector \(text.prefix(64))", statement) }
    let name = text.hasPrefix("$") ? String(text.dropFirst()) : text
    guard let index = places[name] else {
      throw invalid(
        "\(statement.name) of \(shown(text, limit: 64)): the rule has no such field", statement)
    }
    return index
  }

  /// A side of a comparison: `$field`, or a constant.
  func operand(_ text: String, _ statement: JunosStatement) throws(RuleError) -> RuleOperand {
    let text = try substituted(text, statement)
    if text.hasPrefix("@") { throw unsupported("vector \(text.prefix(64))", statement) }
    guard text.hasPrefix("$") else { return .value(RuleValue(parsing: text)) }
    // Some rules of the public collection write $threshold for the variable {{threshold}}.
    let name = String(text.dropFirst())
    if places[name] == nil, let value = variables[name] ?? nil {
      return .value(RuleValue(parsing: value))
    }
    return .field(try field(named: text, statement))
  }

  // MARK: What follows from the fields

  /// Places in `fields` such that what a field is computed from comes before it.
  private func order(_ fields: [RuleField], _ statements: [JunosStatement]) throws(RuleError)
    -> [Int]
  {
    var done = [Bool](repeating: false, count: fields.count)
    var order: [Int] = []
    while order.count < fields.count {
      let ready = fields.indices.filter { index in
        !done[index] && fields[index].source.fields.allSatisfy { done[$0] }
      }
      guard !ready.isEmpty else {
        let at = done.firstIndex(of: false) ?? 0
        throw invalid(
          "field \(shown(fields[at].name, limit: 64)) is computed from itself", statements[at])
      }
      for index in ready { done[index] = true }
      order += ready
    }
    return order
  }

  private static func windowsMs(_ fields: [RuleField], _ triggers: [RuleTrigger]) -> [Int64] {
    var windows = [Int64](repeating: 0, count: fields.count)
    func need(_ field: Int, _ ms: Int64) { windows[field] = max(windows[field], ms) }
    for field in fields {
      guard case .formula(let formula) = field.source else { continue }
      for index in formula.fields { need(index, formula.windowMs) }
    }
    for condition in triggers.flatMap(\.terms).flatMap(\.when) {
      if let field = condition.judged { need(field, condition.timeRangeMs ?? 0) }
    }
    return windows
  }

  // MARK: Errors

  /// A statement's first argument, as an error shows it.
  func argument(_ statement: JunosStatement) -> String {
    shown(statement.arguments.first ?? "", limit: 64)
  }

  /// The error for what hbcat does not do.
  func unsupported(_ thing: String, _ statement: JunosStatement) -> RuleError {
    RuleError(
      reason: .unsupported(rule: name, thing: thing), file: file, line: statement.place.line,
      column: statement.place.column)
  }

  /// The error for what Healthbot would not take either.
  func invalid(_ why: String, _ statement: JunosStatement) -> RuleError {
    RuleError(
      reason: .invalid(rule: name, why), file: file, line: statement.place.line,
      column: statement.place.column)
  }
}

extension RuleField.Source {
  /// The fields that the value is made of.
  var fields: [Int] {
    switch self {
    case .sensor: []
    case .constant(let text): text.fields
    case .formula(let formula): formula.fields
    }
  }
}

extension RuleCondition {
  /// The field of whose values it asks several, where it does.
  fileprivate var judged: Int? {
    if quantifier == .latest { return nil }
    switch test {
    case .compare(_, .field(let field), _), .matches(.field(let field), _, _, _),
      .exists(let field), .range(let field, _, _):
      return field
    case .increase(let increase): return increase.field
    case .compare, .matches: return nil
    }
  }
}
