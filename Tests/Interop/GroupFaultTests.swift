import Glibc
import TestSupport
import Testing

/// What a coordinator may answer, by the embedded broker's fault rules: nothing is lost.
@Suite struct GroupFaultTests {
  private static let options = [
    "-X", "auto.offset.reset=earliest", "-X", "auto.commit.interval.ms=100", "-u",
  ]
  private static let classic = [
    "-X", "session.timeout.ms=6000", "-X", "heartbeat.interval.ms=100",
  ]

  private static func numbers(_ output: String) -> [Int] {
    output.split(separator: "\n").compactMap { Int($0) }.sorted()
  }

  private static func produce(_ numbers: Range<Int>, _ bootstrap: String) async throws {
    let sent = try await run(
      [Places.hbcat, "-b", bootstrap, "-P", "-t", "t", "-K:"],
      input: Array(numbers.map { "\($0):\($0)\n" }.joined().utf8))
    #expect(sent.status == 0, "\(sent.stderr)")
  }

  /// A member reads, meets the fault, reads on and leaves; another one finds nothing left to read.
  private static func survives(_ fault: String, _ properties: [String]) async throws {
    try await BrokerFixture.with(["--topic", "t:2:1", "--fault", fault]) { bootstrap in
      try await produce(0..<200, bootstrap)
      let child = try Child(
        [Places.hbcat, "-b", bootstrap, "-G", "g"] + options + properties + ["t"])
      #expect(
        await eventually { Set(numbers(child.stdout)) == Set(0..<200) },
        "\(fault): \(child.stderr)")
      // Time for heartbeats and commits to meet the fault.
      try await Task.sleep(for: .milliseconds(600))
      try await produce(200..<400, bootstrap)
      #expect(
        await eventually { Set(numbers(child.stdout)) == Set(0..<400) },
        "\(fault): \(child.stderr)")
      child.signal(SIGTERM)
      let ended = await child.end(within: 10)
      #expect(ended.status == 0, "\(fault): \(ended.stderr)")
      let again = try await run(
        [Places.hbcat, "-b", bootstrap, "-G", "g", "-e"] + options + properties + ["t"],
        within: 30)
      #expect(again.status == 0 && again.stdout.isEmpty, "\(fault): \(again.stderr)")
    }
  }

  @Test(arguments: [
    "findcoordinator:error=COORDINATOR_NOT_AVAILABLE*2", "joingroup:error=NOT_COORDINATOR*2",
    "joingroup:error=COORDINATOR_LOAD_IN_PROGRESS*2", "joingroup:disconnect=after",
    "syncgroup:error=REBALANCE_IN_PROGRESS", "syncgroup:error=UNKNOWN_MEMBER_ID",
    "syncgroup:disconnect=before", "heartbeat:error=NOT_COORDINATOR*3",
    "heartbeat:error=REBALANCE_IN_PROGRESS", "heartbeat:error=UNKNOWN_MEMBER_ID",
    "heartbeat:error=ILLEGAL_GENERATION", "heartbeat:disconnect=before*2",
    "offsetcommit:error=NOT_COORDINATOR*2", "offsetcommit:error=UNKNOWN_MEMBER_ID",
    "offsetcommit:disconnect=after", "offsetfetch:error=COORDINATOR_LOAD_IN_PROGRESS*2",
  ])
  func `F48, F67: a classic member survives what its coordinator may answer`(_ fault: String)
    async throws
  {
    try await Self.survives(fault, Self.classic)
  }

  @Test(arguments: [
    "consumergroupheartbeat:error=NOT_COORDINATOR*2",
    "consumergroupheartbeat:error=COORDINATOR_LOAD_IN_PROGRESS*2",
    "consumergroupheartbeat:error=FENCED_MEMBER_EPOCH",
    "consumergroupheartbeat:error=UNKNOWN_MEMBER_ID",
    "consumergroupheartbeat:disconnect=after", "offsetcommit:error=STALE_MEMBER_EPOCH",
  ])
  func `F48, F70: a KIP-848 member survives what its coordinator may answer`(_ fault: String)
    async throws
  {
    try await Self.survives(fault, ["-X", "group.protocol=consumer"])
  }

  @Test(arguments: [
    ("joingroup:error=GROUP_AUTHORIZATION_FAILED", "JoinGroup failed: Broker: Group authorization"),
    ("heartbeat:error=FENCED_INSTANCE_ID", "Fatal error: Broker: Static consumer fenced by other"),
    ("offsetfetch:error=GROUP_AUTHORIZATION_FAILED", "Failed to fetch committed offsets: Broker: "),
  ])
  func `F67: what cannot get better ends the member with a line that says why`(
    _ fault: String, _ text: String
  ) async throws {
    try await BrokerFixture.with(["--topic", "t:2:1", "--fault", fault]) { bootstrap in
      let ended = try await run(
        [Places.hbcat, "-b", bootstrap, "-G", "g"] + Self.options + Self.classic + ["t"],
        within: 20)
      #expect(ended.status == 1)
      #expect(ended.stderr.contains("% ERROR: Consumer error: \(text)"), "\(ended.stderr)")
    }
  }

  @Test
  func `F70: a broker that does not serve KIP-848 is told of, and read by the classic protocol`()
    async throws
  {
    try await BrokerFixture.with([
      "--topic", "t:2:1", "--fault", "consumergroupheartbeat:error=UNSUPPORTED_VERSION*9",
    ]) { bootstrap in
      try await Self.produce(0..<10, bootstrap)
      let read = try await run(
        [Places.hbcat, "-b", bootstrap, "-G", "g", "-e", "-X", "group.protocol=consumer"]
          + Self.options + ["t"], within: 20)
      #expect(read.status == 0)
      #expect(Self.numbers(read.stdout) == Array(0..<10))
      #expect(read.stderr.contains("going on with group.protocol=classic"), "\(read.stderr)")
    }
  }

  @Test func `a heartbeat of KIP-848 without an answer is given up before the session is`()
    async throws
  {
    let broker = try await BrokerFixture(["--topic", "t:1:1"])
    try await Self.produce(0..<10, broker.bootstrap)
    let child = try Child(
      [Places.hbcat, "-b", broker.bootstrap, "-G", "g", "-X", "group.protocol=consumer"]
        + Self.options + ["-X", "enable.auto.commit=false", "-d", "broker", "t"])
    #expect(await eventually { Self.numbers(child.stdout) == Array(0..<10) }, "\(child.stderr)")
    try await broker.say("fault consumergroupheartbeat:no-reply")
    // Three of the broker's intervals.
    #expect(
      await eventually { child.stderr.contains("no answer within 3000 ms") }, "\(child.stderr)")
    child.signal(SIGTERM)
    #expect(await child.end(within: 10).status == 0)
    await broker.stop()
  }

  /// A member that has read ten records, and commits when it ends; its command but for the topic.
  private static func uncommitted(_ way: String) async throws -> (
    BrokerFixture, group: [String], Child
  ) {
    let broker = try await BrokerFixture(["--topic", "t:1:1", "--no-auto-create"])
    try await produce(0..<10, broker.bootstrap)
    let group = [
      Places.hbcat, "-b", broker.bootstrap, "-G", "g", "-X", "auto.offset.reset=earliest", "-X",
      "auto.commit.interval.ms=60000", "-X", "group.protocol=\(way)",
    ]
    let child = try Child(group + ["t"])
    #expect(await eventually { numbers(child.stdout) == Array(0..<10) }, "\(child.stderr)")
    return (broker, group, child)
  }

  @Test(arguments: ["classic", "consumer"])
  func `the offset of a topic that was deleted is not committed for the one that was made anew`(
    _ way: String
  ) async throws {
    let (broker, group, child) = try await Self.uncommitted(way)
    try await broker.say("delete-topic t")
    try await broker.say("create-topic t:1")
    #expect(
      await eventually { child.stderr.contains("t [0]: the topic was deleted and made anew") },
      "\(child.stderr)")
    child.signal(SIGTERM)
    #expect(await child.end(within: 10).status == 0)
    try await Self.produce(100..<120, broker.bootstrap)
    let next = try await run(group + ["-e", "t"], within: 30)
    #expect(Self.numbers(next.stdout) == Array(100..<120), "\(next.stderr)")
    await broker.stop()
  }

  @Test(arguments: ["classic", "consumer"])
  func `the last commit is for the topic that was read, not for one that has its name since`(
    _ way: String
  ) async throws {
    let (broker, group, child) = try await Self.uncommitted(way)
    // The member cannot learn that the topic is another one.
    for api in ["fetch", "metadata", "consumergroupheartbeat"] {
      try await broker.say("fault \(api):no-reply*1000")
    }
    try await Task.sleep(for: .seconds(1))
    try await broker.say("delete-topic t")
    try await broker.say("create-topic t:1")
    child.signal(SIGTERM)
    let ended = await child.end(within: 30)
    #expect(ended.stderr.contains("Unknown topic id"), "\(ended.stderr)")
    try await broker.say("clear")
    try await Self.produce(100..<120, broker.bootstrap)
    let next = try await run(group + ["-e", "t"], within: 60)
    #expect(Self.numbers(next.stdout) == Array(100..<120), "\(next.stderr)")
    await broker.stop()
  }

  @Test func `without enable.auto.commit nothing is committed, and -o begins anew`() async throws {
    try await BrokerFixture.with(["--topic", "t:2:1"]) { bootstrap in
      try await Self.produce(0..<10, bootstrap)
      func read(_ more: String...) async throws -> CommandResult {
        try await run(
          [Places.hbcat, "-b", bootstrap, "-G", "g", "-e"] + Self.options + more + ["t"],
          within: 20)
      }
      for _ in 0..<2 {
        let result = try await read("-X", "enable.auto.commit=false")
        #expect(Self.numbers(result.stdout) == Array(0..<10), "\(result.stderr)")
      }
      #expect(try await Self.numbers(read().stdout) == Array(0..<10))
      #expect(try await Self.numbers(read().stdout) == [])
      #expect(try await Self.numbers(read("-o", "beginning").stdout) == Array(0..<10))
      #expect(try await Self.numbers(read("-o", "stored").stdout) == [])
      // A consumer that is no member may begin there, too.
      let stored = try await run(
        [
          Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-o", "stored", "-e", "-X", "group.id=g",
        ], within: 20)
      #expect(stored.status == 0 && stored.stdout.isEmpty, "\(stored.stderr)")
    }
  }

  @Test func `F67: a member that is killed before its first record passes over nothing`()
    async throws
  {
    try await BrokerFixture.with(["--topic", "t:2:1"]) { bootstrap in
      try await Self.produce(0..<10, bootstrap)
      let group = ["-G", "g", "-X", "auto.commit.interval.ms=50", "-X", "session.timeout.ms=1000"]
      // auto.offset.reset is latest: the member begins behind what is there.
      let first = try Child(
        [Places.hbcat, "-b", bootstrap] + group + ["-X", "heartbeat.interval.ms=100", "t"])
      #expect(await eventually { first.stderr.components("Reached end of topic t") == 2 })
      try await Task.sleep(for: .milliseconds(300))
      first.signal(SIGKILL)
      _ = await first.end(within: 10)
      try await Self.produce(10..<20, bootstrap)
      let second = try await run(
        [Places.hbcat, "-b", bootstrap] + group
          + ["-X", "heartbeat.interval.ms=100", "-e", "t"], within: 30)
      #expect(Self.numbers(second.stdout) == Array(10..<20), "\(second.stderr)")
    }
  }
}
