/// A mail and the server that is to take it (SMTP, RFC 5321).
public struct Mail: Sendable {
  /// `HOST`, `HOST:PORT`, `smtp://HOST:PORT` or `smtps://HOST:PORT`; the ports are 25 and 465 by default.
  public var server: String
  /// For `MAIL FROM`.
  public var sender: String
  /// For `RCPT TO`, one each.
  public var recipients: [String]
  /// Headers, an empty line and the text, lines ended by CR LF; dots are doubled on the way.
  public var bytes: [UInt8]
  /// The user; nil for none.
  public var login: Login?
  /// How long all of it may take, in milliseconds.
  public var timeoutMs = 30_000
  /// Who may vouch for the server.
  public var authorities = HTTPRequest.Authorities.system

  /// Makes a mail from nobody who must prove it.
  public init(server: String, sender: String, recipients: [String], bytes: [UInt8]) {
    self.server = server
    self.sender = sender
    self.recipients = recipients
    self.bytes = bytes
  }

  /// The server as a URL; nil where it is none of the four forms.
  var url: String? {
    let hasScheme = ["smtp://", "smtps://"].contains { server.hasPrefix($0) }
    let rest = hasScheme ? server.drop { $0 != "/" }.dropFirst(2) : server[...]
    guard !rest.isEmpty, rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
      !rest.contains(where: { "/@?#\\".contains($0) })
    else { return nil }
    return hasScheme ? server : "smtp://\(server)"
  }

  /// Whether plain text will do: STARTTLS is tried, a login demands it.
  ///
  /// As anybody on the way could talk the server out of it, the certificate is not checked then either.
  var isTLSOptional: Bool { login == nil && !server.hasPrefix("smtps://") }

  /// Whether an address can stand in the envelope without saying anything else.
  static func isEnvelopeSafe(_ address: String) -> Bool {
    !address.isEmpty
      && address.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3C && $0 != 0x3E }
  }
}
