import KafkaProtocol
import Testing

@testable import HbcatCLI

@Suite struct PresentOffsetsTests {
  /// A batch from offset 100 on that has been compacted: only these of its records are left.
  private func present(_ deltas: [UInt8], of count: UInt8, in offsets: ClosedRange<Int64>) throws
    -> [ClosedRange<Int64>]
  {
    var bytes = TestBatch(records: deltas.map { _ in TestRecord("v") }, baseOffset: 100).bytes
    bytes[26] = count - 1
    // Length, attributes, timestamp delta, offset delta: a byte each; eight bytes in all.
    for (place, delta) in deltas.enumerated() { bytes[61 + place * 8 + 3] = delta * 2 }
    let space = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { space.deallocate() }
    space.copyBytes(from: bytes)
    var reader = RecordSetReader(verifiesCRC: false)
    reader.open(UnsafeRawBufferPointer(space))
    let batch = try #require(try reader.next())
    return try batch.present(in: offsets)
  }

  @Test("a batch without gaps is not looked into")
  func whole() throws {
    #expect(try present([0, 1, 2, 3], of: 4, in: 101...103) == [101...103])
  }

  @Test("what compaction has left is found, neighbours together")
  func compacted() throws {
    let left: [UInt8] = [1, 2, 5, 7, 8, 9]
    #expect(
      try present(left, of: 12, in: 100...111) == [101...102, 105...105, 107...109])
    #expect(try present(left, of: 12, in: 102...107) == [102...102, 105...105, 107...107])
    #expect(try present(left, of: 12, in: 103...104) == [])
  }

  @Test("offsets that go backwards do not trap")
  func backwards() throws {
    #expect(try present([5, 3, 6, 6], of: 12, in: 100...111) == [105...106])
  }
}
