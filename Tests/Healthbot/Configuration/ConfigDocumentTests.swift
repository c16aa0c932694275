import Testing

@testable import Healthbot

private func nodes(_ bytes: [UInt8]) -> Result<[ConfigNode], ConfigIssue> {
  bytes.withUnsafeBytes { bytes in
    Result { () throws(ConfigIssue) in try ConfigDocument.nodes(in: bytes, file: "f") }
  }
}

private func failure(_ text: String) -> String {
  switch nodes(Array(text.utf8)) {
  case .success(let nodes): "read: \(nodes.map(shape))"
  case .failure(let issue): issue.description
  }
}

/// A node and its lines as a text: `{a@1: "x"@1}`.
private func shape(_ node: ConfigNode) -> String {
  let text =
    switch node.content {
    case .mapping(let entries):
      "{"
        + entries.map { "\($0.name)@\($0.place.line): \(shape($0.value))" }.joined(separator: ", ")
        + "}"
    case .sequence(let nodes): "[" + nodes.map(shape).joined(separator: ", ") + "]"
    case .string(let text): "\"\(text)\""
    case .number(let text): text
    case .bool(let value): "\(value)"
    case .null: "null"
    }
  return "\(text)@\(node.place.line)"
}

@Suite struct ConfigDocumentTests {
  @Test func `YAML and JSON give the same tree, with lines`() throws {
    let yaml = "a:\n  - 1\n  - 'x'\n  - yes\n  - ~\nb: {c: true}\n"
    let json = "{\"a\":\n  [1,\n  \"x\",\n  \"yes\",\n  null],\n\"b\": {\"c\": true}}\n"
    let tree = "{a@1: [1@2, \"x\"@3, \"yes\"@4, null@5]@2, b@6: {c@6: true@6}@6}@1"
    for text in [yaml, json] {
      #expect(try nodes(Array(text.utf8)).get().map(shape) == [tree])
    }
  }

  @Test(arguments: [
    ("12", "12"), ("-1.5e3", "-1.5e3"), ("0x1F", "0x1F"), ("+7", "+7"),
    ("10.0.0.1", "\"10.0.0.1\""),
    ("1:30", "\"1:30\""), ("'12'", "\"12\""), ("no", "\"no\""), ("False", "false"),
    ("Null", "null"), ("", "null"), ("nan", "\"nan\""), ("-", "[null]"), ("v1", "\"v1\""),
    ("1_000", "\"1_000\""), ("2023-03-01", "\"2023-03-01\""),
  ])
  func `plain scalars are typed by YAML 1.2's core schema`(_ text: String, _ kind: String) throws {
    let tree = try nodes(
      Array("a: \(text)".replacing("a: -", with: text == "-" ? "a:\n -" : "a: -").utf8)
    )
    .get()
    let shown = try shape(#require(tree.first)).replacing(/@\d+/, with: "")
    #expect(shown == "{a: \(kind)}")
  }

  @Test func `JSON keeps surrogate pairs, escaped slashes and tabs`() throws {
    let text = "\t{\"a\":\t\"\\ud83d\\udd14 \\/\"}"
    let tree = try nodes(Array(text.utf8)).get()
    #expect(try shape(#require(tree.first)) == "{a@1: \"🔔 /\"@1}@1")
  }

  @Test func `S40: a byte order mark and CRLF are no part of the text`() throws {
    for text in ["\u{FEFF}a: b\r\nc: d\r\n", "\u{FEFF}{\"a\": \"b\",\r\n\"c\": \"d\"}"] {
      let tree = try nodes(Array(text.utf8)).get()
      #expect(try shape(#require(tree.first)) == "{a@1: \"b\"@1, c@2: \"d\"@2}@1")
    }
  }

  @Test func `annotations are left out at every depth`() throws {
    let text = #"{"@": {"a": 1}, "b": {"@x": [{"@": 1}], "c": [{"@y": 1}]}}"#
    let tree = try nodes(Array(text.utf8)).get()
    #expect(try shape(#require(tree.first)) == "{b@1: {c@1: [{}@1]@1}@1}@1")
  }

  @Test func `several YAML documents in one file are all read`() throws {
    #expect(try nodes(Array("a: 1\n---\nb: 2\n".utf8)).get().map(\.place.line) == [1, 3])
    #expect(try nodes([]).get().isEmpty)
  }

  @Test(arguments: [
    ("a: &x [1]\nb: *x", "f:2: alias *x: hbcat follows no aliases; write out what it stands for"),
    ("a: !!python/object:os.system x", "f:1: tag \"tag:yaml.org,2002:python/object:os.system\": "),
    ("a: 1\n\na: 2", "f:3: the key \"a\" is there twice, first in line 1"),
    ("{\"a\": 1,\n\"a\": 2}", "f:2: the key \"a\" is there twice, first in line 1"),
    ("a:\n  - b\n c: d", "f:3: no YAML: column 2: did not find expected"),
    ("a: \"b", "f:1: no YAML: column 6: found unexpected end of stream"),
    ("{a: b}", "f:1: column 2: expected a name in quotes or '}', not 'a' (a file that begins"),
    ("? [a]\n: b", "f:1: a key must be a name, not a map or a list"),
    ("%TAG ! !\na", "f:"),
  ])
  func `what is not read is an error with its line`(_ text: String, _ error: String) {
    #expect(failure(text).hasPrefix(error), "\(failure(text))")
  }

  @Test func `size and depth are bounded`() {
    let large = failure("a: " + String(repeating: "x", count: ConfigDocument.bytesMax))
    #expect(large == "f:1: 1048579 bytes are too much for a configuration; hbcat reads 1048576")
    for count in [65, 100_000] {
      let deep = String(repeating: "[", count: count)
      #expect(failure("a: " + deep).contains("more than 64 maps and lists in one another"))
      #expect(failure(deep).hasPrefix("f:1: column 65"))
    }
    let block = (0..<100).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    #expect(failure(block).contains("f:65: more than 64 maps and lists"))
  }

  @Test func `a billion laughs are refused at the first alias`() {
    var text = "a0: &a0 [lol, lol]\n"
    for i in 1..<10 { text += "a\(i): &a\(i) [*a\(i - 1), *a\(i - 1)]\n" }
    #expect(failure(text).hasPrefix("f:2: alias *a0"))
  }

  @Test func `bytes that are no UTF-8 are an error, and no flipped byte is a trap`() {
    if case .success = nodes([0x61, 0x3A, 0x20, 0xFF]) { Issue.record("0xFF was read") }
    for sample in [Samples.groups, Samples.notifications] {
      let bytes = Array(sample.utf8)
      for at in stride(from: 0, to: bytes.count, by: 3) {
        var flipped = bytes
        flipped[at] ^= UInt8(1 << (at % 8))
        var reader = ConfigurationReader()
        flipped.withUnsafeBytes { reader.read($0, file: "f") }
        bytes[..<at].withUnsafeBytes { reader.read($0, file: "g") }
        let (_, issues) = reader.finish()
        #expect(issues.count <= 101)
      }
    }
  }
}
