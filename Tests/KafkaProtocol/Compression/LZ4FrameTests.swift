import KafkaProtocol
import Testing

@Suite struct LZ4FrameTests {
  /// What the frames below hold.
  static let text = Array(
    Array(repeating: Array("0123456789abcdef".utf8), count: 4400).joined().prefix(70_000))
  private static let literals = "ff01303132333435363738396162636465661000"
  private static let ones = String(repeating: "ff", count: 256)

  /// `lz4 -9 -BD -B4`: the second block's first match lies in the first block.
  static let linked = hex(
    "04224d1844405e1b010000" + literals + ones + "d85062636465661b0000000f1000"
      + String(repeating: "ff", count: 17) + "6950626364656600000000c404d9ec")

  /// `lz4 -BX -B4 --content-size`: independent blocks with checksums, and the content's size.
  static let checked = hex(
    "04224d187c407011010000000000ca1b010000" + literals + ones + "d850626364656653de5e9c2c000000"
      + literals + String(repeating: "ff", count: 17) + "595062636465660373b7e300000000c404d9ec")

  @Test func `S20 linked blocks, block checksums and content sizes are read`() throws {
    #expect(try decompressed(.lz4, Self.linked) == Self.text)
    #expect(try decompressed(.lz4, Self.checked) == Self.text)
  }

  @Test func `S20 a wrong block checksum is an error`() throws {
    var bad = Self.checked
    let place = try #require(
      bad.indices.first { Array(bad[$0..<$0 + 4]) == [0x53, 0xde, 0x5e, 0x9c] })
    bad[place] ^= 1
    #expect(throws: CodecError.self) { try decompressed(.lz4, bad) }
  }

  @Test func `S20 a wrong header checksum, a legacy frame and a dictionary are errors`() throws {
    var bad = try compressed(.lz4, Self.text)
    bad[6] ^= 1
    #expect(throws: CodecError.self) { try decompressed(.lz4, bad) }
    #expect(throws: CodecError.corrupt(.lz4, "no frame begins where one should")) {
      try decompressed(.lz4, hex("02214c182d010000"))
    }
    #expect(throws: CodecError.unsupported(.lz4, "a dictionary")) {
      try decompressed(.lz4, hex("04224d1861400000000000000000000000"))
    }
  }

  @Test func `a frame has independent blocks of 64 KiB, or Java cannot read it`() throws {
    let frame = try compressed(.lz4, Self.text)
    #expect(Array(frame[..<7]) == hex("04224d18604082"))
  }
}
