/// Counts lines and columns of a text up to places that come in order, so that each byte is counted once.
struct PlaceCounter {
  private let text: UnsafeRawBufferPointer
  private var counted = 0
  /// The line of the last place, from 1.
  private(set) var line = 1
  /// Its column in characters (Unicode scalars), from 1.
  private(set) var column = 1

  /// Begins at the text's first byte.
  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  /// Goes on to a byte; one that was passed already leaves the place as it is.
  mutating func advance(to offset: Int) {
    let end = max(counted, min(offset, text.count))
    for byte in text[counted..<end] {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    counted = end
  }
}
