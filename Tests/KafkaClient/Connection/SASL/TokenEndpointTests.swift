import HTTP
import Synchronization
import TestSupport
import Testing
import Transport

@testable import KafkaClient

/// What a token endpoint is asked, and which of its answers are taken.
@Suite struct TokenEndpointTests {
  /// A JWT that nobody has signed, with these claims.
  private static func jwt(_ claims: String) -> String {
    "e30.\(Base64.encode(Array(claims.utf8), forURL: true)).c2ln"
  }

  private func endpoint() throws -> TokenEndpoint {
    var endpoint = try TokenEndpoint(url: "https://idp.example/token")
    endpoint.clientId = "me"
    endpoint.clientSecret = Secret("s3cret")
    return endpoint
  }

  private func error(_ body: String, status: Int = 200) throws -> String {
    let endpoint = try endpoint()
    do throws(SASLError) {
      _ = try endpoint.token(
        in: HTTPResponse(status: status, body: Array(body.utf8)), nowMs: 1000)
      return "accepted"
    } catch { return error.description }
  }

  @Test func `client credentials go in the header, the scope in the form (RFC 6749)`() throws {
    var endpoint = try endpoint()
    endpoint.scope = "read write&x=ä"
    let request = endpoint.request
    #expect(request.method == "POST" && request.url == "https://idp.example/token")
    let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
    #expect(headers["Authorization"] == "Basic bWU6czNjcmV0")
    #expect(headers["Content-Type"] == "application/x-www-form-urlencoded")
    #expect(
      String(decoding: request.body, as: UTF8.self)
        == "grant_type=client_credentials&scope=read+write%26x%3D%C3%A4")
    #expect(!request.allowsPlainText)
    #expect(request.timeoutMs == 10_000 && request.bodyBytesMax == 1 << 20)
  }

  @Test func `S30: only https is taken, or http on this machine`() throws {
    for url in ["https://h/t", "HTTPS://h:8443/t?x=1", "https://[::1]:1/"] {
      #expect(try !TokenEndpoint(url: url).request.allowsPlainText || url.contains("::1"))
    }
    for url in ["http://localhost:8080/t", "http://127.0.0.1/t", "http://[::1]:80/t"] {
      #expect(try TokenEndpoint(url: url).request.allowsPlainText)
    }
    for url in [
      "http://idp.example/t", "http://127.0.0.1.example/t", "ftp://h/", "file:///etc/passwd", "h/t",
      "https://", "https:///t", "https://h/a b", "https://h/\r\nX: y", "",
    ] {
      #expect(throws: SASLError.self, "\(url)") { try TokenEndpoint(url: url) }
    }
  }

  @Test func `S38: a URL with credentials is refused and not repeated`() {
    let error = #expect(throws: SASLError.self) {
      try TokenEndpoint(url: "https://me:hunter2@idp.example/t")
    }
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test func `a JWT is good until its exp, another token for expires_in`() throws {
    let jwt = Self.jwt(#"{"sub":"me","exp":2000.5}"#)
    let token = try endpoint().token(
      in: HTTPResponse(
        status: 200, body: Array(#"{"access_token":"\#(jwt)","expires_in":1,"x":[{}]}"#.utf8)),
      nowMs: 1000)
    #expect(token.value.text == jwt && token.expiresAtMs == 2_000_500)
    let opaque = try endpoint().token(
      in: HTTPResponse(
        status: 200, body: Array(#"{"access_token":"opaque","expires_in":60}"#.utf8)),
      nowMs: 1000)
    #expect(opaque.expiresAtMs == 61_000)
  }

  @Test func `S30: what is no token is refused with its reason`() throws {
    #expect(try error("<html>") == "the answer is no JSON object")
    #expect(try error("[1]") == "the answer is no JSON object")
    #expect(try error(#"{"access_token":"t","expires_in":1} x"#) == "the answer is no JSON object")
    #expect(try error(#"{"token":"t"}"#) == "the answer has no access_token")
    #expect(
      try error(#"{"access_token":"a\r\nb","expires_in":9}"#).hasPrefix(
        "the token has a character that is not allowed"))
    #expect(
      try error(#"{"access_token":"a\u0001b","expires_in":9}"#).hasPrefix(
        "the token has a character that is not allowed"))
    #expect(try error(#"{"access_token":"t"}"#).hasPrefix("neither the token (exp)"))
    #expect(
      try error(#"{"access_token":"t","expires_in":-5}"#) == "the token has expired already")
    #expect(
      try error(#"{"access_token":"\#(Self.jwt(#"{"sub":"me","exp":1}"#))"}"#)
        == "the token has expired already")
    #expect(
      try error(#"{"access_token":"\#(Self.jwt(#"{"exp":9e99}"#))"}"#)
        == "the token has no claim \"sub\" (sasl.oauthbearer.sub.claim.name)")
    #expect(
      try error(#"{"error":"invalid_client","error_description":"no such client"}"#, status: 401)
        == "HTTP status 401 (invalid_client: no such client)")
    #expect(try error("", status: 302) == "HTTP status 302; redirects are not followed")
  }
}

/// When tokens are asked for, without a clock.
@Suite struct TokenRefreshTests {
  @Test func `F76: a token is asked for anew at 80 % of its life`() throws {
    var refresh = TokenRefresh()
    let token = try OAuthToken("t", expiresAtMs: 101_000, extensions: [])
    #expect(refresh.current(nowMs: 0) == nil)
    #expect(refresh.received(token, nowMs: 1000) == 80_000)
    #expect(refresh.current(nowMs: 100_999)?.value.text == "t")
    #expect(refresh.current(nowMs: 101_000) == nil)
  }

  @Test func `F76: an endpoint that is down is asked again, more and more rarely`() throws {
    var refresh = TokenRefresh()
    #expect((0..<6).map { _ in refresh.failed() } == [1000, 2000, 4000, 8000, 10_000, 10_000])
    _ = refresh.received(try OAuthToken("t", expiresAtMs: 9, extensions: []), nowMs: 0)
    #expect(refresh.failed() == 1000)
    #expect(refresh.current(nowMs: 8) != nil)
  }

  @Test
  func `F76: the token in use stays while the endpoint is down, and the next comes by itself`()
    async throws
  {
    let endpoint = Mutex((count: 0, isDown: true))
    let said = Mutex<[String]>([])
    // Time stands still, so that the first token is good for as long as the test takes.
    let tokens = await OAuthTokens(
      log: { line in said.withLock { $0.append(line.text) } }, nowMs: { 0 }
    ) { () throws(SASLError) in
      let (isFirst, isDown) = endpoint.withLock {
        $0.count += 1
        return ($0.count == 1, $0.isDown)
      }
      if isFirst { return try OAuthToken("first", expiresAtMs: 500, extensions: []) }
      if isDown { throw SASLError("endpoint down") }
      return try OAuthToken("second", expiresAtMs: 600_000, extensions: [])
    }
    #expect(try await tokens.token().value.text == "first")
    #expect(await eventually { said.withLock { !$0.isEmpty } })
    #expect(try await tokens.token().value.text == "first")
    #expect(said.withLock { $0.first } == "endpoint down; next try in 1000 ms")
    endpoint.withLock { $0.isDown = false }
    #expect(
      await eventually { (try? await tokens.token().value.text) == "second" },
      "\(said.withLock { $0 })")
    await tokens.close()
  }

  @Test func `the first token's failure is told to all who wait`() async {
    let tokens = await OAuthTokens(log: { _ in }) { () throws(SASLError) in
      throw SASLError("endpoint down")
    }
    for _ in 0..<2 {
      let error = await #expect(throws: SASLError.self) { try await tokens.token() }
      #expect(error?.description == "endpoint down")
    }
    #expect(await !tokens.hasHadToken)
  }
}
