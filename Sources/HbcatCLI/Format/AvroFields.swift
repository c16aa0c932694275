import Avro

/// The keys and values of records that are Avro, one record at a time; for the main thread.
final class AvroFields {
  /// A key or a value that cannot be read; the texts are kcat's.
  struct Failure: Error, Equatable {
    var field: PackFormat.Field
    var text: String

    /// Behind "Failed to format message in TOPIC [PARTITION] at offset OFFSET: ".
    var formatText: String {
      "Avro/Schema-registry \(field == .key ? "key" : "message") deserialization: \(text)"
    }
  }

  /// A key or a value.
  struct Field: ~Copyable {
    fileprivate let name: PackFormat.Field
    fileprivate var decoder = AvroDecoder()
    fileprivate(set) var schemaId: Int32 = -1
    fileprivate(set) var failure: Failure?

    fileprivate init(_ name: PackFormat.Field) { self.name = name }

    /// Its JSON, if there is no failure; good until the next record.
    var json: UnsafeRawBufferPointer { decoder.json }
  }

  private(set) var key = Field(.key)
  private(set) var value = Field(.value)
  /// With `-E`: in the JSON envelope an error is told in the place of what cannot be read.
  let keepsGoing: Bool
  private let registry: SchemaRegistry

  init(_ registry: SchemaRegistry, keepsGoing: Bool) {
    self.registry = registry
    self.keepsGoing = keepsGoing
  }

  /// Reads a key; whether it can be read is told by `key.failure`.
  ///
  /// What the output holds is written out first where the registry must be asked.
  /// - Throws: `OutputError`, and `.stopped` where the user wants an end while the registry is silent.
  func readKey(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) throws(OutputError) {
    try read(bytes, &key, &output)
  }

  /// Reads a value; as `readKey`.
  func readValue(
    _ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer
  ) throws(OutputError) {
    try read(bytes, &value, &output)
  }

  /// What of the record that was read last cannot be read.
  var failures: [Failure] {
    var failures: [Failure] = []
    if let failure = key.failure { failures.append(failure) }
    if let failure = value.failure { failures.append(failure) }
    return failures
  }

  /// Forgets the failures of the record before.
  func begin() {
    key.failure = nil
    value.failure = nil
  }

  /// Bytes in front of a value: a zero, and the schema's number.
  private static let framingBytes = 5

  private func read(
    _ bytes: UnsafeRawBufferPointer, _ field: inout Field, _ output: inout OutputBuffer
  ) throws(OutputError) {
    guard bytes.count >= Self.framingBytes else {
      return fail(&field, "Payload is smaller (\(bytes.count)) than framing (5)")
    }
    guard bytes[0] == 0 else {
      return fail(
        &field,
        "Invalid CP1 magic byte \(bytes[0]), expected 0: message not produced with "
          + "Schema-Registry Avro framing")
    }
    let id = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: Int32.self))
    field.schemaId = id
    var schema: AvroSchema?
    do throws(RegistryFault) { schema = try registry.kept(id) } catch {
      return try fail(&field, error)
    }
    if schema == nil {
      try output.flush()
      do throws(RegistryFault) {
        schema = try registry.ask(for: id, shouldStop: output.shouldStop)
      } catch { return try fail(&field, error) }
    }
    guard let schema else { return }
    let payload = UnsafeRawBufferPointer(rebasing: bytes[Self.framingBytes...])
    do throws(AvroError) { try field.decoder.decode(payload, by: schema) } catch {
      fail(&field, error.description)
    }
  }

  private func fail(_ field: inout Field, _ fault: RegistryFault) throws(OutputError) {
    switch fault {
    case .lasting(let text), .passing(let text): fail(&field, text)
    case .stopped: throw .stopped
    }
  }

  private func fail(_ field: inout Field, _ text: String) {
    field.failure = Failure(field: field.name, text: text)
  }
}
