import Healthbot
import JSON

/// Lists which rules run and which do not, and why.
struct RulesListRun {
  let plan: IngestPlan
  let messages: Messages

  func run() -> Int32 {
    let patterns = RulePatterns()
    let rules: IngestRules
    do throws(UsageError) {
      rules = try IngestRules(plan, .process) {
        (pattern, text, ignoresCase) throws(RulePatternError) in
        try patterns.search(pattern, in: text, ignoresCase: ignoresCase)
      }
    } catch {
      messages.fatal(error.text)
      return 1
    }
    let text = plan.json ? Self.json(rules) : Self.text(rules)
    _ = StandardOutput.write(messages) { forTerminal in
      guard forTerminal else { return text }
      var harmless: [UInt8] = []
      text.withUnsafeBytes {
        TerminalText.append($0, as: plan.json ? .json : .plain, to: &harmless)
      }
      return harmless
    }
    if plan.isStrict && !rules.refused.isEmpty { messages.markFailed() }
    return messages.exitStatus
  }

  /// A line for each rule, and one with the counts.
  static func text(_ rules: IngestRules) -> [UInt8] {
    var lines = ""
    for rule in rules.rules { lines += "runs\t\(rule.topic)\t\(rule.name)\n" }
    for refusal in rules.refused { lines += "refused\t\(refusal.description)\n" }
    return Array((lines + rules.summary + "\n").utf8)
  }

  /// One object in one line.
  static func json(_ rules: IngestRules) -> [UInt8] {
    var writer = JSONWriter(.kcat)
    func put(_ name: String, _ value: String) {
      writer.name(name)
      writer.string(value)
    }
    writer.beginObject()
    writer.name("runs")
    writer.beginArray()
    for rule in rules.rules {
      writer.beginObject()
      put("topic", rule.topic)
      put("rule", rule.name)
      writer.name("keys")
      writer.beginArray()
      for key in rule.keys { writer.string(key) }
      writer.endArray()
      writer.name("triggers")
      writer.beginArray()
      for trigger in rule.triggers { writer.string(trigger.name) }
      writer.endArray()
      writer.endObject()
    }
    writer.endArray()
    writer.name("refused")
    writer.beginArray()
    for refusal in rules.refused {
      writer.beginObject()
      put("file", refusal.file)
      writer.name("line")
      writer.integer(Int64(refusal.line))
      writer.name("column")
      writer.integer(Int64(refusal.column))
      if let rule = refusal.rule { put("rule", rule) }
      put("reason", refusal.reason)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return writer.bytes + [UInt8(ascii: "\n")]
  }
}
