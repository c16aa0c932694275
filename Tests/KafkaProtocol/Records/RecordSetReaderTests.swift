import CRC32C
import KafkaProtocol
import Testing

@Suite struct RecordSetReaderTests {
  /// A batch of three records whose header, or payload, a test changes; the checksum is then made right again.
  private static func changed(
    _ samples: [Sample] = [Sample(value: "a"), Sample(value: "b"), Sample(value: "c")],
    mendingCRC: Bool = true, _ change: (inout [UInt8]) -> Void
  ) -> [UInt8] {
    var bytes = batch(samples).array
    change(&bytes)
    if mendingCRC { mend(&bytes) }
    return bytes
  }

  static func mend(_ bytes: inout [UInt8]) {
    bytes.replaceSubrange(8..<12, with: bigEndian(Int32(bytes.count - 12)))
    let covered = Array(bytes[21...])
    bytes.replaceSubrange(17..<21, with: bigEndian(hbcat_crc32c(0, covered, covered.count)))
  }

  private static func put<T: FixedWidthInteger>(_ value: T, _ at: Int, in bytes: inout [UInt8]) {
    bytes.replaceSubrange(at..<at + MemoryLayout<T>.size, with: bigEndian(value))
  }

  /// The error with which reading ends.
  private static func error(_ bytes: [UInt8], verifiesCRC: Bool = true) -> RecordError? {
    do {
      _ = try readAll(bytes, verifiesCRC: verifiesCRC)
      return nil
    } catch { return error as? RecordError }
  }

  @Test func `F57 a bad CRC is an error that names the offset`() throws {
    let bytes = Self.changed(mendingCRC: false) {
      Self.put(Int64(41), 0, in: &$0)
      $0[65] ^= 1
    }
    guard case .badCRC(baseOffset: 41, let stated, let computed) = Self.error(bytes) else {
      Issue.record("no error of the checksum")
      return
    }
    #expect(stated != computed)
    #expect("\(try #require(Self.error(bytes)))".hasPrefix("batch at offset 41: CRC is 0x"))
    #expect(Self.error(bytes, verifiesCRC: false) != Self.error(bytes))
  }

  @Test(arguments: [5, 6, 7])
  func `F58 codecs that Kafka does not have are errors`(_ number: UInt8) {
    let bytes = Self.changed { $0[22] = number }
    #expect(Self.error(bytes) == .unknownCodec(baseOffset: 0, codec: Int(number)))
  }

  @Test(arguments: [3, 127, -1])
  func `F58 format versions that Kafka does not have are errors`(_ magic: Int8) {
    let bytes = Self.changed { $0[16] = UInt8(bitPattern: magic) }
    #expect(Self.error(bytes) == .unknownMagic(baseOffset: 0, magic: Int(magic)))
  }

  @Test func `S23 compressed bytes that are said to be plain, and the reverse, are errors`() throws
  {
    var builder = BatchBuilder()
    for index in 0..<100 { _ = builder.append(Sample(value: "value \(index)")) }
    var compressor = Compressor()
    for codec in Codec.allCases where codec != .none {
      var copy = builder
      var packed = try copy.seal(codec: codec, compressor: &compressor).array
      packed[22] = 0
      Self.mend(&packed)
      #expect(Self.error(packed) != nil)
      let plain = Self.changed { $0[22] = UInt8(codec.rawValue) }
      guard case .decompression(baseOffset: 0, _) = Self.error(plain) else {
        Issue.record("\(codec) took plain bytes")
        continue
      }
    }
  }

  @Test func `negative, huge and contradictory numbers of records are errors`() {
    for count: Int32 in [-1, .min, .max, 4, 1_000_000] {
      let bytes = Self.changed { Self.put(count, 57, in: &$0) }
      #expect(Self.error(bytes) == .corrupt(baseOffset: 0, .recordCount(Int(count))))
    }
    let tooFew = Self.changed { Self.put(Int32(2), 57, in: &$0) }
    #expect(Self.error(tooFew) == .corrupt(baseOffset: 0, .trailingBytes))
    let tooMany = Self.changed {
      Self.put(Int32(1000), 57, in: &$0)
      Self.put(Int32(1000), 23, in: &$0)
    }
    #expect(Self.error(tooMany) == .corrupt(baseOffset: 0, .recordCount(1000)))
  }

  @Test func `S7 offsets that are negative or overflow are errors`() {
    for offset: Int64 in [-1, .min, .max, .max - 2] {
      let bytes = Self.changed { Self.put(offset, 0, in: &$0) }
      #expect(Self.error(bytes) == .badOffset(baseOffset: offset, lastOffsetDelta: 2))
    }
    let bytes = Self.changed { Self.put(Int32(-1), 23, in: &$0) }
    #expect(Self.error(bytes) == .badOffset(baseOffset: 0, lastOffsetDelta: -1))
    let last = Self.changed { Self.put(Int64.max - 3, 0, in: &$0) }
    #expect(Self.error(last) == nil)
  }

  @Test func `a record outside its batch's offsets is an error`() {
    let bytes = Self.changed { $0[64] = 6 }  // the first record's delta becomes 3
    #expect(Self.error(bytes) == .corrupt(baseOffset: 0, .offsetDelta(3)))
    let negative = Self.changed { $0[64] = 1 }
    #expect(Self.error(negative) == .corrupt(baseOffset: 0, .offsetDelta(-1)))
  }

  @Test func `lengths in records that are negative or too long are errors`() {
    // A record here: length 7 (0x0e), attributes, two deltas, key −1, value length, value, headers.
    for (place, value, fault) in [
      (61, UInt8(0x0d), RecordFault.negativeLength), (61, 0x7e, .truncated),
      (65, 0x03, .negativeLength), (65, 0x7e, .truncated), (66, 0x03, .negativeLength),
      (66, 0x7e, .truncated), (68, 0x01, .negativeLength),
    ] {
      let bytes = Self.changed([Sample(value: "a")]) { $0[place] = value }
      #expect(Self.error(bytes) == .corrupt(baseOffset: 0, fault), "byte \(place)")
    }
    let endless = Self.changed([Sample(value: "0123456789")]) {
      for place in 61..<72 { $0[place] = 0xff }
    }
    #expect(Self.error(endless) == .corrupt(baseOffset: 0, .varintTooLong))
  }

  @Test func `headers that are fewer, more or nameless are errors`() {
    let sample = Sample(value: nil, headers: [.init(name: "a", value: [1])])
    // Headers begin at 67: count, name's length, name, value's length, value.
    for (place, value, fault) in [
      (67, UInt8(0x04), RecordFault.truncated), (67, 0x00, .trailingBytes),
      (68, 0x01, .nullHeaderName), (68, 0x00, .negativeLength), (70, 0x00, .trailingBytes),
      (70, 0x03, .negativeLength),
    ] {
      let bytes = Self.changed([sample]) { $0[place] = value }
      do {
        _ = try readAll(bytes)
        Issue.record("byte \(place) is taken")
      } catch let error as RecordFault {
        #expect(error == fault, "byte \(place)")
      } catch {
        #expect(error as? RecordError == .corrupt(baseOffset: 0, fault), "byte \(place)")
      }
    }
  }

  @Test func `F54 an empty batch and one with gaps move the offset on`() throws {
    let empty = Self.changed([]) {
      Self.put(Int64(100), 0, in: &$0)
      Self.put(Int32(9), 23, in: &$0)
    }
    let gaps = Self.changed {
      Self.put(Int64(110), 0, in: &$0)
      Self.put(Int32(99), 23, in: &$0)
    }
    let read = try readAll(empty + gaps)
    #expect(read.heads.map(\.nextOffset) == [110, 210])
    #expect(read.records.map(\.offset) == [110, 111, 112])
    var compressedEmpty = empty
    compressedEmpty[22] = 4
    Self.mend(&compressedEmpty)
    #expect(try readAll(compressedEmpty).heads.map(\.nextOffset) == [110])
  }

  @Test func `F56 a last batch of which only a part is there ends the reading`() throws {
    let whole = batch([Sample(value: "a")]).array
    for count in 0..<whole.count {
      let bytes = whole + whole[..<count]
      #expect(try readAll(bytes).records.count == 1)
      var reader = RecordSetReader()
      let size = try bytes.withUnsafeBytes { all -> Int? in
        reader.open(all)
        while try reader.next() != nil {}
        return reader.truncatedBatchSize
      }
      #expect(size == (count < 12 ? nil : whole.count))
    }
  }

  @Test func `a length less than a header is an error and ends the reading`() throws {
    for length: Int32 in [-1, 0, 48, .min] {
      let bytes = Self.changed(mendingCRC: false) { Self.put(length, 8, in: &$0) }
      var reader = RecordSetReader()
      bytes.withUnsafeBytes { all in
        reader.open(all)
        #expect(throws: RecordError.corrupt(baseOffset: 0, .batchLength(Int(length)))) {
          _ = try reader.next()?.baseOffset
        }
        #expect(reader.offsetAfterBadBatch == nil)
        #expect(throws: Never.self) { _ = try reader.next()?.baseOffset }
      }
    }
  }

  @Test func `behind a bad batch reading goes on, and its end is not believed blindly`() throws {
    var bad = Self.changed { Self.put(Int64(10), 0, in: &$0) }
    bad[70] ^= 1
    let good = Self.changed { Self.put(Int64(13), 0, in: &$0) }
    var liar = bad
    Self.put(Int32(1_000_000), 23, in: &liar)
    for first in [bad, liar] {
      var reader = RecordSetReader()
      try (first + good).withUnsafeBytes { all in
        reader.open(all)
        #expect(throws: RecordError.self) { _ = try reader.next()?.baseOffset }
        #expect(reader.offsetAfterBadBatch == 13)
        let next = try reader.next()
        #expect(next?.baseOffset == 13)
        #expect(reader.offsetAfterBadBatch == nil)
      }
    }
    var alone = RecordSetReader()
    liar.withUnsafeBytes { all in
      alone.open(all)
      #expect(throws: RecordError.self) { _ = try alone.next()?.baseOffset }
      #expect(alone.offsetAfterBadBatch == 1_000_011)
    }
  }

  @Test func `S18 a batch that is too large when decompressed names its offset`() throws {
    var sample = Sample(value: "")
    sample.value = Array(repeating: 0, count: 1 << 20)
    var compressor = Compressor()
    for codec in Codec.allCases where codec != .none {
      var builder = BatchBuilder(limits: BatchLimits(maxBytes: 2 << 20))
      _ = builder.append(sample)
      var bytes = try builder.seal(codec: codec, compressor: &compressor).array
      Self.put(Int64(8), 0, in: &bytes)
      let limits = CodecLimits(maxBatchBytes: 1 << 20)
      #expect(
        throws: RecordError.decompressedTooLarge(baseOffset: 8, codec: codec, limit: 1 << 20)
      ) { try readAll(bytes, limits: limits) }
    }
  }

  @Test func `the delete horizon's bit and unknown attributes change nothing`() throws {
    let bytes = Self.changed {
      $0[22] |= 1 << 6
      $0[21] = 0x80
    }
    #expect(try readAll(bytes).records.count == 3)
  }

  @Test func `batches and message sets may follow one another`() throws {
    let old = try MessageSetTests.set([Sample(value: "0")], magic: 0, codec: .none)
    let newer = MessageSetTests.message(offset: 1, magic: 1, attributes: 0, value: [0x31])
    let newest = Self.changed([Sample(value: "2")]) { Self.put(Int64(2), 0, in: &$0) }
    let read = try readAll(old + newer + newest)
    #expect(read.records.map(\.offset) == [0, 1, 2])
    #expect(read.heads.map(\.timestampType) == [.none, .create, .create])
  }
}
