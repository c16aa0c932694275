/// OAUTHBEARER (RFC 7628): one message with a token and extensions (KIP-342).
struct OAuthBearerExchange: SASLExchange {
  private let token: OAuthToken
  /// What the server said of the token; then it only waits for the client's end of the exchange.
  private var refusal: String?

  init(_ token: OAuthToken) { self.token = token }

  mutating func start() -> [UInt8] {
    var text = "n,,\u{1}auth=Bearer \(token.value.text)\u{1}"
    for (name, value) in token.extensions { text += "\(name)=\(value)\u{1}" }
    return Array("\(text)\u{1}".utf8)
  }

  mutating func received(_ message: [UInt8]) throws(SASLError) -> SASLStep {
    if let refusal { throw SASLError("the broker refuses the token: \(refusal)") }
    if message.isEmpty { return .done }
    // The broker tells why it refuses only after this (RFC 7628, 3.2.3).
    refusal = String(decoding: message, as: UTF8.self)
    return .send([1])
  }
}

/// A token for OAUTHBEARER, with all that goes with it.
struct OAuthToken: Sendable {
  /// The token itself: `b64token` of RFC 6750.
  let value: Secret
  /// Until when it is good, in milliseconds since 1970.
  let expiresAtMs: Int64
  /// Names and values of extensions (KIP-342), in order.
  let extensions: [(name: String, value: String)]

  /// Makes a token.
  ///
  /// - Throws: `SASLError` where it has a character that could end its field in the message (S30), or an
  ///   extension has one that KIP-342 forbids.
  init(_ value: String, expiresAtMs: Int64, extensions: [(name: String, value: String)])
    throws(SASLError)
  {
    guard !value.isEmpty, value.utf8.allSatisfy(Self.isTokenByte) else {
      throw SASLError("the token has a character that is not allowed in a Bearer token (RFC 6750)")
    }
    for (name, value) in extensions {
      guard !name.isEmpty,
        name.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }),
        name != "auth"
      else {
        throw SASLError("extension \"\(name)\": the name must have letters only and not be auth")
      }
      guard value.utf8.allSatisfy({ 0x20...0x7e ~= $0 || [9, 10, 13].contains($0) }) else {
        throw SASLError("extension \"\(name)\": the value has a character that is not allowed")
      }
    }
    self.value = Secret(value)
    self.expiresAtMs = expiresAtMs
    self.extensions = extensions
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"),
      UInt8(ascii: "="):
      true
    default: false
    }
  }
}
