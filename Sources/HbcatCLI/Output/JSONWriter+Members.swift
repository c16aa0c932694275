import JSON

extension JSONWriter {
  /// Writes a member that is a string, or null.
  mutating func member(_ name: String, _ value: String?) {
    self.name(name)
    if let value { string(value) } else { null() }
  }

  /// Writes a member that is an integer, or null.
  mutating func member(_ name: String, _ value: (some BinaryInteger)?) {
    self.name(name)
    if let value { integer(Int64(value)) } else { null() }
  }

  /// Writes a member that is a list of objects or other values.
  mutating func member<Elements: Sequence>(
    _ name: String, of elements: Elements, _ write: (inout JSONWriter, Elements.Element) -> Void
  ) {
    self.name(name)
    beginArray()
    for element in elements { write(&self, element) }
    endArray()
  }

  /// Writes an object.
  mutating func object(_ members: (inout JSONWriter) -> Void) {
    beginObject()
    members(&self)
    endObject()
  }

  /// The text as a line; for a terminal, what would steer it is escaped.
  func line(forTerminal: Bool) -> [UInt8] {
    let text = bytes + [UInt8(ascii: "\n")]
    guard forTerminal else { return text }
    var harmless: [UInt8] = []
    text.withUnsafeBytes { TerminalText.append($0, as: .json, to: &harmless) }
    return harmless
  }
}
