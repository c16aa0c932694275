import Healthbot
import KafkaClient

/// Raises alarms from telemetry.
struct IngestPlan: Equatable, Sendable {
  /// The cluster with the telemetry.
  var client = ClientPlan()
  /// Where alarms go.
  var delivery = DeliveryPlan()
  /// The files of rules, one or more.
  var rules: [Argument] = []
  /// Values for `{{…}}`.
  var variables: [String: String] = [:]
  /// Only lists the rules; then there is no group, name or topic.
  var listsRules = false
  /// The list is JSON.
  var json = false
  /// The device group of the alarms.
  var group = ""
  /// The consumer group.
  var name = ""
  /// Names and `^regular expressions`, one or more.
  var topics: [String] = []
  /// What the engine's state is kept in; nil for nowhere.
  var engineState: String?
  /// A refused rule or a bad record is an end.
  var isStrict = false
  /// Ends when all partitions have been read to their ends.
  var exitAtEnd = false
}

/// The options of ingest, as typed.
struct IngestOptions {
  var rules: [Argument] = []
  var variables: [String: String] = [:]
  var files: [Argument] = []
  var name: String?
  var topics: [String] = []
  var engineState: String?
  var listsRules = false

  mutating func apply(
    _ key: OptionKey, _ value: Argument, _ spelling: String
  ) throws(UsageError) {
    switch key {
    case .ingestRules: rules.append(value)
    case .ingestVariable:
      guard let (name, text) = OptionValue.pair(value), let text else {
        throw .value("\(spelling): expected NAME=VALUE, not \"\(value)\"")
      }
      let key = String(decoding: name, as: UTF8.self)
      guard variables.updateValue(String(decoding: text, as: UTF8.self), forKey: key) == nil else {
        throw .value("\(spelling): \"\(key)\" is given twice")
      }
    case .ingestFile: files.append(value)
    case .ingestName:
      let text = try OptionValue.text(value, spelling)
      guard !text.isEmpty else { throw .value("\(spelling): the name is empty") }
      name = text
    case .ingestTopic: topics.append(try OptionValue.text(value, spelling))
    case .engineState:
      let text = try OptionValue.text(value, spelling)
      guard !text.isEmpty else { throw .value("\(spelling): expected a file") }
      engineState = text
    default: listsRules = true
    }
  }
}

extension PlanBuilder {
  /// The plan of `ingest --list-rules`, which talks to nobody.
  func rulesListPlan() throws(UsageError) -> IngestPlan {
    guard !ingest.rules.isEmpty else { throw .syntax("no rules: give --rules FILE") }
    var plan = IngestPlan(rules: ingest.rules, variables: ingest.variables)
    plan.client.verbosity = client.verbosity
    plan.listsRules = true
    plan.json = json
    plan.isStrict = notify.isStrict
    return plan
  }

  /// The plan of `ingest`; what `--ingest` says comes before the command line's properties.
  mutating func ingestPlan() throws(UsageError) -> IngestPlan {
    if json { throw .syntax("-J needs --list-rules") }
    var plan = try rulesListPlan()
    plan.listsRules = false
    guard let name = ingest.name else {
      throw .syntax("no name: give --name NAME, which is the consumer group")
    }
    guard let group = own.alarm[.alarmGroup], !group.isEmpty else {
      throw .syntax("no device group: give --group NAME")
    }
    plan.client = clientPlan()
    plan.name = name
    plan.group = group
    plan.topics = ingest.topics
    plan.engineState = ingest.engineState
    plan.exitAtEnd = exitAtEnd
    plan.delivery = try ingestDelivery()
    plan.client.properties.append(PropertySetting(name: "group.id", value: name))
    if plan.topics.isEmpty {
      throw .syntax("no topic: give -t TOPIC, or topics in a file of --ingest")
    }
    return plan
  }

  /// Where alarms go: by Healthbot's configuration, or else to the cluster that has the telemetry.
  private func ingestDelivery() throws(UsageError) -> DeliveryPlan {
    try delivery.check()
    var plan = delivery.plan
    if plan.configFiles.isEmpty, own.kafkaTopic == nil,
      let path = surroundings.variable("HBCAT_NOTIFY_CONFIG"), !path.isEmpty
    {
      plan.configFiles = [Argument(path)]
    }
    plan.client = clientPlan()
    // What opens the telemetry's cluster, above all its secrets, is no business of others.
    if !plan.configFiles.isEmpty { plan.client.properties = [] }
    return try addressed(plan)
  }

  /// Reads the files of `--ingest` and puts what they say before what was typed.
  mutating func readIngestFiles() throws(UsageError) {
    guard !ingest.files.isEmpty else { return }
    var reader = KafkaIngestReader()
    for file in ingest.files {
      switch surroundings.readFile(file) {
      case .success(let bytes): bytes.withUnsafeBytes { reader.read($0, file: file.description) }
      case .failure(let error):
        throw .circumstance("Failed to open \(file): \(error.description)")
      }
    }
    let (found, issues) = reader.finish()
    for issue in issues {
      messages.line("% \(issue.isWarning ? "WARNING" : "ERROR"): \(issue)")
    }
    let errorCount = issues.count { !$0.isWarning }
    guard errorCount == 0 else {
      throw .circumstance(
        "--ingest: \(errorCount) error\(errorCount == 1 ? "" : "s") in the configuration")
    }
    let item = try chosen(found)
    ingest.name = item.name
    if ingest.topics.isEmpty { ingest.topics = item.topics }
    var settings: [PropertySetting] = []
    for (name, value) in item.properties {
      let setting = PropertySetting(
        name: name, value: value,
        origin: .file(place: "tlive-kafka-oc \"\(item.name)\""))
      try check(setting)
      settings.append(setting)
    }
    client.properties = settings + client.properties
  }

  /// The ingest that `--name` means, or the only one.
  private func chosen(_ found: [KafkaIngest]) throws(UsageError) -> KafkaIngest {
    let names = found.map(\.name)
    guard let name = ingest.name else {
      if found.count == 1, let only = found.first { return only }
      throw .value(
        found.isEmpty
          ? "--ingest: there is no tlive-kafka-oc in the files"
          : "--ingest: which one? give --name with one of \(names.joined(separator: ", "))")
    }
    guard let item = found.first(where: { $0.name == name }) else {
      let nearest = NearestName.of(name, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
      throw .value("--name: there is no tlive-kafka-oc \"\(name)\" in the files\(nearest)")
    }
    return item
  }
}

extension KafkaIngest {
  /// The client's properties, by librdkafka's names.
  var properties: [(name: String, value: String)] {
    var properties = [("bootstrap.servers", brokers.joined(separator: ","))]
    let isEncrypted = tls != nil
    switch (sasl != nil, isEncrypted) {
    case (false, false): break
    case (false, true): properties.append(("security.protocol", "ssl"))
    case (true, false): properties.append(("security.protocol", "sasl_plaintext"))
    case (true, true): properties.append(("security.protocol", "sasl_ssl"))
    }
    if let sasl {
      properties += [
        ("sasl.mechanism", "PLAIN"), ("sasl.username", sasl.username),
        ("sasl.password", sasl.password.text),
      ]
    }
    guard let tls else { return properties }
    if let file = tls.authorities { properties.append(("ssl.ca.location", file)) }
    if let file = tls.certificate { properties.append(("ssl.certificate.location", file)) }
    if let file = tls.key { properties.append(("ssl.key.location", file)) }
    if tls.skipsVerification {
      properties.append(("enable.ssl.certificate.verification", "false"))
    }
    return properties
  }
}
