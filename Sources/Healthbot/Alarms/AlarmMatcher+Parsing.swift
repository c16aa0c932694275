/// Why a text is no matcher, and where.
public struct AlarmMatcherError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text.
  public let text: String
  /// What is wrong.
  public let reason: String
  /// The place of it in characters, from 1.
  public let column: Int

  /// The thing, the place, what is wrong.
  public var description: String {
    "matcher \(shown(text, limit: 80)), character \(column): \(reason)"
  }
}

extension AlarmMatcher: CustomStringConvertible {
  /// The matcher with its value, and where need be its name, in quotes; it can be parsed again.
  public var description: String {
    let isPlain = !name.isEmpty && name.utf8.allSatisfy(MatcherReader.isPlain)
    return (isPlain ? name : Self.quoted(name)) + operation.rawValue + Self.quoted(value)
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// Reads matchers as amtool takes them.
  ///
  /// That is `name=value`, `name!=value`, `name=~expression`, `name!~expression`, where a name and a value
  /// may stand in quotes with `\"`, `\\` and `\n` in it; several stand in braces with commas between them.
  /// A word without an operator is a rule's name.
  /// - Throws: `AlarmMatcherError` with the place.
  public static func list(parsing text: String) throws(AlarmMatcherError) -> [AlarmMatcher] {
    var reader = MatcherReader(text)
    return try reader.list()
  }
}

/// Reads matchers out of a text.
private struct MatcherReader {
  private let text: String
  private let bytes: [UInt8]
  private var at = 0

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  /// What a name may be made of without quotes.
  static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "~"), UInt8(ascii: "\""),
      UInt8(ascii: "\\"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","), 0...0x20, 0x7f:
      false
    default: true
    }
  }

  mutating func list() throws(AlarmMatcherError) -> [AlarmMatcher] {
    skipSpace()
    guard peek == UInt8(ascii: "{") else {
      let matcher = try matcher(inBraces: false)
      return [matcher]
    }
    at += 1
    var matchers: [AlarmMatcher] = []
    skipSpace()
    while peek != UInt8(ascii: "}") {
      matchers.append(try matcher(inBraces: true))
      skipSpace()
      guard peek == UInt8(ascii: ",") else { break }
      at += 1
      skipSpace()
    }
    guard peek == UInt8(ascii: "}") else { throw error("expected ',' or '}'") }
    at += 1
    skipSpace()
    guard peek == nil else { throw error("nothing may stand behind '}'") }
    return matchers
  }

  private mutating func matcher(inBraces: Bool) throws(AlarmMatcherError) -> AlarmMatcher {
    let name = try name()
    skipSpace()
    if !inBraces, peek == nil { return AlarmMatcher(AlarmLine.Field.rule.rawValue, .equal, name) }
    let operation = try self.operation()
    skipSpace()
    return AlarmMatcher(name, operation, try value(inBraces: inBraces))
  }

  private mutating func name() throws(AlarmMatcherError) -> String {
    if peek == UInt8(ascii: "\"") { return try quoted() }
    let start = at
    while let byte = peek, Self.isPlain(byte) { at += 1 }
    guard at > start else { throw error("expected a name, such as severity or device-id") }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func operation() throws(AlarmMatcherError) -> AlarmMatcher.Operation {
    // The longer ones first: `=` begins `=~`.
    for operation in [AlarmMatcher.Operation.matches, .doesNotMatch, .notEqual, .equal]
    where bytes[at...].starts(with: operation.rawValue.utf8) {
      at += operation.rawValue.utf8.count
      return operation
    }
    throw error("expected =, !=, =~ or !~ behind the name")
  }

  private mutating func value(inBraces: Bool) throws(AlarmMatcherError) -> String {
    if peek == UInt8(ascii: "\"") {
      let value = try quoted()
      skipSpace()
      guard inBraces || peek == nil else {
        throw error("nothing may stand behind the closing '\"'")
      }
      return value
    }
    var value: [UInt8] = []
    while let byte = peek {
      if inBraces, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") { break }
      guard byte != UInt8(ascii: "\"") else {
        throw error("a '\"' within a value needs a backslash before it")
      }
      value += unescaped()
    }
    while value.last == UInt8(ascii: " ") { value.removeLast() }
    return String(decoding: value, as: UTF8.self)
  }

  /// A text in quotes.
  private mutating func quoted() throws(AlarmMatcherError) -> String {
    let start = at
    var value: [UInt8] = []
    at += 1
    while let byte = peek {
      if byte == UInt8(ascii: "\"") {
        at += 1
        return String(decoding: value, as: UTF8.self)
      }
      value += unescaped()
    }
    at = start
    throw error("the closing '\"' is missing")
  }

  /// The next byte, or what an escape stands for; a backslash before anything else is one, as expressions
  /// need it.
  private mutating func unescaped() -> [UInt8] {
    let byte = bytes[at]
    at += 1
    guard byte == UInt8(ascii: "\\"), let next = peek else { return [byte] }
    switch next {
    case UInt8(ascii: "\\"), UInt8(ascii: "\""):
      at += 1
      return [next]
    case UInt8(ascii: "n"):
      at += 1
      return [0x0a]
    default: return [byte]
    }
  }

  private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x09 { at += 1 }
  }

  private func error(_ reason: String) -> AlarmMatcherError {
    let before = bytes[..<at].count { $0 & 0xC0 != 0x80 }
    return AlarmMatcherError(text: text, reason: reason, column: before + 1)
  }
}
