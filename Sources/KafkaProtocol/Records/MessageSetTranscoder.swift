/// Brings message sets (magic 0 and 1) into the record encoding of magic 2.
///
/// Messages that follow one another uncompressed become one batch, a compressed message becomes one too.
struct MessageSetTranscoder: ~Copyable {
  private var scratch = ScratchBuffer()
  private var used = 0
  private let numbersMessages: Bool
  private var nextNumber: Int64 = 0
  /// What the batch in the making knows of its records.
  private var span = Span()

  private struct Span {
    var count = 0
    var firstOffset: Int64 = 0
    var lastOffset: Int64 = 0
    var firstTimestamp: Int64 = -1
    var lastTimestamp: Int64 = -1
  }

  init(numbersMessages: Bool) { self.numbersMessages = numbersMessages }

  /// Begins with other bytes.
  mutating func begin() { nextNumber = 0 }

  /// Decodes the message `first`, and those behind it that belong into the same batch; passes them.
  mutating func decode(
    _ first: BatchCutter.Piece, from cut: inout BatchCutter, decompressor: inout Decompressor,
    verifiesCRC: Bool
  ) throws(RecordError) -> DecodedBatch {
    cut.pass(first)
    let message = try Message(first, verifiesCRC: verifiesCRC)
    guard let codec = Codec(rawValue: Int8(message.codecNumber)) else {
      throw .unknownCodec(baseOffset: message.offset, codec: message.codecNumber)
    }
    guard message.offset >= 0, message.offset < .max else {
      throw .badOffset(baseOffset: message.offset, lastOffsetDelta: 0)
    }
    if codec != .none {
      return try unwrap(message, codec, decompressor: &decompressor, verifiesCRC: verifiesCRC)
    }
    reset(sourceBytes: first.bytes.count + cut.remaining)
    guard add(message) else { throw .corrupt(baseOffset: message.offset, .truncated) }
    // What does not fit in, or is broken, is left for the next call, which says why.
    while let piece = Self.quietly({ () throws(RecordError) in try cut.peek() }),
      piece.magic == first.magic,
      let next = Self.quietly({ () throws(RecordError) in
        try Message(piece, verifiesCRC: verifiesCRC)
      }),
      next.codecNumber == 0, next.isLogAppend == message.isLogAppend, next.offset < .max,
      add(next)
    {
      cut.pass(piece)
    }
    return result(
      of: message, .none, baseOffset: span.firstOffset, lastOffset: span.lastOffset,
      hasOneTimestamp: false)
  }

  private static func quietly<T>(_ body: () throws(RecordError) -> T?) -> T? {
    do throws(RecordError) { return try body() } catch { return nil }
  }

  /// Decodes the messages that a compressed message holds.
  private mutating func unwrap(
    _ wrapper: Message, _ codec: Codec, decompressor: inout Decompressor, verifiesCRC: Bool
  ) throws(RecordError) -> DecodedBatch {
    let content: UnsafeRawBufferPointer
    do {
      content = try decompressor.decompress(
        codec, wrapper.value ?? UnsafeRawBufferPointer(start: nil, count: 0),
        lz4Header: wrapper.magic == 0 ? .overMagicToo : .correct)
    } catch {
      throw RecordError(baseOffset: wrapper.offset, error)
    }
    reset(sourceBytes: content.count)
    var inner = BatchCutter(content)
    do throws(RecordError) {
      while let piece = try inner.peek() {
        guard piece.magic == wrapper.magic else {
          throw RecordError.corrupt(
            baseOffset: wrapper.offset, .mixedMagic(outer: wrapper.magic, inner: piece.magic))
        }
        let message = try Message(piece, verifiesCRC: verifiesCRC)
        guard message.codecNumber == 0 else {
          throw RecordError.corrupt(baseOffset: wrapper.offset, .nestedCompression)
        }
        guard add(message) else {
          throw RecordError.corrupt(baseOffset: wrapper.offset, .offsetDelta(Int(message.offset)))
        }
        inner.pass(piece)
      }
    } catch {
      throw error.moved(to: wrapper.offset)
    }
    guard inner.remaining == 0 else { throw .corrupt(baseOffset: wrapper.offset, .truncated) }
    guard span.count > 0 else { throw .corrupt(baseOffset: wrapper.offset, .emptyWrapper) }
    var base = span.firstOffset
    var last = span.lastOffset
    if !numbersMessages {
      if wrapper.magic == 0 {
        last = max(last, wrapper.offset)
      } else {
        // Offsets within are relative, and the wrapper has the offset of the last. KIP-31.
        last = wrapper.offset
        base = wrapper.offset - (span.lastOffset - span.firstOffset)
      }
    }
    guard base >= 0, last < .max, last - base <= Int64(Int32.max) else {
      throw .badOffset(baseOffset: wrapper.offset, lastOffsetDelta: 0)
    }
    return result(
      of: wrapper, codec, baseOffset: base, lastOffset: last,
      hasOneTimestamp: wrapper.isLogAppend)
  }

  private mutating func reset(sourceBytes: Int) {
    used = 0
    span = Span()
    // A record of magic 2 has at most 32 bytes around key and value, a message of magic 1 has 34; without
    // timestamps 23 and 26: what comes out is never longer than what went in.
    scratch.reserve(sourceBytes)
  }

  /// Adds a message's record; false if it cannot belong to this batch.
  private mutating func add(_ message: Message) -> Bool {
    let offset = numbersMessages ? nextNumber : message.offset
    if span.count == 0 {
      guard offset >= 0 else { return false }
      span.firstOffset = offset
      span.firstTimestamp = message.timestamp
      span.lastTimestamp = message.timestamp
    } else {
      guard offset > span.lastOffset, offset - span.firstOffset <= Int64(Int32.max) else {
        return false
      }
    }
    let timestampDelta = Int(message.timestamp &- span.firstTimestamp)
    let offsetDelta = Int(offset - span.firstOffset)
    let keyCount = message.key?.count ?? -1
    let valueCount = message.value?.count ?? -1
    let body =
      2 + Varint.size(timestampDelta) + Varint.size(offsetDelta) + Varint.size(keyCount)
      + max(0, keyCount) + Varint.size(valueCount) + max(0, valueCount)
    let room = scratch.room(after: used)
    let total = Varint.size(body) + body
    guard var place = room.baseAddress, total <= room.count else { return false }
    Varint.put(body, at: &place)
    place.storeBytes(of: 0, as: UInt8.self)
    place += 1
    Varint.put(timestampDelta, at: &place)
    Varint.put(offsetDelta, at: &place)
    BatchBuilder.put(message.key, keyCount, at: &place)
    BatchBuilder.put(message.value, valueCount, at: &place)
    place.storeBytes(of: 0, as: UInt8.self)  // no headers
    used += total
    span.count += 1
    span.lastOffset = offset
    span.lastTimestamp = max(span.lastTimestamp, message.timestamp)
    if numbersMessages { nextNumber += 1 }
    return true
  }

  private func result(
    of message: Message, _ codec: Codec, baseOffset: Int64, lastOffset: Int64,
    hasOneTimestamp: Bool
  ) -> DecodedBatch {
    let type: TimestampType =
      message.magic == 0 ? .none : message.isLogAppend ? .logAppend : .create
    let base = hasOneTimestamp ? message.timestamp : span.firstTimestamp
    return DecodedBatch(
      baseOffset: baseOffset, lastOffsetDelta: Int32(clamping: lastOffset - baseOffset),
      magic: message.magic, codec: codec, partitionLeaderEpoch: -1, timestampType: type,
      baseTimestamp: base, maxTimestamp: hasOneTimestamp ? base : span.lastTimestamp,
      isTransactional: false, isControl: false, producerId: -1, producerEpoch: -1,
      baseSequence: -1, recordCount: span.count, records: scratch.bytes(used),
      timestampBase: base, timestampMask: hasOneTimestamp ? 0 : -1)
  }
}

extension RecordError {
  /// The same error of the batch at another offset: offsets within compressed messages are relative.
  fileprivate func moved(to offset: Int64) -> RecordError {
    switch self {
    case .badCRC(_, let stated, let computed):
      .badCRC(baseOffset: offset, stated: stated, computed: computed)
    case .unknownCodec(_, let codec): .unknownCodec(baseOffset: offset, codec: codec)
    case .unknownMagic(_, let magic): .unknownMagic(baseOffset: offset, magic: magic)
    case .badOffset(_, let delta): .badOffset(baseOffset: offset, lastOffsetDelta: delta)
    case .corrupt(_, let fault): .corrupt(baseOffset: offset, fault)
    case .decompressedTooLarge(_, let codec, let limit):
      .decompressedTooLarge(baseOffset: offset, codec: codec, limit: limit)
    case .decompression(_, let error): .decompression(baseOffset: offset, error)
    }
  }
}
