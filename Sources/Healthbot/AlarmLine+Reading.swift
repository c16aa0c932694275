import JSON

extension AlarmLine {
  /// Reads an alarm from one line of JSON; fields may come in any order.
  ///
  /// Fields that Healthbot does not have are kept. `line` is the line's number, for errors. Only where
  /// `needsDevice` is false may `device-id` be missing, as it may in a network group.
  /// - Throws: `AlarmError`, with the position, where the line is not JSON or not an alarm.
  public static func alarm(in text: UnsafeRawBufferPointer, line: Int = 1, needsDevice: Bool = true)
    throws(AlarmError) -> Alarm
  {
    var reading = Reading(JSONReader(text, firstLine: line), needsDevice: needsDevice)
    return try reading.alarm()
  }
}

/// Reads one alarm.
private struct Reading {
  private var reader: JSONReader
  private let needsDevice: Bool
  private var strings: [AlarmLine.Field: String] = [:]
  private var keys: [AlarmMember]?
  private var severity: Alarm.Severity?
  private var others: [AlarmMember] = []
  /// Names seen, as UTF-8: to Swift's == two spellings of é are one name, to JSON they are two.
  private var otherNames: Set<[UInt8]> = []

  init(_ reader: JSONReader, needsDevice: Bool) {
    self.reader = reader
    self.needsDevice = needsDevice
  }

  mutating func alarm() throws(AlarmError) -> Alarm {
    let first = try next()
    guard first == .objectStart else {
      throw error(.notAnObject(found: first?.kind ?? "nothing"), reader.tokenOffset)
    }
    while case .name(let span)? = try next() { try field(span) }
    let end = reader.tokenOffset
    _ = try next()
    let missing = AlarmLine.Field.allCases.filter {
      !has($0) && ($0 != .deviceID || needsDevice)
    }
    guard missing.isEmpty, let severity, let keys else { throw error(.missing(missing), end) }
    func string(_ field: AlarmLine.Field) -> String { strings[field] ?? "" }
    var alarm = Alarm(
      deviceID: strings[.deviceID], group: string(.group), message: string(.message),
      rule: string(.rule), severity: severity, topic: string(.topic), trigger: string(.trigger))
    alarm.keys = keys
    alarm.otherFields = others
    return alarm
  }

  private func has(_ field: AlarmLine.Field) -> Bool {
    switch field {
    case .keys: keys != nil
    case .severity: severity != nil
    case .deviceID, .group, .message, .rule, .topic, .trigger: strings[field] != nil
    }
  }

  private mutating func field(_ span: JSONSpan) throws(AlarmError) {
    let name = reader.string(span)
    let place = reader.tokenOffset
    guard let field = AlarmLine.Field(rawValue: name) else {
      guard otherNames.insert(Array(name.utf8)).inserted else {
        throw error(.duplicate(name), place)
      }
      others.append(AlarmMember(name: name, value: try value()))
      return
    }
    if has(field) { throw error(.duplicate(name), place) }
    switch field {
    case .keys: try readKeys()
    case .severity:
      let value = try string(field)
      guard let known = Alarm.Severity(rawValue: value) else {
        throw error(.unknownSeverity(value), reader.tokenOffset)
      }
      severity = known
    case .deviceID, .group, .message, .rule, .topic, .trigger: strings[field] = try string(field)
    }
  }

  private mutating func string(_ field: AlarmLine.Field) throws(AlarmError) -> String {
    let token = try next()
    guard case .string(let span)? = token else { throw wrongType(field, "a string", token) }
    return reader.string(span)
  }

  private mutating func readKeys() throws(AlarmError) {
    let token = try next()
    guard token == .objectStart else { throw wrongType(.keys, "an object", token) }
    var members: [AlarmMember] = []
    var names: Set<[UInt8]> = []
    while case .name(let span)? = try next() {
      let name = reader.string(span)
      guard names.insert(Array(name.utf8)).inserted else {
        throw error(.duplicate(name), reader.tokenOffset)
      }
      members.append(AlarmMember(name: name, value: try value()))
    }
    keys = members
  }

  private mutating func next() throws(AlarmError) -> JSONToken? {
    do { return try reader.next() } catch { throw translated(error) }
  }

  private mutating func value() throws(AlarmError) -> AlarmValue {
    do { return try AlarmValue(reading: &reader) } catch { throw translated(error) }
  }

  private func translated(_ cause: JSONError) -> AlarmError {
    if case .duplicateName(let name) = cause.reason {
      return AlarmError(reason: .duplicate(name), line: cause.line, column: cause.column)
    }
    return AlarmError(
      reason: .notJSON(cause.message), line: cause.line, column: cause.column)
  }

  private func wrongType(_ field: AlarmLine.Field, _ expected: String, _ token: JSONToken?)
    -> AlarmError
  {
    error(
      .wrongType(field, expected: expected, found: token?.kind ?? "nothing"), reader.tokenOffset)
  }

  private func error(_ reason: AlarmError.Reason, _ place: Int) -> AlarmError {
    let (line, column) = reader.position(of: place)
    return AlarmError(reason: reason, line: line, column: column)
  }
}
