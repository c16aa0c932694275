import Avro
import Testing

/// Schemas: names, namespaces, references, and what is refused.
@Suite struct AvroSchemaTests {
  private func refusal(_ text: String) -> String {
    do throws(AvroError) {
      var parser = AvroSchemaParser()
      try parser.read(Array(text.utf8))
      return "read"
    } catch { return error.description }
  }

  @Test(arguments: [
    ("\"nope\"", "Unknown Avro \"type\": nope"),
    (#"{"type":"record","name":"R"}"#, "Record type must have \"fields\""),
    (#"{"type":"record","fields":[]}"#, "Record type must have a \"name\""),
    (#"{"type":"record","name":"R","fields":{}}"#, "Record type must have \"fields\""),
    (#"{"type":"record","name":"R","fields":[1]}"#, "Record field 0 must be an object"),
    (#"{"type":"record","name":"R","fields":[{}]}"#, "Record field 0 must have a \"name\""),
    (
      #"{"type":"record","name":"R","fields":[{"name":"a"}]}"#,
      "Record field 0 must have a \"type\""
    ),
    (#"{"type":"array"}"#, "Array type must have \"items\""),
    (#"{"type":"map"}"#, "Map type must have \"values\""),
    (#"{"type":"enum","name":"E"}"#, "Enum type must have \"symbols\""),
    (#"{"type":"enum","name":"E","symbols":[]}"#, "Enum type must have at least one symbol"),
    (#"{"type":"enum","name":"E","symbols":[1]}"#, "a name in the schema must be a string"),
    ("[]", "Union type must have at least one branch"),
    ("1", "\"type\" field must be a string"),
    ("{}", "\"type\" field must be a string"),
    (#"{"type":"record","name":"","fields":[]}"#, "Invalid Avro identifier"),
    (
      #"{"type":"fixed","name":"F","size":-1}"#,
      "Fixed type must have a \"size\" from 0 to 2147483647"
    ),
    (
      #"{"type":"fixed","name":"F","size":2147483648}"#,
      "Fixed type must have a \"size\" from 0 to 2147483647"
    ),
  ])
  func `what is no schema is refused in avro-c's words`(text: String, error: String) {
    #expect(refusal(text) == error)
  }

  @Test func `what is no JSON is refused where it ends`() {
    for text in ["", "{", "[\"int\"", "\"int\" x", "{\"type\":\"int\",}", "\u{1}"] {
      #expect(refusal(text).hasPrefix("Error parsing JSON: line 1, column "), "\(text)")
    }
  }

  @Test func `names are found in their namespaces`() throws {
    let schema = #"""
      {"type":"record","name":"a.b.Outer","fields":[
        {"name":"i","type":{"type":"record","name":"Inner","fields":[
          {"name":"e","type":{"type":"enum","name":"c.E","symbols":["X"]}}]}},
        {"name":"j","type":["null","a.b.Inner"]},
        {"name":"k","type":["c.E","Inner"]},
        {"name":"l","type":{"type":"record","name":"Bare","namespace":"","fields":[]}},
        {"name":"m","type":["Bare"]}]}
      """#
    #expect(
      try Given.json(schema, [0, 2, 0, 2, 0, 0])
        == #"{"i": {"e": "X"}, "j": {"Inner": {"e": "X"}}, "k": {"Inner": {"e": "X"}}, "l": {}, "#
        + #""m": {"Bare": {}}}"#)
  }

  @Test func `members may come in any order and types may be wrapped`() throws {
    let schema =
      #"{"fields":[{"type":{"type":{"type":"int","x":[{}]}},"name":"a"}],"doc":"é","type":"record","name":"R"}"#
    #expect(try Given.json(schema, [2]) == #"{"a": 1}"#)
    #expect(
      try Given.json(#"[{"type":{"type":"enum","name":"n.E","symbols":["A"]}}]"#, [0, 0])
        == #"{"E": "A"}"#)
  }

  @Test func `names that JSON must escape are escaped`() throws {
    let schema = #"{"type":"record","name":"R","fields":[{"name":"\"é\n","type":"int"}]}"#
    #expect(try Given.json(schema, [2]) == #"{"\"\u00E9\n": 1}"#)
  }

  @Test func `types of schemas that were read before are known`() throws {
    let schema = try Given.schema(
      #"{"type":"enum","name":"x.Color","symbols":["RED","BLUE"]}"#,
      #"{"type":"record","name":"x.Car","fields":[{"name":"color","type":"Color"}]}"#,
      #"{"type":"record","name":"Fleet","fields":[{"name":"cars","type":{"type":"array","items":"x.Car"}}]}"#
    )
    #expect(
      Given.json(schema, [4, 2, 0, 0])
        == #"{"cars": [{"color": "BLUE"}, {"color": "RED"}]}"#)
  }

  @Test func `S61: a schema that is too large or too deep is refused`() {
    #expect(
      refusal(String(repeating: " ", count: AvroSchemaParser.textBytesMax + 1))
        == "the schema has 1048577 bytes; at most 1048576 are taken")
    let deep = String(repeating: #"{"type":"array","items":"#, count: 100_000 / 24)
    #expect(refusal(deep).contains("more than 64"))
    #expect(refusal(String(repeating: "[", count: 100_000)).contains("more than 64"))
    #expect(
      refusal(String(repeating: "[", count: 60) + "\"int\"" + String(repeating: "]", count: 60))
        == "read")
  }
}
