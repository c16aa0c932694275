import KafkaProtocol
import Testing

@Suite struct MessageSetTests {
  static let forms: [(magic: Int, codec: Codec)] = [0, 1].flatMap { magic in
    [Codec.none, .gzip, .snappy, .lz4].map { (magic, $0) }
  }
  static let samples = [
    Sample(timestamp: 1_700_000_000_123, key: "k", value: "hello"),
    Sample(timestamp: 1_700_000_000_000, key: nil, value: "earlier than the first"),
    Sample(timestamp: 1_700_000_009_999, key: "tombstone", value: nil),
    Sample(timestamp: 1_700_000_000_124, key: "", value: ""),
  ]

  /// A message set of samples.
  static func set(_ samples: [Sample], magic: Int, codec: Codec) throws -> [UInt8] {
    var builder = MessageSetBuilder(magic: magic)
    var compressor = Compressor()
    for sample in samples { _ = builder.append(sample) }
    return try builder.seal(codec: codec, compressor: &compressor).array
  }

  /// The samples as a format without timestamps gives them back.
  static func expected(_ samples: [Sample], magic: Int, from base: Int64 = 0) -> [Sample] {
    samples.numbered(from: base).map { sample in
      var sample = sample
      if magic == 0 { sample.timestamp = -1 }
      return sample
    }
  }

  /// A message by hand, with its checksum right.
  static func message(
    offset: Int64, magic: UInt8, attributes: UInt8, timestamp: Int64 = 7, value: [UInt8]?
  ) -> [UInt8] {
    var body = [magic, attributes]
    if magic == 1 { body += bigEndian(timestamp) }
    body += bigEndian(Int32(-1)) + bigEndian(Int32(value?.count ?? -1)) + (value ?? [])
    return bigEndian(offset) + bigEndian(Int32(body.count + 4)) + bigEndian(crc32(body)) + body
  }

  @Test(arguments: forms)
  func `what is built reads back`(_ magic: Int, _ codec: Codec) throws {
    let many = (0..<3000).map { Sample(timestamp: Int64($0), key: "k\($0)", value: "v\($0 % 9)") }
    for samples in [[], Self.samples, many] {
      let read = try readAll(try Self.set(samples, magic: magic, codec: codec))
      #expect(read.records == Self.expected(samples, magic: magic))
      #expect(read.heads.count == (samples.isEmpty ? 0 : 1))
      #expect(read.heads.allSatisfy { $0.codec == codec && !$0.isControl })
      #expect(read.heads.allSatisfy { $0.timestampType == (magic == 0 ? .none : .create) })
    }
  }

  @Test(arguments: forms)
  func `a batch of today becomes the same message set`(_ magic: Int, _ codec: Codec) throws {
    var compressor = Compressor()
    let sealed = batch(Self.samples)
    let set = try sealed.messageSet(magic: magic, codec: codec, compressor: &compressor)
    #expect(try #require(set).array == Self.set(Self.samples, magic: magic, codec: codec))
    #expect(set?.magic == magic)
    #expect(set?.recordCount == Self.samples.count)
  }

  @Test func `zstd needs batches of today`() {
    #expect(throws: CodecError.self) { try Self.set(Self.samples, magic: 1, codec: .zstd) }
  }

  @Test func `a set is full at its bytes and at its number of messages`() {
    var builder = MessageSetBuilder(magic: 1, limits: BatchLimits(maxBytes: 100, maxRecords: 2))
    let small = [builder.append(Sample(value: "v")), builder.append(Sample(value: "v"))]
    #expect(small == [true, true])
    let third = builder.append(Sample(value: "v"))
    #expect(!third)
    var bytes = MessageSetBuilder(magic: 1, limits: BatchLimits(maxBytes: 69))
    let two = [bytes.append(Sample(value: "v")), bytes.append(Sample(value: "v"))]
    #expect(two == [true, false])  // 35 bytes each
  }

  @Test func `F66: relative offsets count back from the wrapper's, absolute ones stand`() throws {
    var relative = try Self.set(Self.samples, magic: 1, codec: .gzip)
    relative.replaceSubrange(..<8, with: bigEndian(Int64(1003)))
    #expect(try readAll(relative).records == Self.expected(Self.samples, magic: 1, from: 1000))
    var inner = try Self.set(Array(Self.samples[..<2]), magic: 0, codec: .none)
    inner.replaceSubrange(..<8, with: bigEndian(Int64(500)))
    let second = 26 + 1 + 5
    inner.replaceSubrange(second..<second + 8, with: bigEndian(Int64(507)))
    let value = try compressed(.gzip, inner)
    let read = try readAll(Self.message(offset: 507, magic: 0, attributes: 1, value: value))
    #expect(read.records.map(\.offset) == [500, 507])
    #expect(read.heads.map(\.nextOffset) == [508])
  }

  @Test func `gaps that compaction left are kept`() throws {
    let inner =
      Self.message(offset: 0, magic: 1, attributes: 0, value: [1])
      + Self.message(offset: 5, magic: 1, attributes: 0, value: [2])
    let value = try compressed(.snappy, inner)
    let read = try readAll(Self.message(offset: 25, magic: 1, attributes: 2, value: value))
    #expect(read.records.map(\.offset) == [20, 25])
  }

  @Test func `log append time of a wrapper is that of every message`() throws {
    let inner = Self.message(offset: 0, magic: 1, attributes: 0, timestamp: 1, value: [1])
    let wrapper = Self.message(
      offset: 0, magic: 1, attributes: 1 | 8, timestamp: 99, value: try compressed(.gzip, inner))
    let read = try readAll(wrapper)
    #expect(read.records.map(\.timestamp) == [99])
    #expect(read.heads.map(\.timestampType) == [.logAppend])
    let single = Self.message(offset: 0, magic: 1, attributes: 8, timestamp: 98, value: [1])
    #expect(try readAll(single).records.map(\.timestamp) == [98])
  }

  @Test func `S15 compressed messages within compressed messages are refused`() throws {
    for magic: UInt8 in [0, 1] {
      let inner = Self.message(offset: 0, magic: magic, attributes: 0, value: [1])
      let once = Self.message(
        offset: 0, magic: magic, attributes: 1, value: try compressed(.gzip, inner))
      let twice = Self.message(
        offset: 0, magic: magic, attributes: 1, value: try compressed(.gzip, once))
      #expect(throws: RecordError.corrupt(baseOffset: 0, .nestedCompression)) {
        try readAll(twice)
      }
    }
  }

  @Test func `F66: a wrapper of other messages, of none or of a part is refused`() throws {
    let inner = Self.message(offset: 0, magic: 0, attributes: 0, value: [1])
    func wrapper(_ content: [UInt8]) throws -> [UInt8] {
      Self.message(offset: 4, magic: 1, attributes: 1, value: try compressed(.gzip, content))
    }
    #expect(throws: RecordError.corrupt(baseOffset: 4, .mixedMagic(outer: 1, inner: 0))) {
      try readAll(try wrapper(inner))
    }
    #expect(throws: RecordError.corrupt(baseOffset: 4, .emptyWrapper)) {
      try readAll(try wrapper([]))
    }
    let whole = Self.message(offset: 0, magic: 1, attributes: 0, value: [1, 2])
    #expect(throws: RecordError.corrupt(baseOffset: 4, .truncated)) {
      try readAll(try wrapper(whole + whole[..<20]))
    }
    #expect(throws: RecordError.self) {
      try readAll(Self.message(offset: 4, magic: 1, attributes: 1, value: nil))
    }
  }

  @Test func `S7 offsets that would be negative or go backwards are refused`() throws {
    func inner(_ offset: Int64) -> [UInt8] {
      Self.message(offset: offset, magic: 1, attributes: 0, value: [1])
    }
    func wrapper(_ offset: Int64, _ content: [UInt8]) throws -> [UInt8] {
      Self.message(offset: offset, magic: 1, attributes: 1, value: try compressed(.gzip, content))
    }
    #expect(throws: RecordError.self) { try readAll(try wrapper(1, inner(0) + inner(5))) }
    #expect(throws: RecordError.corrupt(baseOffset: 9, .offsetDelta(2))) {
      try readAll(try wrapper(9, inner(3) + inner(2)))
    }
    #expect(throws: RecordError.self) { try readAll(inner(-1)) }
    #expect(throws: RecordError.self) { try readAll(inner(.max)) }
    #expect(throws: RecordError.self) { try readAll(try wrapper(.max, inner(0))) }
  }

  @Test func `a producer's messages are numbered, whatever offsets they have`() throws {
    let plain = (0..<3).flatMap { _ in
      Self.message(offset: 0, magic: 1, attributes: 0, value: [1])
    }
    let wrapper = Self.message(
      offset: 0, magic: 1, attributes: 1, value: try compressed(.gzip, plain))
    var reader = RecordSetReader(numbersMessages: true)
    var offsets: [Int64] = []
    try (plain + wrapper).withUnsafeBytes { bytes in
      reader.open(bytes)
      while let batch = try reader.next() {
        var records = RecordIterator(batch)
        while let record = try records.next() { offsets.append(batch.offset(of: record)) }
      }
    }
    #expect(offsets == [0, 1, 2, 3, 4, 5])
  }

  @Test func `F66: the messages before a broken one are read, and those behind it`() throws {
    var bytes = try Self.set(Self.samples, magic: 1, codec: .none)
    let second = 34 + 6
    bytes[second + 40] ^= 1
    var reader = RecordSetReader()
    var seen: [Int64] = []
    try bytes.withUnsafeBytes { all in
      reader.open(all)
      if let first = try reader.next() { seen.append(first.nextOffset) }
      #expect(throws: RecordError.self) { _ = try reader.next()?.baseOffset }
      #expect(reader.offsetAfterBadBatch == 2)
      if let rest = try reader.next() { seen += [rest.baseOffset, rest.nextOffset] }
    }
    #expect(seen == [1, 2, 4])
  }
}

/// A number as the wire has it.
func bigEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
  withUnsafeBytes(of: value.bigEndian) { Array($0) }
}

/// CRC-32 as zlib has it, bit by bit.
func crc32(_ bytes: [UInt8]) -> UInt32 {
  var crc: UInt32 = 0xffff_ffff
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0xedb8_8320 : 0) }
  }
  return ~crc
}
