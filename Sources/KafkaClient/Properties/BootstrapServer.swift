import Glibc

/// Where a client begins: a broker's host and port.
public struct BootstrapServer: Hashable, Sendable, CustomStringConvertible {
  /// Kafka's port.
  public static let defaultPort: UInt16 = 9092
  /// How many servers a list may name.
  public static let countMax = 1000

  /// A name or an address; IPv6 without brackets.
  public var host: String
  /// The port, 1 to 65535.
  public var port: UInt16

  /// Makes a server.
  public init(host: String, port: UInt16 = BootstrapServer.defaultPort) {
    self.host = host
    self.port = port
  }

  /// `host:port`, IPv6 in brackets.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Reads a list as `-b` takes it: `[proto://]host[:port]`, separated by commas.
  ///
  /// IPv6 stands in brackets, or bare where no port follows. Without a port it is 9092, without a host
  /// localhost, as in librdkafka. What comes twice is taken once; the order is kept.
  /// `securityProtocol` is that of all connections (`security.protocol`), which an entry's must be.
  /// - Throws: `PropertyError`, which names the entry.
  public static func list(_ text: String, securityProtocol: String = "plaintext")
    throws(PropertyError) -> [BootstrapServer]
  {
    var servers: [BootstrapServer] = []
    var seen: Set<BootstrapServer> = []
    for part in text.split(separator: ",") {
      var entry = part
      while entry.first?.isWhitespace == true { entry.removeFirst() }
      while entry.last?.isWhitespace == true { entry.removeLast() }
      if entry.isEmpty { continue }
      let server = try BootstrapServer(entry: String(entry), securityProtocol)
      guard seen.insert(server).inserted else { continue }
      guard servers.count < countMax else {
        throw .invalid(
          String(entry), propertyName, why: "more than \(countMax) brokers in the list")
      }
      servers.append(server)
    }
    guard !servers.isEmpty else {
      throw .invalid(text, propertyName, why: "no broker in the list; write host:port")
    }
    return servers
  }

  private static let propertyName = "metadata.broker.list"

  private init(entry: String, _ securityProtocol: String) throws(PropertyError) {
    func invalid(_ why: String) -> PropertyError {
      .invalid(entry, Self.propertyName, why: why)
    }
    // A host such as -e or -oProxyCommand=… is a forgotten argument, or an attack on what is run later.
    guard !entry.hasPrefix("-") else {
      throw invalid("a broker's name does not begin with '-'; is the argument of -b missing?")
    }
    var rest = Substring(entry)
    if let separator = rest.firstRange(of: "://") {
      try Self.check(protocol: String(rest[..<separator.lowerBound]), securityProtocol, invalid)
      rest = rest[separator.upperBound...]
      // librdkafka ignores what looks like a URL's path.
      if let path = rest.firstIndex(of: "/") { rest = rest[..<path] }
    }
    var portText: Substring?
    if rest.hasPrefix("[") {
      guard let end = rest.firstIndex(of: "]") else { throw invalid("']' is missing") }
      let behind = rest[rest.index(after: end)...]
      rest = rest[rest.index(after: rest.startIndex)..<end]
      guard behind.isEmpty || behind.hasPrefix(":") else {
        throw invalid("behind ']' may stand a ':' and a port only")
      }
      if !behind.isEmpty { portText = behind.dropFirst() }
      guard rest.contains(":") else { throw invalid("only IPv6 addresses stand in brackets") }
    } else if let colon = rest.firstIndex(of: ":"), colon == rest.lastIndex(of: ":") {
      portText = rest[rest.index(after: colon)...]
      rest = rest[..<colon]
    }
    let isAddress = rest.contains(":")
    for scalar in rest.unicodeScalars where !Self.isAllowed(scalar, isAddress: isAddress) {
      throw invalid(
        "\(scalar.escaped(asASCII: true)) is not allowed in "
          + (isAddress ? "an IPv6 address" : "a host's name"))
    }
    guard !isAddress || Self.isIPv6(rest) else { throw invalid("this is no IPv6 address") }
    guard rest.utf8.count <= 253, !rest.hasPrefix("-") else {
      throw invalid("this is no host's name")
    }
    host = rest.isEmpty ? "localhost" : String(rest)
    port = Self.defaultPort
    if let portText {
      guard portText.allSatisfy({ $0.isASCII && $0.isNumber }), let number = UInt16(portText),
        number > 0
      else { throw invalid("\"\(portText)\" is no port; use 1 to 65535") }
      port = number
    }
  }

  private static func check(
    protocol name: String, _ securityProtocol: String, _ invalid: (String) -> PropertyError
  ) throws(PropertyError) {
    switch name.lowercased() {
    case securityProtocol: return
    case "plaintext", "ssl", "sasl_plaintext", "sasl_ssl":
      throw invalid(
        "all connections are \(securityProtocol); set security.protocol=\(name.lowercased())")
    default:
      throw invalid(
        "unsupported protocol \"\(name)\"; use plaintext, ssl, sasl_plaintext or sasl_ssl")
    }
  }

  private static func isIPv6(_ text: Substring) -> Bool {
    var address = in6_addr()
    let bare = text.prefix { $0 != "%" }
    return inet_pton(AF_INET6, String(bare), &address) == 1
  }

  private static func isAllowed(_ scalar: Unicode.Scalar, isAddress: Bool) -> Bool {
    switch scalar {
    case "0"..."9", "a"..."z", "A"..."Z", ".", "-", "_": true
    case ":", "%": isAddress
    default: !scalar.isASCII && !isAddress && scalar.properties.isAlphabetic
    }
  }
}
