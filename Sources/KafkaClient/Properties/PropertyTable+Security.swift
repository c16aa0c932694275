extension PropertyTable {
  /// Assertions are not a grant that hbcat asks for.
  private static let noAssertion = Property.Effect.accepted(
    "used with sasl.oauthbearer.grant.type jwt-bearer, which is not supported")

  /// TLS and SASL.
  static let security: [Property] = [
    .oneOf(
      "security.protocol", .both, ["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"], "plaintext"),
    .text("ssl.cipher.suites", .both),
    .text("ssl.curves.list", .both),
    .text("ssl.sigalgs.list", .both),
    .text("ssl.key.location", .both),
    .secret("ssl.key.password", .both),
    .secret("ssl.key.pem", .both),
    .text("ssl.certificate.location", .both),
    .text("ssl.certificate.pem", .both),
    .text("ssl.ca.location", .both, nil, aliases: ["ssl.truststore.location"]),
    .text("ssl.ca.pem", .both, nil, aliases: ["ssl.truststore.certificates"]),
    .text("ssl.ca.certificate.stores", .both, "Root", .accepted("for Windows only")),
    .text("ssl.crl.location", .both),
    .text("ssl.keystore.location", .both),
    .secret("ssl.keystore.password", .both),
    .text("ssl.providers", .both, nil, .refused("hbcat loads no code that a property names")),
    .text("ssl.engine.location", .both, nil, .refused("hbcat loads no code that a property names")),
    .text(
      "ssl.engine.id", .both, nil, .refused("hbcat loads no code that a property names")),
    .bool("enable.ssl.certificate.verification", .both, true),
    .oneOf("ssl.endpoint.identification.algorithm", .both, ["none", "https"], "https"),
    .text("https.ca.location", .both),
    .text("https.ca.pem", .both),
    .text("sasl.mechanisms", .both, "GSSAPI", aliases: ["sasl.mechanism"]),
    .text("sasl.kerberos.service.name", .both, "kafka"),
    .text(
      "sasl.kerberos.principal", .both,
      note: "unless set, that of the tickets which are there; librdkafka: kafkaclient"),
    .text(
      "sasl.kerberos.kinit.cmd", .both, nil,
      .refused("hbcat runs no command that a property names; run kinit beforehand")),
    .text("sasl.kerberos.keytab", .both),
    .integer(
      "sasl.kerberos.min.time.before.relogin", .both, 0...86_400_000, 60_000, .milliseconds,
      .accepted("the library asks for tickets when they are needed")),
    .text("sasl.username", .both),
    .secret("sasl.password", .both),
    .secret("sasl.jaas.config", .both),
    .secret("sasl.oauthbearer.config", .both),
    .bool("enable.sasl.oauthbearer.unsecure.jwt", .both, false),
    .oneOf("sasl.oauthbearer.method", .both, ["default", "oidc"], "default"),
    .text(
      "sasl.oauthbearer.client.id", .both, nil,
      aliases: ["sasl.oauthbearer.client.credentials.client.id"]),
    .secret(
      "sasl.oauthbearer.client.secret", .both,
      aliases: ["sasl.oauthbearer.client.credentials.client.secret"]),
    .text("sasl.oauthbearer.scope", .both),
    .text("sasl.oauthbearer.extensions", .both),
    .text("sasl.oauthbearer.token.endpoint.url", .both),
    .text("sasl.oauthbearer.sub.claim.name", .both, "sub"),
    .oneOf(
      "sasl.oauthbearer.grant.type", .both,
      ["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"], "client_credentials"),
    .oneOf(
      "sasl.oauthbearer.assertion.algorithm", .both, ["RS256", "ES256"], "RS256", noAssertion),
    .text("sasl.oauthbearer.assertion.private.key.file", .both, nil, noAssertion),
    .secret("sasl.oauthbearer.assertion.private.key.passphrase", .both, noAssertion),
    .secret("sasl.oauthbearer.assertion.private.key.pem", .both, noAssertion),
    .text("sasl.oauthbearer.assertion.file", .both, nil, noAssertion),
    .text("sasl.oauthbearer.assertion.claim.aud", .both, nil, noAssertion),
    .integer(
      "sasl.oauthbearer.assertion.claim.exp.seconds", .both, 1...Property.intMax, 300, .none,
      noAssertion),
    .text("sasl.oauthbearer.assertion.claim.iss", .both, nil, noAssertion),
    .bool("sasl.oauthbearer.assertion.claim.jti.include", .both, false, noAssertion),
    .integer(
      "sasl.oauthbearer.assertion.claim.nbf.seconds", .both, 0...Property.intMax, 60, .none,
      noAssertion),
    .text("sasl.oauthbearer.assertion.claim.sub", .both, nil, noAssertion),
    .text("sasl.oauthbearer.assertion.jwt.template.file", .both, nil, noAssertion),
    .oneOf(
      "sasl.oauthbearer.metadata.authentication.type", .both, ["none", "azure_imds", "aws_iam"],
      "none"),
  ]
}
