import KafkaProtocol

/// Why records of a Produce request are not stored.
struct BatchRefusal: Error {
  var code: ErrorCode
  var message: String
  /// Whether no correct client would have sent them.
  var isViolation: Bool

  init(_ code: ErrorCode, _ message: String, isViolation: Bool = true) {
    self.code = code
    self.message = message
    self.isViolation = isViolation
  }
}

/// Checks what a Produce request wants to store in a partition, as strictly as Kafka's `LogValidator`.
struct BatchCheck: ~Copyable {
  private let batchBytesMax: Int
  private let readsRecords: Bool
  private var reader = RecordSetReader(verifiesCRC: false)

  init(batchBytesMax: Int = 1_048_588, readsRecords: Bool = true) {
    self.batchBytesMax = batchBytesMax
    self.readsRecords = readsRecords
  }

  /// Checks that `bytes` are one good batch of format version 2 (KIP-98 allows no more in version 3 on).
  mutating func check(_ bytes: UnsafeRawBufferPointer, produceVersion: Int16)
    throws(BatchRefusal) -> BatchSummary
  {
    guard !bytes.isEmpty else { throw BatchRefusal(.invalidRecord, "no batch is given") }
    guard bytes.count <= batchBytesMax else {
      throw BatchRefusal(
        .messageTooLarge,
        "the batch has \(bytes.count) bytes; the broker takes \(batchBytesMax) (message.max.bytes)",
        isViolation: false)
    }
    var batches = RecordBatchIterator(bytes, verifiesCRC: true)
    let next: RecordBatch?
    do { next = try batches.next() } catch { throw Self.refusal(error) }
    guard let batch = next else {
      throw BatchRefusal(.corruptMessage, "the batch is cut off after \(bytes.count) bytes")
    }
    guard batches.remainingBytes == 0 else {
      throw BatchRefusal(
        .invalidRecord, "\(batches.remainingBytes) bytes follow the batch; only one is allowed")
    }
    var summary = try Self.checkHeader(batch, produceVersion: produceVersion)
    if readsRecords { try checkRecords(bytes, &summary) }
    return summary
  }

  private static func refusal(_ error: RecordError) -> BatchRefusal {
    let code: ErrorCode =
      switch error {
      case .badCRC, .corrupt, .decompression, .decompressedTooLarge: .corruptMessage
      case .unknownCodec, .unknownMagic, .badOffset: .invalidRecord
      }
    return BatchRefusal(code, "\(error)")
  }

  private static func checkHeader(_ batch: RecordBatch, produceVersion: Int16)
    throws(BatchRefusal) -> BatchSummary
  {
    guard let count = Int32(exactly: batch.recordCount), count > 0 else {
      throw BatchRefusal(.invalidRecord, "the batch says it has \(batch.recordCount) records")
    }
    guard batch.lastOffsetDelta == count - 1 else {
      throw BatchRefusal(
        .invalidRecord,
        "the batch says it has \(count) records, and that the last is number"
          + " \(batch.lastOffsetDelta) from 0")
    }
    guard batch.timestampType == .create else {
      throw BatchRefusal(.invalidTimestamp, "producers do not set the time of the append")
    }
    guard !batch.isControl else {
      throw BatchRefusal(.invalidRecord, "clients cannot write control batches")
    }
    guard !batch.isTransactional || batch.producerId >= 0 else {
      throw BatchRefusal(.invalidRecord, "the batch is of a transaction, but of no producer")
    }
    guard batch.codec != .zstd || produceVersion >= 7 else {
      throw BatchRefusal(.unsupportedCompressionType, "zstd needs Produce version 7 (KIP-110)")
    }
    if batch.producerId >= 0 {
      guard batch.producerEpoch >= 0, batch.baseSequence >= 0 else {
        throw BatchRefusal(
          .invalidRecord,
          "producer \(batch.producerId): epoch \(batch.producerEpoch) and sequence"
            + " \(batch.baseSequence) cannot be negative")
      }
    }
    return BatchSummary(
      recordCount: count, maxTimestamp: batch.maxTimestamp, producerId: batch.producerId,
      producerEpoch: batch.producerEpoch, baseSequence: batch.baseSequence,
      isTransactional: batch.isTransactional)
  }

  private mutating func checkRecords(
    _ bytes: UnsafeRawBufferPointer, _ summary: inout BatchSummary
  ) throws(BatchRefusal) {
    reader.open(bytes)
    let found: Scan
    do {
      guard let batch = try reader.next() else { return }
      found = try Self.scan(batch)
    } catch {
      throw Self.refusal(error)
    }
    if let delta = found.misplacedDelta {
      throw BatchRefusal(
        .invalidRecord, "record \(found.count) of the batch has offset delta \(delta)")
    }
    guard found.maxTimestamp != summary.maxTimestamp else { return }
    summary.doubt =
      "the batch's latest timestamp is \(found.maxTimestamp), its header says"
      + " \(summary.maxTimestamp)"
    summary.maxTimestamp = found.maxTimestamp
  }

  /// What a look at all records gives.
  private struct Scan {
    /// Records read up to the end or to the first that does not follow its predecessor.
    var count = 0
    var misplacedDelta: Int?
    var maxTimestamp: Int64 = .min
  }

  private static func scan(_ batch: borrowing DecodedBatch) throws(RecordError) -> Scan {
    var scan = Scan()
    var records = RecordIterator(batch)
    while let record = try records.next() {
      guard record.offsetDelta == scan.count else {
        scan.misplacedDelta = record.offsetDelta
        return scan
      }
      scan.maxTimestamp = max(scan.maxTimestamp, batch.timestamp(of: record))
      scan.count += 1
    }
    return scan
  }
}
