/// A field's value.
public enum RuleValue: Hashable, Sendable {
  /// A whole number.
  case integer(Int64)
  /// Any other finite number.
  case float(Double)
  /// A text; booleans are `true` and `false`.
  case string(String)

  /// The longest text that is kept, in bytes; what is longer is cut.
  public static let bytesMax = 4096

  /// A number where the text is one, as constants and operands are written, otherwise the text.
  init(parsing text: String) {
    if let integer = Int64(text) {
      self = .integer(integer)
    } else if let number = Self.number(text) {
      self = .float(number)
    } else {
      self = .string(text)
    }
  }

  /// The value as messages and keys show it.
  public var text: String {
    switch self {
    case .integer(let value): String(value)
    case .float(let value):
      Int64(exactly: value).map { $0.magnitude < 1 << 53 ? String($0) : String(value) }
        ?? String(value)
    case .string(let value): value
    }
  }

  /// The value as a number; nil where it is a text that is none.
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .float(let value): value
    case .string(let value): Self.number(value)
    }
  }

  /// −1, 0 or 1 as the first is less than, equal to or greater than the second.
  ///
  /// Nil where one of them is no number: texts have no order in Healthbot.
  static func order(_ a: RuleValue, _ b: RuleValue) -> Int? {
    if case .integer(let a) = a, case .integer(let b) = b { return a < b ? -1 : a == b ? 0 : 1 }
    guard let a = a.number, let b = b.number else { return nil }
    return a < b ? -1 : a == b ? 0 : 1
  }

  /// True where both are the same number or the same text.
  static func isEqual(_ a: RuleValue, _ b: RuleValue) -> Bool {
    order(a, b).map { $0 == 0 } ?? a.text.utf8.elementsEqual(b.text.utf8)
  }

  /// The second taken from the first; nil where one of them is no number.
  static func difference(_ a: RuleValue, _ b: RuleValue) -> RuleValue? {
    if case .integer(let a) = a, case .integer(let b) = b {
      let (result, overflow) = a.subtractingReportingOverflow(b)
      if !overflow { return .integer(result) }
    }
    guard let a = a.number, let b = b.number else { return nil }
    return finite(a - b)
  }

  /// A number as a value; nil where it is infinite or none.
  static func finite(_ number: Double) -> RuleValue? { number.isFinite ? .float(number) : nil }

  private static func number(_ text: String) -> Double? {
    // Double(_:) also takes "nan", "inf" and "0x1p3", which no device means as numbers.
    guard
      text.utf8.allSatisfy({ byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
          UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
          true
        default: false
        }
      }), let number = Double(text), number.isFinite
    else { return nil }
    return number
  }
}

/// A field's type, `type`.
public enum RuleFieldType: String, CaseIterable, Sendable {
  /// Text.
  case string
  /// A whole number; a fraction is cut off.
  case integer
  /// A whole number that is not negative.
  case unsignedInteger = "unsigned-integer"
  /// A number.
  case float

  /// A value made one of this type; nil where it cannot be.
  func cast(_ value: RuleValue) -> RuleValue? {
    switch self {
    case .string: return .string(value.text)
    case .float: return value.number.map { .float($0) }
    case .integer: return Self.integer(value)
    case .unsignedInteger:
      return Self.integer(value).flatMap { ($0.number ?? -1) < 0 ? nil : $0 }
    }
  }

  private static func integer(_ value: RuleValue) -> RuleValue? {
    if case .integer = value { return value }
    if case .string(let text) = value, let integer = Int64(text) { return .integer(integer) }
    guard let number = value.number else { return nil }
    // Counters of 64 bits without sign can be beyond Int64: they stay what they are.
    return Int64(exactly: number.rounded(.towardZero)).map { .integer($0) } ?? .float(number)
  }
}
