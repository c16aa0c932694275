import Glibc
import TestSupport
import Testing

/// Alarms that go where Healthbot's configuration sends them, on Kafka.
@Suite(.serialized, .clusters) struct NotifyConfigTests {
  /// A configuration in a folder of its own.
  static func configuration(_ text: String) throws -> String {
    let path = Places.temporaryFolder() + "/egest.yaml"
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
    return path
  }

  /// Majors and normals to the topic `all`, majors also to a topic of their own.
  static func twoWays(_ bootstrap: String, _ all: String) throws -> String {
    try configuration(
      """
      notification:
        - notification-name: every
          kafka-publish:
            bootstrap-servers: ["\(bootstrap)"]
            topic: \(all)
            use-hash-partitioner: true
            properties: {linger.ms: "1"}
        - notification-name: own
          kafka-publish: {bootstrap-servers: ["\(bootstrap)"]}
      device-group:
        - device-group-name: ptp
          notification: {enable: [null], major: [every, own], normal: [every]}
      network-group:
        - network-group-name: wan
          notification: {minor: [own]}
      """)
  }

  static let alarm = [
    "--group", "ptp", "--device", "mx960-1", "--topic", "protocol.ptp", "--rule", "lock",
    "--trigger", "t", "--message", "m",
  ]

  func notify(_ arguments: [String], input: String = "") async throws -> CommandResult {
    try await run([Places.hbcat, "notify"] + arguments, input: Array(input.utf8))
  }

  @Test(arguments: Target.available)
  func `an alarm goes to all that its group lists for its severity`(
    _ target: Target
  ) async throws {
    let bench = try await Bench(target)
    let all = bench.topic("all")
    let config = try Self.twoWays(bench.bootstrap, all)
    for severity in ["major", "minor", "normal"] {
      let sent = try await notify(["--config", config] + Self.alarm + ["--severity", severity])
      #expect(sent.status == 0, "\(sent.stderr)")
    }
    let every = try await bench.hbcat("-C", "-t", all, "-e", "-q", "-f", "%k|%s\n")
    let key =
      "{\"device-id\": \"mx960-1\", \"group\": \"ptp\", \"keys\": {}, \"rule\": \"lock\", "
      + "\"topic\": \"protocol.ptp\", \"trigger\": \"t\"}|"
    let lines = every.stdout.split(separator: "\n")
    try #require(lines.count == 2)
    #expect(lines.allSatisfy { $0.hasPrefix(key) })
    #expect(lines[0].contains("\"severity\": \"major\""))
    #expect(lines[1].contains("\"severity\": \"normal\""))
    let own = try await bench.hbcat("-C", "-t", "ptp.mx960-1.protocol.ptp.lock.t", "-e", "-q")
    #expect(own.stdout.contains("\"severity\": \"major\""))
    #expect(!own.stdout.contains("\"severity\": \"normal\""))
  }

  @Test func `an alarm of a network group may be without a device`() async throws {
    let bench = try await Bench(.embedded)
    let config = try Self.twoWays(bench.bootstrap, bench.topic("all"))
    let line =
      "{\"group\": \"wan\", \"keys\": {}, \"message\": \"m\", \"rule\": \"r\", "
      + "\"severity\": \"minor\", \"topic\": \"t\", \"trigger\": \"x\"}\n"
    let sent = try await notify(["--config", config], input: line)
    #expect(sent.status == 0, "\(sent.stderr)")
    let read = try await bench.hbcat("-C", "-t", "wan.t.r.x", "-e", "-q")
    #expect(read.stdout == line)
    let ptp = line.replacing("wan", with: "ptp")
    let refused = try await notify(
      ["--config", config], input: ptp + ptp.replacing("ptp", with: "ptb"))
    #expect(refused.status == 1)
    #expect(
      refused.stderr == """
        % line 1: device group "ptp": its alarms need a device-id; only a network group's may be without
        % line 2: there is no device group or network group "ptb"; did you mean "ptp"?
        % 2 alarms were refused

        """)
  }

  @Test func `a configuration is checked without a word to anybody`() async throws {
    let bench = try await Bench(.embedded)
    let good = try Self.twoWays(bench.bootstrap, "t")
    let right = try await run(
      [Places.hbcat, "notify", "--check-config"], environment: ["HBCAT_NOTIFY_CONFIG": good])
    #expect(right.status == 0, "\(right.stderr)")
    #expect(right.stdout == "The configuration is right: 2 notifications, 2 groups\n")
    let bad = try Self.configuration(
      """
      notification:
        - notification-name: ops
          kafka-publish:
            bootstrap-servers: [h]
            topik: t
            properties: {linger.msec: "1"}
      """)
    let wrong = try await notify(["--check-config", "--config", bad])
    #expect(wrong.status == 1)
    #expect(wrong.stderr.contains("egest.yaml:5"))
    #expect(wrong.stderr.contains("did you mean \"topic\"?"))
    let mended = try Self.configuration(
      """
      notification:
        - notification-name: ops
          kafka-publish: {bootstrap-servers: [h], properties: {linger.msec: "1"}}
      """)
    let property = try await notify(["--check-config", "--config", mended])
    #expect(property.status == 1)
    #expect(property.stderr.contains("linger.ms"), "\(property.stderr)")
  }

  @Test func `a dry run says what would go where, and sends nothing`() async throws {
    let config = try Self.twoWays("127.0.0.1:1", "all")
    let dry = try await notify(
      ["--config", config, "--dry-run"] + Self.alarm + ["--severity", "major"])
    #expect(dry.status == 0, "\(dry.stderr)")
    let fields = dry.stdout.split(separator: "\n").map { $0.split(separator: "\t") }
    try #require(fields.count == 2 && fields.allSatisfy { $0.count == 4 })
    #expect(fields[0].prefix(3) == ["every", "kafka", "all"])
    #expect(fields[1].prefix(3) == ["own", "kafka", "ptp.mx960-1.protocol.ptp.lock.t"])
    #expect(fields[0][3] == fields[1][3])
  }

  @Test func `what Kafka does not take goes into the spool, and out of it in order`() async throws {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("later")
    let spool = Places.temporaryFolder()
    func configuration(_ dead: String) throws -> String {
      try Self.configuration(
        """
        notification:
          - {notification-name: up, kafka-publish: {bootstrap-servers: ["\(bench.bootstrap)"], topic: \(topic)-up}}
          - {notification-name: down, kafka-publish: {bootstrap-servers: ["\(dead)"], topic: \(topic)}}
        device-group:
          - {device-group-name: ptp, notification: {major: [up, down], normal: [up, down]}}
        """)
    }
    let dead = try configuration("127.0.0.1:1")
    for severity in ["major", "normal", "major"] {
      let sent = try await notify(
        ["--config", dead, "--spool", spool, "-m", "1"] + Self.alarm + ["--severity", severity])
      #expect(sent.status == 1)
      #expect(sent.stderr.contains("notification down: 0 delivered, 1 kept in the spool"))
    }
    // One more comes while the spool is delivered: it is the last.
    let alive = try configuration(bench.bootstrap)
    let sent = try await notify(
      ["--config", alive, "--spool", spool, "-v"] + Self.alarm + ["--severity", "normal"])
    #expect(sent.status == 0, "\(sent.stderr)")
    let later = try await bench.hbcat("-C", "-t", topic, "-e", "-q")
    #expect(
      later.stdout.split(separator: "\n").map { $0.contains("\"major\"") }
        == [true, false, true, false])
    let up = try await bench.hbcat("-C", "-t", topic + "-up", "-e", "-q")
    #expect(up.stdout.split(separator: "\n").count == 4)
    let third = try await notify(
      ["--config", alive, "--spool", spool] + Self.alarm + ["--severity", "normal"])
    #expect(third.status == 0)
    let again = try await bench.hbcat("-C", "-t", topic, "-e", "-q")
    #expect(again.stdout.split(separator: "\n").count == 5)
  }

  @Test func `batches that a broker gives up go into the spool`() async throws {
    let spool = Places.temporaryFolder()
    try await BrokerFixture.with(["--fault", "produce:error=NOT_ENOUGH_REPLICAS*1000000"]) {
      broker in
      let sent = try await run(
        [
          Places.hbcat, "notify", "-b", broker, "-X", "message.timeout.ms=300", "--spool", spool,
        ] + Self.alarm + ["--severity", "major"])
      #expect(sent.status == 1)
      #expect(sent.stderr.contains("0 messages delivered, 1 kept in the spool"), "\(sent.stderr)")
    }
    try await BrokerFixture.with { broker in
      let sent = try await run(
        [Places.hbcat, "notify", "-b", broker, "--spool", spool] + Self.alarm
          + ["--severity", "normal"])
      #expect(sent.status == 0, "\(sent.stderr)")
      let read = try await run([
        Places.hbcat, "-b", broker, "-C", "-t", "ptp.mx960-1.protocol.ptp.lock.t", "-e", "-q",
      ])
      #expect(
        read.stdout.split(separator: "\n").map { $0.contains("\"major\"") } == [true, false])
    }
  }

  @Test func `with a state only what is news is sent, and a reminder after its time`() async throws
  {
    let bench = try await Bench(.embedded)
    let all = bench.topic("news")
    let config = try Self.twoWays(bench.bootstrap, all)
    let state = Places.temporaryFolder() + "/state"
    func send(_ severity: String, _ more: [String] = []) async throws {
      let sent = try await notify(
        ["--config", config, "--state", state, "--transitions"] + more + Self.alarm
          + ["--severity", severity])
      #expect(sent.status == 0, "\(sent.stderr)")
    }
    for severity in ["normal", "major", "major", "normal", "normal"] { try await send(severity) }
    try await send("major")
    try await send("major", ["--repeat-interval", "1h"])
    try await send("major", ["--repeat-interval", "0s"])
    let read = try await bench.hbcat("-C", "-t", all, "-e", "-q")
    #expect(
      read.stdout.split(separator: "\n").map { $0.contains("\"major\"") }
        == [true, false, true, true])
  }

  @Test func `one call without a state never loses a clear, a stream holds the first normal back`()
    async throws
  {
    let bench = try await Bench(.embedded)
    let all = bench.topic("clear")
    let config = try Self.twoWays(bench.bootstrap, all)
    let single = try await notify(["--config", config] + Self.alarm + ["--severity", "normal"])
    #expect(single.status == 0, "\(single.stderr)")
    func line(_ severity: String) -> String {
      NotifyTests.line(severity, "m")
    }
    let stream = try await notify(
      ["--config", config], input: line("normal") + line("major") + line("normal"))
    #expect(stream.status == 0, "\(stream.stderr)")
    let read = try await bench.hbcat("-C", "-t", all, "-e", "-q")
    #expect(
      read.stdout.split(separator: "\n").map { $0.contains("\"major\"") }
        == [false, true, false])
  }

  @Test(arguments: Target.available.filter { $0 == .embedded || $0 == .kafka431 })
  func `a topic that is missing is created where that is wanted`(_ target: Target) async throws {
    let bench = try await Bench(target)
    let topic = bench.topic("created")
    let sent = try await bench.hbcat(
      "notify", "--to", topic, "--create-topics=3:1", "--group", "g", "--device", "d", "--topic",
      "t", "--rule", "r", "--trigger", "x", "--message", "m", "--severity", "major")
    #expect(sent.status == 0, "\(sent.stderr)")
    let listed = try await bench.hbcat("-L", "-t", topic)
    #expect(listed.stdout.contains("with 3 partitions"), "\(listed.stdout)")
  }

  @Test
  func `a topic that nobody creates is an error that says so, and a collision names the other`()
    async throws
  {
    try await BrokerFixture.with(["--no-auto-create", "--topic", "a_b"]) { broker in
      func send(_ topic: String, _ more: String...) async throws -> CommandResult {
        try await run(
          [Places.hbcat, "notify", "-b", broker, "--to", topic, "-m", "1"] + more + Self.alarm
            + ["--severity", "major"])
      }
      let missing = try await send("nowhere")
      #expect(missing.status == 1)
      #expect(missing.stderr.contains("give --create-topics, or create it first"))
      let collides = try await send("a.b", "--create-topics")
      #expect(collides.status == 1)
      #expect(collides.stderr.contains("a_b"), "\(collides.stderr)")
      let created = try await send("new", "--create-topics")
      #expect(created.status == 0, "\(created.stderr)")
    }
  }

  @Test func `alarms come as words and from Alertmanager`() async throws {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("words")
    let words = try await bench.hbcat(
      "notify", "--to", topic, "--from", "words", "--group", "g", "--topic", "t", "--trigger", "x",
      input: Array(
        "device=d rule=r severity=major message=\"link down\" port=ge-0/0/0\nnonsense\n".utf8))
    #expect(words.status == 1)
    #expect(words.stderr.hasPrefix("% Not an alarm: line 2, column 1: "), "\(words.stderr)")
    let operands = try await bench.hbcat(
      "notify", "--to", topic, "group=g", "device=d", "topic=t", "rule=r", "trigger=x",
      "severity=normal", "message=up", "port=ge-0/0/0")
    #expect(operands.status == 0, "\(operands.stderr)")
    let alerts = try await bench.hbcat(
      "notify", "--to", topic, "--from", "alertmanager", "--group", "g",
      input: Array(
        """
        {"version": "4", "status": "firing", "alerts": [
          {"status": "firing", "labels": {"alertname": "Down", "instance": "mx1:9100",
           "severity": "critical"}, "annotations": {"summary": "it is down"}}]}
        """.utf8))
    #expect(alerts.status == 0, "\(alerts.stderr)")
    let read = try await bench.hbcat("-C", "-t", topic, "-e", "-q")
    let lines = read.stdout.split(separator: "\n")
    try #require(lines.count == 3)
    #expect(lines[0].contains("\"keys\": {\"port\": \"ge-0/0/0\"}, \"message\": \"link down\""))
    #expect(lines[1].contains("\"message\": \"up\""))
    #expect(lines[2].contains("\"device-id\": \"mx1\"") && lines[2].contains("\"it is down\""))
  }

  @Test func `strict stops at the first line that is no alarm`() async throws {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("strict")
    let input = NotifyTests.line("major", "a") + "{}\n" + NotifyTests.line("major", "b")
    let sent = try await bench.hbcat(
      "notify", "--to", topic, "--strict", input: Array(input.utf8))
    #expect(sent.status == 1)
    let read = try await bench.hbcat("-C", "-t", topic, "-e", "-q")
    #expect(read.stdout == NotifyTests.line("major", "a"))
  }

  @Test func `each line of a stream that pauses is sent at once, and its state is kept`()
    async throws
  {
    let bench = try await Bench(.embedded)
    let all = bench.topic("stream")
    let config = try Self.twoWays(bench.bootstrap, all)
    let state = Places.temporaryFolder() + "/state"
    let sender = try Child(
      [Places.hbcat, "notify", "--config", config, "--state", state, "--transitions"],
      terminal: .none)
    await sender.write(NotifyTests.line("major", "a"))
    #expect(
      await eventually {
        String(decoding: Places.contents(state) ?? [], as: UTF8.self).contains("\"major\"")
      })
    let follower = try Child([Places.hbcat, "-b", bench.bootstrap, "-C", "-t", all, "-u", "-q"])
    #expect(await eventually { follower.stdout == NotifyTests.line("major", "a") })
    // Killed without a word, it has nothing to say twice.
    sender.signal(SIGKILL)
    _ = await sender.end(within: 10)
    let again = try await notify(
      ["--config", config, "--state", state, "--transitions"],
      input: NotifyTests.line("major", "a") + NotifyTests.line("normal", "b"))
    #expect(again.status == 0, "\(again.stderr)")
    let both = NotifyTests.line("major", "a") + NotifyTests.line("normal", "b")
    #expect(await eventually { follower.stdout == both })
    follower.signal(SIGTERM)
    _ = await follower.end(within: 10)
  }
}
