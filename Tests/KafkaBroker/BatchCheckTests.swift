import KafkaProtocol
import Testing

@testable import KafkaBroker

struct BatchCheckTests {
  private func refusal(
    _ bytes: [UInt8], version: Int16 = 13, max: Int = 1 << 20, readsRecords: Bool = true
  ) -> BatchRefusal? {
    var check = BatchCheck(batchBytesMax: max, readsRecords: readsRecords)
    do {
      try bytes.withUnsafeBytes { bytes in _ = try check.check(bytes, produceVersion: version) }
      return nil
    } catch {
      return error as? BatchRefusal
    }
  }

  /// Changes bytes of a batch and gives it the checksum that fits.
  private func altered(_ bytes: [UInt8], _ change: (inout [UInt8]) -> Void) -> [UInt8] {
    var copy = bytes
    change(&copy)
    var crc: UInt32 = 0xffff_ffff
    for byte in copy[21...] {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0x82f6_3b78 }
    }
    withUnsafeBytes(of: (~crc).bigEndian) { copy.replaceSubrange(17..<21, with: $0) }
    return copy
  }

  @Test(arguments: Codec.allCases)
  func `a good batch of any codec is summed up`(_ codec: Codec) throws {
    let bytes = try makeBatch(
      ["a", "b", "c"], timestamp: 5, codec: codec, producerId: 7, epoch: 2, sequence: 9)
    var check = BatchCheck()
    let summary = try bytes.withUnsafeBytes { try check.check($0, produceVersion: 7) }
    #expect(
      summary
        == BatchSummary(
          recordCount: 3, maxTimestamp: 7, producerId: 7, producerEpoch: 2, baseSequence: 9))
  }

  @Test func `a flipped bit anywhere behind the epoch is refused`() throws {
    let bytes = try makeBatch(["some", "records"])
    for place in 16..<bytes.count {
      var broken = bytes
      broken[place] ^= 0x10
      #expect(refusal(broken) != nil, "byte \(place)")
    }
    var broken = bytes
    broken[60] ^= 1
    #expect(refusal(broken)?.code == .corruptMessage)
  }

  @Test func `a batch that is cut anywhere is refused`() throws {
    let bytes = try makeBatch(["some", "records"])
    for count in 0..<bytes.count {
      #expect(refusal(Array(bytes.prefix(count))) != nil, "\(count) bytes")
    }
    #expect(refusal(Array(bytes.dropLast()))?.code == .corruptMessage)
  }

  @Test func `two batches are one too many`() throws {
    let bytes = try makeBatch(["a"])
    #expect(refusal(bytes + bytes)?.code == .invalidRecord)
  }

  @Test func `a batch over the limit is too large, and that is no violation`() throws {
    let bytes = try makeBatch(["a"])
    let refused = try #require(refusal(bytes, max: bytes.count - 1))
    #expect(refused.code == .messageTooLarge)
    #expect(!refused.isViolation)
    #expect(refusal(bytes, max: bytes.count) == nil)
  }

  @Test func `zstd needs version 7`() throws {
    let bytes = try makeBatch(["a"], codec: .zstd)
    #expect(refusal(bytes, version: 6)?.code == .unsupportedCompressionType)
    #expect(refusal(bytes, version: 7) == nil)
  }

  @Test func `old message formats are refused`() throws {
    var bytes = try makeBatch(["a"])
    bytes[16] = 1
    #expect(refusal(bytes)?.code == .invalidRecord)
  }

  @Test func `a transaction without a producer and a control batch are refused`() throws {
    var builder = BatchBuilder()
    let added = builder.append(key: nil, value: nil, timestamp: 0)
    #expect(added)
    var sealed = builder.seal()
    sealed.stamp(producerId: 1, epoch: 0, sequence: 0, transactional: true)
    #expect(refusal(sealed.array) == nil)
    sealed.stamp(producerId: -1, epoch: -1, sequence: -1, transactional: true)
    #expect(refusal(sealed.array)?.code == .invalidRecord)
    sealed.stamp(producerId: 1, epoch: 0, sequence: 0)
    sealed.markAsControl()
    #expect(refusal(sealed.array)?.code == .invalidRecord)
  }

  @Test func `an idempotent producer without a sequence is refused`() throws {
    #expect(
      try refusal(makeBatch(["a"], producerId: 4, epoch: 0, sequence: -1))?.code == .invalidRecord)
    #expect(
      try refusal(makeBatch(["a"], producerId: 4, epoch: -1, sequence: 0))?.code == .invalidRecord)
  }

  @Test func `a count that does not fit the last offset is refused although the checksum is right`()
    throws
  {
    let bytes = try makeBatch(["a", "b", "c"])
    // One record less than the offsets say, one more than there are bytes for, none at all.
    for (place, value) in [(60, UInt8(2)), (26, 3), (60, 0)] {
      let wrong = altered(bytes) { $0[place] = value }
      #expect(refusal(wrong, readsRecords: false)?.isViolation == true, "\(place) \(value)")
    }
    let both = altered(bytes) {
      $0[60] = 4
      $0[26] = 3
    }
    #expect(refusal(both)?.isViolation == true)
    #expect(refusal(both, readsRecords: false) == nil)
  }

  @Test func `records that do not count up by one are refused`() throws {
    let bytes = try makeBatch(["a", "b"])
    // Behind the header: length, attributes, timestamp delta, offset delta.
    let wrong = altered(bytes) { $0[61 + 3] = 2 }
    let refused = try #require(refusal(wrong))
    #expect(refused.code == .invalidRecord)
    #expect(refused.message == "record 0 of the batch has offset delta 1")
  }

  @Test func `the time of the append is the broker's to set`() throws {
    let wrong = try altered(makeBatch(["a"])) { $0[22] |= 8 }
    #expect(refusal(wrong)?.code == .invalidTimestamp)
  }

  @Test func `a latest time that is not that of the records is noted, and put right for the index`()
    throws
  {
    let bytes = try altered(makeBatch(["a", "b"], timestamp: 70)) { $0[42] = 99 }
    var check = BatchCheck()
    let summary = try bytes.withUnsafeBytes { try check.check($0, produceVersion: 9) }
    #expect(summary.maxTimestamp == 71)
    #expect(
      summary.doubt == "the batch's latest timestamp is 71, its header says 99")
  }
}
