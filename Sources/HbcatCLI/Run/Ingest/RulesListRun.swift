import Healthbot
import JSON

/// Lists which rules run and which do not, and why.
struct RulesListRun {
  let plan: IngestPlan
  let messages: Messages

  func run() -> Int32 {
    let rules: IngestRules
    do throws(UsageError) {
      rules = try IngestRules(plan, .process, RulePatterns().searching)
    } catch {
      messages.fatal(error.text)
      return 1
    }
    _ = StandardOutput.write(messages) { forTerminal in
      plan.json
        ? Self.json(rules, forTerminal: forTerminal) : Self.text(rules, forTerminal: forTerminal)
    }
    if plan.isStrict && !rules.refused.isEmpty { messages.markFailed() }
    return messages.exitStatus
  }

  /// A line for each rule, and one with the counts.
  static func text(_ rules: IngestRules, forTerminal: Bool = false) -> [UInt8] {
    var lines = ""
    for rule in rules.rules { lines += "runs\t\(rule.topic)\t\(rule.name)\n" }
    for refusal in rules.refused { lines += "refused\t\(refusal.description)\n" }
    lines += rules.summary + "\n"
    return Array((forTerminal ? TerminalText.harmless(lines) : lines).utf8)
  }

  /// One object in one line.
  static func json(_ rules: IngestRules, forTerminal: Bool = false) -> [UInt8] {
    var json = JSONWriter(.kcat)
    json.object { json in
      json.member("runs", of: rules.rules) { json, rule in
        json.object { json in
          json.member("topic", rule.topic)
          json.member("rule", rule.name)
          json.member("keys", of: rule.keys) { $0.string($1) }
          json.member("triggers", of: rule.triggers) { $0.string($1.name) }
        }
      }
      json.member("refused", of: rules.refused) { json, refusal in
        json.object { json in
          json.member("file", refusal.file)
          json.member("line", refusal.line)
          json.member("column", refusal.column)
          if let rule = refusal.rule { json.member("rule", rule) }
          json.member("reason", refusal.reason)
        }
      }
    }
    return json.line(forTerminal: forTerminal)
  }
}
