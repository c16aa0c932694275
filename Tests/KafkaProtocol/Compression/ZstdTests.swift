import KafkaProtocol
import Testing

@Suite struct ZstdTests {
  /// A frame without a stated size: blocks of 128 KiB that repeat one byte, four bytes each.
  private static func repeating(blocks: Int, windowDescriptor: UInt8) -> [UInt8] {
    var frame = hex("28b52ffd00") + [windowDescriptor]
    for block in 1...blocks {
      let header = UInt32(128 << 10) << 3 | 1 << 1 | (block == blocks ? 1 : 0)
      frame += [UInt8(header & 0xff), UInt8(header >> 8 & 0xff), UInt8(header >> 16), 0x61]
    }
    return frame
  }

  @Test func `S18 a bomb without a stated size ends at the limit`() throws {
    let frame = Self.repeating(blocks: 100, windowDescriptor: 0x58)
    #expect(try decompressed(.zstd, frame, limit: 100 << 17).count == 100 << 17)
    #expect(throws: CodecError.tooLarge(.zstd, limit: 1 << 20)) {
      try decompressed(.zstd, frame, limit: 1 << 20)
    }
  }

  @Test func `S19 windows up to 2^27 are read and larger ones refused`() throws {
    let allowed = Self.repeating(blocks: 1, windowDescriptor: 17 << 3)
    #expect(try decompressed(.zstd, allowed).count == 128 << 10)
    for descriptor: UInt8 in [17 << 3 | 1, 21 << 3, 0xff] {
      #expect(throws: CodecError.self) {
        try decompressed(.zstd, Self.repeating(blocks: 1, windowDescriptor: descriptor))
      }
    }
  }

  @Test func `S19 a dictionary is refused`() {
    #expect(throws: CodecError.unsupported(.zstd, "a dictionary")) {
      try decompressed(.zstd, hex("28b52ffd 01 58 07 010000"))
    }
  }

  @Test func `S19 skippable frames are passed within bounds`() throws {
    let frame = try compressed(.zstd, Array("text".utf8))
    let skippable = hex("502a4d18 03000000 010203")
    let read = try decompressed(.zstd, skippable + frame + skippable)
    #expect(String(decoding: read, as: UTF8.self) == "text")
    #expect(throws: CodecError.self) {
      try decompressed(.zstd, frame + hex("502a4d18 ffffffff 01"))
    }
  }

  @Test func `a stated size that is a lie gets no memory in advance and is an error`() {
    // Single segment, 8 bytes of size: 2^60.
    #expect(throws: CodecError.tooLarge(.zstd, limit: 64 << 20)) {
      try decompressed(.zstd, hex("28b52ffd e0 0000000000000010 010000"))
    }
    #expect(throws: CodecError.self) {
      try decompressed(.zstd, hex("28b52ffd e0 0000000200000000 010000"))
    }
  }
}
