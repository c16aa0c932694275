import KafkaProtocol
import Testing

@testable import HbcatCLI

@Suite struct JSONEnvelopeTests {
  static let newline = RecordFormat.json(separator: [10])

  @Test func `the envelope is kcat's, byte for byte`() throws {
    let record = TestRecord(
      "v1", key: "k1", headers: [("h1", "v1"), ("nullh", nil), ("empty", ""), ("h1", "dup")],
      timestamp: 1_795_489_206_436)
    let format = PartitionFormat(Self.newline, topic: "t3", partition: 2, brokerId: 1)
    let bytes = try printed(TestBatch(records: [record]), as: format).bytes
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        {"topic":"t3","partition":2,"offset":0,"tstype":"create","ts":1795489206436,"broker":1,\
        "headers":["h1","v1","nullh",null,"empty","","h1","dup"],"key":"k1","payload":"v1"}

        """)
  }

  @Test func `null and empty differ, and objects may be glued`() throws {
    let records = [TestRecord(nil), TestRecord("", key: "")]
    let start = #"{"topic":"t","partition":3,"offset":"#
    let middle = #","tstype":"create","ts":1700000000000,"broker":1,"#
    #expect(
      try printed(records, as: .json(separator: []))
        == start + "40" + middle + #""key":null,"payload":null}"#
        + start + "41" + middle + #""key":"","payload":""}"#)
  }

  @Test func `log append time has its name, and -Z changes nothing`() throws {
    var json = Self.newline
    json.nullText = Array("NULL".utf8)
    let format = PartitionFormat(json, topic: "t", partition: 0)
    let batch = TestBatch(records: [TestRecord(nil, timestamp: 5)], isLogAppend: true)
    #expect(
      String(decoding: try printed(batch, as: format).bytes, as: UTF8.self) == """
        {"topic":"t","partition":0,"offset":0,"tstype":"logappend","ts":5,"broker":-1,\
        "key":null,"payload":null}

        """)
  }

  @Test func `timestamps are left out where the format has none`() throws {
    var end = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 1)
    let start = end
    defer { start.deallocate() }
    PartitionFormat.writeJSONTimestamp(-1, .none, &end)
    #expect(end == start)
  }

  @Test func `escapes are yajl's`() throws {
    let text = "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}é€😀"
    let expected = #"\"\\/\b\f\n\r\t\u0000\u001F"# + "\u{7f}é€😀"
    #expect(escaped(Array(text.utf8)) == Array(expected.utf8))
  }

  @Test(arguments: [
    ([0xff], "\u{fffd}"), ([0xc3], "\u{fffd}"), ([0xe2, 0x82], "\u{fffd}"),
    ([0xe2, 0x82, 0x41], "\u{fffd}A"), ([0xed, 0xa0, 0x80], "\u{fffd}\u{fffd}\u{fffd}"),
    ([0xc0, 0xaf], "\u{fffd}\u{fffd}"),
    ([0xf4, 0x90, 0x80, 0x80], "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
    ([0x41, 0x80, 0x42], "A\u{fffd}B"), ([0xf0, 0x9f, 0x98], "\u{fffd}"),
  ])
  func `bytes that are not UTF-8 become U+FFFD`(bytes: [UInt8], expected: String) {
    #expect(escaped(bytes) == Array(expected.utf8))
  }

  @Test func `random bytes are escaped as a scalar at a time would be`() throws {
    var random = Repeatable(11)
    for round in 0..<20_000 {
      let ranges: [ClosedRange<UInt8>] = [0...255, 0x20...0x7e, 0x80...0xff, 0...0x40, 0xe0...0xf5]
      var bytes = random.bytes(
        Int.random(in: 0...40, using: &random), from: ranges[round % ranges.count])
      if round % 3 == 0 {
        for character in ["é", "€", "😀", "\"", "\u{1}"] {
          let at = Int.random(in: 0...bytes.count, using: &random)
          bytes.insert(contentsOf: Array(character.utf8), at: at)
        }
      }
      let isSame = escaped(bytes) == naive(bytes)
      try #require(isSame, "\(bytes)")
    }
  }

  @Test func `large strings are escaped the same, wherever they are cut`() throws {
    var random = Repeatable(12)
    let format = PartitionFormat(Self.newline, topic: "t", partition: 0)
    let kinds: [[UInt8]] = [
      [0x80], [1], Array("é".utf8), Array("€".utf8), Array("😀".utf8), [0xf0, 0x9f, 0x98],
    ]
    for kind in kinds {
      for size in [4096, 8191, 8192, 8193, 70_000] {
        var value = random.bytes(Int.random(in: 0...3, using: &random), from: 0x61...0x7a)
        while value.count < size { value += kind }
        let batch = TestBatch(records: [TestRecord(bytes: value)])
        let text = try printed(batch, as: format).bytes
        let suffix = Array("\"payload\":\"".utf8) + naive(value) + Array("\"}\n".utf8)
        let isSame = text.suffix(suffix.count) == suffix[...]
        #expect(isSame, "\(kind) \(size)")
      }
    }
  }

  @Test func `what pack formats print is a string in the envelope`() throws {
    var json = Self.newline
    json.valueSerdes = try Serdes(parsing: "b c", for: .value)
    let line = try printed([TestRecord(bytes: [0xff, 0x22])], as: json)
    #expect(line.hasSuffix(#""key":null,"payload":"-1 \""}"# + "\n"))
  }

  @Test func `for a terminal the envelope escapes what JSON leaves`() throws {
    let record = TestRecord("\u{1b}\u{7f}\u{9b}\u{202e}ok\"")
    let line = try printed([record], as: Self.newline, forTerminal: true)
    #expect(line.hasSuffix(#""payload":"\u001B\u007F\u009B\u202Eok\""}"# + "\n"))
  }

  private func escaped(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    bytes.withUnsafeBytes { JSONText.append($0, to: &text) }
    return Array(text.dropFirst().dropLast())
  }

  private func naive(_ bytes: [UInt8]) -> [UInt8] {
    var result = ""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{8}": result += "\\b"
      case "\u{c}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return Array(result.utf8)
  }
}
