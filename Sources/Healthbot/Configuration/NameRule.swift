/// A length and a pattern of Healthbot's API description (release 4).
enum NameRule {
  case notification, group, topic, certificate, slackURL, teamsURL, email, routingKey

  /// What Healthbot would object to; nil where it would not.
  func broken(by text: String) -> String? {
    let count = text.unicodeScalars.count
    if let max, count > max {
      return "Healthbot allows \(max) characters, this has \(count)"
    }
    return matches(text) ? nil : "Healthbot's pattern is \(pattern)"
  }

  private var max: Int? {
    switch self {
    case .notification: 64
    case .group: 40
    case .topic: 249
    case .routingKey: 255
    case .certificate, .slackURL, .teamsURL, .email: nil
    }
  }

  private var pattern: String {
    switch self {
    case .notification: "[a-zA-Z][a-zA-Z0-9_-]*"
    case .group: "[a-zA-Z][a-zA-Z0-9-]*"
    case .topic, .routingKey: #"\.*[a-zA-Z0-9_-]+[a-zA-Z0-9\._-]*"#
    case .certificate: #".+\.pem"#
    case .slackURL, .teamsURL: #"(https)://[^\s/$.?#].[^\s]*"#
    case .email: #"\w+([\.-]?\w+)*@\w+([\.-]?\w+)*(\.)\w+([-]?\w+)"#
    }
  }

  private func matches(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    switch self {
    case .notification: return Self.isName(scalars, "_-")
    case .group: return Self.isName(scalars, "-")
    case .topic, .routingKey:
      return scalars.allSatisfy { Self.isAlphanumeric($0) || "._-".unicodeScalars.contains($0) }
        && scalars.contains { $0 != "." }
    case .certificate: return text.hasSuffix(".pem") && scalars.count > 4
    case .slackURL, .teamsURL:
      let rest = scalars.dropFirst(8)
      guard text.hasPrefix("https://"), let first = rest.first, rest.count > 1 else { return false }
      return !"/$.?#".unicodeScalars.contains(first)
        && !rest.contains { $0.properties.isWhitespace }
    case .email: return Self.isEmail(scalars)
    }
  }

  private static func isName(_ scalars: [Unicode.Scalar], _ further: String) -> Bool {
    guard let first = scalars.first, isAlphanumeric(first), !isDigit(first) else { return false }
    return scalars.allSatisfy { isAlphanumeric($0) || further.unicodeScalars.contains($0) }
  }

  private static func isEmail(_ scalars: [Unicode.Scalar]) -> Bool {
    let parts = scalars.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, let local = parts.first, let domain = parts.last,
      let dot = domain.lastIndex(of: ".")
    else { return false }
    let last = domain[(dot + 1)...]
    return isWords(local, ".-") && isWords(domain[..<dot], ".-") && last.count > 1
      && isWords(last, "-") && last.count { $0 == "-" } <= 1
  }

  /// Words with one separator between any two.
  private static func isWords(_ scalars: ArraySlice<Unicode.Scalar>, _ separators: String) -> Bool {
    scalars.split(omittingEmptySubsequences: false) { separators.unicodeScalars.contains($0) }
      .allSatisfy { word in
        !word.isEmpty && word.allSatisfy { isAlphanumeric($0) || $0 == "_" }
      }
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    isDigit(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }
}
