import KafkaProtocol
import Testing

@testable import HbcatCLI

/// A record to be printed.
struct TestRecord {
  var key: [UInt8]? = nil
  var value: [UInt8]? = nil
  var headers: [(name: [UInt8], value: [UInt8]?)] = []
  var timestamp: Int64 = 1_700_000_000_000

  init(
    _ value: String?, key: String? = nil, headers: [(String, String?)] = [],
    timestamp: Int64 = 1_700_000_000_000
  ) {
    self.value = value.map { Array($0.utf8) }
    self.key = key.map { Array($0.utf8) }
    self.headers = headers.map { (Array($0.utf8), $1.map { Array($0.utf8) }) }
    self.timestamp = timestamp
  }

  init(bytes: [UInt8]?, key: [UInt8]? = nil) {
    value = bytes
    self.key = key
  }
}

/// A batch of records as a broker would send it.
struct TestBatch {
  var records: [TestRecord]
  var baseOffset: Int64 = 0
  var isLogAppend = false
  var isControl = false

  var bytes: [UInt8] {
    var builder = BatchBuilder(limits: BatchLimits(maxBytes: 64 << 20, maxRecords: 1 << 20))
    for record in records {
      var headers = RecordHeaders()
      for header in record.headers { headers.append(name: header.name, value: header.value) }
      let isAdded = withBytes(record.key) { key in
        withBytes(record.value) { value in
          builder.append(key: key, value: value, headers: headers, timestamp: record.timestamp)
        }
      }
      precondition(isAdded)
    }
    var bytes = builder.seal().array
    for index in 0..<8 {
      bytes[index] = UInt8(truncatingIfNeeded: baseOffset >> Int64(56 - index * 8))
    }
    if isLogAppend { bytes[22] |= 8 }
    if isControl { bytes[22] |= 32 }
    return bytes
  }

  private func withBytes<R>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> R) -> R {
    guard let bytes else { return body(nil) }
    // One byte more, so that no bytes have an address too.
    return (bytes + [0]).withUnsafeBytes {
      body(UnsafeRawBufferPointer(rebasing: $0[..<bytes.count]))
    }
  }
}

/// Prints a batch into an output; the output is not flushed.
@discardableResult
func write(
  _ batch: TestBatch, as format: borrowing PartitionFormat, _ range: RecordRange = RecordRange(),
  to output: inout OutputBuffer
) throws -> RecordRun {
  let bytes = batch.bytes
  var reader = RecordSetReader(verifiesCRC: false)
  var run = RecordRun()
  let space = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
  defer { space.deallocate() }
  space.copyBytes(from: bytes)
  reader.open(UnsafeRawBufferPointer(space))
  let decoded = try #require(try reader.next())
  try format.write(decoded, range, to: &output, run: &run)
  return run
}

/// What is printed of a batch, and how far the run came.
func printed(
  _ batch: TestBatch, as format: borrowing PartitionFormat, _ range: RecordRange = RecordRange()
) throws -> (bytes: [UInt8], run: RecordRun) {
  let capture = Capture()
  var output = OutputBuffer(descriptor: capture.descriptor)
  let run = try write(batch, as: format, range, to: &output)
  try output.flush()
  return (capture.bytes, run)
}

/// What is printed of records in partition 3 of topic "t", offsets from 40 on, from broker 1.
func printed(_ records: [TestRecord], as format: RecordFormat, forTerminal: Bool = false) throws
  -> String
{
  let rendered = PartitionFormat(
    format, topic: "t", partition: 3, brokerId: 1, escapesControls: forTerminal)
  let batch = TestBatch(records: records, baseOffset: 40)
  return String(decoding: try printed(batch, as: rendered).bytes, as: UTF8.self)
}

/// Numbers that are the same in each run (SplitMix64).
struct Repeatable: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }

  mutating func bytes(_ count: Int, from range: ClosedRange<UInt8> = 0...255) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: range, using: &self) }
  }
}
