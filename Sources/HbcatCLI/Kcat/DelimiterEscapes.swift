/// The escapes of `-D` and `-K`.
enum DelimiterEscapes {
  /// The bytes that a delimiter stands for: `\n \r \t \0 \xHH \\`; any other `\` is itself.
  static func decode(_ argument: Argument) throws(UsageError) -> [UInt8] {
    var result: [UInt8] = []
    var rest = argument.bytes[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let letter = rest.first else {
        result.append(byte)
        continue
      }
      rest.removeFirst()
      switch letter {
      case UInt8(ascii: "n"): result.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "r"): result.append(UInt8(ascii: "\r"))
      case UInt8(ascii: "t"): result.append(UInt8(ascii: "\t"))
      case UInt8(ascii: "0"): result.append(0)
      case UInt8(ascii: "\\"): result.append(letter)
      case UInt8(ascii: "x"):
        guard var value = hexDigit(&rest) else {
          throw .value("Delimiter \(argument) expects hex number")
        }
        if let second = hexDigit(&rest) { value = value << 4 | second }
        result.append(value)
      default: result += [byte, letter]
      }
    }
    return result
  }

  private static func hexDigit(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
    guard let byte = rest.first,
      let digit = Character(UnicodeScalar(byte)).hexDigitValue
    else { return nil }
    rest.removeFirst()
    return UInt8(digit)
  }
}
