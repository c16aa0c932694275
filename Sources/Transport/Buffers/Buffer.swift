/// A block of bytes that goes round between threads; one owner at a time.
public final class Buffer: @unchecked Sendable {
  private var base: UnsafeMutableRawPointer
  /// How many bytes there is room for.
  public private(set) var capacity: Int
  /// Where the bytes in use begin.
  public var start = 0
  /// Where they end.
  public var count = 0

  /// Makes a block of at least `capacity` bytes.
  public init(capacity: Int) {
    self.capacity = max(capacity, 16)
    base = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 64)
  }

  /// Makes a block that holds a copy of `bytes`.
  public convenience init(_ bytes: [UInt8]) {
    self.init(capacity: bytes.count)
    bytes.withUnsafeBytes {
      if let from = $0.baseAddress { base.copyMemory(from: from, byteCount: $0.count) }
    }
    count = bytes.count
  }

  deinit { base.deallocate() }

  /// Makes room for `size` bytes and keeps those up to `count`.
  public func grow(to size: Int) {
    guard size > capacity else { return }
    let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    larger.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = larger
    capacity = size
  }

  /// The whole block.
  public var space: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base, count: capacity)
  }

  /// The bytes in use.
  public var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + start, count: count - start)
  }
}
