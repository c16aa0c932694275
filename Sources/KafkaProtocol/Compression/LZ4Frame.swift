import CLZ4

/// Which header checksum an lz4 frame has.
///
/// Kafka before 0.10 computed it over the frame's magic number too; such are the frames in messages of magic 0.
enum LZ4HeaderChecksum {
  /// As the format demands.
  case correct
  /// Over the magic number too: so it is written; when read it is not looked at, as in Kafka.
  case overMagicToo
}

/// Makes lz4 frames as Kafka's Java client can read them: independent blocks of 64 KiB.
struct LZ4Compressor: ~Copyable {
  private var context: OpaquePointer?

  init() {}

  deinit { LZ4F_freeCompressionContext(context) }

  mutating func compress(
    _ source: UnsafeRawBufferPointer, level: Int, into output: inout ScratchBuffer
  ) throws(CodecError) -> Int {
    if context == nil { _ = LZ4F_createCompressionContext(&context, UInt32(LZ4F_VERSION)) }
    guard let context else { throw .failed(.lz4, "no memory") }
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.blockSizeID = LZ4F_max64KB
    preferences.frameInfo.blockMode = LZ4F_blockIndependent
    preferences.compressionLevel = Int32(level)
    output.reserve(19 + LZ4F_compressBound(source.count, &preferences))
    var options = LZ4F_compressOptions_t()
    options.stableSrc = 1
    var count = 0
    for step in [Step.begin, .update, .end] {
      let room = output.room(after: count)
      let result =
        switch step {
        case .begin: LZ4F_compressBegin(context, room.baseAddress, room.count, &preferences)
        case .update:
          LZ4F_compressUpdate(
            context, room.baseAddress, room.count, source.baseAddress, source.count, &options)
        case .end: LZ4F_compressEnd(context, room.baseAddress, room.count, &options)
        }
      guard LZ4F_isError(result) == 0 else {
        throw .failed(.lz4, String(cString: LZ4F_getErrorName(result)))
      }
      count += result
    }
    return count
  }

  private enum Step { case begin, update, end }
}

/// Reads lz4 frames, one after another, with blocks of any kind and size, within a limit.
struct LZ4Decompressor: ~Copyable {
  private var context: OpaquePointer?

  init() {}

  deinit { LZ4F_freeDecompressionContext(context) }

  mutating func decompress(
    _ source: UnsafeRawBufferPointer, header: LZ4HeaderChecksum, into output: inout ScratchBuffer,
    _ limits: CodecLimits
  ) throws(CodecError) -> Int {
    if context == nil { _ = LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION)) }
    guard let context else { throw .failed(.lz4, "no memory") }
    var written = 0
    var read = 0
    repeat {
      let rest = UnsafeRawBufferPointer(rebasing: source[read...])
      let length = try LZ4Header.checkedLength(of: rest)
      LZ4F_resetDecompressionContext(context)
      switch header {
      case .correct: break
      case .overMagicToo:
        // The header goes in apart, with the checksum that the library wants.
        try LZ4Header.withMended(rest, length: length) { mended throws(CodecError) in
          _ = try feed(mended, context, into: &output, after: &written, limits)
        }
        read += length
      }
      let frame = UnsafeRawBufferPointer(rebasing: source[read...])
      guard let taken = try feed(frame, context, into: &output, after: &written, limits) else {
        throw .corrupt(.lz4, "it ends too early")
      }
      read += taken
    } while read < source.count
    return written
  }

  /// Gives the library `source`; returns the bytes to the frame's end, nil if it wants more.
  private func feed(
    _ source: UnsafeRawBufferPointer, _ context: OpaquePointer, into output: inout ScratchBuffer,
    after written: inout Int, _ limits: CodecLimits
  ) throws(CodecError) -> Int? {
    // A frame of one block of 64 KiB is the rule; the doubling does the rest.
    output.reserve(min(limits.maxBatchBytes, 64 << 10), keeping: written)
    var read = 0
    while true {
      let room = output.room(after: written)
      let space = min(room.count, limits.maxBatchBytes - written)
      var given = source.count - read
      var made = space
      let hint = LZ4F_decompress(
        context, room.baseAddress, &made, source.baseAddress.map { $0 + read }, &given, nil)
      guard LZ4F_isError(hint) == 0 else {
        throw .corrupt(.lz4, String(cString: LZ4F_getErrorName(hint)))
      }
      read += given
      written += made
      if hint == 0 { return read }
      if made == space {
        let hasGrown = output.grow(keeping: written, limit: limits.maxBatchBytes)
        if !hasGrown, made == 0, given == 0 { throw .tooLarge(.lz4, limit: limits.maxBatchBytes) }
      } else if made == 0, given == 0 {
        return nil
      }
    }
  }
}

/// The header of an lz4 frame: magic number, FLG, BD, perhaps a size, a checksum of one byte.
enum LZ4Header {
  private static let magic: UInt32 = 0x184d_2204

  /// The length of the header at the begin of `source`, in bytes: 7 or 15.
  static func checkedLength(of source: UnsafeRawBufferPointer) throws(CodecError) -> Int {
    guard source.count >= 7 else { throw .corrupt(.lz4, "it ends within a header") }
    guard UInt32(littleEndian: source.loadUnaligned(as: UInt32.self)) == magic else {
      throw .corrupt(.lz4, "no frame begins where one should")
    }
    let flags = source[4]
    guard flags & 1 == 0 else { throw .unsupported(.lz4, "a dictionary") }
    let length = flags & 8 == 0 ? 7 : 15
    guard source.count >= length else { throw .corrupt(.lz4, "it ends within a header") }
    return length
  }

  /// Calls `body` with a copy of the header whose checksum is right.
  static func withMended(
    _ source: UnsafeRawBufferPointer, length: Int,
    _ body: (UnsafeRawBufferPointer) throws(CodecError) -> Void
  ) throws(CodecError) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 1)
    defer { copy.deallocate() }
    copy.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<length]))
    copy[length - 1] = checksum(UnsafeRawBufferPointer(rebasing: copy[4..<length - 1]))
    try body(UnsafeRawBufferPointer(copy))
  }

  /// Gives a frame that this module made the checksum of Kafka before 0.10.
  static func breakChecksum(of frame: UnsafeMutableRawBufferPointer) {
    guard frame.count >= 7 else { return }
    frame[6] = checksum(UnsafeRawBufferPointer(rebasing: frame[..<6]))
  }

  /// The second byte of the 32-bit xxHash (seed 0) of fewer than 16 bytes.
  private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt8 {
    let (prime1, prime2): (UInt32, UInt32) = (2_654_435_761, 2_246_822_519)
    let (prime3, prime4, prime5): (UInt32, UInt32, UInt32) = (
      3_266_489_917, 668_265_263, 374_761_393
    )
    var hash = prime5 &+ UInt32(truncatingIfNeeded: bytes.count)
    var at = 0
    while bytes.count - at >= 4 {
      let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)
      hash = rotate(hash &+ UInt32(littleEndian: word) &* prime3, 17) &* prime4
      at += 4
    }
    for byte in bytes[at...] { hash = rotate(hash &+ UInt32(byte) &* prime5, 11) &* prime1 }
    hash = (hash ^ hash &>> 15) &* prime2
    hash = (hash ^ hash &>> 13) &* prime3
    hash ^= hash &>> 16
    return UInt8(truncatingIfNeeded: hash &>> 8)
  }

  private static func rotate(_ value: UInt32, _ by: UInt32) -> UInt32 {
    value &<< by | value &>> (32 - by)
  }
}
