import Glibc

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
    "subject \(subject), issuer \(issuer), valid from \(Self.date(notBefore)) to "
      + "\(Self.date(notAfter)), names \(names.isEmpty ? "none" : names)"
  }

  /// A moment as `2026-11-25T04:05:06Z`.
  static func date(_ seconds: Int64) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
      + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
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
