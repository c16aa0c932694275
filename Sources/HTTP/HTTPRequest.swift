/// What a server is asked, by HTTP over TLS.
public struct HTTPRequest: Sendable {
  /// Who may vouch for the server.
  public enum Authorities: Hashable, Sendable {
    /// Those whom the system trusts.
    case system
    /// Those in a file of PEM certificates, or in a folder of such, named by their hashes.
    case path(String)
    /// Those in a PEM text.
    case pem(String)
  }

  /// Such as `POST`.
  public var method: String
  /// Where to.
  public var url: String
  /// Names and values.
  public var headers: [(name: String, value: String)] = []
  /// The body; empty for none.
  public var body: [UInt8] = []
  /// How long all of it may take, in milliseconds.
  public var timeoutMs = 10_000
  /// Bytes of the answer's body that are taken; more is an error.
  public var bodyBytesMax = 1 << 20
  /// Whether `http://`, without TLS, will do.
  public var allowsPlainText = false
  /// Who may vouch for the server.
  public var authorities = Authorities.system

  /// Makes a request without a body.
  public init(_ method: String, _ url: String) {
    self.method = method
    self.url = url
  }
}

/// What a server answered; redirects are answers like others.
public struct HTTPResponse: Sendable {
  /// The status, such as 200.
  public var status: Int
  /// The body.
  public var body: [UInt8]

  /// Makes an answer.
  public init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }
}

/// Why there was no answer.
public struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A sentence for people.
  public let description: String
}
