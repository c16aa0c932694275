import Testing
import Transport

@testable import KafkaClient

/// What `ssl.*` come to.
@Suite struct TLSPropertiesTests {
  private func client(_ properties: (String, String)...) throws -> ClientConfiguration {
    var set = PropertySet()
    for (name, value) in properties { try set.set(name, value) }
    return try set.client
  }

  @Test func `without TLS nothing of it is used, with it the system is trusted`() throws {
    #expect(try client().tls == nil)
    #expect(try client(("ssl.ca.location", "/ca")).tls == nil)
    #expect(try client(("security.protocol", "SSL")).tls == TLSConfiguration())
    #expect(
      try client(("security.protocol", "ssl"), ("ssl.ca.location", "probe")).tls
        == TLSConfiguration())
  }

  @Test func `every property comes through`() throws {
    var expected = TLSConfiguration()
    expected.authorities = .init("ssl.ca.pem", .text("-----BEGIN\nA\\b\n"))
    expected.certificate = .init("ssl.certificate.location", .path("/c"))
    expected.key = .init("ssl.key.pem", .text("a\nb"))
    expected.keyPassword = "pw"
    expected.revocationLists = .init("ssl.crl.location", .path("/crl"))
    expected.verifiesPeer = false
    expected.checksHostName = false
    expected.cipherSuites = "HIGH"
    expected.curves = "X25519"
    expected.signatureAlgorithms = "ECDSA+SHA256"
    let tls = try client(
      ("security.protocol", "ssl"), ("ssl.ca.pem", "-----BEGIN\\nA\\b\\n"),
      ("ssl.certificate.location", "/c"), ("ssl.key.pem", "a\nb"), ("ssl.key.password", "pw"),
      ("ssl.crl.location", "/crl"), ("enable.ssl.certificate.verification", "false"),
      ("ssl.endpoint.identification.algorithm", "none"), ("ssl.cipher.suites", "HIGH"),
      ("ssl.curves.list", "X25519"), ("ssl.sigalgs.list", "ECDSA+SHA256")
    ).tls
    #expect(tls == expected)
    let store = try client(
      ("security.protocol", "ssl"), ("ssl.keystore.location", "/p12"),
      ("ssl.keystore.password", "pw"), ("ssl.truststore.location", "/ca")
    ).tls
    #expect(store?.keystore == .init("ssl.keystore.location", .path("/p12")))
    #expect(store?.keystorePassword == "pw")
    #expect(store?.authorities == .init("ssl.ca.location", .path("/ca")))
  }

  @Test(arguments: [
    [("ssl.ca.location", "/a"), ("ssl.ca.pem", "b")],
    [("ssl.key.location", "/a"), ("ssl.key.pem", "b")],
    [("ssl.keystore.location", "/a"), ("ssl.certificate.location", "/b")],
  ])
  func `the same in two ways is a contradiction`(_ properties: [(String, String)]) {
    let error = #expect(throws: PropertyError.self) {
      var set = PropertySet()
      try set.set("security.protocol", "ssl")
      for (name, value) in properties { try set.set(name, value) }
      _ = try set.client
    }
    #expect(error?.reason == .conflict)
    #expect(error?.description.contains("exclude one another") == true)
  }

  @Test(arguments: ["ssl.providers", "ssl.engine.location", "ssl.engine.id"])
  func `S41: what would load code is refused`(_ name: String) {
    var set = PropertySet()
    let error = #expect(throws: PropertyError.self) { try set.set(name, "x") }
    #expect(error?.reason == .refused)
  }

  @Test func `a broker's protocol must be that of all`() throws {
    #expect(
      try client(("security.protocol", "ssl"), ("bootstrap.servers", "SSL://a:1")).bootstrapServers
        .map(\.description) == ["a:1"])
    let error = #expect(throws: PropertyError.self) {
      try client(("security.protocol", "ssl"), ("bootstrap.servers", "PLAINTEXT://a:1"))
    }
    #expect(error?.description.contains("all connections are ssl") == true)
  }
}
