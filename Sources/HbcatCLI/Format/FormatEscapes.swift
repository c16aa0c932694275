/// The backslash escapes in the literal parts of a format string.
///
/// `\n \r \t`, `\xH` and `\xHH`, and a number as strtoul(3) with base 0 reads it: `\65` is decimal,
/// `\0101` octal, `\0x41` hexadecimal, `\0` the byte 0. Any other `\c` is `c`; a `\` at the end stays.
enum FormatEscapes {
  static func decode(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else {
        result.append(byte)
        continue
      }
      result.append(decode(letter, &rest))
    }
    return result
  }

  private static func decode(_ letter: UInt8, _ rest: inout ArraySlice<UInt8>) -> UInt8 {
    switch letter {
    case UInt8(ascii: "n"): UInt8(ascii: "\n")
    case UInt8(ascii: "r"): UInt8(ascii: "\r")
    case UInt8(ascii: "t"): UInt8(ascii: "\t")
    case UInt8(ascii: "x"): number(base: 16, digitsMax: 2, &rest) ?? letter
    case UInt8(ascii: "0"): leadingZero(&rest)
    case UInt8(ascii: "1")...UInt8(ascii: "9"):
      number(base: 10, digitsMax: .max, startingAt: UInt(letter - UInt8(ascii: "0")), &rest)
        ?? letter
    default: letter
    }
  }

  private static func leadingZero(_ rest: inout ArraySlice<UInt8>) -> UInt8 {
    if let letter = rest.first, letter | 0x20 == UInt8(ascii: "x") {
      var behind = rest.dropFirst()
      if let byte = number(base: 16, digitsMax: 2, &behind) {
        rest = behind
        return byte
      }
      return 0
    }
    return number(base: 8, digitsMax: .max, startingAt: 0, &rest) ?? 0
  }

  /// Reads digits; nil if there is none and no start is given.
  ///
  /// What is returned is the number's lowest byte.
  private static func number(
    base: UInt, digitsMax: Int, startingAt start: UInt? = nil, _ rest: inout ArraySlice<UInt8>
  ) -> UInt8? {
    var value = start ?? 0
    var count = 0
    while count < digitsMax, let digit = rest.first.flatMap(digitValue), digit < base {
      let (product, overflow) = value.multipliedReportingOverflow(by: base)
      let (sum, carry) = product.addingReportingOverflow(digit)
      value = overflow || carry ? .max : sum
      rest.removeFirst()
      count += 1
    }
    return count == 0 && start == nil ? nil : UInt8(truncatingIfNeeded: value)
  }

  private static func digitValue(_ byte: UInt8) -> UInt? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
