import Glibc
import HTTP
import Synchronization
import TestSupport
import Testing

@Suite struct HTTPSessionTests {
  private let session = SharedSession()

  private func request(_ url: String) -> HTTPRequest {
    var request = HTTPRequest("POST", url)
    request.allowsPlainText = true
    request.body = Array("hello".utf8)
    return request
  }

  @Test func `a connection serves many requests`() async throws {
    let server = WebServer { _ in WebServer.json("{}", keepsOpen: true) }
    for _ in 0..<50 {
      #expect(try await session.perform(request(server.url)).get().status == 200)
    }
    #expect(server.requests.count == 50)
    #expect(server.connectionCount == 1)
  }

  @Test func `a request leaves nothing behind for the next one`() async throws {
    let server = WebServer { _ in WebServer.json("{}", keepsOpen: true) }
    var first = request(server.url)
    first.headers = [("X-One", "1")]
    first.login = Login(username: "u", password: "p")
    _ = try await session.perform(first).get()
    var second = HTTPRequest("GET", server.url)
    second.allowsPlainText = true
    _ = try await session.perform(second).get()
    let sent = try #require(server.requests.last)
    #expect(sent.hasPrefix("GET / HTTP/1.1\r\n") && sent.hasSuffix("\r\n\r\n"))
    #expect(!sent.contains("X-One") && !sent.contains("Authorization"), "\(sent)")
  }

  @Test func `a connection that the server closed meanwhile is replaced`() async throws {
    // It says that it stays open and does not.
    let server = WebServer { _ in WebServer.json("{}").replacing("Connection: close\r\n", with: "")
    }
    for _ in 0..<5 {
      #expect(try await session.perform(request(server.url)).get().status == 200)
    }
    #expect(server.requests.count == 5)
  }

  @Test func `Retry-After is told in seconds and as a date`() async throws {
    for (value, range) in [
      ("7", 7000...7000), ("0", 0...0), ("soon", 0...0),
      (HTTPDate.text(secondsFromNow: 100), 90_000...101_000),
      ("Wed, 21 Oct 2015 07:28:00 GMT", 0...0),
    ] {
      let server = WebServer { _ in
        WebServer.json("{}", status: "429 Too Many", head: "Retry-After: \(value)\r\n")
      }
      let response = try await session.perform(request(server.url)).get()
      #expect(response.status == 429)
      let ms = Int(response.retryAfterMs ?? 0)
      #expect(range.contains(ms), "\(value): \(ms)")
      #expect(response.retryAfterMs != 0)
    }
  }

  @Test func `S56: a redirect tells its host, and nobody goes there`() async throws {
    let other = WebServer { _ in WebServer.json("{}") }
    for (location, host) in [
      ("\(other.url)/a", String(other.url.dropFirst("http://".count))),
      ("http://u:p@169.254.169.254/latest/secret", "169.254.169.254"),
      ("file:///etc/passwd", nil),
    ] {
      let server = WebServer { _ in
        WebServer.json("", status: "302 Found", head: "Location: \(location)\r\n")
      }
      let response = try await session.perform(request(server.url)).get()
      #expect(response.status == 302)
      #expect(response.redirectHost == host)
    }
    #expect(other.requests.isEmpty)
  }

  @Test func `user and password are sent, and do not show`() async throws {
    let server = WebServer { _ in WebServer.json("{}") }
    var request = request(server.url)
    request.login = Login(username: "healthbot", password: "s3:cret")
    _ = try await session.perform(request).get()
    let sent = try #require(server.requests.first)
    #expect(sent.contains("\r\nAuthorization: Basic aGVhbHRoYm90OnMzOmNyZXQ=\r\n"), "\(sent)")
    var shown = ""
    dump(request.login, to: &shown)
    #expect(!"\(request)\(shown)".contains("cret"))
  }

  @Test(arguments: [
    ("http://169.254.169.254/latest", HTTPRequest.Peers.notLinkLocal, "169.254.169.254"),
    ("http://[fe80::1]/", .notLinkLocal, "fe80::1"),
    ("http://[fd00:ec2::254]/", .notLinkLocal, "fd00:ec2::254"),
    ("http://[::ffff:169.254.1.1]/", .notLinkLocal, "::ffff:169.254.1.1"),
    ("http://[64:ff9b::a9fe:a9fe]/", .notLinkLocal, "64:ff9b::a9fe:a9fe"),
    // libcurl reads this as an IPv4 address.
    ("http://0xa9fea9fe/", .notLinkLocal, "169.254.169.254"),
    ("http://10.0.0.1/", .loopback, "10.0.0.1"), ("http://0.0.0.0/", .loopback, "0.0.0.0"),
    ("http://[2001:db8::1]/", .loopback, "2001:db8::1"),
    ("http://[::ffff:10.0.0.1]/", .loopback, "::ffff:10.0.0.1"),
  ])
  func `S56: what must not be connected to is not`(
    url: String, peers: HTTPRequest.Peers, address: String
  ) async throws {
    var request = request(url)
    request.peers = peers
    let error = try #require(await session.perform(request).failure)
    #expect(error.refusedAddress == address)
    #expect(error.description == "the address \(address) is not allowed")
    #expect(!error.mayPass)
  }

  @Test func `S56: this machine may be connected to, and a connection is not lent to the strict`()
    async throws
  {
    let server = WebServer { _ in WebServer.json("{}", keepsOpen: true) }
    let port = server.url.split(separator: ":").last ?? ""
    var request = request("http://localhost:\(port)/")
    for peers in [HTTPRequest.Peers.any, .notLinkLocal, .loopback, .loopback] {
      request.peers = peers
      #expect(try await session.perform(request).get().status == 200)
    }
    #expect(server.connectionCount == 3)
  }

  @Test func `a proxy of the environment is for TLS alone, and its address is the one that counts`()
    async
  {
    // In a process of its own, since the environment is everybody's.
    await #expect(processExitsWith: .success) {
      let session = SharedSession()
      // A proxy that refuses, which shows that it was asked.
      let proxy = WebServer { _ in WebServer.json("", status: "403 Forbidden") }
      setenv("https_proxy", proxy.url, 1)
      setenv("http_proxy", proxy.url, 1)
      var request = HTTPRequest("POST", "https://hooks.example/secret")
      for peers in [HTTPRequest.Peers.notLinkLocal, .loopback] {
        request.peers = peers
        let error = try #require(await session.perform(request).failure)
        #expect(error.refusedAddress == nil)
        #expect(!error.description.contains("secret"), "\(error)")
      }
      let line = "CONNECT hooks.example:443 "
      #expect(proxy.requests.map { $0.prefix(line.count) } == [line[...], line[...]])
      let server = WebServer { _ in WebServer.json("{}") }
      var plain = HTTPRequest("POST", server.url)
      plain.allowsPlainText = true
      #expect(try await session.perform(plain).get().status == 200)
      #expect(server.requests.count == 1)
    }
  }

  @Test func `where the status is what counts, a body may be endless or break off`() async throws {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    let short = WebServer { _ in head + "begin" }
    let long = WebServer { _ in head + String(repeating: "x", count: 100_000) }
    for server in [short, long] {
      var request = request(server.url)
      request.bodyBytesMax = 1000
      #expect(await session.perform(request).failure != nil)
      request.needsBody = false
      #expect(try await session.perform(request).get().status == 200)
    }
  }

  @Test func `what may pass is told from what may not`() async throws {
    let port = WebServer { _ in WebServer.json("") }.url
    let silent = WebServer { _ in nil }
    var late = request(silent.url)
    late.timeoutMs = 100
    #expect(try #require(await session.perform(late).failure).mayPass)
    #expect(try #require(await session.perform(request("http://127.0.0.1:1/")).failure).mayPass)
    var plain = request(port)
    plain.allowsPlainText = false
    #expect(try !#require(await session.perform(plain).failure).mayPass)
  }

  @Test func `a request can be ended from outside`() async throws {
    let silent = WebServer { _ in nil }
    let isStopping = Flag()
    let start = ContinuousClock.now
    async let result = session.perform(request(silent.url)) { isStopping.isSet.withLock { $0 } }
    #expect(await eventually { !silent.requests.isEmpty })
    isStopping.isSet.withLock { $0 = true }
    #expect(await result.failure?.description == "stopped")
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  private final class Flag: Sendable {
    let isSet = Mutex(false)
  }

  @Test(.enabled(if: Authority.isAvailable, "needs the openssl tool"))
  func `S60: a server of an unknown authority, or of another name, is refused`() async throws {
    let authority = try await Authority()
    let stranger = try await Authority("Stranger")
    try await authority.sign("here", san: "IP:127.0.0.1")
    try await authority.sign("elsewhere", san: "DNS:elsewhere.example")
    for name in ["here", "elsewhere"] {
      let server = try Child([
        "openssl", "s_server", "-www", "-accept", "127.0.0.1:0", "-cert",
        authority.path("\(name).pem"), "-key", authority.path("\(name).key"),
      ])
      #expect(await eventually { server.stdout.contains("ACCEPT 127.0.0.1:") })
      let line = server.stdout.split(separator: "\n").first { $0.hasPrefix("ACCEPT ") } ?? ""
      var request = HTTPRequest("GET", "https://\(line.dropFirst("ACCEPT ".count))/")
      request.peers = .notLinkLocal
      request.authorities = .path(authority.path("ca.pem"))
      if name == "here" {
        #expect(try await session.perform(request).get().status == 200)
      } else {
        #expect(try !#require(await session.perform(request).failure).mayPass)
      }
      for authorities in [
        HTTPRequest.Authorities.system, .path(stranger.path("ca.pem")),
        .pem(stranger.text("ca.pem")),
      ] {
        request.authorities = authorities
        let error = try #require(await session.perform(request).failure)
        #expect(error.description.lowercased().contains("certificate"), "\(error)")
        #expect(!error.mayPass)
      }
      server.signal(SIGTERM)
      _ = await server.end(within: 10)
    }
  }
}

/// A date as HTTP has it.
private enum HTTPDate {
  static func text(secondsFromNow: Int) -> String {
    var moment = time(nil) + secondsFromNow
    var parts = tm()
    gmtime_r(&moment, &parts)
    var text = [CChar](repeating: 0, count: 64)
    strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
