import Avro
import Testing

/// Values of every type, against what kcat prints of them.
@Suite struct AvroDecoderTests {
  @Test(arguments: Golden.values.indices)
  func `a value is printed as kcat prints it`(index: Int) throws {
    let golden = Golden.values[index]
    let json = try Given.json(golden.schema, Given.bytes(golden.hex))
    #expect(json == golden.json, "\(golden.name)")
  }

  @Test(arguments: Golden.faults.indices)
  func `a broken value is refused in kcat's words`(index: Int) throws {
    let golden = Golden.faults[index]
    let json = try Given.json(golden.schema, Given.bytes(golden.hex))
    #expect(json == "error: \(golden.error)", "\(golden.name)")
  }

  @Test func `what kcat refuses or loses of good values is printed`() throws {
    let nan = Double.nan.bitPattern
    let bytes = { (bits: UInt64) in (0..<8).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) } }
    #expect(try Given.json("\"double\"", bytes(nan)) == "\"NaN\"")
    #expect(try Given.json("\"double\"", bytes(Double.infinity.bitPattern)) == "\"Infinity\"")
    #expect(try Given.json("\"double\"", bytes((-Double.infinity).bitPattern)) == "\"-Infinity\"")
    #expect(try Given.json("\"string\"", Given.string("a\0b")) == #""a\u0000b""#)
    #expect(try Given.json("\"string\"", [6, 0x61, 0xff, 0x62]) == #""a\uFFFDb""#)
    let fixed = #"{"type":"fixed","name":"F","size":0}"#
    #expect(try Given.json(fixed, []) == "\"\"")
  }

  @Test func `of a map's entries with one key the last counts, where the first one stood`() throws {
    let ints = #"{"type":"map","values":"int"}"#
    let entry = { (key: String, value: Int64) in Given.string(key) + Given.long(value) }
    #expect(
      try Given.json(
        ints,
        [8] + entry("a", 1) + entry("b", 2) + entry("a", 3) + entry("c", 4) + [2]
          + entry("a", 5) + [0]) == #"{"a": 5, "b": 2, "c": 4}"#)
    #expect(try Given.json(ints, [4] + entry("a", 1) + entry("a", 22) + [0]) == #"{"a": 22}"#)
    let maps = #"{"type":"map","values":{"type":"map","values":"int"}}"#
    let inner = { (value: Int64) in [4] + entry("x", 7) + entry("x", value) + [0] }
    #expect(
      try Given.json(
        maps,
        [6] + Given.string("a") + inner(1) + Given.string("b") + inner(2)
          + Given.string("a") + inner(3) + [0]) == #"{"a": {"x": 3}, "b": {"x": 2}}"#)
    let many = (0..<1000).flatMap { entry("key-\($0 % 250)", Int64($0)) }
    let once = (0..<250).map { "\"key-\($0)\": \($0 + 750)" }.joined(separator: ", ")
    #expect(try Given.json(ints, Given.long(1000) + many + [0]) == "{\(once)}")
  }

  @Test func `an enum beyond its symbols is refused`() throws {
    let schema = #"{"type":"enum","name":"E","symbols":["A","B"]}"#
    let text = "error: Failed to read avro value: Cannot read enum value: "
    #expect(try Given.json(schema, [4]) == text + "there is no symbol 2, the schema has 2")
    #expect(try Given.json(schema, [1]) == text + "there is no symbol -1, the schema has 2")
  }

  @Test func `every prefix of a value is refused`() throws {
    for golden in Golden.values
    where !golden.hex.isEmpty && golden.name != "bytes at the top"
      && golden.name != "trailing bytes"
    {
      let schema = try Given.schema(golden.schema)
      let bytes = Given.bytes(golden.hex)
      for count in 0..<bytes.count {
        let json = Given.json(schema, Array(bytes[..<count]))
        #expect(json.hasPrefix("error: "), "\(golden.name): \(count) bytes gave \(json)")
      }
    }
  }

  @Test func `one decoder reads value after value, large and small`() throws {
    let schema = try Given.schema("\"string\"")
    var decoder = AvroDecoder()
    for length in [0, 3, 5_000_000, 1, 70_000] {
      let text = String(repeating: "x", count: length)
      try Given.string(text).withUnsafeBytes { try decoder.decode($0, by: schema) }
      #expect(String(decoding: decoder.json, as: UTF8.self) == "\"\(text)\"")
    }
  }

  // MARK: Hostile values

  @Test func `S62: a block count of 2 to the 62 of values without bytes ends at once`() throws {
    let count = Given.long(1 << 62)
    for items in [
      "\"null\"", #"{"type":"fixed","name":"F","size":0}"#,
      #"{"type":"record","name":"R","fields":[]}"#,
    ] {
      let json = try Given.json(#"{"type":"array","items":\#(items)}"#, count)
      #expect(json.hasPrefix("error: ") && json.contains("may have at most 16777"), "\(json)")
    }
    let wide = (0..<1000).map { #"{"name":"f\#($0)","type":"null"}"# }.joined(separator: ",")
    let json = try Given.json(
      #"{"type":"array","items":{"type":"record","name":"R","fields":[\#(wide)]}}"#, count)
    #expect(json.contains("may have at most"))
  }

  @Test func `S62: counts and lengths beyond the value are refused`() throws {
    for value in [Int64.max, 1 << 40, .min, -1, -(1 << 40)] {
      for schema in [
        #"{"type":"array","items":"int"}"#, #"{"type":"map","values":"int"}"#, "\"string\"",
        #"{"type":"record","name":"R","fields":[{"name":"b","type":"bytes"}]}"#,
      ] {
        let json = try Given.json(schema, Given.long(value) + Given.long(2))
        #expect(json.hasPrefix("error: "), "\(schema) \(value): \(json)")
      }
    }
  }

  @Test func `S62: a list is read to a depth of 512 and no further`() throws {
    let list =
      #"{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}"#
    let deep = try Given.json(list, [UInt8](repeating: 2, count: 255) + [0])
    #expect(
      deep.hasPrefix(#"{"next": {"L": {"next": "#)
        && deep.hasSuffix("null" + String(repeating: "}", count: 511)))
    let deeper = try Given.json(list, [UInt8](repeating: 2, count: 100_000))
    #expect(deeper.contains("more than 512"))
    // A record of itself has no bytes at all.
    let endless = #"{"type":"record","name":"A","fields":[{"name":"a","type":"A"}]}"#
    #expect(try Given.json(endless, []).contains("more than 512"))
  }

  @Test func `any bytes by any schema end in a value or an error`() throws {
    var generator = SystemRandomNumberGenerator()
    for golden in Golden.values {
      let schema = try Given.schema(golden.schema)
      for _ in 0..<40 {
        let bytes = (0..<Int.random(in: 0..<24)).map { _ in
          Bool.random() ? UInt8.random(in: 0..<8) : UInt8.random(in: 0...255, using: &generator)
        }
        #expect(!Given.json(schema, bytes).isEmpty)
      }
    }
  }
}
