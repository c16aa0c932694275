import KafkaProtocol

extension PartitionLog {
  /// Cuts the log so that the batch with `offset` and those behind it are gone, and begins an epoch there,
  /// as after an election of a leader that had less.
  ///
  /// - Throws: `RecordError` where a stored batch cannot be read, as only one stored unchecked can be.
  mutating func truncate(to offset: Int64) throws(RecordError) {
    while let last = chunks.popLast() {
      byteCount -= last.byteCount
      var kept = last
      kept.cut(from: offset)
      guard let end = kept.batches.last else { continue }
      byteCount += kept.byteCount
      chunks.append(kept)
      logEndOffset = end.lastOffset + 1
      break
    }
    if chunks.isEmpty { logEndOffset = logStartOffset }
    leaderEpochs.begin(at: logEndOffset)
    try replay()
  }

  /// Reads from the batches what must be known of producers and transactions.
  private mutating func replay() throws(RecordError) {
    producers = ProducerStates()
    aborted = []
    for chunk in chunks {
      guard let piece = chunk.piece(0..<chunk.batches.count) else { continue }
      var batches = RecordBatchIterator(piece.bytes)
      while let batch = try batches.next() {
        if batch.isControl {
          let firstOffset = producers.end(
            producerId: batch.producerId, epoch: batch.producerEpoch)
          if let firstOffset, try !ControlBatch.isCommit(batch) {
            aborted.append(
              AbortedTransaction(
                producerId: batch.producerId, firstOffset: firstOffset,
                lastOffset: batch.baseOffset))
          }
        } else {
          _ = producers.admit(
            BatchSummary(
              recordCount: batch.lastOffsetDelta + 1, maxTimestamp: batch.maxTimestamp,
              producerId: batch.producerId, producerEpoch: batch.producerEpoch,
              baseSequence: batch.baseSequence, isTransactional: batch.isTransactional),
            baseOffset: batch.baseOffset)
        }
      }
    }
  }
}
