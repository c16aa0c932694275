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
}
