import Testing

@testable import KafkaClient

/// What `sasl.*` come to, and what contradicts itself.
@Suite struct SASLPropertyTests {
  private func set(_ pairs: [(String, String)], _ name: String = "sasl_plaintext")
    throws(PropertyError) -> PropertySet
  {
    var set = PropertySet()
    try set.set("security.protocol", name)
    for (name, value) in pairs { try set.set(name, value) }
    return set
  }

  private func sasl(_ pairs: (String, String)...) throws(PropertyError) -> SASLConfiguration? {
    try set(pairs).sasl
  }

  private func error(_ pairs: (String, String)...) -> String {
    do throws(PropertyError) {
      _ = try set(pairs).client
      return "resolved"
    } catch { return error.description }
  }

  private let plain = ("sasl.mechanism", "PLAIN")

  @Test func `user and password come through, for PLAIN and SCRAM`() throws {
    for name in ["PLAIN", "SCRAM-SHA-256", "scram-sha-512"] {
      let sasl = try #require(
        try self.sasl(("sasl.mechanisms", name), ("sasl.username", "u"), ("sasl.password", "p")))
      #expect(sasl.mechanism.rawValue == name.uppercased())
      #expect(sasl.username == "u" && sasl.password.text == "p" && !sasl.isEncrypted)
    }
    #expect(try set([plain], "plaintext").sasl == nil)
  }

  @Test func `what is missing is named`() {
    #expect(error(plain).hasPrefix("`sasl.username` must be set for sasl.mechanism=PLAIN"))
    #expect(
      error(plain, ("sasl.username", "u")).hasPrefix("`sasl.password` must be set for"))
    #expect(
      error(("sasl.mechanism", "DIGEST-MD5"))
        == "Invalid value \"DIGEST-MD5\" for configuration property \"sasl.mechanisms\"")
    #expect(error(("sasl.mechanism", "OAUTHBEARER")).contains("sasl.oauthbearer.method=oidc"))
    #expect(
      error(("sasl.mechanism", "OAUTHBEARER"), ("sasl.oauthbearer.method", "oidc"))
        == "`sasl.oauthbearer.token.endpoint.url` must be set for sasl.oauthbearer.method=oidc")
  }

  @Test func `a password is asked for only where one is needed and none is there`() throws {
    #expect(try set([plain, ("sasl.username", "u")]).passwordWanted == "u")
    #expect(try set([plain, ("sasl.username", "u"), ("sasl.password", "p")]).passwordWanted == nil)
    #expect(try set([plain]).passwordWanted == nil)
    #expect(try set([("sasl.username", "u")]).passwordWanted == nil)
    #expect(try set([plain, ("sasl.username", "u")], "plaintext").passwordWanted == nil)
  }

  @Test func `the Java client's login modules are read`() throws {
    let scram = try #require(
      try sasl(
        ("sasl.mechanism", "SCRAM-SHA-256"),
        (
          "sasl.jaas.config",
          "org.apache.kafka.common.security.scram.ScramLoginModule required\n"
            + "username=\"tok\\\"en\" password='h m;c' tokenauth=true;"
        )))
    #expect(scram.username == "tok\"en" && scram.password.text == "h m;c")
    #expect(scram.isDelegationToken)
    for bad in [
      "", "PlainLoginModule", "PlainLoginModule required username=\"secret",
      "PlainLoginModule required username;", "PlainLoginModule required password=\"secret\"",
      "A required; B required;",
    ] {
      let text = error(plain, ("sasl.username", "u"), ("sasl.jaas.config", bad))
      #expect(text != "resolved" && !text.contains("secret"), "\(text)")
    }
    #expect(
      error(plain, ("sasl.jaas.config", "x.ScramLoginModule required;"))
        .hasPrefix("`sasl.jaas.config` names ScramLoginModule"))
  }

  @Test func `S31: unsecured tokens want their switch`() throws {
    let config = ("sasl.oauthbearer.config", "principal=me")
    let mechanism = ("sasl.mechanism", "OAUTHBEARER")
    #expect(
      error(mechanism, config).contains("enable.sasl.oauthbearer.unsecure.jwt=true"))
    let sasl = try #require(
      try self.sasl(mechanism, config, ("enable.sasl.oauthbearer.unsecure.jwt", "true")))
    guard case .unsecured = sasl.tokens else {
      Issue.record("\(sasl)")
      return
    }
  }

  @Test func `S29: a NUL in a password is refused before anything is dialled`() {
    #expect(
      error(plain, ("sasl.username", "u"), ("sasl.password", "secret\0"))
        == "Invalid value for configuration property \"sasl.password\": a NUL is not allowed in it")
  }

  @Test func `S39: a line break in a value is refused, but in PEM texts and login modules`() {
    for name in ["sasl.username", "sasl.password", "client.id", "sasl.oauthbearer.scope"] {
      for bad in ["a\nssl.ca.pem=x", "a\r"] {
        #expect(
          error((name, bad))
            == "Invalid value for configuration property \"\(name)\": a line break is not allowed in it"
        )
      }
    }
    var set = PropertySet()
    #expect(throws: Never.self) { try set.set("ssl.ca.pem", "a\nb") }
  }

  @Test func `S38: no secret is in a dump, however it was named`() throws {
    var set = PropertySet()
    for row in PropertyTable.rows {
      guard case .secret = row.kind else { continue }
      for name in [row.name] + row.aliases { try set.set(name, "hunter2") }
    }
    #expect(!set.dump().contains("hunter2"))
    #expect(set.dump().contains("sasl.jaas.config = [redacted]"))
    let names = PropertyTable.rows.filter { if case .secret = $0.kind { true } else { false } }
      .map(\.name)
    let suspicious = PropertyTable.rows.map(\.name).filter { name in
      name.hasSuffix(".password") || name.hasSuffix(".secret") || name.hasSuffix("passphrase")
        || name.hasSuffix("key.pem") || name.hasSuffix("jaas.config")
    }
    #expect(Set(suspicious).isSubset(of: names))
  }

  @Test func `S41, S42: what would load code or run a command is refused`() {
    for name in [
      "plugin.library.paths", "ssl.engine.location", "ssl.providers", "sasl.kerberos.kinit.cmd",
    ] {
      var set = PropertySet()
      let error = #expect(throws: PropertyError.self) { try set.set(name, "/tmp/x.so") }
      #expect(error?.reason == .refused)
    }
  }
}
