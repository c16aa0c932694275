import TestSupport
import Testing

/// Many partitions at once, within a small budget.
@Suite(.serialized) struct PartitionsTests {
  @Test func `500 partitions, keyed, with a budget of 2 MiB, all progress`() async throws {
    try await BrokerFixture.with(["--topic", "many:500:1"]) { bootstrap in
      try await Self.exchange(bootstrap)
    }
  }

  @Test(.enabled(if: RealKafka.isAvailable, "needs ../shared/kafka, java and python3"))
  func `500 partitions, keyed, with a budget of 2 MiB, all progress on Kafka`() async throws {
    try await RealKafka.with("4.3.1", topics: ["many:500"]) { cluster in
      try await Self.exchange(cluster.bootstrap)
    }
  }

  static func exchange(_ bootstrap: String) async throws {
    let count = 50_000
    var input: [UInt8] = []
    for number in 0..<count { input += Array("key-\(number):value \(number)\n".utf8) }
    let sent = try await run(
      [
        Places.hbcat, "-b", bootstrap, "-P", "-t", "many", "-K:", "-X",
        "queue.buffering.max.kbytes=2048",
      ], input: input)
    #expect(sent.status == 0, "\(sent.stderr)")
    let read = try await run(
      [Places.hbcat, "-b", bootstrap, "-C", "-t", "many", "-e", "-K:"])
    #expect(read.status == 0)
    // Order holds within a partition only.
    let lines = read.stdout.split(separator: "\n").map(String.init)
    let expected = String(decoding: input, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines.sorted() == expected.sorted())
    let ends = read.stderr.split(separator: "\n").filter { $0.hasPrefix("% Reached end of") }
    #expect(ends.count == 500)
  }
}
