import Healthbot
import Testing

@testable import HbcatCLI

private let alarm =
  "--group ptp --device mx960-1 --topic protocol.ptp --rule ptp-lock-status "
  + "--trigger ptp-lock-status --severity major --message text"

struct NotifyTests {
  @Test func `flags make an alarm, and --key is one of its keys`() throws {
    var expected = NotifyPlan()
    expected.delivery.client.properties = [PropertySetting(name: "bootstrap.servers", value: "h")]
    var made = Alarm(
      deviceID: "mx960-1", group: "ptp", message: "text", rule: "ptp-lock-status", severity: .major,
      topic: "protocol.ptp", trigger: "ptp-lock-status")
    made.setKey("b", to: AlarmValue(string: "x=y"))
    made.setKey("a", to: AlarmValue(string: ""))
    expected.alarm = made
    #expect(try plan("notify -b h \(alarm) --key b=x=y --key a=") == .notify(expected))
    #expect(try plan("healthbot-notify -b h \(alarm) --key b=x=y --key a=") == .notify(expected))
    expected.delivery.topic = try TopicName("fixed")
    expected.delivery.sanitizes = true
    #expect(
      try plan("-b h -t fixed notify \(alarm) --key b=x=y --key a= --sanitize")
        == .notify(expected))
    #expect(
      try CommandLineFixture().plan(
        "--to fixed -b h \(alarm) --key b=x=y --key a= --sanitize",
        program: "/usr/bin/healthbot-notify") == .notify(expected))
  }

  @Test func `without an alarm's flags, alarms come from stdin`() throws {
    guard case .notify(let made) = try plan("notify -b h --to t") else {
      Issue.record("no notify")
      return
    }
    #expect(made.alarm == nil)
    #expect(made.delivery.topic?.description == "t")
  }

  @Test(arguments: [
    (
      "--group g --rule r",
      "the alarm lacks --device, --topic, --trigger, --severity, --message"
    ),
    ("--severity mayor", "--severity: expected major, minor or normal, not \"mayor\""),
    ("\(alarm) --key novalue", "--key: expected NAME=VALUE, not \"novalue\""),
    ("\(alarm) --key a=1 --key a=2", "--key: \"a\" is given twice"),
    (
      "\(alarm) -k x",
      "notify has no -k: alarms have no fixed key; --key NAME=VALUE is one of an alarm's keys"
    ),
    ("\(alarm) file", "file: \"file\" is no NAME=VALUE"),
    (
      "group=g severity=mayor",
      "severity=mayor: field \"severity\": \"mayor\" is no severity; use major, minor or normal"
    ),
    ("group=g rule=r", "the alarm lacks device-id, message, severity, topic, trigger"),
    ("--from yaml", "--from: expected json, words or alertmanager, not \"yaml\""),
    ("--from words --key a=1", "--from and --key exclude one another: the input has the keys"),
    ("--from json --group g", "--from json takes whole alarms: leave --group and the like out"),
    ("--check-config", "--check-config needs --config FILE"),
    (
      "--config f",
      "-b and --config exclude one another: the configuration's bootstrap-servers are used"
    ),
    (
      "--repeat-interval 1h",
      "--repeat-interval needs --transitions, without which every alarm is sent"
    ),
    (
      "--group-wait soon",
      "--group-wait: expected a time such as 500ms, 30s, 10m, 2h or 1d, not \"soon\""
    ),
    ("--create-topics=0", "--create-topics: 0 is out of range 1..10000"),
  ])
  func `what makes no alarm is refused`(flags: String, text: String) {
    #expect(
      refusal("notify -b h \(flags)") == [
        "% ERROR: \(text) (try 'hbcat notify --help')", "exit 2",
      ])
  }

  @Test func `without a configuration --check-config does not ask for a broker`() {
    #expect(
      refusal("notify --check-config").first
        == "% ERROR: --check-config needs --config FILE (try 'hbcat notify --help')")
  }
}

struct BrokerTests {
  @Test func `broker is broker run, on loopback, with id 1001`() throws {
    #expect(try plan("broker") == .broker(BrokerPlan()))
    #expect(try plan("broker run") == .broker(BrokerPlan()))
    #expect(BrokerPlan().host == "127.0.0.1")
    #expect(BrokerPlan().brokerId == 1001)
  }

  @Test func `broker takes address, id and topics`() throws {
    var expected = BrokerPlan()
    expected.host = "0.0.0.0"
    expected.port = 0
    expected.advertisedHost = "example"
    expected.brokerId = 7
    expected.brokers = 3
    expected.maxMessageBytes = 5000
    expected.topics = [
      BrokerPlan.Topic(name: "a"), BrokerPlan.Topic(name: "b", partitions: 3),
      BrokerPlan.Topic(name: "c", partitions: 4, replicas: 1),
    ]
    expected.autoCreateTopics = false
    expected.untilStdinEnds = true
    expected.verbosity = 2
    #expect(
      try plan(
        "broker run --listen 0.0.0.0:0 --advertise example --id 7 --brokers 3 --max-message-bytes 5000 --topic a --topic b:3 "
          + "--topic c:4:1 --no-auto-create --until-stdin-ends -v") == .broker(expected))
  }

  @Test(
    arguments: [
      ("h", "h", 9092), ("h:1", "h", 1), (":5", "127.0.0.1", 5), ("[::1]:6", "::1", 6),
      ("[::1]", "::1", 9092), ("::1", "::1", 9092), ("h:1 --port 2", "h", 2),
    ] as [(String, String, UInt16)])
  func `an address is a host, a port or both`(text: String, host: String, port: UInt16) throws {
    guard case .broker(let made) = try plan("broker --listen \(text)") else {
      Issue.record("no broker")
      return
    }
    #expect(made.host == host)
    #expect(made.port == port)
  }

  @Test(arguments: [
    "--listen h:x", "--listen h:65536", "--listen [::1", "--listen [::1]x", "--listen=",
    "--port -1", "--brokers 0", "--brokers 101", "--max-message-bytes x", "--id x", "--id -1",
    "--topic a/b", "--topic a:0", "--topic a:1:0",
    "--topic a:1:1:1", "--topic a:", "--topic :1", "--topic a --topic a", "--topic .",
    "--advertise=",
  ])
  func `what makes no broker is refused`(flags: String) {
    let lines = refusal("broker \(flags)")
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("% ERROR: --") == true)
    #expect(lines.last == "exit 2")
  }
}

struct DemoTests {
  @Test func `demo takes an id and topics`() throws {
    #expect(try plan("demo") == .demo(DemoPlan()))
    #expect(
      try plan("demo --id 5 --topic a --topic b -q")
        == .demo(DemoPlan(brokerId: 5, topics: ["a", "b"], verbosity: 0)))
  }
}
