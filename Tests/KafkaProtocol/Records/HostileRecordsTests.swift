import KafkaProtocol
import Testing

@Suite struct HostileRecordsTests {
  /// Every form in which records come, all with the same records.
  static let forms: [GoldenBatches.Golden] =
    GoldenBatches.magic0 + GoldenBatches.magic1 + GoldenBatches.magic2

  @Test(arguments: forms)
  func `every prefix gives the whole batches before its end, or an error`(
    _ golden: GoldenBatches.Golden
  ) throws {
    for count in 0..<golden.bytes.count {
      let read = try readAll(Array(golden.bytes[..<count]))
      #expect(read.records == Array(golden.records.prefix(read.records.count)))
      #expect(read.records.count < golden.records.count)
    }
  }

  @Test(arguments: forms)
  func `every prefix of a payload, with the checksum right, gives an error`(
    _ golden: GoldenBatches.Golden
  ) throws {
    guard golden.bytes[16] == 2 else { return }
    let size = 12 + golden.bytes[8..<12].reduce(0) { $0 << 8 | Int($1) }
    for count in 61..<size {
      var bytes = Array(golden.bytes[..<count])
      RecordSetReaderTests.mend(&bytes)
      #expect(throws: (any Error).self) { try readAll(bytes) }
    }
  }

  @Test(arguments: forms)
  func `every flipped bit under the checksum is found`(_ golden: GoldenBatches.Golden) throws {
    // Of the first batch or message: its checksum and all behind it.
    let size = 12 + golden.bytes[8..<12].reduce(0) { $0 << 8 | Int($1) }
    let isBatch = golden.bytes[16] == 2
    for index in (isBatch ? 17 : 12)..<size where index != 16 {
      for bit in 0..<8 {
        var bytes = golden.bytes
        bytes[index] ^= 1 << bit
        #expect(throws: RecordError.self) { try readAll(bytes) }
      }
    }
  }

  @Test(arguments: forms)
  func `every flipped bit without a checksum gives an error or a value`(
    _ golden: GoldenBatches.Golden
  ) {
    for index in golden.bytes.indices {
      for bit in 0..<8 {
        var bytes = golden.bytes
        bytes[index] ^= 1 << bit
        _ = try? readAll(bytes, limits: CodecLimits(maxBatchBytes: 1 << 20), verifiesCRC: false)
      }
    }
  }

  @Test func `every byte of every value within a compressed message gives an error or a value`()
    throws
  {
    let inner = try MessageSetTests.set(MessageSetTests.samples, magic: 1, codec: .none)
    for index in inner.indices {
      for value: UInt8 in [0x00, 0x01, 0x7f, 0x80, 0xff] {
        var bytes = inner
        bytes[index] = value
        let packed = try compressed(.snappy, bytes)
        let wrapper = MessageSetTests.message(offset: 3, magic: 1, attributes: 2, value: packed)
        _ = try? readAll(wrapper, verifiesCRC: false)
        _ = try? readAll(bytes, verifiesCRC: false)
      }
    }
  }

  @Test func `noise of all lengths gives an error or nothing`() {
    var bytes = Bytes(seed: 9)
    for count in 0..<400 {
      var noise = bytes.bytes(count)
      _ = try? readAll(noise)
      if noise.count > 16 {
        noise[16] = UInt8(count % 3)
        noise.replaceSubrange(8..<12, with: bigEndian(Int32(noise.count - 12)))
        _ = try? readAll(noise, verifiesCRC: false)
      }
    }
  }
}
