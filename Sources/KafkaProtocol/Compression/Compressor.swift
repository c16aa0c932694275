/// Compresses payloads; its contexts and its memory are used again.
///
/// One per thread.
public struct Compressor: ~Copyable {
  private var output = ScratchBuffer()
  private var gzip = GzipCompressor()
  private var lz4 = LZ4Compressor()
  private var zstd = ZstdCompressor()

  /// Makes a compressor; nothing is allocated before it is used.
  public init() {}

  /// Compresses `source`; the result is valid until the next call.
  ///
  /// Level −1 is the codec's default. Without a codec the result is `source` itself.
  ///
  /// - Throws: `CodecError.failed`, as without memory.
  public mutating func compress(
    _ codec: Codec, level: Int = -1, _ source: UnsafeRawBufferPointer
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    try compress(codec, level: level, source, lz4Header: .correct)
  }

  mutating func compress(
    _ codec: Codec, level: Int, _ source: UnsafeRawBufferPointer, lz4Header: LZ4HeaderChecksum
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    let level = codec.effectiveLevel(level)
    let count: Int
    switch codec {
    case .none: return source
    case .gzip: count = try gzip.compress(source, level: level, into: &output)
    case .snappy: count = try Snappy.compress(source, into: &output)
    case .lz4:
      count = try lz4.compress(source, level: level, into: &output)
      if lz4Header == .overMagicToo { LZ4Header.breakChecksum(of: output.room(after: 0)) }
    case .zstd: count = try zstd.compress(source, level: level, into: &output)
    }
    return output.bytes(count)
  }
}
