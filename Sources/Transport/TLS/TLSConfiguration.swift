/// What a client wants of TLS: whom it trusts, who it is, and how strict it is.
///
/// A plain value. Nothing older than TLS 1.2 is ever spoken.
public struct TLSConfiguration: Sendable, Hashable {
  /// Certificates or a key, and what errors call them.
  public struct Material: Sendable, Hashable {
    /// Where it is.
    public enum Place: Sendable, Hashable {
      /// The path of a file, or of a folder where one may be named.
      case path(String)
      /// A PEM text itself; it is never shown.
      case text(String)
    }

    /// What an error calls it, such as the property that named it.
    public var name: String
    /// Where it is.
    public var place: Place

    /// Names a place.
    public init(_ name: String, _ place: Place) {
      self.name = name
      self.place = place
    }
  }

  /// The authorities to trust: a PEM file, a folder of files named by their hashes, or a text.
  ///
  /// nil trusts whom the system trusts.
  public var authorities: Material?
  /// Our own certificate, and behind it what leads to its root; PEM.
  public var certificate: Material?
  /// The key of the certificate, PEM (PKCS#1, PKCS#8, EC); nil where it lies with the certificate.
  public var key: Material?
  /// The password of an encrypted key.
  public var keyPassword: String?
  /// Certificate and key as PKCS#12; a path.
  public var keystore: Material?
  /// The password of the keystore.
  public var keystorePassword: String?
  /// Revocation lists, PEM; a certificate whose issuer has none among them is refused.
  public var revocationLists: Material?
  /// Whether the peer's certificate is verified at all.
  public var verifiesPeer = true
  /// Whether the certificate must name the host (RFC 6125).
  public var checksHostName = true
  /// Cipher suites, with `:` or `,` between them, in OpenSSL's or the standard's words.
  ///
  /// Without one of TLS 1.2's, only TLS 1.3 is spoken.
  public var cipherSuites: String?
  /// Groups of the key exchange, with `:` between them.
  public var curves: String?
  /// Signature algorithms, with `:` between them.
  public var signatureAlgorithms: String?

  /// Trusts whom the system trusts, checks everything, shows no certificate.
  public init() {}
}
