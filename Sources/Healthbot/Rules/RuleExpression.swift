/// Arithmetic over fields, `eval { expression "…"; }`: `+ - * / %`, parentheses, numbers, `$field`.
struct RuleExpression: Hashable, Sendable {
  /// In reverse Polish order, so that evaluation needs a stack and no recursion.
  enum Step: Hashable, Sendable {
    case number(Double)
    case field(Int)
    case negate
    case apply(UInt8)
  }

  /// The most steps.
  static let stepsMax = 256

  var steps: [Step] = []

  /// The fields in it.
  var fields: [Int] {
    steps.compactMap { step in
      if case .field(let index) = step { index } else { nil }
    }
  }

  /// Parses an expression; `field` finds a field by its name.
  ///
  /// Returns nil where it is more than arithmetic.
  init?(_ text: String, field: @escaping (String) -> Int?) {
    var parser = ExpressionParser(bytes: Array(text.utf8), field: field)
    guard parser.sum(depth: 0), parser.isAtEnd, parser.steps.count <= Self.stepsMax else {
      return nil
    }
    steps = parser.steps
  }

  /// The value; nil where a field has none or is no number, or the result is not finite.
  func value(_ field: (Int) -> RuleValue?) -> RuleValue? {
    var stack: [Double] = []
    for step in steps {
      switch step {
      case .number(let number): stack.append(number)
      case .field(let index):
        guard let number = field(index)?.number else { return nil }
        stack.append(number)
      case .negate:
        guard let last = stack.popLast() else { return nil }
        stack.append(-last)
      case .apply(let sign):
        guard let b = stack.popLast(), let a = stack.popLast() else { return nil }
        switch sign {
        case UInt8(ascii: "+"): stack.append(a + b)
        case UInt8(ascii: "-"): stack.append(a - b)
        case UInt8(ascii: "*"): stack.append(a * b)
        case UInt8(ascii: "/"): stack.append(a / b)
        default: stack.append(a.truncatingRemainder(dividingBy: b))
        }
      }
    }
    return stack.last.flatMap { RuleValue.finite($0) }
  }
}

private struct ExpressionParser {
  static let depthMax = 32

  let bytes: [UInt8]
  let field: (String) -> Int?
  var at = 0
  var steps: [RuleExpression.Step] = []

  private func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let byte = peek(), byte <= 0x20 { at += 1 }
  }

  var isAtEnd: Bool { bytes[min(at, bytes.count)...].allSatisfy { $0 <= 0x20 } }

  mutating func sum(depth: Int) -> Bool {
    guard depth < Self.depthMax, product(depth: depth) else { return false }
    skipSpace()
    while let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      at += 1
      guard product(depth: depth) else { return false }
      steps.append(.apply(sign))
      skipSpace()
    }
    return true
  }

  private mutating func product(depth: Int) -> Bool {
    guard factor(depth: depth) else { return false }
    skipSpace()
    while let sign = peek(),
      [UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "%")].contains(sign)
    {
      at += 1
      guard factor(depth: depth) else { return false }
      steps.append(.apply(sign))
      skipSpace()
    }
    return true
  }

  private mutating func factor(depth: Int) -> Bool {
    skipSpace()
    guard let byte = peek() else { return false }
    switch byte {
    case UInt8(ascii: "("):
      at += 1
      guard sum(depth: depth + 1) else { return false }
      skipSpace()
      guard peek() == UInt8(ascii: ")") else { return false }
      at += 1
      return true
    case UInt8(ascii: "-"):
      at += 1
      guard depth < Self.depthMax, factor(depth: depth + 1) else { return false }
      steps.append(.negate)
      return true
    case UInt8(ascii: "$"):
      at += 1
      return name()
    default: return number()
    }
  }

  private mutating func name() -> Bool {
    guard let (index, count) = RuleNames.longest(in: bytes[min(at, bytes.count)...], field) else {
      return false
    }
    at += count
    steps.append(.field(index))
    return true
  }

  private mutating func number() -> Bool {
    let start = at
    while let byte = peek(), byte == UInt8(ascii: ".") || (0x30...0x39).contains(byte) { at += 1 }
    guard let number = Double(String(decoding: bytes[start..<at], as: UTF8.self)) else {
      return false
    }
    steps.append(.number(number))
    return true
  }
}
