import Healthbot
import KafkaClient

/// Carries out an `IngestPlan`: reads telemetry as a member of a group, and raises alarms.
struct IngestRun {
  let plan: IngestPlan
  let client: ClientConfiguration
  let configuration: ConsumerConfiguration
  let groupConfiguration: GroupConfiguration
  let messages: Messages

  func run() -> Int32 {
    let file: DurableFile?
    var state = IngestState()
    var engine: RuleEngine
    do {
      engine = try self.engine()
      file = try plan.engineState.map { try DurableFile($0) }
      if let file {
        do { try state.read(file.path, plan, into: &engine) } catch {
          throw UsageError.circumstance(
            "\(file.path) cannot be used: \(error); move it away to begin anew")
        }
        if state.strayCount > 0 {
          messages.info(1, "\(file.path): \(state.strayCount) lines are of rules that do not run")
        }
      }
    } catch {
      messages.fatal((error as? UsageError)?.text ?? "\(error)")
      return 1
    }
    let outlet = PrintedAlarms(messages: messages)
    let consumed = ConsumePlan(
      client: plan.client, topic: "",
      group: ConsumePlan.Group(id: plan.name, topics: plan.topics, start: nil),
      exitAtEnd: plan.exitAtEnd)
    let run = GroupRun(
      plan: consumed, group: ConsumePlan.Group(id: plan.name, topics: plan.topics),
      client: client, configuration: configuration, groupConfiguration: groupConfiguration,
      messages: messages)
    return run.run { _, interruption in
      IngestSink(
        plan, engine, state, file: file, outlet: outlet,
        readCommitted: configuration.isolationLevel == .readCommitted, messages: messages,
        interrupt: interruption.thread)
    }
  }

  /// The engine of all rules that can run; those that cannot are said.
  private func engine() throws -> RuleEngine {
    let patterns = RulePatterns()
    let search: RulePatternSearch = { (pattern, text, ignoresCase) throws(RulePatternError) in
      try patterns.search(pattern, in: text, ignoresCase: ignoresCase)
    }
    let rules = try IngestRules(plan, .process, search)
    for refusal in rules.refused { messages.info(1, "Rule refused: \(refusal.description)") }
    if !rules.refused.isEmpty || rules.rules.isEmpty {
      guard !plan.isStrict, !rules.rules.isEmpty else {
        throw UsageError.circumstance(rules.summary)
      }
      messages.info(1, rules.summary)
    }
    return try RuleEngine(rules.rules, group: plan.group, search: search)
  }
}

/// Alarms as lines on stdout.
private final class PrintedAlarms: AlarmOutlet {
  private let messages: Messages
  init(messages: Messages) { self.messages = messages }

  func send(_ alarm: Alarm) {
    _ = StandardOutput.write(messages) { _ in AlarmLine.bytes(of: alarm) + [10] }
  }

  func checkpoint() {}
}
