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

  /// Which addresses the server's name may lead to; behind a proxy, which resolves the name itself, it
  /// is the proxy's address that counts.
  public enum Peers: Hashable, Sendable {
    /// All.
    case any
    /// None of the link, and none of a cloud's metadata service.
    case notLinkLocal
    /// This machine only.
    case loopback
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
  /// Bytes of the answer's body that are taken; more is an error, unless `needsBody` is false.
  public var bodyBytesMax = 1 << 20
  /// Whether an answer whose body breaks off is none; otherwise the status alone is what counts.
  public var needsBody = true
  /// Whether `http://`, without TLS, will do.
  public var allowsPlainText = false
  /// Who may vouch for the server.
  public var authorities = Authorities.system
  /// The user of basic authentication (RFC 7617); nil for none.
  public var login: Login?
  /// Which addresses may be connected to.
  public var peers = Peers.any

  /// Makes a request without a body.
  public init(_ method: String, _ url: String) {
    self.method = method
    self.url = url
  }
}

/// A user and a password, which do not show.
public struct Login: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  let username: String
  let password: String

  /// Wraps the two.
  public init(username: String, password: String) {
    self.username = username
    self.password = password
  }

  /// What is shown instead.
  public var description: String { "[redacted]" }
  /// Nothing of them.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a server answered; redirects are answers like others.
public struct HTTPResponse: Sendable {
  /// The status, such as 200.
  public var status: Int
  /// The body.
  public var body: [UInt8]
  /// How long the server wants to be left alone (`Retry-After`, in seconds or as a date), in
  /// milliseconds; nil where it does not say.
  public var retryAfterMs: Int64?
  /// The host that a redirect leads to, at most 80 visible characters; nil where the answer is none.
  public var redirectHost: String?

  /// Makes an answer.
  public init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }

  /// The host in a URL that came from outside.
  static func host(of url: String) -> String? {
    guard let start = url.firstRange(of: "://") else { return nil }
    let authority = url[start.upperBound...].prefix { !"/?#\\".contains($0) }
    let host = (authority.split(separator: "@").last ?? "").utf8
      .filter { (0x21...0x7E).contains($0) }.prefix(80)
    return host.isEmpty ? nil : String(decoding: host, as: UTF8.self)
  }
}

/// Why there was no answer, or why a mail was not taken.
public struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A sentence for people, without path and password.
  public let description: String
  /// Whether trying again may help: the network's faults and a mail server's 4xx.
  public let mayPass: Bool
  /// The mail server's last answer, such as 550; nil where it gave none, and for requests.
  public let mailStatus: Int?
  /// The address that was not connected to because of `HTTPRequest.Peers`; nil for other causes.
  public let refusedAddress: String?

  init(
    description: String, mayPass: Bool = false, mailStatus: Int? = nil,
    refusedAddress: String? = nil
  ) {
    self.mailStatus = mailStatus
    self.description = description
    self.mayPass = mayPass
    self.refusedAddress = refusedAddress
  }
}
