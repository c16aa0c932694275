import KafkaProtocol
import Testing

@testable import KafkaBroker

struct PartitionLogTests {
  @Test func `batches come back as they came, with the offsets that the log gave them`() throws {
    var log = PartitionLog()
    #expect(try log.append(makeBatch(["a", "b"])) == .stored(baseOffset: 0))
    #expect(try log.append(makeBatch(["c"], codec: .zstd)) == .stored(baseOffset: 2))
    #expect(try log.append(makeBatch(["d", "e"], codec: .lz4)) == .stored(baseOffset: 3))
    let bytes = try #require(log.bytes(from: 0, maxBytes: 1 << 20))
    let found = try records(in: bytes)
    #expect(found.map(\.value) == ["a", "b", "c", "d", "e"])
    #expect(found.map(\.offset) == [0, 1, 2, 3, 4])
    #expect(log.logEndOffset == 5)
    #expect(log.highWatermark == 5)
    #expect(log.byteCount == bytes.count)
  }

  @Test func `a read begins with the batch that holds the offset`() throws {
    var log = PartitionLog()
    try log.append(makeBatch(["a", "b", "c"]))
    try log.append(makeBatch(["d", "e"]))
    #expect(try records(in: #require(log.bytes(from: 2, maxBytes: 1 << 20))).first?.offset == 0)
    #expect(try records(in: #require(log.bytes(from: 3, maxBytes: 1 << 20))).first?.offset == 3)
    #expect(try records(in: #require(log.bytes(from: 4, maxBytes: 1 << 20))).first?.offset == 3)
  }

  @Test func `a read at the end is empty and one outside is nil`() throws {
    var log = PartitionLog()
    #expect(log.bytes(from: 0, maxBytes: 100) == [])
    #expect(log.bytes(from: 1, maxBytes: 100) == nil)
    try log.append(makeBatch(["a"]))
    #expect(log.bytes(from: 1, maxBytes: 100) == [])
    #expect(log.bytes(from: 2, maxBytes: 100) == nil)
    #expect(log.bytes(from: -1, maxBytes: 100) == nil)
  }

  @Test func `a read stops before the batch that would be too much, but gives one at least`() throws
  {
    var log = PartitionLog()
    let size = try makeBatch(["aaaa"]).count
    for value in ["aaaa", "bbbb", "cccc"] { try log.append(makeBatch([value])) }
    #expect(log.bytes(from: 0, maxBytes: 2 * size)?.count == 2 * size)
    #expect(log.bytes(from: 0, maxBytes: 3 * size - 1)?.count == 2 * size)
    #expect(log.bytes(from: 0, maxBytes: 1)?.count == size)
    #expect(log.bytes(from: 0, maxBytes: 1, atLeastOne: false) == [])
    #expect(log.bytes(from: 2, maxBytes: 1 << 20)?.count == size)
  }

  @Test func `a read goes on from one block of memory to the next`() throws {
    var log = PartitionLog()
    let value = String(repeating: "x", count: 3000)
    for index in 0..<20 { try log.append(makeBatch(["\(index)" + value])) }
    #expect(log.chunks.count > 1)
    let found = try records(in: #require(log.bytes(from: 0, maxBytes: 1 << 20)))
    #expect(found.map(\.offset) == Array(0..<20))
    for first in Int64(0)..<20 {
      let part = try records(in: #require(log.bytes(from: first, maxBytes: 7000)))
      #expect(part.first?.offset == first)
      #expect(part.count == min(2, 20 - Int(first)))
    }
  }

  @Test func `the bytes of a read stay although the log drops them`() throws {
    var log = PartitionLog(retentionBytes: 4096)
    try log.append(makeBatch(["first"]))
    let slice = try #require(log.read(from: 0, maxBytes: 1000))
    while log.logStartOffset == 0 {
      try log.append(makeBatch([String(repeating: "y", count: 500)]))
    }
    #expect(try records(in: slice.pieces.flatMap { Array($0.bytes) }).first?.value == "first")
  }

  @Test func `what is kept is bounded and the start moves on`() throws {
    var log = PartitionLog(retentionBytes: 10_000)
    for _ in 0..<200 { try log.append(makeBatch([String(repeating: "z", count: 400)])) }
    #expect(log.byteCount >= 10_000 - 2048)
    #expect(log.byteCount <= 10_000)
    #expect(log.logStartOffset > 170)
    #expect(log.logEndOffset == 200)
    #expect(log.bytes(from: log.logStartOffset - 1, maxBytes: 1000) == nil)
    let first = try records(in: #require(log.bytes(from: log.logStartOffset, maxBytes: 1)))
    #expect(first.first?.offset == log.logStartOffset)
  }

  @Test func `bytes available count whole batches up to the limit`() throws {
    var log = PartitionLog()
    #expect(log.bytesAvailable(from: 0, limit: 10) == 0)
    let batch = try makeBatch(["a", "b"])
    try log.append(batch)
    try log.append(batch)
    #expect(log.bytesAvailable(from: 0, limit: 10_000) == 2 * batch.count)
    #expect(log.bytesAvailable(from: 1, limit: 10_000) == 2 * batch.count)
    #expect(log.bytesAvailable(from: 2, limit: 10_000) == batch.count)
    #expect(log.bytesAvailable(from: 0, limit: 10) == 10)
    #expect(log.bytesAvailable(from: 4, limit: 10) == 0)
  }

  @Test(arguments: Codec.allCases)
  func `an offset is found by time within a batch of any codec`(_ codec: Codec) throws {
    var log = PartitionLog()
    try log.append(makeBatch(["a", "b", "c"], timestamp: 1000, codec: codec))
    try log.append(makeBatch(["d", "e", "f"], timestamp: 2000, codec: codec))
    func find(_ time: Int64) throws -> [Int64]? {
      try log.record(atOrAfter: time).map { [$0.offset, $0.timestamp] }
    }
    #expect(try find(0) == [0, 1000])
    #expect(try find(1001) == [1, 1001])
    #expect(try find(1003) == [3, 2000])
    #expect(try find(2002) == [5, 2002])
    #expect(try find(2003) == nil)
    #expect(log.maxTimestamp == 2002)
  }
}
