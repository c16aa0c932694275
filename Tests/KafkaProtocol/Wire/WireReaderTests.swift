import Glibc
import KafkaProtocol
import Testing

struct WireReaderTests {
  private func varint(_ bytes: [UInt8]) throws(WireError) -> UInt32 {
    try bytes.reading { (buffer) throws(WireError) in
      var reader = WireReader(buffer, version: 0, isFlexible: true)
      var value: UInt32 = 0
      try reader.unsignedVarint(&value)
      return value
    }
  }

  @Test(
    arguments: [
      ([0], 0), ([0x7f], 127), ([0x80, 1], 128), ([0xff, 0xff, 0x7f], 2_097_151),
      ([0xff, 0xff, 0xff, 0xff, 0x0f], UInt32.max), ([0x80, 0x80, 0], 0),
    ] as [([UInt8], UInt32)])
  func `a varint has up to 32 bits in up to five bytes`(bytes: [UInt8], value: UInt32) throws {
    #expect(try varint(bytes) == value)
  }

  @Test(arguments: [
    [0xff, 0xff, 0xff, 0xff, 0x10], [0x80, 0x80, 0x80, 0x80, 0x80, 0],
    [UInt8](repeating: 0xff, count: 100),
  ])
  func `a varint of more than 32 bits or five bytes is an error`(bytes: [UInt8]) {
    #expect(throws: WireError.varintTooLong) { try varint(bytes) }
  }

  @Test func `a varint that ends too early is an error`() {
    #expect(throws: WireError.truncated(missing: 1)) { try varint([0x80]) }
  }

  @Test func `a number tells how many bytes are missing`() {
    #expect(throws: WireError.truncated(missing: 3)) { try WireSample.read([1], 0) }
  }

  @Test func `null is refused where the version knows none`() throws {
    let nullName: [UInt8] = [0, 0, 0, 0, 0xff, 0xff]
    #expect(throws: WireError.unexpectedNull) { try WireSample.read(nullName, 0) }
    let rest: [UInt8] = [
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0,
    ]
    let read = try WireSample.read(nullName + rest, 1)
    #expect(read.name == nil && read.data == nil)
    #expect(throws: WireError.unexpectedNull) { try WireSample.read([0, 0, 0, 0, 0, 0] + rest, 0) }
  }

  @Test func `arrays that may not be null refuse it, in both forms`() {
    #expect(throws: WireError.unexpectedNull) {
      try WireSample.read([0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], 0)
    }
    #expect(throws: WireError.unexpectedNull) { try WireSample.read([0, 0, 0, 0, 1, 0], 2) }
    #expect(throws: WireError.unexpectedNull) { try WireSample.read([0, 0, 0, 0, 1, 1, 2, 0], 2) }
  }

  @Test func `a negative length other than null is an error`() {
    #expect(throws: WireError.negativeLength(-2)) {
      try WireSample.read([0, 0, 0, 0, 0xff, 0xfe], 0)
    }
    #expect(throws: WireError.negativeLength(Int(Int32.min))) {
      try WireSample.read([0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0], 0)
    }
  }

  @Test func `a string beyond 32767 bytes is refused, as Kafka does`() {
    let head: [UInt8] = [0, 0, 0, 0, 0x81, 0x80, 2]
    #expect(throws: WireError.lengthOverLimit(32_768, limit: 32_767)) {
      try WireSample.read(head + [UInt8](repeating: 65, count: 40_000), 2)
    }
  }

  @Test func `bytes that are not UTF-8 become replacement characters`() throws {
    let read = try WireSample.read([0, 0, 0, 0, 3, 0xc3, 0x28, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], 2)
    #expect(read.name == "\u{fffd}(")
  }

  @Test func `counts that the message cannot hold are refused before any room is made`() {
    var before = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &before)
    let huge: [UInt8] = [0x7f, 0xff, 0xff, 0xff]
    let compact: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x0f]
    for _ in 0..<100 {
      #expect(throws: WireError.lengthOverLimit(Int(Int32.max), limit: 2)) {
        try WireSample.read([0, 0, 0, 0, 0, 0] + huge + [UInt8](repeating: 0, count: 8), 0)
      }
      // Numbers, strings, structs.
      for count in 1...3 {
        let head: [UInt8] = [0, 0, 0, 0, 1] + [UInt8](repeating: 1, count: count - 1)
        #expect(throws: WireError.lengthOverLimit(4_294_967_294, limit: count == 1 ? 2 : 8)) {
          try WireSample.read(head + compact + [UInt8](repeating: 0, count: 8), 2)
        }
      }
      // Bytes and records.
      #expect(throws: WireError.truncated(missing: 4_294_967_294)) {
        try WireSample.read([0, 0, 0, 0, 1, 1, 1, 1] + compact, 2)
      }
      #expect(throws: WireError.truncated(missing: 4_294_967_294)) {
        try WireSample.read([0, 0, 0, 0, 1, 1, 1, 1, 0] + compact, 2)
      }
    }
    var after = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &after)
    #expect(after.ru_maxrss - before.ru_maxrss < 64 << 10, "KiB; other tests run meanwhile")
  }

  @Test func `record data stays where it is`() throws {
    let read = try WireSample.read([0, 0, 0, 0, 1, 1, 1, 1, 0, 4, 7, 8, 9, 0, 0, 0, 0, 0], 2)
    #expect(read.records == RecordsSlice(offset: 10, count: 3))
  }
}
