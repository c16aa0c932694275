import JSON

/// Reads the alerts of one document that Alertmanager has posted.
struct AlertmanagerDocument {
  private let number: Int
  private let firstLine: Int
  private let defaults: AlarmDefaults
  private let needsDevice: Bool
  private let bytes: UnsafeRawBufferPointer
  private var reader: JSONReader
  private var counter: PlaceCounter
  private var alertCount = 0
  private var hasAlerts = false

  init(
    _ bytes: UnsafeRawBufferPointer, number: Int, firstLine: Int, _ defaults: AlarmDefaults,
    needsDevice: Bool
  ) {
    self.number = number
    self.firstLine = firstLine
    self.defaults = defaults
    self.needsDevice = needsDevice
    self.bytes = bytes
    reader = JSONReader(bytes, firstLine: firstLine)
    counter = PlaceCounter(bytes)
  }

  /// Something that is not as it must be, at the last token.
  private struct Fault: Error {
    var message: String
    init(_ message: String) { self.message = message }
  }

  /// Says each alert as an alarm, or why it is none.
  mutating func read(_ each: AlertmanagerAlarms.Each) {
    do {
      // The whole is read once before: of a document that is no JSON nothing is sent.
      var whole = reader
      _ = try whole.skipValue()
      _ = try whole.next()
      try members(each)
      guard hasAlerts else { throw Fault("the document has no list \"alerts\"") }
    } catch let error as JSONError {
      each(
        .failure(
          AlertmanagerError(
            document: number, line: error.line, column: error.column, message: error.message)))
    } catch {
      each(.failure(failure(error, at: reader.tokenOffset, alert: nil)))
    }
  }

  private mutating func members(_ each: AlertmanagerAlarms.Each) throws {
    guard try reader.next() == .objectStart else { throw Fault("the document must be an object") }
    while case .name(let name)? = try reader.next() {
      if reader.matches(name, "alerts") {
        try alerts(each)
      } else if reader.matches(name, "truncatedAlerts") {
        try truncated(each)
      } else {
        _ = try reader.skipValue()
      }
    }
  }

  private mutating func alerts(_ each: AlertmanagerAlarms.Each) throws {
    hasAlerts = true
    guard try reader.next() == .arrayStart else { throw Fault("\"alerts\" must be a list") }
    while true {
      // What is wrong inside of an alert does not stop the others: behind it is known before.
      var behind = reader
      _ = try behind.skipValue()
      guard behind.depth >= reader.depth else {
        reader = behind
        return
      }
      alertCount += 1
      do {
        let alert = try alert()
        each(.success(alert))
      } catch {
        each(.failure(failure(error, at: reader.tokenOffset, alert: alertCount)))
      }
      reader = behind
    }
  }

  /// Alertmanager's `max_alerts` has left some out, which nobody will hear of otherwise.
  private mutating func truncated(_ each: AlertmanagerAlarms.Each) throws {
    let span = try reader.skipValue()
    guard let count = reader.integer(span), count > 0 else { return }
    let text =
      "Alertmanager has left out \(count) alert\(count == 1 ? "" : "s"): raise max_alerts of its "
      + "webhook"
    each(.failure(failure(Fault(text), at: span.offset, alert: nil)))
  }

  // MARK: One alert

  private mutating func alert() throws -> Alarm {
    guard try reader.next() == .objectStart else { throw Fault("an alert must be an object") }
    let place = reader.tokenOffset
    var isResolved = false
    var labels: [(name: String, value: String)] = []
    var annotations: [(name: String, value: String)] = []
    while case .name(let name)? = try reader.next() {
      if reader.matches(name, "labels") {
        labels = try texts("labels")
      } else if reader.matches(name, "annotations") {
        annotations = try texts("annotations")
      } else if reader.matches(name, "status") {
        guard case .string(let status)? = try reader.next() else {
          throw Fault("\"status\" must be a text")
        }
        isResolved = reader.matches(status, "resolved")
        guard isResolved || reader.matches(status, "firing") else {
          throw Fault(
            "\"status\" must be firing or resolved, not "
              + shown(reader.string(status), limit: 40))
        }
      } else {
        _ = try reader.skipValue()
      }
    }
    do throws(AlarmPartError) {
      return try alarm(labels, annotations, isResolved: isResolved)
    } catch {
      throw AlertFault(reason: error.reason, offset: place)
    }
  }

  /// Something about a whole alert.
  private struct AlertFault: Error {
    var reason: AlarmError.Reason
    var offset: Int
  }

  /// The members of an object, which are texts; those that are empty are left out.
  private mutating func texts(_ what: String) throws -> [(name: String, value: String)] {
    let token = try reader.next()
    if token == .null { return [] }
    guard token == .objectStart else { throw Fault("\"\(what)\" must be an object") }
    var texts: [(name: String, value: String)] = []
    while case .name(let span)? = try reader.next() {
      let name = reader.string(span)
      guard case .string(let value)? = try reader.next() else {
        throw Fault("\(shown(name, limit: 80)) in \"\(what)\" must be a text")
      }
      if value.count > 0 { texts.append((name, reader.string(value))) }
    }
    return texts
  }

  private func alarm(
    _ labels: [(name: String, value: String)], _ annotations: [(name: String, value: String)],
    isResolved: Bool
  ) throws(AlarmPartError) -> Alarm {
    /// The labels that a field has as they stand.
    var used: Set<String> = []
    func label(_ names: String...) -> String? {
      for name in names {
        if let found = labels.first(where: { $0.name == name }) {
          used.insert(name)
          return found.value
        }
      }
      return nil
    }
    func annotation(_ names: String...) -> String? {
      names.lazy.compactMap { name in annotations.first { $0.name == name }?.value }.first
    }
    var defaults = defaults
    let name = label("alertname")
    // A topic in Kafka may be named after each of them, which therefore are the same from alert to alert.
    defaults.topic = label("topic", "job") ?? defaults.topic ?? "alertmanager"
    defaults.trigger = label("trigger") ?? name ?? defaults.trigger
    defaults.message =
      annotation("summary", "description", "message") ?? defaults.message ?? name
    defaults.rule = name ?? defaults.rule
    defaults.group = label("group", "device-group", "device_group") ?? defaults.group
    if let device = label("device-id", "device_id", "device") {
      defaults.deviceID = device
    } else if let instance = label("instance") {
      let host = Self.withoutPort(instance)
      defaults.deviceID = host
      // Two exporters on one device are two alarms.
      if host != instance { used.remove("instance") }
    }
    defaults.severity =
      isResolved
      ? .normal
      : labels.first { $0.name == "severity" }.flatMap { Self.severity($0.value) }
        ?? defaults.severity ?? .minor
    var parts = AlarmParts()
    for label in labels where !used.contains(label.name) {
      try parts.setKey(label.name, to: label.value)
    }
    return try parts.alarm(defaults, needsDevice: needsDevice)
  }

  /// The severity that a word means to most; nil for what has none, such as `none`.
  private static func severity(_ word: String) -> Alarm.Severity? {
    switch word.lowercased() {
    case "critical", "crit", "major", "error", "err", "page", "emergency", "alert", "fatal",
      "high", "disaster":
      .major
    case "warning", "warn", "minor", "info", "information", "informational", "notice", "low",
      "medium", "average", "ticket":
      .minor
    default: nil
    }
  }

  /// `mx1:9100` is the exporter on `mx1`; an address of IPv6 has its colons.
  private static func withoutPort(_ instance: String) -> String {
    let parts = instance.split(separator: ":", omittingEmptySubsequences: false)
    guard let port = parts.last, !port.isEmpty, port.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
      return instance
    }
    let host = instance.dropLast(port.count + 1)
    if host.hasPrefix("["), host.hasSuffix("]") { return String(host.dropFirst().dropLast()) }
    return parts.count == 2 && !host.isEmpty ? String(host) : instance
  }

  private mutating func failure(_ error: any Error, at offset: Int, alert: Int?)
    -> AlertmanagerError
  {
    var place = offset
    var message = "\(error)"
    if let fault = error as? Fault { message = fault.message }
    if let fault = error as? AlertFault {
      place = fault.offset
      message = AlarmError(reason: fault.reason, line: 0, column: 0).message
    }
    counter.advance(to: place)
    return AlertmanagerError(
      document: number, alert: alert, line: counter.line + firstLine - 1,
      column: counter.column, message: message)
  }
}
