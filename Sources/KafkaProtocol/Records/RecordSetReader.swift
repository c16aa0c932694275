/// A batch whose records can be read, whatever format they came in; valid until the reader is used again.
public struct DecodedBatch {
  /// The offset of the first record, also after compaction has removed it; record offsets are added to it.
  public let baseOffset: Int64
  /// The last offset of the batch less its base offset.
  public let lastOffsetDelta: Int32
  /// The format version that the batch came in: 0, 1 or 2.
  public let magic: Int
  /// How the batch was compressed.
  public let codec: Codec
  /// The leader's epoch at append; −1 if unknown.
  public let partitionLeaderEpoch: Int32
  /// What the timestamps mean; `none` for magic 0.
  public let timestampType: TimestampType
  /// What the records' timestamp deltas are added to, in milliseconds since 1970; −1 for none.
  public let baseTimestamp: Int64
  /// The latest timestamp, in milliseconds since 1970; −1 for none.
  public let maxTimestamp: Int64
  /// Whether the batch belongs to a transaction.
  public let isTransactional: Bool
  /// Whether the batch holds a marker (commit, abort) instead of data.
  public let isControl: Bool
  /// The idempotent producer's id; −1 without.
  public let producerId: Int64
  /// The idempotent producer's epoch; −1 without.
  public let producerEpoch: Int16
  /// The sequence number of the first record; −1 without.
  public let baseSequence: Int32
  /// How many records there are; 0 is allowed.
  public let recordCount: Int
  /// The records in the encoding of magic 2, decompressed; `RecordIterator` reads them.
  public let records: UnsafeRawBufferPointer

  @usableFromInline let timestampBase: Int64
  /// All ones where records have timestamps of their own, zero where they have the batch's.
  @usableFromInline let timestampMask: Int64

  /// The offset behind the batch.
  public var nextOffset: Int64 { baseOffset &+ Int64(lastOffsetDelta) &+ 1 }

  /// A record's offset.
  @inlinable public func offset(of record: RecordView) -> Int64 {
    baseOffset &+ Int64(record.offsetDelta)
  }

  /// A record's timestamp in milliseconds since 1970; −1 where the format has none.
  @inlinable public func timestamp(of record: RecordView) -> Int64 {
    timestampBase &+ (Int64(record.timestampDelta) & timestampMask)
  }
}

/// Reads record bytes of every format: batches (magic 2) and message sets (magic 0 and 1).
///
/// Checks, decompresses, and brings older formats into the encoding of magic 2, so that the loop over records
/// knows one form. Its memory grows to the largest batch and is used again.
public struct RecordSetReader: ~Copyable {
  private var cut = BatchCutter(UnsafeRawBufferPointer(start: nil, count: 0))
  private var decompressor: Decompressor
  private var transcoder: MessageSetTranscoder
  private let verifiesCRC: Bool

  /// Where to go on behind the batch that the last error was about, to leave it out; nil if that is not known.
  ///
  /// It is more than the bad batch's base offset.
  public private(set) var offsetAfterBadBatch: Int64?

  /// Makes a reader without bytes.
  ///
  /// A producer's offsets in message sets (magic 0 and 1) mean nothing: where a broker reads them,
  /// `numbersMessages` counts from 0 instead.
  public init(
    limits: CodecLimits = CodecLimits(), verifiesCRC: Bool = true, numbersMessages: Bool = false
  ) {
    decompressor = Decompressor(limits: limits)
    transcoder = MessageSetTranscoder(numbersMessages: numbersMessages)
    self.verifiesCRC = verifiesCRC
  }

  /// Begins with other bytes: the records of one partition in a response; they must outlive their use.
  public mutating func open(_ bytes: UnsafeRawBufferPointer) {
    cut = BatchCutter(bytes)
    transcoder.begin()
    offsetAfterBadBatch = nil
  }

  /// The size that the last, cut batch has when whole, in bytes; nil where nothing was cut.
  ///
  /// Of use behind the end: where no batch came at all, a larger fetch is needed.
  public var truncatedBatchSize: Int? { cut.upcomingSize }

  /// The next batch, nil behind the last whole one; what it returned before is no longer valid.
  ///
  /// After an error the next call continues behind the bad batch, or ends where its length cannot be believed.
  ///
  /// - Throws: `RecordError`, which names the batch's base offset.
  public mutating func next() throws(RecordError) -> DecodedBatch? {
    offsetAfterBadBatch = nil
    guard let piece = try cut.peekOrEnd() else { return nil }
    do throws(RecordError) {
      switch piece.magic {
      case 2:
        return try decodeBatch(piece)
      case 0, 1:
        return try transcoder.decode(
          piece, from: &cut, decompressor: &decompressor, verifiesCRC: verifiesCRC)
      default:
        cut.pass(piece)
        throw RecordError.unknownMagic(baseOffset: piece.baseOffset, magic: piece.magic)
      }
    } catch {
      noteOffset(after: piece)
      throw error
    }
  }

  private mutating func decodeBatch(_ piece: BatchCutter.Piece) throws(RecordError) -> DecodedBatch
  {
    cut.pass(piece)
    let batch = RecordBatch(unchecked: piece.bytes)
    if verifiesCRC { try batch.verifyCRC() }
    try batch.checkHeader()
    var records = batch.payload  // that of an empty batch is no compressed nothing
    do {
      if batch.recordCount > 0 || !records.isEmpty {
        records = try decompressor.decompress(batch.codec, records)
      }
    } catch {
      throw RecordError(baseOffset: batch.baseOffset, error)
    }
    // The least record: length, attributes, two deltas, null key, null value, no headers.
    guard batch.recordCount <= records.count / 7 else {
      throw .corrupt(baseOffset: batch.baseOffset, .recordCount(batch.recordCount))
    }
    let isLogAppend = batch.timestampType == .logAppend
    return DecodedBatch(
      baseOffset: batch.baseOffset, lastOffsetDelta: batch.lastOffsetDelta, magic: 2,
      codec: batch.codec, partitionLeaderEpoch: batch.partitionLeaderEpoch,
      timestampType: batch.timestampType, baseTimestamp: batch.baseTimestamp,
      maxTimestamp: batch.maxTimestamp, isTransactional: batch.isTransactional,
      isControl: batch.isControl, producerId: batch.producerId,
      producerEpoch: batch.producerEpoch, baseSequence: batch.baseSequence,
      recordCount: batch.recordCount, records: records,
      timestampBase: isLogAppend ? batch.maxTimestamp : batch.baseTimestamp,
      timestampMask: isLogAppend ? 0 : -1)
  }

  /// Works out where to go on behind a bad batch that was passed.
  private mutating func noteOffset(after piece: BatchCutter.Piece) {
    guard piece.baseOffset >= 0 else { return }
    var next = piece.baseOffset.addingReportingOverflow(1)
    if piece.magic == 2 {
      let delta = RecordBatch(unchecked: piece.bytes).lastOffsetDelta
      if delta >= 0 { next = piece.baseOffset.addingReportingOverflow(Int64(delta) + 1) }
    }
    guard !next.overflow else { return }
    offsetAfterBadBatch = next.partialValue
    // The bad batch may lie about its end: the one behind it says more.
    if let upcoming = cut.upcomingOffset, upcoming > piece.baseOffset {
      offsetAfterBadBatch = min(upcoming, next.partialValue)
    }
  }
}
