/// Why TLS cannot be spoken, or not with this peer.
public struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What sort of trouble it is.
  public enum Cause: Hashable, Sendable {
    /// OpenSSL or our own files cannot be used.
    case setup
    /// Nobody we trust vouches for the peer's certificate.
    case untrusted
    /// The certificate's time is over, or has not come.
    case outOfDate
    /// The certificate names other hosts.
    case wrongHost
    /// The certificate was revoked.
    case revoked
    /// Something else is wrong with the certificate.
    case badCertificate
    /// The peer wants a certificate of ours, and none was given.
    case certificateMissing
    /// The peer does not take the certificate that we showed.
    case certificateRefused
    /// The peer ended it with another alert (RFC 8446, 6.2).
    case alert(UInt8)
    /// The peer speaks only what is too old.
    case tooOld
    /// What the peer sent is no TLS.
    case notTLS
    /// The peer closed the connection before it sent anything.
    case closedUnanswered
    /// The connection ended, or was too slow, within the handshake.
    case interrupted
    /// The two sides do not understand one another, or somebody changed the bytes.
    case broken
  }

  /// What sort of trouble it is.
  public let cause: Cause
  /// A sentence for people.
  public let description: String

  /// Makes one.
  public init(_ cause: Cause, _ description: String) {
    self.cause = cause
    self.description = description
  }

  init(_ error: CryptoError) { self.init(.setup, error.description) }

  /// The peer ended it with an alert; whether we showed it a certificate says what it may mean.
  static func alert(_ number: UInt8, hasIdentity: Bool) -> TLSError {
    let alert = "alert \(alertNames[number].map { "\"\($0)\"" } ?? "number \(number)")"
    switch number {
    case 116 where !hasIdentity, 42 where !hasIdentity:
      return TLSError(
        .certificateMissing, "the peer wants a certificate of ours, and none was given (\(alert))")
    case 42...46 where hasIdentity, 48 where hasIdentity, 49 where hasIdentity:
      return TLSError(.certificateRefused, "the peer does not take our certificate (\(alert))")
    case 70:
      return TLSError(
        .tooOld, "the peer speaks no version of TLS that is wanted here, 1.2 or later (\(alert))")
    default:
      return TLSError(.alert(number), "the peer refused (\(alert))")
    }
  }

  // RFC 8446, section 6, and TLS 1.2's own.
  private static let alertNames: [UInt8: String] = [
    10: "unexpected message", 20: "bad record mac", 22: "record overflow",
    40: "handshake failure", 42: "bad certificate", 43: "unsupported certificate",
    44: "certificate revoked", 45: "certificate expired", 46: "certificate unknown",
    47: "illegal parameter", 48: "unknown ca", 49: "access denied", 50: "decode error",
    51: "decrypt error", 70: "protocol version", 71: "insufficient security",
    80: "internal error", 86: "inappropriate fallback", 90: "user canceled",
    100: "no renegotiation", 109: "missing extension", 110: "unsupported extension",
    112: "unrecognized name", 113: "bad certificate status response", 115: "unknown psk identity",
    116: "certificate required", 120: "no application protocol",
  ]
}
