internal import CYAML

/// Builds nodes from libyaml's events.
///
/// Aliases are refused (a few lines of them can stand for gigabytes), and so are tags.
struct YAMLConfigReading: ~Copyable {
  private enum Event {
    case streamStart, streamEnd, documentStart, documentEnd
    case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    case alias(String)
    case scalar(String, isPlain: Bool)
  }

  /// libyaml keeps a pointer to its parser, which therefore must not move.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let file: String
  private var depth = 0
  private var place: ConfigPlace

  /// Makes a reader; the bytes must outlive it.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(ConfigIssue) {
    self.file = file
    place = ConfigPlace(file: file, line: 1)
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    guard yaml_parser_initialize(parser) == 1 else {
      throw ConfigIssue(ConfigPlace(file: file, line: 1), "no memory for reading YAML")
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    let text = bytes.assumingMemoryBound(to: UInt8.self)
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// All documents of the stream.
  mutating func documents() throws(ConfigIssue) -> [ConfigNode] {
    var nodes: [ConfigNode] = []
    while true {
      switch try next() {
      case .streamStart, .documentStart, .documentEnd: continue
      case .streamEnd: return nodes
      case let event: nodes.append(try node(event))
      }
    }
  }

  private mutating func node(_ event: Event) throws(ConfigIssue) -> ConfigNode {
    let place = place
    let content: ConfigNode.Content
    switch event {
    case .mappingStart: content = try nested { (self) throws(ConfigIssue) in try self.mapping() }
    case .sequenceStart: content = try nested { (self) throws(ConfigIssue) in try self.sequence() }
    case .scalar(let text, let isPlain): content = isPlain ? Self.plain(text) : .string(text)
    case .alias(let name):
      throw ConfigIssue(
        place, "alias *\(name): hbcat follows no aliases; write out what it stands for")
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
      content = .null
    }
    return ConfigNode(content: content, place: place)
  }

  private mutating func nested(
    _ body: (inout YAMLConfigReading) throws(ConfigIssue) -> ConfigNode.Content
  ) throws(ConfigIssue) -> ConfigNode.Content {
    guard depth < ConfigDocument.depthMax else {
      throw ConfigIssue(place, "more than \(ConfigDocument.depthMax) maps and lists in one another")
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  private mutating func mapping() throws(ConfigIssue) -> ConfigNode.Content {
    var mapping = ConfigMapping()
    while true {
      switch try next() {
      case .mappingEnd: return .mapping(mapping.entries)
      case .scalar(let name, _):
        let place = place
        try mapping.add(.init(name: name, place: place, value: try node(try next())))
      default: throw ConfigIssue(place, "a key must be a name, not a map or a list")
      }
    }
  }

  private mutating func sequence() throws(ConfigIssue) -> ConfigNode.Content {
    var nodes: [ConfigNode] = []
    while true {
      switch try next() {
      case .sequenceEnd: return .sequence(nodes)
      case let event: nodes.append(try node(event))
      }
    }
  }

  // MARK: Events

  private mutating func next() throws(ConfigIssue) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
    defer { yaml_event_delete(&event) }
    place = ConfigPlace(file: file, line: event.start_mark.line + 1)
    switch event.type {
    case YAML_STREAM_START_EVENT: return .streamStart
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_ALIAS_EVENT: return .alias(Self.text(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      try refuse(tag: scalar.tag)
      let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return .scalar(
        String(decoding: text, as: UTF8.self),
        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      try refuse(tag: event.data.sequence_start.tag)
      return .sequenceStart
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_START_EVENT:
      try refuse(tag: event.data.mapping_start.tag)
      return .mappingStart
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    default: return .streamEnd
    }
  }

  private func refuse(tag: UnsafeMutablePointer<UInt8>?) throws(ConfigIssue) {
    guard let tag = Self.text(tag) else { return }
    throw ConfigIssue(place, "tag \(shown(tag, limit: 60)): hbcat heeds no tags; leave it out")
  }

  private func problem() -> ConfigIssue {
    let mark = parser.pointee.problem_mark
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "no memory"
    let context = parser.pointee.context.map { " \(String(cString: $0))" } ?? ""
    if parser.pointee.error == YAML_READER_ERROR {
      return ConfigIssue(
        ConfigPlace(file: file, line: parser.pointee.mark.line + 1),
        "no YAML: \(problem), byte \(parser.pointee.problem_offset)")
    }
    return ConfigIssue(
      ConfigPlace(file: file, line: mark.line + 1),
      "no YAML: column \(mark.column + 1): \(problem)\(context)")
  }

  private static func text(_ value: UnsafeMutablePointer<UInt8>?) -> String? {
    value.map { String(cString: $0) }
  }

  // MARK: Plain scalars, by YAML 1.2's core schema

  private static func plain(_ text: String) -> ConfigNode.Content {
    switch text {
    case "", "~", "null", "Null", "NULL": .null
    case "true", "True", "TRUE": .bool(true)
    case "false", "False", "FALSE": .bool(false)
    default: isNumber(text) ? .number(text) : .string(text)
    }
  }

  private static func isNumber(_ text: String) -> Bool {
    guard
      let first = text.utf8.first(where: { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }),
      first == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    else { return false }
    if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) != nil }
    if text.hasPrefix("0o") { return UInt64(text.dropFirst(2), radix: 8) != nil }
    return Double(text) != nil
  }
}
