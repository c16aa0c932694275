/// The address of a webhook, checked for what must not be called.
///
/// Whoever knows it can post, so it is shown without its path.
public struct ChannelURL: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  /// The whole address.
  public let text: String
  /// The host, in small letters, an IPv6 address without its brackets.
  public let host: String
  /// True for `http://`, without TLS.
  public let isPlainText: Bool
  private let authority: String
  /// The address where the host is one, and no name.
  private let address: IPAddress?

  /// Checks an address.
  /// - Throws: `ChannelURLError` where it is no http or https address, has a user in it, or names its
  ///   host in a way that hides which address is meant.
  public init(_ text: String) throws(ChannelURLError) {
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
      throw .init("it has a character that no address has; write it as %XX")
    }
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
      throw .init("it must begin with https://")
    }
    switch text[..<colon].lowercased() {
    case "https": isPlainText = false
    case "http": isPlainText = true
    case let scheme: throw .init("scheme \(shown(scheme, limit: 20)): use https://")
    }
    let authority = text[colon...].dropFirst(3).prefix { !"/?#".contains($0) }
    guard !authority.contains("@") else {
      throw .init("it has a user in it; write it under \"basic\" of http-post")
    }
    let (host, port) = Self.split(authority)
    guard !host.isEmpty else { throw .init("it has no host") }
    if let port, !port.isEmpty {
      guard let number = UInt16(port), number > 0, port.utf8.first != UInt8(ascii: "+") else {
        throw .init("port \(shown(String(port), limit: 20)) is not in 1…65535")
      }
    }
    self.text = text
    self.authority = String(authority)
    self.host = host.lowercased()
    address = IPAddress(self.host)
    // 0x7f.1 and 2130706433 are 127.0.0.1 to the C library: what cannot be judged is refused.
    let lastLabel = self.host.split(separator: ".").last ?? ""
    let isNumeric = lastLabel.utf8.first.map { (0x30...0x39).contains($0) } ?? false
    if address == nil, isNumeric || self.host.contains(":") || self.host.contains("%") {
      throw .init(
        "host \(shown(self.host, limit: 80)): write an IPv4 address as four decimal numbers, an IPv6 "
          + "address in brackets")
    }
  }

  private static func split(_ authority: Substring) -> (host: Substring, port: Substring?) {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      let rest = authority[authority.index(after: end)...]
      return (authority[..<end].dropFirst(), rest.hasPrefix(":") ? rest.dropFirst() : nil)
    }
    guard let colon = authority.lastIndex(of: ":") else { return (authority, nil) }
    return (authority[..<colon], authority[authority.index(after: colon)...])
  }

  /// True where it can only be this machine.
  public var isLoopback: Bool {
    host == "localhost" || address == IPAddress.loopback || address?.quad?.first == 127
  }

  /// True where it is an address of the link or a cloud's metadata service, which know secrets.
  public var isLinkLocal: Bool {
    address?.isLinkLocal ?? ["metadata.google.internal", "metadata"].contains(host)
  }

  /// Why nothing is sent there; nil where something may be.
  ///
  /// Plain text goes to this machine only, unless `allowsPlainText`. What a name resolves to is for
  /// the caller to check.
  public func refusal(allowsPlainText: Bool) -> String? {
    if isLinkLocal {
      return "\(self): an address of the link or of a cloud's metadata service gets no alarms"
    }
    if isPlainText && !isLoopback && !allowsPlainText {
      return "\(self): http is readable on the way; use https, or --allow-http"
    }
    return nil
  }

  /// Scheme and host; the path is left out.
  public var description: String { "\(isPlainText ? "http" : "https")://\(authority)/…" }
  /// Nothing of the path.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a text is no address to which alarms go.
public struct ChannelURLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, and the way out.
  public let description: String

  init(_ description: String) { self.description = description }
}
