/// The batches (magic 2) in the record bytes of a Fetch response or a Produce request.
///
/// Nothing is copied or decompressed. A last batch of which only a part is there ends the iteration: brokers
/// cut at the limit that they were given. Message sets of older formats are `RecordSetReader`'s.
public struct RecordBatchIterator {
  var cut: BatchCutter
  let verifiesCRC: Bool

  /// Begins at the first batch; the bytes must outlive the iterator and what it returns.
  public init(_ bytes: UnsafeRawBufferPointer, verifiesCRC: Bool = false) {
    cut = BatchCutter(bytes)
    self.verifiesCRC = verifiesCRC
  }

  /// Bytes that were not passed yet; behind the end those of a batch that is not whole.
  public var remainingBytes: Int { cut.remaining }

  /// The next whole batch, nil behind the last; its header is checked, its records are not.
  ///
  /// After an error the next call continues behind the bad batch, where its length can be believed.
  ///
  /// - Throws: `RecordError`: length, format version, codec, offsets, number of records; the checksum if asked for.
  public mutating func next() throws(RecordError) -> RecordBatch? {
    guard let piece = try cut.peekOrEnd() else { return nil }
    cut.pass(piece)
    guard piece.magic == 2 else {
      throw .unknownMagic(baseOffset: piece.baseOffset, magic: piece.magic)
    }
    let batch = RecordBatch(unchecked: piece.bytes)
    if verifiesCRC { try batch.verifyCRC() }
    try batch.checkHeader()
    return batch
  }
}

/// Cuts record bytes into batches (magic 2) and messages (magic 0 and 1), by what all formats share.
///
/// That is: an offset of 8 bytes, a length of 4, and the format version in byte 16.
struct BatchCutter {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  /// A whole batch or message.
  struct Piece {
    let bytes: UnsafeRawBufferPointer
    let magic: Int
    let baseOffset: Int64
  }

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var remaining: Int { bytes.count - position }

  private func load<T: FixedWidthInteger>(_ at: Int, as type: T.Type) -> T {
    T(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: type))
  }

  /// The base offset of what comes next, nil if that is not even begun.
  var upcomingOffset: Int64? {
    remaining >= RecordBatch.lengthEnd ? load(position, as: Int64.self) : nil
  }

  /// The length of the batch that is next, whole or not; nil if not even that is there.
  var upcomingSize: Int? {
    guard remaining >= RecordBatch.lengthEnd else { return nil }
    let length = Int(load(position + 8, as: Int32.self))
    return length < 0 ? nil : length + RecordBatch.lengthEnd
  }

  /// The next whole piece without passing it; nil where only a part is left.
  func peek() throws(RecordError) -> Piece? {
    guard remaining > RecordBatch.Place.magic.rawValue else { return nil }
    let offset = load(position, as: Int64.self)
    let length = Int(load(position + 8, as: Int32.self))
    let magic = Int(load(position + RecordBatch.Place.magic.rawValue, as: Int8.self))
    let minimum = magic == 0 ? 14 : magic == 1 ? 22 : RecordBatch.minimumLength
    guard length >= minimum else {
      throw .corrupt(baseOffset: offset, .batchLength(length))
    }
    let size = length + RecordBatch.lengthEnd
    guard size <= remaining else { return nil }
    let piece = UnsafeRawBufferPointer(rebasing: bytes[position..<position + size])
    return Piece(bytes: piece, magic: magic, baseOffset: offset)
  }

  /// The next whole piece without passing it; a length that cannot be ends the iteration.
  mutating func peekOrEnd() throws(RecordError) -> Piece? {
    do {
      return try peek()
    } catch {
      position = bytes.count
      throw error
    }
  }

  /// Goes on behind a piece that `peek` returned.
  mutating func pass(_ piece: Piece) {
    position += piece.bytes.count
  }
}
