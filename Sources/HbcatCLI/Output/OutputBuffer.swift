import Glibc
import KafkaClient

/// A file descriptor behind a buffer of 256 KiB; the one way to stdout for data.
///
/// Small pieces are copied, large ones leave by writev(2) from where they lie. Each record is marked
/// where it begins, so that after a failed write the first record that is not wholly written can be
/// named. The descriptor is never made non-blocking: others may share it.
struct OutputBuffer: ~Copyable {
  /// Bytes that the buffer holds.
  static let capacity = 256 << 10
  /// Records that the buffer holds, whatever their size.
  static let recordsMax = 16 << 10
  /// From this size on a piece is written from where it lies.
  static let directMin = 4 << 10

  /// A record's place: the partition as its caller numbers it, and the offset.
  struct RecordPlace: Equatable {
    var partition: Int32
    var offset: Int64
  }

  private struct Mark {
    var position: UInt32
    var partition: Int32
    var offset: Int64
  }

  let descriptor: Int32
  /// Whether the descriptor is a terminal.
  let isTerminal: Bool
  /// Whether each record is written at once: `-u`, or a terminal.
  let isUnbuffered: Bool
  /// Told of each write that has ended; nil where nobody wants to know.
  var progress: WriteProgress?
  /// Asked after each interruption of a blocked write; true ends it with `OutputError.stopped`.
  var shouldStop: () -> Bool = { false }

  private let base: UnsafeMutableRawPointer
  private let marks: UnsafeMutablePointer<Mark>
  private var used = 0
  /// Bytes at the buffer's beginning that a write which failed later has already taken.
  private var flushed = 0
  private var markCount = 0
  /// A record is being written piece by piece; its mark survives a flush.
  private var isRecordOpen = false
  /// The last piece that was to be written from where it lies was not written whole.
  private var isPieceCut = false
  /// Bytes that the descriptor has taken.
  private(set) var writtenBytes: Int64 = 0

  init(descriptor: Int32, isUnbuffered: Bool = false) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1
    self.isUnbuffered = isUnbuffered || isTerminal
    base = .allocate(byteCount: Self.capacity, alignment: 4096)
    marks = .allocate(capacity: Self.recordsMax)
    Self.widenPipe(descriptor)
  }

  deinit {
    base.deallocate()
    marks.deallocate()
  }

  /// Gives a pipe 1 MiB, so that its reader and we run side by side; refused is as well.
  private static func widenPipe(_ descriptor: Int32) {
    let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ, which Glibc's module map does not show
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return }
    _ = fcntl(descriptor, setPipeSize, Int32(1 << 20))
  }

  // MARK: Records

  /// Room for a record of at most `size` bytes (≤ `capacity`), to be followed by `endRecord`.
  @inline(__always)
  mutating func beginRecord(
    _ size: Int, partition: Int32, offset: Int64
  ) throws(OutputError) -> UnsafeMutableRawPointer {
    if Self.capacity &- used < size || markCount == Self.recordsMax { try flush() }
    (marks + markCount).initialize(
      to: Mark(
        position: UInt32(truncatingIfNeeded: used), partition: partition, offset: offset))
    markCount &+= 1
    return base + used
  }

  /// Ends the record that `beginRecord` began: its bytes reach up to `end`.
  @inline(__always)
  mutating func endRecord(at end: UnsafeMutableRawPointer) throws(OutputError) {
    used = end - base
    if isUnbuffered { try flush() }
  }

  /// Begins a record that is appended piece by piece, to be followed by `closeRecord`.
  mutating func openRecord(partition: Int32, offset: Int64) throws(OutputError) {
    _ = try beginRecord(0, partition: partition, offset: offset)
    isRecordOpen = true
  }

  /// Ends the record that `openRecord` began.
  mutating func closeRecord() throws(OutputError) {
    isRecordOpen = false
    if isUnbuffered { try flush() }
  }

  /// The first record that is not wholly written; nil if all are.
  var firstUnwritten: RecordPlace? {
    if flushed < used {
      for index in 0..<markCount {
        let end = index + 1 < markCount ? Int(marks[index + 1].position) : used
        if end > flushed { return place(index) }
      }
    }
    return isPieceCut && markCount > 0 ? place(markCount - 1) : nil
  }

  /// The offset of each partition's first record that is not wholly written.
  var unwritten: [Int32: Int64] {
    guard let first = firstUnwritten else { return [:] }
    var found: [Int32: Int64] = [:]
    var isBehindFirst = false
    for index in 0..<markCount {
      let record = place(index)
      isBehindFirst = isBehindFirst || record == first
      if isBehindFirst && found[record.partition] == nil { found[record.partition] = record.offset }
    }
    return found
  }

  private func place(_ index: Int) -> RecordPlace {
    RecordPlace(partition: marks[index].partition, offset: marks[index].offset)
  }

  // MARK: Bytes

  /// Room for `size` bytes (≤ `capacity`), to be followed by `advance`.
  mutating func room(_ size: Int) throws(OutputError) -> UnsafeMutableRawPointer {
    if Self.capacity - used < size { try flush() }
    return base + used
  }

  /// Takes over what was written into `room`, up to `end`.
  mutating func advance(to end: UnsafeMutableRawPointer) { used = end - base }

  /// Appends bytes: by a copy if they are few, otherwise by a write from where they lie.
  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    if bytes.count >= Self.directMin { return try writeDirectly(start, bytes.count) }
    let place = try room(bytes.count)
    memcpy(place, start, bytes.count)
    used += bytes.count
  }

  /// Appends bytes.
  mutating func append(_ bytes: [UInt8]) throws(OutputError) {
    let span = bytes.span.bytes
    try span.withUnsafeBytes { (piece) throws(OutputError) in try append(piece) }
  }

  /// Writes out what the buffer holds.
  mutating func flush() throws(OutputError) {
    while flushed < used {
      try took(write(descriptor, base + flushed, used - flushed))
    }
    emptied()
  }

  private mutating func writeDirectly(
    _ start: UnsafeRawPointer, _ count: Int
  ) throws(OutputError) {
    isPieceCut = true
    var pieceWritten = 0
    while pieceWritten < count {
      let rest = count - pieceWritten
      let left = used - flushed
      let written =
        left > 0
        ? writeTwo(base + flushed, left, start + pieceWritten, rest)
        : write(descriptor, start + pieceWritten, rest)
      let fromPiece = try took(written)
      pieceWritten += fromPiece
    }
    isPieceCut = false
    emptied()
  }

  private func writeTwo(
    _ first: UnsafeMutableRawPointer, _ firstCount: Int, _ second: UnsafeRawPointer,
    _ secondCount: Int
  ) -> Int {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { vectors in
      vectors.initializeElement(at: 0, to: iovec(iov_base: first, iov_len: firstCount))
      vectors.initializeElement(
        at: 1, to: iovec(iov_base: UnsafeMutableRawPointer(mutating: second), iov_len: secondCount))
      return writev(descriptor, vectors.baseAddress, 2)
    }
  }

  /// Books what a write took, from the buffer first; what is over is returned.
  ///
  /// A failed write that may be repeated counts as 0 bytes.
  @discardableResult
  private mutating func took(_ result: Int) throws(OutputError) -> Int {
    guard result < 0 else {
      writtenBytes += Int64(result)
      progress?.note()
      let fromBuffer = min(result, used - flushed)
      flushed += fromBuffer
      return result - fromBuffer
    }
    switch errno {
    case EINTR:
      if shouldStop() { throw .stopped }
    case EAGAIN:
      try waitUntilWritable()
    case EPIPE, EBADF:  // EBADF: started without a stdout
      throw .closed
    case let code:
      throw .failed(errno: code)
    }
    return 0
  }

  private func waitUntilWritable() throws(OutputError) {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    while poll(&entry, 1, -1) < 0 {
      guard errno == EINTR else { throw .failed(errno: errno) }
      if shouldStop() { throw .stopped }
    }
  }

  private mutating func emptied() {
    if isRecordOpen, markCount > 0 {
      marks[0] = marks[markCount - 1]
      marks[0].position = 0
      markCount = 1
    } else {
      markCount = 0
    }
    used = 0
    flushed = 0
  }
}
