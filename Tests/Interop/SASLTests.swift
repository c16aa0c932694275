import Glibc
import TestSupport
import Testing

/// SASL against real Kafka: right credentials work, what is wrong is one line that names the cause, and a
/// session goes on for longer than its lifetime.
@Suite(
  .serialized, .enabled(if: RealKafka.isSecureAvailable, "\(RealKafka.secureNeed)"),
  .kafka(
    "4.3.1", brokers: 1, topics: ["sasl:2", "again:2"],
    settings: [
      "listener.name.sasl.scram-sha-256.connections.max.reauth.ms=2500",
      "listener.name.sasl.oauthbearer.connections.max.reauth.ms=2500",
      "delegation.token.secret.key=a-secret-of-the-cluster",
    ], secure: true))
struct SASLTests {
  private static let unsecured = [
    "sasl.mechanism=OAUTHBEARER", "enable.sasl.oauthbearer.unsecure.jwt=true",
    "sasl.oauthbearer.config=principal=alice lifeSeconds=600",
  ]

  private static func password(_ mechanism: String, _ password: String = "alice-secret")
    -> [String]
  {
    ["sasl.mechanism=\(mechanism)", "sasl.username=alice", "sasl.password=\(password)"]
  }

  /// A mechanism with what it needs.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var properties: [String]
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "PLAIN", properties: password("PLAIN")),
    Case(name: "SCRAM-SHA-256", properties: password("SCRAM-SHA-256")),
    Case(name: "SCRAM-SHA-512", properties: password("SCRAM-SHA-512")),
    Case(name: "OAUTHBEARER", properties: unsecured),
  ]

  private var kafka: RealKafka {
    get throws { try #require(KafkaTrait.current, "the suite has the trait .kafka") }
  }

  private func command(_ properties: [String], _ arguments: [String]) throws -> [String] {
    let all = ["security.protocol=sasl_plaintext"] + properties
    return [Places.hbcat, "-b", try kafka.listener("SASL")] + all.flatMap { ["-X", $0] }
      + arguments
  }

  private func hbcat(_ properties: [String], _ arguments: [String], input: String = "")
    async throws -> CommandResult
  {
    try await run(
      try command(properties, arguments), input: Array(input.utf8), within: 60)
  }

  @Test(arguments: cases)
  func `right credentials list, produce, consume and join a group`(one: Case) async throws {
    let listed = try await hbcat(one.properties, ["-L", "-t", "sasl"])
    #expect(listed.status == 0, "\(listed.stderr)")
    #expect(listed.stdout.contains("topic \"sasl\" with 2 partitions"))
    let sent = try await hbcat(one.properties, ["-P", "-t", "sasl"], input: "by \(one.name)\n")
    #expect(sent.status == 0, "\(sent.stderr)")
    let read = try await hbcat(one.properties, ["-C", "-t", "sasl", "-e", "-q"])
    #expect(read.status == 0, "\(read.stderr)")
    #expect(read.stdout.contains("by \(one.name)\n"))
    let joined = try await hbcat(
      one.properties + ["auto.offset.reset=earliest"],
      ["-G", "group-\(one.name)", "-e", "-q", "sasl"])
    #expect(joined.status == 0, "\(joined.stderr)")
    #expect(joined.stdout.contains("by \(one.name)\n"))
  }

  @Test(arguments: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
  func `F74: a wrong password is one line with the broker's words, at once`(mechanism: String)
    async throws
  {
    let properties = Self.password(mechanism, "wrong-secret")
    for arguments in [
      ["-L"], ["-C", "-t", "sasl", "-e"], ["-P", "-t", "sasl"], ["-G", "wrong", "sasl"],
    ] {
      let start = ContinuousClock.now
      let result = try await hbcat(properties, ["-q", "-m", "30"] + arguments, input: "x\n")
      #expect(result.status == 1, "\(arguments)")
      #expect(ContinuousClock.now - start < .seconds(15))
      let lines = result.stderr.split(separator: "\n")
      #expect(lines.count == 1, "\(result.stderr)")
      #expect(lines.first?.contains("SASL \(mechanism): Authentication failed") == true)
      // S38: neither in the error.
      #expect(!result.stderr.contains("wrong-secret"))
    }
  }

  @Test func `F74, S32: a mechanism that the broker has not is one line with those it has`()
    async throws
  {
    let result = try await hbcat(["sasl.mechanism=GSSAPI"], ["-L", "-q"])
    #expect(result.status == 1)
    let lines = result.stderr.split(separator: "\n")
    #expect(lines.count == 1, "\(result.stderr)")
    #expect(lines.first?.contains("SASL GSSAPI: the broker does not have this mechanism") == true)
    for name in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] {
      #expect(lines.first?.contains(name) == true)
    }
    let unknown = try await hbcat(["sasl.mechanism=DIGEST-MD5"], ["-L", "-q"])
    #expect(unknown.status == 1)
    #expect(unknown.stderr.contains("Invalid value \"DIGEST-MD5\""))
  }

  @Test func `F74: a token that the broker refuses is one line`() async throws {
    let endpoint = WebServer { _ in
      WebServer.json(#"{"access_token":"not-a-jwt","expires_in":300}"#)
    }
    let result = try await hbcat(Self.oidc(endpoint.url), ["-L", "-q"])
    #expect(result.status == 1)
    #expect(result.stderr.split(separator: "\n").count == 1, "\(result.stderr)")
    #expect(result.stderr.contains("SASL OAUTHBEARER: "), "\(result.stderr)")
    #expect(!result.stderr.contains("not-a-jwt"))
  }

  private static func oidc(_ url: String) -> [String] {
    [
      "sasl.mechanism=OAUTHBEARER", "sasl.oauthbearer.method=oidc",
      "sasl.oauthbearer.token.endpoint.url=\(url)/token", "sasl.oauthbearer.client.id=hbcat",
      "sasl.oauthbearer.client.secret=client-secret", "sasl.oauthbearer.scope=kafka",
    ]
  }

  @Test func `a token of an OIDC endpoint is asked for once and used for all connections`()
    async throws
  {
    // {"alg":"none"} and {"sub":"alice","iat":1,"exp":4102444800}, which this broker takes.
    let token =
      "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImlhdCI6MSwiZXhwIjo0MTAyNDQ0ODAwfQ."
    let endpoint = WebServer { _ in
      WebServer.json(#"{"access_token":"\#(token)","token_type":"Bearer","expires_in":300}"#)
    }
    let result = try await hbcat(Self.oidc(endpoint.url), ["-C", "-t", "sasl", "-e", "-q"])
    #expect(result.status == 0, "\(result.stderr)")
    #expect(endpoint.requests.count == 1)
    let request = try #require(endpoint.requests.first)
    #expect(request.hasPrefix("POST /token HTTP/1.1\r\n"))
    #expect(request.hasSuffix("\r\n\r\ngrant_type=client_credentials&scope=kafka"))
    #expect(request.contains("\r\nAuthorization: Basic aGJjYXQ6Y2xpZW50LXNlY3JldA==\r\n"))
  }

  @Test func `F76: an endpoint that is down or refuses is one line, without the secret`()
    async throws
  {
    let refusing = WebServer { _ in
      WebServer.json(#"{"error":"invalid_client"}"#, status: "401 Unauthorized")
    }
    for (url, text) in [
      (refusing.url, "HTTP status 401 (invalid_client)"), ("http://127.0.0.1:1", "127.0.0.1"),
    ] {
      let result = try await hbcat(Self.oidc(url), ["-L", "-q"])
      #expect(result.status == 1)
      #expect(result.stderr.split(separator: "\n").count == 1, "\(result.stderr)")
      #expect(result.stderr.contains(text), "\(result.stderr)")
      #expect(!result.stderr.contains("client-secret"))
    }
  }

  @Test func `S28: a password in clear is warned of once, a proof is not`() async throws {
    let plain = try await hbcat(Self.password("PLAIN"), ["-C", "-t", "sasl", "-e"])
    #expect(
      plain.stderr.split(separator: "\n").filter { $0.contains("crosses the network in clear") }
        .count == 1, "\(plain.stderr)")
    let scram = try await hbcat(Self.password("SCRAM-SHA-512"), ["-L"])
    #expect(!scram.stderr.contains("in clear"))
  }

  @Test(arguments: cases.filter { $0.name != "OAUTHBEARER" })
  func `S38: all that can be logged holds no secret`(one: Case) async throws {
    let all = one.properties + ["ssl.key.password=swordfish"]
    for password in ["alice-secret", "wrong-secret"] {
      let properties = all.map { $0.hasPrefix("sasl.password=") ? "sasl.password=\(password)" : $0 }
      let result = try await hbcat(
        properties, ["-C", "-t", "sasl", "-e", "-v", "-v", "-d", "all", "-m", "20"])
      #expect(result.stderr.contains("Sent SaslAuthenticateRequest"), "\(result.stderr)")
      #expect(
        result.stderr.contains("authenticated by \(one.name)") == (password == "alice-secret"),
        "\(result.stderr)")
      // PLAIN's message in base64 would be of this form too.
      for secret in [password, "swordfish", "YWxpY2UtcG", "AGFsaWNl"] {
        #expect(!(result.stdout + result.stderr).contains(secret), "\(result.stderr)")
      }
    }
  }

  @Test func `SASL to a listener without it is one line`() async throws {
    let result = try await run(
      [
        Places.hbcat, "-b", try kafka.bootstrap, "-L", "-q", "-X",
        "security.protocol=sasl_plaintext",
      ] + Self.password("PLAIN").flatMap { ["-X", $0] }, within: 30)
    #expect(result.status == 1)
    #expect(result.stderr.split(separator: "\n").count == 1, "\(result.stderr)")
    #expect(result.stderr.contains("the broker's listener does not want SASL"))
  }

  @Test func `SASL_SSL works with each mechanism`() async throws {
    for one in Self.cases {
      let all =
        ["security.protocol=sasl_ssl", "ssl.ca.location=\(try kafka.tlsFile("ca.pem"))"]
        + one.properties
      let result = try await run(
        [Places.hbcat, "-b", try kafka.listener("SASLTLS"), "-L", "-t", "sasl"]
          + all.flatMap { ["-X", $0] }, within: 30)
      #expect(result.status == 0, "\(one.name): \(result.stderr)")
      #expect(result.stdout.contains("topic \"sasl\" with 2 partitions"))
      #expect(!result.stderr.contains("in clear"))
    }
  }

  private static func file(_ text: String) throws -> String {
    let path = Places.temporaryFolder() + "/admin.properties"
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
    return path
  }

  @Test func `a delegation token logs in by SCRAM`() async throws {
    let config = try Self.file(
      """
      security.protocol=SASL_PLAINTEXT
      sasl.mechanism=SCRAM-SHA-512
      sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
      username="alice" password="alice-secret";

      """)
    let made = try await kafka.kafkaTool(
      "kafka-delegation-tokens", "--bootstrap-server", try kafka.listener("SASL"),
      "--command-config", config, "--create", "--max-life-time-period", "-1")
    // TOKENID HMAC OWNER … in the last line of a table.
    let row = made.stdout.split(separator: "\n").last?.split(separator: " ") ?? []
    try #require(row.count > 2, "\(made.stdout)\(made.stderr)")
    let jaas =
      "org.apache.kafka.common.security.scram.ScramLoginModule required "
      + "username=\"\(row[0])\" password=\"\(row[1])\" tokenauth=\"true\";"
    // The broker learns of the token a moment after the controller has answered.
    let start = ContinuousClock.now
    var result: CommandResult
    repeat {
      result = try await hbcat(
        ["sasl.mechanism=SCRAM-SHA-512", "sasl.jaas.config=\(jaas)"], ["-L", "-t", "sasl"])
    } while result.status != 0 && ContinuousClock.now - start < .seconds(10)
    #expect(result.status == 0, "\(result.stderr)")
    #expect(result.stdout.contains("topic \"sasl\" with 2 partitions"))
  }

  @Test(arguments: ["SCRAM-SHA-256", "OAUTHBEARER"])
  func `F75: producer and consumer go on over several re-authentications, nothing lost or doubled`(
    mechanism: String
  ) async throws {
    let properties =
      (mechanism == "OAUTHBEARER" ? Self.unsecured : Self.password(mechanism)) + ["debug=security"]
    let key = mechanism.lowercased()
    let consumer = try Child(
      try command(properties, ["-C", "-t", "again", "-o", "end", "-u", "-K", ":"]))
    // It must know the ends of both partitions before anything is sent.
    #expect(
      await eventually { consumer.stderr.ranges(of: "Reached end of topic").count == 2 },
      "\(consumer.stderr)")
    let group = try Child(
      try command(
        properties + ["auto.offset.reset=latest"], ["-G", "again-\(key)", "-u", "-K", ":", "again"])
    )
    #expect(await eventually { group.stderr.contains("assigned") }, "\(group.stderr)")
    let producer = try Child(
      try command(
        properties + ["linger.ms=1", "batch.num.messages=20"], ["-P", "-t", "again", "-k", key]))
    // Lines without a pause, so that requests are in flight whenever a session is renewed.
    let start = ContinuousClock.now
    var sent: [String] = []
    while ContinuousClock.now - start < .seconds(7) {
      let lines = (0..<50).map { "\(sent.count + $0)" }
      await producer.write(lines.joined(separator: "\n") + "\n")
      sent += lines
      try await Task.sleep(for: .milliseconds(5))
    }
    producer.closeInput()
    #expect(await producer.end(within: 30).status == 0, "\(producer.stderr)")
    let count = sent.count
    for reader in [consumer, group] {
      let all = await eventually(within: 20) {
        reader.stdout.split(separator: "\n").count { $0.hasPrefix("\(key):") } >= count
      }
      #expect(all, "\(reader.stderr)")
      reader.signal(2)
      #expect(await reader.end(within: 20).status == 0, "\(reader.stderr)")
      let got = reader.stdout.split(separator: "\n").filter { $0.hasPrefix("\(key):") }
        .map { String($0.dropFirst(key.utf8.count + 1)) }
      #expect(got == sent)
    }
    // Sessions last 2.5 s. A broker ends one that this machine, being busy, renews too late; others go on.
    for child in [producer, consumer, group] {
      let renewals = child.stderr.ranges(of: "authenticated again").count
      #expect(renewals >= 2, "\(child.stderr)")
    }
  }
}
