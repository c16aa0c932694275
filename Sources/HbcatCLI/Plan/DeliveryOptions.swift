import Healthbot

/// The options that say how alarms are delivered, as typed.
struct DeliveryOptions: Sendable {
  private(set) var plan = DeliveryPlan()

  mutating func apply(
    _ key: OptionKey, _ value: Argument, _ spelling: String
  ) throws(UsageError) {
    switch key {
    case .notifyConfig:
      guard !value.bytes.isEmpty else { throw .value("\(spelling): expected a file") }
      plan.configFiles.append(value)
    case .stateFile: plan.stateFile = try path(value, spelling, "a file")
    case .spool: plan.spoolFolder = try path(value, spelling, "a folder")
    case .transitions: plan.transitions.onlyChanges = true
    case .repeatInterval:
      plan.transitions.repeatIntervalMs = try OptionValue.duration(value, spelling)
    case .createTopics: plan.newTopic = try newTopic(value, spelling)
    case .template:
      let text = try OptionValue.text(value, spelling)
      do throws(MessageTemplateError) {
        plan.template = try MessageTemplate(parsing: text)
      } catch { throw .value("--\(error)") }
    case .groupWait: plan.groupWaitMs = try OptionValue.duration(value, spelling)
    case .webAuthority: plan.webAuthority = try path(value, spelling, "a file or a folder")
    case .inFlight:
      plan.inFlightMax = Int(
        try OptionValue.integer(value, spelling, "a number of requests", 1...64))
    default: plan.allowsPlainText = true
    }
  }

  private func path(
    _ value: Argument, _ spelling: String, _ what: String
  ) throws(UsageError) -> Argument {
    guard !value.bytes.isEmpty else { throw .value("\(spelling): expected \(what)") }
    return value
  }

  /// `PARTITIONS`, `PARTITIONS:REPLICAS` or nothing.
  private func newTopic(
    _ value: Argument, _ spelling: String
  ) throws(UsageError) -> DeliveryPlan.NewTopic {
    var topic = DeliveryPlan.NewTopic()
    guard !value.bytes.isEmpty else { return topic }
    let parts = value.bytes.split(
      separator: UInt8(ascii: ":"), omittingEmptySubsequences: false
    ).map { Argument($0) }
    guard parts.count <= 2, let first = parts.first else {
      throw .value("\(spelling): expected PARTITIONS:REPLICAS, not \"\(value)\"")
    }
    topic.partitions = Int32(
      try OptionValue.integer(first, spelling, "a number of partitions", 1...10_000))
    if let second = parts.dropFirst().first {
      topic.replicas = Int16(
        try OptionValue.integer(second, spelling, "a number of replicas", 1...100))
    }
    return topic
  }

  /// Refuses what makes no sense alone.
  func check() throws(UsageError) {
    if plan.transitions.repeatIntervalMs != nil, !plan.transitions.onlyChanges {
      throw .syntax("--repeat-interval needs --transitions, without which every alarm is sent")
    }
  }
}

extension PlanBuilder {
  /// How alarms are delivered; `HBCAT_NOTIFY_CONFIG` counts where neither `--config` nor `-b` is typed.
  mutating func deliveryPlan() throws(UsageError) -> DeliveryPlan {
    try delivery.check()
    var plan = delivery.plan
    if plan.configFiles.isEmpty, brokers == nil,
      let path = surroundings.variable("HBCAT_NOTIFY_CONFIG"), !path.isEmpty
    {
      plan.configFiles = [Argument(path)]
    }
    if plan.configFiles.isEmpty {
      if notify.checksConfig { throw .syntax("--check-config needs --config FILE") }
      try readDefaultConfigFiles()
      try refuseReadableSecrets()
      guard hasBrokers || dumpsProperties else {
        throw .syntax(
          "no broker: give -b HOST:PORT, bootstrap.servers in a file of -F, or --config FILE with "
            + "Healthbot's notifications")
      }
    } else if brokers != nil {
      throw .syntax(
        "-b and --config exclude one another: the configuration's bootstrap-servers are used")
    }
    plan.client = clientPlan()
    return try addressed(plan)
  }

  /// The plan with what concerns topics and records.
  func addressed(_ plan: DeliveryPlan) throws(UsageError) -> DeliveryPlan {
    var plan = plan
    plan.sanitizes = own.sanitize
    plan.headers = headers
    if let topic = alarms.silenceTopic { plan.silenceTopic = topic }
    if let topic = own.kafkaTopic {
      do throws(TopicNameError) {
        plan.topic = try TopicName(topic)
      } catch { throw .value("--to: \(error)") }
    }
    return plan
  }
}
