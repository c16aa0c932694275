import JSON

/// What a registry answers when it is asked for a schema.
struct RegisteredSchema: Equatable {
  /// Another schema whose types this one names.
  struct Reference: Hashable {
    var subject = ""
    var version: Int64 = 0
  }

  var text: [UInt8] = []
  /// `AVRO` is not told.
  var type = "AVRO"
  var references: [Reference] = []

  /// Reads an answer's body; `name` is the schema's, for errors.
  init(parsing body: [UInt8], _ name: String) throws(RegistryFault) {
    let span = body.span.bytes
    var found = false
    let read = try span.withUnsafeBytes { (bytes) throws(RegistryFault) in
      var reader = JSONReader(bytes)
      var answer = RegisteredSchema()
      do throws(JSONError) {
        guard case .objectStart? = try reader.next() else { return answer }
        while case .name(let member)? = try reader.next() {
          switch reader.string(member) {
          case "schema":
            guard case .string(let text)? = try reader.next() else { return answer }
            reader.appendValue(of: text, to: &answer.text)
            found = true
          case "schemaType":
            guard case .string(let type)? = try reader.next() else { return answer }
            answer.type = reader.string(type)
          case "references": answer.references = try Self.references(&reader)
          default: _ = try reader.skipValue()
          }
        }
      } catch {
        throw .lasting("Failed to read schema envelope: \(error)")
      }
      return answer
    }
    guard found else { throw .lasting("No \"schema\" string field in \(name) envelope") }
    self = read
  }

  private init() {}

  private static func references(_ reader: inout JSONReader) throws(JSONError) -> [Reference] {
    var references: [Reference] = []
    let depth = reader.depth
    while let token = try reader.next() {
      switch token {
      case .objectStart where reader.depth == depth + 2: references.append(Reference())
      case .name(let member):
        let name = reader.string(member)
        guard reader.depth == depth + 2, let last = references.indices.last else { continue }
        switch (name, try reader.next()) {
        case ("subject", .string(let text)?): references[last].subject = reader.string(text)
        case ("version", .number(let text)?): references[last].version = reader.integer(text) ?? 0
        default: continue
        }
      default: break
      }
      if reader.depth <= depth { break }
    }
    return references
  }
}

/// Why there is no schema.
enum RegistryFault: Error, Equatable {
  /// It would be the same again.
  case lasting(String)
  /// The registry was not there, or not well.
  case passing(String)
  /// The user wants an end.
  case stopped
}
