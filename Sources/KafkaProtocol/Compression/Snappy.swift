import CSnappy

/// Snappy, written raw as librdkafka does, read raw and in the framing of Java's library (xerial).
enum Snappy {
  /// The first bytes of Java's framing; two versions of four bytes follow.
  private static let magic: [UInt8] = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]
  private static let headerSize = 16

  static func compress(_ source: UnsafeRawBufferPointer, into output: inout ScratchBuffer)
    throws(CodecError) -> Int
  {
    // The format states the length in 32 bits.
    guard source.count <= Int(UInt32.max) else {
      throw .tooLarge(.snappy, limit: Int(UInt32.max))
    }
    output.reserve(snappy_max_compressed_length(source.count))
    var count = output.capacity
    let result = withText(source) { text in
      snappy_compress(
        text, source.count, output.space.baseAddress?.assumingMemoryBound(to: CChar.self), &count)
    }
    guard result == SNAPPY_OK else { throw .failed(.snappy, "code \(result.rawValue)") }
    return count
  }

  static func decompress(
    _ source: UnsafeRawBufferPointer, into output: inout ScratchBuffer, _ limits: CodecLimits
  ) throws(CodecError) -> Int {
    var written = 0
    guard source.starts(with: magic) else {
      try uncompress(source, into: &output, after: &written, limits)
      return written
    }
    var at = 0
    while at < source.count {
      let rest = UnsafeRawBufferPointer(rebasing: source[at...])
      if rest.starts(with: magic) {  // streams may follow one another
        guard rest.count >= headerSize else { throw .corrupt(.snappy, "it ends within a header") }
        at += headerSize
        continue
      }
      guard rest.count >= 4 else { throw .corrupt(.snappy, "it ends within a block's length") }
      let length = Int(Int32(bigEndian: rest.loadUnaligned(as: Int32.self)))
      guard length > 0, length <= rest.count - 4 else {
        throw .corrupt(.snappy, "a block of \(length) bytes where \(rest.count - 4) are left")
      }
      let block = UnsafeRawBufferPointer(rebasing: rest[4..<4 + length])
      try uncompress(block, into: &output, after: &written, limits)
      at += 4 + length
    }
    return written
  }

  /// Adds a raw block's content to what was written.
  private static func uncompress(
    _ block: UnsafeRawBufferPointer, into output: inout ScratchBuffer, after written: inout Int,
    _ limits: CodecLimits
  ) throws(CodecError) {
    var size = 0
    let known = withText(block) { snappy_uncompressed_length($0, block.count, &size) }
    guard known == SNAPPY_OK else { throw .corrupt(.snappy, "no length at a block's begin") }
    // Three bytes make at most 64; what states more is broken and gets no memory.
    guard size / 22 <= block.count else {
      throw .corrupt(.snappy, "\(size) bytes cannot come from \(block.count)")
    }
    guard size <= limits.maxBatchBytes - written else {
      throw .tooLarge(.snappy, limit: limits.maxBatchBytes)
    }
    output.reserve(max(1, written + size), keeping: written)
    let room = output.room(after: written)
    var made = room.count
    let result = withText(block) { text in
      snappy_uncompress(
        text, block.count, room.baseAddress?.assumingMemoryBound(to: CChar.self), &made)
    }
    guard result == SNAPPY_OK, made == size else {
      throw .corrupt(.snappy, "a block does not decompress")
    }
    written += size
  }

  /// The bytes as the library wants them; no bytes are not a null pointer.
  private static func withText<R>(
    _ bytes: UnsafeRawBufferPointer, _ body: (UnsafePointer<CChar>) -> R
  ) -> R {
    guard let start = bytes.baseAddress else {
      var nothing: CChar = 0
      return body(&nothing)
    }
    return body(start.assumingMemoryBound(to: CChar.self))
  }
}
