import JSON

extension RuleEngine {
  /// Writes what the engine knows, one line (JSON, without its newline) for each instance.
  ///
  /// With the same lines a new engine of the same rules goes on where this one stands. Per line:
  /// `topic`, `rule`, `device`, `keys`, `last-ms`, `triggers` (name: severity and message of what was
  /// last raised) and `fields` (name: pairs of time and value).
  public func exportState(_ write: ([UInt8]) -> Void) {
    for (id, state) in states { write(Self.line(rules[id.rule].rule, state)) }
  }

  private static func line(_ rule: Rule, _ state: RuleState) -> [UInt8] {
    var writer = JSONWriter(.kcat)
    writer.beginObject()
    writer.name("topic")
    writer.string(rule.topic)
    writer.name("rule")
    writer.string(rule.name)
    writer.name("device")
    writer.string(state.device)
    writer.name("keys")
    writer.beginArray()
    for key in state.keys { writer.string(key) }
    writer.endArray()
    writer.name("last-ms")
    writer.integer(state.lastMs)
    writer.name("triggers")
    writer.beginObject()
    for (trigger, status) in zip(rule.triggers, state.statuses) {
      guard let status else { continue }
      writer.name(trigger.name)
      writer.beginArray()
      writer.string(status.severity.rawValue)
      writer.string(status.message)
      writer.endArray()
    }
    writer.endObject()
    writer.name("fields")
    writer.beginObject()
    for (field, window) in zip(rule.fields, state.windows) where !window.samples.isEmpty {
      writer.name(field.name)
      writer.beginArray()
      for sample in window.samples { write(sample, to: &writer) }
      writer.endArray()
    }
    writer.endObject()
    writer.endObject()
    return writer.bytes
  }

  private static func write(_ sample: RuleWindow.Sample, to writer: inout JSONWriter) {
    writer.beginArray()
    writer.integer(sample.timeMs)
    switch sample.value {
    case .integer(let value): writer.integer(value)
    case .float(let value): writer.raw(String(value).utf8)
    case .string(let value): writer.string(value)
    }
    writer.endArray()
  }

  /// Takes one line of `exportState(_:)`; `line` is its number, for errors.
  ///
  /// What is of a rule, a trigger or a field that there is no more is left out. Returns false where the
  /// rule is not there, or has other keys now.
  /// - Throws: `RuleStateError` where the line is not one of the state; then nothing is taken.
  @discardableResult
  public mutating func importState(_ text: UnsafeRawBufferPointer, line: Int = 1)
    throws(RuleStateError) -> Bool
  {
    let read: RuleStateLine?
    do throws(JSONError) { read = try RuleStateLine(text, line: line) } catch {
      throw RuleStateError(line: line, message: error.message)
    }
    guard let read else {
      throw RuleStateError(line: line, message: "the line is no state of a rule")
    }
    return restore(read)
  }

  private mutating func restore(_ read: RuleStateLine) -> Bool {
    guard
      let index = rules.firstIndex(where: {
        $0.rule.topic == read.topic && $0.rule.name == read.rule
      })
    else { return false }
    let rule = rules[index].rule
    let id = InstanceID(rule: index, device: read.device, keys: read.keys)
    guard rule.keyIndices.count == read.keys.count,
      states.count < Self.instancesMax || states[id] != nil
    else { return false }
    var state = RuleState(rule, device: read.device, keys: read.keys, lastMs: read.lastMs)
    for (name, status) in read.statuses {
      guard let at = rule.triggers.firstIndex(where: { $0.name == name }) else { continue }
      state.statuses[at] = status
    }
    let samplesMax = sampleCount < Self.samplesMax ? RuleWindow.samplesMax : 2
    for (name, samples) in read.samples {
      guard let at = rule.fields.firstIndex(where: { $0.name == name }) else { continue }
      for sample in samples where sample.timeMs <= read.lastMs {
        guard sample.timeMs >= state.windows[at].samples.last?.timeMs ?? .min else { continue }
        _ = state.windows[at].append(
          sample, windowMs: rule.windowsMs[at], samplesMax: samplesMax)
      }
    }
    sampleCount += state.sampleCount - (states[id]?.sampleCount ?? 0)
    states[id] = state
    return true
  }
}

/// A line of an engine's state is none.
public struct RuleStateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number of the line.
  public let line: Int
  /// What is wrong.
  public let message: String
  /// The line's number and what is wrong.
  public var description: String { "line \(line) of the rules' state: \(message)" }
}

extension RuleState {
  /// The values in all windows.
  var sampleCount: Int { windows.reduce(0) { $0 + $1.samples.count } }
}

/// A line of the state, read but not yet put to a rule.
private struct RuleStateLine {
  var topic: String
  var rule: String
  var device: String
  var keys: [String]
  var lastMs: Int64
  var statuses: [(String, RuleState.Status)] = []
  var samples: [(String, [RuleWindow.Sample])] = []

  /// Reads a line; nil where it is JSON and no state.
  init?(_ text: UnsafeRawBufferPointer, line: Int) throws(JSONError) {
    var reader = JSONReader(text, firstLine: line)
    guard try reader.next() == .objectStart else { return nil }
    var strings: [String: String] = [:]
    var keys: [String] = []
    var lastMs: Int64?
    while case .name(let span)? = try reader.next() {
      let name = reader.string(span)
      switch name {
      case "topic", "rule", "device":
        guard case .string(let value)? = try reader.next() else { return nil }
        strings[name] = reader.string(value)
      case "keys":
        guard try reader.next() == .arrayStart else { return nil }
        while let token = try reader.next(), token != .arrayEnd {
          guard case .string(let value) = token else { return nil }
          keys.append(reader.string(value))
        }
      case "last-ms":
        guard case .number(let value)? = try reader.next() else { return nil }
        lastMs = reader.integer(value)
      case "triggers":
        guard let found = try Self.statuses(&reader) else { return nil }
        statuses = found
      case "fields":
        guard let found = try Self.samples(&reader) else { return nil }
        samples = found
      default: _ = try reader.skipValue()
      }
    }
    _ = try reader.next()
    guard let topic = strings["topic"], let rule = strings["rule"],
      let device = strings["device"], let lastMs, lastMs >= 0
    else { return nil }
    self.topic = topic
    self.rule = rule
    self.device = device
    self.keys = keys
    self.lastMs = lastMs
  }

  private static func statuses(_ reader: inout JSONReader) throws(JSONError)
    -> [(String, RuleState.Status)]?
  {
    guard try reader.next() == .objectStart else { return nil }
    var result: [(String, RuleState.Status)] = []
    while case .name(let span)? = try reader.next() {
      guard try reader.next() == .arrayStart, case .string(let word)? = try reader.next(),
        let severity = Alarm.Severity(rawValue: reader.string(word)),
        case .string(let message)? = try reader.next(), try reader.next() == .arrayEnd
      else { return nil }
      let status = RuleState.Status(severity: severity, message: reader.string(message))
      result.append((reader.string(span), status))
    }
    return result
  }

  private static func samples(_ reader: inout JSONReader) throws(JSONError)
    -> [(String, [RuleWindow.Sample])]?
  {
    guard try reader.next() == .objectStart else { return nil }
    var result: [(String, [RuleWindow.Sample])] = []
    while case .name(let span)? = try reader.next() {
      guard try reader.next() == .arrayStart else { return nil }
      var samples: [RuleWindow.Sample] = []
      while try reader.next() == .arrayStart {
        guard case .number(let time)? = try reader.next(), let timeMs = reader.integer(time),
          timeMs >= 0, let token = try reader.next(), let value = value(token, reader),
          try reader.next() == .arrayEnd
        else { return nil }
        samples.append(.init(timeMs: timeMs, value: value))
      }
      result.append((reader.string(span), samples))
    }
    return result
  }

  private static func value(_ token: JSONToken, _ reader: JSONReader) -> RuleValue? {
    switch token {
    case .string(let span): .string(reader.string(span))
    case .number(let span):
      reader.integer(span).map { .integer($0) }
        ?? reader.double(span).flatMap { RuleValue.finite($0) }
    default: nil
    }
  }
}
