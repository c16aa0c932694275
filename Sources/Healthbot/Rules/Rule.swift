/// A rule in Healthbot's words: fields out of telemetry, and triggers that judge them.
public struct Rule: Sendable {
  /// Healthbot's topic, such as `protocol.ptp`; no Kafka topic.
  public let topic: String
  /// The rule's name, `rule-name`.
  public let name: String
  /// The names of the fields that tell instances of the rule apart, `keys`.
  public var keys: [String] { keyIndices.map { fields[$0].name } }
  /// What is taken or computed from a record, in the order of the file.
  public let fields: [RuleField]
  /// What was put for `{{…}}`.
  public let variables: [RuleVariable]
  /// What is judged, in the order of the file.
  public let triggers: [RuleTrigger]

  /// Places in `fields`.
  let keyIndices: [Int]
  /// Places in `fields`, such that a formula comes behind what it is computed from.
  let order: [Int]
  /// For each field, how far back its values are looked at, in milliseconds; 0 for the last two.
  let windowsMs: [Int64]
}

/// A variable of a rule, `variable`.
public struct RuleVariable: Hashable, Sendable {
  /// The name, which `{{…}}` holds.
  public let name: String
  /// The caller's value, else the rule's own; nil where there is neither.
  public let value: String?
}

/// A field of a rule, `field`.
public struct RuleField: Sendable {
  /// Where the value comes from.
  enum Source: Sendable {
    case sensor(RuleSensorPath)
    case constant(RuleText)
    case formula(RuleFormula)
  }

  /// The name, which `$…` means.
  public let name: String
  /// The type; nil where a value stays as the record has it.
  public let type: RuleFieldType?
  let source: Source
}

/// Where in a record a field is, and when it counts.
struct RuleSensorPath: Sendable {
  /// The sensor's name.
  var sensor: String
  /// The path without a leading `/`.
  var path: String
  /// All must hold, `where`.
  var filters: [RuleFilter] = []
  /// The value where a record of the sensor lacks the path: `zero-suppression`, `data-if-missing`.
  var ifMissing: RuleValue?
}

/// Keeps what a condition on another path holds for, `where`.
struct RuleFilter: Sendable {
  enum Test: Sendable {
    case matches(pattern: String, negated: Bool)
    case compare(RuleComparison, RuleValue)
  }

  /// The path without a leading `/`.
  var path: String
  var test: Test
}

/// A trigger, `trigger`: its terms, of which the first that matches decides.
public struct RuleTrigger: Sendable {
  /// The name, `trigger-name`.
  public let name: String
  /// Healthbot's interval of evaluation in milliseconds; nil where the rule has none.
  ///
  /// hbcat judges each record when it comes, so that an alarm does not wait for a next round.
  public let frequencyMs: Int64?
  /// True for `disable-alarm-deduplication`: each evaluation raises.
  public let isDeduplicated: Bool
  /// The terms, in their order.
  public let terms: [RuleTerm]
}

/// A term of a trigger, `term`.
public struct RuleTerm: Sendable {
  /// The name, `term-name`.
  public let name: String
  /// What must hold, all of it; none always holds.
  public let when: [RuleCondition]
  /// What then is; nil where the term says nothing about the status.
  public let status: RuleStatus?
  /// True for `next`: the terms behind are evaluated as well.
  public let continues: Bool
}

/// A status, `then { status { color …; message …; } }`.
public struct RuleStatus: Sendable {
  /// red is major, yellow minor, green normal.
  public let severity: Alarm.Severity
  let message: RuleText
}
