/// Splits a message into key and value, as `-K`, `-k` and `-Z` say.
///
/// With `-K` at the delimiter's first occurrence; without it there, all is value. `-Z` makes an empty
/// part null, only where the delimiter was found. `-k` is the key of what has none. A key or value that is
/// just `--null-marker`'s text is null, wherever it comes from.
struct MessageSplitter: ~Copyable {
  private let keyDelimiter: Delimiter?
  private let makesEmptyNull: Bool
  private let nullMarker: [UInt8]?
  private let fixedKey: UnsafeMutableRawBufferPointer?

  /// A nil `keyDelimiter` is no `-K`, a nil `nullMarker` no `--null-marker`, a nil `fixedKey` no `-k`.
  init(
    keyDelimiter: Delimiter? = nil, makesEmptyNull: Bool = false, nullMarker: [UInt8]? = nil,
    fixedKey: [UInt8]? = nil
  ) {
    self.keyDelimiter = keyDelimiter
    self.nullMarker = nullMarker
    self.makesEmptyNull = makesEmptyNull
    self.fixedKey = fixedKey.map { key in
      // One byte more, so that an empty key has an address.
      let space = UnsafeMutableRawBufferPointer.allocate(byteCount: key.count + 1, alignment: 1)
      space.copyBytes(from: key)
      return space
    }
  }

  deinit { fixedKey?.deallocate() }

  private var defaultKey: UnsafeRawBufferPointer? {
    guard let fixedKey else { return nil }
    return UnsafeRawBufferPointer(start: fixedKey.baseAddress, count: fixedKey.count - 1)
  }

  /// Splits a message; nil is null.
  ///
  /// The parts lie in the message; a fixed key is valid as long as the splitter.
  @inline(__always)
  func split(
    _ message: UnsafeRawBufferPointer
  ) -> (key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?) {
    let (key, value) = parts(of: message)
    guard let nullMarker else { return (key, value) }
    return (Self.unmarked(key, nullMarker), Self.unmarked(value, nullMarker))
  }

  private static func unmarked(
    _ part: UnsafeRawBufferPointer?, _ marker: [UInt8]
  ) -> UnsafeRawBufferPointer? {
    guard let part, part.count == marker.count, part.elementsEqual(marker) else { return part }
    return nil
  }

  @inline(__always)
  private func parts(
    of message: UnsafeRawBufferPointer
  ) -> (key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?) {
    guard let keyDelimiter, let start = message.baseAddress,
      let found = keyDelimiter.find(in: start, message.count)
    else { return (defaultKey, message) }
    let valueStart = found + keyDelimiter.count
    let key = UnsafeRawBufferPointer(start: start, count: found - start)
    let value = UnsafeRawBufferPointer(
      start: valueStart, count: message.count - (valueStart - start))
    guard makesEmptyNull else { return (key, value) }
    return (key.isEmpty ? defaultKey : key, value.isEmpty ? nil : value)
  }
}
