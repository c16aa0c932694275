/// Builds values and their bytes by Kafka's definitions alone.
struct Walker {
  var message: Definition

  /// What a field holds.
  indirect enum Value: Equatable {
    case null
    case int(Int64)
    case uuid(UInt64, UInt64)
    case string(String)
    case bytes([UInt8])
    case array([Value])
    case structure([String: Value])
  }

  /// Why a version cannot carry a value.
  enum Refusal: Error {
    case lost(field: String)
    case null(field: String)
    case unknownKind(field: String)
  }

  /// What of the tag sections differs from what a writer would write.
  struct Tags {
    var unknown = false
    var defaults = false
  }

  // MARK: Values

  /// Every field of `version` at its default.
  func defaults(version: Int) -> Value {
    let fields = message.fields.filter { $0.versions.contains(version) }
    return .structure(
      Dictionary(uniqueKeysWithValues: fields.map { ($0.name, Self.missing($0)) }))
  }

  /// Every field of `version` at random, some null, some at their default.
  func random(version: Int, dice: inout Dice) -> Value {
    .structure(random(message.fields, version, &dice))
  }

  private func random(_ fields: [Definition.Field], _ version: Int, _ dice: inout Dice)
    -> [String: Value]
  {
    var values: [String: Value] = [:]
    for field in fields where field.versions.contains(version) {
      var value = dice.chance(5) ? Self.missing(field) : random(field.kind, version, &dice)
      if field.nullable.contains(version) {
        if dice.chance(6) { value = .null }
      } else if value == .null {
        value = Self.empty(field.kind)
      }
      values[field.name] = value
    }
    return values
  }

  private func random(_ kind: Definition.Kind, _ version: Int, _ dice: inout Dice) -> Value {
    switch kind {
    case .bool: return .int(dice.chance(2) ? 1 : 0)
    case .int(let bytes): return .int(dice.int(bytes: bytes))
    case .float64: return .int(dice.int(bytes: 8))
    case .uuid: return .uuid(dice.next(), dice.next())
    case .string: return .string(dice.string())
    case .bytes, .records: return .bytes(dice.bytes())
    case .structure(let fields): return .structure(random(fields, version, &dice))
    case .array(let element):
      // Now and then so many that the compact count has two bytes.
      var count = dice.below(4)
      if case .int = element, dice.chance(8) { count = 130 }
      return .array((0..<count).map { _ in random(element, version, &dice) })
    }
  }

  /// The value of a field that is not on the wire; nullable fields are null, as hbcat has them.
  static func missing(_ field: Definition.Field) -> Value {
    if field.nullable.range != nil { return .null }
    guard let text = field.missing, text != "" else { return empty(field.kind) }
    switch field.kind {
    case .bool: return .int(text == "true" ? 1 : 0)
    case .int:
      let isHex = text.hasPrefix("0x")
      return .int(Int64(isHex ? text.dropFirst(2) : text[...], radix: isHex ? 16 : 10) ?? 0)
    case .string: return .string(text)
    case .float64, .uuid, .bytes, .records, .structure, .array: return empty(field.kind)
    }
  }

  private static func empty(_ kind: Definition.Kind) -> Value {
    switch kind {
    case .bool, .int, .float64: .int(0)
    case .uuid: .uuid(0, 0)
    case .string: .string("")
    case .bytes, .records: .bytes([])
    case .array: .array([])
    case .structure(let fields):
      .structure(Dictionary(uniqueKeysWithValues: fields.map { ($0.name, missing($0)) }))
    }
  }

  private func isMissing(_ value: Value, _ field: Definition.Field) -> Bool {
    if field.nullable.range == nil, case .structure(let fields) = field.kind,
      case .structure(let values) = value
    {
      return fields.allSatisfy { isMissing(values[$0.name] ?? Self.missing($0), $0) }
    }
    return value == Self.missing(field)
  }

  // MARK: Bytes

  /// The message in the form of `version`, as Kafka's definition has it.
  ///
  /// - Throws: `Refusal` where the version cannot carry the value.
  func bytes(_ value: Value, version: Int, tags: Tags = Tags(), dice: inout Dice) throws -> [UInt8]
  {
    guard case .structure(let values) = value else { throw Refusal.unknownKind(field: "") }
    var writer = Writer(
      version: version, isFlexible: message.flexible.contains(version), tags: tags, dice: dice)
    try writer.structure(values, message.fields, self)
    dice = writer.dice
    return writer.bytes
  }

  private struct Writer {
    let version: Int
    let isFlexible: Bool
    let tags: Tags
    var dice: Dice
    var bytes: [UInt8] = []

    mutating func structure(
      _ values: [String: Value], _ fields: [Definition.Field], _ walker: Walker
    ) throws {
      var tagged: [(tag: UInt32, content: [UInt8])] = []
      for field in fields {
        let value = values[field.name] ?? Walker.missing(field)
        guard field.versions.contains(version) else {
          if field.isIgnorable || walker.isMissing(value, field) { continue }
          throw Refusal.lost(field: field.name)
        }
        if value == .null, !field.nullable.contains(version) {
          throw Refusal.null(field: field.name)
        }
        guard let tag = field.tag, field.tagged.contains(version) else {
          try write(value, field, field.kind, walker)
          continue
        }
        if walker.isMissing(value, field), !tags.defaults { continue }
        let before = bytes
        bytes = []
        try write(value, field, field.kind, walker)
        tagged.append((tag, bytes))
        bytes = before
      }
      guard isFlexible else { return }
      if tags.unknown, !dice.chance(3) {
        for tag: UInt32 in [9, 300, .max] where dice.chance(2) {
          tagged.append((tag, dice.bytes()))
        }
      }
      varint(UInt32(tagged.count))
      for (tag, content) in tagged.sorted(by: { $0.tag < $1.tag }) {
        varint(tag)
        varint(UInt32(content.count))
        bytes += content
      }
    }

    private mutating func write(
      _ value: Value, _ field: Definition.Field, _ kind: Definition.Kind, _ walker: Walker
    ) throws {
      let isCompact = field.flexible.map { $0.contains(version) } ?? isFlexible
      switch (kind, value) {
      case (.bool, .int(let number)): int(number, 1)
      case (.int(let width), .int(let number)): int(number, width)
      case (.float64, .int(let number)): int(number, 8)
      case (.uuid, .uuid(let high, let low)):
        int(Int64(bitPattern: high), 8)
        int(Int64(bitPattern: low), 8)
      case (.string, .null): length(nil, 2, isCompact)
      case (.string, .string(let text)):
        length(text.utf8.count, 2, isCompact)
        bytes += text.utf8
      case (.bytes, .null), (.records, .null), (.array, .null): length(nil, 4, isCompact)
      case (.bytes, .bytes(let content)), (.records, .bytes(let content)):
        length(content.count, 4, isCompact)
        bytes += content
      case (.array(let element), .array(let elements)):
        length(elements.count, 4, isCompact)
        for value in elements { try write(value, field, element, walker) }
      case (.structure, .null): int(-1, 1)
      case (.structure(let fields), .structure(let values)):
        // A struct that may be null has a byte before it; the elements of an array have none.
        if case .structure = field.kind, field.nullable.contains(version) { int(1, 1) }
        try structure(values, fields, walker)
      default: throw Refusal.unknownKind(field: field.name)
      }
    }

    private mutating func length(_ count: Int?, _ width: Int, _ isCompact: Bool) {
      if isCompact { varint(UInt32((count ?? -1) + 1)) } else { int(Int64(count ?? -1), width) }
    }

    private mutating func int(_ value: Int64, _ width: Int) {
      for shift in (0..<width).reversed() {
        bytes.append(UInt8(truncatingIfNeeded: value >> (8 * shift)))
      }
    }

    private mutating func varint(_ value: UInt32) {
      var rest = value
      while rest > 127 {
        bytes.append(UInt8(rest % 128) + 128)
        rest /= 128
      }
      bytes.append(UInt8(rest))
    }
  }
}

/// Random numbers that are the same in every run (SplitMix64).
struct Dice {
  private var state: UInt64
  init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
  /// True once in `times`.
  mutating func chance(_ times: Int) -> Bool { below(times) == 0 }

  mutating func int(bytes: Int) -> Int64 {
    let bits = Int64(8 * bytes)
    switch below(6) {
    case 0: return -1
    case 1: return Int64.max >> (64 - bits)
    case 2: return Int64.min >> (64 - bits)
    case 3: return Int64(below(100))
    default: return Int64(bitPattern: next()) >> (64 - bits)
    }
  }

  mutating func string() -> String {
    switch below(8) {
    case 0: return ""
    case 1: return "müsli-日本-🚀"
    case 2: return "\0\u{7f}\u{2028}"
    case 3: return String(repeating: "x", count: 120 + below(20))
    default:
      return String((0..<below(12)).map { _ in Character(UnicodeScalar(UInt8(97 + below(26)))) })
    }
  }

  mutating func bytes() -> [UInt8] {
    let count = chance(8) ? 120 + below(20) : below(10)
    return (0..<count).map { _ in UInt8(below(256)) }
  }
}
