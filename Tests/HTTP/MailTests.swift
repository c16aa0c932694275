import Glibc
import HTTP
import TestSupport
import Testing

@Suite struct MailTests {
  private let session = SharedSession()
  private let text = "Subject: s\r\n\r\n.a dot\r\n..two\r\nend\r\n"

  private func mail(_ server: String, to recipients: [String] = ["a@x.example", "b@x.example"])
    -> Mail
  {
    var mail = Mail(
      server: server, sender: "hb@x.example", recipients: recipients, bytes: Array(text.utf8))
    mail.timeoutMs = 5000
    return mail
  }

  @Test func `a mail arrives byte for byte, and the connection serves the next one`() async {
    let server = MailServer()
    for _ in 0..<3 { #expect(await session.send(mail(server.url)) == nil) }
    // Without a scheme it is SMTP all the same.
    let place = String(server.url.dropFirst("smtp://".count))
    #expect(await session.send(mail(place)) == nil)
    #expect(server.connectionCount == 1)
    // Every dot at the beginning of a line is doubled on the way.
    let sent = text.replacing("\r\n.", with: "\r\n..")
    #expect(server.mails == [String](repeating: sent, count: 4))
    #expect(
      server.commands.dropFirst().prefix(4).map { $0.split(separator: " ").prefix(2) } == [
        ["MAIL", "FROM:<hb@x.example>"], ["RCPT", "TO:<a@x.example>"],
        ["RCPT", "TO:<b@x.example>"], ["DATA"],
      ])
  }

  @Test(arguments: [
    ("MAIL", "451 later", true), ("RCPT", "452 4.2.2 \u{1b}later\t", true),
    (".", "451 later", true),
    ("", "421 busy", true), ("MAIL", "553 no", false), ("RCPT TO:<b", "550 no such user", false),
    (".", "554 spam", false),
  ])
  func `4xx may pass and 5xx may not`(command: String, reply: String, mayPass: Bool) async throws {
    let server = MailServer {
      $0 == command || !command.isEmpty && $0.hasPrefix(command) ? reply : nil
    }
    let error = try #require(await session.send(mail(server.url)))
    #expect(error.mayPass == mayPass, "\(error)")
    #expect(error.mailStatus == Int(reply.prefix(3)))
    #expect(server.mails.isEmpty)
    #expect(
      error.description == "the mail server answers \(reply.filter { $0.isASCII && $0 >= " " })")
  }

  @Test func `a login is never sent without TLS`() async throws {
    let server = MailServer { command in
      command.hasPrefix("EHLO") ? "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN" : nil
    }
    let without = MailServer()
    for url in [server.url, without.url] {
      var mail = mail(url)
      mail.login = Login(username: "hb", password: "s3cret")
      let error = try #require(await session.send(mail))
      #expect(!error.description.contains("s3cret"))
    }
    for server in [server, without] {
      #expect(!server.commands.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
      #expect(server.mails.isEmpty)
    }
    #expect(server.commands.contains("STARTTLS"))
  }

  @Test func `a server that cannot be reached may be there later; one of the link is not called`()
    async throws
  {
    #expect(try #require(await session.send(mail("smtp://127.0.0.1:1"))).mayPass)
    let error = try #require(await session.send(mail("169.254.1.1:25")))
    #expect(error.refusedAddress == "169.254.1.1")
  }

  @Test(arguments: ["", "smtp://", "smtp://h/x", "http://h", "h\r\nX", "u@h", "file:///etc/passwd"])
  func `what names no mail server is refused`(server: String) async throws {
    let error = try #require(await session.send(mail(server)))
    #expect(error.description.contains("smtp://HOST:PORT"), "\(error)")
  }

  @Test(arguments: ["", "a b@x", "a@x>\r\nRCPT TO:<c@x", "<a@x>"])
  func `S59: an address cannot say anything else`(address: String) async throws {
    let server = MailServer()
    let error = try #require(await session.send(mail(server.url, to: [address])))
    #expect(error.description == "an address of the mail is none")
    #expect(server.connectionCount == 0)
  }

  @Test(.enabled(if: Authority.isAvailable, "needs the openssl tool"))
  func `S60: smtps is checked with and without a login, and the login goes through TLS`()
    async throws
  {
    let authority = try await Authority()
    let stranger = try await Authority("Stranger")
    try await authority.sign("here", san: "IP:127.0.0.1")
    let server = try Child([
      "openssl", "s_server", "-crlf", "-accept", "127.0.0.1:0", "-cert",
      authority.path("here.pem"), "-key", authority.path("here.key"),
    ])
    #expect(await eventually { server.stdout.contains("ACCEPT 127.0.0.1:") })
    let line = server.stdout.split(separator: "\n").first { $0.hasPrefix("ACCEPT ") } ?? ""
    var mail = mail("smtps://\(line.dropFirst("ACCEPT ".count))", to: ["a@x.example"])
    for login in [nil, Login(username: "hb", password: "s3cret")] {
      mail.login = login
      mail.authorities = .path(stranger.path("ca.pem"))
      let error = try #require(await session.send(mail))
      #expect(error.description.contains("certificate") && !error.mayPass, "\(error)")
    }
    mail.authorities = .path(authority.path("ca.pem"))
    // The tool shows what comes and says what it reads: the whole conversation of a server.
    await server.write(
      "220 hi\n250 AUTH PLAIN\n334 \n235 in\n250 from\n250 to\n354 go on\n250 taken\n")
    #expect(await session.send(mail) == nil)
    let plain = "AGhiAHMzY3JldA=="
    #expect(await eventually { server.stdout.contains(plain) && server.stdout.contains("end") })
    server.signal(SIGTERM)
    _ = await server.end(within: 10)
  }
}
