import KafkaProtocol

/// Makes batches of another batch's records, where the broker does not take it as it is.
struct BatchRebuilder: Sendable {
  /// Some of a batch's records as a batch.
  struct Part: Sendable {
    /// How many of the other's records were before its first.
    var firstRecord: Int
    var sealed: SealedBatch
  }

  /// How parts are compressed.
  let codec: Codec
  /// −1 is the codec's default.
  let level: Int

  /// The parts in order, not stamped; it takes a while, so it is done away from the loop.
  @concurrent func parts(of batch: SealedBatch, _ how: ProducerState.Rebuild) async
    -> Result<[Part], DeliveryError>
  {
    do {
      return .success(try build(batch, how))
    } catch {
      return .failure(.unsupported("Local: Bad message format: \(error)"))
    }
  }

  func build(_ batch: SealedBatch, _ how: ProducerState.Rebuild) throws -> [Part] {
    var parts: [Part] = []
    var compressor = Compressor()
    var builder = BatchBuilder(
      limits: BatchLimits(maxBytes: Int(Int32.max), maxRecords: Int(Int32.max)))
    var reader = RecordSetReader(verifiesCRC: false)
    reader.open(batch.bytes)
    let middle = (batch.recordCount + 1) / 2
    var first = 0
    var index = 0
    while let decoded = try reader.next() {
      var records = RecordIterator(decoded)
      while let record = try records.next() {
        defer { index += 1 }
        switch how {
        case .without(let bad) where bad.contains(Int32(truncatingIfNeeded: index)): continue
        case .halves where index == middle:
          try finish(&builder, first, batch.magic, &compressor, &parts)
        case .halves, .without: break
        }
        if builder.isEmpty { first = index }
        _ = builder.append(
          key: record.key, value: record.value, headerCount: record.headerCount,
          headers: record.headers, timestamp: decoded.timestamp(of: record))
      }
    }
    try finish(&builder, first, batch.magic, &compressor, &parts)
    return parts
  }

  private func finish(
    _ builder: inout BatchBuilder, _ first: Int, _ magic: Int, _ compressor: inout Compressor,
    _ parts: inout [Part]
  ) throws {
    guard !builder.isEmpty else { return }
    var sealed = builder.seal()
    if magic < 2 {
      let set = try sealed.messageSet(
        magic: magic, codec: codec, level: level, compressor: &compressor)
      if let set { sealed = set }
    } else {
      try sealed.compress(codec, level: level, with: &compressor)
    }
    parts.append(Part(firstRecord: first, sealed: sealed))
  }
}
