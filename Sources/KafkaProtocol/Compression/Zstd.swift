import CZstd

/// Makes zstd frames with their content's size and, as Kafka does, without a checksum of their own.
struct ZstdCompressor: ~Copyable {
  private var context: OpaquePointer?

  init() {}

  deinit { ZSTD_freeCCtx(context) }

  mutating func compress(
    _ source: UnsafeRawBufferPointer, level: Int, into output: inout ScratchBuffer
  ) throws(CodecError) -> Int {
    if context == nil { context = ZSTD_createCCtx() }
    guard let context else { throw .failed(.zstd, "no memory") }
    output.reserve(ZSTD_compressBound(source.count))
    let count = ZSTD_compressCCtx(
      context, output.space.baseAddress, output.capacity, source.baseAddress, source.count,
      Int32(level))
    guard ZSTD_isError(count) == 0 else {
      throw .failed(.zstd, String(cString: ZSTD_getErrorName(count)))
    }
    return count
  }
}

/// Reads zstd frames, one after another, within a limit of size and of window.
struct ZstdDecompressor: ~Copyable {
  private var context: OpaquePointer?

  init() {}

  deinit { ZSTD_freeDCtx(context) }

  mutating func decompress(
    _ source: UnsafeRawBufferPointer, into output: inout ScratchBuffer, _ limits: CodecLimits
  ) throws(CodecError) -> Int {
    if context == nil { context = ZSTD_createDCtx() }
    guard let context else { throw .failed(.zstd, "no memory") }
    _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(limits.zstdWindowLogMax))
    var written = 0
    var read = 0
    repeat {
      let rest = UnsafeRawBufferPointer(rebasing: source[read...])
      read += try frame(rest, context, into: &output, after: &written, limits)
    } while read < source.count
    return written
  }

  /// Decompresses one frame, or passes a skippable one; returns the bytes that it took.
  private func frame(
    _ source: UnsafeRawBufferPointer, _ context: OpaquePointer, into output: inout ScratchBuffer,
    after written: inout Int, _ limits: CodecLimits
  ) throws(CodecError) -> Int {
    let header = try ZstdFrameHeader(source)
    if let skipped = header.skippableBytes { return skipped }
    guard ZSTD_getDictID_fromFrame(source.baseAddress, source.count) == 0 else {
      throw .unsupported(.zstd, "a dictionary")
    }
    guard header.windowLog <= limits.zstdWindowLogMax else {
      throw .unsupported(.zstd, "a window of 2^\(header.windowLog) bytes")
    }
    let size = ZSTD_getFrameContentSize(source.baseAddress, source.count)
    let isStated = size < UInt64.max - 1  // unknown is all ones, an error all ones but the last
    let start = written
    if isStated {
      guard size <= UInt64(limits.maxBatchBytes - written) else {
        throw .tooLarge(.zstd, limit: limits.maxBatchBytes)
      }
      // With room for all of it the library decompresses in one go. A block of 128 KiB takes at least 4 bytes:
      // what states more is broken and gets no memory in advance.
      if Int(size) / (128 << 10) <= source.count / 3 {
        output.reserve(written + Int(size), keeping: written)
      }
    }
    let read = try stream(source, context, into: &output, after: &written, limits)
    // The library does not look when the last block is empty.
    guard !isStated || size == UInt64(written - start) else {
      throw .corrupt(.zstd, "\(written - start) bytes where \(size) are stated")
    }
    return read
  }

  private func stream(
    _ source: UnsafeRawBufferPointer, _ context: OpaquePointer, into output: inout ScratchBuffer,
    after written: inout Int, _ limits: CodecLimits
  ) throws(CodecError) -> Int {
    _ = ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
    var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
    while true {
      let room = output.room(after: written)
      let space = min(room.count, limits.maxBatchBytes - written)
      var place = ZSTD_outBuffer(dst: room.baseAddress, size: space, pos: 0)
      let before = input.pos
      let result = ZSTD_decompressStream(context, &place, &input)
      guard ZSTD_isError(result) == 0 else {
        throw .corrupt(.zstd, String(cString: ZSTD_getErrorName(result)))
      }
      written += place.pos
      if result == 0 { return input.pos }
      if place.pos == space {  // full: more may be to come
        let hasGrown = output.grow(keeping: written, limit: limits.maxBatchBytes)
        if !hasGrown, input.pos == before, place.pos == 0 {
          throw .tooLarge(.zstd, limit: limits.maxBatchBytes)
        }
      } else if input.pos == before, place.pos == 0 {
        throw .corrupt(.zstd, "it ends too early")
      }
    }
  }
}

/// What is needed of a frame's header before the library reads it.
///
/// RFC 8878, 3.1.
private struct ZstdFrameHeader {
  /// Bytes of a skippable frame; nil for a frame with data.
  var skippableBytes: Int?
  /// The window as a power of two, rounded up; 0 where the frame's content is its window.
  var windowLog = 0

  init(_ source: UnsafeRawBufferPointer) throws(CodecError) {
    guard source.count >= 5 else { throw .corrupt(.zstd, "it ends within a header") }
    let magic = UInt32(littleEndian: source.loadUnaligned(as: UInt32.self))
    if magic & 0xffff_fff0 == 0x184d_2a50 {
      guard source.count >= 8 else { throw .corrupt(.zstd, "it ends within a header") }
      let size = source.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
      let total = 8 + Int(UInt32(littleEndian: size))
      guard total <= source.count else {
        throw .corrupt(.zstd, "a skippable frame of \(total) bytes where \(source.count) are left")
      }
      skippableBytes = total
      return
    }
    guard magic == 0xfd2f_b528 else {
      throw .corrupt(.zstd, "no frame begins where one should")
    }
    let isSingleSegment = source[4] & 0x20 != 0
    if !isSingleSegment {
      guard source.count >= 6 else { throw .corrupt(.zstd, "it ends within a header") }
      let descriptor = Int(source[5])
      windowLog = 10 + descriptor >> 3 + (descriptor & 7 == 0 ? 0 : 1)
    }
  }
}
