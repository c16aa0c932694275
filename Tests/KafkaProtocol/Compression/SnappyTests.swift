import KafkaProtocol
import Testing

@Suite struct SnappyTests {
  private static let header = hex("82534e4150505900 00000001 00000001")

  /// A block of Java's framing.
  private static func block(_ text: String) throws -> [UInt8] {
    let raw = try compressed(.snappy, Array(text.utf8))
    return withUnsafeBytes(of: Int32(raw.count).bigEndian) { Array($0) } + raw
  }

  @Test func `Java's framing is read, also where streams follow one another`() throws {
    let one = try Self.header + Self.block("one ") + Self.block("two ")
    #expect(String(decoding: try decompressed(.snappy, one), as: UTF8.self) == "one two ")
    #expect(
      String(decoding: try decompressed(.snappy, one + one), as: UTF8.self) == "one two one two ")
    #expect(try decompressed(.snappy, Self.header).isEmpty)
  }

  @Test func `S21 a block's length beyond the end, zero or negative is an error`() throws {
    for length in ["00000005", "7fffffff", "ffffffff", "80000000", "00000000"] {
      #expect(throws: CodecError.self) {
        try decompressed(.snappy, Self.header + hex(length) + [1, 2, 3])
      }
    }
    #expect(throws: CodecError.corrupt(.snappy, "it ends within a block's length")) {
      try decompressed(.snappy, Self.header + [0, 0])
    }
  }

  @Test func `S21 a stated length of 4 GiB gets no memory`() {
    #expect(throws: CodecError.corrupt(.snappy, "4294967295 bytes cannot come from 8")) {
      try decompressed(.snappy, hex("ffffffff0f 000000"))
    }
  }

  @Test func `S21 copies of distance zero or from before the start are errors`() {
    for bytes in ["08 00 61 0d00", "08 00 61 0d05", "08 00 61 1a0000"] {
      #expect(throws: CodecError.corrupt(.snappy, "a block does not decompress")) {
        try decompressed(.snappy, hex(bytes))
      }
    }
  }

  @Test func `S18 many blocks together are held to the limit`() throws {
    let text = String(repeating: "a", count: 1000)
    let many = try Self.header + Self.block(text) + Self.block(text) + Self.block(text)
    #expect(try decompressed(.snappy, many, limit: 3000).count == 3000)
    #expect(throws: CodecError.tooLarge(.snappy, limit: 2999)) {
      try decompressed(.snappy, many, limit: 2999)
    }
  }
}
