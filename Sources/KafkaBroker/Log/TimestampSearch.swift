import KafkaProtocol

extension PartitionLog {
  /// The first record of `timestamp` or later, by offset; nil where there is none.
  ///
  /// - Throws: `RecordError` where a stored batch cannot be read, as only one stored unchecked can be.
  func record(atOrAfter timestamp: Int64) throws(RecordError) -> (offset: Int64, timestamp: Int64)?
  {
    guard let piece = batch(atOrAfter: timestamp) else { return nil }
    var reader = RecordSetReader(verifiesCRC: false)
    reader.open(piece.bytes)
    guard let batch = try reader.next() else { return nil }
    var records = RecordIterator(batch)
    while let record = try records.next() {
      let own = batch.timestamp(of: record)
      if own >= timestamp { return (batch.offset(of: record), own) }
    }
    return nil
  }
}
