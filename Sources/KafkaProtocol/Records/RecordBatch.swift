import CRC32C

/// What a record's timestamp means: the attributes' bit 3, or that there is none.
public enum TimestampType: Sendable {
  /// The format has no timestamps (magic 0).
  case none
  /// When the producer made the record.
  case create
  /// When the broker appended the batch.
  case logAppend
}

/// A record batch (magic 2) where it lies; valid as long as its bytes.
///
/// KIP-98.
public struct RecordBatch {
  /// Bytes before the records.
  public static let headerSize = 61
  /// Bytes before those that the stated length counts: the base offset and the length itself.
  static let lengthEnd = 12
  /// The least length that a batch can state.
  static let minimumLength = headerSize - lengthEnd

  /// The whole batch: header and payload.
  public let bytes: UnsafeRawBufferPointer

  /// Takes bytes that hold at least a header; the caller has seen to that.
  init(unchecked bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private func load<T: FixedWidthInteger>(_ place: Place, as type: T.Type) -> T {
    T(bigEndian: bytes.loadUnaligned(fromByteOffset: place.rawValue, as: type))
  }

  /// Where the header's fields lie.
  enum Place: Int {
    case baseOffset = 0
    case batchLength = 8
    case partitionLeaderEpoch = 12
    case magic = 16
    case crc = 17
    case attributes = 21
    case lastOffsetDelta = 23
    case baseTimestamp = 27
    case maxTimestamp = 35
    case producerId = 43
    case producerEpoch = 51
    case baseSequence = 53
    case recordCount = 57
  }

  /// Bits of the attributes.
  enum Attribute {
    static let codecMask: Int16 = 7
    static let logAppendTime: Int16 = 1 << 3
    static let transactional: Int16 = 1 << 4
    static let control: Int16 = 1 << 5
  }

  /// The offset of the first record, also after compaction has removed it.
  public var baseOffset: Int64 { load(.baseOffset, as: Int64.self) }
  /// The leader's epoch at append; −1 from a producer.
  public var partitionLeaderEpoch: Int32 { load(.partitionLeaderEpoch, as: Int32.self) }
  /// The format version, 2.
  public var magic: Int8 { load(.magic, as: Int8.self) }
  /// Codec, timestamp type and flags as they came.
  public var attributes: Int16 { load(.attributes, as: Int16.self) }
  /// The codec's number, also where Kafka has none of that number (5 to 7).
  var codecNumber: Int { Int(attributes & Attribute.codecMask) }
  /// How the payload is compressed.
  public var codec: Codec { Codec(rawValue: Int8(codecNumber)) ?? .none }
  /// What the timestamps mean: `create` or `logAppend`.
  public var timestampType: TimestampType {
    attributes & Attribute.logAppendTime == 0 ? .create : .logAppend
  }
  /// Whether the batch belongs to a transaction.
  public var isTransactional: Bool { attributes & Attribute.transactional != 0 }
  /// Whether the batch holds a marker (commit, abort) instead of data.
  public var isControl: Bool { attributes & Attribute.control != 0 }
  /// The last offset of the batch less its base offset, also after compaction has removed the record.
  public var lastOffsetDelta: Int32 { load(.lastOffsetDelta, as: Int32.self) }
  /// The offset behind the batch.
  public var nextOffset: Int64 { baseOffset &+ Int64(lastOffsetDelta) &+ 1 }
  /// What the records' timestamp deltas are added to, in milliseconds since 1970.
  public var baseTimestamp: Int64 { load(.baseTimestamp, as: Int64.self) }
  /// The latest timestamp, in milliseconds since 1970; with `logAppend` that of every record.
  public var maxTimestamp: Int64 { load(.maxTimestamp, as: Int64.self) }
  /// The idempotent producer's id; −1 without.
  public var producerId: Int64 { load(.producerId, as: Int64.self) }
  /// The idempotent producer's epoch; −1 without.
  public var producerEpoch: Int16 { load(.producerEpoch, as: Int16.self) }
  /// The sequence number of the first record; −1 without.
  public var baseSequence: Int32 { load(.baseSequence, as: Int32.self) }
  /// How many records there are; 0 is allowed.
  public var recordCount: Int { Int(load(.recordCount, as: Int32.self)) }
  /// The checksum that the batch states.
  public var crc: UInt32 { load(.crc, as: UInt32.self) }
  /// The records, compressed by `codec`.
  public var payload: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[Self.headerSize...])
  }

  /// Checks the batch against the checksum that it states.
  ///
  /// - Throws: `RecordError.badCRC`.
  public func verifyCRC() throws(RecordError) {
    let computed = Self.checksum(of: bytes)
    guard computed == crc else {
      throw .badCRC(baseOffset: baseOffset, stated: crc, computed: computed)
    }
  }

  /// The CRC-32C of a batch: over everything behind the field itself.
  static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    let covered = UnsafeRawBufferPointer(rebasing: bytes[Place.attributes.rawValue...])
    return hbcat_crc32c(0, covered.baseAddress, covered.count)
  }

  /// Checks what the header says but for the checksum: codec, offsets, number of records.
  func checkHeader() throws(RecordError) {
    guard Codec(rawValue: Int8(codecNumber)) != nil else {
      throw .unknownCodec(baseOffset: baseOffset, codec: codecNumber)
    }
    let (last, overflow) = baseOffset.addingReportingOverflow(Int64(lastOffsetDelta))
    guard baseOffset >= 0, lastOffsetDelta >= 0, !overflow, last < .max else {
      throw .badOffset(baseOffset: baseOffset, lastOffsetDelta: lastOffsetDelta)
    }
    guard recordCount >= 0, recordCount <= Int(lastOffsetDelta) + 1 else {
      throw .corrupt(baseOffset: baseOffset, .recordCount(recordCount))
    }
  }
}

extension RecordBatch {
  /// Gives a batch its place in the log; neither field is covered by the checksum.
  ///
  /// `batch` must begin with a whole batch that was checked; without room for a header nothing is done.
  public static func place(
    _ batch: UnsafeMutableRawBufferPointer, baseOffset: Int64, partitionLeaderEpoch: Int32
  ) {
    guard batch.count >= headerSize else { return }
    store(baseOffset, .baseOffset, in: batch)
    store(partitionLeaderEpoch, .partitionLeaderEpoch, in: batch)
  }

  /// Marks a batch as appended at `timestamp` (milliseconds since 1970) and renews its checksum.
  ///
  /// `batch` must be exactly one whole batch that was checked; without room for a header nothing is done.
  public static func setLogAppendTime(_ batch: UnsafeMutableRawBufferPointer, _ timestamp: Int64) {
    guard batch.count >= headerSize else { return }
    let attributes = RecordBatch(unchecked: UnsafeRawBufferPointer(batch)).attributes
    store(attributes | Attribute.logAppendTime, .attributes, in: batch)
    store(timestamp, .maxTimestamp, in: batch)
    store(checksum(of: UnsafeRawBufferPointer(batch)), .crc, in: batch)
  }

  static func store<T: FixedWidthInteger>(
    _ value: T, _ place: Place, in batch: UnsafeMutableRawBufferPointer
  ) {
    batch.storeBytes(of: value.bigEndian, toByteOffset: place.rawValue, as: T.self)
  }
}
