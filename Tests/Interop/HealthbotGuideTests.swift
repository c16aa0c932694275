import Glibc
import TestSupport
import Testing

/// The whole course of Healthbot's Kafka guide, as `Tests/Examples/healthbot-guide.sh` goes through it.
@Suite struct HealthbotGuideTests {
  private func goThrough(_ broker: String) async throws {
    let web = NotifyWebTests.Web()
    let guide = try await run(
      ["sh", Places.package + "/Tests/Examples/healthbot-guide.sh"],
      environment: ["HBCAT": Places.hbcat, "BROKER": broker, "HOOK": web.server.url])
    #expect(guide.status == 0, "\(guide.stderr)")
    let parts = guide.stdout.components(between: "\n# ")
    try #require(parts.count == 7, "\(guide.stdout)")
    #expect(parts[1].contains(" 0 topics:"), "\(parts[1])")
    #expect(parts[2].hasSuffix("\nHello from Kafka\n"))
    #expect(parts[4] == "The lock is there from the beginning: no news\n")
    let major = NotifyTests.line(
      "major", "Slave Clock is not Phase Aligned with the Master Clock - 2")
    let normal = NotifyTests.line("normal", "Slave Clock is Phase Aligned with the Master Clock")
    #expect(parts[5] == "The major alarm, and what the automatic topic has\n" + major)
    #expect(parts[6] == "The clear\n" + normal)
    #expect(web.bodies("/hook").map { $0 + "\n" } == [major, normal])
    for path in ["/slack", "/teams"] {
      let bodies = web.bodies(path)
      try #require(bodies.count == 2)
      #expect(bodies[0].contains("MAJOR mx960-1: ptp-lock-status"))
      #expect(bodies[1].contains("NORMAL mx960-1: ptp-lock-status"))
    }
  }

  @Test func `the guide's course on the embedded broker`() async throws {
    try await BrokerFixture.with { try await goThrough($0) }
  }

  @Test(.enabled(if: RealKafka.isAvailable, "\(RealKafka.need)"))
  func `the guide's course on Kafka, and the spool while Kafka is down`() async throws {
    try await RealKafka.with("4.3.1") { kafka in
      try await goThrough(kafka.bootstrap)
      try await survive(kafka)
    }
  }

  /// Kafka is down and the webhook answers 503; afterwards both get all in order, and Slack nothing twice.
  private func survive(_ kafka: RealKafka) async throws {
    let web = NotifyWebTests.Web(down: ["/hook"])
    let topic = "survived"
    let config = try NotifyConfigTests.configuration(
      """
      notification:
        - {notification-name: kafka, kafka-publish: {bootstrap-servers: ["\(kafka.bootstrap)"], topic: \(topic)}}
        - {notification-name: hook, http-post: {url: "\(web.server.url)/hook"}}
        - {notification-name: chat, slack: {url: "\(web.server.url)/slack", channel: "#noc"}}
      device-group:
        - {device-group-name: ptp, notification: {major: [kafka, hook, chat], normal: [kafka, hook, chat]}}
      """)
    let folder = Places.temporaryFolder()
    func send(_ severity: String, _ message: String) async throws -> CommandResult {
      try await run(
        [
          Places.hbcat, "notify", "--config", config, "--spool", folder, "--state",
          folder + "/state", "-m", "2",
        ], input: Array(NotifyTests.line(severity, message).utf8))
    }
    try await kafka.node(1001, "stop")
    for (severity, message) in [("major", "1"), ("normal", "2"), ("major", "3")] {
      let kept = try await send(severity, message)
      #expect(kept.status == 1)
      for name in ["kafka", "hook"] {
        #expect(
          kept.stderr.contains("notification \(name): 0 delivered, 1 kept in the spool"),
          "\(kept.stderr)")
      }
    }
    let tries = web.bodies("/hook").count
    web.mend()
    try await kafka.node(1001, "start")
    let sent = try await send("normal", "4")
    #expect(sent.status == 0, "\(sent.stderr)")
    let all = [("major", "1"), ("normal", "2"), ("major", "3"), ("normal", "4")].map {
      NotifyTests.line($0.0, $0.1)
    }
    let read = try await run([
      Places.hbcat, "-b", kafka.bootstrap, "-C", "-t", topic, "-e", "-q",
    ])
    #expect(read.stdout == all.joined())
    #expect(web.bodies("/hook").dropFirst(tries).map { $0 + "\n" } == all)
    #expect(web.bodies("/slack").count == 4)
  }
}

extension String {
  /// The pieces between a separator, the first one before it.
  fileprivate func components(between separator: String) -> [String] {
    ("\n" + self).split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
  }
}
