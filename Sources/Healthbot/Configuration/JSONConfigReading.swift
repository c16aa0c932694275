import JSON

/// Builds nodes from a JSON text.
///
/// JSON has a reader of its own because libyaml refuses surrogate pairs, which Python writes.
struct JSONConfigReading {
  private let bytes: UnsafeRawBufferPointer
  private let file: String
  private var reader: JSONReader
  private var line = 1
  private var counted = 0

  init(_ bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = bytes
    self.file = file
    reader = JSONReader(bytes)
  }

  /// The one document.
  mutating func document() throws(ConfigIssue) -> ConfigNode {
    let node = try node(try next())
    _ = try next()
    return node
  }

  private mutating func node(_ token: JSONToken?) throws(ConfigIssue) -> ConfigNode {
    let place = place()
    let content: ConfigNode.Content =
      switch token {
      case .objectStart: try mapping()
      case .arrayStart: try sequence()
      case .string(let span), .name(let span): .string(reader.string(span))
      case .number(let span): .number(reader.string(span))
      case .bool(let value): .bool(value)
      case .null, .objectEnd, .arrayEnd, nil: .null
      }
    return ConfigNode(content: content, place: place)
  }

  private mutating func mapping() throws(ConfigIssue) -> ConfigNode.Content {
    var entries: [ConfigNode.Entry] = []
    var names: [String: ConfigNode.Entry] = [:]
    while case .name(let span)? = try next() {
      let name = reader.string(span)
      let place = place()
      let entry = ConfigNode.Entry(name: name, place: place, value: try node(try next()))
      try ConfigDocument.add(entry, to: &names)
      if names[name] != nil { entries.append(entry) }
    }
    return .mapping(entries)
  }

  private mutating func sequence() throws(ConfigIssue) -> ConfigNode.Content {
    var nodes: [ConfigNode] = []
    while let token = try next(), token != .arrayEnd { nodes.append(try node(token)) }
    return .sequence(nodes)
  }

  /// Where the last token stands; lines are counted on from the token before.
  private mutating func place() -> ConfigPlace {
    let upTo = max(counted, min(reader.tokenOffset, bytes.count))
    for byte in bytes[counted..<upTo] where byte == UInt8(ascii: "\n") { line += 1 }
    counted = upTo
    return ConfigPlace(file: file, line: line)
  }

  private mutating func next() throws(ConfigIssue) -> JSONToken? {
    do { return try reader.next() } catch {
      throw ConfigIssue(
        ConfigPlace(file: file, line: error.line),
        "column \(error.column): \(error.message) (a file that begins with { or [ is JSON)")
    }
  }
}
