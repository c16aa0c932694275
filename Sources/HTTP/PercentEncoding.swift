/// Percent-encoding (RFC 3986, 2.1).
public enum PercentEncoding {
  /// A text as one segment of a URL: all but letters, digits and `-._~` is written as `%XX`.
  public static func encoded(_ text: String) -> String { encoded(text, space: "%20") }

  /// A text as a value of a form (`application/x-www-form-urlencoded`), where a blank is `+`.
  public static func formValue(_ text: String) -> String { encoded(text, space: "+") }

  /// The text that was encoded as one segment; nil where `%` is not followed by two digits, or it is no UTF-8.
  public static func decoded(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard rest.count >= 2, !digits.hasPrefix("+"), let value = UInt8(digits, radix: 16) else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func encoded(_ text: String, space: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: " "): encoded += space
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += digits.count < 2 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return encoded
  }
}
