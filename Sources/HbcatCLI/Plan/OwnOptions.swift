import KafkaBroker

/// The options of notify, broker and demo, which kcat has not.
struct OwnOptions: Sendable {
  var alarm: [OptionKey: String] = [:]
  var alarmKeys: [(name: String, value: String)] = []
  var kafkaTopic: String?
  var sanitize = false
  var listen: String?
  var port: UInt16?
  var advertisedHost: String?
  var brokerId: Int32 = 1001
  var brokerCount = 1
  var maxMessageBytes: Int?
  var brokerTopics: [BrokerPlan.Topic] = []
  var faults: [FaultRule] = []
  var untilStdinEnds = false
  var autoCreateTopics = true
  var demoTopics: [String] = []

  mutating func apply(
    _ key: OptionKey, _ value: Argument, _ spelling: String
  ) throws(UsageError) {
    let text = try OptionValue.text(value, spelling)
    switch key {
    case .alarmSeverity:
      guard ["major", "minor", "normal"].contains(text) else {
        throw .value("\(spelling): expected major, minor or normal, not \"\(text)\"")
      }
      alarm[key] = text
    case .alarmKey: try addKey(value, spelling)
    case .to: kafkaTopic = text
    case .sanitize: sanitize = true
    case .listen: listen = text
    case .port:
      port = UInt16(try OptionValue.integer(value, spelling, "a port", 0...65535))
    case .advertise:
      guard !text.isEmpty else { throw .value("\(spelling): expected a host") }
      advertisedHost = text
    case .brokerId:
      brokerId = Int32(
        try OptionValue.integer(value, spelling, "a broker's id", 0...Int64(Int32.max)))
    case .brokerCount:
      brokerCount = Int(try OptionValue.integer(value, spelling, "a number of brokers", 1...100))
    case .maxMessageBytes:
      maxMessageBytes = Int(
        try OptionValue.integer(value, spelling, "a number of bytes", 100...100_000_000))
    case .brokerTopic: try addTopic(text, spelling)
    case .fault:
      do throws(FaultRuleError) {
        faults.append(try FaultRule(parsing: text))
      } catch {
        throw .value("\(spelling): \(error)")
      }
    case .untilStdinEnds: untilStdinEnds = true
    case .noAutoCreate: autoCreateTopics = false
    case .demoTopic: demoTopics.append(try OptionValue.topicName(text, spelling))
    default: alarm[key] = text
    }
  }

  private mutating func addKey(_ value: Argument, _ spelling: String) throws(UsageError) {
    guard let (name, text) = OptionValue.pair(value), let text else {
      throw .value("\(spelling): expected NAME=VALUE, not \"\(value)\"")
    }
    let key = (
      name: String(decoding: name, as: UTF8.self), value: String(decoding: text, as: UTF8.self)
    )
    guard !alarmKeys.contains(where: { $0.name == key.name }) else {
      throw .value("\(spelling): \"\(key.name)\" is given twice")
    }
    alarmKeys.append(key)
  }

  private mutating func addTopic(_ text: String, _ spelling: String) throws(UsageError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 3, let first = parts.first else {
      throw .value("\(spelling): expected NAME:PARTITIONS:REPLICAS, not \"\(text)\"")
    }
    var topic = BrokerPlan.Topic(name: try OptionValue.topicName(String(first), spelling))
    if parts.count > 1 {
      topic.partitions = Int32(
        try OptionValue.integer(
          Argument(String(parts[1])), spelling, "a number of partitions", 1...10_000))
    }
    if parts.count > 2 {
      topic.replicas = Int16(
        try OptionValue.integer(
          Argument(String(parts[2])), spelling, "a number of replicas", 1...100))
    }
    guard !brokerTopics.contains(where: { $0.name == topic.name }) else {
      throw .value("\(spelling): \"\(topic.name)\" is given twice")
    }
    brokerTopics.append(topic)
  }
}

extension OwnOptions {
  /// The embedded broker as the options describe it.
  func brokerPlan(verbosity: Int) throws(UsageError) -> BrokerPlan {
    var plan = BrokerPlan()
    plan.verbosity = verbosity
    if let listen { (plan.host, plan.port) = try Self.address(listen, port: plan.port) }
    if let port { plan.port = port }
    plan.advertisedHost = advertisedHost
    plan.brokerId = brokerId
    plan.brokers = brokerCount
    if let maxMessageBytes { plan.maxMessageBytes = maxMessageBytes }
    plan.topics = brokerTopics
    plan.autoCreateTopics = autoCreateTopics
    plan.faults = faults
    plan.untilStdinEnds = untilStdinEnds
    return plan
  }

  /// `HOST`, `HOST:PORT`, `:PORT`, `[V6]:PORT` or a bare address of IPv6.
  private static func address(
    _ text: String, port: UInt16
  ) throws(UsageError) -> (String, UInt16) {
    func number(_ digits: Substring) throws(UsageError) -> UInt16 {
      UInt16(
        try OptionValue.integer(Argument(String(digits)), "--listen", "a port", 0...65535))
    }
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else {
        throw .value("--listen: \"\(text)\" has no ]")
      }
      let host = String(text[..<end].dropFirst())
      let rest = text[end...].dropFirst()
      if rest.isEmpty { return (host, port) }
      guard rest.hasPrefix(":") else {
        throw .value("--listen: expected HOST:PORT, not \"\(text)\"")
      }
      return (host, try number(rest.dropFirst()))
    }
    let colons = text.filter { $0 == ":" }.count
    guard colons == 1, let colon = text.firstIndex(of: ":") else {
      guard !text.isEmpty else { throw .value("--listen: expected HOST:PORT") }
      return (text, port)
    }
    let host = text[..<colon]
    return (host.isEmpty ? "127.0.0.1" : String(host), try number(text[colon...].dropFirst()))
  }
}
