/// A certificate, as far as people want to know it; control characters in its names are written out.
public struct TLSCertificate: Hashable, Sendable, CustomStringConvertible {
  /// Whose it is, such as `CN=localhost,O=Example`.
  public var subject: String
  /// Who signed it.
  public var issuer: String
  /// The hosts that it names (SAN): `DNS:localhost, IP:127.0.0.1`; empty without any.
  public var names: String
  /// From when it holds, in seconds since 1970.
  public var notBefore: Int64
  /// Until when it holds, in seconds since 1970.
  public var notAfter: Int64

  /// All of it in one line.
  public var description: String {
    "subject \(subject), issuer \(issuer), valid from \(WallClock.date(notBefore)) to "
      + "\(WallClock.date(notAfter)), names \(names.isEmpty ? "none" : names)"
  }
}

/// What two sides agreed on, and with whom.
public struct TLSPeer: Hashable, Sendable, CustomStringConvertible {
  /// `TLSv1.2` or `TLSv1.3`.
  public var version: String
  /// Such as `TLS_AES_256_GCM_SHA384`.
  public var cipher: String
  /// Whether an earlier session was resumed.
  public var isResumed: Bool
  /// The peer's certificate; nil where it showed none.
  public var certificate: TLSCertificate?

  /// All of it in one line.
  public var description: String {
    "\(version), \(cipher)\(isResumed ? ", resumed" : ""), "
      + (certificate.map { "\($0)" } ?? "no certificate")
  }
}
