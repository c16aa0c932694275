import KafkaProtocol
import Testing

@Suite struct GoldenBatchTests {
  static let all = GoldenBatches.magic0 + GoldenBatches.magic1 + GoldenBatches.magic2

  @Test(arguments: all)
  func `what real brokers store is read`(_ golden: GoldenBatches.Golden) throws {
    let read = try readAll(golden.bytes)
    #expect(read.records == golden.records)
    #expect(read.heads.allSatisfy { $0.codec == golden.codec })
    #expect(read.heads.last?.nextOffset == Int64(golden.records.count))
  }

  @Test func `message sets are built byte by byte as kcat and the brokers build them`() throws {
    var compressor = Compressor()
    for (magic, golden) in [(0, GoldenBatches.magic0[0]), (1, GoldenBatches.magic1[0])] {
      var builder = MessageSetBuilder(magic: magic)
      for sample in golden.records { _ = builder.append(sample) }
      let sealed = try builder.seal(codec: .none, compressor: &compressor)
      #expect(sealed.array == golden.bytes)
    }
  }

  @Test func `a batch is built byte by byte as kcat builds it`() throws {
    let golden = GoldenBatches.magic2[0]
    var bytes = batch(golden.records).array
    bytes.withUnsafeMutableBytes { RecordBatch.place($0, baseOffset: 0, partitionLeaderEpoch: 0) }
    #expect(bytes == golden.bytes)
  }

  @Test func `lz4 for brokers before 0.10 has their header checksum, and no other has`() throws {
    var compressor = Compressor()
    let magic = hex("04224d186040")
    for (number, checksum, golden) in [
      (0, UInt8(0x1a), GoldenBatches.magic0[3]), (1, 0x82, GoldenBatches.magic1[3]),
    ] {
      var builder = MessageSetBuilder(magic: number)
      for sample in golden.records { _ = builder.append(sample) }
      let bytes = try builder.seal(codec: .lz4, compressor: &compressor).array
      let frame = Array(bytes[(number == 0 ? 26 : 34)...])
      #expect(Array(frame[..<7]) == magic + [checksum])
      #expect(try readAll(bytes).records == golden.records)
    }
  }
}
