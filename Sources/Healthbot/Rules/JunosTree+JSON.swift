import JSON

extension JunosTree {
  /// Reads the JSON form of Healthbot's API into the same tree, so that rules have one reader.
  ///
  /// A list of objects becomes a statement for each, with its keys as words (`"field": [{"field-name":
  /// "f", …}]` is `field f { … }`), a list of strings one statement with all of them; `[null]`, `[]` and
  /// `true` are a statement without arguments, and `@…` annotations, `null` and `false` are none. A bare
  /// object with a `rule-name` or a `topic-name` is that rule or topic.
  /// - Throws: `RuleError` with the place where the text is not JSON, or has a name twice.
  init(json text: UnsafeRawBufferPointer, file: String) throws(RuleError) {
    guard text.count <= Self.bytesMax else {
      throw RuleError(
        reason: .tooLarge(byteCount: text.count), file: file, line: 1, column: 1)
    }
    var reading = JSONReading(text, file: file)
    statements = try reading.root()
  }
}

private struct JSONReading {
  /// The members of a list's objects that are words of the statement, in their order.
  private static let keys: [String: [String]] = {
    var keys: [String: [String]] = [
      "topic": ["topic-name"], "rule": ["rule-name"], "field": ["field-name"],
      "sensor": ["sensor-name"], "function": ["function-name"], "vector": ["vector-name"],
      "variable": ["name"], "trigger": ["trigger-name"], "term": ["term-name"],
      "where": ["query"], "argument": ["argument", "value"],
      "user-defined-function": ["function-name"], "user-defined-action": ["function-name"],
      "workflow": ["workflow-name"],
    ]
    for name in [
      "equal-to", "not-equal-to", "less-than", "less-than-or-equal-to", "greater-than",
      "greater-than-or-equal-to", "matches-with", "does-not-match-with",
    ] { keys[name] = ["left-operand", "right-operand"] }
    for name in [
      "exists", "range", "increasing-at-least-by-value", "increasing-at-most-by-value",
      "increasing-at-least-by-rate", "increasing-at-most-by-rate", "min-rate-of-increase",
      "max-rate-of-increase",
    ] { keys[name] = ["field-name"] }
    return keys
  }()

  private let file: String
  private var reader: JSONReader
  private var counter: PlaceCounter

  init(_ text: UnsafeRawBufferPointer, file: String) {
    self.file = file
    reader = JSONReader(text)
    counter = PlaceCounter(text)
  }

  mutating func root() throws(RuleError) -> [JunosStatement] {
    guard try next() == .objectStart else {
      throw error("rules are a JSON object with a list \"rule\" or \"topic\"")
    }
    let result = try members()
    _ = try next()
    for kind in ["rule", "topic"] {
      guard let key = Self.keys[kind]?.first, result.contains(where: { $0.name == key }) else {
        continue
      }
      let whole = JunosStatement(
        words: [kind], children: result, place: RulePlace(line: 1, column: 1))
      return [Self.named(whole)]
    }
    return result
  }

  /// The statement of an object, whose keys become words.
  private static func named(_ object: JunosStatement) -> JunosStatement {
    var object = object
    for key in keys[object.name] ?? [] {
      guard let at = object.children.firstIndex(where: { $0.name == key }) else { continue }
      object.words += object.children.remove(at: at).arguments
    }
    return object
  }

  private mutating func members() throws(RuleError) -> [JunosStatement] {
    var names: Set<String> = []
    var result: [JunosStatement] = []
    while case .name(let span)? = try next() {
      let name = reader.string(span)
      guard names.insert(name).inserted else {
        throw error("the name \(shown(name, limit: 80)) is there twice")
      }
      if name.hasPrefix("@") {
        _ = try skip()
      } else {
        try member(name, into: &result)
      }
    }
    return result
  }

  private mutating func member(_ name: String, into result: inout [JunosStatement])
    throws(RuleError)
  {
    guard let token = try next() else { return }
    var statement = JunosStatement(words: [name], place: here())
    switch token {
    case .bool(false), .null: return
    case .bool(true): result.append(statement)
    case .string(let span), .number(let span):
      statement.words.append(reader.string(span))
      result.append(statement)
    case .objectStart:
      statement.children = try members()
      result.append(statement)
    case .arrayStart: try list(statement, into: &result)
    case .name, .objectEnd, .arrayEnd: throw error("a value is missing")
    }
  }

  private mutating func list(_ statement: JunosStatement, into result: inout [JunosStatement])
    throws(RuleError)
  {
    var words: [String]? = []
    while let token = try next(), token != .arrayEnd {
      switch token {
      case .string(let span), .number(let span): words?.append(reader.string(span))
      case .null: break
      case .objectStart:
        var element = JunosStatement(words: statement.words, place: here())
        element.children = try members()
        guard !element.children.isEmpty else { continue }
        words = nil
        result.append(Self.named(element))
      case .bool, .arrayStart, .name, .objectEnd, .arrayEnd:
        throw error("a list of \"\(statement.name)\" cannot hold \(token.kind)")
      }
    }
    guard let words else { return }
    var statement = statement
    statement.words += words
    result.append(statement)
  }

  private mutating func next() throws(RuleError) -> JSONToken? {
    do { return try reader.next() } catch { throw translated(error) }
  }

  private mutating func skip() throws(RuleError) -> JSONSpan {
    do { return try reader.skipValue() } catch { throw translated(error) }
  }

  private func translated(_ cause: JSONError) -> RuleError {
    RuleError(
      reason: .syntax(cause.message), file: file, line: cause.line, column: cause.column)
  }

  /// Where the last token began.
  private mutating func here() -> RulePlace {
    counter.advance(to: reader.tokenOffset)
    return RulePlace(line: counter.line, column: counter.column)
  }

  private mutating func error(_ why: String) -> RuleError {
    let at = here()
    return RuleError(reason: .syntax(why), file: file, line: at.line, column: at.column)
  }
}
