import Healthbot

/// The rules of a text.
func ruleSet(_ text: String, file: String = "test.rule", variables: [String: String] = [:]) throws
  -> RuleSet
{
  var set = RuleSet()
  try Array(text.utf8).withUnsafeBytes { try set.add($0, file: file, variables: variables) }
  return set
}

/// The one rule of a text; the error that refuses it is thrown.
func rule(_ text: String, variables: [String: String] = [:]) throws -> Rule {
  let set = try ruleSet(text, variables: variables)
  if let refusal = set.refused.first { throw refusal }
  guard let rule = set.rules.first else { throw NoRule() }
  return rule
}

struct NoRule: Error {}

/// Why a text, or its rule, is refused.
func refusal(_ text: String, variables: [String: String] = [:]) -> String {
  do {
    let rule = try rule(text, variables: variables)
    return "accepted: \(rule.name)"
  } catch { return "\(error)" }
}

/// A rule around what stands in it.
func healthbot(_ inside: String) -> String {
  "healthbot { topic t { rule r {\n\(inside)\n} } }"
}

/// A rule with the fields `f` and `g` of a sensor of 10 s, and one trigger with these terms.
func terms(_ terms: String, trigger: String = "", fields: String = "") -> String {
  healthbot(
    """
    sensor s { open-config { sensor-name /a; frequency 10s; } }
    field f { sensor s { path f; } }
    field g { sensor s { path g; } }
    \(fields)
    trigger tr { \(trigger)
    \(terms)
    }
    """)
}

/// A rule whose trigger is red where `when` holds, else green.
func when(_ condition: String, fields: String = "") -> String {
  terms(
    """
    term bad { when { \(condition) } then { status { color red; message "f is $f"; } } }
    term good { then { status { color green; message "fine"; } } }
    """, fields: fields)
}

/// Swift's own regular expressions, as the engine asks for them.
func search(_ pattern: String, _ text: String, _ ignoresCase: Bool) throws(RulePatternError)
  -> Bool
{
  do {
    let regex = try Regex(pattern).ignoresCase(ignoresCase)
    return text.contains(regex)
  } catch {
    throw RulePatternError(reason: "no regular expression: \(pattern)")
  }
}

/// An engine that has been asked, and what it said, in a line for each alarm.
struct Asked {
  var engine: RuleEngine

  init(_ rules: [Rule]) throws { engine = try RuleEngine(rules, group: "core", search: search) }

  init(_ text: String) throws { try self.init([rule(text)]) }

  /// The alarms of a record, as `device keys trigger severity message`.
  mutating func received(_ json: String, device: String? = "mx1", at nowMs: Int64 = 0) throws
    -> [String]
  {
    try alarms(json, device: device, at: nowMs).map { alarm in
      let keys = alarm.keys.map { "\($0.name)=\($0.value.json)" }
      return
        ([alarm.deviceID ?? "-"] + keys + [
          alarm.trigger, alarm.severity.rawValue, alarm.message,
        ]).joined(separator: " ")
    }
  }

  mutating func alarms(_ json: String, device: String? = "mx1", at nowMs: Int64 = 0) throws
    -> [Alarm]
  {
    var alarms: [Alarm] = []
    try Array(json.utf8).withUnsafeBytes {
      try engine.received($0, device: device, nowMs: nowMs, alarms: &alarms)
    }
    return alarms
  }

  /// Whether the records, ten seconds apart, end in red.
  mutating func isRed(_ records: [String]) throws -> Bool {
    engine.reportsInitialNormal = true
    var last: Alarm.Severity?
    for (index, record) in records.enumerated() {
      last = try alarms(record, at: Int64(index) * 10_000).last?.severity ?? last
    }
    return last == .major
  }
}

/// Whether a condition holds after records ten seconds apart.
func holds(_ condition: String, fields: String = "", _ records: String...) throws -> Bool {
  var asked = try Asked(when(condition, fields: fields))
  return try asked.isRed(records)
}
