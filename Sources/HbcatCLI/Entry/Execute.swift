import Glibc
import KafkaClient

/// Carries out a plan; the answer is the exit code.
///
/// `isKcat` says that the command line was kcat's, whose warnings are then given too.
func execute(_ plan: Plan, _ messages: Messages, isKcat: Bool) -> Int32 {
  // kcat lists and queries by a producer.
  let anyRole: Property.Role = isKcat ? .producer : .both
  do throws(PropertyError) {
    switch plan {
    case .information(let text): return printOut(text, messages)
    case .list(let plan):
      let properties = try properties(of: plan.client, anyRole, messages, isKcat)
      return ListRun(plan: plan, configuration: try properties.client, messages: messages).run()
    case .ping(let plan):
      let properties = try properties(of: plan.client, .both, messages, isKcat)
      return PingRun(plan: plan, configuration: try properties.client, messages: messages).run()
    case .consume(let plan):
      let properties = try properties(of: plan.client, .consumer, messages, isKcat)
      return try consume(plan, properties, messages)
    case .query(let plan):
      let properties = try properties(of: plan.client, anyRole, messages, isKcat)
      return QueryRun(plan: plan, configuration: try properties.client, messages: messages).run()
    case .produce(let plan):
      let properties = try properties(of: plan.client, .producer, messages, isKcat)
      return ProduceRun(
        plan: plan, client: try properties.client, configuration: try properties.producer,
        messages: messages
      ).run()
    case .notify(let plan):
      messages.verbosity = plan.delivery.client.verbosity
      return try NotifyRun(plan: plan, messages: messages).run()
    case .ingest(let plan): return try ingest(plan, messages, isKcat)
    case .alarms(let plan):
      let properties = try properties(of: plan.client, .both, messages, isKcat)
      return AlarmsRun(
        plan: plan, client: try properties.client, consumer: try properties.consumer,
        producer: try properties.producer, messages: messages
      ).run()
    case .broker(let plan):
      messages.verbosity = plan.verbosity
      return BrokerRun(plan: plan, messages: messages).run()
    case .demo(let plan):
      messages.verbosity = plan.verbosity
      return DemoRun(plan: plan, messages: messages).run()
    case .propertyList: return printOut(PropertyTable.list(), messages)
    case .propertyDump(let plan):
      return printOut(try propertySet(of: plan).dump(), messages)
    }
  } catch {
    sayContradiction(error, plan, messages)
    if case .alarms(let plan) = plan { return plan.failureStatus }
    return 1
  }
}

/// Says which properties do not go together, in kcat's words.
private func sayContradiction(_ error: PropertyError, _ plan: Plan, _ messages: Messages) {
  let what: String
  switch plan {
  case .consume, .ingest, .alarms: what = "Failed to create consumer"
  case .produce(let plan):
    if error.reason == .topicConflict {
      ClientSetup(plan: plan.client, messages: messages).log(
        ClientLog(
          .error, "TOPICCONF",
          "Incompatible configuration settings for topic \"\(plan.topic)\": \(error)"))
      return messages.fatal(
        "Failed to create topic \(plan.topic): Local: Invalid argument or configuration")
    }
    what = "Failed to create producer"
  case .list, .query, .notify: what = "Failed to create producer"
  case .information, .ping, .broker, .demo, .propertyList, .propertyDump:
    return messages.fatal("\(error)")
  }
  messages.fatal("\(what): \(error)")
}

/// The plan's properties; says which of them do nothing in this role, or at all.
func properties(
  of plan: ClientPlan, _ role: Property.Role, _ messages: Messages, _ isKcat: Bool
) throws(PropertyError) -> PropertySet {
  messages.verbosity = plan.verbosity
  var set = try propertySet(of: plan)
  messages.logFilter = set.logFilter
  if plan.asksForPassword || set.passwordWanted != nil { try askForPassword(&set) }
  let log = ClientSetup(plan: plan, messages: messages).log
  if set.logFilter.debug.contains(.conf) {
    let lines = ["Client configuration:"] + set.settings.map { "  \($0)" } + set.notes
    for line in lines { log(ClientLog(.debug, "CONF", line)) }
  }
  // One file serves both roles; only kcat says each time what is the other's.
  let level = isKcat ? ClientLog.Level.warning : .info
  for warning in set.warnings(for: role) { log(ClientLog(level, "CONFWARN", warning)) }
  return set
}

private func propertySet(of plan: ClientPlan) throws(PropertyError) -> PropertySet {
  var set = PropertySet()
  for property in plan.properties { try set.set(property.name, property.value) }
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
  _ plan: ConsumePlan, _ properties: PropertySet, _ messages: Messages
) throws(PropertyError) -> Int32 {
  let client = try properties.client
  let configuration = try properties.consumer
  if let group = plan.group {
    return GroupRun(
      plan: plan, group: group, client: client, configuration: configuration,
      groupConfiguration: try properties.group, messages: messages
    ).run()
  }
  if let share = plan.share {
    return ShareConsumeRun(
      plan: plan, share: share, client: client, configuration: configuration, messages: messages
    ).run()
  }
  return ConsumeRun(
    plan: plan, format: plan.format, client: client, configuration: configuration,
    messages: messages
  ).run()
}

private func ingest(
  _ plan: IngestPlan, _ messages: Messages, _ isKcat: Bool
) throws(PropertyError) -> Int32 {
  if plan.listsRules {
    messages.verbosity = plan.client.verbosity
    return RulesListRun(plan: plan, messages: messages).run()
  }
  let properties = try properties(of: plan.client, .consumer, messages, isKcat)
  return try IngestRun(
    plan: plan, client: try properties.client, configuration: try properties.consumer,
    groupConfiguration: try properties.group, messages: messages
  ).run()
}

/// Writes a text to stdout, all of it or an error; a closed pipe is no error.
private func printOut(_ text: String, _ messages: Messages) -> Int32 {
  _ = StandardOutput.write(messages) { _ in Array(text.utf8) }
  return messages.exitStatus
}
