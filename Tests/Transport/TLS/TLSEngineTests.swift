import TestSupport
import Testing

@testable import Transport

/// Engines against one another in memory: what is trusted, what is refused, and how that is said.
@Suite(.serialized, .enabled(if: Authority.isAvailable, "needs the openssl tool"))
struct TLSEngineTests {
  @Net private static func context(_ change: (inout TLSConfiguration) -> Void) throws -> TLSContext
  {
    var configuration = TLSConfiguration()
    change(&configuration)
    return try TLSContext(configuration)
  }

  @Net private static func server(
    _ authority: Authority, _ name: String, asks: Authority? = nil,
    _ change: (inout TLSConfiguration) -> Void = { _ in }
  ) throws -> TLSContext {
    var configuration = TLSConfiguration()
    configuration.certificate = .init("cert", .path(authority.path("\(name).pem")))
    configuration.key = .init("key", .path(authority.path("\(name).key")))
    configuration.authorities = asks.map { .init("ca", .path($0.path("ca.pem"))) }
    change(&configuration)
    return try TLSContext(configuration, isServer: true)
  }

  @Net private static func trusting(
    _ authority: Authority, _ change: (inout TLSConfiguration) -> Void = { _ in }
  ) throws -> TLSContext {
    try context {
      $0.authorities = .init("ssl.ca.location", .path(authority.path("ca.pem")))
      change(&$0)
    }
  }

  @Net @Test func `bytes pass both ways, fed one at a time or all at once`() async throws {
    let authority = try await Authority()
    try await authority.sign("broker", san: "DNS:localhost")
    let server = try Self.server(authority, "broker")
    let client = try Self.trusting(authority)
    for step in [1, 100, TLSEngine.feedMax] {
      let pair = try EnginePair(client, server, port: UInt16(step % 60_000))
      let isDone = try pair.shakeHands(step: step)
      #expect(isDone, "\(String(describing: pair.clientError))")
      let there = pattern(100_000)
      #expect(try pair.pass(there, pair.client, pair.server) == there)
      let back = pattern(70_000, from: 5)
      #expect(try pair.pass(back, pair.server, pair.client) == back)
      #expect(pair.client.peer.version == "TLSv1.3")
      #expect(pair.client.peer.certificate?.names == "DNS:localhost")
      pair.server.shutdown()
      try pair.carry(pair.server, pair.client)
      #expect(try pair.client.read(into: Buffer(capacity: 16).space) == .ended)
    }
  }

  @Net @Test func `a session is resumed with the same host and port, and no other`() async throws {
    let authority = try await Authority()
    try await authority.sign("broker", san: "DNS:localhost")
    let server = try Self.server(authority, "broker")
    let client = try Self.trusting(authority)
    var resumed: [Bool] = []
    for port in [1, 1, 2, 1] as [UInt16] {
      let pair = try EnginePair(client, server, port: port)
      let isDone = try pair.shakeHands()
      #expect(isDone)
      // TLS 1.3 sends its tickets behind the handshake.
      _ = try pair.pass([1], pair.server, pair.client)
      resumed.append(pair.client.peer.isResumed)
    }
    #expect(resumed == [false, true, false, true])
  }

  /// A certificate's SAN, the host that was dialled, and whether it is that one.
  private static let names: [(san: String, host: String, isTaken: Bool)] = [
    ("DNS:kafka.example.com", "kafka.example.com", true),
    ("DNS:kafka.example.com", "KAFKA.example.com", true),
    ("DNS:kafka.example.com", "kafka.example.com.", true),
    ("DNS:kafka.example.com", "example.com", false),
    ("DNS:*.example.com", "b1.example.com", true),
    ("DNS:*.example.com", "a.b1.example.com", false),
    ("DNS:*.example.com", "example.com", false),
    ("DNS:b*.example.com", "b1.example.com", false),
    ("DNS:b.*.example.com", "b.x.example.com", false),
    ("DNS:*.com", "example.com", false),
    ("DNS:*", "localhost", false),
    ("IP:127.0.0.1", "127.0.0.1", true),
    ("IP:127.0.0.1", "127.0.0.2", false),
    ("IP:::1", "::1", true),
    ("IP:fe80::1", "fe80::1%lo", true),
    ("DNS:127.0.0.1", "127.0.0.1", false),  // an address is not a name
    ("IP:127.0.0.1", "localhost", false),
    ("", "broker", false),  // the common name is none either
    (
      "DER:30:1a:82:18:6c:6f:63:61:6c:68:6f:73:74:00:2e:65:76:69:6c:2e:65:78:61:6d:70:6c:65:2e",
      "localhost", false
    ),  // "localhost\0.evil.example."
    ("DNS:xn--kfka-6na.example.com", "kafka.example.com", false),
  ]

  @Net @Test func `S24: only a SAN that is the host, or a leftmost wildcard, is taken`()
    async throws
  {
    let authority = try await Authority()
    let client = try Self.trusting(authority)
    for (number, row) in Self.names.enumerated() {
      let name = row.host == "broker" ? "broker" : "leaf\(number)"
      try await authority.sign(name, san: row.san)
      let pair = try EnginePair(client, try Self.server(authority, name), host: row.host)
      let isTaken = try pair.shakeHands()
      #expect(isTaken == row.isTaken, "\(row)")
      if !row.isTaken {
        #expect(
          pair.clientError?.cause == .wrongHost, "\(row) \(String(describing: pair.clientError))")
        #expect(pair.serverError == nil || pair.serverError?.cause != .broken)
      }
    }
  }

  @Net @Test func `S24: names from a certificate cannot fool a terminal`() async throws {
    let authority = try await Authority()
    try await authority.sign(
      "broker", san: "DER:30:0d:82:0b:65:76:69:6c:1b:5b:32:4a:2c:00:78")  // evil ESC [2J , NUL x
    let pair = try EnginePair(try Self.trusting(authority), try Self.server(authority, "broker"))
    #expect(try !pair.shakeHands())
    let text = pair.clientError?.description ?? ""
    #expect(text.contains("names DNS:evil\\1B[2J\\2C\\00x"), "\(text)")
  }

  @Net @Test func `without the host's check another name is taken, without verification anything`()
    async throws
  {
    let authority = try await Authority()
    try await authority.sign("broker", san: "DNS:elsewhere")
    let server = try Self.server(authority, "broker")
    let lax = try Self.trusting(authority) { $0.checksHostName = false }
    #expect(try EnginePair(lax, server).shakeHands())
    let blind = try Self.context { $0.verifiesPeer = false }
    #expect(try EnginePair(blind, server).shakeHands())
  }

  @Net @Test func `F73: a refused certificate is named with subject, issuer, dates and names`()
    async throws
  {
    let authority = try await Authority("Right Authority")
    let other = try await Authority("Other Authority")
    try await authority.sign("old", san: "DNS:localhost", to: "20200102000000Z")
    try await authority.sign("early", san: "DNS:localhost", from: "20980101000000Z")
    try await authority.sign("elsewhere", san: "DNS:a.example, IP:10.0.0.1")
    try await authority.sign("gone", san: "DNS:localhost")
    try await authority.revoke("gone")
    try await other.sign("stranger", san: "DNS:localhost")
    let cases: [(Authority, String, TLSError.Cause, String, String)] = [
      (
        authority, "old", .outOfDate, "the certificate has expired",
        "valid from 2020-01-01T00:00:00Z to 2020-01-02T00:00:00Z, names DNS:localhost"
      ),
      (
        authority, "early", .outOfDate, "the certificate is not valid yet",
        "valid from 2098-01-01T00:00:00Z to 2099-01-01T00:00:00Z"
      ),
      (
        authority, "elsewhere", .wrongHost, "the certificate is not for localhost",
        "names DNS:a.example, IP:10.0.0.1"
      ),
      (authority, "gone", .revoked, "the certificate was revoked", "names DNS:localhost"),
      (
        other, "stranger", .untrusted, "the authority that signed the certificate is not known",
        "subject CN=stranger, issuer CN=Other Authority"
      ),
    ]
    for (signer, name, cause, sentence, details) in cases {
      let client = try Self.trusting(authority) {
        if cause == .revoked {
          $0.revocationLists = .init("ssl.crl.location", .path(authority.path("crl.pem")))
        }
      }
      let pair = try EnginePair(client, try Self.server(signer, name))
      #expect(try !pair.shakeHands())
      let error = try #require(pair.clientError)
      #expect(error.cause == cause)
      #expect(error.description.hasPrefix(sentence), "\(error)")
      #expect(error.description.contains(details), "\(error)")
    }
  }

  @Net @Test func `F73: a certificate that signed itself is called so`() async throws {
    let authority = try await Authority("Own Authority")
    let server = try Self.server(authority, "ca")
    let pair = try EnginePair(try Self.context { _ in }, server)
    #expect(try !pair.shakeHands())
    #expect(pair.clientError?.cause == .untrusted)
    #expect(pair.clientError?.description.contains("signed by itself") == true)
  }

  @Net @Test func `a client's certificate is asked for, and a missing or strange one refused`()
    async throws
  {
    let authority = try await Authority()
    let other = try await Authority("Other")
    try await authority.sign("broker", san: "DNS:localhost")
    try await authority.sign("client", san: "DNS:client")
    try await other.sign("stranger", san: "DNS:client")
    let server = try Self.server(authority, "broker", asks: authority)
    func client(_ signer: Authority, _ name: String?) throws -> TLSContext {
      try Self.trusting(authority) {
        guard let name else { return }
        $0.certificate = .init("ssl.certificate.location", .path(signer.path("\(name).pem")))
        $0.key = .init("ssl.key.location", .path(signer.path("\(name).key")))
      }
    }
    let right = try EnginePair(try client(authority, "client"), server)
    #expect(try right.shakeHands())
    for (signer, name, cause) in [
      (authority, nil, TLSError.Cause.certificateMissing),
      (other, "stranger", .certificateRefused),
    ] as [(Authority, String?, TLSError.Cause)] {
      let pair = try EnginePair(try client(signer, name), server)
      #expect(try !pair.shakeHands())
      // With TLS 1.3 the client is done before it hears of it.
      let error = pair.clientError ?? pair.clientHears()
      #expect(error?.cause == cause, "\(String(describing: error))")
    }
  }

  @Net @Test func `F10: what is no TLS is called so, and an end is told by when it came`()
    async throws
  {
    let client = try Self.context { _ in }
    for (bytes, text) in [
      ("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"), ("\0\0\0\u{10}\0\0\0\0", "no TLS"),
    ] {
      let engine = try client.engine(host: "localhost", port: 1)
      _ = try engine.handshake()
      try Array(bytes.utf8).withUnsafeBytes { try engine.feed($0) }
      let error = #expect(throws: TLSError.self) { _ = try engine.handshake() }
      #expect(error?.cause == .notTLS)
      #expect(error?.description.contains(text) == true)
    }
    let engine = try client.engine(host: "localhost", port: 1)
    #expect(engine.interruption.cause == .closedUnanswered)
    try [UInt8(0x16)].withUnsafeBytes { try engine.feed($0) }
    #expect(engine.interruption.cause == .interrupted)
  }

  @Net @Test func `a changed byte ends the connection`() async throws {
    let authority = try await Authority()
    try await authority.sign("broker", san: "DNS:localhost")
    let pair = try EnginePair(try Self.trusting(authority), try Self.server(authority, "broker"))
    #expect(try pair.shakeHands())
    _ = try Array("hello".utf8).withUnsafeBytes { try pair.server.write($0) }
    let buffer = Buffer(capacity: 4096)
    let count = pair.server.take(into: buffer.space)
    buffer.space[count - 1] ^= 1
    try pair.client.feed(UnsafeRawBufferPointer(rebasing: buffer.space[..<count]))
    #expect(pair.clientHears()?.cause == .broken)
  }

  @Net @Test func `S25: ciphers without secrecy or identity are refused, and lists must be known`()
    throws
  {
    for list in ["NULL-SHA256", "aNULL", "EXP-RC4-MD5", "no-such-cipher", "TLS_AES_NONSENSE"] {
      #expect(throws: TLSError.self, "\(list)") { try Self.context { $0.cipherSuites = list } }
    }
    for list in ["TLS_AES_128_GCM_SHA256", "ECDHE+AESGCM,TLS_AES_256_GCM_SHA384", "HIGH"] {
      _ = try Self.context { $0.cipherSuites = list }
    }
    #expect(throws: TLSError.self) { try Self.context { $0.curves = "no-such-curve" } }
    #expect(throws: TLSError.self) { try Self.context { $0.signatureAlgorithms = "nonsense" } }
    _ = try Self.context { $0.curves = "X25519:P-256" }
    _ = try Self.context { $0.signatureAlgorithms = "ECDSA+SHA256:RSA-PSS+SHA256" }
  }

  @Net @Test func `a list of suites is what is spoken`() async throws {
    let authority = try await Authority()
    try await authority.sign("broker", san: "DNS:localhost")
    let server = try Self.server(authority, "broker")
    let pair = try EnginePair(
      try Self.trusting(authority) { $0.cipherSuites = "TLS_CHACHA20_POLY1305_SHA256" }, server)
    #expect(try pair.shakeHands())
    #expect(pair.client.peer.cipher == "TLS_CHACHA20_POLY1305_SHA256")
  }
}
