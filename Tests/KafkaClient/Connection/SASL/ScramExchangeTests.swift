import Testing
import Transport

@testable import KafkaClient

/// SCRAM without a socket: the RFCs' exchanges, and servers that lie (S27).
@Suite struct ScramExchangeTests {
  /// RFC 7677, 3.
  private static let nonce256 = "rOprNGfwEbeRWgbNEkqO"
  private static let challenge256 =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
  private static let proof256 =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
  private static let final256 = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

  private func exchange(
    _ user: String = "user", _ algorithm: Crypto.Algorithm = .sha256, token: Bool = false
  ) throws -> ScramExchange {
    try ScramExchange(
      algorithm, username: user, password: Secret("pencil"), isDelegationToken: token,
      nonce: Self.nonce256)
  }

  private func answer(_ exchange: inout ScramExchange, _ text: String) throws -> String? {
    switch try exchange.received(Array(text.utf8)) {
    case .send(let bytes): String(decoding: bytes, as: UTF8.self)
    case .done: nil
    }
  }

  private func error(_ challenge: String) throws -> String {
    var exchange = try exchange()
    _ = try exchange.start()
    do throws(SASLError) {
      _ = try exchange.received(Array(challenge.utf8))
      return "accepted"
    } catch { return error.description }
  }

  @Test func `the exchange of RFC 7677 with SHA-256`() throws {
    var exchange = try exchange()
    #expect(
      String(decoding: try exchange.start(), as: UTF8.self) == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
    #expect(try answer(&exchange, Self.challenge256) == Self.proof256)
    #expect(try answer(&exchange, Self.final256) == nil)
    #expect(throws: SASLError.self) { try exchange.received([]) }
  }

  @Test func `an exchange with SHA-512, made by another implementation`() throws {
    var exchange = try exchange("alice", .sha512)
    #expect(
      String(decoding: try exchange.start(), as: UTF8.self) == "n,,n=alice,r=\(Self.nonce256)")
    #expect(
      try answer(&exchange, "r=\(Self.nonce256)srv,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=8192")
        == "c=biws,r=\(Self.nonce256)srv,p="
        + "PfY56ezKfjNvdnbXL9Xd4uL/pMx62dpGlYqlZrLF48XB"
        + "Ip0JMbt1uxYTAbCa9H0Ijz8Pi7uNeIXyOVRq+qn7xg==")
    #expect(
      try answer(
        &exchange,
        "v=/fjZ+p+P2FiKOZAZ8fIgeWolN3mO26EiqAvz6HMGsOxG"
          + "vkYcPaD1zJmp1ccbd1ZSfgyW9qJk+w2v55r7cPfKGQ==") == nil)
  }

  @Test func `the nonce is random and long`() throws {
    var first = try ScramExchange(.sha256, username: "u", password: Secret("p"))
    var second = try ScramExchange(.sha256, username: "u", password: Secret("p"))
    let message = try first.start()
    #expect(message.count >= "n,,n=u,r=".utf8.count + 32)
    #expect(try message != second.start())
  }

  @Test func `S27: comma and equals sign in the user's name are written out`() throws {
    var exchange = try exchange("a,b=c,n=admin")
    #expect(
      String(decoding: try exchange.start(), as: UTF8.self)
        == "n,,n=a=2Cb=3Dc=2Cn=3Dadmin,r=\(Self.nonce256)")
    #expect(throws: SASLError.self) { try self.exchange("a\0b") }
  }

  @Test func `a delegation token says so (KIP-48)`() throws {
    var exchange = try exchange("id", token: true)
    #expect(
      String(decoding: try exchange.start(), as: UTF8.self)
        == "n,,n=id,r=\(Self.nonce256),tokenauth=true")
  }

  @Test func `S27: the server's nonce must extend the client's`() throws {
    for nonce in ["", "x\(Self.nonce256)", Self.nonce256, String(Self.nonce256.dropLast())] {
      #expect(
        try error("r=\(nonce),s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
          == "the server's nonce does not extend the client's")
    }
  }

  @Test func `S27: an empty salt and one that is no base64 are refused`() throws {
    for salt in ["", "a", "====", "W22Z!J0S"] {
      #expect(
        try error("r=\(Self.nonce256)x,s=\(salt),i=4096")
          == "the server's salt is empty or no base64")
    }
  }

  @Test func `S27: iterations below 4096 and above ten million are refused (F74)`() throws {
    for count in ["1", "4095", "10000001", "2147483647", "2147483648", "-4096", "", "4096x"] {
      #expect(
        try error("r=\(Self.nonce256)x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=\(count)")
          == "the server asks for \(count) iterations, which is outside 4096 to 10000000")
    }
  }

  @Test func `S27: a wrong signature of the server's is refused (F74)`() throws {
    for final in [
      "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "v=AAAA",
      "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ] {
      var exchange = try exchange()
      _ = try exchange.start()
      _ = try exchange.received(Array(Self.challenge256.utf8))
      let refused = #expect(throws: SASLError.self) {
        try exchange.received(Array(final.utf8))
      }
      #expect(refused?.description.contains("signature") == true)
    }
  }

  @Test func `S27: an error of the server's is told`() throws {
    #expect(try error("e=unknown-user") == "the server refuses: unknown-user")
    var exchange = try exchange()
    _ = try exchange.start()
    _ = try exchange.received(Array(Self.challenge256.utf8))
    let refused = #expect(throws: SASLError.self) {
      try exchange.received(Array("e=invalid-proof".utf8))
    }
    #expect(refused?.description == "the server refuses: invalid-proof")
  }

  @Test func `S27: what is no challenge is refused, channel binding and extensions too`() throws {
    for text in [
      "", "r=\(Self.nonce256)x", "s=AAAA,r=\(Self.nonce256)x,i=4096",
      "p=tls-unique,r=\(Self.nonce256)x,s=AAAA,i=4096", "r=\(Self.nonce256)x,s=AAAA,x=4096",
      "r=\(Self.nonce256)x,,s=AAAA,i=4096",
    ] {
      #expect(try error(text) == "the server's first message is not r=…,s=…,i=…")
    }
    #expect(
      try error("m=ext,r=\(Self.nonce256)x,s=AAAA,i=4096").contains("extension of SCRAM"))
    var exchange = try exchange()
    _ = try exchange.start()
    #expect(throws: SASLError.self) { try exchange.received([0xff, 0xfe]) }
  }
}
