import HTTP

/// One address of a schema registry.
struct RegistryAddress: Hashable, Sendable {
  /// With the credentials, percent-encoded, and without a slash at the end: for libcurl's eyes only.
  private let base: String

  /// Reads an address; `USER:PASSWORD@` in front of the host are taken as they are typed.
  ///
  /// Without a scheme it is `http://`, as libcurl guesses.
  init(parsing text: Substring) {
    var scheme = "http://"
    var rest = text
    for known in ["http://", "https://"] where text.hasPrefix(known) {
      scheme = known
      rest = text.dropFirst(known.count)
    }
    while rest.hasSuffix("/") { rest = rest.dropLast() }
    guard let at = Self.endOfCredentials(rest) else {
      base = scheme + rest
      return
    }
    let credentials = rest[..<at].split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    base =
      scheme + credentials.map { PercentEncoding.encoded(String($0)) }.joined(separator: ":")
      + rest[at...]
  }

  /// Reads `-r`: addresses with commas between them.
  ///
  /// - Throws: `UsageError` where one is empty, with libserdes' name of the option.
  static func list(parsing text: String) throws(UsageError) -> [RegistryAddress] {
    var list: [RegistryAddress] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let word = part.drop { $0 == " " }
      guard word.contains(where: { $0 != "/" }) else {
        throw .value("schema.registry.url is empty")
      }
      guard !word.contains(where: { $0.isWhitespace || $0.isNewline }) else {
        throw .value("schema.registry.url has a space in it")
      }
      list.append(RegistryAddress(parsing: word))
    }
    return list
  }

  /// The URL of a resource, such as `/schemas/ids/1`.
  func url(_ path: String) -> String { base + path }

  /// Whether requests to it are not encrypted.
  var isPlainText: Bool { base.hasPrefix("http://") }

  /// The `@` behind the credentials: a password may have one too, and a slash.
  private static func endOfCredentials(_ rest: Substring) -> Substring.Index? {
    let host = rest.prefix { $0 != "/" }
    if let at = host.lastIndex(of: "@") { return at }
    guard let at = rest.firstIndex(of: "@"), rest[..<at].contains(":") else { return nil }
    return at
  }
}
