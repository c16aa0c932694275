public import KafkaProtocol

extension AbortedTransactions {
  /// True where a batch's records must not be shown: those of control batches never are, and with
  /// `readCommitted` not those of aborted transactions.
  public mutating func hides(_ batch: DecodedBatch, readCommitted: Bool) -> Bool {
    guard batch.isControl || (readCommitted && batch.isTransactional) else { return false }
    return hides(
      baseOffset: batch.baseOffset, nextOffset: batch.nextOffset, producerId: batch.producerId,
      isTransactional: batch.isTransactional, isControl: batch.isControl,
      controlType: batch.isControl ? Self.controlType(batch) : nil)
  }

  /// The type of a control batch's record, the second INT16 of its key (KIP-98).
  private static func controlType(_ batch: DecodedBatch) -> Int16? {
    var records = RecordIterator(batch)
    guard let key = try? records.next()?.key, key.count >= 4 else { return nil }
    return Int16(bigEndian: key.loadUnaligned(fromByteOffset: 2, as: Int16.self))
  }
}
