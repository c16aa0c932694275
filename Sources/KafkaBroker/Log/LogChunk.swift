import KafkaProtocol
import Transport

/// Batches of one partition that lie one behind the other in one block of memory.
///
/// What was appended stays where and as it is, so that a response can be written from it without a
/// copy, while more is appended behind it.
struct LogChunk: Sendable {
  /// Where one batch lies, and what a search must know of it.
  struct Batch: Sendable {
    var baseOffset: Int64
    var lastOffset: Int64
    var maxTimestamp: Int64
    var start: Int
    var end: Int
  }

  private let block: Buffer
  /// Whether what lies behind the last batch may still be on its way to a reader.
  private var isSealed = false
  private(set) var batches: [Batch] = []
  /// The latest timestamp of all batches, in milliseconds; −1 while empty.
  private(set) var maxTimestamp: Int64 = -1

  init(capacity: Int) {
    block = Buffer(capacity: capacity)
  }

  /// Bytes of the block.
  var capacity: Int { block.space.count }
  /// Bytes of all batches.
  var byteCount: Int { batches.last?.end ?? 0 }
  /// Bytes that can still be appended.
  var room: Int { isSealed ? 0 : capacity - byteCount }
  /// The offset of the first record; nil while empty.
  var baseOffset: Int64? { batches.first?.baseOffset }

  /// Copies a batch behind the last one and gives it its offset and leader epoch.
  ///
  /// Both lie before the bytes that the batch's CRC covers. The caller has checked `room`.
  mutating func append(
    _ bytes: UnsafeRawBufferPointer, baseOffset: Int64, lastOffset: Int64, leaderEpoch: Int32,
    maxTimestamp: Int64
  ) {
    let start = byteCount
    precondition(bytes.count <= room)
    let target = UnsafeMutableRawBufferPointer(
      rebasing: block.space[start..<start + bytes.count])
    target.copyMemory(from: bytes)
    RecordBatch.place(target, baseOffset: baseOffset, partitionLeaderEpoch: leaderEpoch)
    batches.append(
      Batch(
        baseOffset: baseOffset, lastOffset: lastOffset, maxTimestamp: maxTimestamp, start: start,
        end: start + bytes.count))
    self.maxTimestamp = max(self.maxTimestamp, maxTimestamp)
  }

  /// Takes away the batch that holds `offset` and those behind it.
  mutating func cut(from offset: Int64) {
    let end = index(of: offset)
    guard end < batches.count else { return }
    batches.removeSubrange(end...)
    maxTimestamp = batches.reduce(-1) { max($0, $1.maxTimestamp) }
    isSealed = true
  }

  /// The place among `batches` of the first that ends at or behind `offset`.
  func index(of offset: Int64) -> Int {
    batches.place(behind: { $0.lastOffset < offset })
  }

  /// The place behind the last batch that ends within `maxBytes` from the start of batch `first`.
  func index(from first: Int, within maxBytes: Int) -> Int {
    guard first < batches.count else { return first }
    let start = batches[first].start
    return batches.place(from: first, behind: { $0.end - start <= maxBytes })
  }

  /// The place of the first batch that begins at or behind `offset`.
  func index(before offset: Int64) -> Int {
    batches.place(behind: { $0.baseOffset < offset })
  }

  /// The bytes of some batches, where they lie.
  func piece(_ range: Range<Int>) -> LogPiece? {
    guard let first = range.first, let last = range.last else { return nil }
    return LogPiece(block: block, start: batches[first].start, end: batches[last].end)
  }
}

/// Bytes of a log that can be written as they lie for as long as `block` is kept.
struct LogPiece: Sendable {
  let block: Buffer
  var start: Int
  var end: Int

  var count: Int { end - start }
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(block.space)[start..<end])
  }
}

/// The part of a log that answers one partition of a Fetch.
struct LogSlice: Sendable {
  var pieces: [LogPiece] = []
  /// Behind the last record; 0 where there is none.
  var endOffset: Int64 = 0
  var count: Int { pieces.reduce(0) { $0 + $1.count } }
}
