import KafkaClient
import KafkaProtocol
import Testing

@testable import HbcatCLI
@testable import Transport

@Suite struct PingViewTests {
  private static let server = ProbeTarget(host: "kafka.example", port: 9092)
  private static let broker = ProbeTarget(host: "fd00::2", port: 9092, brokerId: 2)
  private static let local = SocketAddress(host: "10.0.0.9", port: 51_234)
  private static let remote = SocketAddress(host: "10.0.0.1", port: 9092)

  private static let peer = TLSPeer(
    version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", isResumed: false,
    certificate: TLSCertificate(
      subject: "CN=broker", issuer: "CN=ca", names: "DNS:kafka.example", notBefore: 1_577_836_800,
      notAfter: 1_893_456_000))

  private static let cluster: ClusterMetadata = {
    var response = MetadataResponse()
    response.clusterId = "abc"
    response.controllerId = 2
    response.brokers = [(Int32(1), "kafka.example"), (2, "fd00::2")].map { id, host in
      var broker = MetadataResponse.Broker()
      broker.nodeId = id
      broker.host = host
      broker.port = 9092
      return broker
    }
    var metadata = ClusterMetadata()
    metadata.merge(response, isComplete: true)
    return metadata
  }()

  private static func step(
    _ kind: ProbeStep.Kind, _ finding: ProbeStep.Finding, microseconds: Int64 = 1234
  ) -> ProbeStep {
    ProbeStep(
      kind, microseconds: microseconds, local: local, remote: remote, .success(finding))
  }

  /// A step of each kind, and one that failed.
  private static let steps: [ProbeStep] = [
    ProbeStep(
      .resolve, microseconds: 49,
      .success(.addresses([remote, SocketAddress(host: "fd00::1", port: 9092)].compactMap { $0 }))),
    ProbeStep(
      .connect, microseconds: 5_000_000, remote: SocketAddress(host: "fd00::1", port: 9092),
      .failure(ProbeFailure(.connect, "Connection timed out"))),
    step(.connect, .connected),
    step(.tls, .secured(peer)),
    step(.apiVersions, .versions(apiCount: 75, release: "4.1")),
    step(.apiVersions, .assumed(release: "0.9.0")),
    step(.sasl, .authenticated(.scramSHA256)),
    step(.metadata, .cluster(cluster)),
  ]

  @Test func `steps are lines in columns`() {
    var view = PingView()
    view.widen(for: [Self.server, Self.broker])
    let way = "10.0.0.9:51234 -> 10.0.0.1:9092"
    let certificate =
      "subject CN=broker, issuer CN=ca, valid from 2020-01-01T00:00:00Z to 2030-01-01T00:00:00Z, "
      + "names DNS:kafka.example"
    let name = "kafka.example:9092/bootstrap"
    #expect(
      Self.steps.map { view.text(Self.server, $0) } == [
        "\(name)  resolve          0.0 ms  10.0.0.1, fd00::1",
        "\(name)  connect       5000.0 ms  -> [fd00::1]:9092  FAILED: Connection timed out",
        "\(name)  connect          1.2 ms  \(way)",
        "\(name)  tls              1.2 ms  \(way)  TLSv1.3, TLS_AES_256_GCM_SHA384, \(certificate)",
        "\(name)  apiversions      1.2 ms  \(way)  75 APIs, like Kafka 4.1",
        "\(name)  apiversions      1.2 ms  \(way)  no answer; going on as with Kafka 0.9.0 "
          + "(broker.version.fallback)",
        "\(name)  sasl             1.2 ms  \(way)  SCRAM-SHA-256",
        "\(name)  metadata         1.2 ms  \(way)  cluster abc, 2 brokers, controller 2",
      ])
    #expect(
      view.text(Self.broker, Self.steps[2])
        == "[fd00::2]:9092/2              connect          1.2 ms  \(way)")
  }

  @Test func `steps are JSON objects`() {
    let ends = #""local":"10.0.0.9:51234","remote":"10.0.0.1:9092""#
    func head(_ step: String, _ isOK: Bool = true, ms: String = "1.2") -> String {
      #"{"server":"kafka.example:9092","broker":null,"step":"\#(step)","ok":\#(isOK),"ms":\#(ms),"#
    }
    let view = PingView()
    #expect(
      Self.steps.map { String(decoding: view.json(Self.server, $0), as: UTF8.self) } == [
        head("resolve", ms: "0.0")
          + #""local":null,"remote":null,"addresses":["10.0.0.1","fd00::1"]}"# + "\n",
        head("connect", false, ms: "5000.0")
          + #""local":null,"remote":"[fd00::1]:9092","error":"Connection timed out"}"# + "\n",
        head("connect") + ends + "}\n",
        head("tls") + ends
          + #","version":"TLSv1.3","cipher":"TLS_AES_256_GCM_SHA384","resumed":false,"#
          + #""subject":"CN=broker","issuer":"CN=ca","names":"DNS:kafka.example","#
          + #""not_before":"2020-01-01T00:00:00Z","not_after":"2030-01-01T00:00:00Z"}"# + "\n",
        head("apiversions") + ends + #","apis":75,"release":"4.1"}"# + "\n",
        head("apiversions") + ends + #","assumed":"0.9.0"}"# + "\n",
        head("sasl") + ends + #","mechanism":"SCRAM-SHA-256"}"# + "\n",
        head("metadata") + ends
          + #","cluster":"abc","controller":2,"brokers":[{"id":1,"name":"kafka.example:9092"},"#
          + #"{"id":2,"name":"[fd00::2]:9092"}]}"# + "\n",
      ])
    let broker = String(decoding: view.json(Self.broker, Self.steps[2]), as: UTF8.self)
    #expect(broker.hasPrefix(#"{"server":"[fd00::2]:9092","broker":2,"#))
  }

  @Test func `an address that cannot be reached is told from a server that fails later`() {
    #expect(
      PingView.text(Self.broker, ProbeFailure(.connect, "Connection refused"))
        == "broker 2 advertises [fd00::2]:9092, which cannot be reached from here: "
        + "Connection refused; see advertised.listeners")
    #expect(
      PingView.text(Self.broker, ProbeFailure(.tls, "no TLS"))
        == "broker 2 at [fd00::2]:9092: tls: no TLS")
    #expect(
      PingView.text(Self.server, ProbeFailure(.resolve, "Name or service not known"))
        == "bootstrap server kafka.example:9092 cannot be reached from here: "
        + "Name or service not known")
    #expect(
      PingView.text(Self.server, ProbeFailure(.sasl, "no"))
        == "bootstrap server kafka.example:9092: sasl: no")
  }

  @Test func `what a server says stays one line and cannot steer a terminal`() {
    let view = PingView()
    let failure = ProbeStep(
      .sasl, microseconds: 0, .failure(ProbeFailure(.sasl, "a\nb\u{1b}[2J")))
    #expect(view.text(Self.server, failure).hasSuffix("FAILED: a\\nb\\x1b[2J"))
    let json = view.json(Self.server, failure, forTerminal: true)
    #expect(json.count { $0 < 0x20 } == 1 && json.last == UInt8(ascii: "\n"))
  }
}
