import Glibc
import KafkaClient

/// Carries out a plan; the answer is the exit code.
func execute(_ plan: Plan, _ messages: Messages) -> Int32 {
  do throws(PropertyError) {
    switch plan {
    case .information(let text): return printOut(text, messages)
    case .list(let plan):
      let properties = try properties(of: plan.client, .both, messages)
      return ListRun(plan: plan, configuration: try properties.client, messages: messages).run()
    case .consume(let plan):
      let properties = try properties(of: plan.client, .consumer, messages)
      if let group = plan.group { return consume(plan, group, properties, messages) }
      if let share = plan.share {
        return ShareConsumeRun(
          plan: plan, share: share, client: try properties.client,
          configuration: try properties.consumer, messages: messages
        ).run()
      }
      return ConsumeRun(
        plan: plan, format: plan.format, client: try properties.client,
        configuration: try properties.consumer, messages: messages
      ).run()
    case .query(let plan):
      let properties = try properties(of: plan.client, .consumer, messages)
      return QueryRun(plan: plan, configuration: try properties.client, messages: messages).run()
    case .produce(let plan):
      let properties = try properties(of: plan.client, .producer, messages)
      return ProduceRun(
        plan: plan, client: try properties.client, configuration: try properties.producer,
        messages: messages
      ).run()
    case .notify(let plan):
      let properties = try properties(of: plan.client, .producer, messages)
      return NotifyRun(
        plan: plan, client: try properties.client, configuration: try properties.producer,
        messages: messages
      ).run()
    case .broker(let plan):
      messages.verbosity = plan.verbosity
      return BrokerRun(plan: plan, messages: messages).run()
    case .demo(let plan):
      messages.verbosity = plan.verbosity
      return DemoRun(plan: plan, messages: messages).run()
    case .propertyList: return printOut(PropertyTable.list(), messages)
    case .propertyDump(let plan):
      return printOut(
        try properties(of: plan, .both, messages, isRun: false).dump(), messages)
    }
  } catch {
    messages.fatal("\(error)")
    return 1
  }
}

/// The plan's properties; says, with `-v`, which of them do nothing in this role.
private func properties(
  of plan: ClientPlan, _ role: Property.Role, _ messages: Messages, isRun: Bool = true
) throws(PropertyError) -> PropertySet {
  messages.verbosity = plan.verbosity
  var set = PropertySet()
  for property in plan.properties { try set.set(property.name, property.value) }
  if isRun, plan.asksForPassword || set.passwordWanted != nil { try askForPassword(&set) }
  for warning in set.warnings(for: role) { messages.info(2, "CONFWARN: \(warning)") }
  return set
}

/// Sets the SASL password to what the user types; without a terminal or an answer it stays unset.
private func askForPassword(_ set: inout PropertySet) throws(PropertyError) {
  let prompt = set.passwordWanted.map { "Password of \($0): " } ?? "Password: "
  var typed: [UInt8]?
  while typed == nil {
    do throws(PasswordPrompt.Failure) {
      typed = try PasswordPrompt.ask(Messages.visible(prompt))
    } catch {
      switch error {
      case .noTerminal, .noAnswer: return
      // Has its effect now; SIGTSTP lets go on later.
      case .interrupted(let signal): raise(signal)
      }
    }
  }
  try set.set("sasl.password", String(decoding: typed ?? [], as: UTF8.self))
}

private func consume(
  _ plan: ConsumePlan, _ group: ConsumePlan.Group, _ properties: PropertySet, _ messages: Messages
) -> Int32 {
  do throws(PropertyError) {
    return GroupRun(
      plan: plan, group: group, client: try properties.client,
      configuration: try properties.consumer, groupConfiguration: try properties.group,
      messages: messages
    ).run()
  } catch {
    messages.fatal("Failed to create consumer: \(error)")
    return 1
  }
}

/// Writes a text to stdout, all of it or an error; a closed pipe is no error.
private func printOut(_ text: String, _ messages: Messages) -> Int32 {
  var output = OutputBuffer(descriptor: 1)
  do throws(OutputError) {
    try output.append(Array(text.utf8))
    try output.flush()
  } catch {
    if case .closed = error { return 0 }
    messages.fatal("\(error)")
    return 1
  }
  return 0
}
