import KafkaProtocol

@testable import KafkaBroker

/// Makes a batch of records with these values; timestamps count up from `timestamp`.
func makeBatch(
  _ values: [String], timestamp: Int64 = 1_700_000_000_000, codec: Codec = .none,
  producerId: Int64 = -1, epoch: Int16 = -1, sequence: Int32 = -1,
  transactional: Bool = false
) throws -> [UInt8] {
  var builder = BatchBuilder()
  for (index, value) in values.enumerated() {
    let bytes = Array(value.utf8)
    let added = bytes.withUnsafeBytes {
      builder.append(key: nil, value: $0, timestamp: timestamp + Int64(index))
    }
    precondition(added)
  }
  var compressor = Compressor()
  var sealed = builder.seal()
  try sealed.compress(codec, with: &compressor)
  sealed.stamp(
    producerId: producerId, epoch: epoch, sequence: sequence, transactional: transactional)
  return sealed.array
}

/// The values of all records in some batches, with their offsets.
func records(in bytes: [UInt8]) throws -> [(offset: Int64, value: String)] {
  var found: [(offset: Int64, value: String)] = []
  try bytes.withUnsafeBytes { bytes in
    var reader = RecordSetReader()
    reader.open(bytes)
    while let batch = try reader.next() {
      var iterator = RecordIterator(batch)
      while let record = try iterator.next() {
        let value = String(
          decoding: record.value ?? UnsafeRawBufferPointer(start: nil, count: 0), as: UTF8.self)
        found.append((batch.offset(of: record), value))
      }
    }
  }
  return found
}

extension PartitionLog {
  /// Stores a batch as Produce does.
  @discardableResult
  mutating func append(_ batch: [UInt8]) throws -> Appended {
    var check = BatchCheck()
    return try batch.withUnsafeBytes { bytes in
      append(bytes, try check.check(bytes, produceVersion: 13))
    }
  }

  /// The bytes that a read gives; nil where the offset is out of range.
  func bytes(from offset: Int64, maxBytes: Int, atLeastOne: Bool = true) -> [UInt8]? {
    read(from: offset, maxBytes: maxBytes, atLeastOne: atLeastOne)?.pieces.flatMap {
      Array($0.bytes)
    }
  }
}
