internal import HTTP
internal import JSON

/// An OAuth 2 token endpoint and what it is asked: a token for a client's credentials (RFC 6749, 4.4).
struct TokenEndpoint: Sendable {
  /// Bytes of an answer that are taken.
  static let answerBytesMax = 1 << 20
  /// How long an answer may take, in milliseconds.
  static let timeoutMs = 10_000

  private let url: String
  /// A peer on this machine may be asked without TLS.
  private let isLoopback: Bool
  var clientId = ""
  var clientSecret = Secret("")
  var scope: String?
  var extensions: [(name: String, value: String)] = []
  /// The claim that names the client; a token without it is refused, as librdkafka does.
  var subClaimName = "sub"
  var authorities = HTTPRequest.Authorities.system

  /// Checks a URL.
  ///
  /// - Throws: `SASLError` where it is not https, is http to another machine, or holds credentials (S30).
  init(url: String) throws(SASLError) {
    let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[1].isEmpty, !parts[2].isEmpty,
      url.utf8.allSatisfy({ 0x21...0x7e ~= $0 })
    else { throw SASLError("this is no URL; write https://HOST/PATH") }
    guard !parts[2].contains("@") else {
      throw SASLError(
        "a URL with user or password is not taken, as URLs are shown; use "
          + "sasl.oauthbearer.client.id and sasl.oauthbearer.client.secret")
    }
    var host = parts[2]
    if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") { host = host[..<colon] }
    isLoopback = ["localhost", "127.0.0.1", "[::1]"].contains(host.lowercased())
    switch parts[0].lowercased() {
    case "https:": break
    case "http:" where isLoopback: break
    case "http:":
      throw SASLError("http would show the client's secret to everybody on the way; use https")
    default: throw SASLError("only https:// is supported")
    }
    self.url = url
  }

  /// What the endpoint is sent.
  var request: HTTPRequest {
    var request = HTTPRequest("POST", url)
    let credentials = Base64.encode(Array("\(clientId):\(clientSecret.text)".utf8))
    request.headers = [
      ("Accept", "application/json"), ("Authorization", "Basic \(credentials)"),
      ("Content-Type", "application/x-www-form-urlencoded"),
    ]
    var form = "grant_type=client_credentials"
    if let scope, !scope.isEmpty { form += "&scope=\(PercentEncoding.formValue(scope))" }
    request.body = Array(form.utf8)
    request.allowsPlainText = isLoopback
    request.authorities = authorities
    request.timeoutMs = Self.timeoutMs
    request.bodyBytesMax = Self.answerBytesMax
    return request
  }

  /// Asks for a token and waits for it: not for the loop.
  ///
  /// - Throws: `SASLError` where there is none, or none that may be used.
  func fetch(nowMs: () -> Int64) throws(SASLError) -> OAuthToken {
    let response: HTTPResponse
    do throws(HTTPError) { response = try HTTPClient.perform(request) } catch {
      throw SASLError("token endpoint \(url): \(error)")
    }
    do throws(SASLError) {
      return try token(in: response, nowMs: nowMs())
    } catch {
      throw SASLError("token endpoint \(url): \(error)")
    }
  }

  /// The token in an answer that came at `nowMs`, milliseconds since 1970.
  ///
  /// It is good until its claim `exp`; where it is no JWT, for the answer's `expires_in`.
  func token(in response: HTTPResponse, nowMs: Int64) throws(SASLError) -> OAuthToken {
    let members = (try? Self.members(of: response.body)) ?? [:]
    guard response.status == 200 else {
      let told = ["error", "error_description"].compactMap { name in
        if case .string(let text) = members[name] { text } else { nil }
      }
      let redirects = (300..<400).contains(response.status) ? "; redirects are not followed" : ""
      throw SASLError(
        "HTTP status \(response.status)\(redirects)"
          + (told.isEmpty ? "" : " (\(told.joined(separator: ": ")))"))
    }
    guard !members.isEmpty else { throw SASLError("the answer is no JSON object") }
    let value: String
    if case .string(let text) = members["access_token"] {
      value = text
    } else if case .string(let text) = members["id_token"] {
      value = text
    } else {
      throw SASLError("the answer has no access_token")
    }
    var expiresAtMs: Int64?
    if let claims = Self.claims(of: value) {
      guard case .string = claims[subClaimName] else {
        throw SASLError(
          "the token has no claim \"\(subClaimName)\" (sasl.oauthbearer.sub.claim.name)")
      }
      if case .seconds(let seconds) = claims["exp"] { expiresAtMs = Self.ms(seconds) }
    }
    if expiresAtMs == nil, case .seconds(let seconds) = members["expires_in"] {
      expiresAtMs = nowMs + Self.ms(seconds)
    }
    guard let expiresAtMs else {
      throw SASLError(
        "neither the token (exp) nor the answer (expires_in) says until when it is good")
    }
    guard expiresAtMs > nowMs else { throw SASLError("the token has expired already") }
    return try OAuthToken(value, expiresAtMs: expiresAtMs, extensions: extensions)
  }

  // MARK: Reading

  private enum Value {
    case string(String)
    case seconds(Double)
  }

  /// A time in milliseconds, which a hostile answer cannot make overflow.
  private static func ms(_ seconds: Double) -> Int64 {
    Int64(max(0, min(seconds, 1e12)) * 1000)
  }

  /// The claims of a JWT; nil where the token is none.
  private static func claims(of token: String) -> [String: Value]? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let bytes = Base64.decode(parts[1], forURL: true) else { return nil }
    return try? members(of: bytes)
  }

  /// The strings and numbers of a JSON object, by name; the last of several wins.
  private static func members(of bytes: [UInt8]) throws -> [String: Value] {
    try bytes.withUnsafeBytes { bytes in
      var reader = JSONReader(bytes)
      var members: [String: Value] = [:]
      guard try reader.next() == .objectStart else { return [:] }
      while case .name(let name)? = try reader.next() {
        switch try reader.next() {
        case .string(let span): members[reader.string(name)] = .string(reader.string(span))
        case .number(let span):
          members[reader.string(name)] = reader.double(span).map { .seconds($0) }
        case .objectStart, .arrayStart:
          let level = reader.depth
          while reader.depth >= level { _ = try reader.next() }
        case .bool, .null, .name, .objectEnd, .arrayEnd, nil: break
        }
      }
      // What follows the object is an error too.
      _ = try reader.next()
      return members
    }
  }
}
