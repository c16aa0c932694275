import TestSupport
import Testing

/// A standard output that takes nothing, or leaves.
@Suite struct OutputFailureTests {
  private static func filled(_ body: (String) async throws -> Void) async throws {
    try await BrokerFixture.with(["--topic", "t:1:1"]) { bootstrap in
      let sent = try await run(
        [Places.hbcat, "-b", bootstrap, "-P", "-t", "t"], input: Bench.lines(20_000))
      #expect(sent.status == 0)
      try await body(bootstrap)
    }
  }

  private static func shell(_ command: String, _ bootstrap: String) async throws -> CommandResult {
    try await run(["sh", "-c", command, Places.hbcat, bootstrap])
  }

  @Test(arguments: ["-e", "-c 3", "-e -u"])
  func `F72: a full disk is an error that names the first record not written`(
    _ options: String
  ) async throws {
    try await Self.filled { bootstrap in
      let result = try await Self.shell("$0 -b $1 -C -t t \(options) >/dev/full", bootstrap)
      #expect(result.status == 1)
      #expect(result.stderr.contains("No space left on device"))
      #expect(result.stderr.contains("t [0] at offset 0"))
    }
  }

  @Test func `F71: a reader that leaves is a quiet end`() async throws {
    try await Self.filled { bootstrap in
      let result = try await Self.shell(
        "{ $0 -b $1 -C -t t; echo $? >&2; } | head -n 1", bootstrap)
      #expect(result.stdout.hasPrefix("{\"line\": 0,"))
      #expect(result.stderr == "0\n")
    }
  }

  @Test func `a listing that cannot be written is an error`() async throws {
    try await Self.filled { bootstrap in
      let result = try await Self.shell("$0 -b $1 -L >/dev/full", bootstrap)
      #expect(result.status == 1)
      #expect(result.stderr.contains("No space left on device"))
    }
  }
}
