import TestSupport
import Testing

/// `hbcat demo` does what the commands that it shows would do.
@Suite struct DemoTests {
  private static let alarmTopic = NotifyTests.topic

  @Test func `the demo lists, raises, reads, clears and reads on a broker of its own`()
    async throws
  {
    let result = try await run([Places.hbcat, "demo"])
    #expect(result.status == 0, "\(result.stderr)")
    #expect(result.stdout.contains("  broker 1001 at 127.0.0.1:"))
    #expect(result.stdout.contains("  topic \"test\" with 1 partitions:\n"))
    let major = "Slave Clock is not Phase Aligned with the Master Clock - 2"
    let clear = "Slave Clock is Phase Aligned with the Master Clock"
    let lines = result.stdout.split(separator: "\n").filter { $0.hasPrefix("{") }
    #expect(
      lines.map { $0 + "\n" } == [
        Substring(NotifyTests.line("major", major)), Substring(NotifyTests.line("major", major)),
        Substring(NotifyTests.line("normal", clear)),
      ])
    #expect(
      result.stderr == """
        % Reached end of topic test [0] at offset 0: exiting
        % Reached end of topic \(Self.alarmTopic) [0] at offset 1: exiting
        % Reached end of topic \(Self.alarmTopic) [0] at offset 2: exiting

        """)
  }

  @Test func `another broker id and other topics change what the demo shows`() async throws {
    let result = try await run(
      [Places.hbcat, "demo", "--id", "7", "--topic", "alpha", "--topic", "beta"])
    #expect(result.status == 0, "\(result.stderr)")
    #expect(result.stdout.contains("(from broker 7: 127.0.0.1:"))
    #expect(result.stdout.contains("  broker 7 at 127.0.0.1:"))
    #expect(result.stdout.contains("    partition 0, leader 7, replicas: 7, isrs: 7\n"))
    #expect(result.stdout.contains("  topic \"alpha\" with 1 partitions:\n"))
    #expect(result.stdout.contains("  topic \"beta\" with 1 partitions:\n"))
    #expect(!result.stdout.contains("\"test\""))
    #expect(result.stderr.contains("% Reached end of topic alpha [0] at offset 0: exiting\n"))
    #expect(result.stderr.contains("% Reached end of topic beta [0] at offset 0: exiting\n"))
  }

  @Test func `each step shows the command that a user would type`() async throws {
    let result = try await run([Places.hbcat, "demo"])
    let commands = result.stdout.split(separator: "\n").filter { $0.hasPrefix("$ hbcat ") }
    #expect(commands.count == 6)
    // The commands work as they stand, against a broker that a user starts.
    try await BrokerFixture.with(["--topic", "test:1:1"]) { bootstrap in
      for command in commands {
        let typed = command.dropFirst("$ hbcat ".count)
        let address = try #require(
          typed.split(separator: " ").first { $0.hasPrefix("127.0.0.1:") })
        let line = "'\(Places.hbcat)' " + typed.replacing(address, with: bootstrap)
        let step = try await run(["sh", "-c", line])
        #expect(step.status == 0, "\(command): \(step.stderr)")
      }
      let read = try await run(
        [Places.hbcat, "-b", bootstrap, "-C", "-t", Self.alarmTopic, "-e", "-q"])
      #expect(read.stdout.split(separator: "\n").count == 2)
    }
  }
}
