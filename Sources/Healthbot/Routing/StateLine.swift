import JSON

/// The line of a state file: `{"alarm": {…}, "changed": 1700000000000, "sent": …, "severity": "major"}`.
enum StateLine {
  static func bytes(of state: Transitions.State, _ identity: AlarmIdentity) -> [UInt8] {
    var writer = JSONWriter(.python)
    writer.beginObject()
    writer.name("alarm")
    writer.raw(identity.bytes)
    writer.name("changed")
    writer.integer(state.changedMs)
    if let sentMs = state.sentMs {
      writer.name("sent")
      writer.integer(sentMs)
    }
    writer.name("severity")
    writer.string(state.severity.rawValue)
    writer.endObject()
    return writer.bytes + [UInt8(ascii: "\n")]
  }

  /// Reads a line without its newline; nil where it is none, such as one that a kill cut off.
  static func read(_ line: UnsafeRawBufferPointer) -> (AlarmIdentity, Transitions.State)? {
    var reader = JSONReader(line)
    var identity: [UInt8]?
    var changedMs: Int64?
    var sentMs: Int64?
    var severity: Alarm.Severity?
    do {
      guard try reader.next() == .objectStart else { return nil }
      while case .name(let name)? = try reader.next() {
        switch reader.string(name) {
        case "alarm":
          var text: [UInt8] = []
          guard try reader.appendSorted(to: &text) == .objectStart else { return nil }
          identity = text
        case "changed": changedMs = try time(&reader)
        case "sent": sentMs = try time(&reader)
        case "severity":
          guard case .string(let span)? = try reader.next() else { return nil }
          severity = Alarm.Severity(rawValue: reader.string(span))
        default: _ = try reader.skipValue()
        }
      }
      guard try reader.next() == nil else { return nil }
    } catch {
      return nil
    }
    guard let identity, let changedMs, let severity else { return nil }
    return (
      AlarmIdentity(bytes: identity),
      Transitions.State(severity: severity, changedMs: changedMs, sentMs: sentMs)
    )
  }

  /// A time in the range that can be reckoned with; nil for anything else.
  private static func time(_ reader: inout JSONReader) throws(JSONError) -> Int64? {
    guard case .number(let span)? = try reader.next(), let value = reader.integer(span),
      (0...Transitions.timeMax).contains(value)
    else { return nil }
    return value
  }
}
