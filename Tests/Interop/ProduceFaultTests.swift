import Glibc
import Synchronization
import TestSupport
import Testing

/// What goes wrong while producing, from outside: the embedded broker fails as it is told.
@Suite struct ProduceFaultTests {
  /// Produces 2000 lines to a topic of one partition with these options, and reads them back.
  private static func exchange(
    fault: String, _ options: String..., broker: [String] = []
  ) async throws -> (sent: CommandResult, read: [UInt8]) {
    let faults = fault.isEmpty ? [] : ["--fault", fault]
    return try await BrokerFixture.with(["--topic", "t:1:1"] + faults + broker) { bootstrap in
      let sent = try await run(
        [Places.hbcat, "-b", bootstrap, "-P", "-t", "t", "-X", "batch.num.messages=200"] + options,
        input: Bench.lines(2000))
      let read = try await run([Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-e", "-q"])
      return (sent, read.stdoutBytes)
    }
  }

  // MARK: What is mended

  @Test(arguments: [
    "REQUEST_TIMED_OUT", "NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    "KAFKA_STORAGE_ERROR", "CORRUPT_MESSAGE",
  ])
  func `F31, F41: an error that passes costs nothing, and a link that damages data is named`(
    _ error: String
  ) async throws {
    let (sent, read) = try await Self.exchange(fault: "produce:error=\(error)*2")
    #expect(sent.status == 0, "\(sent.stderr)")
    #expect(read == Bench.lines(2000))
    #expect(sent.stderr.contains("the link damages data") == (error == "CORRUPT_MESSAGE"))
  }

  @Test(arguments: [
    "OUT_OF_ORDER_SEQUENCE_NUMBER", "UNKNOWN_PRODUCER_ID", "INVALID_PRODUCER_EPOCH",
    "PRODUCER_FENCED",
  ])
  func `F34, F36, F37: a broken sequence is begun anew, in order and once`(_ error: String)
    async throws
  {
    let (sent, read) = try await Self.exchange(fault: "produce:error=\(error)*2")
    #expect(sent.status == 0, "\(sent.stderr)")
    #expect(read == Bench.lines(2000))
  }

  @Test func `enable.gapless.guarantee: after a message that failed none is in the log`()
    async throws
  {
    let few = ["-X", "batch.num.messages=50"]
    let fault = "produce:error=POLICY_VIOLATION*1"
    let (sent, read) = try await Self.exchange(
      fault: fault, few[0], few[1], "-X", "enable.gapless.guarantee=true")
    #expect(sent.status == 1)
    #expect(sent.stderr.contains("Local: Gap-less ordering would not be guaranteed if proceeding"))
    #expect(read.isEmpty)
    let loose = try await Self.exchange(fault: fault, few[0], few[1])
    #expect(loose.sent.status == 1 && loose.read.count > Bench.lines(1000).count)
  }

  @Test func `F35: what had arrived before its answer was lost is a success`() async throws {
    let (sent, read) = try await Self.exchange(fault: "produce:disconnect=after*3")
    #expect(sent.status == 0)
    #expect(sent.stderr == "")
    #expect(read == Bench.lines(2000))
  }

  @Test func `F1: without idempotence a retry that may double is said once`() async throws {
    let (sent, read) = try await Self.exchange(
      fault: "produce:disconnect=after*3", "-X", "enable.idempotence=false")
    #expect(sent.status == 0)
    let said = sent.stderr.split(separator: "\n").filter { $0.contains("may be there twice") }
    #expect(said.count == 1, "\(sent.stderr)")
    #expect(read.count > Bench.lines(2000).count)
  }

  @Test func `a cluster that refuses producer ids means no idempotence, and -v says so`()
    async throws
  {
    let fault = "initproducerid:error=CLUSTER_AUTHORIZATION_FAILED*9"
    let (sent, read) = try await Self.exchange(fault: fault, "-v")
    #expect(sent.status == 0)
    #expect(sent.stderr.contains("producing without idempotence"))
    #expect(read == Bench.lines(2000))
    let quiet = try await Self.exchange(fault: fault)
    #expect(quiet.sent.stderr == "")
    let required = try await Self.exchange(fault: fault, "-X", "enable.idempotence=true")
    #expect(required.sent.status == 1)
    #expect(required.sent.stderr.contains("Cluster authorization failed"))
  }

  @Test(arguments: [
    ("acks=1", "acks is 1, not all"), ("retries=0", "retries is 0"),
    ("max.in.flight=6", "max.in.flight is 6, more than 5"),
  ])
  func `what excludes idempotence turns it off, and -v says so; asked for, it is an error`(
    _ property: String, _ reason: String
  ) async throws {
    let (sent, read) = try await Self.exchange(fault: "", "-v", "-X", property)
    #expect(sent.status == 0)
    #expect(sent.stderr.contains("producing without idempotence, a retry may double: \(reason)"))
    #expect(read == Bench.lines(2000))
    let both = try await Self.exchange(fault: "", "-X", property, "-X", "enable.idempotence=true")
    #expect(both.sent.status == 1)
    #expect(both.sent.stderr.contains("when `enable.idempotence` is true"))
    #expect(both.read.isEmpty)
  }

  @Test func `F42: a throttled connection rests, and -v says so`() async throws {
    let start = ContinuousClock.now
    let (sent, read) = try await Self.exchange(fault: "produce:throttle=700ms", "-v")
    #expect(ContinuousClock.now - start > .milliseconds(700))
    #expect(sent.status == 0)
    #expect(sent.stderr.contains("throttled for 700 ms"))
    #expect(read == Bench.lines(2000))
  }

  @Test(arguments: ["none", "gzip", "zstd"])
  func `F32: a batch above the topic's limit is split`(_ codec: String) async throws {
    let (sent, read) = try await Self.exchange(
      fault: "", "-z", codec, broker: ["--max-message-bytes", "1500"])
    #expect(sent.status == 0, "\(sent.stderr)")
    #expect(sent.stderr == "")
    #expect(read == Bench.lines(2000))
  }

  // MARK: What is final

  @Test(arguments: [
    ("TOPIC_AUTHORIZATION_FAILED", "Broker: Topic authorization failed"),
    ("CLUSTER_AUTHORIZATION_FAILED", "Broker: Cluster authorization failed"),
    ("POLICY_VIOLATION", "Broker: Policy violation"),
    ("INVALID_REQUIRED_ACKS", "Broker: Invalid required acks value"),
    ("UNSUPPORTED_COMPRESSION_TYPE", "Broker: Unsupported compression type"),
  ])
  func `F40: a permanent error fails at once with the broker's words, and exit 1`(
    _ error: String, _ sentence: String
  ) async throws {
    let (sent, read) = try await Self.exchange(fault: "produce:error=\(error)*1000")
    #expect(sent.status == 1)
    #expect(
      sent.stderr.hasPrefix(
        "% Delivery failed for message: \(sentence) (as a fault rule says)\n"), "\(sent.stderr)")
    #expect(sent.stderr.contains("0 messages delivered, 2000 not delivered"))
    #expect(read.isEmpty)
  }

  @Test func `F22: a topic that is not there and is not created is an error within -m`()
    async throws
  {
    try await BrokerFixture.with(["--no-auto-create"]) { bootstrap in
      let start = ContinuousClock.now
      let sent = try await run(
        [Places.hbcat, "-b", bootstrap, "-P", "-t", "nope", "-m", "1"], input: Array("a\n".utf8))
      #expect(ContinuousClock.now - start < .seconds(5))
      #expect(sent.status == 1)
      #expect(sent.stderr == "% Delivery failed for message: Broker: Unknown topic or partition\n")
    }
  }

  @Test
  func `message_timeout_ms ends the wait for a broker that never answers, and says the doubt`()
    async throws
  {
    let (sent, _) = try await Self.exchange(
      fault: "produce:no-reply*1000", "-X", "message.timeout.ms=1000")
    #expect(sent.status == 1)
    #expect(sent.stderr.contains("Local: Message timed out"))
    #expect(sent.stderr.contains("0 messages delivered, 2000 not delivered (possibly "))
  }

  // MARK: Topics that change

  @Test func `F21: a topic whose leader is being chosen is waited for longer than -m`() async throws
  {
    let start = ContinuousClock.now
    let (sent, read) = try await Self.exchange(
      fault: "metadata:error=LEADER_NOT_AVAILABLE*6", "-m", "1")
    #expect(sent.status == 0, "\(sent.stderr)")
    #expect(ContinuousClock.now - start > .seconds(1))
    #expect(read == Bench.lines(2000))
  }

  /// A producer that says what is delivered, with a broker that can be told what to do.
  private func withProducer(
    _ broker: [String], _ options: [String] = [],
    _ body: (BrokerFixture, Child) async throws -> Void
  ) async throws {
    let broker = try await BrokerFixture(broker)
    do {
      let child = try Child(
        [Places.hbcat, "-b", broker.bootstrap, "-P", "-t", "t", "-vvv"] + options)
      try await body(broker, child)
      child.closeInput()
      let end = await child.end(within: 30)
      #expect(end.status == 0, "\(end.stderr)")
    } catch {
      await broker.stop()
      throw error
    }
    await broker.stop()
  }

  private static func delivered(_ child: Child, to partition: Int) -> Int {
    child.stderr.split(separator: "\n")
      .count { $0.contains("delivered to partition \(partition) ") }
  }

  @Test func `F26: partitions that are added are used after a refresh`() async throws {
    try await withProducer(
      ["--topic", "t:1:1"],
      ["-X", "topic.metadata.refresh.interval.ms=1000", "-X", "sticky.partitioning.linger.ms=0"]
    ) { broker, child in
      await child.write("first\n")
      #expect(await eventually { Self.delivered(child, to: 0) == 1 })
      try await broker.say("partitions t 3")
      let isUsed = await eventually {
        await child.write("more\n")
        return Self.delivered(child, to: 1) > 0 && Self.delivered(child, to: 2) > 0
      }
      #expect(isUsed)
    }
  }

  @Test func `F27: a partition without a leader waits while the others go on`() async throws {
    try await withProducer(["--topic", "t:2:1"], ["-K:", "-X", "partitioner=murmur2"]) {
      broker, child in
      try await broker.say("leader t 1 none")
      let lines = (0..<20).map { "key-\($0):value\n" }.joined()
      await child.write(lines)
      #expect(await eventually { Self.delivered(child, to: 0) > 3 })
      #expect(Self.delivered(child, to: 1) == 0)
      let toFirst = Self.delivered(child, to: 0)
      try await broker.say("leader t 1 1001")
      #expect(await eventually { Self.delivered(child, to: 1) == 20 - toFirst })
    }
  }

  @Test func `F2, F30: leaders move and brokers go for good, and all lines arrive in order`()
    async throws
  {
    let broker = try await BrokerFixture(["--brokers", "3", "--topic", "t:1:3"])
    let child = try Child([
      Places.hbcat, "-b", broker.bootstrap, "-P", "-t", "t", "-T", "-u", "-X", "linger.ms=1",
    ])
    var sent = ""
    var line = 0
    for step in [
      "leader t 0 1002", "leader t 0 1003", "down 1003", "leader t 0 1001", "up 1003", "down 1001",
    ] {
      let block = (line..<line + 500).map { "line \($0)\n" }.joined()
      line += 500
      sent += block
      await child.write(block)
      try await broker.say(step)
    }
    child.closeInput()
    let end = await child.end(within: 30)
    #expect(end.status == 0, "\(end.stderr)")
    let read = try await run([Places.hbcat, "-b", broker.bootstrap, "-C", "-t", "t", "-e", "-q"])
    #expect(read.stdout == sent)
    await broker.stop()
  }

  // MARK: Input

  @Test func `F43, F44: a line goes out while stdin pauses, and the last needs no end`()
    async throws
  {
    try await withProducer(["--topic", "t:1:1"]) { _, child in
      await child.write("one\n")
      #expect(await eventually { Self.delivered(child, to: 0) == 1 })
      await child.write("two")
      child.closeInput()
      #expect(await eventually { Self.delivered(child, to: 0) == 2 })
    }
  }

  @Test
  func `F46: what a producer that is killed had delivered is there, in order and without a gap`()
    async throws
  {
    try await BrokerFixture.with(["--topic", "t:1:1"]) { bootstrap in
      let child = try Child([
        Places.hbcat, "-b", bootstrap, "-P", "-t", "t", "-vvv", "-X", "batch.num.messages=50",
      ])
      let lines = Bench.lines(4000)
      let rest = lines.dropFirst(Bench.lines(1000).count)
      await child.write(Bench.lines(1000))
      #expect(await eventually { Self.delivered(child, to: 0) == 1000 })
      async let writing: Void = child.write(Array(rest))
      #expect(await eventually { Self.delivered(child, to: 0) > 1000 })
      child.signal(SIGKILL)
      await writing
      _ = await child.end(within: 10)
      let read = try await run([Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-e", "-q"])
      #expect(read.stdoutBytes.count { $0 == 10 } >= Self.delivered(child, to: 0))
      #expect(lines.starts(with: read.stdoutBytes))
    }
  }

  @Test func `F47: while no broker answers, memory stays where it is, and then all arrives`()
    async throws
  {
    let broker = try await BrokerFixture(["--topic", "t:1:1"])
    let child = try Child([Places.hbcat, "-b", broker.bootstrap, "-P", "-t", "t"])
    await child.write("first\n")
    let first = try await run([Places.hbcat, "-b", broker.bootstrap, "-C", "-t", "t", "-c", "1"])
    #expect(first.stdout == "first\n")
    try await broker.say("down 1001")
    let block = [UInt8](repeating: UInt8(ascii: "x"), count: 999) + [10]
    let megabyte = Array((0..<1000).map { _ in block }.joined())
    let written = Mutex(0)
    async let writing: Void = Self.pour(megabyte, into: child) { written.withLock { $0 += 1 } }
    // It takes in what its budget holds, and no more.
    let seen = Mutex<[Int]>([])
    let isStill = await eventually(within: 30) {
      try? await Task.sleep(for: .milliseconds(200))
      let now = written.withLock { $0 }
      return seen.withLock { seen in
        seen.append(now)
        return now > 0 && seen.count > 4 && Set(seen.suffix(4)).count == 1
      }
    }
    #expect(isStill)
    #expect(written.withLock { $0 } < 32)
    let peak = try #require(Self.peakKilobytes(child.pid))
    #expect(peak < 64 << 10, "\(peak) KiB")
    try await broker.say("up 1001")
    await writing
    child.closeInput()
    let end = await child.end(within: 60)
    #expect(end.status == 0, "\(end.stderr)")
    let read = try await run([Places.hbcat, "-b", broker.bootstrap, "-C", "-t", "t", "-e", "-q"])
    #expect(read.stdoutBytes.count == 6 + 64 * megabyte.count)
    await broker.stop()
  }

  /// Writes 64 blocks, and tells of each.
  private static func pour(_ block: [UInt8], into child: Child, _ done: @Sendable () -> Void)
    async
  {
    for _ in 0..<64 {
      await child.write(block)
      done()
    }
  }

  /// The most memory that a process has had in use.
  private static func peakKilobytes(_ pid: pid_t) -> Int? {
    let status = Places.contents("/proc/\(pid)/status").map { String(decoding: $0, as: UTF8.self) }
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
  }
}

/// The same on Kafka, where it judges batches itself.
@Suite struct ProduceRefusalTests {
  @Test(.enabled(if: RealKafka.isAvailable, Comment(rawValue: RealKafka.need)))
  func
    `F32, F39: batches that are too large are split, and lines without the key that is wanted named`()
    async throws
  {
    try await RealKafka.with(
      "4.3.1", topics: ["t:1", "u:1"],
      settings: ["message.max.bytes=5000", "log.cleanup.policy=compact"]
    ) { kafka in
      let lines = (0..<3000).map { "key \($0):value of line \($0)" }
      var mixed = lines
      for bad in [3, 77, 2999] { mixed[bad] = "no key" }
      for (topic, input) in [("t", lines), ("u", mixed)] {
        let sent = try await run(
          [Places.hbcat, "-b", kafka.bootstrap, "-P", "-t", topic, "-K:"],
          input: Array(input.joined(separator: "\n").utf8))
        let read = try await run([
          Places.hbcat, "-b", kafka.bootstrap, "-C", "-t", topic, "-e", "-q", "-K:",
        ])
        let expected = input.filter { $0 != "no key" }
        #expect(read.stdout.split(separator: "\n").map(String.init) == expected)
        guard topic == "u" else {
          #expect(sent.status == 0, "\(sent.stderr)")
          #expect(sent.stderr == "")
          continue
        }
        #expect(sent.status == 1)
        for line in [4, 78] {
          #expect(sent.stderr.contains("record \(line) to u [0]: "), "\(sent.stderr)")
        }
        #expect(sent.stderr.contains("2997 messages delivered, 3 not delivered\n"))
      }
    }
  }
}
