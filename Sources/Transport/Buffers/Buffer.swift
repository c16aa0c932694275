import Glibc

/// A block of bytes that goes round between threads; one owner at a time.
///
/// Nothing checks that only one thread uses it: who hands it over must not touch it any more. Pointers
/// into it are valid until it grows or ends.
public final class Buffer: @unchecked Sendable {
  private var base: UnsafeMutableRawPointer
  /// How many bytes there is room for; at least 16.
  public private(set) var capacity: Int
  /// Where the bytes in use begin; 0 … `count`.
  public var start = 0 { didSet { precondition(start >= 0 && start <= capacity) } }
  /// Where the bytes in use end; `start` … `capacity`.
  public var count = 0 { didSet { precondition(count >= 0 && count <= capacity) } }

  /// Makes a block of at least `capacity` bytes, none in use.
  public init(capacity: Int) {
    self.capacity = max(capacity, 16)
    base = Self.block(nil, self.capacity)
  }

  /// Makes a block that holds a copy of `bytes`.
  public convenience init(_ bytes: [UInt8]) { self.init(copying: bytes[...]) }

  /// Makes a block that holds a copy of `bytes`.
  public convenience init(copying bytes: ArraySlice<UInt8>) {
    self.init(capacity: bytes.count)
    space.copyBytes(from: bytes)
    count = bytes.count
  }

  deinit { free(base) }

  /// Makes the block at least `size` bytes large; what was in it stays.
  public func grow(to size: Int) {
    guard size > capacity else { return }
    base = Self.block(base, size)
    capacity = size
  }

  /// Makes room for `size` more bytes behind `count`, by doubling; what was in it stays.
  public func reserve(_ size: Int) {
    let needed = count + size
    if needed > capacity { grow(to: max(needed, capacity * 2)) }
  }

  /// The whole block.
  public var space: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base, count: capacity)
  }

  /// The bytes in use.
  public var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + start, count: max(0, count - start))
  }

  private static func block(_ old: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawPointer
  {
    // For large blocks realloc moves pages, not bytes.
    guard let block = realloc(old, size) else {
      preconditionFailure("out of memory: \(size) bytes")
    }
    return block
  }
}
