internal import Transport

extension PropertySet {
  /// What `ssl.*` come to; nil where `security.protocol` is one without TLS.
  ///
  /// - Throws: `PropertyError` where the same is given in two ways.
  var tls: TLSConfiguration? {
    get throws(PropertyError) {
      guard let name = text("security.protocol"), name.hasSuffix("ssl") else { return nil }
      var tls = TLSConfiguration()
      tls.authorities = try material("ssl.ca")
      // librdkafka looks where systems keep their authorities; OpenSSL, being the system's, knows.
      if tls.authorities?.place == .path("probe") { tls.authorities = nil }
      tls.certificate = try material("ssl.certificate")
      tls.key = try material("ssl.key")
      tls.keyPassword = text("ssl.key.password")
      tls.keystore = text("ssl.keystore.location").map { .init("ssl.keystore.location", .path($0)) }
      tls.keystorePassword = text("ssl.keystore.password")
      if tls.keystore != nil, let other = tls.certificate ?? tls.key {
        throw .conflict(
          "ssl.keystore.location", "`ssl.keystore.location` and `\(other.name)` exclude one another"
        )
      }
      tls.revocationLists = text("ssl.crl.location").map { .init("ssl.crl.location", .path($0)) }
      tls.verifiesPeer = bool("enable.ssl.certificate.verification") ?? true
      tls.checksHostName = text("ssl.endpoint.identification.algorithm") != "none"
      tls.cipherSuites = text("ssl.cipher.suites")
      tls.curves = text("ssl.curves.list")
      tls.signatureAlgorithms = text("ssl.sigalgs.list")
      return tls
    }
  }

  /// A file's path or a PEM text, by the properties `….location` and `….pem`.
  private func material(_ name: String) throws(PropertyError) -> TLSConfiguration.Material? {
    let path = text("\(name).location")
    let pem = text("\(name).pem")
    if path != nil, pem != nil {
      throw .conflict(
        "\(name).location", "`\(name).location` and `\(name).pem` exclude one another")
    }
    if let path { return .init("\(name).location", .path(path)) }
    return pem.map { .init("\(name).pem", .text(Self.lines($0))) }
  }

  /// A PEM text that was written on one line, with `\n` for its line ends, as files of properties have it.
  private static func lines(_ pem: String) -> String {
    guard !pem.utf8.contains(UInt8(ascii: "\n")) else { return pem }
    var text = ""
    var rest = Substring(pem)
    while let backslash = rest.firstIndex(of: "\\") {
      text += rest[..<backslash]
      rest = rest[backslash...].dropFirst()
      if rest.first == "n" {
        text += "\n"
        rest = rest.dropFirst()
      } else {
        text += "\\"
      }
    }
    return text + rest
  }
}
