import JSON
import Testing

/// Reads a whole text; the tokens in short form.
private func tokens(_ text: [UInt8]) throws(JSONError) -> [String] {
  let result = text.withUnsafeBytes { bytes in
    Result { () throws(JSONError) -> [String] in
      var reader = JSONReader(bytes)
      var list: [String] = []
      while let token = try reader.next() {
        switch token {
        case .objectStart: list.append("{")
        case .objectEnd: list.append("}")
        case .arrayStart: list.append("[")
        case .arrayEnd: list.append("]")
        case .name(let span): list.append("\(reader.string(span)):")
        case .string(let span): list.append("'\(reader.string(span))'")
        case .number(let span):
          list.append(String(decoding: reader.text(span), as: UTF8.self))
        case .bool(let value): list.append("\(value)")
        case .null: list.append("null")
        }
      }
      return list
    }
  }
  return try result.get()
}

private func tokens(_ text: String) throws(JSONError) -> [String] { try tokens(Array(text.utf8)) }

private func failure(_ text: String) -> String {
  do throws(JSONError) { return "read: \(try tokens(text))" } catch { return error.description }
}

private func failure(_ text: [UInt8]) -> String {
  do throws(JSONError) { return "read: \(try tokens(text))" } catch { return error.description }
}

@Suite struct JSONReaderTests {
  @Test func `a text is read token by token`() throws {
    let text = #" { "a" : [ 1 , -0.5e+3, "x\ny", true,false , null ,{}, [] ] , "b":"" } "#
    #expect(
      try tokens(text) == [
        "{", "a:", "[", "1", "-0.5e+3", "'x\ny'", "true", "false", "null", "{", "}", "[", "]", "]",
        "b:", "''", "}",
      ])
    for (text, token) in [("1", "1"), ("\"a\"", "'a'"), ("null", "null"), (" true\n", "true")] {
      #expect(try tokens(text) == [token])
    }
  }

  @Test func `escapes are decoded, pairs of surrogates become one character`() throws {
    #expect(try tokens(#""\"\\\/\b\f\n\r\t""#) == ["'\"\\/\u{8}\u{c}\n\r\t'"])
    #expect(try tokens(#""\u00e9\u20AC\uD83D\uDE00 \u0000""#) == ["'é€😀 \u{0}'"])
    #expect(try tokens("\"é€😀\u{7f}\"") == ["'é€😀\u{7f}'"])
  }

  @Test func `a number's text is kept`() throws {
    let text = "[1.0, 1E400, -0, 123456789012345678901234567890, 0.10]"
    #expect(
      try tokens(text) == [
        "[", "1.0", "1E400", "-0", "123456789012345678901234567890", "0.10", "]",
      ])
    Array("[7, 1.5, 9223372036854775808]".utf8).withUnsafeBytes { bytes in
      var reader = JSONReader(bytes)
      var integers: [Int64?] = []
      var doubles: [Double?] = []
      while let token = try? reader.next() {
        if case .number(let span) = token {
          integers.append(reader.integer(span))
          doubles.append(reader.double(span))
        }
      }
      #expect(integers == [7, nil, nil])
      #expect(doubles == [7, 1.5, 9_223_372_036_854_775_808])
    }
  }

  @Test func `names are matched however they are written`() throws {
    Array(#"{"device-id": 1, "device\u002did": 2, "device-i": 3}"#.utf8).withUnsafeBytes { bytes in
      var reader = JSONReader(bytes)
      var matches: [Bool] = []
      while let token = try? reader.next() {
        if case .name(let span) = token { matches.append(reader.matches(span, "device-id")) }
      }
      #expect(matches == [true, true, false])
    }
  }

  @Test(arguments: [
    ("", "line 1, column 1: the text ends where a value must follow"),
    ("  ", "line 1, column 3: the text ends where a value must follow"),
    ("{\n  \"é\" 1}", "line 2, column 7: expected ':' behind a name, not '1'"),
    ("[1,]", "line 1, column 4: expected a value, not ']'"),
    ("[1 2]", "line 1, column 4: expected ',' or ']', not '2'"),
    ("{\"a\":1,}", "line 1, column 8: expected a name in quotes, not '}'"),
    ("{1:2}", "line 1, column 2: expected a name in quotes or '}', not '1'"),
    ("{\"a\":1 \"b\"}", "line 1, column 8: expected ',' or '}', not '\"'"),
    ("[", "line 1, column 2: the text ends where a value or ']' must follow"),
    ("]", "line 1, column 1: expected a value, not ']'"),
    ("1 2", "line 1, column 3: '2' behind the value; one text is one value"),
    ("{}\n{}", "line 2, column 1: '{' behind the value; one text is one value"),
    ("tru", "line 1, column 4: the text ends where \"true\" must follow"),
    ("nuLl", "line 1, column 3: expected \"null\", not 'L'"),
    ("NaN", "line 1, column 1: expected a value, not 'N'"),
    ("-Infinity", "line 1, column 2: invalid number: expected a digit"),
    ("01", "line 1, column 2: invalid number: expected no digit behind a leading 0"),
    ("1.", "line 1, column 3: invalid number: expected a digit"),
    (".5", "line 1, column 1: expected a value, not '.'"),
    ("1e", "line 1, column 3: invalid number: expected a digit"),
    ("+1", "line 1, column 1: expected a value, not '+'"),
    ("'a'", "line 1, column 1: expected a value, not '''"),
    ("\"a", "line 1, column 3: the text ends where the closing '\"' of a string must follow"),
    (
      "\"a\tb\"", "line 1, column 3: control character byte 0x09 in a string; write it as an escape"
    ),
    ("// x", "line 1, column 1: expected a value, not '/'"),
    ("\u{A0}1", "line 1, column 1: expected a value, not byte 0xC2"),
    ("\"\\ud83d\"", "line 1, column 2: surrogate \\ud83d without its other half"),
    ("\"\\ude00\\ud83d\"", "line 1, column 2: surrogate \\ude00 without its other half"),
    ("\"\\ud83d\\u0041\"", "line 1, column 2: surrogate \\ud83d without its other half"),
  ])
  func `what is not JSON is an error with line and column`(_ text: String, _ error: String) {
    #expect(failure(text) == error)
  }

  @Test func `bad escapes, bad UTF-8 and a byte order mark are refused`() {
    for text in [#""\x41""#, #""\u12G4""#, #""\u123"#, #""\U0041""#] {
      #expect(failure(text).contains("line 1, column 2: invalid escape"))
    }
    let bad: [[UInt8]] = [
      [0xFF], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
      [0xF0, 0x9F, 0x98],
    ]
    for bytes in bad {
      #expect(failure([0x22, 0x61] + bytes + [0x22]).contains("column 3: byte 0x"))
      #expect(failure([0x22, 0x61] + bytes + [0x22]).contains("is not UTF-8"))
    }
    #expect(failure([0xEF, 0xBB, 0xBF, 0x31]).contains("byte order mark (EF BB BF)"))
  }

  @Test func `64 levels are read, the 65th is refused`() throws {
    let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(try tokens(deep).count == 128)
    let objects = String(repeating: "{\"a\":[", count: 32) + String(repeating: "]}", count: 32)
    #expect(try tokens(objects).count == 160)
    #expect(
      failure(String(repeating: "[", count: 65))
        == "line 1, column 65: more than 64 arrays and objects in one another")
  }

  @Test func `a value is skipped whole and its text is known`() throws {
    try Array(#"{"a": {"x": [1, "}"]} , "b": 2}"#.utf8).withUnsafeBytes { bytes in
      var reader = JSONReader(bytes)
      _ = try reader.next()
      _ = try reader.next()
      let span = try reader.skipValue()
      #expect(String(decoding: reader.text(span), as: UTF8.self) == #"{"x": [1, "}"]}"#)
      guard case .name(let name)? = try reader.next() else {
        Issue.record("no name behind the skipped value")
        return
      }
      #expect(reader.matches(name, "b"))
    }
  }

  @Test func `the first line's number can be given`() {
    Array("[\n?]".utf8).withUnsafeBytes { bytes in
      var reader = JSONReader(bytes, firstLine: 41)
      #expect(throws: JSONError.self) { while try reader.next() != nil {} }
      #expect(reader.position(of: 2).line == 42)
    }
  }

  @Test func `every prefix of a text is an error and no flipped byte is a trap`() {
    let text = Array(
      #"{"a": [1, -2.5e3, "x\u00e9\ud83d\ude00", "é😀", true, false, null, {"b": {}}]}"#.utf8)
    for count in 0..<text.count {
      #expect(throws: JSONError.self) { try tokens(Array(text[..<count])) }
    }
    for at in text.indices {
      for bit in 0..<8 {
        var flipped = text
        flipped[at] ^= 1 << UInt8(bit)
        _ = try? tokens(flipped)
      }
    }
  }
}
