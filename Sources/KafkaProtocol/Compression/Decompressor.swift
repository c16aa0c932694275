/// Decompresses payloads within limits; its contexts and its memory are used again.
///
/// One per thread.
public struct Decompressor: ~Copyable {
  private let limits: CodecLimits
  private var output = ScratchBuffer()
  private var gzip = GzipDecompressor()
  private var lz4 = LZ4Decompressor()
  private var zstd = ZstdDecompressor()

  /// Makes a decompressor; nothing is allocated before it is used.
  public init(limits: CodecLimits = CodecLimits()) { self.limits = limits }

  /// Decompresses `source`; the result is valid until the next call, without a codec as long as `source`.
  ///
  /// - Throws: `CodecError`.
  public mutating func decompress(_ codec: Codec, _ source: UnsafeRawBufferPointer)
    throws(CodecError) -> UnsafeRawBufferPointer
  {
    try decompress(codec, source, lz4Header: .correct)
  }

  mutating func decompress(
    _ codec: Codec, _ source: UnsafeRawBufferPointer, lz4Header: LZ4HeaderChecksum
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    let count: Int
    switch codec {
    case .none: return source
    case .gzip: count = try gzip.decompress(source, into: &output, limits)
    case .snappy: count = try Snappy.decompress(source, into: &output, limits)
    case .lz4: count = try lz4.decompress(source, header: lz4Header, into: &output, limits)
    case .zstd: count = try zstd.decompress(source, into: &output, limits)
    }
    return output.bytes(count)
  }
}
