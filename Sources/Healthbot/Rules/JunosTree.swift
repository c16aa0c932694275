/// A file in Junos's configuration format, which Healthbot's `.rule` files are written in.
///
/// Statements end with `;` or have a block in braces; the last one of a block may lack its `;`. Words may
/// be quoted (`\"`, `\\`, `\n` and `\t` are escapes there, another backslash stands for itself), lists
/// stand in brackets, comments are `/* … */` and from `#` to the line's end. Of the words that may stand
/// before a statement, `inactive:` takes it out; `replace:` and `protect:` say nothing here.
struct JunosTree: Hashable, Sendable {
  /// The longest file, in bytes.
  static let bytesMax = 1 << 20
  /// How many braces may stand in one another.
  static let depthMax = 64

  /// The statements outside of any braces; what is inactive is left out at every depth.
  var statements: [JunosStatement]

  /// Parses a file; `file` is its name, for errors.
  /// - Throws: `RuleError` with the place where the text is not Junos's format.
  init(_ text: UnsafeRawBufferPointer, file: String) throws(RuleError) {
    var parser = Parser(text, file: file)
    statements = try parser.whole()
  }
}

/// Reads the words of a text and puts them together.
private struct Parser {
  private enum Token: Equatable {
    case word(String)
    case open, close, listOpen, listClose, semicolon, end
  }

  private let text: UnsafeRawBufferPointer
  private let file: String
  private var offset = 0
  private var place = RulePlace(line: 1, column: 1)
  /// Where the last token began.
  private var start = RulePlace(line: 1, column: 1)

  init(_ text: UnsafeRawBufferPointer, file: String) {
    self.text = text
    self.file = file
  }

  mutating func whole() throws(RuleError) -> [JunosStatement] {
    guard text.count <= JunosTree.bytesMax else {
      throw error(.tooLarge(byteCount: text.count), start)
    }
    return try statements(depth: 0, openedAt: nil)
  }

  /// The statements up to the closing brace, or to the end of the text.
  private mutating func statements(depth: Int, openedAt: RulePlace?) throws(RuleError)
    -> [JunosStatement]
  {
    var result: [JunosStatement] = []
    var current = JunosStatement(words: [], place: place)
    func finish() {
      if !current.words.isEmpty && !current.isInactive { result.append(current) }
      current = JunosStatement(words: [], place: place)
    }
    while true {
      switch try token() {
      case .word(let word):
        if current.words.isEmpty {
          if word == "inactive:" { current.isInactive = true }
          if word == "inactive:" || word == "replace:" || word == "protect:" { continue }
          current.place = start
        }
        current.words.append(word)
      case .listOpen:
        guard !current.words.isEmpty else { throw syntax("a list must have a name before it") }
        try list(into: &current)
      case .listClose: throw syntax("']' closes no list")
      case .semicolon: finish()
      case .open:
        guard !current.words.isEmpty else { throw syntax("'{' must have a name before it") }
        guard depth < JunosTree.depthMax else { throw error(.tooDeep, start) }
        current.children = try statements(depth: depth + 1, openedAt: start)
        finish()
      case .close:
        guard openedAt != nil else { throw syntax("'}' closes no block") }
        finish()
        return result
      case .end:
        if let openedAt {
          throw error(.syntax("the block that '{' opens here is not closed"), openedAt)
        }
        guard current.words.isEmpty else {
          throw error(.syntax("the statement lacks its ';' or its block"), current.place)
        }
        return result
      }
    }
  }

  private mutating func list(into statement: inout JunosStatement) throws(RuleError) {
    let opened = start
    while true {
      switch try token() {
      case .word(let word): statement.words.append(word)
      case .listClose: return
      case .end: throw error(.syntax("the list that '[' opens here is not closed"), opened)
      case .open, .close, .listOpen, .semicolon:
        throw syntax("a list holds words only and ends with ']'")
      }
    }
  }

  // MARK: Tokens

  private mutating func token() throws(RuleError) -> Token {
    try skipSpace()
    start = place
    guard let byte = peek(0) else { return .end }
    switch byte {
    case UInt8(ascii: "{"): return advance(.open)
    case UInt8(ascii: "}"): return advance(.close)
    case UInt8(ascii: "["): return advance(.listOpen)
    case UInt8(ascii: "]"): return advance(.listClose)
    case UInt8(ascii: ";"): return advance(.semicolon)
    case UInt8(ascii: "\""): return .word(try quoted())
    default: return .word(bare())
    }
  }

  private mutating func advance(_ token: Token) -> Token {
    step()
    return token
  }

  private mutating func bare() -> String {
    let begin = offset
    while let byte = peek(0) {
      switch byte {
      case 0...0x20, UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"),
        UInt8(ascii: ";"), UInt8(ascii: "\""):
        return String(decoding: text[begin..<offset], as: UTF8.self)
      default: step()
      }
    }
    return String(decoding: text[begin..<offset], as: UTF8.self)
  }

  private mutating func quoted() throws(RuleError) -> String {
    var value: [UInt8] = []
    step()
    while let byte = peek(0) {
      step()
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: value, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = peek(0), let replaced = Self.escape(escaped) else {
          value.append(byte)
          continue
        }
        value.append(replaced)
        step()
      default: value.append(byte)
      }
    }
    throw syntax("the closing '\"' of a string is missing")
  }

  private static func escape(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "t"): 0x09
    default: nil
    }
  }

  private mutating func skipSpace() throws(RuleError) {
    while let byte = peek(0) {
      if byte <= 0x20 {
        step()
      } else if byte == UInt8(ascii: "#") {
        while let next = peek(0), next != 0x0A { step() }
      } else if byte == UInt8(ascii: "/") && peek(1) == UInt8(ascii: "*") {
        start = place
        step()
        step()
        while peek(0) != UInt8(ascii: "*") || peek(1) != UInt8(ascii: "/") {
          guard peek(0) != nil else { throw syntax("the closing '*/' of a comment is missing") }
          step()
        }
        step()
        step()
      } else {
        return
      }
    }
  }

  /// The one door to the bytes: nil beyond the end.
  private func peek(_ ahead: Int) -> UInt8? {
    text.count - offset > ahead ? text[offset + ahead] : nil
  }

  private mutating func step() {
    guard let byte = peek(0) else { return }
    offset += 1
    if byte == 0x0A {
      place.line += 1
      place.column = 1
    } else if peek(0).map({ $0 & 0xC0 != 0x80 }) ?? true {
      place.column += 1
    }
  }

  private func syntax(_ why: String) -> RuleError { error(.syntax(why), start) }

  private func error(_ reason: RuleError.Reason, _ at: RulePlace) -> RuleError {
    RuleError(reason: reason, file: file, line: at.line, column: at.column)
  }
}
