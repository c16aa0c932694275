/// Strings in JSON, escaped as kcat escapes them; what comes out is always valid.
///
/// `\" \\ \b \f \n \r \t`, other controls as `\u001F`; `/` and 0x7f stay. Where bytes are not UTF-8,
/// U+FFFD takes the place of each maximal part, as Unicode recommends.
enum JSONText {
  /// The most bytes that one byte of input can become.
  static let growth = 6
  /// Bytes behind what is written that may be overwritten.
  static let slack = 8

  /// Writes `bytes`, escaped and without quotes, and moves `end` behind them.
  ///
  /// Reserve `growth` times their count and `slack`.
  @inline(__always)
  static func write(_ bytes: UnsafeRawBufferPointer, _ end: inout UnsafeMutableRawPointer) {
    guard let start = bytes.baseAddress else { return }
    end = write(start, start + bytes.count, end)
  }

  /// Eight bytes at a time; within a word without high bits each mark is exact, since no sum carries.
  @inline(__always)
  private static func write(
    _ start: UnsafeRawPointer, _ stop: UnsafeRawPointer, _ place: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var source = start
    var place = place
    while stop - source >= 8 {
      let word = source.loadUnaligned(as: UInt64.self)
      place.storeBytes(of: word, as: UInt64.self)
      let notQuotes = (word ^ ones &* 0x22) &+ ones &* 0x7f
      let notBackslashes = (word ^ ones &* 0x5c) &+ ones &* 0x7f
      let notControls = word &+ ones &* 0x60
      let plain = notQuotes & notBackslashes & notControls & ~word & highs
      if plain == highs {
        source += 8
        place += 8
      } else if notControls & ~word & highs == highs {
        place = writeQuotes(word, ~(notQuotes & notBackslashes) & highs, place)
        source += 8
      } else {
        // Up to the first byte that is a control or not ASCII, or that is marked before it.
        let count = (~plain & highs).trailingZeroBitCount &>> 3
        (source, place) = writeSpecial(source + count, stop, place + count)
      }
    }
    while source < stop {
      let byte = source.load(as: UInt8.self)
      if byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5c {
        place.storeBytes(of: byte, as: UInt8.self)
        source += 1
        place += 1
      } else {
        (source, place) = writeSpecial(source, stop, place)
      }
    }
    return place
  }

  /// Writes a word whose marked bytes want a backslash; the others are plain.
  ///
  /// The word stays in a register: what is behind a marked byte is written again behind its escape.
  @inline(__always)
  private static func writeQuotes(
    _ word: UInt64, _ marks: UInt64, _ place: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    var word = word
    var marks = marks
    var place = place
    var left = 8
    repeat {
      let bits = UInt64(truncatingIfNeeded: marks.trailingZeroBitCount) & 0x38
      let count = Int(truncatingIfNeeded: bits &>> 3)
      place += count
      place.storeBytes(of: 0x5c, as: UInt8.self)
      word = word &>> bits
      (place + 1).storeBytes(of: word, as: UInt64.self)
      word = word &>> 8
      marks = (marks &>> bits) &>> 8
      place += 2
      left &-= count &+ 1
    } while marks != 0
    return place + left
  }

  /// Writes what begins at `source` and cannot be copied: an escape, or everything up to the next ASCII.
  @inline(never)
  private static func writeSpecial(
    _ source: UnsafeRawPointer, _ stop: UnsafeRawPointer, _ place: UnsafeMutableRawPointer
  ) -> (UnsafeRawPointer, UnsafeMutableRawPointer) {
    let byte = source.load(as: UInt8.self)
    guard byte >= 0x80 else { return (source + 1, writeEscape(byte, place)) }
    let bytes = UnsafeRawBufferPointer(start: source, count: stop - source)
    var place = place
    var at = 0
    while at < bytes.count, bytes[at] >= 0x80 {
      let length = UTF8Sequence.length(bytes, at: at)
      if length > 0 {
        place.copyMemory(from: source + at, byteCount: length)
        at += length
        place += length
      } else {
        place.storeBytes(of: 0xef, as: UInt8.self)
        place.storeBytes(of: 0xbf, toByteOffset: 1, as: UInt8.self)
        place.storeBytes(of: 0xbd, toByteOffset: 2, as: UInt8.self)
        at += UTF8Sequence.invalidLength(bytes, at: at)
        place += 3
      }
    }
    return (source + at, place)
  }

  private static func writeEscape(
    _ byte: UInt8, _ place: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    place.storeBytes(of: 0x5c, as: UInt8.self)
    let letter: UInt8 =
      switch byte {
      case 0x22, 0x5c: byte
      case 0x08: UInt8(ascii: "b")
      case 0x09: UInt8(ascii: "t")
      case 0x0a: UInt8(ascii: "n")
      case 0x0c: UInt8(ascii: "f")
      case 0x0d: UInt8(ascii: "r")
      default: UInt8(ascii: "u")
      }
    place.storeBytes(of: letter, toByteOffset: 1, as: UInt8.self)
    guard letter == UInt8(ascii: "u") else { return place + 2 }
    place.storeBytes(of: UInt8(ascii: "0"), toByteOffset: 2, as: UInt8.self)
    place.storeBytes(of: UInt8(ascii: "0"), toByteOffset: 3, as: UInt8.self)
    place.storeBytes(of: hexDigit(byte >> 4), toByteOffset: 4, as: UInt8.self)
    place.storeBytes(of: hexDigit(byte & 15), toByteOffset: 5, as: UInt8.self)
    return place + 6
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }

  /// Appends `bytes` as a string, with quotes; for a terminal what would steer it is escaped as well.
  static func append(
    _ bytes: UnsafeRawBufferPointer, forTerminal: Bool = false, to text: inout [UInt8]
  ) {
    let room = bytes.count * growth + slack
    let escaped = [UInt8](unsafeUninitializedCapacity: room) { space, count in
      guard var end = space.baseAddress.map({ UnsafeMutableRawPointer($0) }) else { return }
      let start = end
      write(bytes, &end)
      count = end - start
    }
    text.append(UInt8(ascii: "\""))
    if forTerminal {
      escaped.withUnsafeBytes { TerminalText.append($0, as: .json, to: &text) }
    } else {
      text.append(contentsOf: escaped)
    }
    text.append(UInt8(ascii: "\""))
  }

  /// Appends a string, with quotes.
  static func append(_ string: String, forTerminal: Bool = false, to text: inout [UInt8]) {
    Array(string.utf8).withUnsafeBytes { append($0, forTerminal: forTerminal, to: &text) }
  }
}
