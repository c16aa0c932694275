import KafkaProtocol

/// Keys and values that are Avro: read before a record begins, so that nothing is cut by an error.
extension PartitionFormat {
  /// Reads what the format prints of a record; failures are in `avro`.
  func read(
    _ record: RecordView, _ avro: AvroFields, _ output: inout OutputBuffer
  ) throws(OutputError) {
    avro.begin()
    // As in kcat, what is empty is no Avro, but in the envelope it should be.
    if printsKey, case .avro? = keySerdes, let key = record.key, isEnvelope || !key.isEmpty {
      try avro.readKey(key, &output)
    }
    if printsValue, case .avro? = valueSerdes, let value = record.value,
      isEnvelope || !value.isEmpty
    {
      try avro.readValue(value, &output)
    }
  }

  /// The JSON of a key or value of the record that was read last.
  func avroJSON(of field: PackFormat.Field) throws(AvroFields.Failure) -> UnsafeRawBufferPointer {
    guard let avro else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    switch field {
    case .key:
      if let failure = avro.key.failure { throw failure }
      return avro.key.json
    case .value:
      if let failure = avro.value.failure { throw failure }
      return avro.value.json
    }
  }

  /// Puts into the envelope, behind a key or value, the number of its schema.
  func putSchemaId(of field: PackFormat.Field, _ output: inout OutputBuffer) throws(OutputError) {
    guard let avro else { return }
    var end = try output.room(32 + decimalRoom)
    Self.put(field == .key ? ",\"key_schema_id\":" : ",\"value_schema_id\":", &end)
    writeDecimal(Int64(field == .key ? avro.key.schemaId : avro.value.schemaId), &end)
    output.advance(to: end)
  }

  /// What the envelope has in the place of a key or value that could not be read.
  func envelopeError(_ failure: AvroFields.Failure) -> [UInt8] {
    let name = failure.field == .key ? "key_error" : "payload_error"
    var text = Array("null,\"\(name)\":".utf8)
    JSONText.append(failure.text, forTerminal: escapesControls, to: &text)
    return text
  }
}
