/// kcat's command line: getopt's options, acting in the order typed, the last one winning.
///
/// Validation comes in kcat's order, so that of two mistakes the same one is reported.
struct KcatDialect {
  /// What kcat does with a command line.
  enum Mode: Sendable {
    case consumer, producer, list, group, query, mock
  }

  private var builder: PlanBuilder
  private let program: String
  private var mode: Mode?
  private var mockBrokers = 1
  private var positionals: [Argument] = []

  init(surroundings: Surroundings, messages: Messages, program: String = "hbcat") {
    builder = PlanBuilder(surroundings: surroundings, messages: messages)
    builder.isCalledKcat = program != "hbcat"
    self.program = program
  }

  /// Makes a plan of the words behind the program's name.
  mutating func plan(_ words: [Argument]) throws(UsageError) -> Plan {
    var scanner = CommandLineScanner(words, short: OptionTable.kcat)
    while let item = try Self.next(&scanner) {
      switch item {
      case .positional(let word, _, _): positionals.append(word)
      case .option(let row, let value, let spelling):
        if let selected = Self.mode(row.key) {
          mode = selected
          if selected == .group { builder.groupId = try OptionValue.text(value, spelling) }
          if selected == .mock { mockBrokers = try Self.brokerCount(value) }
        } else if let early = try builder.apply(row, value, spelling: spelling) {
          return Self.plan(early, program: program)
        }
      }
    }
    return try finish()
  }

  private static func next(
    _ scanner: inout CommandLineScanner
  ) throws(UsageError) -> CommandLineScanner.Item? {
    do throws(CommandLineScanner.ScanError) {
      return try scanner.next()
    } catch {
      switch error {
      case .unknown(let spelling), .valueNotTaken(let spelling):
        throw .syntax("unknown argument \(spelling)")
      case .valueMissing(let row, let spelling):
        throw .syntax("unknown argument: \(spelling) without <\(row.argument ?? "")>")
      }
    }
  }

  private static func brokerCount(_ value: Argument) throws(UsageError) -> Int {
    guard let count = Int(value.description), (1...100).contains(count) else {
      throw .value("-M <broker_cnt> expected")
    }
    return count
  }

  private static func mode(_ key: OptionKey) -> Mode? {
    switch key {
    case .consumerMode: return .consumer
    case .producerMode: return .producer
    case .listMode: return .list
    case .groupMode: return .group
    case .queryMode: return .query
    case .mockMode: return .mock
    default: return nil
    }
  }

  private static func plan(_ early: PlanBuilder.Early, program: String) -> Plan {
    switch early {
    case .help: .information(KcatUsage.text(program: program))
    case .version: .information(Version.text)
    case .propertyList: .propertyList
    case .unitTests: .information("")
    }
  }

  private mutating func finish() throws(UsageError) -> Plan {
    try builder.readDefaultConfigFiles()
    if builder.dumpsProperties { return .propertyDump(builder.clientPlan()) }
    guard mode == .mock || builder.hasBrokers else { throw .syntax("-b <broker,..> missing") }
    let mode = self.mode ?? autoSelectedMode()
    let topic = builder.topic.flatMap { $0.isEmpty ? nil : $0 }
    switch mode {
    case .group:
      try builder.checkSerdes(consuming: true)
      return .consume(
        try builder.groupPlan(
          builder.groupId ?? "", topics: try positionals.map(Self.topicName)))
    case .query:
      try checkNoPositionals()
      try builder.checkSerdes(consuming: false)
      return .query(try builder.queryPlan())
    case .mock: return .broker(mockPlan())
    case .list:
      try checkNoPositionals()
      try builder.checkSerdes(consuming: false)
      return .list(builder.listPlan())
    case .producer:
      guard let topic else { throw .syntax("-t <topic> missing") }
      try builder.checkSerdes(consuming: false)
      return .produce(try builder.producePlan(topic: topic, files: positionals))
    case .consumer:
      guard let topic else { throw .syntax("-t <topic> missing") }
      try checkNoPositionals()
      try builder.checkSerdes(consuming: true)
      return .consume(try builder.consumePlan(topic: topic))
    }
  }

  /// Brokers on ports of the system's choice, as librdkafka's mock cluster has them.
  private func mockPlan() -> BrokerPlan {
    var plan = BrokerPlan()
    plan.port = 0
    plan.brokerId = 1
    plan.brokers = mockBrokers
    plan.defaultPartitions = 4
    plan.untilStdinEnds = true
    plan.isMock = true
    plan.verbosity = builder.client.verbosity
    return plan
  }

  private static func topicName(_ word: Argument) throws(UsageError) -> String {
    try OptionValue.text(word, "-G")
  }

  private func checkNoPositionals() throws(UsageError) {
    guard positionals.isEmpty else {
      throw .syntax("file/topic list only allowed in producer(-P)/kafkaconsumer(-G) mode")
    }
  }

  /// A terminal on stdin makes a consumer, anything else a producer, as in kcat.
  ///
  /// But a command line that only a consumer can mean is one without a terminal too (cron, ssh, CI).
  private func autoSelectedMode() -> Mode {
    let onlyConsumer =
      !builder.consumerOptions.isEmpty && builder.producerOptions.isEmpty && positionals.isEmpty
    let consumes = builder.surroundings.standardInputIsTerminal() || onlyConsumer
    builder.messages.info(
      1,
      "Auto-selecting \(consumes ? "Consumer" : "Producer") mode (use -P or -C to override)")
    return consumes ? .consumer : .producer
  }
}
