/// Where UTF-8 sequences begin and end (Unicode, table 3-7).
enum UTF8Sequence {
  /// The length of the sequence at `at`; 0 if there is no valid one.
  static func length(_ bytes: UnsafeRawBufferPointer, at: Int) -> Int {
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xbf
    switch bytes[at] {
    case 0..<0x80: return 1
    case 0xc2...0xdf: length = 2
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: length = 3
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    case 0xf1...0xf3: length = 4
    default: return 0
    }
    guard bytes.count - at >= length, second.contains(bytes[at + 1]) else { return 0 }
    for index in at + 2..<at + max(length, 2) where bytes[index] & 0xc0 != 0x80 { return 0 }
    return length
  }
}
