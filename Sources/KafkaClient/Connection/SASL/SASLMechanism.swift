/// A SASL mechanism that hbcat speaks; the raw value is its registered name.
public enum SASLMechanism: String, CaseIterable, Sendable {
  /// User and password as they are (RFC 4616).
  case plain = "PLAIN"
  /// Proof of a password, with SHA-256 (RFC 5802, RFC 7677).
  case scramSHA256 = "SCRAM-SHA-256"
  /// The same with SHA-512.
  case scramSHA512 = "SCRAM-SHA-512"
  /// A token (RFC 7628).
  case oauthBearer = "OAUTHBEARER"
  /// Kerberos (RFC 4752).
  case gssapi = "GSSAPI"

  /// Whether what is sent is enough to pose as the client.
  var revealsSecret: Bool {
    switch self {
    case .plain, .oauthBearer: true
    case .scramSHA256, .scramSHA512, .gssapi: false
    }
  }

  /// Whether it needs a user's name and password.
  var needsPassword: Bool {
    switch self {
    case .plain, .scramSHA256, .scramSHA512: true
    case .oauthBearer, .gssapi: false
    }
  }
}
