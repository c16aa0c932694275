import Glibc
import TestSupport
import Testing

/// TLS against real Kafka: what is right works in every form, what is wrong is one line that names the cause.
@Suite(
  .serialized, .enabled(if: RealKafka.isSecureAvailable, "\(RealKafka.secureNeed)"),
  .kafka("4.3.1", brokers: 1, topics: ["secure:3", "group:2"], secure: true))
struct TLSTests {
  private var kafka: RealKafka {
    get throws { try #require(KafkaTrait.current, "the suite has the trait .kafka") }
  }

  private static let lines = (0..<500).map { "line \($0)\n" }.joined()

  /// `-X` for each of the properties.
  private static func options(_ properties: [String]) -> [String] {
    properties.flatMap { ["-X", $0] }
  }

  private func hbcat(
    _ listener: String, _ properties: [String], _ arguments: [String], input: String = ""
  ) async throws -> CommandResult {
    try await run(
      [Places.hbcat, "-b", try kafka.listener(listener)]
        + Self.options(["security.protocol=ssl"] + properties) + arguments,
      input: Array(input.utf8), within: 60)
  }

  /// The properties that trust the cluster's authority.
  private var trust: [String] {
    get throws { ["ssl.ca.location=\(try kafka.tlsFile("ca.pem"))"] }
  }

  /// Every way to show the client's certificate.
  private var identities: [(name: String, properties: [String])] {
    get throws {
      let kafka = try self.kafka
      func text(_ name: String) -> String {
        String(decoding: Places.contents(kafka.tlsFile(name)) ?? [], as: UTF8.self)
      }
      return [
        (
          "files",
          [
            "ssl.certificate.location=\(kafka.tlsFile("client.pem"))",
            "ssl.key.location=\(kafka.tlsFile("client.key"))",
          ]
        ),
        (
          "encrypted key",
          [
            "ssl.certificate.location=\(kafka.tlsFile("client.pem"))",
            "ssl.key.location=\(kafka.tlsFile("client-encrypted.key"))",
            "ssl.key.password=key-secret",
          ]
        ),
        (
          "keystore",
          [
            "ssl.keystore.location=\(kafka.tlsFile("client.p12"))",
            "ssl.keystore.password=p12-secret",
          ]
        ),
        (
          "texts",
          [
            "ssl.certificate.pem=\(text("client.pem"))", "ssl.key.pem=\(text("client.key"))",
          ]
        ),
      ]
    }
  }

  @Test func `producing, consuming and listing work over TLS, as kcat reads`() async throws {
    let trust = try trust
    let sent = try await hbcat(
      "TLS", trust, ["-P", "-t", "secure", "-p", "0"], input: Self.lines)
    #expect(sent.status == 0 && sent.stderr == "", "\(sent.stderr)")
    let read = try await hbcat("TLS", trust, ["-C", "-t", "secure", "-p", "0", "-e", "-q"])
    #expect(read.stdout == Self.lines && read.status == 0, "\(read.stderr)")
    let kcat = try await run(
      ["kcat", "-b", try kafka.listener("TLS")]
        + Self.options(["security.protocol=ssl"] + trust)
        + ["-C", "-t", "secure", "-p", "0", "-e", "-q"], within: 60)
    #expect(kcat.stdout == Self.lines)
    let listed = try await hbcat("TLS", trust, ["-L", "-t", "secure"])
    #expect(listed.stdout.contains("topic \"secure\" with 3 partitions"))
  }

  @Test func `a large message passes through TLS`() async throws {
    let large = String(repeating: "0123456789abcdef", count: 50_000)
    let sent = try await hbcat(
      "TLS", try trust, ["-P", "-t", "secure", "-p", "1"], input: large + "\nsmall\n")
    #expect(sent.status == 0, "\(sent.stderr)")
    let read = try await hbcat("TLS", try trust, ["-C", "-t", "secure", "-p", "1", "-e", "-q"])
    #expect(read.stdout == large + "\nsmall\n")
  }

  @Test func `groups of both protocols work over TLS`() async throws {
    let sent = try await hbcat("TLS", try trust, ["-P", "-t", "group"], input: Self.lines)
    #expect(sent.status == 0, "\(sent.stderr)")
    for name in ["classic", "consumer"] {
      let read = try await hbcat(
        "TLS", try trust + ["group.protocol=\(name)", "auto.offset.reset=earliest"],
        ["-G", name, "-e", "-q", "group"])
      #expect(read.status == 0, "\(read.stderr)")
      #expect(Set(read.stdout.split(separator: "\n")) == Set(Self.lines.split(separator: "\n")))
    }
  }

  @Test func `a client's certificate is shown in every form`() async throws {
    let trust = try trust
    for (name, identity) in try identities {
      let sent = try await hbcat(
        "MTLS", trust + identity, ["-P", "-t", "secure", "-p", "2"], input: "\(name)\n")
      #expect(sent.status == 0 && sent.stderr == "", "\(name): \(sent.stderr)")
    }
    let (_, identity) = try #require(try identities.first)
    let read = try await hbcat(
      "MTLS", trust + identity, ["-C", "-t", "secure", "-p", "2", "-e", "-q"])
    #expect(read.stdout == "files\nencrypted key\nkeystore\ntexts\n")
  }

  @Test func `properties from a file may hold a certificate on one line`() async throws {
    let kafka = try self.kafka
    let folder = Places.temporaryFolder()
    let pem = String(decoding: Places.contents(kafka.tlsFile("ca.pem")) ?? [], as: UTF8.self)
    let path = "\(folder)/client.properties"
    let text =
      "security.protocol=SSL\nssl.ca.pem=\(pem.split(separator: "\n").joined(separator: "\\n"))\n"
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
    let listed = try await run(
      [Places.hbcat, "-b", kafka.listener("TLS"), "-F", path, "-L", "-t", "secure"], within: 60)
    #expect(listed.status == 0, "\(listed.stderr)")
    #expect(listed.stdout.contains("topic \"secure\""))
  }

  @Test func `authorities may be a folder`() async throws {
    let authority = try await Authority()
    let pem = Places.contents(try kafka.tlsFile("ca.pem")) ?? []
    authority.write("kafka.pem", String(decoding: pem, as: UTF8.self))
    try await authority.openssl("rehash", ".")
    let listed = try await hbcat(
      "TLS", ["ssl.ca.location=\(authority.folder)"], ["-L", "-t", "secure"])
    #expect(listed.status == 0, "\(listed.stderr)")
  }

  /// Runs a list, a consumer and a producer; each must end with 1 in seconds, with one line that has `parts`.
  private func expectOneLine(
    _ listener: String, _ properties: [String], _ parts: String...,
    modes: [[String]] = [["-L"], ["-C", "-t", "secure"], ["-P", "-t", "secure"]]
  ) async throws {
    for mode in modes {
      let start = ContinuousClock.now
      let result = try await hbcat(listener, properties, mode, input: "x\n")
      #expect(result.status == 1, "\(mode): \(result.stderr)")
      #expect(ContinuousClock.now - start < .seconds(10))
      #expect(result.stdout == "")
      let lines = result.stderr.split(separator: "\n")
      #expect(lines.count == 1, "\(mode): \(result.stderr)")
      #expect(result.stderr.hasPrefix("% ERROR: "))
      for part in parts { #expect(result.stderr.contains(part), "\(mode): \(result.stderr)") }
    }
  }

  @Test func `F73: an authority that is not trusted is named with the certificate`() async throws {
    let other = try kafka.tlsFile("other-ca.pem")
    for properties in [[], ["ssl.ca.location=probe"], ["ssl.ca.location=\(other)"]] {
      try await expectOneLine(
        "TLS", properties, "the authority that signed the certificate is not known",
        "subject CN=broker, issuer CN=ca", "names DNS:localhost, IP:127.0.0.1", "ssl.ca.location",
        modes: [["-L"]])
    }
    try await expectOneLine("TLS", [], "the authority that signed the certificate is not known")
  }

  @Test func `F73: an expired certificate is named with its dates`() async throws {
    try await expectOneLine(
      "EXPIRED", try trust, "the certificate has expired", "subject CN=expired",
      "valid from 2020-01-01T00:00:00Z to 2020-01-02T00:00:00Z")
  }

  @Test func `F73: a certificate for another host is named with its names (S24)`() async throws {
    try await expectOneLine(
      "WRONGHOST", try trust, "the certificate is not for 127.0.0.1",
      "names DNS:elsewhere.invalid", "ssl.endpoint.identification.algorithm")
    let lax = try await hbcat(
      "WRONGHOST", try trust + ["ssl.endpoint.identification.algorithm=none"], ["-L"])
    #expect(lax.status == 0 && lax.stderr == "", "\(lax.stderr)")
  }

  @Test func `F73: a revoked certificate, and an issuer without a list, are named`() async throws {
    let kafka = try self.kafka
    let authority = try await Authority()
    // The cluster's authority revokes the broker's certificate in a list of its own.
    for name in ["ca.pem", "ca.key", "broker.pem"] {
      authority.write(
        name, String(decoding: Places.contents(kafka.tlsFile(name)) ?? [], as: UTF8.self))
    }
    try await authority.revoke("broker")
    try await expectOneLine(
      "TLS", try trust + ["ssl.crl.location=\(authority.path("crl.pem"))"],
      "the certificate was revoked", "subject CN=broker", modes: [["-L"]])
    let other = try await Authority("Somebody Else")
    try await other.sign("leaf", san: "")
    try await other.revoke("leaf")
    try await expectOneLine(
      "TLS", try trust + ["ssl.crl.location=\(other.path("crl.pem"))"],
      "there is no revocation list of the certificate's issuer", modes: [["-L"]])
  }

  @Test func `F73: a missing or strange client's certificate is the server's alert`() async throws {
    let kafka = try self.kafka
    try await expectOneLine(
      "MTLS", try trust, "the peer wants a certificate of ours, and none was given", "alert",
      "ssl.certificate.location")
    for name in ["stranger", "expired"] {
      try await expectOneLine(
        "MTLS",
        try trust + [
          "ssl.certificate.location=\(kafka.tlsFile("\(name).pem"))",
          "ssl.key.location=\(kafka.tlsFile("\(name).key"))",
        ], "the peer does not take our certificate", "alert", modes: [["-L"]])
    }
  }

  @Test func `F10: plaintext to TLS, TLS to plaintext and TLS to HTTP end at once`() async throws {
    let kafka = try self.kafka
    let start = ContinuousClock.now
    let plain = try await run(
      [Places.hbcat, "-b", kafka.listener("TLS"), "-L"], within: 60)
    #expect(plain.status == 1)
    #expect(plain.stderr.contains("it wants TLS (security.protocol=ssl?)"), "\(plain.stderr)")
    #expect(plain.stderr.split(separator: "\n").count == 1, "\(plain.stderr)")
    #expect(ContinuousClock.now - start < .seconds(10))
    try await expectOneLine(
      "PLAINTEXT", [], "closed the connection instead of answering in TLS",
      "is it a plaintext listener? (security.protocol)")
    let web = Peer(answering: "HTTP/1.1 400 Bad Request\r\n\r\n")
    let result = try await run(
      [Places.hbcat, "-b", web.address, "-X", "security.protocol=ssl", "-L"], within: 60)
    #expect(result.status == 1)
    #expect(result.stderr.contains("the peer answers in HTTP, not in TLS"), "\(result.stderr)")
    #expect(result.stderr.split(separator: "\n").count == 1)
  }

  @Test func `S25: a server of TLS 1.1, or without encryption, is refused`() async throws {
    let authority = try await Authority()
    try await authority.sign("broker", san: "IP:127.0.0.1")
    let trust = ["ssl.ca.location=\(authority.path("ca.pem"))"]
    for (options, part) in [
      (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "no version of TLS that is wanted here"),
      (["-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"], "handshake failure"),
      (["-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"], "handshake failure"),
    ] {
      let server = try Child(
        [
          "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert",
          authority.path("broker.pem"), "-key", authority.path("broker.key"),
        ] + options)
      let listens = await eventually { server.stdout.contains("ACCEPT 127.0.0.1:") }
      #expect(listens, "\(server.stderr)")
      let line = server.stdout.split(separator: "\n").first { $0.hasPrefix("ACCEPT ") } ?? ""
      let result = try await run(
        [Places.hbcat, "-b", String(line.dropFirst("ACCEPT ".count))]
          + Self.options(["security.protocol=ssl"] + trust) + ["-L"], within: 60)
      #expect(result.status == 1)
      #expect(result.stderr.contains(part), "\(options): \(result.stderr)")
      server.signal(SIGTERM)
      _ = await server.end(within: 10)
    }
  }

  @Test func `S26: without verification there is one warning, and with -q none`() async throws {
    let blind = ["enable.ssl.certificate.verification=false"]
    for listener in ["TLS", "WRONGHOST", "EXPIRED"] {
      let result = try await hbcat(
        listener, blind, ["-C", "-t", "secure", "-p", "0", "-o", "beginning", "-c", "1"])
      #expect(result.status == 0, "\(result.stderr)")
      let warnings = result.stderr.split(separator: "\n").filter {
        $0.contains("certificates are not verified")
      }
      #expect(warnings.count == 1, "\(result.stderr)")
    }
    let quiet = try await hbcat("WRONGHOST", blind, ["-L", "-q"])
    #expect(quiet.status == 0 && quiet.stderr == "", "\(quiet.stderr)")
  }

  @Test func `S33: a bad key is one line before anything is dialled, without its password`()
    async throws
  {
    let kafka = try self.kafka
    let certificate = "ssl.certificate.location=\(kafka.tlsFile("client.pem"))"
    let encrypted = "ssl.key.location=\(kafka.tlsFile("client-encrypted.key"))"
    let list = [["-L"]]
    try await expectOneLine(
      "MTLS", try trust + [certificate, encrypted, "ssl.key.password=hunter2"],
      "ssl.key.location: \(kafka.tlsFile("client-encrypted.key")): the password of the key is wrong",
      modes: list)
    try await expectOneLine(
      "MTLS", try trust + [certificate, encrypted], "the password of the key is missing",
      modes: list)
    try await expectOneLine(
      "MTLS", try trust + [certificate, "ssl.key.location=/no/such"], "No such file or directory",
      modes: list)
    try await expectOneLine(
      "MTLS", try trust + [certificate, "ssl.key.location=\(kafka.tlsFile("stranger.key"))"],
      "the key is not that of the certificate", modes: list)
    let folder = Places.temporaryFolder()
    let open = "\(folder)/open.key"
    let copied = try await run(["cp", kafka.tlsFile("client.key"), open])
    #expect(copied.status == 0 && chmod(open, 0o644) == 0)
    let warned = try await hbcat(
      "MTLS", try trust + [certificate, "ssl.key.location=\(open)"], ["-L"])
    #expect(warned.status == 0)
    #expect(warned.stderr.contains("others can read \(open) (mode 644)"), "\(warned.stderr)")
  }
}
