import CRC32C

/// How large a batch may become while records are added.
public struct BatchLimits: Hashable, Sendable {
  /// The most bytes of a batch before compression, its header included: `batch.size`, 1,000,000 unless set.
  public var maxBytes: Int
  /// The most records of a batch: `batch.num.messages`, 10,000 unless set.
  public var maxRecords: Int
  /// Whether a record that alone is more than `maxBytes` forms a batch of its own.
  public var allowsLargerRecord: Bool

  /// Makes limits; without arguments librdkafka's.
  public init(
    maxBytes: Int = 1_000_000, maxRecords: Int = 10_000, allowsLargerRecord: Bool = true
  ) {
    self.maxBytes = maxBytes
    self.maxRecords = maxRecords
    self.allowsLargerRecord = allowsLargerRecord
  }
}

/// An open record batch (magic 2): each record is written in place at its end.
///
/// Its memory starts small and doubles; an empty builder has none. Keep builders where they can be changed in
/// place (`builders[i].append(…)`): a copy that is changed copies the batch.
public struct BatchBuilder: Sendable {
  /// The memory of a builder's first batch, in bytes; later ones start with what the last one used.
  public static let initialCapacity = 4096

  @usableFromInline var limits: BatchLimits
  /// All of it is room; what is written ends at `byteCount`.
  @usableFromInline var storage: [UInt8] = []
  @usableFromInline var nextCapacity = BatchBuilder.initialCapacity

  /// How many records are in the batch.
  @inlinable public var count: Int { recordCount }
  @usableFromInline var recordCount = 0

  /// Bytes of the batch so far, its header included; 0 while it is empty.
  @inlinable public var byteCount: Int { recordCount == 0 ? 0 : used }
  @usableFromInline var used = RecordBatch.headerSize

  /// The timestamp of the first record, in milliseconds since 1970.
  public var baseTimestamp: Int64 { firstTimestamp }
  @usableFromInline var firstTimestamp: Int64 = 0
  @usableFromInline var lastTimestamp: Int64 = 0

  /// Makes an empty builder.
  public init(limits: BatchLimits = BatchLimits()) { self.limits = limits }

  /// Lowers the most bytes of a batch; one that is open may still fill the memory that it has.
  public mutating func limit(maxBytes: Int) {
    limits.maxBytes = min(limits.maxBytes, max(1, maxBytes))
    nextCapacity = max(Self.initialCapacity, min(nextCapacity, limits.maxBytes))
  }

  /// Bytes of memory that the builder holds, written or not.
  @inlinable public var memoryCount: Int { storage.count }
  /// Bytes of memory that the next batch begins with; 0 while the builder has memory.
  public var wantedCapacity: Int { storage.isEmpty ? nextCapacity : 0 }

  /// Gives an empty builder memory that was used before, for what `wantedCapacity` asks.
  ///
  /// Fresh memory of that size costs more in page faults than the records cost to copy. What is larger than a
  /// batch may be is not taken.
  public mutating func reuse(_ memory: consuming [UInt8]) {
    guard storage.isEmpty, recordCount == 0, memory.count <= limits.maxBytes else { return }
    storage = memory
  }

  /// Whether there is no record yet.
  @inlinable public var isEmpty: Bool { recordCount == 0 }

  /// Adds a record; false if the batch is full: seal it and try again.
  ///
  /// False from an empty builder means that the record is too large for a batch.
  ///
  /// A nil key or value is null. `headers` are encoded, `headerCount` of them, as `RecordHeaders.encoded` and
  /// `RecordView.headers` have them. The timestamp is in milliseconds since 1970.
  @inlinable @inline(__always)
  public mutating func append(
    key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headerCount: Int = 0,
    headers: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
    timestamp: Int64
  ) -> Bool {
    let keyCount = key?.count ?? -1
    let valueCount = value?.count ?? -1
    let timestampDelta = recordCount == 0 ? 0 : Int(timestamp &- firstTimestamp)
    let body =
      1 &+ Varint.size(timestampDelta) &+ Varint.size(recordCount)
      &+ Varint.size(keyCount) &+ max(0, keyCount)
      &+ Varint.size(valueCount) &+ max(0, valueCount)
      &+ Varint.size(headerCount) &+ headers.count
    let total = body &+ Varint.size(body)
    if recordCount >= limits.maxRecords || used &+ total > storage.count {
      guard makeRoom(for: total) else { return false }
    }
    if recordCount == 0 {
      firstTimestamp = timestamp
      lastTimestamp = timestamp
    } else if timestamp > lastTimestamp {
      lastTimestamp = timestamp
    }
    storage.withUnsafeMutableBytes { space in
      guard var place = space.baseAddress else { return }
      place += used
      Varint.put(body, at: &place)
      place.storeBytes(of: 0, as: UInt8.self)  // attributes, unused
      place += 1
      Varint.put(timestampDelta, at: &place)
      Varint.put(recordCount, at: &place)
      Self.put(key, keyCount, at: &place)
      Self.put(value, valueCount, at: &place)
      Varint.put(headerCount, at: &place)
      if let start = headers.baseAddress {
        place.copyMemory(from: start, byteCount: headers.count)
      }
    }
    used &+= total
    recordCount &+= 1
    return true
  }

  /// Adds a record with headers that were encoded before.
  @inlinable
  public mutating func append(
    key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: RecordHeaders,
    timestamp: Int64
  ) -> Bool {
    headers.encoded.withUnsafeBytes { bytes in
      append(
        key: key, value: value, headerCount: headers.count, headers: bytes, timestamp: timestamp)
    }
  }

  @inlinable @inline(__always)
  static func put(
    _ bytes: UnsafeRawBufferPointer?, _ count: Int, at place: inout UnsafeMutableRawPointer
  ) {
    Varint.put(count, at: &place)
    guard let start = bytes?.baseAddress, count > 0 else { return }
    place.copyMemory(from: start, byteCount: count)
    place += count
  }

  /// Makes room for a record of `size` bytes; false if the batch may not become that large.
  @usableFromInline
  mutating func makeRoom(for size: Int) -> Bool {
    guard recordCount < limits.maxRecords || recordCount == 0 else { return false }
    let needed = used + size
    let isAllowed = needed <= limits.maxBytes || (recordCount == 0 && limits.allowsLargerRecord)
    guard isAllowed, needed <= Int(Int32.max) else { return false }
    if needed <= storage.count { return true }
    var capacity = storage.isEmpty ? nextCapacity : storage.count * 2
    while capacity < needed { capacity *= 2 }
    capacity = max(needed, min(capacity, limits.maxBytes))
    storage = [UInt8](unsafeUninitializedCapacity: capacity) { space, count in
      // What is not written yet is never read: only bytes up to `used` leave the builder.
      storage.withUnsafeBytes { old in
        let written = UnsafeRawBufferPointer(rebasing: old[..<min(used, old.count)])
        UnsafeMutableRawBufferPointer(space).copyMemory(from: written)
      }
      count = capacity
    }
    return true
  }

  /// Closes the batch and begins the next; the memory goes with what is returned.
  ///
  /// Sealing an empty builder gives a batch of one offset and no record. The batch is not compressed and has no
  /// producer's id: `SealedBatch.compress` and `stamp` do that, on any thread, in this order.
  public mutating func seal() -> SealedBatch {
    if storage.isEmpty { storage = [UInt8](repeating: 0, count: used) }
    // In powers of two, so that memory that goes round fits; a batch that was nearly full makes room for a full
    // one, since growing at its end would copy all of it. One that was closed early, since there was no room or
    // no more input, says little of the next: memory halves at most.
    var expected = Self.initialCapacity
    while expected < used { expected *= 2 }
    expected = max(expected, nextCapacity / 2)
    nextCapacity = used > limits.maxBytes / 2 ? limits.maxBytes : min(expected, limits.maxBytes)
    nextCapacity = max(nextCapacity, Self.initialCapacity)
    let batch = SealedBatch(
      taking: &storage, byteCount: used, recordCount: recordCount,
      baseTimestamp: firstTimestamp, maxTimestamp: lastTimestamp)
    (used, recordCount, firstTimestamp, lastTimestamp) = (RecordBatch.headerSize, 0, 0, 0)
    return batch
  }

  /// Closes the batch, compresses it and gives it its producer's numbers.
  ///
  /// Level −1 is the codec's default; id, epoch and sequence are −1 without idempotence.
  ///
  /// - Throws: `CodecError.failed`, as without memory.
  public mutating func seal(
    codec: Codec, level: Int = -1, compressor: inout Compressor, producerId: Int64 = -1,
    epoch: Int16 = -1, sequence: Int32 = -1, transactional: Bool = false
  ) throws(CodecError) -> SealedBatch {
    var batch = seal()
    try batch.compress(codec, level: level, with: &compressor)
    batch.stamp(
      producerId: producerId, epoch: epoch, sequence: sequence, transactional: transactional)
    return batch
  }
}
