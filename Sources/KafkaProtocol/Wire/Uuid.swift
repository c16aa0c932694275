/// A 128-bit id of a topic, an incarnation or a directory (KIP-516).
public struct Uuid: Hashable, Sendable {
  /// The first eight bytes.
  public var high: UInt64
  /// The last eight bytes.
  public var low: UInt64

  /// No id.
  public static let zero = Uuid(high: 0, low: 0)

  /// Makes an id of its two halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

extension Uuid: CustomStringConvertible {
  /// Kafka's text of the id: base64 for URLs, without padding, 22 characters.
  public var description: String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var text: [UInt8] = []
    // 21 digits of six bits each and one of two.
    for index in 0..<22 {
      let shift = 122 - 6 * index
      let bits: UInt64
      if shift >= 64 {
        bits = high >> UInt64(shift - 64)
      } else if shift >= 0 {
        bits = low >> UInt64(shift) | (shift > 58 ? high << UInt64(64 - shift) : 0)
      } else {
        bits = low << UInt64(-shift)
      }
      text.append(digits[Int(bits & 63)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
