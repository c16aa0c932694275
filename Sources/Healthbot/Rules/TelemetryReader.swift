import JSON

/// Reads telemetry records, JSON, into the values of the paths that rules ask for.
///
/// Healthbot's Kafka ingest (`brokers`, `topics`, `security`) does not document what its records look like,
/// so what collectors write is taken as it is:
/// - A record is an object, or a list of objects, each a record of its own.
/// - The device is the first of `device-id`, `device`, `system-id`, `system_id`, `source` and `host` that
///   the object or its `tags` have; without one, the caller's (such as the record's key).
/// - The time is `timestamp` or `time`, since 1970, in seconds, ms, µs or ns as its size tells; without
///   one, or where it is more than five minutes ahead, the time of reading.
/// - Values are texts, numbers and booleans; their path is the names down to them, with `/` between.
///   `fields`, `values`, `tags` and `keys` at the top do not count (Telegraf, gNMIc). `path` is put before
///   the paths, which count without it too. A name that begins with `/` is a whole path. Of
///   `interface[name='xe-0/0/0']` the path is `interface`, and `interface/@name` has the value.
/// - Lists below are skipped: one record is one instance of a rule's keys.
struct TelemetryReader {
  /// How far ahead of the reader's time a record's time may be, in milliseconds.
  static let aheadMaxMs: Int64 = 300_000

  private static let deviceNames: [StaticString] = [
    "device-id", "device", "system-id", "system_id", "source", "host",
  ]

  private let slots: [[UInt8]: Int]
  /// The values of the last record, by slot.
  private(set) var values: [RuleValue?]
  /// The slots that have a value.
  private(set) var touched: [Int] = []
  /// The device; nil where the record does not name one.
  private(set) var device: String?
  /// The time in milliseconds since 1970; nil where the record has none.
  private(set) var timestampMs: Int64?

  private var devicePreference = Int.max
  private var prefix: [UInt8] = []
  private var path: [UInt8] = []
  /// Where in `path` the whole path begins, behind the names that a name with `/` took the place of.
  private var start = 0
  private var key: [UInt8] = []

  /// Makes a reader; `slots` are the paths that are asked for, without `/` around, and their numbers.
  init(slots: [[UInt8]: Int]) {
    self.slots = slots
    values = Array(repeating: nil, count: (slots.values.max() ?? -1) + 1)
  }

  /// Where in a text the records lie.
  ///
  /// - Throws: `TelemetryError` where the text is not JSON, or something else than objects.
  static func records(in text: UnsafeRawBufferPointer) throws(TelemetryError)
    -> [UnsafeRawBufferPointer]
  {
    var reader = JSONReader(text)
    let values: [JSONSpan]
    do throws(JSONError) { values = try Self.values(&reader) } catch {
      throw TelemetryError(
        reason: .notJSON(error.message), line: error.line, column: error.column)
    }
    if let other = values.first(where: { reader.text($0).first != UInt8(ascii: "{") }) {
      let (line, column) = reader.position(of: other.offset)
      throw TelemetryError(reason: .notAnObject, line: line, column: column)
    }
    return values.map { reader.text($0) }
  }

  /// The values of a list, or the one value that the text is.
  private static func values(_ reader: inout JSONReader) throws(JSONError) -> [JSONSpan] {
    var whole = reader
    guard try reader.next() == .arrayStart else {
      let value = try whole.skipValue()
      _ = try whole.next()
      return [value]
    }
    var values: [JSONSpan] = []
    while true {
      let value = try reader.skipValue()
      if reader.depth == 0 { break }
      values.append(value)
    }
    _ = try reader.next()
    return values
  }

  /// Reads one record out of `records(in:)`.
  mutating func read(_ record: UnsafeRawBufferPointer) throws(JSONError) {
    for slot in touched { values[slot] = nil }
    touched.removeAll(keepingCapacity: true)
    device = nil
    devicePreference = .max
    timestampMs = nil
    prefix.removeAll(keepingCapacity: true)
    var reader = JSONReader(record)
    _ = try reader.next()
    try head(&reader, isTop: true)
    reader = JSONReader(record)
    _ = try reader.next()
    path.removeAll(keepingCapacity: true)
    start = 0
    try object(&reader)
  }

  // MARK: Device, time, path

  private mutating func head(_ reader: inout JSONReader, isTop: Bool) throws(JSONError) {
    while case .name(let name)? = try reader.next() {
      if let preference = Self.deviceNames.firstIndex(where: { reader.matches(name, $0) }),
        preference < devicePreference
      {
        try readDevice(&reader, preference)
      } else if isTop && (reader.matches(name, "timestamp") || reader.matches(name, "time")) {
        try readTime(&reader)
      } else if isTop && reader.matches(name, "path") {
        try readPath(&reader)
      } else if isTop && reader.matches(name, "tags") {
        let level = reader.depth
        if try reader.next() == .objectStart {
          try head(&reader, isTop: false)
        } else {
          while reader.depth > level { _ = try reader.next() }
        }
      } else {
        _ = try reader.skipValue()
      }
    }
  }

  private mutating func readDevice(_ reader: inout JSONReader, _ preference: Int)
    throws(JSONError)
  {
    let level = reader.depth
    if case .string(let span)? = try reader.next(), span.count > 0 {
      device = Self.string(span, reader)
      devicePreference = preference
    }
    while reader.depth > level { _ = try reader.next() }
  }

  private mutating func readTime(_ reader: inout JSONReader) throws(JSONError) {
    let level = reader.depth
    switch try reader.next() {
    case .number(let span), .string(let span):
      guard let time = reader.double(span), time.isFinite, time > 0 else { return }
      // 1e11 seconds are the year 5138, 1e11 milliseconds 1973; and so on for the finer units.
      let ms =
        time < 1e11 ? time * 1000 : time < 1e14 ? time : time < 1e17 ? time / 1e3 : time / 1e6
      timestampMs = Int64(exactly: ms.rounded(.down))
    default: while reader.depth > level { _ = try reader.next() }
    }
  }

  private mutating func readPath(_ reader: inout JSONReader) throws(JSONError) {
    let level = reader.depth
    if case .string(let span)? = try reader.next() {
      var text: [UInt8] = []
      reader.appendValue(of: span, to: &text)
      let name = TelemetryPath.trimmed(text[...])
      var conditions: [([UInt8], [UInt8])] = []
      TelemetryPath.append(name, to: &prefix) { conditions.append(($0, $1)) }
      for (key, value) in conditions { set(key, .string(String(decoding: value, as: UTF8.self))) }
    }
    while reader.depth > level { _ = try reader.next() }
  }

  // MARK: Values

  private mutating func object(_ reader: inout JSONReader) throws(JSONError) {
    while case .name(let name)? = try reader.next() {
      let mark = path.count
      let oldStart = start
      push(name, reader)
      let level = reader.depth
      guard let token = try reader.next() else { return }
      switch token {
      case .objectStart:
        if level == 1 && Self.isTransparent(name, reader) {
          path.removeLast(path.count - mark)
          start = oldStart
        }
        try object(&reader)
      case .arrayStart: while reader.depth > level { _ = try reader.next() }
      case .string(let span): store { .string(Self.string(span, reader)) }
      case .number(let span):
        store {
          reader.integer(span).map { .integer($0) }
            ?? reader.double(span).flatMap { RuleValue.finite($0) }
        }
      case .bool(let value): store { .string(value ? "true" : "false") }
      case .null, .name, .objectEnd, .arrayEnd: break
      }
      path.removeLast(path.count - mark)
      start = oldStart
    }
  }

  private static func isTransparent(_ name: JSONSpan, _ reader: JSONReader) -> Bool {
    reader.matches(name, "fields") || reader.matches(name, "values")
      || reader.matches(name, "tags") || reader.matches(name, "keys")
  }

  /// Puts a member's name behind the path.
  private mutating func push(_ name: JSONSpan, _ reader: JSONReader) {
    let text = reader.text(name)
    var decoded: [UInt8] = []
    if name.hasEscapes { reader.appendValue(of: name, to: &decoded) }
    if text.first == UInt8(ascii: "/") || decoded.first == UInt8(ascii: "/") {
      start = path.count
    } else if path.count > start {
      path.append(UInt8(ascii: "/"))
    }
    if !name.hasEscapes && !text.contains(UInt8(ascii: "[")) {
      path.append(contentsOf: TelemetryPath.trimmed(text[...]))
      return
    }
    if !name.hasEscapes { decoded = Array(text) }
    var whole = Array(path[start...])
    let length = whole.count
    var conditions: [([UInt8], [UInt8])] = []
    TelemetryPath.append(TelemetryPath.trimmed(decoded[...]), to: &whole) {
      conditions.append(($0, $1))
    }
    path.append(contentsOf: whole[length...])
    for (key, value) in conditions { set(key, .string(String(decoding: value, as: UTF8.self))) }
  }

  /// Stores a value at the path, with and without the record's own prefix.
  private mutating func store(_ value: () -> RuleValue?) {
    key.removeAll(keepingCapacity: true)
    key.append(contentsOf: path[start...])
    let plain = slots[key]
    var prefixed: Int?
    if start == 0 && !prefix.isEmpty {
      key.removeAll(keepingCapacity: true)
      key.append(contentsOf: prefix)
      key.append(UInt8(ascii: "/"))
      key.append(contentsOf: path)
      prefixed = slots[key]
    }
    guard plain != nil || prefixed != nil, let value = value() else { return }
    if let plain { set(plain, value) }
    if let prefixed { set(prefixed, value) }
  }

  private mutating func set(_ key: [UInt8], _ value: RuleValue) {
    if let slot = slots[key] { set(slot, value) }
  }

  private mutating func set(_ slot: Int, _ value: RuleValue) {
    if values[slot] == nil { touched.append(slot) }
    values[slot] = value
  }

  /// A string, cut where it is longer than rules keep.
  private static func string(_ span: JSONSpan, _ reader: JSONReader) -> String {
    let text = reader.string(span)
    guard text.utf8.count > RuleValue.bytesMax else { return text }
    return String(decoding: text.utf8.prefix(RuleValue.bytesMax), as: UTF8.self)
  }
}
