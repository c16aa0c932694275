/// Memory that grows to the largest that was asked for and is used again and again.
struct ScratchBuffer: ~Copyable {
  private(set) var space = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  init() {}

  deinit { space.deallocate() }

  /// Bytes that are there.
  var capacity: Int { space.count }

  /// Makes room for `count` bytes and keeps the first `kept` of what is there.
  mutating func reserve(_ count: Int, keeping kept: Int = 0) {
    guard count > space.count else { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
    if kept > 0 {
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: space[..<min(kept, space.count)]))
    }
    space.deallocate()
    space = larger
  }

  /// Doubles the room, up to `limit`; false where the limit is reached.
  mutating func grow(keeping kept: Int, limit: Int) -> Bool {
    guard space.count < limit else { return false }
    reserve(min(limit, max(64 << 10, space.count * 2)), keeping: kept)
    return true
  }

  /// The room behind the first `used` bytes.
  func room(after used: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: space[min(used, space.count)...])
  }

  /// The first `count` bytes.
  func bytes(_ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: space[..<min(count, space.count)])
  }
}
