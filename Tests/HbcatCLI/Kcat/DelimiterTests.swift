import Testing

@testable import HbcatCLI

struct DelimiterTests {
  @Test(
    arguments: [
      ("\\n", [10]), ("\\r\\n", [13, 10]), ("\\t", [9]), ("\\0", [0]), ("\\x00", [0]),
      ("\\xff", [0xff]), ("\\xF", [0x0f]), ("\\x41bc", [0x41, 0x62, 0x63]),
      ("\\\\n", [0x5c, 0x6e]),
      ("::", [0x3a, 0x3a]), ("", []), ("\\", [0x5c]), ("\\q", [0x5c, 0x71]), ("%s", [0x25, 0x73]),
      ("a\\nb", [0x61, 10, 0x62]), ("é", [0xc3, 0xa9]),
    ] as [(String, [UInt8])])
  func `escapes stand for bytes`(text: String, bytes: [UInt8]) throws {
    #expect(try DelimiterEscapes.decode(Argument(text)) == bytes)
  }

  @Test(arguments: ["\\x", "\\xg", "a\\x:"])
  func `a hexadecimal escape needs a digit`(text: String) {
    #expect(throws: UsageError.value("Delimiter \(text) expects hex number")) {
      try DelimiterEscapes.decode(Argument(text))
    }
  }
}
