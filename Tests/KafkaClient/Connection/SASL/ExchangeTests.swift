import HTTP
import Testing
import Transport

@testable import KafkaClient

/// PLAIN and OAUTHBEARER without a socket.
@Suite struct ExchangeTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func `PLAIN is one message`() throws {
    var exchange = try PlainExchange(username: "ål", password: Secret("p w=,"))
    #expect(text(exchange.start()) == "\0ål\0p w=,")
    #expect(exchange.received([]) == .done)
  }

  @Test func `S29: a NUL in user or password is refused, and the password not shown`() {
    for (user, password) in [("a\0b", "p"), ("a", "secret\0p")] {
      let error = #expect(throws: SASLError.self) {
        try PlainExchange(username: user, password: Secret(password))
      }
      #expect(error?.description.contains("NUL") == true)
      #expect(error?.description.contains("secret") == false)
    }
  }

  @Test func `OAUTHBEARER carries token and extensions (KIP-342)`() throws {
    let token = try OAuthToken(
      "abc.def.", expiresAtMs: 1, extensions: [(name: "logicalCluster", value: "lkc-1")])
    var exchange = OAuthBearerExchange(token)
    #expect(
      text(exchange.start()) == "n,,\u{1}auth=Bearer abc.def.\u{1}logicalCluster=lkc-1\u{1}\u{1}")
    #expect(try exchange.received([]) == .done)
  }

  @Test func `a refused token is told in the broker's words, after the client's end`() throws {
    var exchange = OAuthBearerExchange(try OAuthToken("t", expiresAtMs: 1, extensions: []))
    _ = exchange.start()
    #expect(try exchange.received(Array(#"{"status":"invalid_token"}"#.utf8)) == .send([1]))
    let error = #expect(throws: SASLError.self) { try exchange.received([]) }
    #expect(error?.description == #"the broker refuses the token: {"status":"invalid_token"}"#)
  }

  @Test func `S30: a token or an extension that would end its field is refused`() {
    for token in ["", "a\u{1}auth=Bearer b", "a\r\nb", "a b", "ä"] {
      #expect(throws: SASLError.self) { try OAuthToken(token, expiresAtMs: 1, extensions: []) }
    }
    for pair in [("auth", "x"), ("", "x"), ("a1", "x"), ("a", "b\u{1}c=d"), ("a", "ü")] {
      #expect(throws: SASLError.self) {
        try OAuthToken("t", expiresAtMs: 1, extensions: [(name: pair.0, value: pair.1)])
      }
    }
  }

  @Test func `base64 in both alphabets, there and back`() {
    let all = (0...255).map { UInt8($0) }
    for count in [0, 1, 2, 3, 4, 61, 62, 255, 256] {
      let bytes = Array(all.prefix(count))
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
      #expect(Base64.decode(Base64.encode(bytes, forURL: true), forURL: true) == bytes)
    }
    #expect(Base64.encode(Array("any carnal pleas".utf8)) == "YW55IGNhcm5hbCBwbGVhcw==")
    #expect(Base64.encode([0xfb, 0xff], forURL: true) == "-_8")
    for bad in ["A", "AB=", "AB===", "A===", "AB-_", "AB C", "AB==AB=="] {
      #expect(Base64.decode(bad) == nil, "\(bad)")
    }
  }

  @Test func `S38: a secret shows nothing of itself`() {
    let secret = Secret("hunter2")
    var shown = "\(secret) \(String(reflecting: secret))"
    dump(secret, to: &shown)
    var configuration = SASLConfiguration(.plain)
    configuration.password = secret
    shown += "\(configuration)"
    dump(configuration, to: &shown)
    #expect(!shown.contains("hunter2"), "\(shown)")
  }
}

/// Unsecured tokens, as `sasl.oauthbearer.config` describes them.
@Suite struct UnsecuredTokenTests {
  private func parts(_ text: String, nowMs: Int64 = 1_700_000_000_999) throws -> [String] {
    try UnsecuredToken(parsing: text).token(nowMs: nowMs).value.text
      .split(separator: ".", omittingEmptySubsequences: false)
      .map { String(decoding: Base64.decode($0, forURL: true) ?? [], as: UTF8.self) }
  }

  @Test func `the claims are what the text says`() throws {
    #expect(
      try parts("principal=admin") == [
        #"{"alg":"none"}"#, #"{"sub": "admin", "iat": 1700000000, "exp": 1700003600}"#, "",
      ])
    #expect(
      try parts(
        "principalClaimName=azp principal=me  scopeClaimName=roles scope=a,b lifeSeconds=60")[1]
        == #"{"azp": "me", "iat": 1700000000, "exp": 1700000060, "roles": ["a", "b"]}"#)
    let token = try UnsecuredToken(parsing: "principal=p extension_traceId=123 lifeSeconds=2")
      .token(nowMs: 1999)
    #expect(token.extensions.map(\.name) == ["traceId"])
    #expect(token.expiresAtMs == 3000)
  }

  @Test(arguments: [
    ("", "principal= is missing"), ("principal", "\"principal\" is not name=value"),
    ("principal=", "the value of principal is empty or has a quotation mark"),
    ("principal=a principal=b", "principal is given twice"),
    ("principal=a lifeSeconds=0", "lifeSeconds=0 is no number from 1 to 2147483647"),
    ("principal=a scopeClaimName=sub", "principal and scope cannot both be claim \"sub\""),
  ])
  func `what is no such text is named`(text: String, error: String) {
    let refused = #expect(throws: SASLError.self) { try UnsecuredToken(parsing: text) }
    #expect(refused?.description == error)
  }
}
