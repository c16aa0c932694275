import KafkaProtocol
import Testing

@Suite struct GzipTests {
  /// `gzip -N -9` of a small file: a name in the header.
  static let named = hex(
    """
    1f8b0808d814066b0203696e2e74787400cb36b4ca48cdc9c9e7ca36b22a4e4dcecf4b51284bcc294d55c0c9e1b2e2ca
    36b1ca492c2ee10200426756d43d000000
    """)

  @Test func `a header with a file's name is passed`() throws {
    let text = String(decoding: try decompressed(.gzip, Self.named), as: UTF8.self)
    #expect(text.hasPrefix("k1:hello\nk2:second value"))
  }

  @Test func `S22 a wrong CRC and a wrong size are errors`() throws {
    let good = try compressed(.gzip, Array("some text".utf8))
    for index in good.count - 8..<good.count {
      var bad = good
      bad[index] ^= 0x10
      #expect(throws: CodecError.self) { try decompressed(.gzip, bad) }
    }
  }

  @Test func `S22 members whose sizes at the end mislead are read by streaming`() throws {
    // The last size is far less than the first member's, then far more.
    let large = try compressed(.gzip, Array(repeating: 65, count: 200_000))
    let small = try compressed(.gzip, [66])
    #expect(try decompressed(.gzip, large + small).count == 200_001)
    #expect(try decompressed(.gzip, small + large).count == 200_001)
    #expect(try decompressed(.gzip, small + large + small, limit: 200_002).count == 200_002)
    #expect(throws: CodecError.tooLarge(.gzip, limit: 200_001)) {
      try decompressed(.gzip, small + large + small, limit: 200_001)
    }
  }

  @Test func `S22 trailing garbage is an error`() throws {
    let good = try compressed(.gzip, Array("some text".utf8))
    #expect(throws: CodecError.corrupt(.gzip, "no member begins where one should")) {
      try decompressed(.gzip, good + Array(repeating: 0, count: 20))
    }
  }

  @Test func `S22 a header's name is bounded`() throws {
    let body = try compressed(.gzip, Array("x".utf8))[10...]
    func withName(_ count: Int) -> [UInt8] {
      [0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3] + Array(repeating: 97, count: count) + [0] + body
    }
    #expect(try decompressed(.gzip, withName(65_536)) == [120])
    #expect(throws: CodecError.unsupported(.gzip, "a name or comment of 65537 bytes")) {
      try decompressed(.gzip, withName(65_537))
    }
  }
}
