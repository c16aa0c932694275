import KafkaProtocol
import Testing

@testable import KafkaClient

@Suite struct BatchRebuilderTests {
  private func sealed(_ values: [String], magic: Int, codec: Codec) throws -> SealedBatch {
    var builder = BatchBuilder()
    var headers = RecordHeaders()
    if magic == 2 { headers.append(name: "h".utf8, value: "v".utf8) }
    for (index, value) in values.enumerated() {
      let isTaken = Array(value.utf8).withUnsafeBytes {
        builder.append(
          key: index % 2 == 0 ? $0 : nil, value: $0, headers: headers,
          timestamp: 1000 + Int64(index))
      }
      #expect(isTaken)
    }
    var batch = builder.seal()
    var compressor = Compressor()
    if magic < 2 {
      return try #require(
        try batch.messageSet(magic: magic, codec: codec, level: -1, compressor: &compressor))
    }
    try batch.compress(codec, with: &compressor)
    return batch
  }

  private struct Row: Hashable {
    var key: String?
    var value: String?
    var headers: Int
    var timestamp: Int64
  }

  private func rows(_ batch: SealedBatch) throws -> [Row] {
    var rows: [Row] = []
    var reader = RecordSetReader()
    reader.open(batch.bytes)
    while let decoded = try reader.next() {
      var records = RecordIterator(decoded)
      while let record = try records.next() {
        rows.append(
          Row(
            key: record.key.map { String(decoding: $0, as: UTF8.self) },
            value: record.value.map { String(decoding: $0, as: UTF8.self) },
            headers: record.headerCount, timestamp: decoded.timestamp(of: record)))
      }
    }
    return rows
  }

  @Test(arguments: [0, 1, 2], [Codec.none, .gzip])
  func `halves hold the records as they were`(magic: Int, codec: Codec) throws {
    let batch = try sealed((0..<7).map { "value \($0)" }, magic: magic, codec: codec)
    let parts = try BatchRebuilder(codec: codec, level: -1).build(batch, .halves)
    #expect(parts.map(\.firstRecord) == [0, 4])
    #expect(parts.map(\.sealed.recordCount) == [4, 3])
    #expect(parts.map(\.sealed.magic) == [magic, magic])
    #expect(try parts.flatMap { try rows($0.sealed) } == rows(batch))
  }

  @Test func `records are left out, at the ends too`() throws {
    let batch = try sealed((0..<5).map(String.init), magic: 2, codec: .zstd)
    let rebuilder = BatchRebuilder(codec: .zstd, level: -1)
    let parts = try rebuilder.build(batch, .without([0, 3, 4]))
    #expect(parts.map(\.firstRecord) == [1])
    #expect(try rows(parts[0].sealed).map(\.value) == ["1", "2"])
    #expect(try rebuilder.build(batch, .without([0, 1, 2, 3, 4])).isEmpty)
  }
}
