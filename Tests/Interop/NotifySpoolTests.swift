import Glibc
import TestSupport
import Testing

/// What goes into the spool and out of it when things go wrong, as the built program does it.
@Suite(.serialized) struct NotifySpoolTests {
  private let spool = Places.temporaryFolder()

  func notify(_ arguments: [String], input: String = "") async throws -> CommandResult {
    try await run(
      [Places.hbcat, "notify", "--spool", spool] + arguments, input: Array(input.utf8))
  }

  /// The messages of the alarms that a topic has.
  private func messages(_ broker: String, _ topic: String) async throws -> [String] {
    let read = try await run([Places.hbcat, "-b", broker, "-C", "-t", topic, "-e", "-q"])
    return messages(of: read.stdout)
  }

  private func messages(of text: String) -> [String] {
    text.split(separator: "\n").compactMap { (line: Substring) -> String? in
      guard let name = line.firstRange(of: "\"message\": \"") else { return nil }
      return String(line[name.upperBound...].prefix { $0 != "\"" })
    }
  }

  private func kept(_ notification: String) -> [String] {
    let bytes = Places.contents("\(spool)/\(notification).spool") ?? []
    return messages(of: String(decoding: bytes, as: UTF8.self))
  }

  /// A notification for a chat and one for Kafka, both for majors.
  private func chatAndKafka(_ url: String, _ broker: String) throws -> String {
    try NotifyConfigTests.configuration(
      """
      notification:
        - {notification-name: chat, slack: {url: "\(url)/slack", channel: "#noc"}}
        - {notification-name: kafka, kafka-publish: {bootstrap-servers: ["\(broker)"], topic: all}}
      device-group:
        - {device-group-name: ptp, notification: {major: [chat, kafka]}}
      """)
  }

  @Test func `a chat that is slow does not hold up Kafka, and nothing of the storm is lost`()
    async throws
  {
    let web = NotifyWebTests.Web()
    try await BrokerFixture.with { broker in
      let config = try chatAndKafka(web.server.url, broker)
      let sender = try Child(
        [Places.hbcat, "notify", "--config", config, "--spool", spool])
      let all = (0..<1300).map { "\($0)" }
      await sender.write(all.map { NotifyTests.line("major", $0) }.joined())
      #expect(await eventually { kept("chat").count > 200 })
      #expect(try await messages(broker, "all") == all)
      sender.signal(SIGTERM)
      let end = await sender.end(within: 30)
      #expect(end.status == 1)
      #expect(messages(of: web.bodies("/slack").joined(separator: "\n")).isEmpty)
      #expect(web.bodies("/slack").count + kept("chat").count == all.count, "\(end.stderr)")
    }
  }

  @Test func `an alarm of one call does not wait for what is kept for another way`() async throws {
    let silent = WebServer { _ in nil }
    try await BrokerFixture.with { broker in
      let config = try chatAndKafka(silent.url, broker)
      let file = try #require(fopen("\(spool)/chat.spool", "w"))
      let alarm = NotifyTests.line("major", "1").dropLast()
      fputs("{\"alarms\": [\(alarm)], \"time\": 1, \"to\": \"slack\"}\n", file)
      fclose(file)
      let sender = try Child(
        [Places.hbcat, "notify", "--config", config, "--spool", spool] + NotifyConfigTests.alarm
          + ["--severity", "major"])
      #expect(await eventually { silent.requests.count == 1 })
      #expect(try await messages(broker, "all") == ["m"])
      #expect(sender.status == nil)
      // What is new waits behind what is kept.
      #expect(kept("chat") == ["1", "m"])
      sender.signal(SIGKILL)
      _ = await sender.end(within: 10)
    }
  }

  @Test func `a cluster that is dead does not hold up one that lives`() async throws {
    let silent = WebServer { _ in nil }
    try await BrokerFixture.with(["--topic", "all"]) { broker in
      let dead = silent.url.trimmingPrefix("http://")
      let config = try NotifyConfigTests.configuration(
        """
        notification:
          - {notification-name: dead, kafka-publish: {bootstrap-servers: ["\(dead)"], topic: all}}
          - {notification-name: live, kafka-publish: {bootstrap-servers: ["\(broker)"], topic: all}}
        device-group:
          - {device-group-name: ptp, notification: {major: [dead, live], minor: [dead, live]}}
        """)
      let sender = try Child([
        Places.hbcat, "notify", "--config", config, "--spool", spool, "-m", "5",
      ])
      let follower = try Child([Places.hbcat, "-b", broker, "-C", "-t", "all", "-u", "-q"])
      await sender.write(NotifyTests.line("major", "1"))
      #expect(await eventually { follower.stdout.contains("\"1\"") })
      // Longer than a cluster that failed is left alone: now it is tried again, beside the stream.
      try await Task.sleep(for: .seconds(16))
      await sender.write(NotifyTests.line("minor", "2"))
      #expect(await eventually(within: 2) { follower.stdout.contains("\"2\"") })
      sender.closeInput()
      let end = await sender.end(within: 30)
      #expect(end.status == 1)
      #expect(end.stderr.contains("notification dead: 0 delivered, 2 kept in the spool"))
      #expect(kept("dead") == ["1", "2"])
      follower.signal(SIGTERM)
      _ = await follower.end(within: 10)
    }
  }

  @Test func `what was read when the end was asked for is kept`() async throws {
    let silent = WebServer { _ in nil }
    let sender = try Child([
      Places.hbcat, "notify", "-b", String(silent.url.trimmingPrefix("http://")), "--spool", spool,
      "-m", "60",
    ])
    let lines = ["1", "2", "3"]
    await sender.write(lines.map { NotifyTests.line("major", $0) }.joined())
    #expect(await eventually { silent.connectionCount > 0 })
    sender.signal(SIGTERM)
    let end = await sender.end(within: 30)
    #expect(end.status == 1)
    #expect(kept("kafka") == lines)
    #expect(end.stderr.hasSuffix("% 0 messages delivered, 3 kept in the spool\n"), "\(end.stderr)")
  }

  @Test func `nothing overtakes what another process is about to send`() async throws {
    try await BrokerFixture.with { broker in
      let dead = try await notify(
        ["-b", "127.0.0.1:1", "-m", "1"], input: NotifyTests.line("major", "1"))
      #expect(dead.status == 1)
      let lock = open("\(spool)/kafka.spool.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      #expect(flock(lock, LOCK_EX) == 0)
      let second = try await notify(["-b", broker], input: NotifyTests.line("normal", "2"))
      close(lock)
      #expect(second.status == 1)
      #expect(kept("kafka") == ["1", "2"])
      let third = try await notify(["-b", broker], input: NotifyTests.line("major", "3"))
      #expect(third.status == 0, "\(third.stderr)")
      #expect(
        try await messages(broker, "ptp.mx960-1.protocol.ptp.ptp-lock-status.ptp-lock-status")
          == ["1", "2", "3"])
    }
  }

  @Test func `two notifications with one cluster have their alarms in files of their own`()
    async throws
  {
    func configuration(_ names: [String], _ broker: String) throws -> String {
      let all = names.map {
        "  - {notification-name: \($0), kafka-publish: {bootstrap-servers: [\"\(broker)\"], topic: \($0)}}\n"
      }
      return try NotifyConfigTests.configuration(
        "notification:\n\(all.joined())device-group:\n"
          + "  - {device-group-name: ptp, notification: {major: [\(names.joined(separator: ","))]}}\n"
      )
    }
    try await BrokerFixture.with(["--fault", "produce:error=NOT_ENOUGH_REPLICAS*1000000"]) {
      broker in
      let sent = try await notify(
        ["--config", try configuration(["a", "b"], broker), "-X", "message.timeout.ms=300"],
        input: NotifyTests.line("major", "1"))
      #expect(sent.stderr.contains("notification a: 0 delivered, 1 kept in the spool"))
      #expect(sent.stderr.contains("notification b: 0 delivered, 1 kept in the spool"))
    }
    // One of them is gone, the other's alarms go on.
    try await BrokerFixture.with { broker in
      let sent = try await notify(
        ["--config", try configuration(["b"], broker), "-v"], input: NotifyTests.line("major", "2"))
      #expect(sent.stderr.contains("notification b: 2 delivered"), "\(sent.stderr)")
      #expect(try await messages(broker, "b") == ["1", "2"])
      #expect(kept("a") == ["1"])
    }
  }

  @Test func `topics that nobody creates are waited for once`() async throws {
    try await BrokerFixture.with(["--no-auto-create"]) { broker in
      let lines = (0..<8).map {
        NotifyTests.line("major", "\($0)").replacing("mx960-1", with: "mx960-\($0)")
      }.joined()
      let clock = ContinuousClock()
      let start = clock.now
      let sent = try await notify(["-b", broker], input: lines)
      // Eight times the wait for the first would be 36 s.
      #expect(clock.now - start < .seconds(15))
      #expect(sent.status == 1)
      #expect(kept("kafka").count == 8)
    }
  }

  @Test(arguments: [250, 400])
  func `a cluster that is slow and lacks a topic is not taken for one out of reach`(
    _ delayMs: Int
  ) async throws {
    // The last question of those that fit into 0.9 s has no time for its answer.
    let arguments = ["--no-auto-create", "--fault", "metadata:delay=\(delayMs)ms*1000"]
    try await BrokerFixture.with(arguments) { broker in
      let sent = try await run(
        [Places.hbcat, "notify", "-b", broker, "-m", "1"],
        input: Array(NotifyTests.line("major", "1").utf8))
      #expect(sent.status == 1)
      #expect(sent.stderr.contains("give --create-topics, or create it first"), "\(sent.stderr)")
    }
  }

  @Test func `a spool file that is none does not stop the others`() async throws {
    let web = NotifyWebTests.Web(down: ["/hook"])
    let config = try NotifyWebTests.configuration(web.server.url)
    _ = try await notify(["--config", config], input: NotifyTests.line("major", "1"))
    #expect(kept("hook") == ["1"])
    #expect(mkdir("\(spool)/chat.spool", 0o700) == 0)
    web.mend()
    let sent = try await notify(["--config", config], input: NotifyTests.line("major", "2"))
    #expect(sent.status == 1)
    #expect(sent.stderr.contains("chat.spool"), "\(sent.stderr)")
    #expect(kept("hook") == [])
    // Nothing can be kept for the chat, so what is new goes out at once.
    #expect(web.bodies("/slack").count == 2)
    #expect(messages(of: web.bodies("/hook").joined(separator: "\n")).suffix(2) == ["1", "2"])
  }

  @Test func `what does not fit on the disk is said, and leaves no half line behind`() async throws
  {
    // A limit on the size of files stands for the full disk: it is in blocks of 512 bytes.
    let lines = (0..<20).map { NotifyTests.line("major", "\($0)") }.joined()
    let sent = try await run(
      [
        "/bin/sh", "-c",
        "trap '' XFSZ; ulimit -f 4; exec \(Places.hbcat) notify -b 127.0.0.1:1 -m 1 --spool \(spool)",
      ], input: Array(lines.utf8))
    #expect(sent.status == 1)
    #expect(sent.stderr.contains("20 alarms are not kept: cannot write"), "\(sent.stderr)")
    #expect(Places.contents("\(spool)/kafka.spool") == [])
  }

  @Test(
    .enabled("needs a file system of its own") {
      guard Places.has("unshare") else { return false }
      return try await run(["unshare", "-rm", "true"]).status == 0
    })
  func `on a full disk what was sent is taken out of the spool all the same`() async throws {
    let lines = (0..<40).map { NotifyTests.line("major", "\($0)") }.joined()
    _ = try await notify(["-b", "127.0.0.1:1", "-m", "1"], input: lines)
    #expect(kept("kafka").count == 40)
    let disk = "\(spool)/small"
    try #require(mkdir(disk, 0o700) == 0)
    try await BrokerFixture.with { broker in
      // The last one stays, since its topic has no name.
      let sent = try await run([
        "unshare", "-rm", "/bin/sh", "-c",
        """
        mount -t tmpfs -o size=32k tmpfs \(disk) || exit 9
        sed '$s/"topic": "ptp[^"]*"}$/"topic": "a b"}/' \(spool)/kafka.spool >\(disk)/kafka.spool
        : >\(disk)/kafka.spool.lock
        dd if=/dev/zero of=\(disk)/filler bs=1k 2>/dev/null
        \(Places.hbcat) notify -b \(broker) --spool \(disk) </dev/null
        cat \(disk)/kafka.spool
        """,
      ])
      #expect(messages(of: sent.stdout) == ["39"], "\(sent.stderr)")
      #expect(
        try await messages(broker, "ptp.mx960-1.protocol.ptp.ptp-lock-status.ptp-lock-status")
          == (0..<39).map { "\($0)" })
    }
  }
}
