/// By which mechanism a client authenticates itself, and with what.
public struct SASLConfiguration: Sendable {
  /// The one mechanism: a broker that does not have it is never offered a weaker one (S32).
  public let mechanism: SASLMechanism
  /// Whether what is sent goes through TLS.
  var isEncrypted = false
  /// The user's name; for a delegation token its id.
  var username = ""
  /// The password; for a delegation token its HMAC.
  var password = Secret("")
  /// User and password are a delegation token's (KIP-48).
  var isDelegationToken = false
  /// What GSSAPI needs.
  var kerberos = Kerberos()
  /// Where OAUTHBEARER has its tokens from.
  var tokens: Tokens?

  /// What GSSAPI needs to find a ticket.
  struct Kerberos: Sendable {
    /// The brokers' service name; the principal is `serviceName/host`.
    var serviceName = "kafka"
    /// The client's own principal; nil takes the default of the tickets that are there.
    var principal: String?
    /// A file with the principal's key; nil takes the tickets that are there (kinit).
    var keytab: String?
  }

  /// Where tokens come from.
  enum Tokens: Sendable {
    /// They are made here and signed by nobody.
    case unsecured(UnsecuredToken)
    /// They are asked for (client credentials).
    case endpoint(TokenEndpoint)
  }

  init(_ mechanism: SASLMechanism) { self.mechanism = mechanism }
}
