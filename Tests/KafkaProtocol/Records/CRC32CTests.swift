import CRC32C
import Testing

/// The definition, bit by bit.
private func reference(_ crc: UInt32, _ bytes: some Sequence<UInt8>) -> UInt32 {
  var crc = ~crc
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0x82f6_3b78 : 0) }
  }
  return ~crc
}

@Suite struct CRC32CTests {
  /// RFC 3720, B.4, and the check value of the catalogue of CRCs.
  static let vectors: [(bytes: [UInt8], crc: UInt32)] = [
    (Array("123456789".utf8), 0xe306_9283),
    (Array(repeating: 0, count: 32), 0x8a91_36aa),
    (Array(repeating: 0xff, count: 32), 0x62a8_ab43),
    (Array(0..<32), 0x46dd_794e),
    (Array((0..<32).reversed()), 0x113f_db5c),
    ([], 0),
  ]

  @Test(arguments: vectors)
  func `the published vectors come out`(_ bytes: [UInt8], _ expected: UInt32) {
    #expect(hbcat_crc32c(0, bytes, bytes.count) == expected)
    #expect(hbcat_crc32c_portable(0, bytes, bytes.count) == expected)
    #expect(hbcat_crc32c_one_lane(0, bytes, bytes.count) == expected)
  }

  @Test func `all paths agree at every length around a lane and at every alignment`() {
    var generator = Bytes(seed: 1)
    let bytes = generator.bytes(60_000)
    let lengths = [
      0, 1, 7, 8, 9, 63, 1023, 3071, 3072, 3073, 6143, 6144, 24_575, 24_576, 24_577, 27_648,
      49_152, 50_000,
    ]
    bytes.withUnsafeBytes { all in
      for length in lengths {
        for start in 0..<9 {
          let piece = UnsafeRawBufferPointer(rebasing: all[start..<start + length])
          let fast = hbcat_crc32c(7, piece.baseAddress, length)
          #expect(fast == hbcat_crc32c_portable(7, piece.baseAddress, length))
          #expect(fast == hbcat_crc32c_one_lane(7, piece.baseAddress, length))
        }
        let piece = all[..<length]
        #expect(hbcat_crc32c(7, all.baseAddress, length) == reference(7, piece))
      }
    }
  }

  @Test func `pieces can be put together`() {
    var generator = Bytes(seed: 2)
    let bytes = generator.bytes(10_000)
    for cut in [0, 1, 40, 4096, 9_999, 10_000] {
      let first = hbcat_crc32c(0, bytes, cut)
      let second = hbcat_crc32c(0, Array(bytes[cut...]), bytes.count - cut)
      let whole = hbcat_crc32c(0, bytes, bytes.count)
      #expect(hbcat_crc32c_combine(first, second, bytes.count - cut) == whole)
    }
  }
}
