/// An alarm as flat words, `name=value`: `device-id=mx1 severity=major interface=ge-0/0/0`.
///
/// Healthbot's names are fields (`device` is `device-id`), any other name is one of the alarm's keys.
/// A value may be empty and may hold further `=`.
public enum AlarmWords {
  /// The alarm of words that are split already, such as those of a command line.
  ///
  /// Only where `needsDevice` is false may the device be missing, as it may in a network group.
  /// - Throws: `AlarmError`; its `line` is 1 and its `column` the number of the word, from 1.
  public static func alarm(
    in words: [String], defaults: AlarmDefaults = AlarmDefaults(), needsDevice: Bool = true
  ) throws(AlarmError) -> Alarm {
    let words = words.enumerated().map { Word(text: $1, column: $0 + 1) }
    return try alarm(of: words, line: 1, end: words.count + 1, defaults, needsDevice)
  }

  /// The alarm of a line, which is split at blanks.
  ///
  /// As in a shell, `'…'` takes everything as it is, `"…"` everything but `\"`, `\\` and, as in logfmt,
  /// `\n`, `\r` and `\t`, and outside of quotes a backslash takes the next character as it is. Quotes may
  /// begin inside a word: `message="link down"`. `line` is the line's number, for errors.
  /// - Throws: `AlarmError`, with the position.
  public static func alarm(
    in text: UnsafeRawBufferPointer, line: Int = 1, defaults: AlarmDefaults = AlarmDefaults(),
    needsDevice: Bool = true
  ) throws(AlarmError) -> Alarm {
    var splitter = Splitter(text, line: line)
    let words = try splitter.words()
    return try alarm(of: words, line: line, end: splitter.column, defaults, needsDevice)
  }

  /// A word and where it begins.
  fileprivate struct Word {
    var text: String
    var column: Int
  }

  private static func alarm(
    of words: [Word], line: Int, end: Int, _ defaults: AlarmDefaults, _ needsDevice: Bool
  ) throws(AlarmError) -> Alarm {
    var parts = AlarmParts()
    for word in words {
      guard let equals = word.text.utf8.firstIndex(of: UInt8(ascii: "=")),
        equals > word.text.startIndex
      else {
        throw AlarmError(
          reason: .notWords("\(shown(word.text, limit: 40)) is no NAME=VALUE"), line: line,
          column: word.column)
      }
      let name = String(word.text[..<equals])
      let value = String(word.text[equals...].dropFirst())
      do throws(AlarmPartError) {
        if let field = name == "device" ? .deviceID : AlarmLine.Field(rawValue: name) {
          try parts.set(field, to: value)
        } else {
          try parts.setKey(name, to: value)
        }
      } catch {
        throw AlarmError(reason: error.reason, line: line, column: word.column)
      }
    }
    do throws(AlarmPartError) {
      return try parts.alarm(defaults, needsDevice: needsDevice)
    } catch {
      throw AlarmError(reason: error.reason, line: line, column: end)
    }
  }
}

/// Splits a line into words.
private struct Splitter {
  private let text: UnsafeRawBufferPointer
  private let line: Int
  private var offset = 0
  /// The column of the next character, from 1.
  private(set) var column = 1

  init(_ text: UnsafeRawBufferPointer, line: Int) {
    self.text = text
    self.line = line
  }

  mutating func words() throws(AlarmError) -> [AlarmWords.Word] {
    var words: [AlarmWords.Word] = []
    while let byte = peek {
      if Self.isBlank(byte) {
        skip()
      } else {
        words.append(try word())
      }
    }
    return words
  }

  private mutating func word() throws(AlarmError) -> AlarmWords.Word {
    let start = column
    var bytes: [UInt8] = []
    while let byte = peek, !Self.isBlank(byte) {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): try quoted(byte, into: &bytes)
      case UInt8(ascii: "\\"):
        let place = column
        skip()
        guard let next = peek else {
          throw error("a backslash at the line's end has nothing to take", place)
        }
        bytes.append(next)
        skip()
      default:
        bytes.append(byte)
        skip()
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw error("the word is not UTF-8", start)
    }
    return AlarmWords.Word(text: text, column: start)
  }

  private mutating func quoted(_ quote: UInt8, into bytes: inout [UInt8]) throws(AlarmError) {
    let place = column
    skip()
    while let byte = peek {
      skip()
      if byte == quote { return }
      guard byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), let next = peek else {
        bytes.append(byte)
        continue
      }
      switch next {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(next)
      case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "r"): bytes.append(UInt8(ascii: "\r"))
      case UInt8(ascii: "t"): bytes.append(UInt8(ascii: "\t"))
      default: bytes += [byte, next]
      }
      skip()
    }
    throw error("the quote \(Unicode.Scalar(quote)) is not closed", place)
  }

  private var peek: UInt8? { offset < text.count ? text[offset] : nil }

  private mutating func skip() {
    offset += 1
    // A character ends before the next byte that begins one.
    if offset >= text.count || text[offset] & 0xC0 != 0x80 { column += 1 }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  private func error(_ why: String, _ column: Int) -> AlarmError {
    AlarmError(reason: .notWords(why), line: line, column: column)
  }
}
