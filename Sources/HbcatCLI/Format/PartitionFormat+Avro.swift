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

  /// What the envelope has behind a key or value: its schema's number, or why it could not be read.
  func avroRemark(on field: PackFormat.Field) -> [UInt8] {
    guard let avro else { return [] }
    let failure = field == .key ? avro.key.failure : avro.value.failure
    guard let failure else {
      let id = field == .key ? avro.key.schemaId : avro.value.schemaId
      return Array(",\"\(field.rawValue)_schema_id\":\(id)".utf8)
    }
    var remark = Array((field == .key ? ",\"key_error\":" : ",\"payload_error\":").utf8)
    JSONText.append(failure.text, forTerminal: escapesControls, to: &remark)
    return remark
  }
}
