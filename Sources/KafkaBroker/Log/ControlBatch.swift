import KafkaProtocol

/// The batch with which a transaction ends in a partition (KIP-98).
enum ControlBatch {
  /// The bytes of a marker: version 0, and in it the coordinator's epoch 0.
  ///
  /// `timestamp` is in milliseconds since 1970.
  static func bytes(producerId: Int64, epoch: Int16, isCommit: Bool, timestamp: Int64) -> [UInt8] {
    let key: [UInt8] = [0, 0, 0, isCommit ? 1 : 0]
    let value: [UInt8] = [0, 0, 0, 0, 0, 0]
    var builder = BatchBuilder()
    let isAdded = key.withUnsafeBytes { key in
      value.withUnsafeBytes { builder.append(key: key, value: $0, timestamp: timestamp) }
    }
    precondition(isAdded, "a marker fits into any batch")
    var sealed = builder.seal()
    sealed.stamp(producerId: producerId, epoch: epoch, sequence: -1, transactional: true)
    sealed.markAsControl()
    return sealed.array
  }

  /// Whether a marker says that its transaction was committed.
  static func isCommit(_ batch: RecordBatch) throws(RecordError) -> Bool {
    var reader = RecordSetReader(verifiesCRC: false)
    reader.open(batch.bytes)
    guard let decoded = try reader.next() else { return false }
    var records = RecordIterator(decoded)
    return try records.next()?.key?.elementsEqual([0, 0, 0, 1]) ?? false
  }
}
