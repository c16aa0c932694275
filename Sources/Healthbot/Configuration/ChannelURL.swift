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
    // 0x7f.1 and 2130706433 are 127.0.0.1 to the C library: what cannot be judged is refused.
    let lastLabel = self.host.split(separator: ".").last ?? ""
    if let first = lastLabel.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
      !self.host.contains(":"), quad == nil
    {
      throw .init("host \(shown(self.host, limit: 80)): write an address as four decimal numbers")
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

  /// The four numbers of an IPv4 address; nil for anything else.
  private var quad: [UInt8]? {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    let bytes = parts.compactMap { part in
      part.utf8.count <= 3 && (part == "0" || !part.hasPrefix("0")) && !part.hasPrefix("+")
        ? UInt8(part) : nil
    }
    return parts.count == 4 && bytes.count == 4 ? bytes : nil
  }

  /// True where it can only be this machine.
  public var isLoopback: Bool {
    host == "localhost" || host == "::1" || quad?.first == 127
  }

  /// True where it is an address of the link or a cloud's metadata service, which know secrets.
  public var isLinkLocal: Bool {
    if let quad { return quad.starts(with: [169, 254]) }
    if host.contains(":") {
      let isLinkLocal = ["fe8", "fe9", "fea", "feb"].contains { host.hasPrefix($0) }
      return isLinkLocal || host == "fd00:ec2::254" || host.hasPrefix("::ffff:")
    }
    return host == "metadata.google.internal" || host == "metadata"
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
