/// The rules of files, and those that cannot be used.
public struct RuleSet: Sendable {
  /// Healthbot's topic for rules that no topic has been said for.
  public static let topicDefault = "external"

  /// The rules that can be used, in the order of the files.
  public private(set) var rules: [Rule] = []
  /// Why other rules cannot be, each with its name and its place.
  public private(set) var refused: [RuleError] = []

  /// Makes an empty set.
  public init() {}

  /// Adds the rules of a file, in Junos's format or in the JSON of Healthbot's API.
  ///
  /// `file` is its name, for errors. `variables` are values for `{{…}}`, instead of the rules' own.
  /// Topics stand in `healthbot { topic … }`; JSON without a topic has `topicDefault`.
  /// - Throws: `RuleError` where the file as a whole cannot be read; a single rule goes to `refused`.
  public mutating func add(
    _ text: UnsafeRawBufferPointer, file: String, variables: [String: String] = [:]
  ) throws(RuleError) {
    let isJSON = text.first { $0 > 0x20 } == UInt8(ascii: "{")
    let tree =
      try isJSON ? JunosTree(json: text, file: file) : JunosTree(text, file: file)
    var found = 0
    func visit(_ statements: [JunosStatement], topic: String) {
      for statement in statements {
        switch statement.name {
        // Healthbot was Iceberg once, and some rules still say so.
        case "healthbot", "iceberg": visit(statement.children, topic: topic)
        case "topic":
          visit(statement.children, topic: statement.arguments.first ?? Self.topicDefault)
        case "rule":
          found += 1
          add(statement, topic: topic, file: file, variables)
        default: break
        }
      }
    }
    visit(tree.statements, topic: Self.topicDefault)
    guard found > 0 else {
      throw RuleError(
        reason: .syntax("there is no rule in the file"), file: file, line: 1, column: 1)
    }
  }

  private mutating func add(
    _ statement: JunosStatement, topic: String, file: String, _ variables: [String: String]
  ) {
    var reader = RuleReader(statement, topic: topic, file: file)
    do throws(RuleError) {
      let rule = try reader.rule(values: variables)
      guard !rules.contains(where: { $0.topic == topic && $0.name == rule.name }) else {
        throw reader.invalid("topic \(shown(topic, limit: 64)) has this rule already", statement)
      }
      rules.append(rule)
    } catch {
      refused.append(error)
    }
  }
}
