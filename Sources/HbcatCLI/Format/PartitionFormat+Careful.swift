import JSON
import KafkaProtocol

/// The way of records that are large, unpacked or made harmless: piece by piece, without bounds on their size.
extension PartitionFormat {
  /// Input bytes that are escaped at a time.
  private static var pieceSize: Int { 8 << 10 }

  @inline(never)
  func writeCarefully(
    _ record: RecordView, _ offset: Int64, _ batch: DecodedBatch, _ output: inout OutputBuffer
  ) throws(RecordRunError) {
    var failures: [AvroFields.Failure] = []
    if let avro {
      do throws(OutputError) { try read(record, avro, &output) } catch { throw .output(error) }
      if isEnvelope { failures = avro.failures }
      guard failures.isEmpty || avro.keepsGoing else {
        throw .avroInEnvelope(failures, offset: offset, isPrinted: false)
      }
    }
    do throws(OutputError) {
      try output.openRecord(partition: place, offset: offset)
    } catch { throw .output(error) }
    for operation in operations {
      do throws(CarefulError) {
        try write(operation, record, offset, batch, &output)
      } catch {
        switch error {
        case .output(let error): throw .output(error)
        case .fault(let fault):
          throw .record(.corrupt(baseOffset: batch.baseOffset, fault))
        case .pack(let failure):
          do throws(OutputError) { try output.closeRecord() } catch { throw .output(error) }
          throw .pack(failure, offset: offset)
        case .avro(let failure):
          do throws(OutputError) { try output.closeRecord() } catch { throw .output(error) }
          throw .avro(failure, offset: offset)
        }
      }
    }
    do throws(OutputError) { try output.closeRecord() } catch { throw .output(error) }
    guard failures.isEmpty else {
      throw .avroInEnvelope(failures, offset: offset, isPrinted: true)
    }
  }

  private enum CarefulError: Error {
    case output(OutputError)
    case fault(RecordFault)
    case pack(PackFormat.Failure)
    case avro(AvroFields.Failure)
  }

  private func write(
    _ operation: Operation, _ record: RecordView, _ offset: Int64, _ batch: DecodedBatch,
    _ output: inout OutputBuffer
  ) throws(CarefulError) {
    switch operation.kind {
    case .literal:
      let start = Int(operation.start)
      try put(
        UnsafeRawBufferPointer(rebasing: text[start..<start + Int(operation.count)]), &output)
    case .value: try put(record.value, .value, valueSerdes, &output)
    case .key: try put(record.key, .key, keySerdes, &output)
    case .valueLength: try put(Int64(record.value?.count ?? -1), &output)
    case .keyLength: try put(Int64(record.key?.count ?? -1), &output)
    case .timestamp: try put(batch.timestamp(of: record), &output)
    case .offset: try put(offset, &output)
    case .valueLengthBinary:
      let length = Int32(truncatingIfNeeded: record.value?.count ?? -1)
      try put((0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - $0 * 8)) }, &output)
    case .headers: try putHeaders(record, &output)
    case .jsonTimestamp:
      do throws(OutputError) {
        var end = try output.room(32 + decimalRoom)
        Self.writeJSONTimestamp(batch.timestamp(of: record), batch.timestampType, &end)
        output.advance(to: end)
      } catch { throw .output(error) }
    case .jsonHeaders: try putJSONHeaders(record, &output)
    case .jsonKey: try putJSON(record.key, .key, keySerdes, &output)
    case .jsonValue: try putJSON(record.value, .value, valueSerdes, &output)
    }
  }

  // MARK: Text

  private func put(
    _ bytes: UnsafeRawBufferPointer?, _ field: PackFormat.Field, _ serdes: Serdes?,
    _ output: inout OutputBuffer
  ) throws(CarefulError) {
    guard let bytes else {
      try putData(UnsafeRawBufferPointer(rebasing: text[..<Int(null.count)]), &output)
      return
    }
    guard let serdes, !bytes.isEmpty else { return try putData(bytes, &output) }
    let pack: PackFormat
    switch serdes {
    case .pack(let format): pack = format
    case .avro:
      let json: UnsafeRawBufferPointer
      do throws(AvroFields.Failure) { json = try avroJSON(of: field) } catch {
        throw .avro(error)
      }
      return try putData(json, as: .json, &output)
    }
    var unpacked: [UInt8] = []
    var failure: PackFormat.Failure?
    do throws(PackFormat.Failure) {
      try pack.unpack(bytes, to: &unpacked)
    } catch { failure = error }
    let span = unpacked.span.bytes
    try span.withUnsafeBytes { (piece) throws(CarefulError) in try putData(piece, &output) }
    if let failure { throw .pack(failure) }
  }

  /// Puts data, harmless if the output is a terminal.
  private func putData(
    _ bytes: UnsafeRawBufferPointer, as style: TerminalText.Style = .plain,
    _ output: inout OutputBuffer
  ) throws(CarefulError) {
    guard escapesControls else { return try put(bytes, &output) }
    try inPieces(bytes) { (piece) throws(CarefulError) in
      var harmless: [UInt8] = []
      TerminalText.append(piece, as: style, to: &harmless)
      try put(harmless, &output)
    }
  }

  private func putHeaders(
    _ record: RecordView, _ output: inout OutputBuffer
  ) throws(CarefulError) {
    var headers = HeaderIterator(record)
    var isFirst = true
    while let header = try next(&headers) {
      if !isFirst { try put([UInt8(ascii: ",")], &output) }
      isFirst = false
      try putData(Self.upToNUL(header.name), &output)
      try put([UInt8(ascii: "=")], &output)
      if let value = header.value {
        try putData(Self.upToNUL(value), &output)
      } else {
        try put(Array("NULL".utf8), &output)
      }
    }
  }

  private func next(
    _ headers: inout HeaderIterator
  ) throws(CarefulError) -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)? {
    do throws(RecordFault) { return try headers.next() } catch { throw .fault(error) }
  }

  // MARK: JSON

  private func putJSONHeaders(
    _ record: RecordView, _ output: inout OutputBuffer
  ) throws(CarefulError) {
    guard record.headerCount > 0 else { return }
    var headers = HeaderIterator(record)
    var lead = ",\"headers\":["
    while let header = try next(&headers) {
      try put(Array(lead.utf8), &output)
      try putJSONString(header.name, &output)
      try put([UInt8(ascii: ",")], &output)
      if let value = header.value {
        try putJSONString(value, &output)
      } else {
        try put(Array("null".utf8), &output)
      }
      lead = ","
    }
    try put([UInt8(ascii: "]")], &output)
  }

  /// Puts a string or null; what a pack format makes of the bytes is a string too, Avro any value.
  private func putJSON(
    _ bytes: UnsafeRawBufferPointer?, _ field: PackFormat.Field, _ serdes: Serdes?,
    _ output: inout OutputBuffer
  ) throws(CarefulError) {
    guard let bytes else { return try put(Array("null".utf8), &output) }
    let pack: PackFormat
    switch serdes {
    case .avro?:
      let json: UnsafeRawBufferPointer
      do throws(AvroFields.Failure) { json = try avroJSON(of: field) } catch {
        return try put(envelopeError(error), &output)
      }
      try putData(json, as: .json, &output)
      do throws(OutputError) { return try putSchemaId(of: field, &output) } catch {
        throw .output(error)
      }
    case .pack(let format)? where !bytes.isEmpty: pack = format
    case .pack?, nil: return try putJSONString(bytes, &output)
    }
    var unpacked: [UInt8] = []
    do throws(PackFormat.Failure) {
      try pack.unpack(bytes, to: &unpacked)
    } catch { throw .pack(error) }
    let span = unpacked.span.bytes
    try span.withUnsafeBytes { (piece) throws(CarefulError) in
      try putJSONString(piece, &output)
    }
  }

  private func putJSONString(
    _ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer
  ) throws(CarefulError) {
    try put([UInt8(ascii: "\"")], &output)
    try inPieces(bytes) { (piece) throws(CarefulError) in
      if escapesControls {
        var quoted: [UInt8] = []
        JSONText.append(piece, forTerminal: true, to: &quoted)
        try put(Array(quoted.dropFirst().dropLast()), &output)
      } else {
        do throws(OutputError) {
          let start = try output.room(JSONEscape.bound(piece.count))
          output.advance(to: start + JSONEscape.kcat(piece, to: start))
        } catch { throw .output(error) }
      }
    }
    try put([UInt8(ascii: "\"")], &output)
  }

  // MARK: Pieces

  /// Hands over pieces of bounded size that do not cut a UTF-8 sequence.
  private func inPieces(
    _ bytes: UnsafeRawBufferPointer,
    _ body: (UnsafeRawBufferPointer) throws(CarefulError) -> Void
  ) throws(CarefulError) {
    var at = 0
    while at < bytes.count {
      var end = min(bytes.count, at + Self.pieceSize)
      if end < bytes.count {
        // Back to a byte that can begin a sequence, which is at most three away in valid text.
        let cut = (max(at + 1, end - 3)...end).last { bytes[$0] & 0xc0 != 0x80 }
        end = cut ?? end
      }
      try body(UnsafeRawBufferPointer(rebasing: bytes[at..<end]))
      at = end
    }
  }

  private func put(
    _ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer
  ) throws(CarefulError) {
    do throws(OutputError) { try output.append(bytes) } catch { throw .output(error) }
  }

  private func put(_ bytes: [UInt8], _ output: inout OutputBuffer) throws(CarefulError) {
    do throws(OutputError) { try output.append(bytes) } catch { throw .output(error) }
  }

  private func put(_ number: Int64, _ output: inout OutputBuffer) throws(CarefulError) {
    do throws(OutputError) {
      var end = try output.room(decimalRoom)
      writeDecimal(number, &end)
      output.advance(to: end)
    } catch { throw .output(error) }
  }
}
