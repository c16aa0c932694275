import TestSupport
import Testing

/// `-s` on records that do not fit it.
@Suite struct PackFormatInteropTests {
  @Test func `with -E a record that is too short is left out, and only that one`() async throws {
    try await BrokerFixture.with(["--topic", "t:1:1"]) { bootstrap in
      let sent = try await run(
        [Places.hbcat, "-b", bootstrap, "-P", "-t", "t"], input: Array("ABCD\nA\nEFGH\n".utf8))
      #expect(sent.status == 0)
      let read = try await run(
        [Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-e", "-E", "-s", "value=>HH"])
      #expect(read.stdout == "1670617220\n1773418248\n")
      #expect(read.stderr.contains("t [0] at offset 1"))
      let strict = try await run(
        [Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-e", "-s", "value=>HH"])
      #expect(strict.status == 1)
      #expect(strict.stdout == "1670617220\n")
    }
  }
}
