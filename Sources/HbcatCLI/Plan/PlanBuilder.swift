import KafkaClient

/// Gathers options in the order typed and makes a plan of them; both dialects use it.
struct PlanBuilder {
  /// An option that ends the reading of the command line at once.
  enum Early: Equatable {
    case help
    case version
    case propertyList
    case unitTests
  }

  let surroundings: Surroundings
  let messages: Messages

  /// Called by the name kcat: then nothing is read or said that kcat does not read or say.
  var isCalledKcat = false

  // What was typed; kcat's defaults.
  var client = ClientPlan()
  /// Takes each property in turn, so that a bad one is an error where it stands.
  private var checked = PropertySet()
  var brokers: String?
  var configFilesRead = 0
  var searchesDefaultFile = true
  var dumpsProperties = false
  var topic: String?
  /// Every -t, in the order typed.
  var topicsTyped: [String] = []
  var partition: Int32?
  var start: StartOffset?
  var startMs: Int64?
  var stopBeforeMs: Int64?
  var exitAtEnd = false
  var maxMessages: Int64?
  var delimiter: Argument = "\\n"
  var keyDelimiter: Argument?
  var fixedKey: [UInt8]?
  var headers: [ProducePlan.Header] = []
  var emptyIsNull = false
  var nullMarker: [UInt8]?
  var json = false
  var formatText: String?
  var lines = false
  var tee = false
  var transactionEvery: Int64?
  var showOffset = false
  var keySerdesText: String?
  var valueSerdesText: String?
  var registry: [RegistryAddress]?
  var registryAuthorities: String?
  var groupId: String?
  /// Files with a secret that others can read.
  var readableSecrets: [Argument] = []
  var isStrictWithSecrets = false
  var share = ShareOptions()
  var ingest = IngestOptions()
  var list = ListOptions()
  /// Options that only a consumer has, and only a producer; in the order typed.
  var consumerOptions: [String] = []
  var producerOptions: [String] = []
  var own = OwnOptions()
  var notify = NotifyOptions()
  var delivery = DeliveryOptions()
  var alarms = AlarmsOptions()

  init(surroundings: Surroundings, messages: Messages) {
    self.surroundings = surroundings
    self.messages = messages
  }

  /// Takes an option; modes are the dialect's affair.
  mutating func apply(
    _ row: OptionRow, _ value: Argument, spelling: String
  ) throws(UsageError) -> Early? {
    note(row, spelling)
    switch row.key {
    case .help: return .help
    case .version: return .version
    case .unitTests: return .unitTests
    case .property: return try applyProperty(value, spelling)
    case .consumerMode, .producerMode, .listMode, .groupMode, .queryMode, .mockMode: break
    case .bootstrapServers, .configFile, .debug, .timeout, .keepGoing, .quiet, .verbose,
      .unbuffered, .user, .passwordFile, .strictSecrets:
      try applyClient(row.key, value, spelling)
    case .topic, .partition, .delimiter, .keyDelimiter, .maxMessages, .emptyIsNull, .nullMarker,
      .json:
      try applyRecords(row.key, value, spelling)
    case .compression, .key, .header, .lines, .tee, .transactionEvery:
      try applyProducing(row.key, value, spelling)
    case .offset, .fromBeginning, .exitAtEnd, .format, .serdes, .schemaRegistry, .showOffset,
      .group:
      try applyConsuming(row.key, value, spelling)
    case .offsets, .configs, .allConfigs: list.apply(row.key)
    case .shareGroup, .acknowledgement, .exitIdle: try share.apply(row.key, value, spelling)
    case .ingestRules, .ingestVariable, .ingestName, .ingestFile, .ingestTopic, .engineState,
      .listRules:
      try ingest.apply(row.key, value, spelling)
    case .alarmsTopic, .since, .allAlarms, .silenced, .check, .untilClear, .waitTimeout,
      .silenceFor, .silenceAuthor, .silenceComment, .silenceTopic, .within:
      try alarms.apply(row.key, value, spelling)
    case .alarmGroup, .alarmDevice, .alarmTopic, .alarmRule, .alarmTrigger, .alarmSeverity,
      .alarmMessage, .alarmKey, .to, .sanitize, .listen, .port, .advertise, .brokerId,
      .brokerTopic, .untilStdinEnds, .noAutoCreate, .fault, .brokerCount, .maxMessageBytes,
      .demoTopic:
      try own.apply(row.key, value, spelling)
    case .checkConfig, .dryRun, .inputForm, .strict: try notify.apply(row.key, value, spelling)
    case .notifyConfig, .stateFile, .spool, .transitions, .repeatInterval, .createTopics, .template,
      .groupWait, .inFlight, .allowHTTP, .webAuthority:
      try delivery.apply(row.key, value, spelling)
    }
    return nil
  }

  private mutating func note(_ row: OptionRow, _ spelling: String) {
    if row.modes.isDisjoint(with: [.consumer, .group]), row.modes.contains(.producer) {
      producerOptions.append(spelling)
    } else if row.modes.contains(.consumer), !row.modes.contains(.producer) {
      consumerOptions.append(spelling)
    }
  }

  private mutating func applyClient(
    _ key: OptionKey, _ value: Argument, _ spelling: String
  ) throws(UsageError) {
    switch key {
    case .bootstrapServers:
      let text = try OptionValue.text(value, spelling)
      guard !text.hasPrefix("-") else {
        throw .value(
          "\(spelling): no broker is called \"\(text)\": is the variable before it empty?")
      }
      if !text.isEmpty { try check(PropertySetting(name: "bootstrap.servers", value: text)) }
      brokers = text
    case .configFile: try readConfigFile(value)
    case .debug: try setProperty("debug", try OptionValue.text(value, spelling))
    case .timeout:
      client.timeoutMs =
        try OptionValue.integer(value, spelling, "a number of seconds", 0...2_147_483) * 1000
    case .keepGoing: client.keepGoing = true
    case .strictSecrets: isStrictWithSecrets = true
    case .user: try setProperty("sasl.username", try OptionValue.text(value, spelling))
    case .passwordFile: try applyPasswordFile(value, spelling)
    case .quiet: setVerbosity(0)
    case .verbose: setVerbosity(min(client.verbosity + 1, 9))
    default: client.unbuffered = true
    }
  }

  private mutating func applyRecords(
    _ key: OptionKey, _ value: Argument, _ spelling: String
  ) throws(UsageError) {
    switch key {
    case .topic:
      let name = try OptionValue.text(value, spelling)
      topic = name
      topicsTyped.append(name)
    case .partition:
      let number = try OptionValue.integer(
        value, spelling, "a partition's number or -1", -1...Int64(Int32.max))
      partition = number < 0 ? nil : Int32(number)
    case .delimiter: delimiter = value
    case .keyDelimiter: keyDelimiter = value
    case .maxMessages:
      let number = try OptionValue.integer(
        value, spelling, "a number of messages", Int64.min...Int64.max)
      maxMessages = number > 0 ? number : nil
    case .emptyIsNull: emptyIsNull = true
    case .nullMarker: nullMarker = value.bytes
    default: json = true
    }
  }

  private mutating func applyProducing(
    _ key: OptionKey, _ value: Argument, _ spelling: String
  ) throws(UsageError) {
    switch key {
    case .compression:
      let codec = try OptionValue.text(value, spelling)
      guard !codec.isEmpty else {
        throw .value("Configuration property \"compression.codec\" cannot be set to empty value")
      }
      guard ["none", "gzip", "snappy", "lz4", "zstd"].contains(codec) else {
        throw .value("Invalid value \"\(codec)\" for configuration property \"compression.codec\"")
      }
      try setProperty("compression.codec", codec)
    case .key: fixedKey = value.bytes
    case .header:
      guard let (name, text) = OptionValue.pair(value) else {
        throw .value("Expected -H \"name=value..\" or -H \"name\"")
      }
      headers.append(ProducePlan.Header(name: name, value: text))
    case .lines: lines = true
    case .transactionEvery:
      transactionEvery = try OptionValue.integer(
        value, spelling, "a number of messages", 1...Int64.max)
    default: tee = true
    }
  }

  private mutating func applyConsuming(
    _ key: OptionKey, _ value: Argument, _ spelling: String
  ) throws(UsageError) {
    switch key {
    case .offset:
      switch try OffsetOption(parsing: value) {
      case .start(.timestamp(let ms)): startMs = ms
      case .start(let offset): start = offset
      case .stop(let ms): stopBeforeMs = ms
      }
    case .fromBeginning: start = .beginning
    case .exitAtEnd: exitAtEnd = true
    case .format: formatText = value.description
    case .serdes: try applySerdes(try OptionValue.text(value, spelling))
    case .schemaRegistry:
      let text = try OptionValue.text(value, spelling)
      guard !text.isEmpty else { throw .value("\(spelling) url must not be empty") }
      registry = try RegistryAddress.list(parsing: text)
    case .group: groupId = try OptionValue.text(value, spelling)
    default: showOffset = true
    }
  }

  private mutating func applySerdes(_ text: String) throws(UsageError) {
    if text.hasPrefix("key=") {
      keySerdesText = String(text.dropFirst(4))
    } else if text.hasPrefix("value=") {
      valueSerdesText = String(text.dropFirst(6))
    } else {
      keySerdesText = text
      valueSerdesText = text
    }
  }

  private mutating func applyProperty(
    _ value: Argument, _ spelling: String
  ) throws(UsageError) -> Early? {
    let text = try OptionValue.text(value, spelling)
    if text == "list" || text == "help" { return .propertyList }
    if text == "dump" {
      dumpsProperties = true
      return nil
    }
    guard let equals = text.firstIndex(of: "=") else {
      throw UsageError(
        kind: .plain,
        text: "Expected -X property=value, not \(text), "
          + "use -X list to display available properties")
    }
    let name = text[..<equals].drop { $0 == " " }
    try setProperty(
      String(name.reversed().drop { $0 == " " }.reversed()), String(text[equals...].dropFirst()))
    return nil
  }

  private mutating func setProperty(_ name: String, _ value: String) throws(UsageError) {
    let property = try resolved(PropertySetting(name: name, value: value))
    if try setRegistry(property) { return }
    try check(property)
    client.properties.append(property)
  }

  /// Throws unless there is a property of that name and it takes that value.
  mutating func check(_ property: PropertySetting) throws(UsageError) {
    do throws(PropertyError) {
      try checked.set(property.name, property.value)
    } catch {
      let hint = isCalledKcat ? nil : error.hint
      let text = hint.map { "\(error.description) (\($0))" } ?? error.description
      switch property.origin {
      case .commandLine: throw .value(text)
      case .file(let place): throw .circumstance("\(place): \(text)")
      }
    }
  }

  private mutating func setVerbosity(_ verbosity: Int) {
    client.verbosity = verbosity
    messages.verbosity = verbosity
  }
}
