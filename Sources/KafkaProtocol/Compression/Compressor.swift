/// Compresses payloads; its contexts and its memory are used again. One per thread.
public struct Compressor: ~Copyable {
  /// Makes a compressor; nothing is allocated before it is used.
  public init() {}

  /// Compresses `source`; the result is valid until the next call.
  ///
  /// - Parameter level: the codec's level; −1 for its default.
  /// - Throws: `CodecError.failed`, as without memory.
  public mutating func compress(
    _ codec: Codec, level: Int = -1, _ source: UnsafeRawBufferPointer
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    switch codec {
    case .none: return source
    case .gzip, .snappy, .lz4, .zstd: throw .failed(codec, "not there yet")
    }
  }
}
