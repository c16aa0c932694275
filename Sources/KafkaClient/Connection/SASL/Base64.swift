/// Base64 (RFC 4648), of which SASL and tokens use both alphabets.
enum Base64 {
  private static let standard = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let url = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// The text of `bytes`, padded; with `forURL` in the alphabet for URLs and not padded.
  static func encode(_ bytes: [UInt8], forURL: Bool = false) -> String {
    let alphabet = forURL ? url : standard
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        text.append(alphabet[Int(bits >> UInt32(count) & 63)])
      }
    }
    if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
    if !forURL {
      while !text.count.isMultiple(of: 4) { text.append(UInt8(ascii: "=")) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a text; nil where it is none.
  ///
  /// With `forURL` in the alphabet for URLs, where the padding may be left out.
  static func decode(_ text: some StringProtocol, forURL: Bool = false) -> [UInt8]? {
    var digits = Array(text.utf8)
    let whole = digits.count
    while digits.last == UInt8(ascii: "="), whole - digits.count < 2 { digits.removeLast() }
    guard digits.count % 4 != 1 else { return nil }
    if whole != digits.count || !forURL {
      guard whole.isMultiple(of: 4), (digits.count + 3) / 4 * 4 == whole else { return nil }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count * 3 / 4)
    var bits: UInt32 = 0
    var count = 0
    for digit in digits {
      guard let value = value(digit, forURL: forURL) else { return nil }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return bytes
  }

  private static func value(_ digit: UInt8, forURL: Bool) -> UInt32? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+") where !forURL, UInt8(ascii: "-") where forURL: 62
    case UInt8(ascii: "/") where !forURL, UInt8(ascii: "_") where forURL: 63
    default: nil
    }
  }
}
