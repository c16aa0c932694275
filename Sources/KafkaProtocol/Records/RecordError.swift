/// What can be wrong with a batch of records or with a message set; the caller adds topic and partition.
public enum RecordError: Error, Hashable, Sendable {
  /// The checksum that the batch states is not that of its bytes.
  case badCRC(baseOffset: Int64, stated: UInt32, computed: UInt32)
  /// The attributes name a codec that Kafka does not have.
  case unknownCodec(baseOffset: Int64, codec: Int)
  /// The batch has a format version that hbcat does not know.
  case unknownMagic(baseOffset: Int64, magic: Int)
  /// The batch's offsets are negative or beyond what 64 bits hold.
  case badOffset(baseOffset: Int64, lastOffsetDelta: Int32)
  /// The records are not what the format demands.
  case corrupt(baseOffset: Int64, RecordFault)
  /// The records would be more than the limit when decompressed.
  case decompressedTooLarge(baseOffset: Int64, codec: Codec, limit: Int)
  /// The records cannot be decompressed.
  case decompression(baseOffset: Int64, CodecError)

  /// The offset that the batch states for its first record.
  public var baseOffset: Int64 {
    switch self {
    case .badCRC(let offset, _, _), .unknownCodec(let offset, _), .unknownMagic(let offset, _),
      .badOffset(let offset, _), .corrupt(let offset, _), .decompressedTooLarge(let offset, _, _),
      .decompression(let offset, _):
      offset
    }
  }

  init(baseOffset: Int64, _ error: CodecError) {
    switch error {
    case .tooLarge(let codec, let limit):
      self = .decompressedTooLarge(baseOffset: baseOffset, codec: codec, limit: limit)
    case .corrupt, .unsupported, .failed:
      self = .decompression(baseOffset: baseOffset, error)
    }
  }
}

/// Where a record, or what stands around it, breaks the format.
public enum RecordFault: Error, Hashable, Sendable {
  /// The batch's length is less than its header.
  case batchLength(Int)
  /// The number of records is negative, or more than the batch has bytes or offsets for.
  case recordCount(Int)
  /// A record ends behind its batch, or a field behind its record.
  case truncated
  /// A varint has more bytes than its type allows.
  case varintTooLong
  /// A length is negative and not −1.
  case negativeLength
  /// A record's offset lies outside its batch.
  case offsetDelta(Int)
  /// A record or a batch has bytes behind its last field.
  case trailingBytes
  /// A compressed message holds compressed messages.
  case nestedCompression
  /// A compressed message holds one of another format version.
  case mixedMagic(outer: Int, inner: Int)
  /// A compressed message holds nothing.
  case emptyWrapper
  /// A header's name is null.
  case nullHeaderName
}

extension RecordError: CustomStringConvertible {
  /// A sentence for people.
  public var description: String {
    switch self {
    case .badCRC(let offset, let stated, let computed):
      "batch at offset \(offset): CRC is \(hex(computed)), the batch says \(hex(stated))"
    case .unknownCodec(let offset, let codec):
      "batch at offset \(offset): unknown compression codec \(codec)"
    case .unknownMagic(let offset, let magic):
      "batch at offset \(offset): unknown format version (magic) \(magic)"
    case .badOffset(let offset, let delta):
      "batch at offset \(offset): last offset delta \(delta) leads outside the range of offsets"
    case .corrupt(let offset, let fault): "batch at offset \(offset): \(fault)"
    case .decompressedTooLarge(let offset, let codec, let limit):
      "batch at offset \(offset): \(CodecError.tooLarge(codec, limit: limit))"
    case .decompression(let offset, let error): "batch at offset \(offset): \(error)"
    }
  }
}

extension RecordFault: CustomStringConvertible {
  /// What is wrong, as the end of a sentence that names the batch.
  public var description: String {
    switch self {
    case .batchLength(let length): "batch length \(length) is less than its header"
    case .recordCount(let count): "\(count) records cannot be in it"
    case .truncated: "a record ends too early"
    case .varintTooLong: "a varint is too long"
    case .negativeLength: "a length is negative"
    case .offsetDelta(let delta): "a record has offset delta \(delta), outside its batch"
    case .trailingBytes: "bytes are left over behind the last field"
    case .nestedCompression: "a compressed message holds compressed messages"
    case .mixedMagic(let outer, let inner):
      "a compressed message of format version \(outer) holds one of version \(inner)"
    case .emptyWrapper: "a compressed message holds no message"
    case .nullHeaderName: "a header's name is null"
    }
  }
}

private func hex(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}
