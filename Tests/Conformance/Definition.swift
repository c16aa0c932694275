/// One of Kafka's messages as its definition file says.
struct Definition {
  var name: String
  var apiKey: Int16?
  /// "request", "response", "header" or "data".
  var type: String
  var validVersions: ClosedRange<Int>?
  var flexible: Versions
  var latestVersionUnstable: Bool
  var fields: [Field]

  /// A range of versions; nil is "none".
  struct Versions {
    var range: ClosedRange<Int>?
    func contains(_ version: Int) -> Bool { range?.contains(version) ?? false }

    /// Reads "3", "0-12", "9+" or "none".
    init(parsing text: String) throws {
      if text == "none" { return }
      if text.hasSuffix("+") {
        range = try Self.number(text.dropLast())...Int(Int16.max)
      } else {
        let ends = text.split(separator: "-")
        guard let first = ends.first, let last = ends.last else { throw Malformed(what: text) }
        range = try Self.number(first)...Self.number(last)
      }
    }

    private static func number(_ text: some StringProtocol) throws -> Int {
      guard let value = Int(text) else { throw Malformed(what: String(text)) }
      return value
    }
  }

  struct Malformed: Error {
    var what: String
  }

  indirect enum Kind {
    case bool, int(bytes: Int), float64, uuid, string, bytes, records
    case structure([Field])
    case array(Kind)
  }

  struct Field {
    var name: String
    var kind: Kind
    var versions: Versions
    var nullable: Versions
    /// The text of the default; nil where the file gives none.
    var missing: String?
    var isIgnorable: Bool
    var tag: UInt32?
    var tagged: Versions
    /// Where the field has a rule of its own for compact lengths, as the client id of headers.
    var flexible: Versions?
  }

  init(_ json: DefinitionJSON) throws {
    guard let name = json["name"]?.string else { throw Malformed(what: "message without name") }
    self.name = name
    type = json["type"]?.string ?? ""
    apiKey = json["apiKey"]?.number.flatMap { Int16(exactly: $0) }
    validVersions = try Versions(parsing: json["validVersions"]?.string ?? "none").range
    flexible = try Versions(parsing: json["flexibleVersions"]?.string ?? "none")
    latestVersionUnstable = json["latestVersionUnstable"]?.text == "true"
    var common: [String: DefinitionJSON] = [:]
    for shared in json["commonStructs"]?.array ?? [] {
      if let name = shared["name"]?.string { common[name] = shared["fields"] }
    }
    fields = try Self.fields(json["fields"], common)
  }

  private static func fields(_ json: DefinitionJSON?, _ common: [String: DefinitionJSON]) throws
    -> [Field]
  {
    try (json?.array ?? []).map { (json) in
      guard let name = json["name"]?.string, let type = json["type"]?.string,
        let versions = json["versions"]?.string
      else { throw Malformed(what: "field without name, type or versions") }
      return Field(
        name: name, kind: try kind(type, json, common), versions: try Versions(parsing: versions),
        nullable: try Versions(parsing: json["nullableVersions"]?.string ?? "none"),
        missing: json["default"]?.text, isIgnorable: json["ignorable"]?.text == "true",
        tag: json["tag"]?.number.flatMap { UInt32(exactly: $0) },
        tagged: try Versions(parsing: json["taggedVersions"]?.string ?? "none"),
        flexible: try json["flexibleVersions"]?.string.map { try Versions(parsing: $0) })
    }
  }

  private static func kind(
    _ type: String, _ json: DefinitionJSON, _ common: [String: DefinitionJSON]
  ) throws -> Kind {
    if type.hasPrefix("[]") { return .array(try kind(String(type.dropFirst(2)), json, common)) }
    switch type {
    case "bool": return .bool
    case "int8": return .int(bytes: 1)
    case "int16", "uint16": return .int(bytes: 2)
    case "int32", "uint32": return .int(bytes: 4)
    case "int64": return .int(bytes: 8)
    case "float64": return .float64
    case "uuid": return .uuid
    case "string": return .string
    case "bytes": return .bytes
    case "records": return .records
    default: return .structure(try fields(json["fields"] ?? common[type], common))
    }
  }
}
