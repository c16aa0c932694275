import Glibc
import Healthbot
import Synchronization
import TestSupport
import Testing
import Transport

@testable import HbcatCLI

/// A thread that submits to lanes and gathers what comes back.
@Suite struct WebLanesTests {
  /// Settings whose pauses are short.
  private static var settings: WebSettings {
    var settings = WebSettings()
    settings.policy.firstPauseMs = 20
    settings.timeoutMs = 5000
    settings.chatRate = nil
    return settings
  }

  /// Destinations by name, read from a configuration as it is in a file.
  static func destination(_ name: String, _ way: String) -> WebDestination {
    var reader = ConfigurationReader()
    let text = """
      notification: [{notification-name: \(name), \(way)}]
      device-group: [{device-group-name: g, notification: {major: [\(name)]}}]
      """
    Array(text.utf8).withUnsafeBytes { reader.read($0, file: "f.yaml") }
    let (configuration, issues) = reader.finish()
    #expect(issues.filter { !$0.isWarning }.map(\.description) == [])
    let routes = try? Routing(configuration).routes(of: alarm(0))
    guard let route = routes?.first, let destination = WebDestination(route) else {
      preconditionFailure("no route")
    }
    return destination
  }

  private static func webhook(_ name: String, _ url: String) -> WebDestination {
    destination(name, "http-post: {url: \"\(url)\"}")
  }

  private static func alarm(_ number: Int) -> Alarm {
    Alarm(
      deviceID: "d", group: "g", message: "number \(number)", rule: "r", severity: .major,
      topic: "t", trigger: "x")
  }

  private static func message(_ number: Int, _ destination: WebDestination) -> WebMessage {
    do throws(PayloadError) {
      return try WebMessage(
        id: UInt64(number), AlarmBatch(alarm(number)), to: destination, nowMs: 0)
    } catch { preconditionFailure("\(error)") }
  }

  /// Submits messages, so many to each destination in turn, and waits for their outcomes.
  private func deliver(
    _ count: Int, to destinations: [WebDestination], _ settings: WebSettings = settings,
    forMs: Int64 = 20_000
  ) async -> (outcomes: [WebOutcome], isDone: Bool) {
    await onOwnThread {
      let lanes = WebLanes(settings)
      var outcomes: [WebOutcome] = []
      for number in 0..<count {
        for destination in destinations {
          _ = lanes.submit(Self.message(number, destination), to: destination)
          outcomes += lanes.takeOutcomes()
        }
      }
      let isDone = lanes.drain(deadlineMs: MonotonicClock.nowMs + forMs)
      return (outcomes + lanes.takeOutcomes(), isDone)
    }
  }

  /// The number in what was posted.
  private static func number(_ request: String) -> Int {
    let found = request.firstRange(of: "number ")?.upperBound ?? request.endIndex
    return Int(request[found...].prefix { $0.isNumber }) ?? -1
  }

  /// What answers the first requests, one each; then 200.
  private func scripted(_ answers: [String]) -> WebServer {
    let count = Counter()
    return WebServer { _ in
      let number = count.next()
      return number < answers.count ? answers[number] : WebServer.json("ok", keepsOpen: true)
    }
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
      count.withLock { count in
        defer { count += 1 }
        return count
      }
    }
  }

  @Test func `503 twice and then 200 delivers once`() async throws {
    let busy = WebServer.json("", status: "503 Unavailable")
    let server = scripted([busy, busy])
    let (outcomes, isDone) = await deliver(
      1, to: [Self.webhook("hook", "\(server.url)/secret")])
    #expect(isDone)
    #expect(outcomes.count == 1 && outcomes[0].failure == nil)
    #expect(server.requests.count == 3)
    let sent = try #require(server.requests.last)
    #expect(sent.hasPrefix("POST /secret HTTP/1.1\r\n"))
    #expect(sent.contains("\r\nContent-Type: application/json\r\n"))
    #expect(sent.hasSuffix(String(decoding: AlarmLine.bytes(of: Self.alarm(0)), as: UTF8.self)))
  }

  @Test func `Retry-After is honoured`() async {
    let server = scripted([
      WebServer.json("", status: "429 Too Many Requests", head: "Retry-After: 1\r\n")
    ])
    let start = ContinuousClock.now
    let (outcomes, _) = await deliver(1, to: [Self.webhook("hook", server.url)])
    #expect(outcomes.map(\.failure) == [nil])
    #expect(ContinuousClock.now - start >= .seconds(1))
  }

  @Test func `S56: a redirect to another host is not followed`() async {
    let other = WebServer { _ in WebServer.json("ok") }
    let server = WebServer { _ in
      WebServer.json("", status: "302 Found", head: "Location: \(other.url)/x\r\n")
    }
    let (outcomes, _) = await deliver(1, to: [Self.webhook("hook", "\(server.url)/secret")])
    let host = other.url.dropFirst("http://".count)
    #expect(
      outcomes.map { $0.failure?.description } == [
        "notification \"hook\", http-post \(server.url)/…: HTTP status 302: the redirect to "
          + "\"\(host)\" is not followed; configure the final address"
      ])
    #expect(server.requests.count == 1 && other.requests.isEmpty)
  }

  @Test(arguments: [
    (
      "http://192.0.2.1/secret",
      "http://192.0.2.1/…: http is readable on the way; use https, or --allow-http"
    ),
    (
      "https://169.254.169.254/secret",
      "https://169.254.169.254/…: an address of the link or of a cloud's metadata service gets no alarms"
    ),
  ])
  func `S56: an address that must not be called is not`(url: String, text: String) async {
    let (outcomes, _) = await deliver(2, to: [Self.webhook("hook", url)])
    #expect(
      outcomes.map { $0.failure?.description }
        == [String?](repeating: "notification \"hook\", http-post \(text)", count: 2))
  }

  @Test func `basic authentication is sent`() async throws {
    let server = scripted([])
    let (outcomes, _) = await deliver(
      1,
      to: [
        Self.destination(
          "hook",
          "http-post: {url: \"\(server.url)\", basic: {username: healthbot, password: \"s3:cret\"}}"
        )
      ])
    #expect(outcomes.map(\.failure) == [nil])
    let sent = try #require(server.requests.first)
    #expect(sent.contains("\r\nAuthorization: Basic aGVhbHRoYm90OnMzOmNyZXQ=\r\n"))
  }

  @Test func `order is kept per destination, over one connection, and all are served`() async {
    let servers = (0..<6).map { _ in scripted([]) }
    let destinations = servers.enumerated().map { Self.webhook("hook\($0)", $1.url) }
    let (outcomes, isDone) = await deliver(200, to: destinations)
    #expect(isDone)
    for (server, destination) in zip(servers, destinations) {
      #expect(server.requests.map(Self.number) == Array(0..<200))
      #expect(server.connectionCount == 1)
      let own = outcomes.filter { $0.destination == destination }
      #expect(own.map(\.id) == (0..<200).map { UInt64($0) })
      #expect(own.allSatisfy { $0.failure == nil })
    }
  }

  @Test func `a message that is tried again is not overtaken`() async {
    let busy = WebServer.json("", status: "503 Unavailable")
    let server = scripted([busy, busy, WebServer.json(""), busy])
    let (outcomes, _) = await deliver(5, to: [Self.webhook("hook", server.url)])
    #expect(server.requests.map(Self.number) == [0, 0, 0, 1, 1, 2, 3, 4])
    #expect(outcomes.map(\.id) == [0, 1, 2, 3, 4])
  }

  @Test func `dead and silent destinations do not stop the others`() async {
    var settings = Self.settings
    settings.timeoutMs = 600
    settings.policy.attemptsMax = 2
    settings.policy.restMs = 60_000
    let alive = scripted([])
    let silent = (0..<5).map { _ in WebServer { _ in nil } }
    let dead = silent.enumerated().map { Self.webhook("dead\($0)", $1.url) }
    let destination = Self.webhook("alive", alive.url)
    let (outcomes, isDone) = await deliver(
      300, to: dead + [destination, Self.webhook("closed", "http://127.0.0.1:1/")], settings)
    #expect(isDone)
    #expect(outcomes.count == 300 * 7)
    #expect(alive.requests.count == 300)
    for outcome in outcomes {
      #expect((outcome.failure == nil) == (outcome.destination == destination))
    }
    // Each was tried twice, once for all that waited.
    for server in silent { #expect(server.requests.count == 2) }
  }

  @Test func `a lane that is full makes the submitter wait, who may give up`() async {
    let silent = WebServer { _ in nil }
    let destination = Self.webhook("hook", silent.url)
    let settings = Self.settings
    let (taken, outcomes) = await onOwnThread {
      let lanes = WebLanes(settings)
      var taken = 0
      while taken < 2000,
        lanes.submit(Self.message(taken, destination), to: destination, isStopping: { true })
      {
        taken += 1
      }
      let isDone = lanes.drain(deadlineMs: MonotonicClock.nowMs + 100)
      #expect(!isDone)
      return (taken, lanes.takeOutcomes())
    }
    #expect(taken == 1000)
    #expect(outcomes.map(\.id) == (0..<1000).map { UInt64($0) })
    #expect(
      outcomes.allSatisfy {
        $0.failure?.description.hasSuffix("not sent, as the time was over") == true
      })
    #expect(silent.requests.count == 1)
  }

  @Test func `lanes can be drained and used again, and a channel comes back`() async {
    let isDead = Mutex2(true)
    let server = WebServer { _ in
      WebServer.json("", status: isDead.value ? "503 Unavailable" : "200 OK")
    }
    var settings = Self.settings
    settings.policy.attemptsMax = 1
    settings.policy.restMs = 200
    let destination = Self.webhook("hook", server.url)
    let texts = await onOwnThread { [settings] in
      let lanes = WebLanes(settings)
      var texts: [String] = []
      func send(_ numbers: Range<Int>) {
        for number in numbers {
          _ = lanes.submit(Self.message(number, destination), to: destination)
        }
        #expect(lanes.drain(deadlineMs: MonotonicClock.nowMs + 10_000))
        for outcome in lanes.takeOutcomes() {
          texts.append("\(outcome.id) \(outcome.failure == nil)")
        }
      }
      send(0..<2)
      #expect(lanes.health(destination) == .down)
      send(2..<3)
      isDead.value = false
      while lanes.health(destination) == .down { usleep(10_000) }
      send(3..<5)
      #expect(lanes.health(destination) == .up)
      return texts
    }
    #expect(texts == ["0 false", "1 false", "2 false", "3 true", "4 true"])
    #expect(server.requests.map(Self.number) == [0, 3, 4])
  }

  private final class Mutex2: Sendable {
    private let mutex: Mutex<Bool>
    init(_ value: Bool) { mutex = Mutex(value) }
    var value: Bool {
      get { mutex.withLock { $0 } }
      set { mutex.withLock { $0 = newValue } }
    }
  }

  @Test func `S57: a chat gets a burst and then its rate`() async {
    let server = scripted([])
    var settings = Self.settings
    settings.chatRate = RateLimit(intervalMs: 100, burst: 3)
    let slack = Self.destination("chat", "slack: {url: \"\(server.url)\", channel: \"#noc\"}")
    let start = ContinuousClock.now
    let (outcomes, isDone) = await deliver(8, to: [slack], settings)
    #expect(isDone && outcomes.allSatisfy { $0.failure == nil })
    #expect(ContinuousClock.now - start >= .milliseconds(490))
    #expect(server.requests.count == 8)
    #expect(server.requests.allSatisfy { $0.contains("plain_text") })
  }

  @Test func `a Teams card and a mail arrive`() async throws {
    let server = scripted([])
    let mail = MailServer()
    let teams = Self.destination("teams", "microsoft-teams: {channel: \"\(server.url)\"}")
    let emails = Self.destination(
      "mail",
      "emails: {ids: [a@x.example]}, hbcat: {server: \"\(mail.url)\", sender: hb@x.example}")
    let (outcomes, isDone) = await deliver(3, to: [teams, emails])
    #expect(isDone && outcomes.count == 6 && outcomes.allSatisfy { $0.failure == nil })
    #expect(server.requests.allSatisfy { $0.contains("AdaptiveCard") })
    #expect(mail.mails.count == 3 && mail.connectionCount == 1)
    #expect(try #require(mail.mails.first).contains("\r\nSubject: =?utf-8?Q?"))
  }

  @Test func `a mail that is refused for good does not take its lane down; a refused login does`()
    async
  {
    for (refused, sent) in [("550 no such user", 2), ("530 log in", 1)] {
      let server = MailServer { $0.hasPrefix("RCPT") ? refused : nil }
      let emails = Self.destination(
        "mail",
        "emails: {ids: [a@x.example]}, hbcat: {server: \"\(server.url)\", sender: hb@x.example}")
      let settings = Self.settings
      let outcomes = await onOwnThread {
        let lanes = WebLanes(settings)
        for number in 0..<2 {
          _ = lanes.submit(Self.message(number, emails), to: emails)
          _ = lanes.drain(deadlineMs: MonotonicClock.nowMs + 10_000)
        }
        return lanes.takeOutcomes()
      }
      #expect(outcomes.count == 2)
      for outcome in outcomes {
        let text = outcome.failure?.description ?? ""
        #expect(text.contains(refused.prefix(3)) && text.contains("emails by"), "\(text)")
      }
      #expect(server.commands.filter { $0.hasPrefix("RCPT") }.count == sent)
    }
  }

  @Test func `a recipient who is refused does not keep a mail from the others`() async throws {
    let server = MailServer { $0.hasPrefix("RCPT TO:<b@") ? "550 no such user" : nil }
    let emails = Self.destination(
      "mail",
      "emails: {ids: [a@x.example, b@x.example, c@x.example]}, "
        + "hbcat: {server: \"\(server.url)\", sender: hb@x.example}")
    let (outcomes, _) = await deliver(1, to: [emails])
    let failure = try #require(outcomes.first?.failure)
    #expect(
      failure.description.hasSuffix(
        "1 of 3 recipients do not get it: b@x.example: the mail server answers 550 no such user"))
    #expect(!failure.isOfChannel)
    #expect(server.mails.count == 2)
  }
}
