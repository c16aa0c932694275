/// Reads records in place; every read is checked against the end.
@usableFromInline struct RecordCursor {
  @usableFromInline var p: UnsafeRawPointer
  @usableFromInline let end: UnsafeRawPointer

  @inlinable init(_ bytes: UnsafeRawBufferPointer) {
    // Nothing is read through the stand-in for no bytes: the end is at once reached.
    p = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    end = p + bytes.count
  }

  @inlinable var isAtEnd: Bool { p >= end }

  @inlinable var rest: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: p, count: end - p)
  }

  @inlinable @inline(__always)
  mutating func take(_ count: Int) throws(RecordFault) -> UnsafeRawBufferPointer {
    guard count >= 0 else { throw .negativeLength }
    guard count <= end - p else { throw .truncated }
    let start = p
    p += count
    return UnsafeRawBufferPointer(start: start, count: count)
  }

  /// A zig-zag varint: Kafka's VARINT and VARLONG.
  @inlinable @inline(__always)
  mutating func varint() throws(RecordFault) -> Int {
    let raw = try rawVarint()
    return Int(truncatingIfNeeded: Int64(bitPattern: raw &>> 1) ^ -Int64(bitPattern: raw & 1))
  }

  @inlinable @inline(__always)
  mutating func rawVarint() throws(RecordFault) -> UInt64 {
    guard p < end else { throw .truncated }
    let first = UInt64(p.load(as: UInt8.self))
    if first < 0x80 {
      p += 1
      return first
    }
    if end - p >= 2 {
      let second = UInt64(p.load(fromByteOffset: 1, as: UInt8.self))
      if second < 0x80 {
        p += 2
        return first & 0x7f | second &<< 7
      }
    }
    let (value, next) = try Self.longVarint(p, end)
    p = next
    return value
  }

  /// A varint of any length; static, so that a cursor's address is never taken and it stays in registers.
  @usableFromInline @inline(never)
  static func longVarint(_ start: UnsafeRawPointer, _ end: UnsafeRawPointer)
    throws(RecordFault) -> (UInt64, UnsafeRawPointer)
  {
    var p = start
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard p < end else { throw .truncated }
      let byte = UInt64(p.load(as: UInt8.self))
      p += 1
      // The tenth byte has room for one bit.
      guard shift < 63 || byte <= 1 else { throw .varintTooLong }
      value |= (byte & 0x7f) &<< shift
      if byte < 0x80 { return (value, p) }
      shift &+= 7
    }
  }

  /// Bytes behind their length; nil is null, length −1.
  @inlinable @inline(__always)
  mutating func nullableBytes() throws(RecordFault) -> UnsafeRawBufferPointer? {
    let count = try varint()
    if count >= 0 { return try take(count) }
    guard count == -1 else { throw .negativeLength }
    return nil
  }

  /// A whole record; its offset must lie within the batch.
  @inlinable @inline(__always)
  mutating func record(lastOffsetDelta: Int) throws(RecordFault) -> RecordView {
    let length = try varint()
    var body = RecordCursor(try take(length))  // a local: it stays in registers
    _ = try body.take(1)  // attributes, unused
    let timestampDelta = try body.varint()
    let offsetDelta = try body.varint()
    guard UInt(bitPattern: offsetDelta) <= UInt(bitPattern: lastOffsetDelta) else {
      throw .offsetDelta(offsetDelta)
    }
    let key = try body.nullableBytes()
    let value = try body.nullableBytes()
    let headerCount = try body.varint()
    guard headerCount >= 0 else { throw .negativeLength }
    guard headerCount != 0 || body.isAtEnd else { throw .trailingBytes }
    return RecordView(
      offsetDelta: offsetDelta, timestampDelta: timestampDelta, key: key, value: value,
      headerCount: headerCount, headers: body.rest)
  }
}
