extension PropertyTable {
  /// Why what follows changes nothing: a client with TLS or SASL is refused as a whole.
  private static let later = Property.Effect.accepted(
    "used with security.protocol sasl_plaintext and sasl_ssl, which are not supported yet")

  /// TLS and SASL.
  static let security: [Property] = [
    .oneOf(
      "security.protocol", .both, ["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"], "plaintext",
      note: "SASL is not supported yet"),
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
    .text("https.ca.location", .both, nil, later),
    .text("https.ca.pem", .both, nil, later),
    .text("sasl.mechanisms", .both, "GSSAPI", later, aliases: ["sasl.mechanism"]),
    .text("sasl.kerberos.service.name", .both, "kafka", later),
    .text("sasl.kerberos.principal", .both, "kafkaclient", later),
    .text(
      "sasl.kerberos.kinit.cmd", .both, nil,
      .refused("hbcat runs no command that a property names; run kinit beforehand")),
    .text("sasl.kerberos.keytab", .both, nil, later),
    .integer(
      "sasl.kerberos.min.time.before.relogin", .both, 0...86_400_000, 60_000, .milliseconds,
      later),
    .text("sasl.username", .both, nil, later),
    .secret("sasl.password", .both, later),
    .secret("sasl.jaas.config", .both, later),
    .secret("sasl.oauthbearer.config", .both, later),
    .bool("enable.sasl.oauthbearer.unsecure.jwt", .both, false, later),
    .oneOf("sasl.oauthbearer.method", .both, ["default", "oidc"], "default", later),
    .text(
      "sasl.oauthbearer.client.id", .both, nil, later,
      aliases: ["sasl.oauthbearer.client.credentials.client.id"]),
    .secret(
      "sasl.oauthbearer.client.secret", .both, later,
      aliases: ["sasl.oauthbearer.client.credentials.client.secret"]),
    .text("sasl.oauthbearer.scope", .both, nil, later),
    .text("sasl.oauthbearer.extensions", .both, nil, later),
    .text("sasl.oauthbearer.token.endpoint.url", .both, nil, later),
    .text("sasl.oauthbearer.sub.claim.name", .both, "sub", later),
    .oneOf(
      "sasl.oauthbearer.grant.type", .both,
      ["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"], "client_credentials",
      later),
    .oneOf(
      "sasl.oauthbearer.assertion.algorithm", .both, ["RS256", "ES256"], "RS256", later),
    .text("sasl.oauthbearer.assertion.private.key.file", .both, nil, later),
    .secret("sasl.oauthbearer.assertion.private.key.passphrase", .both, later),
    .secret("sasl.oauthbearer.assertion.private.key.pem", .both, later),
    .text("sasl.oauthbearer.assertion.file", .both, nil, later),
    .text("sasl.oauthbearer.assertion.claim.aud", .both, nil, later),
    .integer(
      "sasl.oauthbearer.assertion.claim.exp.seconds", .both, 1...Property.intMax, 300, .none,
      later),
    .text("sasl.oauthbearer.assertion.claim.iss", .both, nil, later),
    .bool("sasl.oauthbearer.assertion.claim.jti.include", .both, false, later),
    .integer(
      "sasl.oauthbearer.assertion.claim.nbf.seconds", .both, 0...Property.intMax, 60, .none,
      later),
    .text("sasl.oauthbearer.assertion.claim.sub", .both, nil, later),
    .text("sasl.oauthbearer.assertion.jwt.template.file", .both, nil, later),
    .oneOf(
      "sasl.oauthbearer.metadata.authentication.type", .both, ["none", "azure_imds", "aws_iam"],
      "none", later),
  ]
}
