import Glibc
import Synchronization
import TestSupport
import Testing

/// Alarms that go to webhooks, chat and mail, as the built program sends them.
@Suite struct NotifyWebTests {
  /// A server that stands for all of them: requests for a path in `down` are answered by 503.
  final class Web: Sendable {
    let server: WebServer

    private final class Refused: Sendable {
      let paths: Mutex<Set<String>>
      init(_ paths: Set<String>) { self.paths = Mutex(paths) }
    }
    private let refused: Refused

    init(down paths: Set<String> = []) {
      let refused = Refused(paths)
      self.refused = refused
      server = WebServer { request in
        let path = String(request.split(separator: " ").dropFirst().first ?? "")
        let isDown = refused.paths.withLock { $0.contains(path) }
        return WebServer.json(
          "{}", status: isDown ? "503 Service Unavailable" : "200 OK", keepsOpen: true)
      }
    }

    /// Everything answers from now on.
    func mend() { refused.paths.withLock { $0 = [] } }

    /// The bodies that a path was sent.
    func bodies(_ path: String) -> [String] {
      server.requests.filter { $0.hasPrefix("POST \(path) ") }.map { request in
        request.firstRange(of: "\r\n\r\n").map { String(request[$0.upperBound...]) } ?? ""
      }
    }
  }

  /// A notification for each way, and one for all of them together.
  static func configuration(_ url: String, mail: String = "smtp://127.0.0.1:1") throws -> String {
    try NotifyConfigTests.configuration(
      """
      notification:
        - {notification-name: hook, http-post: {url: "\(url)/hook", basic: {username: u, password: p}}}
        - {notification-name: chat, slack: {url: "\(url)/slack", channel: "#noc"}}
        - {notification-name: team, microsoft-teams: {channel: "\(url)/teams"}}
        - {notification-name: post, emails: {ids: [noc@example.net]}, hbcat: {server: "\(mail)", sender: hb@example.net}}
      device-group:
        - {device-group-name: ptp, notification: {major: [hook, chat, team], minor: [post], normal: [hook, chat]}}
      """)
  }

  func notify(_ arguments: [String], input: String = "") async throws -> CommandResult {
    try await run([Places.hbcat, "notify"] + arguments, input: Array(input.utf8))
  }

  @Test func `an alarm goes to webhook, Slack and Teams in their forms`() async throws {
    let web = Web()
    let config = try Self.configuration(web.server.url)
    let sent = try await notify(
      ["--config", config, "-v"], input: NotifyTests.line("major", "<!channel> [a](http://b) *x*"))
    #expect(sent.status == 0, "\(sent.stderr)")
    #expect(
      web.bodies("/hook") == [
        String(NotifyTests.line("major", "<!channel> [a](http://b) *x*").dropLast())
      ])
    let slack = try #require(web.bodies("/slack").first)
    #expect(slack.contains("\"channel\": \"#noc\""))
    #expect(slack.contains("&lt;!channel&gt;") && !slack.contains("<!channel>"))
    let teams = try #require(web.bodies("/teams").first)
    #expect(teams.contains("AdaptiveCard") && teams.contains("RichTextBlock"))
    #expect(
      web.server.requests.contains {
        $0.hasPrefix("POST /hook ") && $0.contains("Authorization: Basic dTpw")
      })
    #expect(
      sent.stderr.hasSuffix(
        """
        % notification chat: 1 delivered
        % notification hook: 1 delivered
        % notification team: 1 delivered

        """), "\(sent.stderr)")
  }

  @Test func `mail goes by the server that the configuration names`() async throws {
    let server = MailServer()
    let config = try Self.configuration("http://127.0.0.1:1", mail: server.url)
    let sent = try await notify(
      ["--config", config, "--template", "{{device-id}} says {{message}}"],
      input: NotifyTests.line("minor", "hello"))
    #expect(sent.status == 0, "\(sent.stderr)")
    #expect(server.commands.contains("RCPT TO:<noc@example.net>"))
    #expect(server.mails.first?.contains("mx960-1 says hello") == true)
  }

  @Test func `a webhook that answers 503 is spared, and gets all in order once it is back`()
    async throws
  {
    let web = Web(down: ["/hook"])
    let config = try Self.configuration(web.server.url)
    let spool = Places.temporaryFolder()
    let first = try await notify(
      ["--config", config, "--spool", spool],
      input: NotifyTests.line("major", "1") + NotifyTests.line("normal", "2"))
    #expect(first.status == 1)
    #expect(
      first.stderr.contains("notification hook: 0 delivered, 2 kept in the spool"),
      "\(first.stderr)")
    #expect(first.stderr.contains("503"))
    let tries = web.bodies("/hook").count
    web.mend()
    let second = try await notify(
      ["--config", config, "--spool", spool], input: NotifyTests.line("major", "3"))
    #expect(second.status == 0, "\(second.stderr)")
    #expect(
      web.bodies("/hook").dropFirst(tries).map { "\($0)\n" } == [
        NotifyTests.line("major", "1"), NotifyTests.line("normal", "2"),
        NotifyTests.line("major", "3"),
      ])
    // Nothing twice to those who had it.
    #expect(web.bodies("/slack").count == 3)
    #expect(web.bodies("/teams").count == 2)
    let third = try await notify(
      ["--config", config, "--spool", spool], input: NotifyTests.line("major", "4"))
    #expect(third.status == 0)
    #expect(web.bodies("/hook").count == tries + 4)
  }

  @Test func `one way that fails does not stop the others, and without a spool is counted`()
    async throws
  {
    let web = Web(down: ["/slack"])
    let config = try Self.configuration(web.server.url)
    let lines = (0..<20).map { NotifyTests.line("major", "\($0)") }.joined()
    let sent = try await notify(["--config", config], input: lines)
    #expect(sent.status == 1)
    #expect(web.bodies("/hook").count == 20)
    #expect(
      sent.stderr.contains("notification chat: 0 delivered, 20 not delivered"), "\(sent.stderr)")
  }

  @Test func `a storm is summed up per device for chat, never for a webhook`() async throws {
    let web = Web()
    let config = try Self.configuration(web.server.url)
    let lines = (0..<30).map { NotifyTests.line("major", "number \($0)") }.joined()
    let sent = try await notify(["--config", config, "--group-wait", "1h"], input: lines)
    #expect(sent.status == 0, "\(sent.stderr)")
    #expect(web.bodies("/hook").count == 30)
    #expect(web.bodies("/slack").count == 1)
    #expect(web.bodies("/teams").first?.contains("30 alarms") == true)
  }

  @Test func `what is silenced goes to Kafka, and not to webhooks and chat`() async throws {
    let web = Web()
    try await BrokerFixture.with { broker in
      let config = try NotifyConfigTests.configuration(
        """
        notification:
          - {notification-name: kafka, kafka-publish: {bootstrap-servers: ["\(broker)"], topic: all}}
          - {notification-name: hook, http-post: {url: "\(web.server.url)/hook"}}
          - {notification-name: chat, slack: {url: "\(web.server.url)/slack", channel: "#noc"}}
        device-group:
          - {device-group-name: ptp, notification: {major: [kafka, hook, chat]}}
        """)
      func send(_ message: String) async throws {
        let sent = try await notify(
          ["--config", config], input: NotifyTests.line("major", message))
        #expect(sent.status == 0, "\(sent.stderr)")
      }
      try await send("1")
      let made = try await run([
        Places.hbcat, "alarms", "silence", "add", "-b", broker, "device-id=mx960-1", "--for", "2h",
      ])
      #expect(made.status == 0, "\(made.stderr)")
      try await send("2")
      let id = String(made.stdout.dropLast())
      let over = try await run([
        Places.hbcat, "alarms", "silence", "expire", "-b", broker, id,
      ])
      #expect(over.status == 0, "\(over.stderr)")
      try await send("3")
      let all = try await run([Places.hbcat, "-b", broker, "-C", "-t", "all", "-e", "-q"])
      #expect(all.stdout == ["1", "2", "3"].map { NotifyTests.line("major", $0) }.joined())
      #expect(
        web.bodies("/hook").map { $0 + "\n" } == ["1", "3"].map { NotifyTests.line("major", $0) })
      #expect(web.bodies("/slack").count == 2)
    }
  }

  @Test func `plain http leaves this machine only where that is allowed`() async throws {
    let config = try Self.configuration("http://192.0.2.1")
    let sent = try await notify(["--config", config], input: NotifyTests.line("major", "x"))
    #expect(sent.status == 1)
    #expect(sent.stderr.contains("use https, or --allow-http"), "\(sent.stderr)")
    #expect(!sent.stderr.contains("/hook"))
  }

  @Test func `an interrupt keeps what is not sent`() async throws {
    let silent = WebServer { _ in nil }
    let config = try Self.configuration(silent.url)
    let spool = Places.temporaryFolder()
    let sender = try Child([Places.hbcat, "notify", "--config", config, "--spool", spool])
    await sender.write(NotifyTests.line("major", "x"))
    #expect(await eventually { silent.requests.count == 3 })
    sender.signal(SIGTERM)
    let end = await sender.end(within: 30)
    #expect(end.status == 1)
    for name in ["hook", "chat", "team"] {
      #expect(Places.contents("\(spool)/\(name).spool")?.isEmpty == false, "\(name)")
    }
  }
}
