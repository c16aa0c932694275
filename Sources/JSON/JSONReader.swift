/// Reads one JSON text (RFC 8259, strictly) token by token, without allocating.
///
/// Names, strings and numbers come as spans of the text, which `string(_:)` and its relatives decode on
/// demand. Checked while reading: UTF-8, escapes and surrogate pairs, numbers, depth, and that nothing
/// follows the value. Duplicate names are the caller's to refuse. After an error the reader stays where
/// it was. The bytes must outlive the reader.
public struct JSONReader {
  /// How many arrays and objects may stand in one another, at most.
  public static let depthMax = 64

  let bytes: UnsafeRawBufferPointer
  private let firstLine: Int
  private let depthLimit: Int
  private var offset = 0
  private var state = State.value
  /// Bit `depth - 1` says whether that level is an object.
  private var objects: UInt64 = 0
  /// How many arrays and objects are open.
  public private(set) var depth = 0
  /// Bytes before the last token; for a name or string, before its quote.
  public private(set) var tokenOffset = 0

  private enum State { case value, firstElement, firstName, afterValue }

  /// Makes a reader of a whole text.
  ///
  /// `firstLine` is the number of the text's first line, for errors about a line of a longer stream;
  /// `depthLimit` is at most `depthMax`.
  public init(
    _ bytes: UnsafeRawBufferPointer, firstLine: Int = 1, depthLimit: Int = Self.depthMax
  ) {
    self.bytes = bytes
    self.depthLimit = min(depthLimit, Self.depthMax)
    self.firstLine = firstLine
  }

  /// The next token; nil behind the value, at the end of the text.
  /// - Throws: `JSONError` where the text is not JSON.
  public mutating func next() throws(JSONError) -> JSONToken? {
    var at = skipSpace(offset)
    switch state {
    case .value: return try value(at)
    case .firstElement:
      return peek(at) == UInt8(ascii: "]") ? close(at) : try value(at)
    case .firstName:
      return peek(at) == UInt8(ascii: "}") ? close(at) : try name(at, orEnd: " or '}'")
    case .afterValue:
      guard depth > 0 else {
        if let byte = peek(at) { throw error(.trailing(byte), at) }
        return nil
      }
      let end = isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
      let byte = peek(at)
      if byte == end { return close(at) }
      guard byte == UInt8(ascii: ",") else {
        throw unexpected(at, isInObject ? "',' or '}'" : "',' or ']'")
      }
      at = skipSpace(at + 1)
      return isInObject ? try name(at, orEnd: "") : try value(at)
    }
  }

  /// Reads a whole value, however deep, and says where its text lies.
  ///
  /// To be called where a value comes next: at the start, behind a name, in an array.
  /// - Throws: `JSONError` where there is none or it is not JSON.
  public mutating func skipValue() throws(JSONError) -> JSONSpan {
    let level = depth
    _ = try next()
    let start = tokenOffset
    while depth > level { _ = try next() }
    return JSONSpan(offset: start, count: max(0, offset - start))
  }

  /// Line (from the reader's first) and column (from 1, in Unicode scalars) of a place in the text.
  public func position(of place: Int) -> (line: Int, column: Int) {
    var line = firstLine
    var column = 1
    for byte in bytes[..<min(max(0, place), bytes.count)] {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return (line, column)
  }

  // MARK: Tokens

  private var isInObject: Bool { depth > 0 && objects >> UInt64(depth - 1) & 1 == 1 }

  private mutating func accept(_ token: JSONToken, _ at: Int, next: Int, _ then: State) -> JSONToken
  {
    tokenOffset = at
    offset = next
    state = then
    return token
  }

  private mutating func open(_ at: Int, isObject: Bool) throws(JSONError) -> JSONToken {
    guard depth < depthLimit else { throw error(.tooDeep(limit: depthLimit), at) }
    let bit: UInt64 = 1 << UInt64(depth)
    objects = isObject ? objects | bit : objects & ~bit
    depth += 1
    return isObject
      ? accept(.objectStart, at, next: at + 1, .firstName)
      : accept(.arrayStart, at, next: at + 1, .firstElement)
  }

  private mutating func close(_ at: Int) -> JSONToken {
    let token = isInObject ? JSONToken.objectEnd : .arrayEnd
    depth -= 1
    return accept(token, at, next: at + 1, .afterValue)
  }

  private mutating func name(_ at: Int, orEnd: String) throws(JSONError) -> JSONToken {
    guard peek(at) == UInt8(ascii: "\"") else { throw unexpected(at, "a name in quotes\(orEnd)") }
    let span = try string(openedAt: at)
    let colon = skipSpace(span.offset + span.count + 1)
    guard peek(colon) == UInt8(ascii: ":") else { throw unexpected(colon, "':' behind a name") }
    return accept(.name(span), at, next: colon + 1, .value)
  }

  private mutating func value(_ at: Int) throws(JSONError) -> JSONToken {
    let expected = state == .firstElement ? "a value or ']'" : "a value"
    guard let byte = peek(at) else { throw unexpected(at, expected) }
    switch byte {
    case UInt8(ascii: "{"): return try open(at, isObject: true)
    case UInt8(ascii: "["): return try open(at, isObject: false)
    case UInt8(ascii: "\""):
      let span = try string(openedAt: at)
      return accept(.string(span), at, next: span.offset + span.count + 1, .afterValue)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      let end = try number(at)
      return accept(.number(JSONSpan(offset: at, count: end - at)), at, next: end, .afterValue)
    case UInt8(ascii: "t"):
      return accept(.bool(true), at, next: try literal("true", at), .afterValue)
    case UInt8(ascii: "f"):
      return accept(.bool(false), at, next: try literal("false", at), .afterValue)
    case UInt8(ascii: "n"):
      return accept(.null, at, next: try literal("null", at), .afterValue)
    case 0xEF where at == 0 && peek(1) == 0xBB && peek(2) == 0xBF:
      throw error(.byteOrderMark, 0)
    default:
      throw unexpected(at, expected)
    }
  }

  private func literal(_ word: StaticString, _ at: Int) throws(JSONError) -> Int {
    for i in 0..<word.utf8CodeUnitCount where peek(at + i) != word.utf8Start[i] {
      throw unexpected(at + i, "\"\(word)\"")
    }
    return at + word.utf8CodeUnitCount
  }

  private func number(_ start: Int) throws(JSONError) -> Int {
    var at = start
    if peek(at) == UInt8(ascii: "-") { at += 1 }
    if peek(at) == UInt8(ascii: "0") {
      at += 1
      if isDigit(at) { throw error(.invalidNumber(expected: "no digit behind a leading 0"), at) }
    } else {
      at = try digits(at)
    }
    if peek(at) == UInt8(ascii: ".") { at = try digits(at + 1) }
    if let byte = peek(at), byte | 0x20 == UInt8(ascii: "e") {
      at += 1
      if let sign = peek(at), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { at += 1 }
      at = try digits(at)
    }
    return at
  }

  private func digits(_ start: Int) throws(JSONError) -> Int {
    guard isDigit(start) else { throw error(.invalidNumber(expected: "a digit"), start) }
    var at = start + 1
    while isDigit(at) { at += 1 }
    return at
  }

  // MARK: Strings

  /// The string whose opening quote is at `quote`, checked up to its closing one.
  private func string(openedAt quote: Int) throws(JSONError) -> JSONSpan {
    let start = quote + 1
    var at = start
    var hasEscapes = false
    while true {
      at = skipPlain(at)
      guard let byte = peek(at) else {
        throw error(.unexpectedEnd(expected: "the closing '\"' of a string"), at)
      }
      switch byte {
      case UInt8(ascii: "\""):
        return JSONSpan(offset: start, count: at - start, hasEscapes: hasEscapes)
      case UInt8(ascii: "\\"):
        at = try escape(at)
        hasEscapes = true
      case 0..<0x20: throw error(.controlCharacter(byte), at)
      case 0x80...:
        let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
        let length = rest.baseAddress.map { UTF8Sequence.length($0, left: rest.count) } ?? -1
        guard length > 0 else { throw error(.invalidUTF8(byte), at) }
        at += length
      default: at += 1
      }
    }
  }

  /// The first place from `start` on that is, or may be, no plain character; eight bytes at a time.
  private func skipPlain(_ start: Int) -> Int {
    var at = start
    while bytes.count - at >= 8 {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      let special = EightBytes.special(word)
      if special != 0 { return at + special.trailingZeroBitCount >> 3 }
      at += 8
    }
    return at
  }

  private func escape(_ backslash: Int) throws(JSONError) -> Int {
    guard let byte = peek(backslash + 1) else {
      throw error(.unexpectedEnd(expected: "an escape"), backslash + 1)
    }
    guard byte == UInt8(ascii: "u") else {
      guard Self.shortEscape(byte) != nil else { throw error(.invalidEscape, backslash) }
      return backslash + 2
    }
    guard let unit = hexUnit(backslash + 2) else { throw error(.invalidEscape, backslash) }
    guard unit & 0xF800 == 0xD800 else { return backslash + 6 }
    guard unit < 0xDC00, peek(backslash + 6) == UInt8(ascii: "\\"),
      peek(backslash + 7) == UInt8(ascii: "u"), let low = hexUnit(backslash + 8),
      low & 0xFC00 == 0xDC00
    else { throw error(.loneSurrogate(unit), backslash) }
    return backslash + 12
  }

  /// What a backslash before `byte` stands for; nil for what is no short escape.
  static func shortEscape(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: nil
    }
  }

  /// The value of four hexadecimal digits at a place; nil where they are not there.
  func hexUnit(_ at: Int) -> UInt16? {
    var unit: UInt16 = 0
    for i in 0..<4 {
      guard let byte = peek(at + i) else { return nil }
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: return nil
      }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  // MARK: Bytes

  /// The one door to the bytes: nil beyond the end.
  @inline(__always)
  func peek(_ at: Int) -> UInt8? { at >= 0 && at < bytes.count ? bytes[at] : nil }

  private func isDigit(_ at: Int) -> Bool {
    guard let byte = peek(at) else { return false }
    return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private func skipSpace(_ start: Int) -> Int {
    var at = start
    while let byte = peek(at), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      at += 1
    }
    return at
  }

  private func unexpected(_ at: Int, _ expected: String) -> JSONError {
    guard let byte = peek(at) else { return error(.unexpectedEnd(expected: expected), at) }
    return error(.unexpectedByte(byte, expected: expected), at)
  }

  /// An error at a place of the text.
  func error(_ reason: JSONError.Reason, _ at: Int) -> JSONError {
    let (line, column) = position(of: at)
    return JSONError(reason: reason, offset: at, line: line, column: column)
  }
}
