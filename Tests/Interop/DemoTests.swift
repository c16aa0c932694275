import TestSupport
import Testing

/// The demo is made by its commands: other names give another output.
@Suite(.serialized) struct DemoTests {
  private static func demo(_ arguments: String...) async throws -> CommandResult {
    try await run([Places.hbcat, "demo"] + arguments, within: 30)
  }

  /// The commands that it shows, as a shell reads them.
  private static func commands(_ output: String) -> [String] {
    output.split(separator: "\n").filter { $0.hasPrefix("$ ") }.map { String($0.dropFirst(2)) }
  }

  /// What a command printed, and the title above it left off.
  private static func outputs(_ output: String) -> [String] {
    output.split(separator: "\n", omittingEmptySubsequences: false)
      .split { $0.hasPrefix("$ ") }.dropFirst()
      .map { lines in
        lines.filter { !$0.hasPrefix("# ") && !$0.isEmpty }.map { $0 + "\n" }.joined()
      }
  }

  @Test func `the demo lists, raises, shows, clears and shows`() async throws {
    let result = try await Self.demo()
    #expect(result.status == 0, "\(result.stderr)")
    let commands = Self.commands(result.stdout)
    #expect(commands.count == 6)
    #expect(commands[0].hasSuffix("-L"))
    #expect(commands[2].contains("--severity major"))
    #expect(commands[4].contains("--severity normal"))
    let outputs = Self.outputs(result.stdout)
    #expect(outputs[0].contains("broker 1001 at 127.0.0.1:"))
    #expect(outputs[0].contains("topic \"test\" with 1 partitions:"))
    #expect(outputs[1] == "")
    let alarm = NotifyTests.line(
      "major", "Slave Clock is not Phase Aligned with the Master Clock - 2")
    #expect(outputs[3] == alarm)
    #expect(outputs[5].hasPrefix(alarm))
    #expect(outputs[5].dropFirst(alarm.count).contains("\"severity\": \"normal\""))
  }

  @Test func `another broker id and other topics change what it prints`() async throws {
    let result = try await Self.demo("--id", "7", "--topic", "alpha", "--topic", "beta")
    #expect(result.status == 0, "\(result.stderr)")
    let list = try #require(Self.outputs(result.stdout).first)
    #expect(list.contains("(from broker 7: "))
    #expect(list.contains("  broker 7 at 127.0.0.1:"))
    #expect(list.contains("partition 0, leader 7, replicas: 7, isrs: 7"))
    #expect(list.contains("topic \"alpha\" with 1 partitions:"))
    #expect(list.contains("topic \"beta\" with 1 partitions:"))
    #expect(!list.contains("1001") && !list.contains("\"test\""))
    #expect(result.stderr.contains("Reached end of topic alpha [0] at offset 0"))
    #expect(result.stderr.contains("Reached end of topic beta [0] at offset 0"))
    #expect(!result.stderr.contains("topic test "))
  }

  @Test func `each command that it shows prints the same when a user types it`() async throws {
    let demo = try await Self.demo("--id", "42", "--topic", "mine")
    let commands = Self.commands(demo.stdout)
    let shown = Self.outputs(demo.stdout)
    let word = try #require(
      commands.first?.split(separator: " ").first { $0.hasPrefix("127.0.0.1:") }.map(String.init))
    try await BrokerFixture.with(["--id", "42", "--topic", "mine"]) { bootstrap in
      for (command, output) in zip(commands, shown) {
        let mine = command.replacing(word, with: bootstrap)
        let typed = try await run(
          ["bash", "-c", "hbcat() { \(Places.hbcat) \"$@\"; }; \(mine)"])
        #expect(typed.status == 0, "\(mine): \(typed.stderr)")
        #expect(typed.stdout.replacing(bootstrap, with: word) == output, "\(mine)")
      }
    }
  }
}
