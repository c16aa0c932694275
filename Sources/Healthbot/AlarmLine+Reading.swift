import JSON

extension AlarmLine {
  /// How many arrays and objects may stand in one another in an alarm, its own included.
  ///
  /// Two less than can be read, since a line of the spool holds alarms in an array in an object.
  static let depthMax = JSONReader.depthMax - 2

  /// Reads an alarm from one line of JSON; fields may come in any order.
  ///
  /// Fields that Healthbot does not have are kept. `line` is the line's number, for errors. Only where
  /// `needsDevice` is false may `device-id` be missing, as it may in a network group.
  /// - Throws: `AlarmError`, with the position, where the line is not JSON or not an alarm.
  public static func alarm(in text: UnsafeRawBufferPointer, line: Int = 1, needsDevice: Bool = true)
    throws(AlarmError) -> Alarm
  {
    let reader = JSONReader(text, firstLine: line, depthLimit: depthMax)
    var reading = Reading(reader, needsDevice: needsDevice)
    return try reading.alarm()
  }
}

/// Reads one alarm.
private struct Reading {
  private var reader: JSONReader
  private let needsDevice: Bool
  private var deviceID: String?
  private var group: String?
  private var keys: [AlarmMember]?
  private var message: String?
  private var rule: String?
  private var severity: Alarm.Severity?
  private var topic: String?
  private var trigger: String?
  private var others: [AlarmMember] = []
  private var otherNames = SeenNames()

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
    guard let group, let keys, let message, let rule, let severity, let topic, let trigger,
      deviceID != nil || !needsDevice
    else {
      let missing = AlarmLine.Field.allCases.filter {
        !has($0) && ($0 != .deviceID || needsDevice)
      }
      throw error(.missing(missing), end)
    }
    var alarm = Alarm(
      deviceID: deviceID, group: group, message: message, rule: rule, severity: severity,
      topic: topic, trigger: trigger)
    alarm.keys = keys
    alarm.otherFields = others
    return alarm
  }

  private func has(_ field: AlarmLine.Field) -> Bool {
    switch field {
    case .deviceID: deviceID != nil
    case .group: group != nil
    case .keys: keys != nil
    case .message: message != nil
    case .rule: rule != nil
    case .severity: severity != nil
    case .topic: topic != nil
    case .trigger: trigger != nil
    }
  }

  private static let names: [(name: StaticString, field: AlarmLine.Field)] = [
    ("device-id", .deviceID), ("group", .group), ("keys", .keys), ("message", .message),
    ("rule", .rule), ("severity", .severity), ("topic", .topic), ("trigger", .trigger),
  ]

  private mutating func field(_ span: JSONSpan) throws(AlarmError) {
    let place = reader.tokenOffset
    guard let field = Self.names.first(where: { reader.matches(span, $0.name) })?.field else {
      let name = reader.string(span)
      guard otherNames.insert(name) else { throw error(.duplicate(name), place) }
      others.append(AlarmMember(name: name, value: try value()))
      return
    }
    if has(field) { throw error(.duplicate(field.rawValue), place) }
    switch field {
    case .keys: try readKeys()
    case .severity:
      let value = try string(field)
      guard let known = Alarm.Severity(rawValue: value) else {
        throw error(.unknownSeverity(value), reader.tokenOffset)
      }
      severity = known
    case .deviceID: deviceID = try string(field)
    case .group: group = try string(field)
    case .message: message = try string(field)
    case .rule: rule = try string(field)
    case .topic: topic = try string(field)
    case .trigger: trigger = try string(field)
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
    var names = SeenNames()
    while case .name(let span)? = try next() {
      let name = reader.string(span)
      guard names.insert(name) else { throw error(.duplicate(name), reader.tokenOffset) }
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

/// Names seen, as UTF-8: to Swift's == two spellings of é are one name, to JSON they are two.
private struct SeenNames {
  /// Few names are compared one by one, which takes less time than hashing them.
  private static let fewMax = 8

  private var few: [String] = []
  private var many: Set<[UInt8]> = []

  /// False where the name was there before.
  mutating func insert(_ name: String) -> Bool {
    if many.isEmpty {
      if few.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { return false }
      few.append(name)
      if few.count > Self.fewMax { many = Set(few.map { Array($0.utf8) }) }
      return true
    }
    return many.insert(Array(name.utf8)).inserted
  }
}
