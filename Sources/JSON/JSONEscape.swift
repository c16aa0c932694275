/// Escapes the inside of JSON strings, eight bytes at a time, to memory of the caller.
///
/// Whatever the bytes are, the result is valid: what is not UTF-8 becomes U+FFFD, one for each maximal
/// subpart. Quotes around the string are the caller's.
public enum JSONEscape {
  /// Room that one step needs at most; with less, nothing is written.
  public static let roomMin = 24

  /// The longest escape: a pair of surrogates.
  @inlinable static var escapeMax: Int { 12 }

  /// Whose escapes: they differ outside ASCII, in the digits' case and in what they do with 0x7F.
  @usableFromInline enum Style {
    case python
    case kcat
    case jansson

    @inlinable var isASCII: Bool { self != .kcat }
    @inlinable var escapes7F: Bool { self == .python }
    /// The digit 10.
    @inlinable var letters: UInt8 { self == .python ? 0x61 : 0x41 }
  }

  /// How many bytes of room any `count` bytes need, escaped in one call.
  @inlinable
  public static func bound(_ count: Int) -> Int {
    let (product, overflow) = count.multipliedReportingOverflow(by: 6)
    return overflow || product > Int.max - roomMin ? .max : product + roomMin
  }

  /// Escapes as Python's `json.dumps`: ASCII only, `\uxxxx` with lower-case digits and surrogate pairs.
  ///
  /// `target` must have room for `bound(source.count)`. Returns how many bytes were written.
  @inlinable
  public static func python(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer)
    -> Int
  {
    var position = 0
    return escape(source, &position, target, room: .max, .python)
  }

  /// Escapes as kcat's `-J` (yajl): non-ASCII as it is, control characters as `\u00XX` in upper case.
  ///
  /// `target` must have room for `bound(source.count)`. Returns how many bytes were written.
  @inlinable
  public static func kcat(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer)
    -> Int
  {
    var position = 0
    return escape(source, &position, target, room: .max, .kcat)
  }

  /// Escapes as `python(_:to:)` what fits into `room` bytes, from `position` on, and moves `position`.
  ///
  /// Done when `position` is `source.count`; otherwise to be called again with at least `roomMin` bytes.
  @inlinable
  public static func python(
    _ source: UnsafeRawBufferPointer, from position: inout Int, to target: UnsafeMutableRawPointer,
    room: Int
  ) -> Int { escape(source, &position, target, room: room, .python) }

  /// Escapes as `kcat(_:to:)` what fits into `room` bytes, from `position` on, and moves `position`.
  ///
  /// Done when `position` is `source.count`; otherwise to be called again with at least `roomMin` bytes.
  @inlinable
  public static func kcat(
    _ source: UnsafeRawBufferPointer, from position: inout Int, to target: UnsafeMutableRawPointer,
    room: Int
  ) -> Int { escape(source, &position, target, room: room, .kcat) }

  /// Escapes as jansson's `JSON_ENSURE_ASCII`, which prints kcat's Avro: ASCII only, `\uXXXX` in upper case,
  /// 0x7F as it is.
  ///
  /// What fits into `room` bytes, from `position` on, as `kcat(_:from:to:room:)`.
  @inlinable
  public static func jansson(
    _ source: UnsafeRawBufferPointer, from position: inout Int, to target: UnsafeMutableRawPointer,
    room: Int
  ) -> Int { escape(source, &position, target, room: room, .jansson) }

  /// Escapes bytes that are text of ISO 8859-1, as Avro's JSON shows `bytes` and `fixed`: ASCII only.
  ///
  /// `target` must have room for `bound(source.count)`. Returns how many bytes were written.
  @inlinable
  public static func latin1(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer)
    -> Int
  {
    var out = 0
    for byte in source {
      out +=
        byte < 0x80
        ? ascii(byte, target + out, .jansson)
        : unit(UInt32(byte), target + out, letters: Style.jansson.letters)
    }
    return out
  }

  @inlinable @inline(__always)
  static func escape(
    _ source: UnsafeRawBufferPointer, _ position: inout Int, _ target: UnsafeMutableRawPointer,
    room: Int, _ style: Style
  ) -> Int {
    guard let base = source.baseAddress, position >= 0 else { return 0 }
    let count = source.count
    var at = position
    var out = 0
    while at < count && room - out >= roomMin {
      // Runs of plain text, with no look at anything else. A word is written whole: what stands behind
      // the first special byte is written over.
      var wordsEnd = at + min(count - at, room - out) & ~7
      var special: UInt64 = 0
      while at < wordsEnd {
        let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        target.storeBytes(of: word.littleEndian, toByteOffset: out, as: UInt64.self)
        let foreign = EightBytes.foreign(word, with7F: style.escapes7F)
        let quotes = EightBytes.quotes(word)
        special = foreign | quotes
        if special != 0 {
          if foreign != 0 || room &- out < roomMin { break }
          out &+= self.quotes(word, quotes, target + out)
          at &+= 8
          special = 0
          if room != .max { wordsEnd = at &+ min(count &- at, room &- out) & ~7 }
          continue
        }
        at &+= 8
        out &+= 8
      }
      if special != 0 {
        let plain = special.trailingZeroBitCount >> 3
        at &+= plain
        out &+= plain
      }
      if at == count || room - out < escapeMax { continue }
      if count - at < 8 {
        // What is behind the end looks plain and is written over by what comes.
        let word = EightBytes.last(count - at, of: count, base)
        if EightBytes.foreign(word, with7F: style.escapes7F) == 0 && room - out >= roomMin {
          let quotes = EightBytes.quotes(word)
          let behind = 8 &- (count &- at)
          target.storeBytes(of: word.littleEndian, toByteOffset: out, as: UInt64.self)
          out &+= (quotes == 0 ? 8 : self.quotes(word, quotes, target + out)) &- behind
          at = count
          continue
        }
      }
      let byte = base.load(fromByteOffset: at, as: UInt8.self)
      if byte >= 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x5C {
        target.storeBytes(of: byte, toByteOffset: out, as: UInt8.self)
        at &+= 1
        out &+= 1
      } else if byte >= 0x80 {
        let length = UTF8Sequence.length(base + at, left: count - at)
        out += foreign(base + at, length, target + out, style)
        at += length < 0 ? -length : length
      } else {
        out += ascii(byte, target + out, style)
        at += 1
      }
    }
    position = at
    return out
  }

  /// Writes a word in which only the marked bytes want a backslash, at least one; returns how many bytes.
  ///
  /// The word stays in a register: what is behind a marked byte is written again behind its escape.
  @inlinable @inline(__always)
  static func quotes(_ word: UInt64, _ marks: UInt64, _ target: UnsafeMutableRawPointer) -> Int {
    var rest = word
    var marks = marks
    var place = target
    var left = 8
    repeat {
      let bits = UInt64(truncatingIfNeeded: marks.trailingZeroBitCount) & 0x38
      let plain = Int(truncatingIfNeeded: bits &>> 3)
      rest = rest &>> bits
      place += plain
      place.storeBytes(of: 0x5C, as: UInt8.self)
      (place + 1).storeBytes(of: rest.littleEndian, as: UInt64.self)
      rest = rest &>> 8
      marks = (marks &>> bits) &>> 8
      place += 2
      left &-= plain &+ 1
    } while marks != 0
    return place + left - target
  }

  /// Writes one ASCII character; returns 1, 2 or 6.
  @inlinable
  static func ascii(_ byte: UInt8, _ target: UnsafeMutableRawPointer, _ style: Style) -> Int {
    let short: UInt8
    switch byte {
    case 0x22, 0x5C: short = byte
    case 0x08: short = UInt8(ascii: "b")
    case 0x0C: short = UInt8(ascii: "f")
    case 0x0A: short = UInt8(ascii: "n")
    case 0x0D: short = UInt8(ascii: "r")
    case 0x09: short = UInt8(ascii: "t")
    default:
      if byte < 0x20 || (style.escapes7F && byte == 0x7F) {
        return unit(UInt32(byte), target, letters: style.letters)
      }
      target.storeBytes(of: byte, as: UInt8.self)
      return 1
    }
    target.storeBytes(of: 0x5C, as: UInt8.self)
    target.storeBytes(of: short, toByteOffset: 1, as: UInt8.self)
    return 2
  }

  /// Writes one sequence outside ASCII, or U+FFFD where `length` is negative.
  @inlinable
  static func foreign(
    _ source: UnsafeRawPointer, _ length: Int, _ target: UnsafeMutableRawPointer, _ style: Style
  ) -> Int {
    guard style.isASCII else {
      if length > 0 {
        target.copyMemory(from: source, byteCount: length)
        return length
      }
      target.storeBytes(of: 0xEF, as: UInt8.self)
      target.storeBytes(of: 0xBF, toByteOffset: 1, as: UInt8.self)
      target.storeBytes(of: 0xBD, toByteOffset: 2, as: UInt8.self)
      return 3
    }
    let scalar = length > 0 ? UTF8Sequence.scalar(source, count: length) : 0xFFFD
    if scalar < 0x10000 { return unit(scalar, target, letters: style.letters) }
    let above = scalar - 0x10000
    return unit(0xD800 + above >> 10, target, letters: style.letters)
      + unit(0xDC00 + above & 0x3FF, target + 6, letters: style.letters)
  }

  /// Writes `\u` and four digits, the letters beginning at `letters`; returns 6.
  @inlinable
  static func unit(_ unit: UInt32, _ target: UnsafeMutableRawPointer, letters: UInt8) -> Int {
    target.storeBytes(of: 0x5C, as: UInt8.self)
    target.storeBytes(of: 0x75, toByteOffset: 1, as: UInt8.self)
    for i in 0..<4 {
      let digit = UInt8(truncatingIfNeeded: unit >> (12 - 4 * UInt32(i))) & 0xF
      target.storeBytes(
        of: digit < 10 ? 0x30 + digit : letters + digit - 10, toByteOffset: 2 + i, as: UInt8.self)
    }
    return 6
  }
}
