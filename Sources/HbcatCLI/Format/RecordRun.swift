import KafkaProtocol

/// Which records of a batch are printed.
struct RecordRange: Equatable {
  /// Records below it are left out: a fetch begins with a whole batch.
  var startOffset: Int64 = .min
  /// `-o e@MS`: the first record with this timestamp or a later one ends the run; `.max` is never.
  var stopTimestampMs: Int64 = .max
  /// `-c N`: so many records are printed at most; 1 or more.
  var countMax: Int = .max
}

/// What a run over a batch has done; also after an error.
struct RecordRun: Equatable {
  /// Why a run ended before the batch's last record.
  enum Stop: Equatable {
    /// As many records as were asked for are printed.
    case count
    /// The record at `offset` has reached the stop timestamp; it is not printed.
    case timestamp(offset: Int64)
  }

  /// Records printed.
  var written = 0
  /// The offset of the last one; −1 if there is none.
  var lastOffset: Int64 = -1
  var stop: Stop? = nil
}

/// Why a run over a batch failed.
enum RecordRunError: Error, Equatable {
  /// The batch is broken; what came before the bad record has been printed.
  case record(RecordError)
  /// The output takes no more: `OutputBuffer.firstUnwritten` tells from where on.
  case output(OutputError)
  /// A record does not fit the pack format; its output ends where it failed.
  ///
  /// kcat: "Failed to format message in TOPIC [PARTITION] at offset OFFSET: …"; with `-E` go on behind it.
  case pack(PackFormat.Failure, offset: Int64)
  /// A key or a value is not Avro, or its schema is not to be had; the output ends in front of it.
  case avro(AvroFields.Failure, offset: Int64)
  /// The same in the JSON envelope, which is printed with the errors in it, or not at all.
  case avroInEnvelope([AvroFields.Failure], offset: Int64, isPrinted: Bool)

  /// The record that failed, behind which a run can go on; nil where it cannot.
  var passableOffset: Int64? {
    switch self {
    case .record, .output: nil
    case .pack(_, let offset), .avro(_, let offset), .avroInEnvelope(_, let offset, _): offset
    }
  }
}
