import JSON

/// Reads schemas; types that one of them defines can be named in those that come after it.
public struct AvroSchemaParser {
  /// Bytes that the text of one schema may have.
  public static let textBytesMax = 1 << 20

  /// What was read last, and all that it names.
  public private(set) var schema = AvroSchema()
  /// Full names and their nodes.
  private var named: [String: Int32] = [:]

  /// Makes a parser that knows Avro's own types.
  public init() {}

  /// Reads a schema; after it `schema` is that one.
  ///
  /// - Throws: `AvroError` where it is no schema, too large, or deeper than `JSONReader.depthMax`.
  public mutating func read(_ text: [UInt8]) throws(AvroError) {
    guard text.count <= Self.textBytesMax else {
      throw AvroError("the schema has \(text.count) bytes; at most \(Self.textBytesMax) are taken")
    }
    let span = text.span.bytes
    try span.withUnsafeBytes { (bytes) throws(AvroError) in
      // The whole text first, so that what is read below is JSON of bounded depth.
      var reader = JSONReader(bytes)
      do throws(JSONError) {
        _ = try reader.skipValue()
        _ = try reader.next()
      } catch { throw AvroError("Error parsing JSON: \(error)") }
      schema.root = try node(bytes, in: "")
    }
  }

  // MARK: Types

  /// The type that a JSON value tells; `space` is the namespace in which it stands.
  private mutating func node(
    _ bytes: UnsafeRawBufferPointer, in space: String
  ) throws(AvroError) -> Int32 {
    var reader = JSONReader(bytes)
    switch try next(&reader) {
    case .string(let span): return try known(reader.string(span), in: space)
    case .arrayStart: return try union(&reader, in: space)
    case .objectStart: return try definition(Members(&reader), in: space)
    default: throw AvroError("\"type\" field must be a string")
    }
  }

  /// The type of that name.
  private func known(_ name: String, in space: String) throws(AvroError) -> Int32 {
    if let place = AvroSchema.Kind.primitives.firstIndex(where: { $0.name == name }) {
      return Int32(place)
    }
    if !name.contains("."), !space.isEmpty, let found = named["\(space).\(name)"] { return found }
    guard let found = named[name] else { throw AvroError("Unknown Avro \"type\": \(name)") }
    return found
  }

  private mutating func definition(
    _ members: Members, in space: String
  ) throws(AvroError) -> Int32 {
    guard let type = members.type else { throw AvroError("\"type\" field must be a string") }
    var reader = JSONReader(type)
    guard case .string(let span) = try next(&reader) else { return try node(type, in: space) }
    switch reader.string(span) {
    case "record", "error": return try record(members, in: space)
    case "enum": return try enumeration(members, in: space)
    case "fixed": return try fixed(members, in: space)
    case "array":
      guard let items = members.items else { throw AvroError("Array type must have \"items\"") }
      return add(AvroSchema.Node(kind: .array, first: try node(items, in: space)))
    case "map":
      guard let values = members.values else { throw AvroError("Map type must have \"values\"") }
      return add(AvroSchema.Node(kind: .map, first: try node(values, in: space)))
    case let name: return try known(name, in: space)
    }
  }

  private mutating func record(_ members: Members, in space: String) throws(AvroError) -> Int32 {
    let name = try fullName(members, "Record", in: space)
    guard let fields = members.fields else { throw AvroError("Record type must have \"fields\"") }
    // Known by its name before its fields are read: they may be of this type.
    let number = add(AvroSchema.Node(kind: .record))
    named[name.full] = number
    var links: [AvroSchema.Link] = []
    var reader = JSONReader(fields)
    guard case .arrayStart = try next(&reader) else {
      throw AvroError("Record type must have \"fields\"")
    }
    while let element = try element(&reader) {
      var field = JSONReader(element)
      guard case .objectStart = try next(&field) else {
        throw AvroError("Record field \(links.count) must be an object")
      }
      let members = try Members(&field)
      guard let fieldName = try members.name.map({ (text) throws(AvroError) in try string(text) })
      else { throw AvroError("Record field \(links.count) must have a \"name\"") }
      guard let type = members.type else {
        throw AvroError("Record field \(links.count) must have a \"type\"")
      }
      let node = try node(type, in: name.space)
      links.append(link(node, before: "", fieldName, behind: ": "))
    }
    attach(links, to: number)
    return number
  }

  private mutating func enumeration(
    _ members: Members, in space: String
  ) throws(AvroError) -> Int32 {
    let name = try fullName(members, "Enum", in: space)
    guard let symbols = members.symbols else {
      throw AvroError("Enum type must have \"symbols\"")
    }
    var links: [AvroSchema.Link] = []
    var reader = JSONReader(symbols)
    guard case .arrayStart = try next(&reader) else {
      throw AvroError("Enum type must have \"symbols\"")
    }
    while let element = try element(&reader) {
      links.append(link(0, before: "", try string(element), behind: ""))
    }
    guard !links.isEmpty else { throw AvroError("Enum type must have at least one symbol") }
    let number = add(AvroSchema.Node(kind: .enumeration))
    attach(links, to: number)
    named[name.full] = number
    return number
  }

  private mutating func fixed(_ members: Members, in space: String) throws(AvroError) -> Int32 {
    let name = try fullName(members, "Fixed", in: space)
    var size: Int32?
    if let text = members.size {
      var reader = JSONReader(text)
      if case .number(let span) = try next(&reader) {
        size = reader.integer(span).flatMap { Int32(exactly: $0) }
      }
    }
    guard let size, size >= 0 else {
      throw AvroError("Fixed type must have a \"size\" from 0 to \(Int32.max)")
    }
    let number = add(AvroSchema.Node(kind: .fixed, count: size))
    named[name.full] = number
    return number
  }

  private mutating func union(
    _ reader: inout JSONReader, in space: String
  ) throws(AvroError) -> Int32 {
    var links: [AvroSchema.Link] = []
    while let element = try element(&reader) {
      let node = try node(element, in: space)
      let name = try branchName(element, node)
      links.append(link(node, before: "{", name, behind: ": "))
    }
    guard !links.isEmpty else { throw AvroError("Union type must have at least one branch") }
    let number = add(AvroSchema.Node(kind: .union))
    attach(links, to: number)
    return number
  }

  /// What a union's JSON calls a branch: the type's name without its namespace, as avro-c does.
  private func branchName(
    _ bytes: UnsafeRawBufferPointer, _ node: Int32
  ) throws(AvroError) -> String {
    var reader = JSONReader(bytes)
    let name: String
    switch try next(&reader) {
    case .string(let span): name = reader.string(span)
    case .objectStart:
      let members = try Members(&reader)
      let isNamed: Bool
      switch schema.nodes[Int(node)].kind {
      case .record, .enumeration, .fixed: isNamed = true
      case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .array, .map, .union:
        isNamed = false
      }
      guard isNamed, let text = members.name else {
        return try members.type.map { (text) throws(AvroError) in try branchName(text, node) } ?? ""
      }
      name = try string(text)
    default: return "union"
    }
    return name.split(separator: ".").last.map(String.init) ?? name
  }

  // MARK: Names

  /// A type's full name and the namespace in which its own parts stand.
  private func fullName(
    _ members: Members, _ what: String, in space: String
  ) throws(AvroError) -> (full: String, space: String) {
    guard let text = members.name else { throw AvroError("\(what) type must have a \"name\"") }
    let name = try string(text)
    guard !name.isEmpty else { throw AvroError("Invalid Avro identifier") }
    if let dot = name.lastIndex(of: ".") { return (name, String(name[..<dot])) }
    let space = try members.namespace.map { (text) throws(AvroError) in try string(text) } ?? space
    return (space.isEmpty ? name : "\(space).\(name)", space)
  }

  private func string(_ bytes: UnsafeRawBufferPointer) throws(AvroError) -> String {
    var reader = JSONReader(bytes)
    guard case .string(let span) = try next(&reader) else {
      throw AvroError("a name in the schema must be a string")
    }
    return reader.string(span)
  }

  // MARK: Tables

  private mutating func add(_ node: AvroSchema.Node) -> Int32 {
    schema.nodes.append(node)
    return Int32(schema.nodes.count - 1)
  }

  private mutating func attach(_ links: [AvroSchema.Link], to node: Int32) {
    schema.nodes[Int(node)].first = Int32(schema.links.count)
    schema.nodes[Int(node)].count = Int32(links.count)
    schema.links += links
  }

  private mutating func link(
    _ node: Int32, before: String, _ name: String, behind: String
  ) -> AvroSchema.Link {
    let start = schema.text.count
    schema.text += before.utf8
    schema.text.append(UInt8(ascii: "\""))
    Array(name.utf8).withUnsafeBytes { bytes in
      var position = 0
      let escaped = [UInt8](unsafeUninitializedCapacity: JSONEscape.bound(bytes.count)) {
        space, count in
        guard let start = space.baseAddress else { return }
        count = JSONEscape.jansson(
          bytes, from: &position, to: UnsafeMutableRawPointer(start), room: space.count)
      }
      schema.text += escaped
    }
    schema.text.append(UInt8(ascii: "\""))
    schema.text += behind.utf8
    return AvroSchema.Link(
      node: node, start: Int32(start), count: Int32(schema.text.count - start))
  }
}

/// The members of a schema's object that count, as they stand in its text.
private struct Members {
  var type: UnsafeRawBufferPointer?
  var name: UnsafeRawBufferPointer?
  var namespace: UnsafeRawBufferPointer?
  var fields: UnsafeRawBufferPointer?
  var symbols: UnsafeRawBufferPointer?
  var items: UnsafeRawBufferPointer?
  var values: UnsafeRawBufferPointer?
  var size: UnsafeRawBufferPointer?

  /// Reads an object whose brace has been read.
  init(_ reader: inout JSONReader) throws(AvroError) {
    while case .name(let span) = try next(&reader) {
      let value: UnsafeRawBufferPointer
      do throws(JSONError) { value = reader.text(try reader.skipValue()) } catch {
        throw AvroError("Error parsing JSON: \(error)")
      }
      switch reader.string(span) {
      case "type": type = value
      case "name": name = value
      case "namespace": namespace = value
      case "fields": fields = value
      case "symbols": symbols = value
      case "items": items = value
      case "values": values = value
      case "size": size = value
      default: break
      }
    }
  }
}

/// The next token of a text that has one.
private func next(_ reader: inout JSONReader) throws(AvroError) -> JSONToken {
  do throws(JSONError) {
    if let token = try reader.next() { return token }
  } catch { throw AvroError("Error parsing JSON: \(error)") }
  throw AvroError("Error parsing JSON: a value is missing")
}

/// The next element of the array that is read, as it stands in the text; nil behind the last.
private func element(_ reader: inout JSONReader) throws(AvroError) -> UnsafeRawBufferPointer? {
  let depth = reader.depth
  do throws(JSONError) {
    let span = try reader.skipValue()
    return reader.depth < depth ? nil : reader.text(span)
  } catch { throw AvroError("Error parsing JSON: \(error)") }
}
