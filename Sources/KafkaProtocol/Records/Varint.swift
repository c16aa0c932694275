/// Writing of zig-zag varints: Kafka's VARINT and VARLONG.
@usableFromInline enum Varint {
  @inlinable @inline(__always)
  static func zigZag(_ value: Int) -> UInt64 {
    UInt64(bitPattern: Int64(value &<< 1) ^ Int64(value &>> 63))
  }

  /// Bytes that `value` takes, 1 to 10.
  @inlinable @inline(__always)
  static func size(_ value: Int) -> Int {
    // (bits * 9 + 64) / 64 is bits / 7 rounded up, for 1 to 64 bits.
    let bits = 64 &- (zigZag(value) | 1).leadingZeroBitCount
    return (bits &* 9 &+ 64) &>> 6
  }

  /// Writes `value` at `place` and moves it behind; the caller has made room.
  @inlinable @inline(__always)
  static func put(_ value: Int, at place: inout UnsafeMutableRawPointer) {
    var rest = zigZag(value)
    while rest >= 0x80 {
      place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
      place += 1
      rest &>>= 7
    }
    place.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    place += 1
  }
}
