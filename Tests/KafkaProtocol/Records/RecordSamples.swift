import KafkaProtocol

/// Bytes that look random and are the same in every run.
struct Bytes {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(UInt8(truncatingIfNeeded: next() >> 32)) }
    return result
  }

  /// Text with repetition, as logs have.
  mutating func text(_ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    while result.count < count {
      result += Array("level=\(next() % 7) host=r\(next() % 100) ".utf8)
    }
    return Array(result[..<count])
  }
}

/// A record as a test sees it.
struct Sample: Hashable {
  var offset: Int64 = 0
  var timestamp: Int64 = 0
  var key: [UInt8]?
  var value: [UInt8]?
  var headers: [Header] = []

  struct Header: Hashable {
    var name: String
    var value: [UInt8]?
  }

  init(
    offset: Int64 = 0, timestamp: Int64 = 0, key: String? = nil, value: String?,
    headers: [Header] = []
  ) {
    self.offset = offset
    self.timestamp = timestamp
    self.key = key.map { Array($0.utf8) }
    self.value = value.map { Array($0.utf8) }
    self.headers = headers
  }

  init(_ record: RecordView, of batch: DecodedBatch) throws {
    offset = batch.offset(of: record)
    timestamp = batch.timestamp(of: record)
    key = record.key.map { Array($0) }
    value = record.value.map { Array($0) }
    var iterator = HeaderIterator(record)
    while let (name, value) = try iterator.next() {
      headers.append(
        Header(name: String(decoding: name, as: UTF8.self), value: value.map { Array($0) }))
    }
  }

  var encodedHeaders: RecordHeaders {
    var result = RecordHeaders()
    for header in headers { result.append(name: Array(header.name.utf8), value: header.value) }
    return result
  }
}

/// A call with bytes that may be null.
func withBytes<R, E: Error>(
  _ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) throws(E) -> R
) throws(E) -> R {
  guard let bytes else { return try body(nil) }
  let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
  defer { copy.deallocate() }
  copy.copyBytes(from: bytes)
  return try body(UnsafeRawBufferPointer(copy))
}

extension BatchBuilder {
  /// Adds a sample; its offset is not used.
  mutating func append(_ sample: Sample) -> Bool {
    withBytes(sample.key) { key in
      withBytes(sample.value) { value in
        append(
          key: key, value: value, headers: sample.encodedHeaders, timestamp: sample.timestamp)
      }
    }
  }
}

/// A batch of samples, not compressed.
func batch(_ samples: [Sample], limits: BatchLimits = BatchLimits()) -> SealedBatch {
  var builder = BatchBuilder(limits: limits)
  for sample in samples where !builder.append(sample) { break }
  return builder.seal()
}

/// What of a batch's header a test compares.
struct Head: Hashable {
  var baseOffset: Int64
  var nextOffset: Int64
  var timestampType: TimestampType
  var codec: Codec
  var isControl: Bool
  var isTransactional: Bool
  var producerId: Int64

  init(_ batch: DecodedBatch) {
    baseOffset = batch.baseOffset
    nextOffset = batch.nextOffset
    timestampType = batch.timestampType
    codec = batch.codec
    isControl = batch.isControl
    isTransactional = batch.isTransactional
    producerId = batch.producerId
  }
}

/// Reads all records with all headers, to the end or to the first error.
func readAll(
  _ bytes: [UInt8], limits: CodecLimits = CodecLimits(), verifiesCRC: Bool = true
) throws -> (heads: [Head], records: [Sample]) {
  var reader = RecordSetReader(limits: limits, verifiesCRC: verifiesCRC)
  var heads: [Head] = []
  var records: [Sample] = []
  // Memory of its own and of exactly this size, so that the sanitizer sees every step outside.
  try withBytes(bytes) { bytes throws -> Void in
    guard let bytes else { return }
    reader.open(bytes)
    while let batch = try reader.next() {
      heads.append(Head(batch))
      var iterator = RecordIterator(batch)
      while let record = try iterator.next() { records.append(try Sample(record, of: batch)) }
    }
  }
  return (heads, records)
}

extension [Sample] {
  /// The samples with the offsets that a reader gives them.
  func numbered(from base: Int64 = 0) -> [Sample] {
    enumerated().map { index, sample in
      var sample = sample
      sample.offset = base + Int64(index)
      return sample
    }
  }
}

extension MessageSetBuilder {
  /// Adds a sample without its headers; its offset is not used.
  mutating func append(_ sample: Sample) -> Bool {
    withBytes(sample.key) { key in
      withBytes(sample.value) { append(key: key, value: $0, timestamp: sample.timestamp) }
    }
  }
}
