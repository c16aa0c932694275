/// Tests on eight bytes at once, the first in the lowest bits.
///
/// Each sets the top bit of bytes that match. The lowest set bit is always right; above it a borrow may
/// set one too many, so only the first match may be used.
@usableFromInline
enum EightBytes {
  /// Every byte's top bit.
  @inlinable static var tops: UInt64 { 0x8080_8080_8080_8080 }
  /// Every byte is 1.
  @inlinable static var ones: UInt64 { 0x0101_0101_0101_0101 }

  /// Bytes that a JSON string cannot hold as they are, or that are not ASCII.
  @inlinable
  static func special(_ word: UInt64) -> UInt64 {
    let control = (word &- ones &* 0x20) & ~word
    return (control | equal(word, 0x22) | equal(word, 0x5C) | word) & tops
  }

  /// Bytes equal to `byte`, with rubbish below the top bits.
  @inlinable
  static func equal(_ word: UInt64, _ byte: UInt64) -> UInt64 {
    let difference = word ^ (ones &* byte)
    return (difference &- ones) & ~difference
  }

  /// Bytes that are control characters or not ASCII.
  ///
  /// Every bit is right in a word that has none of them: no sum of two bytes below 0x80 carries.
  @inlinable
  static func foreign(_ word: UInt64, with7F: Bool) -> UInt64 {
    var plain = (word &+ ones &* 0x60) & ~word
    if with7F { plain &= (word ^ ones &* 0x7F) &+ ones &* 0x7F }
    return ~plain & tops
  }

  /// Quotes and backslashes; every bit is right in a word of plain ASCII.
  @inlinable
  static func quotes(_ word: UInt64) -> UInt64 {
    let notQuotes = (word ^ ones &* 0x22) &+ ones &* 0x7F
    let notBackslashes = (word ^ ones &* 0x5C) &+ ones &* 0x7F
    return ~(notQuotes & notBackslashes) & tops
  }

  /// The last 1 to 7 of `count` bytes as a word, with spaces behind them.
  @inlinable
  static func last(_ left: Int, of count: Int, _ base: UnsafeRawPointer) -> UInt64 {
    let bits = UInt64(truncatingIfNeeded: left &* 8)
    let at = count &- left
    let word: UInt64
    if count >= 8 {
      word = load(base, count &- 8, UInt64.self) &>> (64 &- bits)
    } else if left >= 4 {
      word =
        load(base, at, UInt32.self) | load(base, count &- 4, UInt32.self) &<< (bits &- 32)
    } else if left >= 2 {
      word =
        load(base, at, UInt16.self) | load(base, count &- 2, UInt16.self) &<< (bits &- 16)
    } else {
      word = load(base, at, UInt8.self)
    }
    return word | (ones &* 0x20) &<< bits
  }

  @inlinable
  static func load<T: FixedWidthInteger & UnsignedInteger>(
    _ base: UnsafeRawPointer, _ at: Int, _ type: T.Type
  ) -> UInt64 {
    UInt64(T(littleEndian: base.loadUnaligned(fromByteOffset: at, as: type)))
  }
}
