/// Where UTF-8 sequences begin and end (Unicode, table 3-7).
enum UTF8Sequence {
  /// The length of the sequence at `at`; 0 if there is no valid one.
  static func length(_ bytes: UnsafeRawBufferPointer, at: Int) -> Int {
    let stated = statedLength(bytes[at])
    return stated > 0 && validPrefix(bytes, at: at, stated) == stated ? stated : 0
  }

  /// The length of the part at `at`, where no valid sequence is, that one U+FFFD stands for.
  static func invalidLength(_ bytes: UnsafeRawBufferPointer, at: Int) -> Int {
    max(1, validPrefix(bytes, at: at, statedLength(bytes[at])))
  }

  private static func statedLength(_ first: UInt8) -> Int {
    switch first {
    case 0..<0x80: 1
    case 0xc2...0xdf: 2
    case 0xe0...0xef: 3
    case 0xf0...0xf4: 4
    default: 0
    }
  }

  /// How many bytes from `at` on are as a sequence of `length` bytes has them.
  private static func validPrefix(_ bytes: UnsafeRawBufferPointer, at: Int, _ length: Int) -> Int {
    guard length > 1 else { return length }
    var count = 1
    var allowed = secondBytes(after: bytes[at])
    while count < length, at + count < bytes.count, allowed.contains(bytes[at + count]) {
      allowed = 0x80...0xbf
      count += 1
    }
    return count
  }

  private static func secondBytes(after first: UInt8) -> ClosedRange<UInt8> {
    switch first {
    case 0xe0: 0xa0...0xbf
    case 0xed: 0x80...0x9f
    case 0xf0: 0x90...0xbf
    case 0xf4: 0x80...0x8f
    default: 0x80...0xbf
    }
  }
}
