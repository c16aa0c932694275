/// How a batch's records are compressed: the attributes' bits 0 to 2.
public enum Codec: Int8, CaseIterable, Sendable {
  case none = 0
  case gzip = 1
  case snappy = 2
  case lz4 = 3
  case zstd = 4

  /// Kafka's name of the codec, as in `compression.codec`.
  public var name: String {
    switch self {
    case .none: "none"
    case .gzip: "gzip"
    case .snappy: "snappy"
    case .lz4: "lz4"
    case .zstd: "zstd"
    }
  }

  /// The codec of this name, nil if there is none.
  public init?(name: String) {
    guard let codec = Codec.allCases.first(where: { $0.name == name }) else { return nil }
    self = codec
  }

  /// The levels that the codec knows; others are brought to the nearest, as librdkafka does.
  public var levels: ClosedRange<Int> {
    switch self {
    case .none, .snappy: 0...0
    case .gzip: 0...9
    case .lz4: 0...12
    case .zstd: 0...22
    }
  }

  /// The level that is taken where none is given (−1).
  public var defaultLevel: Int {
    switch self {
    case .none, .snappy, .lz4: 0
    case .gzip: 6
    case .zstd: 3
    }
  }

  /// The level to work with; −1 means the default.
  func effectiveLevel(_ level: Int) -> Int {
    level == -1 ? defaultLevel : min(max(level, levels.lowerBound), levels.upperBound)
  }
}

/// How much a compressed batch may ask for.
public struct CodecLimits: Hashable, Sendable {
  /// The most that one batch may hold decompressed, in bytes; 64 MiB unless set.
  public var maxBatchBytes: Int
  /// The largest zstd window, as a power of two; 27 (128 MiB) unless set.
  public var zstdWindowLogMax: Int
  /// The longest extra field, name or comment of a gzip member, in bytes; 64 KiB unless set.
  public var gzipHeaderFieldMax: Int

  /// Makes limits; without arguments those that hold unless the user says otherwise.
  public init(
    maxBatchBytes: Int = 64 << 20, zstdWindowLogMax: Int = 27, gzipHeaderFieldMax: Int = 64 << 10
  ) {
    self.maxBatchBytes = maxBatchBytes
    self.zstdWindowLogMax = zstdWindowLogMax
    self.gzipHeaderFieldMax = gzipHeaderFieldMax
  }
}

/// What can be wrong with compressed bytes, or with the wish to make some.
public enum CodecError: Error, Hashable, Sendable {
  /// The bytes are not what the codec's format demands.
  case corrupt(Codec, String)
  /// Decompressed, the bytes would be more than the limit.
  case tooLarge(Codec, limit: Int)
  /// The format allows it, hbcat does not: dictionaries, windows over the limit.
  case unsupported(Codec, String)
  /// The library failed, as it does without memory.
  case failed(Codec, String)
}

extension CodecError: CustomStringConvertible {
  /// A sentence for people.
  public var description: String {
    switch self {
    case .corrupt(let codec, let what): "\(codec.name) data is broken: \(what)"
    case .tooLarge(let codec, let limit):
      "\(codec.name) data is more than \(limit) bytes decompressed; raise fetch.max.bytes to allow it"
    case .unsupported(let codec, let what): "\(codec.name) data asks for what is refused: \(what)"
    case .failed(let codec, let what): "\(codec.name) failed: \(what)"
    }
  }
}
