import Testing

@testable import HbcatCLI

@Suite struct PackFormatTests {
  static let bytes: [UInt8] = [0xff, 0xfe, 1, 2, 3, 4, 5, 6]

  @Test(arguments: [
    ("b", "-1"), ("B", "255"), ("h", "-2"), ("H", "65534"), ("<h", "-257"),
    ("<H", "65279"), ("i", "-130814"), ("I", "4294836482"), ("<i", "33685247"), ("<I", "33685247"),
    ("q", "-561841801263866"), ("Q", "18446182231908287750"), ("<q", "433757350076219135"),
    ("<Q", "433757350076219135"),
    ("b b", "-1 -2"), ("BB<H>H", "255254513772"), ("hibb$", "-21690906056"), (" ", " "), ("<>", ""),
  ])
  func `each letter prints its number`(format: String, expected: String) throws {
    #expect(try unpack(Self.bytes, format) == expected)
  }

  @Test func `bytes, the rest and the end`() throws {
    #expect(try unpack(Array("abcd".utf8), "cc s$") == "ab cd")
    #expect(try unpack(Array("ab".utf8), "cc$s") == "ab")
    #expect(try unpack(Array("ab".utf8), "s c".dropLast(2) + "") == "ab")
  }

  @Test func `too few bytes are an error in kcat's words, behind what could be printed`() throws {
    for (format, count, letter) in [("bi", 4, "i"), ("bc", 1, "c"), ("b<q", 8, "q")] {
      let pack = try PackFormat(parsing: format, for: .value)
      var text: [UInt8] = []
      let bytes: [UInt8] = format == "bc" ? [7] : [7, 0, 0]
      let error = #expect(throws: PackFormat.Failure.self) {
        try bytes.withUnsafeBytes { try pack.unpack($0, to: &text) }
      }
      #expect(
        error?.description == "value truncated, expected \(count) bytes to unpack \(letter) "
          + "but only \(bytes.count - 1) bytes remaining")
      #expect(text == Array("7".utf8))
    }
  }

  @Test func `bytes behind the end are an error in kcat's words`() {
    let error = #expect(throws: PackFormat.Failure.self) { try unpack([1, 2, 3], "b$") }
    #expect(error?.description == "expected value end-of-input, but 2 bytes remaining")
  }

  @Test func `a bad pack format is refused in kcat's words`() {
    #expect(throws: FormatError.emptyPackFormat(field: "key")) {
      try PackFormat(parsing: "", for: .key)
    }
    let error = #expect(throws: FormatError.self) { try PackFormat(parsing: "ix", for: .value) }
    #expect(error?.description == "Invalid token 'x' in value pack-format, see -s usage.")
    #expect(
      FormatError.emptyPackFormat(field: "key").description == "key pack-format must not be empty")
  }

  @Test func `random formats over random bytes never read beyond the end`() throws {
    var random = Repeatable(5)
    let letters = Array(" <>bBhHiIqQcs$")
    for _ in 0..<5000 {
      let format = String(
        (0..<Int.random(in: 1...8, using: &random)).map { _ in
          letters[Int.random(in: 0..<letters.count, using: &random)]
        })
      let bytes = random.bytes(Int.random(in: 0...20, using: &random))
      // Exactly as large as the bytes, so that a sanitizer sees what is read beyond.
      let space = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
      defer { space.deallocate() }
      space.copyBytes(from: bytes)
      let pack = try PackFormat(parsing: format, for: .key)
      var text: [UInt8] = []
      try? pack.unpack(UnsafeRawBufferPointer(space), to: &text)
      #expect(text.count <= 20 * format.count + bytes.count)
    }
  }

  @Test func `keys and values are unpacked where their tokens stand; null and empty are not`()
    throws
  {
    var format = RecordFormat.delimited(by: [10], keyDelimiter: [UInt8(ascii: ":")])
    format.keySerdes = try Serdes(parsing: "B", for: .key)
    format.valueSerdes = try Serdes(parsing: ">i", for: .value)
    let records = [
      TestRecord(bytes: [0, 0, 0, 5], key: [200]), TestRecord(bytes: nil),
      TestRecord(bytes: [], key: []),
    ]
    #expect(try printed(records, as: format) == "200:5\n:\n:\n")
  }

  @Test func `a record that does not fit names its offset and keeps what it printed`() throws {
    var format = RecordFormat.delimited(by: [10])
    format.valueSerdes = try Serdes(parsing: "bh", for: .value)
    let rendered = PartitionFormat(format, topic: "t", partition: 0)
    let capture = Capture()
    var output = OutputBuffer(descriptor: capture.descriptor)
    let batch = TestBatch(
      records: [[1, 0, 2], [3, 0], [4, 0, 5]].map { TestRecord(bytes: $0) }, baseOffset: 40)
    let failure = PackFormat.Failure.truncated(
      .value, letter: UInt8(ascii: "h"), needed: 2, remaining: 1)
    #expect(throws: RecordRunError.pack(failure, offset: 41)) {
      try write(batch, as: rendered, to: &output)
    }
    // With -E the caller goes on behind it.
    try write(batch, as: rendered, RecordRange(startOffset: 42), to: &output)
    try output.flush()
    #expect(capture.text == "12\n345\n")
  }

  private func unpack(_ bytes: [UInt8], _ format: some StringProtocol) throws -> String {
    let pack = try PackFormat(parsing: String(format), for: .value)
    var text: [UInt8] = []
    try bytes.withUnsafeBytes { try pack.unpack($0, to: &text) }
    return String(decoding: text, as: UTF8.self)
  }
}
