import KafkaProtocol
import Testing

struct WireWriterTests {
  @Test func `a value that the version lacks is an error`() throws {
    var sample = WireSample()
    sample.data = []
    sample.lost = 3
    #expect(throws: WireError.fieldNotInVersion(version: 0)) { try sample.bytes(0) }
    #expect(try WireSample.read(sample.bytes(1), 1).lost == 3)
    sample.lost = -1
    #expect(try sample.bytes(0).count == 26)
  }

  @Test func `an ignorable value that the version lacks is dropped`() throws {
    var sample = WireSample()
    sample.data = []
    let before = try sample.bytes(0)
    sample.ignored = 3
    sample.text = "only since version 2"
    sample.part.value = 1
    #expect(try sample.bytes(0) == before)
    sample.small = 1
    #expect(throws: WireError.fieldNotInVersion(version: 0)) { try sample.bytes(0) }
  }

  @Test func `null is refused where the version knows none`() throws {
    var sample = WireSample()
    sample.data = []
    sample.name = nil
    #expect(throws: WireError.unexpectedNull) { try sample.bytes(0) }
    #expect(try WireSample.read(sample.bytes(1), 1).name == nil)
    sample.name = ""
    sample.data = nil
    #expect(throws: WireError.unexpectedNull) { try sample.bytes(0) }
  }

  @Test func `a string beyond 32767 bytes is refused in all versions`() {
    var sample = WireSample()
    sample.data = []
    sample.name = String(repeating: "ü", count: 16_384)
    for version: Int16 in 0...2 {
      #expect(throws: WireError.lengthOverLimit(32_768, limit: 32_767)) {
        try sample.bytes(version)
      }
    }
  }

  @Test func `record data is left out and its place noted`() throws {
    var sample = WireSample()
    sample.records = RecordsSlice(offset: 77, count: 300)
    let writer = try sample.encode(version: 2, isFlexible: true)
    // Number, name, three counts, data, and the compact length of 300.
    #expect(writer.bytes[9..<11] == [0xad, 2])
    #expect(writer.splices.map(\.headCount) == [11])
    #expect(writer.splices.map(\.records) == [RecordsSlice(offset: 77, count: 300)])
  }

  @Test func `a value is the same after it was written and read`() throws {
    var sample = WireSample()
    sample.number = .min
    sample.name = "müsli"
    sample.numbers = [1, -1, .max]
    sample.names = ["", "b"]
    sample.parts = [WireSample.Part(value: -1)]
    sample.data = [0, 255]
    sample.lost = 2
    sample.ignored = 3
    for version: Int16 in 1...2 {
      let read = try WireSample.read(sample.bytes(version), version)
      #expect(read.number == .min && read.name == "müsli" && read.numbers == [1, -1, .max])
      #expect(read.names == ["", "b"] && read.parts == sample.parts && read.data == [0, 255])
      #expect(read.lost == 2 && read.ignored == 3 && read.records == nil)
    }
  }
}
