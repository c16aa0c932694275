import CDeflate
import CZlib

/// Makes gzip members by libdeflate, which is twice as fast as zlib on whole batches.
struct GzipCompressor: ~Copyable {
  private var context: OpaquePointer?
  private var level = -1

  init() {}

  deinit { libdeflate_free_compressor(context) }

  mutating func compress(
    _ source: UnsafeRawBufferPointer, level: Int, into output: inout ScratchBuffer
  ) throws(CodecError) -> Int {
    if context == nil || level != self.level {
      libdeflate_free_compressor(context)
      context = libdeflate_alloc_compressor(Int32(level))
      self.level = level
    }
    guard let context else { throw .failed(.gzip, "no memory") }
    output.reserve(libdeflate_gzip_compress_bound(context, source.count))
    let count = libdeflate_gzip_compress(
      context, source.baseAddress, source.count, output.space.baseAddress, output.capacity)
    guard count > 0 else { throw .failed(.gzip, "no room for \(source.count) bytes") }
    return count
  }
}

/// Reads gzip members, one after another: by libdeflate where the size at the end is right, else by zlib.
struct GzipDecompressor: ~Copyable {
  private var whole: OpaquePointer?
  /// On the heap, for zlib holds its address.
  private var stream: UnsafeMutablePointer<z_stream>?

  init() {}

  deinit {
    libdeflate_free_decompressor(whole)
    if let stream {
      inflateEnd(stream)
      stream.deinitialize(count: 1)
      stream.deallocate()
    }
  }

  mutating func decompress(
    _ source: UnsafeRawBufferPointer, into output: inout ScratchBuffer, _ limits: CodecLimits
  ) throws(CodecError) -> Int {
    var read = 0
    var written = 0
    repeat {
      let rest = UnsafeRawBufferPointer(rebasing: source[read...])
      try Self.checkHeader(of: rest, limits)
      if let (used, made) = try inflateWhole(rest, into: &output, after: written, limits) {
        read += used
        written += made
      } else {
        read += try inflate(rest, into: &output, after: &written, limits)
      }
    } while read < source.count
    return written
  }

  /// Inflates a member at once; nil if the size it seems to have is not plausible or not right.
  private mutating func inflateWhole(
    _ source: UnsafeRawBufferPointer, into output: inout ScratchBuffer, after written: Int,
    _ limits: CodecLimits
  ) throws(CodecError) -> (read: Int, written: Int)? {
    // The last four bytes are the size if this member is the last; deflate makes at most 1032 bytes of one.
    guard source.count >= 18 else { return nil }
    let end = source.loadUnaligned(fromByteOffset: source.count - 4, as: UInt32.self)
    let size = Int(UInt32(littleEndian: end))
    guard size <= limits.maxBatchBytes - written, size / 1032 <= source.count else { return nil }
    if whole == nil { whole = libdeflate_alloc_decompressor() }
    guard let whole else { throw .failed(.gzip, "no memory") }
    output.reserve(written + size, keeping: written)
    let room = output.room(after: written)
    var read = 0
    var made = 0
    let result = libdeflate_gzip_decompress_ex(
      whole, source.baseAddress, source.count, room.baseAddress,
      min(room.count, limits.maxBatchBytes - written), &read, &made)
    guard result == LIBDEFLATE_SUCCESS else { return nil }
    return (read, made)
  }

  /// Inflates a member piece by piece within the limit; returns the bytes that it took.
  private mutating func inflate(
    _ source: UnsafeRawBufferPointer, into output: inout ScratchBuffer, after written: inout Int,
    _ limits: CodecLimits
  ) throws(CodecError) -> Int {
    let stream = try readyStream()
    var read = 0
    while true {
      if written == output.capacity {
        _ = output.grow(keeping: written, limit: limits.maxBatchBytes)
      }
      let room = output.room(after: written)
      let space = min(room.count, limits.maxBatchBytes - written, Int(UInt32.max))
      let given = min(source.count - read, Int(UInt32.max))
      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: source.baseAddress.map { ($0 + read).assumingMemoryBound(to: UInt8.self) })
      stream.pointee.avail_in = UInt32(given)
      stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(space)
      let result = CZlib.inflate(stream, Z_NO_FLUSH)
      let used = given - Int(stream.pointee.avail_in)
      let made = space - Int(stream.pointee.avail_out)
      read += used
      written += made
      switch result {
      case Z_STREAM_END: return read
      case Z_OK, Z_BUF_ERROR:
        // Without room it may still pass the member's end.
        guard used > 0 || made > 0 else {
          if space == 0 { throw .tooLarge(.gzip, limit: limits.maxBatchBytes) }
          throw .corrupt(.gzip, "it ends too early")
        }
      case Z_MEM_ERROR: throw .failed(.gzip, "no memory")
      default:
        let text = stream.pointee.msg.map { String(cString: $0) }
        throw .corrupt(.gzip, text ?? "zlib's error \(result)")
      }
    }
  }

  private mutating func readyStream() throws(CodecError) -> UnsafeMutablePointer<z_stream> {
    if let stream {
      guard inflateReset(stream) == Z_OK else { throw .failed(.gzip, "cannot begin") }
      return stream
    }
    let new = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    new.initialize(to: z_stream())
    // 15 bits of window, 16 for "gzip only".
    let result = inflateInit2_(new, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else {
      new.deinitialize(count: 1)
      new.deallocate()
      throw .failed(.gzip, "no memory")
    }
    stream = new
    return new
  }

  /// Checks that a member begins here and that its header's fields are within bounds.
  ///
  /// RFC 1952.
  private static func checkHeader(of source: UnsafeRawBufferPointer, _ limits: CodecLimits)
    throws(CodecError)
  {
    guard source.count >= 10 else { throw .corrupt(.gzip, "it ends within a header") }
    guard source[0] == 0x1f, source[1] == 0x8b else {
      throw .corrupt(.gzip, "no member begins where one should")
    }
    let flags = source[3]
    var at = 10
    if flags & 4 != 0 {  // FEXTRA
      guard source.count >= at + 2 else { throw .corrupt(.gzip, "it ends within a header") }
      let count = Int(source[at]) | Int(source[at + 1]) << 8
      guard count <= limits.gzipHeaderFieldMax else {
        throw .unsupported(.gzip, "an extra field of \(count) bytes")
      }
      at += 2 + count
    }
    for bit: UInt8 in [8, 16] where flags & bit != 0 {  // FNAME, FCOMMENT
      guard at < source.count else { throw .corrupt(.gzip, "it ends within a header") }
      guard let end = source[at...].firstIndex(of: 0) else {
        throw .corrupt(.gzip, "it ends within a header")
      }
      guard end - at <= limits.gzipHeaderFieldMax else {
        throw .unsupported(.gzip, "a name or comment of \(end - at) bytes")
      }
      at = end + 1
    }
  }
}
