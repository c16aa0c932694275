/// Decompresses payloads within limits; its contexts and its memory are used again. One per thread.
public struct Decompressor: ~Copyable {
  private let limits: CodecLimits

  /// Makes a decompressor; nothing is allocated before it is used.
  public init(limits: CodecLimits = CodecLimits()) { self.limits = limits }

  /// Decompresses `source`; the result is valid until the next call, without a codec as long as `source`.
  ///
  /// - Throws: `CodecError`.
  public mutating func decompress(_ codec: Codec, _ source: UnsafeRawBufferPointer)
    throws(CodecError) -> UnsafeRawBufferPointer
  {
    switch codec {
    case .none: return source
    case .gzip, .snappy, .lz4, .zstd: throw .failed(codec, "not there yet")
    }
  }
}
