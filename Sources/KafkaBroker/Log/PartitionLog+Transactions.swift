/// A transaction that was aborted, as far as it lies in one partition.
struct AbortedTransaction: Hashable, Sendable {
  var producerId: Int64
  /// Of the first of its records.
  var firstOffset: Int64
  /// Of its marker.
  var lastOffset: Int64
}

extension PartitionLog {
  /// The offset before which every transaction is decided: as far as `read_committed` may read.
  var lastStableOffset: Int64 { min(producers.firstOpenOffset ?? .max, highWatermark) }

  /// Stores the marker that ends a producer's transaction.
  mutating func appendMarker(
    producerId: Int64, epoch: Int16, isCommit: Bool, timestamp: Int64
  ) {
    let firstOffset = producers.end(producerId: producerId, epoch: epoch)
    let marker = ControlBatch.bytes(
      producerId: producerId, epoch: epoch, isCommit: isCommit, timestamp: timestamp)
    let offset = logEndOffset
    marker.withUnsafeBytes { store($0, recordCount: 1, maxTimestamp: timestamp) }
    if let firstOffset, !isCommit {
      aborted.append(
        AbortedTransaction(producerId: producerId, firstOffset: firstOffset, lastOffset: offset))
    }
  }

  /// The aborted transactions that have records or the marker between two offsets.
  func abortedTransactions(from offset: Int64, to end: Int64) -> [AbortedTransaction] {
    // They lie in the order of their markers.
    let first = aborted.place(behind: { $0.lastOffset < offset })
    return aborted[first...].filter { $0.firstOffset < end }
  }
}
