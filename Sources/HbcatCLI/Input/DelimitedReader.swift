import Glibc

/// Reads a file descriptor in blocks and splits what it reads at a delimiter.
///
/// Messages are handed out where they lie, uncopied. `next` gives one after the other; when it has none,
/// `fill` reads on. The last message needs no delimiter; empty ones are left out, as in kcat.
struct DelimitedReader: ~Copyable {
  /// What `fill` did.
  enum Fill: Equatable {
    /// Bytes came. A read that was not full says that no more is there at the moment: wait for input.
    case bytes(isFull: Bool)
    /// The descriptor is non-blocking and has nothing: wait for input.
    case nothingYet
    /// A signal came instead of bytes.
    case interrupted
    /// The end; `next` gives what was left without delimiter.
    case end
  }

  /// Whether a message has begun whose end has not been read.
  var hasUnfinished: Bool { start < end }

  let descriptor: Int32
  /// Delimiters passed so far; the message that `next` gave last is line `lineNumber`.
  private(set) var lineNumber = 0

  private let delimiter: Delimiter
  private let messageMax: Int
  private let blockSize: Int
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  /// The first byte that no message has been made of.
  private var start = 0
  /// Behind the last byte read.
  private var end = 0
  /// Bytes from `start` on in which no delimiter begins.
  private var searched = 0
  private var isAtEnd = false

  /// Reads from `descriptor`; a message may have up to `messageMax` bytes.
  init(
    descriptor: Int32, delimiter: Delimiter = Delimiter([UInt8(ascii: "\n")]),
    messageMax: Int = 1_000_000, blockSize: Int = 256 << 10
  ) {
    precondition(blockSize > 0)
    self.descriptor = descriptor
    self.delimiter = delimiter
    self.messageMax = messageMax
    self.blockSize = blockSize
    capacity = blockSize * 2
    base = .allocate(byteCount: capacity, alignment: 4096)
  }

  deinit { base.deallocate() }

  /// The next message; nil if more has to be read, or behind the last after the end.
  ///
  /// It is valid until `fill` is called.
  ///
  /// - Throws: `InputError.messageTooLong`.
  @inline(__always)
  mutating func next() throws(InputError) -> UnsafeRawBufferPointer? {
    while true {
      let from = UnsafeRawPointer(base) + start
      guard let count = distanceToDelimiter(from) else { return try unfinished() }
      start &+= count &+ delimiter.count
      searched = 0
      lineNumber &+= 1
      if count > messageMax {
        throw .messageTooLong(line: lineNumber, size: count, isWhole: true, limit: messageMax)
      }
      if count > 0 { return UnsafeRawBufferPointer(start: from, count: count) }
    }
  }

  @inline(__always)
  private func distanceToDelimiter(_ from: UnsafeRawPointer) -> Int? {
    let rest = end &- start &- searched
    guard rest > 0, let found = delimiter.find(in: from + searched, rest) else { return nil }
    return found - from
  }

  /// Deals with a message whose delimiter has not been read yet.
  private mutating func unfinished() throws(InputError) -> UnsafeRawBufferPointer? {
    let count = end - start
    // What is behind the limit may be the beginning of the delimiter.
    let possible = isAtEnd ? count : count - (delimiter.count - 1)
    if possible > messageMax {
      throw .messageTooLong(
        line: lineNumber + 1, size: possible, isWhole: isAtEnd, limit: messageMax)
    }
    searched = max(0, count - (delimiter.count - 1))
    guard isAtEnd, count > 0 else { return nil }
    let message = UnsafeRawBufferPointer(start: base + start, count: count)
    start = end
    searched = 0
    lineNumber += 1
    return message
  }

  /// Reads one block; messages handed out before are no longer valid.
  ///
  /// It blocks only where the descriptor does: wait with `waitForInput` first.
  mutating func fill() throws(InputError) -> Fill {
    guard !isAtEnd else { return .end }
    makeRoom()
    let count = read(descriptor, base + end, blockSize)
    if count > 0 {
      end += count
      return .bytes(isFull: count == blockSize)
    }
    if count == 0 {
      isAtEnd = true
      return .end
    }
    switch errno {
    case EINTR: return .interrupted
    case EAGAIN: return .nothingYet
    case let code: throw .read(errno: code)
    }
  }

  /// Makes room for one block behind what is kept.
  ///
  /// What is kept is never more than a message's limit and a block, so memory is bounded.
  private mutating func makeRoom() {
    let kept = end - start
    if capacity - end >= blockSize { return }
    if capacity - kept < blockSize {
      let larger = max(capacity * 2, kept + blockSize)
      let space = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 4096)
      memcpy(space, base + start, kept)
      base.deallocate()
      base = space
      capacity = larger
    } else {
      memmove(base, base + start, kept)
    }
    start = 0
    end = kept
  }
}
