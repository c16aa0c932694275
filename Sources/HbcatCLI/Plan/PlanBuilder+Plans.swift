extension PlanBuilder {
  /// Whether the command line or a file names a broker.
  var hasBrokers: Bool {
    if let brokers { return !brokers.isEmpty }
    return !(client.value(of: "bootstrap.servers", "metadata.broker.list") ?? "").isEmpty
  }

  /// The client's part of a plan; `-b` wins over all properties.
  func clientPlan() -> ClientPlan {
    var plan = client
    if let brokers, !brokers.isEmpty {
      plan.properties.append(PropertySetting(name: "bootstrap.servers", value: brokers))
    }
    return plan
  }

  func listPlan() -> ListPlan {
    ListPlan(
      client: clientPlan(), topic: topic.flatMap { $0.isEmpty ? nil : $0 }, json: json,
      options: list)
  }

  func pingPlan() -> PingPlan { PingPlan(client: clientPlan(), json: json) }

  func producePlan(topic: String, files: [Argument]) throws(UsageError) -> ProducePlan {
    var plan = ProducePlan(client: clientPlan(), topic: topic, partition: partition)
    plan.delimiter = try DelimiterEscapes.decode(delimiter)
    if let keyDelimiter { plan.keyDelimiter = try DelimiterEscapes.decode(keyDelimiter) }
    guard !plan.delimiter.isEmpty else {
      throw .value("Message delimiter -D must not be empty when producing")
    }
    if plan.keyDelimiter?.isEmpty == true { plan.keyDelimiter = nil }
    plan.fixedKey = fixedKey
    plan.headers = headers
    plan.emptyIsNull = emptyIsNull
    plan.nullMarker = nullMarker
    plan.tee = tee
    plan.maxMessages = maxMessages
    plan.transactionEvery = transactionEvery
    if transactionEvery != nil && (client.value(of: "transactional.id") ?? "").isEmpty {
      throw .syntax("--transaction-every needs a transactional id: give -X transactional.id=ID")
    }
    if let file = files.first {
      guard lines else {
        plan.source = .files(files)
        warnOfLineOptions(plan)
        return plan
      }
      guard files.count == 1 else { throw .value("Only one file allowed for line mode (-l)") }
      plan.source = .lines(of: file)
    }
    return plan
  }

  private func warnOfLineOptions(_ plan: ProducePlan) {
    var idle: [String] = []
    if plan.tee { idle.append("-T") }
    if plan.keyDelimiter != nil { idle.append("-K") }
    if plan.emptyIsNull { idle.append("-Z") }
    if plan.nullMarker != nil { idle.append("--null-marker") }
    if plan.maxMessages != nil { idle.append("-c") }
    guard !idle.isEmpty else { return }
    messages.info(
      1, "\(idle.joined(separator: ", ")) without effect: each file is one message (-l splits it)")
  }

  func consumePlan(topic: String) throws(UsageError) -> ConsumePlan {
    var plan = ConsumePlan(client: clientPlan(), topic: topic, partition: partition)
    plan.start = startMs.map { .timestamp($0) } ?? start ?? .beginning
    plan.stopBeforeMs = stopBeforeMs
    plan.exitAtEnd = exitAtEnd
    plan.maxMessages = maxMessages
    plan.format = try recordFormat()
    if plan.format.hasAvro {
      plan.registry = registry
      plan.registryAuthorities = registryAuthorities
    }
    return plan
  }

  /// A group's member; `topics` are the positionals, and in kcat's dialect nothing else.
  func groupPlan(_ groupId: String, topics: [String]) throws(UsageError) -> ConsumePlan {
    var plan = try consumePlan(topic: "")
    plan.client.properties.append(PropertySetting(name: "group.id", value: groupId))
    plan.group = ConsumePlan.Group(
      id: groupId, topics: topics, start: startMs.map { .timestamp($0) } ?? start)
    return plan
  }

  /// What `-f`, `-D`, `-K`, `-O`, `-Z`, `-J` and `-s` come to.
  func recordFormat() throws(UsageError) -> RecordFormat {
    let delimiter = try DelimiterEscapes.decode(delimiter)
    var keyBytes: [UInt8]?
    if let keyDelimiter { keyBytes = try DelimiterEscapes.decode(keyDelimiter) }
    do throws(FormatError) {
      let keySerdes = try keySerdesText.map { (text) throws(FormatError) in
        try Serdes(parsing: text, for: .key)
      }
      let valueSerdes = try valueSerdesText.map { (text) throws(FormatError) in
        try Serdes(parsing: text, for: .value)
      }
      // kcat prints a key that is Avro, and without -K nothing between it and the value.
      let shownKeyBytes = keyBytes ?? (keySerdes == .avro ? [] : nil)
      var format =
        switch (formatText, json) {
        case (let text?, true): try RecordFormat.json(separatedByFormat: text)
        case (let text?, false): try RecordFormat(parsing: text)
        case (nil, true): RecordFormat.json(separator: delimiter)
        case (nil, false):
          RecordFormat.delimited(
            by: delimiter, keyDelimiter: shownKeyBytes,
            offsetDelimiter: showOffset ? keyBytes ?? [UInt8(ascii: "\t")] : nil)
        }
      format.nullText = nullMarker ?? (emptyIsNull ? Array("NULL".utf8) : [])
      format.keySerdes = keySerdes
      format.valueSerdes = valueSerdes
      return format
    } catch {
      throw .value("\(error)")
    }
  }
}

extension Surroundings.FileError {
  /// Whether the file is simply not there.
  var isAbsence: Bool { self == .noEntry || self == .notFolder }
}
