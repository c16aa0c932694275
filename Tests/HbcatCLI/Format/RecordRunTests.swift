import KafkaProtocol
import Testing

@testable import HbcatCLI

@Suite struct RecordRunTests {
  static let formats: [RecordFormat] = [
    .delimited(by: [10]), .delimited(by: [10], offsetDelimiter: []),
  ]

  static func batch(_ count: Int = 10) -> TestBatch {
    let records = (0..<count).map { TestRecord("v\($0)", timestamp: 1000 + Int64($0) * 10) }
    return TestBatch(records: records, baseOffset: 100)
  }

  /// The last characters of each line: values are v0, v1 and so on.
  func values(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .compactMap { $0.split(separator: "v").last }.joined(separator: ",")
  }

  @Test(arguments: formats)
  func `a whole batch is printed and its last offset told`(format: RecordFormat) throws {
    let format = PartitionFormat(format, topic: "t", partition: 0)
    let (bytes, run) = try printed(Self.batch(), as: format)
    #expect(values(bytes) == "0,1,2,3,4,5,6,7,8,9")
    #expect(run == RecordRun(written: 10, lastOffset: 109))
  }

  @Test(arguments: formats)
  func `records below the fetch offset are left out`(format: RecordFormat) throws {
    let format = PartitionFormat(format, topic: "t", partition: 0)
    let (bytes, run) = try printed(Self.batch(), as: format, RecordRange(startOffset: 107))
    #expect(values(bytes) == "7,8,9")
    #expect(run == RecordRun(written: 3, lastOffset: 109))
    let none = try printed(Self.batch(), as: format, RecordRange(startOffset: 110))
    #expect(none.bytes.isEmpty && none.run == RecordRun(written: 0, lastOffset: -1))
  }

  @Test(arguments: formats)
  func `a count ends the run`(format: RecordFormat) throws {
    let format = PartitionFormat(format, topic: "t", partition: 0)
    let range = RecordRange(startOffset: 102, countMax: 3)
    let (bytes, run) = try printed(Self.batch(), as: format, range)
    #expect(values(bytes) == "2,3,4")
    #expect(run == RecordRun(written: 3, lastOffset: 104, stop: .count))
    let all = try printed(Self.batch(), as: format, RecordRange(countMax: 10))
    #expect(all.run == RecordRun(written: 10, lastOffset: 109, stop: .count))
  }

  @Test(arguments: formats)
  func `F65: the first record at the stop timestamp ends the run and is not printed`(
    format: RecordFormat
  ) throws {
    let format = PartitionFormat(format, topic: "t", partition: 0)
    let (bytes, run) = try printed(Self.batch(), as: format, RecordRange(stopTimestampMs: 1031))
    #expect(values(bytes) == "0,1,2,3")
    #expect(run == RecordRun(written: 4, lastOffset: 103, stop: .timestamp(offset: 104)))
    let all = try printed(Self.batch(), as: format, RecordRange(stopTimestampMs: 1091))
    #expect(all.run == RecordRun(written: 10, lastOffset: 109))
  }

  @Test func `with log append time every record has the batch's timestamp`() throws {
    var batch = Self.batch(3)
    batch.isLogAppend = true
    let format = PartitionFormat(try RecordFormat(parsing: "%T "), topic: "t", partition: 0)
    #expect(
      String(decoding: try printed(batch, as: format).bytes, as: UTF8.self)
        == "1020 1020 1020 ")
  }

  @Test(arguments: formats)
  func `a control batch prints nothing`(format: RecordFormat) throws {
    var batch = Self.batch()
    batch.isControl = true
    let format = PartitionFormat(format, topic: "t", partition: 0)
    let (bytes, run) = try printed(batch, as: format)
    #expect(bytes.isEmpty && run == RecordRun())
  }

  @Test(arguments: [4095, 4096, 4097, 100_000, 300_000, 1_000_000])
  func `values around and beyond the buffer's size are exact`(size: Int) throws {
    var random = Repeatable(UInt64(size))
    let records = (0..<4).map { _ in
      TestRecord(bytes: random.bytes(size), key: random.bytes(20))
    }
    for format in [
      RecordFormat.delimited(by: [10]), .delimited(by: [10], keyDelimiter: [9]),
      try RecordFormat(parsing: "%s%k%s\\n"),
    ] {
      let rendered = PartitionFormat(format, topic: "t", partition: 0)
      let batch = TestBatch(records: records)
      let isSame = try printed(batch, as: rendered).bytes == Naive.print(batch, as: format)
      #expect(isSame, "\(size)")
    }
  }

  @Test func `random formats over random records print as the naive implementation does`() throws {
    var random = Repeatable(7)
    let tokens: [RecordFormat.Token] = [
      .value, .valueLength, .valueLengthBinary, .key, .keyLength, .timestamp, .headers, .topic,
      .partition, .offset,
    ]
    for round in 0..<300 {
      let format = RecordFormat(
        style: .tokens(
          (0..<Int.random(in: 0...9, using: &random)).map { _ in
            Bool.random(using: &random)
              ? tokens[Int.random(in: 0..<tokens.count, using: &random)]
              : .literal(random.bytes(Int.random(in: 0...40, using: &random)))
          }))
      let records = (0..<Int.random(in: 1...50, using: &random)).map { _ in
        random.record(sizeMax: round % 50 == 0 ? 9000 : 200)
      }
      let batch = TestBatch(
        records: records,
        baseOffset: Int64.random(in: 0...(1 << 62), using: &random) >> (round % 60),
        isLogAppend: Bool.random(using: &random))
      var printing = format
      printing.nullText = random.bytes(Int.random(in: 0...9, using: &random))
      let rendered = PartitionFormat(printing, topic: "topic.name", partition: 12)
      let isSame = try printed(batch, as: rendered).bytes == Naive.print(batch, as: printing)
      try #require(isSame, "round \(round): \(format)")
    }
  }

  @Test
  func `broken headers are an error that names the batch, and nothing of the record is printed`()
    throws
  {
    // A record that says it has a header and has none: its batch is otherwise in order.
    let record: [UInt8] = [16, 0, 0, 0, 1, 2, 65, 2]
    var bytes = TestBatch(records: [TestRecord("A")], baseOffset: 7).bytes
    bytes.removeLast(bytes.count - RecordBatch.headerSize)
    bytes += [UInt8((record.count - 1) * 2)] + record.dropFirst()
    let length = UInt8(bytes.count - 12)
    bytes.replaceSubrange(8..<12, with: [0, 0, 0, length])
    let space = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { space.deallocate() }
    space.copyBytes(from: bytes)
    for text in ["%s%h\\n", "%h"] {
      var reader = RecordSetReader(verifiesCRC: false)
      reader.open(UnsafeRawBufferPointer(space))
      let batch = try #require(try reader.next())
      let capture = Capture()
      var output = OutputBuffer(descriptor: capture.descriptor)
      let format = PartitionFormat(try RecordFormat(parsing: text), topic: "t", partition: 0)
      var run = RecordRun()
      do {
        try format.write(batch, RecordRange(), to: &output, run: &run)
        Issue.record("no error")
      } catch {
        #expect(error == .record(.corrupt(baseOffset: 7, .truncated)))
      }
      try output.flush()
      #expect(capture.bytes.isEmpty && run.written == 0)
    }
  }
}

extension Repeatable {
  mutating func record(sizeMax: Int) -> TestRecord {
    var record = TestRecord(bytes: optionalBytes(sizeMax), key: optionalBytes(sizeMax / 4))
    record.timestamp = Int64.random(in: -1...(1 << 45), using: &self)
    if Bool.random(using: &self) {
      record.headers = (0..<Int.random(in: 0...4, using: &self)).map { _ in
        (bytes(Int.random(in: 0...9, using: &self)), optionalBytes(30))
      }
    }
    return record
  }

  private mutating func optionalBytes(_ countMax: Int) -> [UInt8]? {
    Int.random(in: 0..<8, using: &self) == 0
      ? nil : bytes(Int.random(in: 0...countMax, using: &self))
  }
}

/// The format language once more, as plainly as it can be said.
enum Naive {
  static func print(_ batch: TestBatch, as format: RecordFormat) -> [UInt8] {
    guard case .tokens(let tokens) = format.style else { return [] }
    let latest = batch.records.map(\.timestamp).max() ?? -1
    var result: [UInt8] = []
    for (index, record) in batch.records.enumerated() {
      let null = format.nullText
      for token in tokens {
        switch token {
        case .literal(let bytes): result += bytes
        case .value: result += record.value ?? null
        case .key: result += record.key ?? null
        case .valueLength: result += Array("\(record.value?.count ?? -1)".utf8)
        case .keyLength: result += Array("\(record.key?.count ?? -1)".utf8)
        case .valueLengthBinary:
          let length = UInt32(bitPattern: Int32(record.value?.count ?? -1))
          result += withUnsafeBytes(of: length.bigEndian) { Array($0) }
        case .timestamp:
          result += Array("\(batch.isLogAppend ? latest : record.timestamp)".utf8)
        case .topic: result += Array("topic.name".utf8)
        case .partition: result += Array("12".utf8)
        case .offset: result += Array("\(batch.baseOffset + Int64(index))".utf8)
        case .headers:
          let parts = record.headers.map { header in
            header.name.prefix { $0 != 0 } + [UInt8(ascii: "=")]
              + (header.value ?? Array("NULL".utf8)).prefix { $0 != 0 }
          }
          result += parts.joined(separator: [UInt8(ascii: ",")])
        }
      }
    }
    return result
  }
}
