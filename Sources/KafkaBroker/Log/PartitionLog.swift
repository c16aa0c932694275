/// The records of one partition: batches in memory, as they came but for base offset and leader epoch.
struct PartitionLog: Sendable {
  /// What an append came to.
  enum Appended: Hashable, Sendable {
    /// Stored at `baseOffset`.
    case stored(baseOffset: Int64)
    /// An idempotent producer sent it before: it was stored at `baseOffset` then, and not again.
    case duplicate(baseOffset: Int64)
    /// An idempotent producer's sequence or epoch does not fit; nothing was stored.
    case refused(ProducerStates.Refusal)
  }

  /// The largest block of batches, in bytes; a single batch that is larger has a block to itself.
  static let chunkBytesMax = 1 << 20
  private static let firstChunkBytes = 16 << 10

  /// Bytes of batches beyond which the oldest are dropped, block by block; nil keeps all.
  let retentionBytes: Int?
  var leaderEpochs = LeaderEpochs()
  var chunks: [LogChunk] = []
  /// The offset of the first record that is still there.
  private(set) var logStartOffset: Int64 = 0
  /// The offset that the next record gets.
  var logEndOffset: Int64 = 0
  /// Bytes of all batches.
  var byteCount = 0
  var producers = ProducerStates()
  /// The transactions that were aborted, in the order of their markers.
  var aborted: [AbortedTransaction] = []

  init(retentionBytes: Int? = nil) {
    self.retentionBytes = retentionBytes
  }

  /// Epoch of the leader, written into each batch.
  var leaderEpoch: Int32 { leaderEpochs.latest }

  /// The offset up to which all may read: with one replica, the end.
  var highWatermark: Int64 { logEndOffset }

  private var chunkCapacityMax: Int {
    guard let retentionBytes else { return Self.chunkBytesMax }
    return min(Self.chunkBytesMax, max(1024, retentionBytes / 8))
  }

  /// Stores a batch that `BatchCheck` has accepted.
  mutating func append(_ bytes: UnsafeRawBufferPointer, _ batch: BatchSummary) -> Appended {
    switch producers.admit(batch, baseOffset: logEndOffset) {
    case .new: break
    case .duplicate(let baseOffset): return .duplicate(baseOffset: baseOffset)
    case .refused(let refusal): return .refused(refusal)
    }
    let baseOffset = logEndOffset
    store(bytes, recordCount: batch.recordCount, maxTimestamp: batch.maxTimestamp)
    return .stored(baseOffset: baseOffset)
  }

  /// Puts a batch behind the last one.
  mutating func store(_ bytes: UnsafeRawBufferPointer, recordCount: Int32, maxTimestamp: Int64) {
    if (chunks.last?.room ?? 0) < bytes.count {
      let usual = min(
        chunkCapacityMax, max(Self.firstChunkBytes, (chunks.last?.capacity ?? 0) * 2))
      chunks.append(LogChunk(capacity: max(bytes.count, usual)))
    }
    let baseOffset = logEndOffset
    logEndOffset += Int64(recordCount)
    chunks[chunks.count - 1].append(
      bytes, baseOffset: baseOffset, lastOffset: logEndOffset - 1, leaderEpoch: leaderEpoch,
      maxTimestamp: maxTimestamp)
    byteCount += bytes.count
    dropOldest()
  }

  private mutating func dropOldest() {
    guard let retentionBytes else { return }
    var dropped = 0
    while byteCount > retentionBytes, dropped < chunks.count - 1 {
      byteCount -= chunks[dropped].byteCount
      dropped += 1
    }
    guard dropped > 0 else { return }
    chunks.removeFirst(dropped)
    logStartOffset = chunks.first?.baseOffset ?? logEndOffset
    let kept = aborted.place(behind: { $0.lastOffset < logStartOffset })
    aborted.removeFirst(kept)
  }

  /// The place of the first chunk that ends at or behind `offset`; `chunks.count` at the end.
  private func chunkIndex(of offset: Int64) -> Int {
    chunks.place(behind: { ($0.batches.last?.lastOffset ?? -1) < offset })
  }

  /// Whole batches from the one that holds `offset` on, as far as they fit into `maxBytes`.
  ///
  /// No batch comes that begins at `bound` or behind. The first batch comes even if it is larger where
  /// `atLeastOne` is true (KIP-74). Nil where `offset` is before the start or behind the end; empty at
  /// the end.
  func read(
    from offset: Int64, upTo bound: Int64 = .max, maxBytes: Int, atLeastOne: Bool = true
  ) -> LogSlice? {
    guard offset >= logStartOffset, offset <= logEndOffset else { return nil }
    var slice = LogSlice()
    var left = maxBytes
    var place = chunkIndex(of: offset)
    var first = place < chunks.count ? chunks[place].index(of: offset) : 0
    while place < chunks.count {
      let chunk = chunks[place]
      var end = chunk.index(from: first, within: left)
      if end == first, slice.pieces.isEmpty, atLeastOne {
        end = min(first + 1, chunk.batches.count)
      }
      end = max(first, min(end, chunk.index(before: bound)))
      guard let piece = chunk.piece(first..<end) else { break }
      slice.pieces.append(piece)
      slice.endOffset = chunk.batches[end - 1].lastOffset + 1
      left -= piece.count
      if end < chunk.batches.count || left <= 0 { break }
      (place, first) = (place + 1, 0)
    }
    return slice
  }

  /// Bytes of the batches from the one that holds `offset` on, counted up to `limit`, without those that
  /// begin at `bound` or behind.
  func bytesAvailable(from offset: Int64, upTo bound: Int64 = .max, limit: Int) -> Int {
    guard offset >= logStartOffset, offset < logEndOffset else { return 0 }
    var place = chunkIndex(of: offset)
    var first = place < chunks.count ? chunks[place].index(of: offset) : 0
    var count = 0
    while place < chunks.count, count < limit {
      let chunk = chunks[place]
      let end = chunk.index(before: bound)
      if let piece = chunk.piece(first..<max(first, end)) { count += piece.count }
      if end < chunk.batches.count { break }
      (place, first) = (place + 1, 0)
    }
    return min(count, limit)
  }

  /// The first batch that has a record of `timestamp` or later; nil where none has.
  func batch(atOrAfter timestamp: Int64) -> LogPiece? {
    guard let chunk = chunks.first(where: { $0.maxTimestamp >= timestamp }),
      let index = chunk.batches.firstIndex(where: { $0.maxTimestamp >= timestamp })
    else { return nil }
    return chunk.piece(index..<index + 1)
  }

  /// The latest timestamp of all records, in milliseconds; nil while the log is empty.
  var maxTimestamp: Int64? { chunks.isEmpty ? nil : chunks.reduce(-1) { max($0, $1.maxTimestamp) } }
}
