internal import JSON

/// An unsecured JWS (`alg` none) for OAUTHBEARER, as `sasl.oauthbearer.config` describes it.
///
/// Anybody can make one, so it is for trying and testing, and wants
/// `enable.sasl.oauthbearer.unsecure.jwt=true` (S31).
struct UnsecuredToken: Sendable {
  private var principalClaimName = "sub"
  private var principal = ""
  private var scopeClaimName = "scope"
  private var scopes: [String] = []
  private var lifeSeconds: Int64 = 3600
  private var extensions: [(name: String, value: String)] = []

  /// Reads `principalClaimName=`, `principal=`, `scopeClaimName=`, `scope=` (separated by commas),
  /// `lifeSeconds=` and any `extension_NAME=`, separated by blanks.
  ///
  /// - Throws: `SASLError`, which names the part.
  init(parsing text: String) throws(SASLError) {
    var seen: Set<Substring> = []
    for part in text.split(separator: " ") {
      guard let equals = part.firstIndex(of: "="), equals > part.startIndex else {
        throw SASLError("\"\(part)\" is not name=value")
      }
      let name = part[..<equals]
      let value = String(part[part.index(after: equals)...])
      guard seen.insert(name).inserted else { throw SASLError("\(name) is given twice") }
      guard !value.isEmpty, !value.contains("\"") else {
        throw SASLError("the value of \(name) is empty or has a quotation mark")
      }
      switch name {
      case "principalClaimName": principalClaimName = value
      case "principal": principal = value
      case "scopeClaimName": scopeClaimName = value
      case "scope": scopes = value.split(separator: ",").map(String.init)
      case "lifeSeconds":
        guard let seconds = Int64(value), 1...Int64(Int32.max) ~= seconds else {
          throw SASLError("lifeSeconds=\(value) is no number from 1 to \(Int32.max)")
        }
        lifeSeconds = seconds
      case _ where name.hasPrefix("extension_"):
        extensions.append((name: String(name.dropFirst("extension_".count)), value: value))
      default:
        throw SASLError(
          "\(name) is unknown; there are principalClaimName, principal, scopeClaimName, scope, "
            + "lifeSeconds, extension_NAME")
      }
    }
    guard !principal.isEmpty else { throw SASLError("principal= is missing") }
    guard principalClaimName != scopeClaimName else {
      throw SASLError("principal and scope cannot both be claim \"\(scopeClaimName)\"")
    }
  }

  /// A token that is good from `nowMs`, milliseconds since 1970, on.
  ///
  /// - Throws: `SASLError` where an extension has a character that is not allowed.
  func token(nowMs: Int64) throws(SASLError) -> OAuthToken {
    var claims = JSONWriter(.python)
    claims.beginObject()
    claims.name(principalClaimName)
    claims.string(principal)
    claims.name("iat")
    claims.integer(nowMs / 1000)
    claims.name("exp")
    claims.integer(nowMs / 1000 + lifeSeconds)
    if !scopes.isEmpty {
      claims.name(scopeClaimName)
      claims.beginArray()
      for scope in scopes { claims.string(scope) }
      claims.endArray()
    }
    claims.endObject()
    let header = Base64.encode(Array(#"{"alg":"none"}"#.utf8), forURL: true)
    return try OAuthToken(
      "\(header).\(Base64.encode(claims.bytes, forURL: true)).",
      expiresAtMs: nowMs / 1000 * 1000 + lifeSeconds * 1000, extensions: extensions)
  }
}
