import TestSupport
import Testing

/// What `-X` says of itself.
@Suite struct PropertyInteropTests {
  @Test func `-v says which properties do nothing in this role`() async throws {
    try await BrokerFixture.with(["--topic", "t:1:1"]) { bootstrap in
      let result = try await run(
        [Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-e", "-v", "-X", "linger.ms=3"])
      #expect(result.status == 0)
      #expect(
        result.stderr.contains("queue.buffering.max.ms is a producer property and will be ignored"))
    }
  }

  @Test func `an unknown property names the nearest that there is`() async throws {
    let result = try await run([Places.hbcat, "-b", "x", "-L", "-X", "compression.codek=lz4"])
    #expect(result.status == 1)
    #expect(
      result.stderr
        == "% ERROR: No such configuration property: \"compression.codek\" (did you mean compression.codec?)\n"
    )
  }
}
