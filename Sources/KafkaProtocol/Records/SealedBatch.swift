import CRC32C

/// A finished batch (magic 2) or message set (magic 0, 1), ready to be sent, and sent again, as it is.
public struct SealedBatch: Sendable {
  private var storage: [UInt8]
  /// Bytes of the whole batch.
  public private(set) var byteCount: Int
  /// How many records there are.
  public let recordCount: Int
  /// The format version: 0, 1 or 2.
  public let magic: Int
  /// Bytes of the whole batch before it was compressed.
  public let uncompressedByteCount: Int
  /// The CRC-32C of the payload alone, so that a new header costs no second pass over it.
  private var payloadCRC: UInt32 = 0

  /// Fills in the header of a batch whose records stand behind the room for it; leaves `memory` empty.
  ///
  /// It is swapped out, since with two owners, even for a moment, the header's bytes would copy the batch.
  init(
    taking memory: inout [UInt8], byteCount: Int, recordCount: Int, baseTimestamp: Int64,
    maxTimestamp: Int64
  ) {
    storage = []
    swap(&storage, &memory)
    self.byteCount = byteCount
    self.recordCount = recordCount
    magic = 2
    uncompressedByteCount = byteCount
    withHeader { header in
      RecordBatch.store(Int64(0), .baseOffset, in: header)
      RecordBatch.store(Int32(-1), .partitionLeaderEpoch, in: header)
      RecordBatch.store(Int8(2), .magic, in: header)
      RecordBatch.store(Int16(0), .attributes, in: header)
      RecordBatch.store(Int32(max(0, recordCount - 1)), .lastOffsetDelta, in: header)
      RecordBatch.store(baseTimestamp, .baseTimestamp, in: header)
      RecordBatch.store(maxTimestamp, .maxTimestamp, in: header)
      RecordBatch.store(Int64(-1), .producerId, in: header)
      RecordBatch.store(Int16(-1), .producerEpoch, in: header)
      RecordBatch.store(Int32(-1), .baseSequence, in: header)
      RecordBatch.store(Int32(recordCount), .recordCount, in: header)
    }
    finishPayload()
  }

  /// Takes a message set that is complete.
  init(
    messageSet: consuming [UInt8], byteCount: Int, recordCount: Int, magic: Int, uncompressed: Int
  ) {
    storage = messageSet
    self.byteCount = byteCount
    self.recordCount = recordCount
    self.magic = magic
    uncompressedByteCount = uncompressed
  }

  /// The bytes to send.
  ///
  /// Valid as long as this value, or a copy of it, lives and is not changed: keep it until they are written.
  public var bytes: UnsafeRawBufferPointer {
    storage.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[..<byteCount]) }
  }

  /// All the memory that the batch holds, for `BatchBuilder.reuse` once this value is gone.
  public var memory: [UInt8] { storage }
  /// Bytes of memory that the batch holds.
  public var memoryCount: Int { storage.count }

  /// The bytes to send, copied.
  public var array: [UInt8] { Array(storage[..<byteCount]) }

  /// Compresses the records; only a batch of magic 2 that is not compressed yet is changed.
  ///
  /// As Kafka does, the codec is used also where the result is larger. Level −1 is the codec's default.
  ///
  /// - Throws: `CodecError.failed`, as without memory; the batch is then as before.
  public mutating func compress(_ codec: Codec, level: Int = -1, with compressor: inout Compressor)
    throws(CodecError)
  {
    guard magic == 2, codec != .none else { return }
    let old = attributes
    guard old & RecordBatch.Attribute.codecMask == 0 else { return }
    let payload = UnsafeRawBufferPointer(rebasing: bytes[RecordBatch.headerSize...])
    let compressed = try compressor.compress(codec, level: level, payload)
    let total = RecordBatch.headerSize + compressed.count
    guard total <= Int(Int32.max) else { throw .tooLarge(codec, limit: Int(Int32.max)) }
    if total <= storage.count {
      // In place: memory that goes round is cheaper than memory of the right size.
      storage.withUnsafeMutableBytes { space in
        UnsafeMutableRawBufferPointer(rebasing: space[RecordBatch.headerSize...])
          .copyMemory(from: compressed)
      }
    } else {
      let header = UnsafeRawBufferPointer(rebasing: bytes[..<RecordBatch.headerSize])
      storage = [UInt8](unsafeUninitializedCapacity: total) { space, count in
        let room = UnsafeMutableRawBufferPointer(space)
        room.copyMemory(from: header)
        UnsafeMutableRawBufferPointer(rebasing: room[RecordBatch.headerSize...])
          .copyMemory(from: compressed)
        count = total
      }
    }
    byteCount = total
    withHeader { RecordBatch.store(old | Int16(codec.rawValue), .attributes, in: $0) }
    finishPayload()
  }

  /// Sets the idempotent producer's numbers and renews the checksum; the records stay as they are.
  ///
  /// Cheap: the records are not read again. Message sets have no such numbers and stay as they are.
  /// `sequence` is that of the first record; all three are −1 without idempotence.
  public mutating func stamp(
    producerId: Int64, epoch: Int16, sequence: Int32, transactional: Bool = false
  ) {
    guard magic == 2 else { return }
    let bit = RecordBatch.Attribute.transactional
    let flags = transactional ? attributes | bit : attributes & ~bit
    withHeader { header in
      RecordBatch.store(flags, .attributes, in: header)
      RecordBatch.store(producerId, .producerId, in: header)
      RecordBatch.store(epoch, .producerEpoch, in: header)
      RecordBatch.store(sequence, .baseSequence, in: header)
    }
    finishHeader()
  }

  /// Says that the batch holds a transaction's marker, as a broker writes it, and renews the checksum.
  public mutating func markAsControl() {
    guard magic == 2 else { return }
    let flags = attributes | RecordBatch.Attribute.control
    withHeader { RecordBatch.store(flags, .attributes, in: $0) }
    finishHeader()
  }

  private var attributes: Int16 { RecordBatch(unchecked: bytes).attributes }

  private mutating func withHeader(_ body: (UnsafeMutableRawBufferPointer) -> Void) {
    storage.withUnsafeMutableBytes { space in
      guard space.count >= RecordBatch.headerSize else { return }
      body(UnsafeMutableRawBufferPointer(rebasing: space[..<RecordBatch.headerSize]))
    }
  }

  private mutating func finishPayload() {
    let payload = UnsafeRawBufferPointer(rebasing: bytes[RecordBatch.headerSize...])
    payloadCRC = hbcat_crc32c(0, payload.baseAddress, payload.count)
    finishHeader()
  }

  private mutating func finishHeader() {
    let (total, crc) = (byteCount, payloadCRC)
    withHeader { header in
      RecordBatch.store(Int32(total - RecordBatch.lengthEnd), .batchLength, in: header)
      let head = RecordBatch.checksum(of: UnsafeRawBufferPointer(header))
      let whole = hbcat_crc32c_combine(head, crc, total - RecordBatch.headerSize)
      RecordBatch.store(whole, .crc, in: header)
    }
  }
}
