import KafkaProtocol
import Testing

@Suite struct BatchBuilderTests {
  static let samples = [
    Sample(timestamp: 1_700_000_000_123, key: "k", value: "hello"),
    Sample(timestamp: 1_700_000_000_000, key: nil, value: "earlier than the first"),
    Sample(timestamp: 1_700_000_009_999, key: "tombstone", value: nil),
    Sample(timestamp: 1_700_000_000_124, key: "", value: ""),
    Sample(
      timestamp: 1_700_000_000_125, key: nil, value: nil,
      headers: [
        .init(name: "a", value: Array("1".utf8)), .init(name: "a", value: nil),
        .init(name: "", value: []),
      ]),
  ]

  @Test func `what is built reads back, nulls and headers included`() throws {
    let sealed = batch(Self.samples)
    let read = try readAll(sealed.array)
    #expect(read.records == Self.samples.numbered())
    #expect(read.heads.map(\.nextOffset) == [5])
    var iterator = RecordBatchIterator(sealed.bytes, verifiesCRC: true)
    let header = try #require(try iterator.next())
    #expect(header.baseTimestamp == 1_700_000_000_123)
    #expect(header.maxTimestamp == 1_700_000_009_999)
    #expect((header.producerId, header.producerEpoch, header.baseSequence) == (-1, -1, -1))
    #expect(header.partitionLeaderEpoch == -1)
    #expect(try iterator.next()?.baseOffset == nil)
  }

  @Test(arguments: Codec.allCases)
  func `every codec reads back from no record, one, ten thousand and a large one`(_ codec: Codec)
    throws
  {
    var bytes = Bytes(seed: 8)
    let one = [Sample(value: "x")]
    let many = (0..<10_000).map { Sample(timestamp: Int64($0), key: "k\($0)", value: "v\($0 % 7)") }
    var large = Sample(timestamp: -5, value: "")
    large.value = bytes.text(3_000_000)
    var compressor = Compressor()
    for samples in [[], one, many, [large]] {
      var builder = BatchBuilder()
      for sample in samples {
        let fits = builder.append(sample)
        #expect(fits)
      }
      let sealed = try builder.seal(codec: codec, compressor: &compressor, producerId: 9)
      let read = try readAll(sealed.array)
      #expect(read.records == samples.numbered())
      #expect(read.heads.map(\.codec) == [codec])
      #expect(read.heads.map(\.producerId) == [9])
      #expect(read.heads.map(\.nextOffset) == [Int64(max(1, samples.count))])
    }
  }

  @Test func `a batch is full at its bytes, to the byte`() throws {
    let record = Sample(value: String(repeating: "v", count: 100))  // 109 bytes
    var builder = BatchBuilder(limits: BatchLimits(maxBytes: 61 + 3 * 109))
    let added = (0..<4).map { _ in builder.append(record) }
    #expect(added == [true, true, true, false])
    #expect(builder.byteCount == 61 + 3 * 109)
    let sealed = builder.seal()
    #expect(sealed.byteCount == 61 + 3 * 109)
    #expect(builder.isEmpty && builder.byteCount == 0)
    let again = builder.append(record)
    #expect(again)
    #expect(try readAll(builder.seal().array).records == [record])
  }

  @Test func `a batch is full at its number of records`() {
    var builder = BatchBuilder(limits: BatchLimits(maxRecords: 2))
    let added = (0..<3).map { _ in builder.append(Sample(value: "v")) }
    #expect(added == [true, true, false])
    #expect(builder.count == 2)
  }

  @Test func `a larger record forms its own batch only where that is allowed`() throws {
    let large = Sample(value: String(repeating: "v", count: 5000))
    var strict = BatchBuilder(limits: BatchLimits(maxBytes: 1000, allowsLargerRecord: false))
    let refused = strict.append(large)
    #expect(!refused && strict.isEmpty)
    var open = BatchBuilder(limits: BatchLimits(maxBytes: 1000))
    let added = [open.append(large), open.append(Sample(value: "v"))]
    #expect(added == [true, false])
    #expect(try readAll(open.seal().array).records == [large])
    let next = [open.append(Sample(value: "v")), open.append(large)]
    #expect(next == [true, false])
  }

  @Test func `a copy of a builder does not share what is added`() throws {
    var first = BatchBuilder()
    _ = first.append(Sample(value: "a"))
    var second = first
    _ = first.append(Sample(value: "b"))
    _ = second.append(Sample(value: "c"))
    #expect(try readAll(first.seal().array).records.last?.value == Array("b".utf8))
    #expect(try readAll(second.seal().array).records.last?.value == Array("c".utf8))
  }

  @Test(arguments: Codec.allCases)
  func `a producer's numbers can be set again without encoding again`(_ codec: Codec) throws {
    var builder = BatchBuilder()
    for sample in Self.samples { _ = builder.append(sample) }
    var compressor = Compressor()
    var sealed = builder.seal()
    try sealed.compress(codec, with: &compressor)
    let payload = Array(sealed.array[61...])
    for epoch in [Int16(0), 1, 32767] {
      sealed.stamp(producerId: 77, epoch: epoch, sequence: .max, transactional: epoch == 1)
      var iterator = RecordBatchIterator(sealed.bytes, verifiesCRC: true)
      let header = try #require(try iterator.next())
      #expect((header.producerId, header.producerEpoch, header.baseSequence) == (77, epoch, .max))
      #expect(header.isTransactional == (epoch == 1))
      #expect(header.codec == codec)
      #expect(Array(header.payload) == payload)
    }
    #expect(try readAll(sealed.array).records == Self.samples.numbered())
  }

  @Test func `compressing twice changes nothing more`() throws {
    var sealed = batch(Self.samples)
    var compressor = Compressor()
    try sealed.compress(.lz4, with: &compressor)
    let once = sealed.array
    try sealed.compress(.gzip, with: &compressor)
    #expect(sealed.array == once)
    #expect(sealed.uncompressedByteCount == batch(Self.samples).byteCount)
  }

  @Test func `a broker's place in the log leaves the checksum right`() throws {
    var bytes = batch(Self.samples).array
    bytes.withUnsafeMutableBytes {
      RecordBatch.place($0, baseOffset: 1 << 40, partitionLeaderEpoch: 12)
    }
    let read = try readAll(bytes)
    #expect(read.records == Self.samples.numbered(from: 1 << 40))
    #expect(read.heads.map(\.nextOffset) == [1 << 40 + 5])
  }

  @Test func `log append time is that of every record`() throws {
    var bytes = batch(Self.samples).array
    bytes.withUnsafeMutableBytes { RecordBatch.setLogAppendTime($0, 1_800_000_000_000) }
    let read = try readAll(bytes)
    #expect(read.heads.map(\.timestampType) == [.logAppend])
    #expect(Set(read.records.map(\.timestamp)) == [1_800_000_000_000])
  }

  @Test func `a transaction's marker is a control batch`() throws {
    var sealed = batch([Sample(key: "\0\0\0\u{1}", value: "\0\0\0\0\0\0")])
    sealed.markAsControl()
    sealed.stamp(producerId: 5, epoch: 0, sequence: -1, transactional: true)
    let head = try #require(try readAll(sealed.array).heads.first)
    #expect(head.isControl && head.isTransactional)
  }
}
