import Glibc
import TestSupport
import Testing

/// Transactions from end to end: what is committed is there, what is not is as if it had never been.
@Suite(.serialized, .clusters) struct TransactionTests {
  /// Transactions of version 2 (KIP-890), here and there, and of version 1.
  static let targets = Target.available.filter { [.embedded, .kafka431, .kafka221].contains($0) }

  /// A case's topic and transactional id.
  private struct Case {
    let bench: Bench
    let topic: String

    init(_ target: Target, _ name: String, partitions: Int = 1) async throws {
      bench = try await Bench(target)
      topic = bench.topic("txn-\(name)")
    }

    var id: String { "transactional.id=\(topic)" }

    /// Produces lines in a run of its own.
    @discardableResult
    func produce(_ lines: String, _ arguments: String...) async throws -> CommandResult {
      try await run(
        [Places.hbcat, "-b", bench.bootstrap, "-P", "-t", topic, "-X", id] + arguments,
        input: Array(lines.utf8), within: 60)
    }

    /// A producer whose stdin stays open.
    func start(_ arguments: String...) throws -> Child {
      try Child(
        [
          Places.hbcat, "-b", bench.bootstrap, "-P", "-t", topic, "-X", id, "-X", "linger.ms=0",
        ] + arguments)
    }

    /// Waits until readers see this; EndTxn is answered before its markers are written.
    func expectCommitted(_ expected: String, _ comment: Comment? = nil) async throws {
      await expectRead(expected, "read_committed", comment)
    }

    func expectUncommitted(_ expected: String) async throws {
      await expectRead(expected, "read_uncommitted", nil)
    }

    private func expectRead(_ expected: String, _ level: String, _ comment: Comment?) async {
      let isThere = await eventually { (try? await read(level)) == expected }
      if !isThere {
        #expect((try? await read(level)) == expected, comment ?? "\(level)")
      }
    }

    func read(_ level: String, _ arguments: String...) async throws -> String {
      try await run(
        [
          Places.hbcat, "-b", bench.bootstrap, "-C", "-t", topic, "-e", "-q", "-f", "%o %s\n",
          "-X", "isolation.level=\(level)",
        ] + arguments, within: 20
      ).stdout
    }

    /// Whether a record is in the log, committed or not.
    func hasArrived(_ value: String) async -> Bool {
      await eventually { (try? await read("read_uncommitted"))?.contains(" \(value)\n") == true }
    }
  }

  // MARK: Commit and abort

  @Test(
    "F52, F53: committed records are read, aborted ones and markers are not, and all take offsets",
    arguments: targets)
  func committedAndAborted(_ target: Target) async throws {
    let this = try await Case(target, "both")
    let first = try await this.produce("a\nb\n")
    #expect(first.status == 0)
    #expect(
      first.stderr == "% Using transactional producer\n% Committing transaction\n"
        + "% Transaction successfully committed\n")
    // The second message is larger than may be: the first must not be seen either.
    let second = try await this.produce(
      "lost\n\(String(repeating: "x", count: 2000))\n", "-X", "message.max.bytes=1000", "-T")
    #expect(second.status == 1)
    #expect(second.stderr.contains("% Aborting transaction\n"), "\(second.stderr)")
    #expect(second.stderr.contains("% 0 messages committed, 1 not committed\n"))
    #expect(try await this.produce("c\n").status == 0)
    // 2 is the first one's marker; the second one's record was never sent.
    try await this.expectCommitted("0 a\n1 b\n3 c\n")
    #expect(try await this.read("read_committed", "-c", "3") == "0 a\n1 b\n3 c\n")
    #expect(try await this.read("read_committed", "-o", "2", "-c", "1") == "3 c\n")
  }

  @Test("an empty run commits nothing and is no failure", arguments: targets)
  func empty(_ target: Target) async throws {
    let this = try await Case(target, "empty")
    let result = try await this.produce("")
    #expect(result.status == 0)
    #expect(result.stderr.hasSuffix("% Transaction successfully committed\n"))
  }

  @Test("one transaction over 12 partitions and 20,000 records", arguments: targets)
  func manyPartitions(_ target: Target) async throws {
    let this = try await Case(target, "wide")
    let created = try await this.bench.hbcat("-L", "-t", this.topic)
    #expect(created.status == 0)
    let result = try await run(
      [
        Places.hbcat, "produce", "-b", this.bench.bootstrap, "-t", this.topic, "-X", this.id,
        "-K", ":", "--transaction-every", "3000",
      ], input: Array((0..<20_000).map { "\($0):value \($0)\n" }.joined().utf8))
    #expect(result.status == 0, "\(result.stderr)")
    #expect(result.stderr.hasSuffix("% 7 transactions successfully committed\n"))
    #expect(
      await eventually {
        let read = try? await this.bench.hbcat("-C", "-t", this.topic, "-e", "-q", "-f", "%k\n")
        let keys = read?.stdout.split(separator: "\n").compactMap { Int($0) }.sorted()
        return keys == Array(0..<20_000)
      })
  }

  @Test("with --transaction-every what was committed before a failure stays", arguments: targets)
  func failureInTheSecond(_ target: Target) async throws {
    let this = try await Case(target, "second")
    let large = String(repeating: "x", count: 2000)
    let result = try await run(
      [
        Places.hbcat, "produce", "-b", this.bench.bootstrap, "-t", this.topic, "-X", this.id,
        "-X", "message.max.bytes=1000", "--transaction-every", "2",
      ], input: Array("1\n2\n3\n\(large)\n5\n".utf8))
    #expect(result.status == 1)
    #expect(result.stderr.contains("% 2 messages committed, 1 not committed\n"), "\(result.stderr)")
    try await this.expectCommitted("0 1\n1 2\n")
  }

  @Test("a file that cannot be read aborts the transaction of all files", arguments: targets)
  func missingFile(_ target: Target) async throws {
    let this = try await Case(target, "files")
    let result = try await this.produce("", "/etc/hostname", "/no/such/file")
    #expect(result.status == 1)
    #expect(result.stderr.contains("% Failed to produce from 1/2 files\n% Aborting transaction\n"))
    try await this.expectCommitted("")
  }

  // MARK: Ends that nobody planned

  @Test(
    "F51: SIGINT or SIGTERM within a transaction leaves nothing for read_committed",
    arguments: targets, [SIGINT, SIGTERM])
  func signalled(_ target: Target, _ signal: Int32) async throws {
    let this = try await Case(target, "signal")
    try await this.produce("before\n")
    let child = try this.start()
    await child.write("one\ntwo\n")
    #expect(await this.hasArrived("two"))
    // F63: what is open ends the reading where its first record is.
    try await this.expectCommitted("0 before\n")
    child.signal(signal)
    let result = await child.end(within: 20)
    #expect(result.status == 1)
    #expect(
      result.stderr == "% Using transactional producer\n"
        + "% Aborting transaction due to termination signal\n"
        + "% 0 messages committed, 2 not committed\n")
    try await this.expectCommitted("0 before\n")
    try await this.expectUncommitted("0 before\n2 one\n3 two\n")
    try await this.produce("after\n")
    try await this.expectCommitted("0 before\n5 after\n")
  }

  @Test("a signal before anything was read aborts nothing and is no failure", arguments: targets)
  func signalledIdle(_ target: Target) async throws {
    let this = try await Case(target, "idle")
    let child = try this.start()
    #expect(await eventually { child.stderr.contains("% Using transactional producer\n") })
    child.signal(SIGTERM)
    let result = await child.end(within: 20)
    #expect(result.status == 0, "\(result.stderr)")
  }

  @Test("a run that was killed is fenced and aborted by the next one of its id", arguments: targets)
  func killed(_ target: Target) async throws {
    let this = try await Case(target, "killed")
    let child = try this.start()
    await child.write("lost\n")
    #expect(await this.hasArrived("lost"))
    child.signal(SIGKILL)
    _ = await child.end(within: 20)
    try await this.expectCommitted("")
    #expect(try await this.produce("kept\n").status == 0)
    try await this.expectCommitted("2 kept\n")
    try await this.expectUncommitted("0 lost\n2 kept\n")
  }

  @Test(
    "F37: a producer that another one of its id has fenced ends with 1 and says so",
    arguments: targets)
  func fenced(_ target: Target) async throws {
    let this = try await Case(target, "fenced")
    let child = try this.start()
    await child.write("old\n")
    #expect(await this.hasArrived("old"))
    #expect(try await this.produce("new\n").status == 0)
    await child.write("older\n")
    child.closeInput()
    let result = await child.end(within: 30)
    #expect(result.status == 1)
    #expect(
      result.stderr.contains("another producer has taken over transactional.id \"\(this.topic)\""),
      "\(result.stderr)")
    try await this.expectCommitted("2 new\n")
  }

  // MARK: Others

  @Test(
    "kcat reads hbcat's transactions and hbcat reads kcat's", arguments: targets, ["kcat", "hbcat"])
  func crossed(_ target: Target, _ writer: String) async throws {
    let this = try await Case(target, "crossed-\(writer)")
    let program = writer == "kcat" ? "kcat" : Places.hbcat
    let reader = writer == "kcat" ? Places.hbcat : "kcat"
    let produce = [program, "-b", this.bench.bootstrap, "-P", "-t", this.topic, "-X", this.id]
    #expect(try await run(produce, input: Array("a\nb\n".utf8)).status == 0)
    // What a killed run left open is aborted by the next one of its id, whoever it is.
    let child = try this.start()
    await child.write("lost\n")
    #expect(await this.hasArrived("lost"))
    child.signal(SIGKILL)
    _ = await child.end(within: 20)
    #expect(try await run(produce, input: Array("c\n".utf8)).status == 0)
    try await this.expectCommitted("0 a\n1 b\n5 c\n")
    for (level, expected) in [
      ("read_committed", "0 a\n1 b\n5 c\n"), ("read_uncommitted", "0 a\n1 b\n3 lost\n5 c\n"),
    ] {
      let read = try await run([
        reader, "-b", this.bench.bootstrap, "-C", "-t", this.topic, "-e", "-q", "-o", "beginning",
        "-f", "%o %s\n", "-X", "isolation.level=\(level)",
      ])
      #expect(read.stdout == expected, "\(level): \(read.stderr)")
    }
  }

  @Test(
    "Kafka's own consumer reads what hbcat committed, and not what it aborted",
    .enabled(if: RealKafka.isAvailable, Comment(rawValue: RealKafka.need)))
  func consoleConsumer() async throws {
    let this = try await Case(.kafka431, "jvm")
    try await this.produce("a\nb\n")
    let child = try this.start()
    await child.write("lost\n")
    #expect(await this.hasArrived("lost"))
    child.signal(SIGINT)
    #expect(await child.end(within: 20).status == 1)
    try await this.produce("c\n")
    try await this.expectCommitted("0 a\n1 b\n5 c\n")
    let kafka = try #require(try await Clusters.current?.real(.kafka431))
    let read = try await kafka.kafkaTool(
      "kafka-console-consumer", "--topic", this.topic, "--from-beginning", "--isolation-level",
      "read_committed", "--max-messages", "3", "--timeout-ms", "15000")
    #expect(read.stdout == "a\nb\nc\n", "\(read.stderr)")
  }

  @Test func `notify refuses a transactional id`() async throws {
    let result = try await run(
      [Places.hbcat, "notify", "-b", "127.0.0.1:9", "-X", "transactional.id=x"])
    #expect(result.status == 1)
    #expect(
      result.stderr == "% ERROR: transactional.id=x: notify publishes each alarm at once, a "
        + "transaction would hold it back; leave transactional.id out\n")
  }
}
