import TestSupport
import Testing

/// What goes wrong on the way ends in one clear line, by the embedded broker's fault rules.
@Suite struct FaultInteropTests {
  private static func consume(fault: String, isQuiet: Bool = true) async throws -> CommandResult {
    try await BrokerFixture.with(["--topic", "t:1:1", "--fault", fault]) { bootstrap in
      let sent = try await run(
        [Places.hbcat, "-b", bootstrap, "-P", "-t", "t"], input: Bench.lines(2000))
      #expect(sent.status == 0, "\(sent.stderr)")
      return try await run(
        [Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-e"] + (isQuiet ? ["-q"] : []))
    }
  }

  @Test func `F57: a flipped byte is a bad CRC, named with topic, partition and offset`()
    async throws
  {
    let result = try await Self.consume(fault: "fetch:flip=300*2")
    #expect(result.status == 1)
    #expect(result.stderr.hasPrefix("% ERROR: Topic t [0] error: batch at offset 0: CRC is 0x"))
    #expect(result.stdout == "")
  }

  @Test func `F57: a batch that is broken once is fetched again, and the rest with it`()
    async throws
  {
    let result = try await Self.consume(fault: "fetch:flip=300", isQuiet: false)
    #expect(result.status == 0, "\(result.stderr)")
    #expect(result.stderr.contains("t [0]: batch at offset 0: CRC is 0x"), "\(result.stderr)")
    #expect(result.stderr.contains("fetching it again from offset 0"))
    #expect(result.stdoutBytes == Bench.lines(2000))
  }

  @Test(arguments: [
    "fetch:cut=1000", "fetch:disconnect=before", "fetch:error=NOT_LEADER_OR_FOLLOWER",
  ])
  func `F5, F30: a torn response, a lost connection or a moved leader lose nothing`(
    _ fault: String
  ) async throws {
    let result = try await Self.consume(fault: fault)
    #expect(result.status == 0, "\(result.stderr)")
    #expect(result.stdoutBytes == Bench.lines(2000))
  }

  @Test(arguments: [
    "produce:error=NOT_LEADER_OR_FOLLOWER*2", "produce:disconnect=before",
    "produce:disconnect=after",
    "produce:cut=10", "metadata:error=LEADER_NOT_AVAILABLE*2",
  ])
  func `F1, F21, F31: what a producer can mend it mends, once and in order`(
    _ fault: String
  ) async throws {
    let result = try await Self.consume(fault: fault)
    #expect(result.status == 0, "\(result.stderr)")
    #expect(result.stdoutBytes == Bench.lines(2000))
  }

  @Test func `F40: an error that stays fails every message and the exit code`() async throws {
    try await BrokerFixture.with(
      ["--topic", "t:1:1", "--fault", "produce:error=TOPIC_AUTHORIZATION_FAILED*100"]
    ) { bootstrap in
      let sent = try await run(
        [Places.hbcat, "-b", bootstrap, "-P", "-t", "t"], input: Array("a\nb\n".utf8))
      #expect(sent.status == 1)
      #expect(
        sent.stderr.hasPrefix(
          "% Delivery failed for message: Broker: Topic authorization failed"))
      #expect(sent.stderr.contains("0 messages delivered, 2 not delivered"))
    }
  }
}
