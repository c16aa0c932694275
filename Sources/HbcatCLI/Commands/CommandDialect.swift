import Healthbot

/// The dialect of subcommands: `hbcat [options] word [options] [arguments]`.
struct CommandDialect {
  private var builder: PlanBuilder
  private let command: Command
  private var positionals: [Argument] = []

  init(_ command: Command, surroundings: Surroundings, messages: Messages) {
    self.command = command
    builder = PlanBuilder(surroundings: surroundings, messages: messages)
  }

  /// Makes a plan of all words but the subcommand's own.
  mutating func plan(_ words: [Argument]) throws(UsageError) -> Plan {
    do throws(UsageError) {
      return try parsedPlan(words)
    } catch {
      // A monitoring script takes 2 for a major alarm.
      guard command == .alarms, words.contains("--check") else { throw error }
      var error = error
      error.status = AlarmVerdict.State.unknown.rawValue
      throw error
    }
  }

  private mutating func parsedPlan(_ words: [Argument]) throws(UsageError) -> Plan {
    let command = command
    var scanner = CommandLineScanner(
      words, short: { OptionTable.short($0, in: command) },
      long: { OptionTable.long($0, in: command) })
    while let item = try next(&scanner) {
      switch item {
      case .positional(let word, _, _): positionals.append(word)
      case .option(let row, let value, let spelling):
        switch try builder.apply(row, value, spelling: spelling) {
        case .help: return .information(CommandHelp.text(command))
        case .version: return .information(Version.text)
        case .propertyList: return .propertyList
        case .unitTests, nil: break
        }
      }
    }
    return try finish()
  }

  private func next(
    _ scanner: inout CommandLineScanner
  ) throws(UsageError) -> CommandLineScanner.Item? {
    do throws(CommandLineScanner.ScanError) {
      return try scanner.next()
    } catch {
      switch error {
      case .unknown(let spelling): throw .syntax(OptionMistake.text(spelling, in: command))
      case .valueNotTaken(let spelling): throw .syntax("\(spelling) takes no value")
      case .valueMissing(let row, let spelling):
        throw .syntax("\(spelling) needs a value (\(row.argument?.uppercased() ?? ""))")
      }
    }
  }

  private mutating func finish() throws(UsageError) -> Plan {
    switch command {
    case .list:
      try refusePositionals()
      if let dump = try client() { return dump }
      return .list(builder.listPlan())
    case .ping:
      try refusePositionals()
      if let dump = try client() { return dump }
      return .ping(builder.pingPlan())
    case .produce:
      if let dump = try client() { return dump }
      return .produce(try builder.producePlan(topic: try topic(), files: positionals))
    case .consume:
      try builder.share.check()
      if let dump = try client() { return dump }
      if let group = builder.share.group {
        try builder.checkSerdes(consuming: true)
        return .consume(try builder.sharePlan(group, topics: try topics()))
      }
      if let groupId = builder.groupId {
        try builder.checkSerdes(consuming: true)
        return .consume(try builder.groupPlan(groupId, topics: try topics()))
      }
      let names = try topics()
      try builder.checkSerdes(consuming: true)
      var plan = try builder.consumePlan(topic: names[0])
      plan.moreTopics = names.dropFirst().reduce(into: []) { others, name in
        if name != names[0], !others.contains(name) { others.append(name) }
      }
      return .consume(plan)
    case .query:
      if let dump = try client() { return dump }
      return .query(try builder.queryPlan(positionals))
    case .notify:
      return try notifyPlan()
    case .ingest:
      try refusePositionals()
      if builder.ingest.listsRules { return .ingest(try builder.rulesListPlan()) }
      try builder.readIngestFiles()
      if let dump = try client() { return dump }
      return .ingest(try builder.ingestPlan())
    case .alarms:
      if let dump = try client() { return dump }
      return .alarms(try builder.alarmsPlan(positionals))
    case .broker:
      if positionals.first == "run" { positionals.removeFirst() }
      try refusePositionals(known: ["run"])
      return .broker(try builder.own.brokerPlan(verbosity: builder.client.verbosity))
    case .demo:
      try refusePositionals()
      return .demo(demoPlan())
    case .help: return try help()
    case .version:
      try refusePositionals()
      return .information(Version.text)
    case .reference: return try reference()
    }
  }

  /// Reads the default files; answers a plan if `-X dump` asks for one.
  private mutating func client() throws(UsageError) -> Plan? {
    try builder.readDefaultConfigFiles()
    try builder.refuseReadableSecrets()
    if builder.dumpsProperties { return .propertyDump(builder.clientPlan()) }
    guard builder.hasBrokers else {
      throw .syntax("no broker: give -b HOST:PORT, or bootstrap.servers in a file of -F")
    }
    return nil
  }

  private func topic() throws(UsageError) -> String {
    guard let topic = builder.topic, !topic.isEmpty else {
      throw .syntax("no topic: give -t TOPIC")
    }
    return topic
  }

  private func topics() throws(UsageError) -> [String] {
    var topics = builder.topicsTyped.filter { !$0.isEmpty }
    for word in positionals { topics.append(try OptionValue.text(word, "TOPIC")) }
    guard !topics.isEmpty else { throw .syntax("no topic: give TOPIC ... or -t TOPIC") }
    return topics
  }

  private func refusePositionals(known: [String] = []) throws(UsageError) {
    guard let word = positionals.first else { return }
    let nearest = NearestName.of(word.description, among: known)
    throw .syntax(
      "unexpected argument \"\(word)\"" + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
  }

  private mutating func notifyPlan() throws(UsageError) -> Plan {
    var plan = NotifyPlan()
    plan.delivery = try builder.deliveryPlan()
    if builder.dumpsProperties { return .propertyDump(builder.clientPlan()) }
    plan.isDryRun = builder.notify.isDryRun
    plan.isStrict = builder.notify.isStrict
    plan.checksConfig = builder.notify.checksConfig
    guard !plan.checksConfig else {
      try refusePositionals()
      return .notify(plan)
    }
    guard let form = builder.notify.form else {
      plan.alarm = try builder.own.alarm(
        words: positionals, needsDevice: plan.delivery.configFiles.isEmpty)
      return .notify(plan)
    }
    try refusePositionals()
    if form == .json, !builder.own.alarm.isEmpty {
      throw .syntax("--from json takes whole alarms: leave --group and the like out")
    }
    guard builder.own.alarmKeys.isEmpty else {
      throw .syntax("--from and --key exclude one another: the input has the keys")
    }
    plan.form = form
    plan.defaults = builder.own.alarmDefaults
    return .notify(plan)
  }

  private func demoPlan() -> DemoPlan {
    var plan = DemoPlan(brokerId: builder.own.brokerId, verbosity: builder.client.verbosity)
    if !builder.own.demoTopics.isEmpty { plan.topics = builder.own.demoTopics }
    return plan
  }

  private func help() throws(UsageError) -> Plan {
    guard let word = positionals.first else { return .information(CommandHelp.overview) }
    guard let command = Command(word: word.description) else {
      throw .syntax(CommandMistake.text(word.description))
    }
    if positionals.count > 1 { throw .syntax("unexpected argument \"\(positionals[1])\"") }
    return .information(CommandHelp.text(command))
  }

  private func reference() throws(UsageError) -> Plan {
    guard positionals.count == 1, let document = Reference(rawValue: positionals[0].description)
    else { throw .syntax("expected one of man, bash, zsh, fish") }
    return .information(document.text)
  }
}
