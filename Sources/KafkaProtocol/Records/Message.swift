import CDeflate

/// A message of the formats before record batches (magic 0 and 1) where it lies.
///
/// KIP-32.
struct Message {
  /// Bytes before the key's length: offset, length, CRC, magic, attributes, and the timestamp of magic 1.
  static func headerSize(magic: Int) -> Int { magic == 0 ? 18 : 26 }

  let offset: Int64
  let magic: Int
  /// The codec's number; not 0 means that the value holds messages.
  let codecNumber: Int
  let isLogAppend: Bool
  /// Milliseconds since 1970; −1 for magic 0.
  let timestamp: Int64
  let key: UnsafeRawBufferPointer?
  let value: UnsafeRawBufferPointer?

  /// Reads a message whose offset, length and magic have been checked by a `BatchCutter`.
  init(_ piece: BatchCutter.Piece, verifiesCRC: Bool) throws(RecordError) {
    let bytes = piece.bytes
    offset = piece.baseOffset
    magic = piece.magic
    guard bytes.count >= Self.headerSize(magic: magic) else {
      throw .corrupt(baseOffset: offset, .truncated)
    }
    if verifiesCRC {
      let stated = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
      let computed = Self.checksum(of: bytes)
      guard stated == computed else {
        throw .badCRC(baseOffset: offset, stated: stated, computed: computed)
      }
    }
    let attributes = bytes[17]
    codecNumber = Int(attributes & 7)
    isLogAppend = magic == 1 && attributes & 8 != 0
    timestamp =
      magic == 0 ? -1 : Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: 18, as: Int64.self))
    let body = bytes[Self.headerSize(magic: magic)...]
    var cursor = RecordCursor(UnsafeRawBufferPointer(rebasing: body))
    do throws(RecordFault) {
      key = try Self.nullableBytes(&cursor)
      value = try Self.nullableBytes(&cursor)
      guard cursor.isAtEnd else { throw RecordFault.trailingBytes }
    } catch {
      throw .corrupt(baseOffset: offset, error)
    }
  }

  /// The CRC-32 of a message: over everything behind the field itself.
  static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    let covered = UnsafeRawBufferPointer(rebasing: bytes[16...])
    return libdeflate_crc32(0, covered.baseAddress, covered.count)
  }

  private static func nullableBytes(_ cursor: inout RecordCursor) throws(RecordFault)
    -> UnsafeRawBufferPointer?
  {
    let count = Int(Int32(bigEndian: try cursor.take(4).loadUnaligned(as: Int32.self)))
    if count >= 0 { return try cursor.take(count) }
    guard count == -1 else { throw .negativeLength }
    return nil
  }
}
