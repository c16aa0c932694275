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
      ]
    ),
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
}
