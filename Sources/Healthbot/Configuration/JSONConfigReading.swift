import JSON

/// Builds nodes from a JSON text.
///
/// JSON has a reader of its own because libyaml refuses surrogate pairs, which Python writes.
struct JSONConfigReading {
  private let file: String
  private var reader: JSONReader
  private var counter: PlaceCounter

  init(_ bytes: UnsafeRawBufferPointer, file: String) {
    self.file = file
    reader = JSONReader(bytes)
    counter = PlaceCounter(bytes)
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
    var mapping = ConfigMapping()
    while case .name(let span)? = try next() {
      let name = reader.string(span)
      let place = place()
      try mapping.add(.init(name: name, place: place, value: try node(try next())))
    }
    return .mapping(mapping.entries)
  }

  private mutating func sequence() throws(ConfigIssue) -> ConfigNode.Content {
    var nodes: [ConfigNode] = []
    while let token = try next(), token != .arrayEnd { nodes.append(try node(token)) }
    return .sequence(nodes)
  }

  /// Where the last token stands.
  private mutating func place() -> ConfigPlace {
    counter.advance(to: reader.tokenOffset)
    return ConfigPlace(file: file, line: counter.line)
  }

  private mutating func next() throws(ConfigIssue) -> JSONToken? {
    do { return try reader.next() } catch {
      throw ConfigIssue(
        ConfigPlace(file: file, line: error.line),
        "column \(error.column): \(error.message) (a file that begins with { or [ is JSON)")
    }
  }
}
