/// A text with fields in it.
struct RuleText: Hashable, Sendable {
  enum Part: Hashable, Sendable {
    case literal(String)
    /// A place in the rule's fields.
    case field(Int)
  }

  var parts: [Part]

  /// Finds `$field` in a text; the longest name of a field counts, and `$` before none stays.
  init(_ text: String, field: (String) -> Int?) {
    let bytes = Array(text.utf8)
    parts = []
    var literal: [UInt8] = []
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      guard byte == UInt8(ascii: "$"),
        let (index, count) = RuleNames.longest(in: bytes[at...], field)
      else {
        literal.append(byte)
        continue
      }
      if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
      literal = []
      parts.append(.field(index))
      at += count
    }
    if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
  }

  /// The fields in it.
  var fields: [Int] {
    parts.compactMap { part in
      if case .field(let index) = part { index } else { nil }
    }
  }

  /// The text where no field is in it.
  var constant: String? {
    var text = ""
    for part in parts {
      guard case .literal(let literal) = part else { return nil }
      text += literal
    }
    return text
  }

  /// The text with the fields' values; a field without one shows as nothing.
  func text(_ field: (Int) -> RuleValue?) -> String {
    var text = ""
    for part in parts {
      switch part {
      case .literal(let literal): text += literal
      case .field(let index): text += field(index)?.text ?? ""
      }
    }
    return text
  }
}

/// What names of fields and variables are made of.
enum RuleNames {
  /// True for `A-Z a-z 0-9 _ -`.
  static func isPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// The longest name at the start of a text that is a field's, and its length in bytes.
  ///
  /// `$in-bps-` and `$a-$b` have a `-` behind the name that could be of it.
  static func longest(in bytes: ArraySlice<UInt8>, _ field: (String) -> Int?) -> (Int, Int)? {
    var name = bytes.prefix(nameBytesMax).prefix { isPart($0) }
    while !name.isEmpty {
      if let index = field(String(decoding: name, as: UTF8.self)) { return (index, name.count) }
      name = name.dropLast()
    }
    return nil
  }

  /// The names behind each `$` of a text, without a `-` at their end.
  static func all(in text: String) -> [String] {
    text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false).dropFirst()
      .compactMap { rest in
        var name = rest.prefix(nameBytesMax).prefix { isPart($0) }
        while name.last == UInt8(ascii: "-") { name = name.dropLast() }
        guard let first = name.first, first | 0x20 >= UInt8(ascii: "a") else { return nil }
        return String(Substring(name))
      }
  }

  /// The longest name of Healthbot's, in bytes.
  static let nameBytesMax = 64
}
