import TestSupport
import Testing

/// What the demo prints is what its commands print.
@Suite(.serialized) struct DemoCommandTests {
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

  @Test func `each command that it shows prints the same when a user types it`() async throws {
    let demo = try await run(
      [Places.hbcat, "demo", "--id", "42", "--topic", "mine"], within: 30)
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
