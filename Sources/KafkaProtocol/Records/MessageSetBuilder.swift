/// An open message set (magic 0 or 1), for brokers before 0.11.
///
/// Such messages have no headers, those of magic 0 no timestamps.
public struct MessageSetBuilder: Sendable {
  /// The format version: 0 for brokers before 0.10, else 1.
  public let magic: Int
  private let limits: BatchLimits
  private var storage: [UInt8] = []
  private var lastTimestamp: Int64 = -1
  /// How many messages are in the set.
  public private(set) var count = 0

  /// Makes an empty builder of magic 0 or, for every other number, 1.
  public init(magic: Int, limits: BatchLimits = BatchLimits()) {
    self.magic = magic == 0 ? 0 : 1
    self.limits = limits
  }

  /// Bytes of the set so far.
  public var byteCount: Int { storage.count }
  /// Whether there is no message yet.
  public var isEmpty: Bool { count == 0 }

  /// Adds a message; false if the set is full: seal it and try again.
  ///
  /// A nil key or value is null. The timestamp is in milliseconds since 1970. False from an empty builder means
  /// that the message is too large for a set.
  public mutating func append(
    key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, timestamp: Int64
  ) -> Bool {
    let size = Message.headerSize(magic: magic) + 8 + (key?.count ?? 0) + (value?.count ?? 0)
    let needed = storage.count + size
    let fits = count < limits.maxRecords && needed <= limits.maxBytes
    guard fits || (count == 0 && limits.allowsLargerRecord), needed <= Int(Int32.max) else {
      return false
    }
    Self.write(
      magic, offset: Int64(count), attributes: 0, timestamp: timestamp, key: key, value: value,
      size: size, to: &storage)
    lastTimestamp = count == 0 ? timestamp : max(lastTimestamp, timestamp)
    count += 1
    return true
  }

  /// Closes the set, compresses it into one message if there is a codec, and begins the next.
  ///
  /// Level −1 is the codec's default.
  ///
  /// - Throws: `CodecError.unsupported` for zstd, which needs magic 2; `CodecError.failed`, as without memory.
  public mutating func seal(codec: Codec, level: Int = -1, compressor: inout Compressor)
    throws(CodecError) -> SealedBatch
  {
    guard codec != .zstd else {
      throw .unsupported(.zstd, "brokers before 2.1 do not know it; use gzip, snappy or lz4")
    }
    let uncompressed = storage.count
    if codec != .none, count > 0 {
      storage = try wrap(codec, level, &compressor)
    }
    var sealed: [UInt8] = []
    swap(&sealed, &storage)
    let byteCount = sealed.count
    let result = SealedBatch(
      messageSet: consume sealed, byteCount: byteCount, recordCount: count, magic: magic,
      uncompressed: uncompressed)
    (count, lastTimestamp) = (0, -1)
    return result
  }

  /// A message that holds the set compressed; it has the offset of the last and the latest timestamp.
  private func wrap(_ codec: Codec, _ level: Int, _ compressor: inout Compressor)
    throws(CodecError) -> [UInt8]
  {
    let messages = storage.withUnsafeBytes { $0 }  // valid here: the storage stays as it is
    let content = try compressor.compress(
      codec, level: level, messages, lz4Header: magic == 0 ? .overMagicToo : .correct)
    let size = Message.headerSize(magic: magic) + 8 + content.count
    guard size <= Int(Int32.max) else { throw .tooLarge(codec, limit: Int(Int32.max)) }
    var result: [UInt8] = []
    result.reserveCapacity(size)
    Self.write(
      magic, offset: Int64(count - 1), attributes: UInt8(codec.rawValue), timestamp: lastTimestamp,
      key: nil, value: content, size: size, to: &result)
    return result
  }

  private static func write(
    _ magic: Int, offset: Int64, attributes: UInt8, timestamp: Int64, key: UnsafeRawBufferPointer?,
    value: UnsafeRawBufferPointer?, size: Int, to storage: inout [UInt8]
  ) {
    let start = storage.count
    put(offset, to: &storage)
    put(Int32(size - RecordBatch.lengthEnd), to: &storage)
    put(UInt32(0), to: &storage)
    storage.append(UInt8(magic))
    storage.append(attributes)
    if magic == 1 { put(timestamp, to: &storage) }
    for field in [key, value] {
      put(Int32(field?.count ?? -1), to: &storage)
      if let field { storage.append(contentsOf: field) }
    }
    storage.withUnsafeMutableBytes { space in
      let message = UnsafeMutableRawBufferPointer(rebasing: space[start...])
      let crc = Message.checksum(of: UnsafeRawBufferPointer(message))
      message.storeBytes(of: crc.bigEndian, toByteOffset: 12, as: UInt32.self)
    }
  }

  private static func put<T: FixedWidthInteger>(_ value: T, to storage: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { storage.append(contentsOf: $0) }
  }
}

extension SealedBatch {
  /// The same records as a message set (magic 0 or 1), for a broker before 0.11; their headers are lost.
  ///
  /// Nil for a batch that is compressed: compress after this. Level −1 is the codec's default.
  ///
  /// - Throws: as `MessageSetBuilder.seal`.
  public func messageSet(
    magic: Int, codec: Codec, level: Int = -1, compressor: inout Compressor
  ) throws(CodecError) -> SealedBatch? {
    var reader = RecordSetReader(verifiesCRC: false)
    reader.open(bytes)
    var limits = BatchLimits(maxBytes: .max, maxRecords: .max)
    limits.allowsLargerRecord = true
    var builder = MessageSetBuilder(magic: magic, limits: limits)
    do throws(RecordError) {
      guard let batch = try reader.next(), batch.codec == .none else { return nil }
      var records = RecordIterator(batch)
      while let record = try records.next() {
        let timestamp = batch.timestamp(of: record)
        guard builder.append(key: record.key, value: record.value, timestamp: timestamp) else {
          return nil
        }
      }
    } catch {
      return nil
    }
    return try builder.seal(codec: codec, level: level, compressor: &compressor)
  }
}
