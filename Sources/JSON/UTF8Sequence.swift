/// Judges UTF-8 outside ASCII, one sequence at a time (Unicode 16, table 3-7).
@usableFromInline
enum UTF8Sequence {
  /// The length of the sequence that begins at `start`, or what is wrong with it.
  ///
  /// `left` is how many bytes may be read, at least 1; the first is at least 0x80. Returns 2 to 4 for a
  /// valid sequence, otherwise −1 to −3: how many bytes one U+FFFD stands for, by the practice of
  /// maximal subparts that Python and Swift follow too.
  @inlinable
  static func length(_ start: UnsafeRawPointer, left: Int) -> Int {
    let first = start.load(as: UInt8.self)
    let low: UInt8
    let high: UInt8
    let count: Int
    switch first {
    case 0xC2...0xDF: (low, high, count) = (0x80, 0xBF, 2)
    case 0xE0: (low, high, count) = (0xA0, 0xBF, 3)
    case 0xED: (low, high, count) = (0x80, 0x9F, 3)
    case 0xE1...0xEF: (low, high, count) = (0x80, 0xBF, 3)
    case 0xF0: (low, high, count) = (0x90, 0xBF, 4)
    case 0xF1...0xF3: (low, high, count) = (0x80, 0xBF, 4)
    case 0xF4: (low, high, count) = (0x80, 0x8F, 4)
    default: return -1
    }
    guard left > 1 else { return -1 }
    let second = start.load(fromByteOffset: 1, as: UInt8.self)
    guard second >= low && second <= high else { return -1 }
    if count == 2 { return 2 }
    guard left > 2, start.load(fromByteOffset: 2, as: UInt8.self) & 0xC0 == 0x80 else { return -2 }
    if count == 3 { return 3 }
    guard left > 3, start.load(fromByteOffset: 3, as: UInt8.self) & 0xC0 == 0x80 else { return -3 }
    return 4
  }

  /// The scalar value of a valid sequence of `count` bytes at `start`.
  @inlinable
  static func scalar(_ start: UnsafeRawPointer, count: Int) -> UInt32 {
    let first = UInt32(start.load(as: UInt8.self))
    var value = first & (0xFF >> (UInt32(count) &+ 1))
    for i in 1..<count {
      value = value << 6 | UInt32(start.load(fromByteOffset: i, as: UInt8.self) & 0x3F)
    }
    return value
  }
}
