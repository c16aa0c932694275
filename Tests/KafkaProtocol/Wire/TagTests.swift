import KafkaProtocol
import Testing

/// Tagged fields (KIP-482).
struct TagTests {
  @Test func `tagged fields are written by rising tag and only where they differ`() throws {
    #expect(try WireSample().bytes(2) == WireSample.plain + [0])
    var sample = WireSample()
    sample.text = "x"
    sample.small = 5
    sample.part.value = 7
    #expect(
      try sample.bytes(2) == WireSample.plain + [
        3, 0, 4, 0, 0, 0, 5, 1, 2, 7, 0, 3, 2, 2, UInt8(ascii: "x"),
      ])
  }

  @Test func `unknown tags are passed over, wherever they stand`() throws {
    let read = try WireSample.read(
      WireSample.plain + [4, 0, 4, 0, 0, 0, 9, 2, 3, 1, 2, 3, 3, 2, 2, 65, 0xff, 1, 0], 2)
    #expect(read.small == 9 && read.text == "A")
  }

  @Test func `unsorted tags are read all the same, as Kafka does`() throws {
    let read = try WireSample.read(WireSample.plain + [2, 3, 2, 2, 65, 0, 4, 0, 0, 0, 9], 2)
    #expect(read.small == 9 && read.text == "A")
  }

  @Test func `the last of duplicate tags counts`() throws {
    let read = try WireSample.read(WireSample.plain + [2, 3, 2, 2, 65, 3, 2, 2, 66], 2)
    #expect(read.text == "B")
  }

  @Test func `a tagged field that is longer or shorter than its value is an error`() {
    #expect(throws: WireError.taggedFieldLength(tag: 0)) {
      try WireSample.read(WireSample.plain + [1, 0, 5, 0, 0, 0, 9, 0], 2)
    }
    // The value may not reach beyond its field, though the message goes on.
    #expect(throws: WireError.truncated(missing: 1)) {
      try WireSample.read(WireSample.plain + [2, 0, 3, 0, 0, 0, 1, 2, 0, 0], 2)
    }
  }

  @Test func `a tagged field beyond the end of the message is an error`() {
    #expect(throws: WireError.truncated(missing: 97)) {
      try WireSample.read(WireSample.plain + [1, 9, 100, 1, 2, 3], 2)
    }
    #expect(throws: WireError.lengthOverLimit(4_294_967_295, limit: 1)) {
      try WireSample.read(WireSample.plain + [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0], 2)
    }
  }

  @Test func `the struct in a tagged field has tags of its own`() throws {
    // Its unknown tag 0 is not the outer struct's.
    let read = try WireSample.read(WireSample.plain + [1, 1, 8, 7, 1, 0, 4, 0, 0, 0, 9], 2)
    #expect(read.part.value == 7 && read.small == 0)
  }

  @Test func `a message without its tag section is truncated`() {
    #expect(throws: WireError.truncated(missing: 1)) { try WireSample.read(WireSample.plain, 2) }
  }
}
