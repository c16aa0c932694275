import Healthbot
import KafkaClient

/// Carries out an `IngestPlan`: reads telemetry as a member of a group, and raises alarms.
struct IngestRun {
  let plan: IngestPlan
  let client: ClientConfiguration
  let configuration: ConsumerConfiguration
  let groupConfiguration: GroupConfiguration
  let messages: Messages

  func run() throws(PropertyError) -> Int32 {
    guard let sender = try AlarmSender(plan.delivery, messages, isStream: false) else { return 1 }
    // The engine knows which normal is the first of an alarm, also after a restart.
    sender.holdsInitialNormal = false
    let status = run(sender)
    return max(status, sender.finish())
  }

  private func run(_ sender: AlarmSender) -> Int32 {
    let file = plan.engineState.map { DurableFile(path: $0) }
    var state = IngestState()
    var engine: RuleEngine
    do {
      engine = try self.engine()
      engine.reportsInitialNormal = try !suppressesInitialNormal(sender)
      if let file { try open(file, &state, &engine) }
    } catch {
      messages.fatal((error as? UsageError)?.text ?? "\(error)")
      return 1
    }
    sender.beginSpool()
    let consumed = ConsumePlan(client: plan.client, topic: "", exitAtEnd: plan.exitAtEnd)
    let run = GroupRun(
      plan: consumed, group: ConsumePlan.Group(id: plan.name, topics: plan.topics),
      client: client, configuration: configuration, groupConfiguration: groupConfiguration,
      messages: messages)
    return run.run { _, interruption in
      IngestSink(
        plan, engine, state, file: file, sender: sender,
        readCommitted: configuration.isolationLevel == .readCommitted, messages: messages,
        interrupt: interruption.thread)
    }
  }

  /// Says which values no rule has a use for.
  private func sayIdleVariables(_ rules: [Rule]) {
    let known = Set(rules.flatMap { $0.variables.map(\.name) })
    for name in plan.variables.keys.sorted() where !known.contains(name) {
      let nearest = NearestName.of(name, among: known.sorted())
      messages.info(
        1,
        "--variable \(name): no rule that runs has it"
          + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""))
    }
  }

  /// Whether the group of the alarms has a first `normal` kept back; also finds out that there is one.
  private func suppressesInitialNormal(_ sender: AlarmSender) throws -> Bool {
    let probe = Alarm(
      deviceID: "d", group: plan.group, message: "", rule: "r", severity: .normal, topic: "t",
      trigger: "t")
    do { return try sender.routes.routes(of: probe).suppressesInitialNormal } catch {
      throw UsageError.circumstance("--group: \(error)")
    }
  }

  /// Takes the file of `--engine-state` for this process, and reads it.
  private func open(_ file: DurableFile, _ state: inout IngestState, _ engine: inout RuleEngine)
    throws
  {
    // The file itself is replaced again and again, so that another one has the lock; the descriptor, and
    // with it the lock, ends with the process.
    guard try DurableFile(path: "\(file.path).lock").tryLock(waitMs: 0) != nil else {
      throw UsageError.circumstance("\(file.path) is in use by another process")
    }
    do { try state.read(file, plan, into: &engine) } catch {
      throw UsageError.circumstance(
        "\(file.path) cannot be used: \(error); move it away to begin anew")
    }
    if state.strayCount > 0 {
      messages.info(1, "\(file.path): \(state.strayCount) lines are of rules that do not run")
    }
  }

  /// The engine of all rules that can run; those that cannot are said.
  private func engine() throws -> RuleEngine {
    let search = RulePatterns().searching
    let rules = try IngestRules(plan, .process, search)
    for refusal in rules.refused { messages.info(1, "Rule refused: \(refusal.description)") }
    if !rules.refused.isEmpty || rules.rules.isEmpty {
      guard !plan.isStrict, !rules.rules.isEmpty else {
        throw UsageError.circumstance(rules.summary)
      }
      messages.info(1, rules.summary)
    }
    sayIdleVariables(rules.rules)
    return try RuleEngine(rules.rules, group: plan.group, search: search)
  }
}
