import Testing

@testable import HbcatCLI

@Suite struct RecordFormatTests {
  static let record = TestRecord(
    "value", key: "key", headers: [("h1", "v1"), ("nullh", nil), ("empty", ""), ("h1", "dup")])

  @Test(arguments: [
    ("%s", "value"), ("%S", "5"), ("%k", "key"), ("%K", "3"), ("%T", "1700000000000"),
    ("%h", "h1=v1,nullh=NULL,empty=,h1=dup"), ("%t", "t"), ("%p", "3"), ("%o", "40"),
    ("%%", "%"), ("%R", "\0\0\0\u{5}"), ("", ""), ("plain", "plain"),
    ("%t [%p] at %o: key %k: %s\\n", "t [3] at 40: key key: value\n"),
    ("%s%s", "valuevalue"), ("%%s%s%%", "%svalue%"),
  ])
  func `each token prints its part`(format: String, expected: String) throws {
    #expect(try printed([Self.record], as: RecordFormat(parsing: format)) == expected)
  }

  @Test(arguments: [
    ("%s", ""), ("%S", "-1"), ("%k", ""), ("%K", "-1"), ("%h", ""),
  ])
  func `null prints nothing, and its length is -1`(format: String, expected: String) throws {
    #expect(try printed([TestRecord(nil)], as: RecordFormat(parsing: format)) == expected)
  }

  @Test func `the binary length of null is four bytes of ones`() throws {
    let format = PartitionFormat(try RecordFormat(parsing: "%R"), topic: "t", partition: 0)
    #expect(
      try printed(TestBatch(records: [TestRecord(nil)]), as: format).bytes == [255, 255, 255, 255])
  }

  @Test func `with -Z null is NULL and empty is empty`() throws {
    var format = try RecordFormat(parsing: "%k|%s;")
    format.nullText = Array("NULL".utf8)
    let records = [TestRecord(nil), TestRecord("", key: ""), TestRecord("v", key: "k")]
    #expect(try printed(records, as: format) == "NULL|NULL;|;k|v;")
    var lines = RecordFormat.delimited(by: [10])
    lines.nullText = Array("NULL".utf8)
    #expect(try printed(records, as: lines) == "NULL\n\nv\n")
  }

  @Test func `a header prints up to a NUL byte, as kcat's do`() throws {
    let record = TestRecord("", headers: [("a", "b\0c"), ("d", "e")])
    #expect(try printed([record], as: RecordFormat(parsing: "%h")) == "a=b,d=e")
  }

  @Test(arguments: [
    ("a\\nb\\rc\\td", Array("a\nb\rc\td".utf8)),
    ("\\xff\\xA\\x4", [0xff, 0x0a, 0x04]),
    ("\\x41bc", Array("Abc".utf8)),
    ("\\xg", Array("xg".utf8)),
    ("\\65\\101", [65, 101]),
    ("\\0101\\0x41\\0", [65, 65, 0]),
    ("A\\0B", [65, 0, 66]),
    ("\\08\\0xg", [0, 56, 0] + Array("xg".utf8)),
    ("\\256\\511", [0, 255]),
    ("\\99999999999999999999999", [255]),
    ("\\q\\\\\\", Array("q\\\\".utf8)),
    ("ünï", Array("ünï".utf8)),
  ])
  func `escapes in literals become bytes`(text: String, bytes: [UInt8]) throws {
    #expect(try RecordFormat(parsing: text).style == .tokens([.literal(bytes)]))
  }

  @Test func `tokens are found before escapes`() throws {
    #expect(
      try RecordFormat(parsing: "\\%s").style == .tokens([.literal([UInt8(ascii: "\\")]), .value]))
  }

  @Test func `a format may have more than kcat's 128 tokens`() throws {
    let text = String(repeating: "%o,", count: 500)
    let expected = String(repeating: "40,", count: 500)
    #expect(try printed([TestRecord("v")], as: RecordFormat(parsing: text)) == expected)
  }

  @Test(arguments: [
    ("%q", "Unsupported formatter: %q"), ("abc%", "Empty formatter"), ("%", "Empty formatter"),
    ("%s%", "Empty formatter"), ("% s", "Unsupported formatter: % "),
    ("%\u{1b}", "Unsupported formatter: %\\x1b"),
  ])
  func `a bad format is refused in kcat's words`(text: String, message: String) {
    let error = #expect(throws: FormatError.self) { try RecordFormat(parsing: text) }
    #expect(error?.description == message)
  }

  @Test func `delimiters are bytes and never formats`() throws {
    let format = RecordFormat.delimited(
      by: Array("\\n%s".utf8), keyDelimiter: Array("%o".utf8))
    #expect(try printed([TestRecord("v", key: "k")], as: format) == "k%ov\\n%s")
  }

  @Test func `a long delimiter is printed whole`() throws {
    let delimiter = String(repeating: "0123456789", count: 20)
    let format = RecordFormat.delimited(by: Array(delimiter.utf8))
    #expect(
      try printed([TestRecord("v"), TestRecord("w")], as: format)
        == "v\(delimiter)w\(delimiter)")
  }

  @Test func `an empty delimiter glues values`() throws {
    let format = RecordFormat.delimited(by: [])
    #expect(try printed([TestRecord("v"), TestRecord(nil), TestRecord("w")], as: format) == "vw")
  }

  @Test func `-O puts the offset in front`() throws {
    let colon: [UInt8] = [UInt8(ascii: ":")]
    let format = RecordFormat.delimited(by: [10], keyDelimiter: colon, offsetDelimiter: colon)
    #expect(try printed([TestRecord("v", key: "k")], as: format) == "40:k:v\n")
  }

  @Test func `with -J a format gives only its first literal, as separator`() throws {
    #expect(
      try RecordFormat.json(separatedByFormat: "\\n--%s!").style == .json(separator: [10, 45, 45]))
    #expect(try RecordFormat.json(separatedByFormat: "%s!").style == .json(separator: []))
    #expect(try RecordFormat.json(separatedByFormat: "%%!").style == .json(separator: []))
    #expect(throws: FormatError.emptyFormatter) {
      try RecordFormat.json(separatedByFormat: "a%")
    }
  }

  @Test func `for a terminal controls in data are escaped and those of the format are not`() throws
  {
    let record = TestRecord(
      "\u{1b}]52;c\u{7}\r\u{8}\u{9b}\u{202e}ok\t\n", key: "k\u{0}", headers: [("h\u{1b}", "\u{1b}")]
    )
    #expect(
      try printed([record], as: RecordFormat(parsing: "\\x1b%k %h %s"), forTerminal: true)
        == "\u{1b}k\\x00 h\\x1b=\\x1b \\x1b]52;c\\x07\\x0d\\x08\\x9b\\u202eok\t\n")
    #expect(
      try printed([record], as: .delimited(by: [10]), forTerminal: true)
        == "\\x1b]52;c\\x07\\x0d\\x08\\x9b\\u202eok\t\n\n")
    let format = PartitionFormat(
      .delimited(by: []), topic: "t", partition: 0, escapesControls: true)
    let batch = TestBatch(records: [TestRecord(bytes: [0x9b, 0x41, 0xff, 0xc3])])
    #expect(
      String(decoding: try printed(batch, as: format).bytes, as: UTF8.self) == "\\x9bA\\xff\\xc3")
  }

  @Test func `a topic's name is made harmless for a terminal`() throws {
    let format = PartitionFormat(
      try RecordFormat(parsing: "%t"), topic: "a\u{1b}b", partition: 0, escapesControls: true)
    #expect(
      String(
        decoding: try printed(TestBatch(records: [TestRecord("")]), as: format).bytes,
        as: UTF8.self) == "a\\x1bb")
  }
}
