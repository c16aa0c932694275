import Avro
import Glibc
import HTTP
import Transport

/// Asks a registry for one schema and those that it refers to; blocks, so it is for a thread of its own.
struct SchemaLookup: Sendable {
  /// Rounds over all addresses, as long as none of them answers.
  static let rounds = 3
  /// Schemas that one may refer to, by way of others too.
  static let referencesMax = 256
  /// Bytes that the texts of a schema and of those that it refers to may have together.
  static let textBytesMax = 8 << 20
  /// How far they may refer on.
  static let depthMax = 64

  let addresses: [RegistryAddress]
  /// How long an answer may take, in milliseconds.
  let timeoutMs: Int
  /// The file or folder of certificates that may vouch for an address of `https://`; nil: the system's.
  var authorities: String?

  /// The schema with that number.
  func schema(_ id: Int32) throws(RegistryFault) -> AvroSchema {
    var reading = Reading()
    let name = "schema \(id)"
    try read(try fetch("/schemas/ids/\(id)", name), name, depth: 0, &reading)
    return reading.parser.schema
  }

  private struct Reading {
    var parser = AvroSchemaParser()
    var seen: Set<RegisteredSchema.Reference> = []
    var textBytes = 0
  }

  /// Reads a schema behind those that it refers to.
  private func read(
    _ answer: RegisteredSchema, _ name: String, depth: Int, _ reading: inout Reading
  ) throws(RegistryFault) {
    guard answer.type == "AVRO" else {
      throw .lasting("\(name) is of type \(answer.type), not AVRO")
    }
    guard depth <= Self.depthMax else {
      throw .lasting("\(name): more than \(Self.depthMax) references behind one another")
    }
    reading.textBytes += answer.text.count
    guard reading.textBytes <= Self.textBytesMax else {
      throw .lasting(
        "\(name): schema and references have more than \(Self.textBytesMax) bytes together")
    }
    for reference in answer.references where reading.seen.insert(reference).inserted {
      guard reading.seen.count <= Self.referencesMax else {
        throw .lasting("\(name): more than \(Self.referencesMax) references")
      }
      let subject = PercentEncoding.encoded(reference.subject)
      let name = "subject \"\(reference.subject)\" version \(reference.version)"
      try read(
        try fetch("/subjects/\(subject)/versions/\(reference.version)", name), name,
        depth: depth + 1, &reading)
    }
    do throws(AvroError) { try reading.parser.read(answer.text) } catch {
      throw .lasting(error.description)
    }
  }

  // MARK: Requests

  private func fetch(_ path: String, _ name: String) throws(RegistryFault) -> RegisteredSchema {
    var fault = RegistryFault.stopped
    for round in 0..<Self.rounds {
      if round > 0 { usleep(UInt32(100_000 << round)) }
      for address in addresses {
        do throws(RegistryFault) {
          return try RegisteredSchema(parsing: try get(path, from: address), name)
        } catch {
          guard case .passing = error else { throw error }
          fault = error
        }
      }
    }
    throw fault
  }

  private func get(_ path: String, from address: RegistryAddress) throws(RegistryFault) -> [UInt8] {
    var request = HTTPRequest("GET", address.url(path))
    request.headers = [
      ("Accept", "application/vnd.schemaregistry.v1+json, application/json")
    ]
    request.allowsPlainText = address.isPlainText
    request.timeoutMs = timeoutMs
    request.authorities = authorities.map { .path($0) } ?? .system
    let response: HTTPResponse
    do throws(HTTPError) { response = try HTTPClient.perform(request) } catch {
      throw .passing("REST request failed (code -1): HTTP request failed: \(error)")
    }
    guard !(200..<300).contains(response.status) else { return response.body }
    let body = String(decoding: response.body.prefix(Self.errorBytesMax), as: UTF8.self)
    let text = "REST request failed (code \(response.status)): \(body)"
    let isPassing = response.status >= 500 || response.status == 408 || response.status == 429
    throw isPassing ? .passing(text) : .lasting(text)
  }

  /// Bytes of an answer that tells an error that are shown.
  private static let errorBytesMax = 300
}
