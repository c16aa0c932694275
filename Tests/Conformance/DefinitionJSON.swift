/// A value of Kafka's definition files: JSON with `//` comments.
///
/// The test has a reader of its own, so that it shares nothing with what it tests.
indirect enum DefinitionJSON {
  case object([String: DefinitionJSON])
  case array([DefinitionJSON])
  case string(String)
  case number(Int)
  case bool(Bool)
  case null

  subscript(name: String) -> DefinitionJSON? {
    if case .object(let members) = self { members[name] } else { nil }
  }
  var string: String? { if case .string(let text) = self { text } else { nil } }
  var number: Int? { if case .number(let value) = self { value } else { nil } }
  var array: [DefinitionJSON]? { if case .array(let elements) = self { elements } else { nil } }

  /// What a scalar reads as; Kafka writes some booleans and numbers as strings.
  var text: String? {
    switch self {
    case .string(let text): text
    case .number(let value): "\(value)"
    case .bool(let value): value ? "true" : "false"
    case .null: "null"
    case .object, .array: nil
    }
  }

  struct SyntaxError: Error {
    var offset: Int
  }

  init(parsing bytes: [UInt8]) throws {
    var parser = Parser(bytes: bytes)
    self = try parser.value()
    parser.skip()
    guard parser.position == bytes.count else { throw parser.failure }
  }

  private struct Parser {
    let bytes: [UInt8]
    var position = 0

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }
    var failure: SyntaxError { SyntaxError(offset: position) }

    mutating func skip() {
      while let byte = next {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
          position += 1
        case UInt8(ascii: "/"):
          while let byte = next, byte != UInt8(ascii: "\n") { position += 1 }
        default: return
        }
      }
    }

    mutating func take(_ byte: Unicode.Scalar) throws {
      guard isNext(byte) else { throw failure }
      position += 1
    }

    mutating func isNext(_ byte: Unicode.Scalar) -> Bool {
      skip()
      return next == UInt8(ascii: byte)
    }

    mutating func value() throws -> DefinitionJSON {
      skip()
      switch next {
      case UInt8(ascii: "{"):
        var members: [String: DefinitionJSON] = [:]
        try list(from: "{", to: "}") { (parser) in
          let name = try parser.quoted()
          try parser.take(":")
          members[name] = try parser.value()
        }
        return .object(members)
      case UInt8(ascii: "["):
        var elements: [DefinitionJSON] = []
        try list(from: "[", to: "]") { (parser) in elements.append(try parser.value()) }
        return .array(elements)
      case UInt8(ascii: "\""): return .string(try quoted())
      default: return try word()
      }
    }

    mutating func list(
      from start: Unicode.Scalar, to end: Unicode.Scalar,
      _ element: (inout Parser) throws -> Void
    ) throws {
      try take(start)
      while !isNext(end) {
        try element(&self)
        if isNext(end) { break }
        try take(",")
      }
      try take(end)
    }

    mutating func quoted() throws -> String {
      try take("\"")
      var text: [UInt8] = []
      while let byte = next, byte != UInt8(ascii: "\"") {
        // None of the files has an escape.
        guard byte != UInt8(ascii: "\\") else { throw failure }
        text.append(byte)
        position += 1
      }
      try take("\"")
      return String(decoding: text, as: UTF8.self)
    }

    mutating func word() throws -> DefinitionJSON {
      let start = position
      while let byte = next, !",]} \t\r\n/".utf8.contains(byte) { position += 1 }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      switch text {
      case "true": return .bool(true)
      case "false": return .bool(false)
      case "null": return .null
      default:
        guard let value = Int(text) else { throw failure }
        return .number(value)
      }
    }
  }
}
