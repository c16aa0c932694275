import TestSupport
import Testing

/// What happens to a consumer while the cluster changes under it, on the embedded broker.
@Suite struct FetchingTests {
  /// Three brokers and topic `t`, of one partition with two replicas unless told otherwise.
  private func with(
    _ topic: String = "t:1:2", _ more: String..., body: (BrokerFixture) async throws -> Void
  ) async throws {
    let broker = try await BrokerFixture(["--brokers", "3", "--topic", topic] + more)
    let result: Result<Void, any Error>
    do { result = .success(try await body(broker)) } catch { result = .failure(error) }
    await broker.stop()
    try result.get()
  }

  @Test func `F60: what a new leader lacks is reported, and reading goes on where its log ends`()
    async throws
  {
    try await with { broker in
      let first = try await send(0..<10, to: "t", at: broker.bootstrap)
      let lost = try await send(10..<20, to: "t", at: broker.bootstrap)
      let follower = try Follower(broker.bootstrap, "-t", "t")
      #expect(await follower.printed(first + lost))
      try await broker.say("truncate t 0 10")
      let next = try await send(20..<25, to: "t", at: broker.bootstrap)
      #expect(await follower.printed(first + lost + next))
      let end = await follower.end()
      #expect(
        end.stderr.contains(
          "t [0]: log truncation: offsets 10 to 19 were read and are no longer in the log"),
        "\(end.stderr)")
      #expect(end.stderr.contains("reading on at offset 10"))
    }
  }

  @Test func `F60: with auto.offset.reset=error a truncated log is an error`() async throws {
    try await with { broker in
      try await send(0..<10, to: "t", at: broker.bootstrap)
      try await send(10..<20, to: "t", at: broker.bootstrap)
      let follower = try Follower(broker.bootstrap, "-t", "t", "-X", "auto.offset.reset=error")
      #expect(await eventually { follower.child.stdout.hasSuffix("line 19\n") })
      try await broker.say("truncate t 0 10")
      let end = await follower.child.end(within: 20)
      #expect(end.status == 1)
      #expect(end.stderr.contains("offsets 10 to 19 were read"), "\(end.stderr)")
    }
  }

  @Test func `F2, F30: a leader that moves, and moves back, costs nothing and says nothing`()
    async throws
  {
    try await with { broker in
      var all = try await send(0..<10, to: "t", at: broker.bootstrap)
      let follower = try Follower(broker.bootstrap, "-t", "t", "-q")
      #expect(await follower.printed(all))
      for (number, leader) in [1002, 1001, 1002].enumerated() {
        try await broker.say("leader t 0 \(leader)")
        let from = (number + 1) * 10
        all += try await send(from..<from + 10, to: "t", at: broker.bootstrap)
        #expect(await follower.printed(all))
      }
      #expect(await follower.end().stderr == "")
    }
  }

  @Test func `F2: a leader that goes away hands over to a replica`() async throws {
    try await with { broker in
      let first = try await send(0..<10, to: "t", at: broker.bootstrap)
      let follower = try Follower(broker.bootstrap, "-t", "t")
      #expect(await follower.printed(first))
      try await broker.say("down 1001")
      try await broker.say("up 1001")
      let next = try await send(10..<20, to: "t", at: broker.bootstrap)
      #expect(await follower.printed(first + next))
      _ = await follower.end()
    }
  }

  @Test func `F61: the near replica is read from, and when it dies the leader is`() async throws {
    try await with { broker in
      let first = try await send(0..<10, to: "t", at: broker.bootstrap)
      try await broker.say("replica t 0 1002")
      let follower = try Follower(
        broker.bootstrap, "-t", "t", "-J", "-X", "client.rack=here")
      #expect(await eventually { follower.child.stdout.contains("\"payload\":\"line 9\"") })
      #expect(follower.child.stdout.split(separator: "\n").count == 10)
      #expect(!follower.child.stdout.contains("\"broker\":1001"), "\(follower.child.stdout)")
      #expect(first.hasSuffix("line 9\n"))
      try await broker.say("down 1002")
      try await send(10..<20, to: "t", at: broker.bootstrap)
      #expect(await eventually { follower.child.stdout.contains("\"payload\":\"line 19\"") })
      let end = await follower.end()
      #expect(end.stdout.split(separator: "\n").count == 20)
      #expect(
        end.stdout.split(separator: "\n").suffix(10).allSatisfy { $0.contains("\"broker\":1001") })
    }
  }

  @Test func `F61: without client.rack the leader is read from`() async throws {
    try await with { broker in
      try await send(0..<10, to: "t", at: broker.bootstrap)
      try await broker.say("replica t 0 1002")
      let read = try await run([
        Places.hbcat, "-b", broker.bootstrap, "-C", "-t", "t", "-e", "-J",
      ])
      #expect(read.stdout.split(separator: "\n").count == 10)
      #expect(!read.stdout.contains("\"broker\":1002"))
    }
  }

  @Test(arguments: ["FETCH_SESSION_ID_NOT_FOUND", "INVALID_FETCH_SESSION_EPOCH"])
  func `F62: a lost session is opened anew, without a word`(_ code: String) async throws {
    try await with { broker in
      let first = try await send(0..<10, to: "t", at: broker.bootstrap)
      let follower = try Follower(broker.bootstrap, "-t", "t", "-q")
      #expect(await follower.printed(first))
      try await broker.say("fault fetch:error=\(code)*2")
      let next = try await send(10..<20, to: "t", at: broker.bootstrap)
      #expect(await follower.printed(first + next))
      #expect(await follower.end().stderr == "")
    }
  }

  @Test func `F42: a throttled consumer rests and then goes on`() async throws {
    try await with("t:1:1", "--fault", "fetch:throttle=700ms") { broker in
      let lines = try await send(0..<10, to: "t", at: broker.bootstrap)
      let start = ContinuousClock.now
      let follower = try Follower(broker.bootstrap, "-t", "t", "-q")
      #expect(await follower.printed(lines))
      let next = try await send(10..<20, to: "t", at: broker.bootstrap)
      #expect(await follower.printed(lines + next))
      #expect(ContinuousClock.now - start >= .milliseconds(700))
      #expect(await follower.end().stderr == "")
    }
  }

  @Test func `F24, F25: a topic that is deleted is reported, and read again once it is made anew`()
    async throws
  {
    try await with("t:1:1", "--no-auto-create") { broker in
      let first = try await send(0..<10, to: "t", at: broker.bootstrap)
      let follower = try Follower(broker.bootstrap, "-t", "t")
      #expect(await follower.printed(first))
      try await broker.say("delete-topic t")
      #expect(await follower.said("t [0]: Broker: Unknown topic or partition: waiting"))
      try await broker.say("create-topic t:1")
      let next = try await send(10..<13, to: "t", at: broker.bootstrap)
      #expect(await follower.printed(first + next))
      let end = await follower.end()
      #expect(
        end.stderr.contains(
          "t [0]: the topic was deleted and made anew (was at offset 10): reading the new one from"),
        "\(end.stderr)")
    }
  }

  @Test func `F24: with -e a topic that is deleted while it is read is an error`() async throws {
    try await with("t:2:1", "--no-auto-create") { broker in
      try await broker.say("leader t 1 none")
      let lines = try await send(0..<10, to: "t", at: broker.bootstrap)
      let follower = try Follower(broker.bootstrap, "-t", "t", "-e")
      #expect(await follower.printed(lines))
      try await broker.say("delete-topic t")
      let end = await follower.child.end(within: 20)
      #expect(end.status == 1)
      #expect(
        end.stderr.contains("% ERROR: Topic t [1] error: Broker: Unknown topic or partition"),
        "\(end.stderr)")
    }
  }

  @Test func `F26: a partition that the topic gets is read from its beginning`() async throws {
    try await with("t:1:1") { broker in
      let first = try await send(0..<10, to: "t", at: broker.bootstrap)
      let follower = try Follower(
        broker.bootstrap, "-t", "t", "-X", "topic.metadata.refresh.interval.ms=200")
      #expect(await follower.printed(first))
      try await broker.say("partitions t 2")
      let next = try await send(10..<13, to: "t", 1, at: broker.bootstrap)
      #expect(await follower.printed(first + next))
      #expect(
        await follower.end().stderr.contains(
          "Topic t has grown to 2 partitions: reading 1 from the beginning"))
    }
  }

  @Test func `F26: with -p the partitions that the topic gets are left alone`() async throws {
    try await with("t:1:1") { broker in
      let first = try await send(0..<10, to: "t", at: broker.bootstrap)
      let follower = try Follower(
        broker.bootstrap, "-t", "t", "-p", "0", "-X", "topic.metadata.refresh.interval.ms=200")
      #expect(await follower.printed(first))
      try await broker.say("partitions t 2")
      try await send(10..<13, to: "t", 1, at: broker.bootstrap)
      try await Task.sleep(for: .milliseconds(600))
      let next = try await send(13..<15, to: "t", 0, at: broker.bootstrap)
      #expect(await follower.printed(first + next))
      #expect(!(await follower.end().stderr.contains("has grown")))
    }
  }

  @Test func `F27: a partition without a leader waits, and the others go on`() async throws {
    try await with("t:2:1") { broker in
      try await broker.say("leader t 1 none")
      let zero = try await send(0..<10, to: "t", 0, at: broker.bootstrap)
      let listed = try await run([Places.hbcat, "-b", broker.bootstrap, "-L", "-t", "t"])
      #expect(listed.stdout.contains("partition 1, leader -1"), "\(listed.stdout)")
      let follower = try Follower(broker.bootstrap, "-t", "t", "-q")
      #expect(await follower.printed(zero))
      try await broker.say("leader t 1 1002")
      let one = try await send(10..<13, to: "t", 1, at: broker.bootstrap)
      #expect(await follower.printed(zero + one))
      _ = await follower.end()
    }
  }

  @Test func `F4: when all brokers are down kcat's words end the consumer, and with -E it goes on`()
    async throws
  {
    try await with("t:1:3") { broker in
      let first = try await send(0..<10, to: "t", at: broker.bootstrap)
      let strict = try Follower(broker.bootstrap, "-t", "t")
      let patient = try Follower(broker.bootstrap, "-t", "t", "-E")
      #expect(await strict.printed(first))
      #expect(await patient.printed(first))
      let third = try await Self.address(broker, 1003)
      // All but one are no reason to end.
      for id in [1001, 1002] { try await broker.say("down \(id)") }
      let next = try await send(10..<12, to: "t", at: third)
      #expect(await strict.printed(first + next))
      try await broker.say("down 1003")
      let end = await strict.child.end(within: 20)
      #expect(end.status == 1)
      #expect(end.stderr.contains("% ERROR: Local: All broker connections are down"))
      #expect(await patient.said("All broker connections are down"))
      for id in [1003, 1001] { try await broker.say("up \(id)") }
      let last = try await send(12..<14, to: "t", at: third)
      #expect(await patient.printed(first + next + last))
      let talk = await patient.end().stderr
      #expect(talk.split(separator: "\n").count { $0.contains("All broker conn") } == 1, "\(talk)")
    }
  }

  /// The address of a broker, as `-L` lists it.
  private static func address(_ broker: BrokerFixture, _ id: Int) async throws -> String {
    let listed = try await run([Places.hbcat, "-b", broker.bootstrap, "-L"])
    let row = listed.stdout.split(separator: "\n").first { $0.contains("broker \(id) at ") }
    return row.flatMap { $0.split(separator: " ").first { $0.contains(":") } }.map(String.init)
      ?? ""
  }

  @Test func `F13: an answer that never comes is asked for again after the timeout`() async throws {
    try await with("t:1:1") { broker in
      let first = try await send(0..<10, to: "t", at: broker.bootstrap)
      let follower = try Follower(
        broker.bootstrap, "-t", "t", "-X", "socket.timeout.ms=700", "-X", "fetch.wait.max.ms=100")
      #expect(await follower.printed(first))
      try await broker.say("fault fetch:no-reply")
      let next = try await send(10..<13, to: "t", at: broker.bootstrap)
      #expect(await follower.printed(first + next))
      _ = await follower.end()
    }
  }

  @Test func `F11: a slow broker is waited for`() async throws {
    try await with("t:1:1") { broker in
      let lines = try await send(0..<10, to: "t", at: broker.bootstrap)
      try await broker.say("fault any:delay=800ms*6")
      let read = try await run([
        Places.hbcat, "-b", broker.bootstrap, "-C", "-t", "t", "-e", "-q", "-m", "20",
      ])
      #expect(read.status == 0)
      #expect(read.stdout == lines)
      #expect(read.stderr == "")
    }
  }

  @Test func `F55: a fetch offset inside a batch leaves out what is before it`() async throws {
    try await with("t:1:1") { broker in
      try await send(0..<10, to: "t", at: broker.bootstrap)
      let read = try await run([
        Places.hbcat, "-b", broker.bootstrap, "-C", "-t", "t", "-e", "-q", "-o", "7",
      ])
      #expect(read.stdout == "line 7\nline 8\nline 9\n")
    }
  }

  @Test(arguments: [
    ("latest", "", "to END: fetch failed"), ("earliest", "line 0\n", "to BEGINNING: fetch failed"),
  ])
  func `F59: an offset that is not there goes by the policy, and is said`(
    _ policy: String, _ firstLine: String, _ words: String
  ) async throws {
    try await with("t:1:1") { broker in
      try await send(0..<10, to: "t", at: broker.bootstrap)
      let read = try await run([
        Places.hbcat, "-b", broker.bootstrap, "-C", "-t", "t", "-e", "-o", "1000", "-X",
        "auto.offset.reset=\(policy)",
      ])
      #expect(read.status == 0)
      #expect(read.stdout.hasPrefix(firstLine))
      #expect(read.stdout.isEmpty == firstLine.isEmpty)
      #expect(read.stderr.contains("t [0]: offset reset (at offset 1000"), "\(read.stderr)")
      #expect(read.stderr.contains(words))
    }
  }

  @Test func `F59: with auto.offset.reset=error an offset that is not there is an error`()
    async throws
  {
    try await with("t:1:1") { broker in
      let read = try await run([
        Places.hbcat, "-b", broker.bootstrap, "-C", "-t", "t", "-e", "-o", "5", "-X",
        "auto.offset.reset=error",
      ])
      #expect(read.status == 1)
      #expect(read.stderr.contains("on the broker: Broker: Offset out of range (broker 1001)\n"))
    }
  }

  @Test func `F63: an empty partition is at its end without a second Fetch`() async throws {
    try await with("t:3:1") { broker in
      let read = try await run([
        Places.hbcat, "-b", broker.bootstrap, "-C", "-t", "t", "-e", "-X",
        "fetch.wait.max.ms=30000",
      ])
      #expect(read.status == 0)
      #expect(read.stderr.contains("Reached end of topic t [2] at offset 0"))
      #expect(read.stderr.contains(": exiting"))
    }
  }

  @Test func `F64: more records than there are means all of them`() async throws {
    try await with("t:1:1") { broker in
      let lines = try await send(0..<10, to: "t", at: broker.bootstrap)
      for (count, expected) in [(500, lines), (2, "line 8\nline 9\n")] {
        let read = try await run([
          Places.hbcat, "-b", broker.bootstrap, "-C", "-t", "t", "-e", "-q", "-o", "-\(count)",
        ])
        #expect(read.stdout == expected)
      }
    }
  }

  @Test func `F23: consuming creates no topic`() async throws {
    try await with("t:1:1") { broker in
      let read = try await run([Places.hbcat, "-b", broker.bootstrap, "-C", "-t", "new", "-e"])
      #expect(read.status == 1)
      #expect(read.stderr.contains("Unknown topic or partition"))
      let listed = try await run([Places.hbcat, "-b", broker.bootstrap, "-L"])
      #expect(!listed.stdout.contains("\"new\""))
    }
  }

  @Test func `F28, F83: ten thousand partitions on one broker are read to their ends`() async throws
  {
    try await BrokerFixture.with(["--topic", "t:10000:1"]) { bootstrap in
      let lines = try await send(0..<10, to: "t", 9999, at: bootstrap)
      let read = try await run([Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-e", "-q"])
      #expect(read.status == 0, "\(read.stderr)")
      #expect(read.stdout == lines)
    }
  }
}
