import Glibc
import TestSupport
import Testing

/// Telemetry out of Kafka, judged by Healthbot's rules.
@Suite(.serialized, .clusters) struct IngestTests {
  /// An interface that is up or down, by Healthbot's words; the second rule has what hbcat has not.
  static let rules = """
    healthbot { topic interface.statistics {
      rule check-oper {
        keys interface-name;
        sensor s { open-config { sensor-name /interfaces; frequency 10s; } }
        field interface-name {
          sensor s {
            where "/interfaces/interface/@name =~ /{{match}}/";
            path "/interfaces/interface/@name";
          }
        }
        field oper { sensor s { path /interfaces/interface/state/oper-status; } type string; }
        variable match { value ".*"; type string; }
        trigger link {
          frequency 10s;
          term down {
            when { matches-with "$oper" "DOWN"; }
            then { status { color red; message "$interface-name is down"; } }
          }
          term up { then { status { color green; message "$interface-name is up"; } } }
        }
      }
      rule check-alien { function f { path a.py; method m; } }
    } }
    """

  /// Short times, and a member that its successor takes the place of at once.
  static let brisk = [
    "-X", "group.instance.id=i1", "-X", "session.timeout.ms=6000", "-X",
    "heartbeat.interval.ms=300", "-X", "auto.commit.interval.ms=200", "-X",
    "auto.offset.reset=earliest",
  ]

  /// A cluster, and a folder with the rules.
  struct Site {
    let bootstrap: String
    let telemetry: String
    let alarms: String
    let folder = Places.temporaryFolder()
    var state: String { folder + "/engine" }

    init(_ bench: Bench) throws {
      self.init(bench.bootstrap, bench.topic("telemetry"), bench.topic("alarms"))
      try save(rules, "link.rule")
    }

    init(_ bootstrap: String, _ telemetry: String, _ alarms: String) {
      (self.bootstrap, self.telemetry, self.alarms) = (bootstrap, telemetry, alarms)
    }

    func save(_ text: String, _ name: String) throws {
      let file = try #require(fopen("\(folder)/\(name)", "w"))
      fputs(text, file)
      fclose(file)
    }

    /// The command that ingests; alarms go to one topic.
    func command(_ more: String...) -> [String] {
      [
        Places.hbcat, "ingest", "-b", bootstrap, "-t", telemetry, "--name", "\(telemetry)-g",
        "--group", "core", "--rules", folder + "/link.rule", "--engine-state", state, "--to",
        alarms,
      ] + brisk + more
    }

    func send(_ records: String..., topic: String? = nil) async throws {
      try await send(records, topic: topic)
    }

    func send(_ records: [String], topic: String? = nil) async throws {
      let lines = records.map { $0 + "\n" }.joined()
      let sent = try await run(
        [Places.hbcat, "produce", "-b", bootstrap, "-t", topic ?? telemetry, "-K", "|"],
        input: Array(lines.utf8))
      #expect(sent.status == 0, "\(sent.stderr)")
    }

    /// The alarms so far, as `severity message`.
    func raised(_ topic: String? = nil) async throws -> [String] {
      let read = try await run(
        [Places.hbcat, "consume", "-b", bootstrap, "-e", topic ?? alarms])
      return read.stdout.split(separator: "\n").map { line in
        func field(_ name: String) -> Substring {
          line.split(separator: "\"\(name)\": \"").last?.split(separator: "\"").first ?? ""
        }
        return "\(field("severity")) \(field("device-id")) \(field("message"))"
      }
    }
  }

  /// A record of an interface; the key is the device.
  static func record(_ name: String, _ oper: String, device: String = "mx1") -> String {
    "\(device)|{\"path\": \"/interfaces/interface[name='\(name)']/state\", "
      + "\"oper-status\": \"\(oper)\"}"
  }

  static let two = Target.available.filter { [.embedded, .kafka431].contains($0) }

  @Test(arguments: two)
  func `an interface that goes down is an alarm once, and its return clears it`(_ target: Target)
    async throws
  {
    let site = try Site(try await Bench(target))
    try await site.send(
      Self.record("xe-0", "UP"), Self.record("xe-0", "DOWN"), Self.record("xe-1", "UP"),
      Self.record("xe-0", "DOWN"), "mx1|no telemetry", "mx1|{\"other\": 1}",
      Self.record("xe-0", "UP"), Self.record("xe-1", "DOWN", device: "mx2"))
    let ended = try await run(site.command("-e"), within: 60)
    #expect(ended.status == 0, "\(ended.stderr)")
    #expect(
      try await site.raised() == [
        "major mx1 xe-0 is down", "normal mx1 xe-0 is up", "major mx2 xe-1 is down",
      ])
    #expect(
      ended.stderr.contains(
        "/link.rule:22:22: rule \"check-alien\": function \"f\" is not supported"),
      "\(ended.stderr)")
    #expect(ended.stderr.contains("% 1 rule runs, 1 is refused\n"))
    #expect(
      ended.stderr.contains(
        "% No telemetry in \(site.telemetry) [0] at offset 4: line 1, column 2: expected"),
      "\(ended.stderr)")
    #expect(
      ended.stderr.contains("% 8 records, 3 alarms, 1 no telemetry, 1 of no use to a rule\n"),
      "\(ended.stderr)")
  }

  @Test(arguments: two)
  func `after a kill nothing is raised twice, although all is read again`(_ target: Target)
    async throws
  {
    let site = try Site(try await Bench(target))
    try await site.send(Self.record("xe-0", "UP"), Self.record("xe-0", "DOWN"))
    // Nothing is committed: the successor reads from the beginning.
    let first = try Child(site.command("-X", "enable.auto.commit=false"))
    let state = site.state
    #expect(
      await eventually(within: 30) {
        String(decoding: Places.contents(state) ?? [], as: UTF8.self).contains("xe-0 is down")
      }, "\(first.stderr)")
    first.signal(SIGKILL)
    _ = await first.end(within: 10)
    try await site.send(Self.record("xe-0", "DOWN"), Self.record("xe-0", "UP"))
    let second = try await run(
      site.command("-e", "-X", "enable.auto.commit=false"), within: 60)
    #expect(second.status == 0, "\(second.stderr)")
    #expect(second.stderr.contains("% 2 records, 1 alarm\n"), "\(second.stderr)")
    #expect(try await site.raised() == ["major mx1 xe-0 is down", "normal mx1 xe-0 is up"])
  }

  @Test func `a kill amid a stream loses no alarm, and with --transitions repeats next to none`()
    async throws
  {
    let site = try Site(try await Bench(.embedded))
    let count = 3000
    try await site.send((0..<count).map { Self.record("xe-\($0)", "DOWN") })
    let transitions = ["--transitions", "--state", site.folder + "/alarms"]
    let first = try Child(site.command() + transitions)
    #expect(await eventually(within: 30) { first.stderr.contains("assigned") }, "\(first.stderr)")
    first.signal(SIGKILL)
    _ = await first.end(within: 10)
    let second = try await run(site.command("-e") + transitions, within: 60)
    #expect(second.status == 0, "\(second.stderr)")
    let raised = try await site.raised()
    #expect(Set(raised).count == count)
    // What was under way at the kill may come twice, and no more of it.
    #expect(raised.count < 2 * count)
  }

  @Test func `SIGTERM has the alarms delivered and the offsets committed`() async throws {
    let site = try Site(try await Bench(.embedded))
    try await site.send(Self.record("xe-0", "DOWN"))
    let first = try Child(site.command())
    let state = site.state
    #expect(await eventually(within: 30) { Places.exists(state) }, "\(first.stderr)")
    first.signal(SIGTERM)
    let ended = await first.end(within: 10)
    #expect(ended.status == 0, "\(ended.stderr)")
    #expect(ended.stderr.contains("% 1 record, 1 alarm\n"), "\(ended.stderr)")
    // Without its file the next one knows nothing, and still finds nothing to read.
    unlink(state)
    let second = try await run(site.command("-e"), within: 60)
    #expect(second.stderr.contains("% 0 records, 0 alarms\n"), "\(second.stderr)")
    #expect(try await site.raised() == ["major mx1 xe-0 is down"])
  }

  @Test func `an alarm that cannot be delivered is raised again at the next start`() async throws {
    try await BrokerFixture.with(["--no-auto-create", "--topic", "tele:1:1"]) { bootstrap in
      let site = Site(bootstrap, "tele", "alarms")
      try site.save(Self.rules, "link.rule")
      try await site.send(Self.record("xe-0", "DOWN"), Self.record("xe-0", "UP"))
      let first = try await run(site.command("-e"), within: 60)
      #expect(first.status == 1)
      #expect(
        first.stderr.contains("% ERROR: Alarms are not delivered: nothing is committed"),
        "\(first.stderr)")
      let second = try await run(site.command("-e", "--create-topics"), within: 60)
      #expect(second.status == 0, "\(second.stderr)")
      #expect(try await site.raised() == ["major mx1 xe-0 is down", "normal mx1 xe-0 is up"])
    }
  }

  @Test func `a topic that was made anew is read from its beginning`() async throws {
    let bench = try await Bench(.embedded)
    let old = try Site(bench)
    try await old.send((0..<10).map { Self.record("xe-\($0)", "UP") })
    #expect(try await run(old.command("-e"), within: 60).status == 0)
    try await BrokerFixture.with(["--topic", "\(old.telemetry):1:1"]) { bootstrap in
      let new = Site(bootstrap, old.telemetry, "alarms")
      try await new.send(Self.record("xe-0", "DOWN"))
      var command = new.command("-e")
      for (at, word) in command.enumerated() {
        command[at] = word.replacing(new.folder, with: old.folder)
      }
      let ended = try await run(command, within: 60)
      #expect(ended.stderr.contains("ends at offset 1, and 10 had been seen"), "\(ended.stderr)")
      #expect(try await new.raised() == ["major mx1 xe-0 is down"])
    }
  }

  @Test
  func `alarms go by Healthbot's configuration, and a clear after a restart is no first normal`()
    async throws
  {
    let site = try Site(try await Bench(.embedded))
    try site.save(
      """
      notification:
      - notification-name: egest
        kafka-publish: {bootstrap-servers: ["\(site.bootstrap)"], topic: \(site.alarms)}
      device-group:
      - device-group-name: core
        notification: {major: [egest], normal: [egest]}
      """, "hb.yaml")
    var command = site.command("-e", "--config", site.folder + "/hb.yaml")
    if let at = command.firstIndex(of: "--to") { command.removeSubrange(at...at + 1) }
    try await site.send(Self.record("xe-1", "UP"), Self.record("xe-0", "DOWN"))
    let first = try await run(command, within: 60)
    #expect(first.status == 0, "\(first.stderr)")
    try await site.send(Self.record("xe-0", "UP"))
    let second = try await run(command, within: 60)
    #expect(second.status == 0, "\(second.stderr)")
    #expect(try await site.raised() == ["major mx1 xe-0 is down", "normal mx1 xe-0 is up"])
    let unknown = try await run(
      command.map { $0 == "core" ? "corr" : $0 }, within: 60)
    #expect(unknown.status == 1)
    #expect(
      unknown.stderr.contains(
        "% ERROR: --group: there is no device group or network group \"corr\"; did you mean "
          + "\"core\"?"), "\(unknown.stderr)")
  }

  @Test func `a signal amid an alarm that cannot be sent leaves it to the next start`() async throws
  {
    let site = try Site(try await Bench(.embedded))
    func command(_ bootstrap: String, _ more: String...) throws -> [String] {
      try site.save(
        """
        notification:
        - notification-name: egest
          kafka-publish: {bootstrap-servers: ["\(bootstrap)"], topic: \(site.alarms)}
        device-group:
        - device-group-name: core
          notification: {major: [egest], normal: [egest]}
        """, "hb.yaml")
      var command = site.command("--config", site.folder + "/hb.yaml") + more
      if let at = command.firstIndex(of: "--to") { command.removeSubrange(at...at + 1) }
      return command
    }
    try await site.send(Self.record("xe-0", "DOWN"), Self.record("xe-0", "UP"))
    // Nobody listens there: the first alarm waits for its broker when the signal comes.
    let first = try Child(try command("127.0.0.1:1", "-m", "60"))
    #expect(await eventually(within: 30) { first.stderr.contains("assigned") }, "\(first.stderr)")
    first.signal(SIGTERM)
    // It may come before the first record is judged, or after: that is the same to the next one.
    let ended = await first.end(within: 20)
    #expect(ended.status < 2, "\(ended.stderr)")
    #expect(!Places.exists(site.state))
    let second = try await run(try command(site.bootstrap, "-e"), within: 60)
    #expect(second.status == 0, "\(second.stderr)")
    #expect(try await site.raised() == ["major mx1 xe-0 is down", "normal mx1 xe-0 is up"])
  }

  @Test func `variables choose, and with --strict what is refused or bad ends it`() async throws {
    let site = try Site(try await Bench(.embedded))
    try await site.send(
      Self.record("xe-0", "DOWN"), Self.record("ge-0", "DOWN"), "mx1|bad",
      Self.record("ge-1", "DOWN"))
    let refused = try await run(site.command("-e", "--strict"), within: 60)
    #expect(refused.status == 1)
    #expect(refused.stderr.contains("% ERROR: 1 rule runs, 1 is refused\n"))
    try site.save(
      Self.rules.replacing("function f { path a.py; method m; }", with: ""), "link.rule")
    let strict = try await run(
      site.command("-e", "--strict", "--variable", "match=^ge"), within: 60)
    #expect(strict.status == 1)
    #expect(
      strict.stderr.contains("% ERROR: No telemetry in \(site.telemetry) [0] at offset 2: "),
      "\(strict.stderr)")
    #expect(try await site.raised() == ["major mx1 ge-0 is down"])
    // What is bad is not passed over, so that it can be looked at, until it may be.
    let rest = try await run(site.command("-e", "--variable", "match=^ge"), within: 60)
    #expect(rest.stderr.contains("% 2 records, 1 alarm, 1 no telemetry\n"), "\(rest.stderr)")
    #expect(try await site.raised() == ["major mx1 ge-0 is down", "major mx1 ge-1 is down"])
  }

  @Test func `a file of state has one user`() async throws {
    let site = try Site(try await Bench(.embedded))
    try await site.send(Self.record("xe-0", "DOWN"))
    let first = try Child(site.command())
    let state = site.state
    #expect(await eventually(within: 30) { Places.exists(state) }, "\(first.stderr)")
    let second = try await run(site.command("-e"), within: 60)
    #expect(second.status == 1)
    #expect(second.stderr.contains("\(state) is in use by another process"), "\(second.stderr)")
    first.signal(SIGTERM)
    #expect(await first.end(within: 10).status == 0)
  }

  @Test func `--list-rules tells which rules run, and talks to nobody`() async throws {
    let site = Site("nobody:1", "t", "a")
    try site.save(Self.rules, "link.rule")
    let rules = ["--rules", site.folder + "/link.rule"]
    let text = try await run([Places.hbcat, "ingest", "--list-rules"] + rules)
    #expect(text.status == 0)
    #expect(text.stdout.hasPrefix("runs\tinterface.statistics\tcheck-oper\nrefused\t"))
    #expect(text.stdout.hasSuffix("\n1 rule runs, 1 is refused\n"))
    let json = try await run([Places.hbcat, "ingest", "--list-rules", "-J", "--strict"] + rules)
    #expect(json.status == 1)
    #expect(json.stdout.hasPrefix(#"{"runs":[{"topic":"interface.statistics","rule":"check-oper""#))
  }
}
