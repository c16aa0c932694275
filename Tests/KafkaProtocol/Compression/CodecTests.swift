import KafkaProtocol
import Testing

/// Bytes from hexadecimal digits.
func hex(_ digits: String) -> [UInt8] {
  var result: [UInt8] = []
  var high: UInt8?
  for digit in digits {
    guard let value = digit.hexDigitValue.map({ UInt8($0) }) else { continue }
    if let first = high {
      result.append(first << 4 | value)
      high = nil
    } else {
      high = value
    }
  }
  return result
}

/// Compresses once, with a context of its own.
func compressed(_ codec: Codec, level: Int = -1, _ bytes: [UInt8]) throws -> [UInt8] {
  var compressor = Compressor()
  return try withBytes(bytes) { source throws -> [UInt8] in
    Array(try compressor.compress(codec, level: level, try #require(source)))
  }
}

/// Decompresses once, with a context of its own, from memory of exactly this size.
func decompressed(_ codec: Codec, _ bytes: [UInt8], limit: Int = 64 << 20) throws(CodecError)
  -> [UInt8]
{
  var decompressor = Decompressor(limits: CodecLimits(maxBatchBytes: limit))
  return try withBytes(bytes) { source throws(CodecError) -> [UInt8] in
    guard let source else { return [] }
    return Array(try decompressor.decompress(codec, source))
  }
}

@Suite struct CodecTests {
  static let real: [Codec] = [.gzip, .snappy, .lz4, .zstd]
  static let inputs: [[UInt8]] = {
    var bytes = Bytes(seed: 3)
    return [
      [], [7], bytes.text(100), bytes.text(65_536), bytes.text(1_000_000), bytes.bytes(70_000),
      Array(repeating: 0, count: 3_000_000),
    ]
  }()

  @Test(arguments: real)
  func `what is compressed comes back, with one pair of contexts for all`(_ codec: Codec) throws {
    var compressor = Compressor()
    var decompressor = Decompressor()
    for input in Self.inputs + Self.inputs.reversed() {
      let packed = try input.withUnsafeBytes { Array(try compressor.compress(codec, $0)) }
      let unpacked = try packed.withUnsafeBytes { Array(try decompressor.decompress(codec, $0)) }
      #expect(unpacked == input)
    }
  }

  @Test(arguments: real)
  func `every level is taken, and levels outside are brought inside`(_ codec: Codec) throws {
    var bytes = Bytes(seed: 4)
    let input = bytes.text(20_000)
    for level in [-100, -1, 99] + Array(codec.levels) {
      #expect(try decompressed(codec, try compressed(codec, level: level, input)) == input)
    }
  }

  @Test func `a higher level makes gzip, lz4 and zstd smaller`() throws {
    let input = (0..<2000).flatMap { Array("record \($0) of \($0 * $0 % 977) at \($0 / 3)\n".utf8) }
    for (codec, low, high) in [(Codec.gzip, 1, 9), (.lz4, 0, 12), (.zstd, 1, 19)] {
      let small = try compressed(codec, level: high, input).count
      #expect(small < (try compressed(codec, level: low, input).count))
    }
    let stored = try compressed(.gzip, level: 0, input).count
    #expect(stored > input.count)
  }

  @Test(arguments: real)
  func `S18 a bomb ends in an error and a batch of exactly the limit does not`(_ codec: Codec)
    throws
  {
    let packed = try compressed(codec, Array(repeating: 0, count: 1 << 20))
    #expect(try decompressed(codec, packed, limit: 1 << 20).count == 1 << 20)
    #expect(throws: CodecError.tooLarge(codec, limit: (1 << 20) - 1)) {
      try decompressed(codec, packed, limit: (1 << 20) - 1)
    }
  }

  @Test(arguments: real)
  func `every prefix and every flipped bit ends in an error or in a value`(_ codec: Codec) throws {
    var bytes = Bytes(seed: 6)
    for input in [bytes.text(300), bytes.bytes(40)] {
      let packed = try compressed(codec, input)
      for count in 0..<packed.count {
        #expect(throws: CodecError.self) { try decompressed(codec, Array(packed[..<count])) }
      }
      for index in packed.indices {
        for bit in 0..<8 {
          var broken = packed
          broken[index] ^= 1 << bit
          _ = try? decompressed(codec, broken, limit: 1 << 20)
        }
      }
    }
  }

  @Test(arguments: real)
  func `noise is never taken for compressed data`(_ codec: Codec) {
    var bytes = Bytes(seed: 7)
    for count in [1, 4, 8, 20, 100, 1000] {
      let noise = [0xee] + bytes.bytes(count)
      #expect(throws: CodecError.self) { try decompressed(codec, noise) }
    }
  }

  @Test(arguments: [Codec.gzip, .lz4, .zstd])
  func `pieces that follow one another are read as one`(_ codec: Codec) throws {
    let two = try compressed(codec, Array("one ".utf8)) + compressed(codec, Array("two".utf8))
    #expect(String(decoding: try decompressed(codec, two), as: UTF8.self) == "one two")
    #expect(throws: CodecError.self) { try decompressed(codec, two + [1, 2, 3]) }
  }

  @Test func `names go both ways and unknown ones are nil`() {
    for codec in Codec.allCases { #expect(Codec(name: codec.name) == codec) }
    #expect(Codec(name: "brotli") == nil)
  }
}
