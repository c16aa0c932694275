import Glibc

/// Bytes that end a message, or part key and value.
struct Delimiter: Sendable, Equatable {
  let bytes: [UInt8]
  /// The only byte, as memchr(3) takes it; nil if there are more.
  private let single: Int32?

  /// `bytes` must not be empty: the options' parser has refused that.
  init(_ bytes: [UInt8]) {
    precondition(!bytes.isEmpty)
    self.bytes = bytes
    single = bytes.count == 1 ? Int32(bytes[0]) : nil
  }

  var count: Int { bytes.count }

  /// The first place in `count` bytes from `start` on where the delimiter stands whole.
  @inline(__always)
  func find(in start: UnsafeRawPointer, _ count: Int) -> UnsafeRawPointer? {
    if let single { return UnsafeRawPointer(memchr(start, single, count)) }
    return findLong(start, count)
  }

  @inline(never)
  private func findLong(_ start: UnsafeRawPointer, _ count: Int) -> UnsafeRawPointer? {
    guard count >= bytes.count else { return nil }
    let last = start + (count - bytes.count)
    var place = start
    while place <= last {
      guard let found = memchr(place, Int32(bytes[0]), last - place + 1) else { return nil }
      place = UnsafeRawPointer(found)
      if memcmp(place, bytes, bytes.count) == 0 { return place }
      place += 1
    }
    return nil
  }
}
