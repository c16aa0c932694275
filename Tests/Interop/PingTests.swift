import TestSupport
import Testing

/// What `hbcat ping` printed, by lines.
private struct Ping {
  /// A line of it.
  struct Step {
    var name: Substring
    var kind: Substring
    var line: Substring
    var hasFailed: Bool { line.contains("  FAILED: ") }
  }

  let result: CommandResult
  let steps: [Step]

  init(_ server: String, _ arguments: [String] = []) async throws {
    result = try await run([Places.hbcat, "ping", "-b", server] + arguments, within: 60)
    steps = result.stdout.split(separator: "\n").map { line in
      let words = line.split(separator: " ", maxSplits: 2)
      return Step(name: words[0], kind: words.count > 1 ? words[1] : "", line: line)
    }
  }

  /// The steps of one server, in order.
  func kinds(_ name: String) -> [Substring] { steps.filter { $0.name == name }.map(\.kind) }

  /// The lines that say why a step failed.
  var failures: [Substring] { steps.filter(\.hasFailed).map(\.line) }
}

private let plain: [Substring] = ["resolve", "connect", "apiversions", "metadata"]

extension TranscriptTests {
  @Test(arguments: Target.available)
  func `ping goes all the way to the bootstrap server and to the broker`(_ target: Target)
    async throws
  {
    let bench = try await Bench(target)
    // A broker that has just started knows of none at first.
    var ping = try await Ping(bench.bootstrap)
    for _ in 0..<20 where ping.result.status != 0 { ping = try await Ping(bench.bootstrap) }
    #expect(ping.result.status == 0, "\(ping.result.stdout)\(ping.result.stderr)")
    #expect(ping.kinds("\(bench.bootstrap)/bootstrap") == plain)
    #expect(ping.failures.isEmpty)
    #expect(ping.result.stderr == "% 1 bootstrap server and 1 broker: all can be used\n")
    let brokers = ping.steps.drop { $0.name.hasSuffix("/bootstrap") }
    // 0.9 is known for what it is when its turn comes again.
    #expect(
      brokers.map(\.kind) == (target == .kafka09 ? plain.filter { $0 != "apiversions" } : plain))
    let guess: String =
      switch target {
      case .embedded, .kafka431: "like Kafka 4.2 or later"
      case .kafka221: "like Kafka 2.2"
      case .kafka0102: "like Kafka 0.10.2"
      case .kafka09: "no answer; going on as with Kafka 0.9.0 (broker.version.fallback)"
      }
    let versions = ping.steps.first { $0.kind == "apiversions" }
    #expect(versions?.line.hasSuffix(guess) == true, "\(ping.result.stdout)")
  }
}

extension TLSTests {
  /// Pings a listener of the suite's cluster.
  private func ping(_ listener: String, _ properties: [String]) async throws -> (Ping, String) {
    let kafka = try #require(KafkaTrait.current, "the suite has the trait .kafka")
    let address = kafka.listener(listener)
    let ping = try await Ping(address, properties.flatMap { ["-X", $0] })
    return (ping, "\(address)/bootstrap")
  }

  private var trust: String {
    get throws {
      "ssl.ca.location=\(try #require(KafkaTrait.current).tlsFile("ca.pem"))"
    }
  }

  private func user(_ password: String) -> [String] {
    ["sasl.mechanism=SCRAM-SHA-512", "sasl.username=alice", "sasl.password=\(password)"]
  }

  @Test func `ping shows what TLS and SASL agreed on, with the certificate's names and dates`()
    async throws
  {
    let (ping, name) = try await ping(
      "SASLTLS", ["security.protocol=sasl_ssl", try trust] + user("alice-secret"))
    #expect(ping.result.status == 0, "\(ping.result.stdout)\(ping.result.stderr)")
    let all: [Substring] = ["resolve", "connect", "tls", "apiversions", "sasl", "metadata"]
    #expect(ping.kinds(name) == all)
    #expect(ping.kinds(name.replacing("/bootstrap", with: "/1001")) == all)
    let tls = ping.steps.first { $0.kind == "tls" }?.line ?? ""
    for part in [
      "TLSv1.3, TLS_", "subject CN=broker", "issuer CN=ca", "names DNS:localhost, IP:127.0.0.1",
      "valid from 20", "127.0.0.1:", " -> 127.0.0.1:",
    ] {
      #expect(tls.contains(part), "\(tls)")
    }
    #expect(ping.steps.first { $0.kind == "sasl" }?.line.hasSuffix("  SCRAM-SHA-512") == true)
  }

  @Test func `F73, F74, F10: ping ends at the step that fails, and says why`() async throws {
    let other = try #require(KafkaTrait.current).tlsFile("other-ca.pem")
    let ssl = "security.protocol=ssl"
    let cases: [(listener: String, properties: [String], kinds: [Substring], part: String)] = [
      (
        "SASLTLS", ["security.protocol=sasl_ssl", try trust] + user("wrong-secret"),
        ["resolve", "connect", "tls", "apiversions", "sasl"],
        "FAILED: SASL SCRAM-SHA-512: Authentication failed"
      ),
      (
        "TLS", [ssl, "ssl.ca.location=\(other)"], ["resolve", "connect", "tls"],
        "FAILED: the authority that signed the certificate is not known (subject CN=broker"
      ),
      (
        "EXPIRED", [ssl, try trust], ["resolve", "connect", "tls"],
        "FAILED: the certificate has expired (subject CN=expired"
      ),
      (
        "PLAINTEXT", [ssl, try trust], ["resolve", "connect", "tls"],
        "is it a plaintext listener? (security.protocol)"
      ),
      (
        "TLS", [], ["resolve", "connect", "apiversions"],
        "it wants TLS (security.protocol=ssl?)"
      ),
      ("SASL", [], ["resolve", "connect", "apiversions", "metadata"], "does it want SASL?"),
    ]
    for one in cases {
      let start = ContinuousClock.now
      let (ping, name) = try await ping(one.listener, one.properties)
      #expect(ping.result.status == 1, "\(one)")
      #expect(ping.kinds(name) == one.kinds && ping.steps.count == one.kinds.count, "\(one)")
      #expect(ping.failures.count == 1)
      #expect(ping.failures.first?.contains(one.part) == true, "\(ping.result.stdout)")
      #expect(ping.result.stderr.split(separator: "\n").count == 1, "\(ping.result.stderr)")
      #expect(!(ping.result.stdout + ping.result.stderr).contains("wrong-secret"))
      #expect(ContinuousClock.now - start < .seconds(10))
    }
  }
}

/// `hbcat ping` where something is wrong.
@Suite struct PingTests {
  @Test func `F17: an advertised name that is unknown is said clearly, and exits 1`() async throws {
    try await BrokerFixture.with(["--advertise", "nosuchhost.invalid"]) { advertised in
      let port = advertised.split(separator: ":").last ?? ""
      let ping = try await Ping("127.0.0.1:\(port)")
      #expect(ping.result.status == 1)
      #expect(ping.kinds("127.0.0.1:\(port)/bootstrap") == plain)
      #expect(ping.kinds("nosuchhost.invalid:\(port)/1001") == ["resolve"])
      #expect(ping.failures.count == 1)
      #expect(
        ping.result.stderr.hasPrefix(
          "% broker 1001 advertises nosuchhost.invalid:\(port), which cannot be reached from here: "
        ))
      #expect(ping.result.stderr.hasSuffix("; see advertised.listeners\n"))
      // Quiet is quiet, and stdout and the exit code tell all the same.
      let quiet = try await Ping("127.0.0.1:\(port)", ["-q"])
      #expect(quiet.result.status == 1 && quiet.result.stderr == "")
      #expect(quiet.steps.count == ping.steps.count)
    }
  }

  @Test func `F17: an advertised address where nothing listens is told from those that work`()
    async throws
  {
    // Only the loopback address itself is listened on: what it advertises refuses.
    try await BrokerFixture.with(["--brokers", "2", "--advertise", "127.0.0.2"]) { advertised in
      let port = advertised.split(separator: ":").last ?? ""
      let ping = try await Ping("127.0.0.1:\(port)")
      #expect(ping.result.status == 1)
      #expect(ping.kinds("127.0.0.2:\(port)/1002") == ["resolve", "connect"])
      #expect(ping.failures.allSatisfy { $0.hasSuffix("FAILED: Connection refused") })
      let lines = ping.result.stderr.split(separator: "\n")
      #expect(lines.count == 2, "\(ping.result.stderr)")
      for (line, id) in zip(lines, [1001, 1002]) {
        #expect(line.hasPrefix("% broker \(id) advertises 127.0.0.2:"))
        #expect(
          line.hasSuffix(
            "which cannot be reached from here: Connection refused; see advertised.listeners"))
      }
    }
  }

  @Test func `F15: unknown names and closed ports are named, and others are tried all the same`()
    async throws
  {
    try await BrokerFixture.with { bootstrap in
      let ping = try await Ping("nosuchhost.invalid:9092,127.0.0.1:1,\(bootstrap)")
      #expect(ping.result.status == 1)
      #expect(ping.kinds("nosuchhost.invalid:9092/bootstrap") == ["resolve"])
      #expect(ping.kinds("127.0.0.1:1/bootstrap") == ["resolve", "connect"])
      #expect(ping.kinds("\(bootstrap)/bootstrap") == plain)
      #expect(ping.kinds("\(bootstrap)/1001") == plain)
      #expect(ping.failures.count == 2)
      let lines = ping.result.stderr.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(
        lines.last
          == "% bootstrap server 127.0.0.1:1 cannot be reached from here: Connection refused")
      #expect(lines.first?.contains("nosuchhost.invalid:9092") == true)
    }
  }

  /// The time that a step was given, as the line of its failure has it at its end.
  private static func waitedMs(_ ping: Ping) -> Int? {
    ping.failures.first?.split(separator: " ").dropLast().last.flatMap { Int($0) }
  }

  @Test func `F12: a silent peer takes no longer than -m says, in the clear and over TLS`()
    async throws
  {
    let peer = Peer()
    let clear = try await Ping(
      peer.address, ["-m", "1", "-X", "api.version.request.timeout.ms=300"])
    #expect(clear.result.status == 1)
    #expect(clear.kinds("\(peer.address)/bootstrap") == plain)
    #expect(clear.failures.count == 1)
    #expect(clear.failures.first?.contains("FAILED: no answer within") == true)
    // The 300 ms are over by then; a busy machine leaves less.
    #expect(try #require(Self.waitedMs(clear)) <= 700)
    let tls = try await Ping(
      peer.address,
      ["-X", "security.protocol=ssl", "-X", "socket.connection.setup.timeout.ms=1000"])
    #expect(tls.result.status == 1)
    #expect(tls.kinds("\(peer.address)/bootstrap") == ["resolve", "connect", "tls"])
    #expect(tls.failures.first?.contains("the TLS handshake took longer than") == true)
    #expect(try #require(Self.waitedMs(tls)) <= 1000)
  }

  @Test func `a peer that is no broker is said to be none`() async throws {
    let web = Peer(answering: "HTTP/1.1 400 Bad Request\r\n\r\n")
    let ping = try await Ping(web.address)
    #expect(ping.result.status == 1)
    #expect(ping.failures.count == 1)
    #expect(ping.failures.first?.contains("HTTP") == true, "\(ping.result.stdout)")
  }

  @Test func `each step is a JSON object on a line of its own`() async throws {
    try await BrokerFixture.with(["--advertise", "nosuchhost.invalid"]) { advertised in
      let port = advertised.split(separator: ":").last ?? ""
      let ping = try await Ping("127.0.0.1:\(port)", ["-J"])
      let lines = ping.result.stdout.split(separator: "\n")
      #expect(lines.count == 5)
      let server = "{\"server\":\"127.0.0.1:\(port)\",\"broker\":null,\"step\":\""
      for (line, kind) in zip(lines, plain) {
        #expect(line.hasPrefix("\(server)\(kind)\",\"ok\":true,\"ms\":"))
      }
      #expect(
        lines.last?.hasPrefix(
          "{\"server\":\"nosuchhost.invalid:\(port)\",\"broker\":1001,\"step\":\"resolve\","
            + "\"ok\":false,") == true)
    }
  }

  @Test func `what TLS cannot be set up with ends it before anything is dialled`() async throws {
    let ping = try await Ping(
      "127.0.0.1:1", ["-X", "security.protocol=ssl", "-X", "ssl.ca.location=/no/such"])
    #expect(ping.result.status == 1 && ping.result.stdout == "")
    #expect(ping.result.stderr.contains("ssl.ca.location: /no/such: No such file or directory"))
    #expect(ping.result.stderr.split(separator: "\n").count == 1)
  }
}
