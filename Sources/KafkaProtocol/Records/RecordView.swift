/// A record where it lies; valid as long as the bytes of its batch.
public struct RecordView {
  /// The record's offset less its batch's base offset; 0 to the batch's last offset delta.
  public var offsetDelta: Int
  /// The record's timestamp less its batch's base timestamp, in milliseconds; `DecodedBatch.timestamp(of:)` adds them.
  public var timestampDelta: Int
  /// The key; nil is null, which is not the same as empty.
  public var key: UnsafeRawBufferPointer?
  /// The value; nil is null, a tombstone.
  public var value: UnsafeRawBufferPointer?
  /// How many headers the record says it has; 0 or more, not yet checked against `headers`.
  public var headerCount: Int
  /// The headers as they are encoded; `HeaderIterator` reads them, `BatchBuilder.append` takes them.
  public var headers: UnsafeRawBufferPointer

  @inlinable init(
    offsetDelta: Int, timestampDelta: Int, key: UnsafeRawBufferPointer?,
    value: UnsafeRawBufferPointer?, headerCount: Int, headers: UnsafeRawBufferPointer
  ) {
    self.offsetDelta = offsetDelta
    self.timestampDelta = timestampDelta
    self.key = key
    self.value = value
    self.headerCount = headerCount
    self.headers = headers
  }
}

/// The records of a decoded batch, one after another.
public struct RecordIterator {
  @usableFromInline var cursor: RecordCursor
  @usableFromInline var left: Int
  @usableFromInline let lastOffsetDelta: Int
  @usableFromInline let baseOffset: Int64

  /// Begins at the batch's first record.
  ///
  /// The loop is fast (5 ns a record) where it is a small function of its own.
  @inlinable public init(_ batch: borrowing DecodedBatch) {
    cursor = RecordCursor(batch.records)
    left = batch.recordCount
    lastOffsetDelta = Int(batch.lastOffsetDelta)
    baseOffset = batch.baseOffset
  }

  /// The next record, nil behind the last.
  ///
  /// - Throws: `RecordError.corrupt` where the bytes are not a record, or where some are left behind the last.
  @inlinable @inline(__always)
  public mutating func next() throws(RecordError) -> RecordView? {
    guard left > 0 else {
      guard cursor.isAtEnd else {
        throw RecordError.corrupt(baseOffset: baseOffset, .trailingBytes)
      }
      return nil
    }
    left &-= 1
    do {
      return try cursor.record(lastOffsetDelta: lastOffsetDelta)
    } catch {
      throw RecordError.corrupt(baseOffset: baseOffset, error)
    }
  }
}

/// The headers of a record, one after another.
public struct HeaderIterator {
  @usableFromInline var cursor: RecordCursor
  @usableFromInline var left: Int

  /// Begins at the record's first header.
  @inlinable public init(_ record: RecordView) {
    cursor = RecordCursor(record.headers)
    left = record.headerCount
  }

  /// The next header, nil behind the last; a header's value may be null.
  ///
  /// - Throws: `RecordFault` where the bytes are not a header, or where some are left behind the last.
  @inlinable
  public mutating func next() throws(RecordFault)
    -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)?
  {
    guard left > 0 else {
      guard cursor.isAtEnd else { throw .trailingBytes }
      return nil
    }
    left &-= 1
    guard let name = try cursor.nullableBytes() else { throw .nullHeaderName }
    return (name, try cursor.nullableBytes())
  }
}

/// Headers of a record that is to be written, encoded once for many records.
public struct RecordHeaders: Hashable, Sendable {
  /// How many headers there are.
  public private(set) var count = 0
  /// The headers as a record holds them.
  public private(set) var encoded: [UInt8] = []

  /// Makes no headers.
  public init() {}

  /// Adds a header; names may repeat, a nil value is null.
  public mutating func append(name: some Collection<UInt8>, value: (some Collection<UInt8>)?) {
    append(varint: name.count)
    encoded.append(contentsOf: name)
    append(varint: value?.count ?? -1)
    if let value { encoded.append(contentsOf: value) }
    count += 1
  }

  private mutating func append(varint value: Int) {
    var rest = Varint.zigZag(value)
    while rest >= 0x80 {
      encoded.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    encoded.append(UInt8(truncatingIfNeeded: rest))
  }
}
