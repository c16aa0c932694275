import Glibc
import TestSupport
import Testing

/// What goes wrong between a transactional producer and its coordinator, by the embedded broker's rules.
@Suite struct TransactionFaultTests {
  private static func arguments(_ bootstrap: String, _ more: [String] = []) -> [String] {
    [
      Places.hbcat, "-b", bootstrap, "-P", "-t", "t", "-X", "transactional.id=id", "-X",
      "transaction.timeout.ms=3000",
    ] + more
  }

  private static func read(_ bootstrap: String, _ level: String = "read_committed") async throws
    -> String
  {
    try await run([
      Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-e", "-q", "-X", "isolation.level=\(level)",
    ]).stdout
  }

  /// One run of two lines against a broker that fails so, and what is committed then.
  private static func produce(_ faults: String...) async throws -> (CommandResult, String) {
    try await BrokerFixture.with(["--topic", "t:1:1"] + faults.flatMap { ["--fault", $0] }) {
      bootstrap in
      let result = try await run(arguments(bootstrap), input: Array("one\ntwo\n".utf8))
      return (result, try await read(bootstrap))
    }
  }

  @Test(
    "F48, F49: what the coordinator cannot do yet is asked again, and committed once",
    arguments: [
      "FindCoordinator:error=COORDINATOR_NOT_AVAILABLE*2",
      "InitProducerId:error=COORDINATOR_LOAD_IN_PROGRESS*2",
      "InitProducerId:error=CONCURRENT_TRANSACTIONS*3", "EndTxn:error=NOT_COORDINATOR*2",
      "EndTxn:error=CONCURRENT_TRANSACTIONS*3", "Produce:error=CONCURRENT_TRANSACTIONS*2",
      "InitProducerId:disconnect=after", "Produce:disconnect=after",
    ])
  func mended(_ fault: String) async throws {
    let (result, committed) = try await Self.produce(fault)
    #expect(result.status == 0, "\(result.stderr)")
    #expect(result.stderr.hasSuffix("% Transaction successfully committed\n"))
    #expect(committed == "one\ntwo\n")
  }

  @Test(
    "F50: an EndTxn whose answer is lost is sent again, and commits once",
    arguments: ["EndTxn:disconnect=before", "EndTxn:disconnect=after*2", "EndTxn:no-reply"])
  func lostAnswer(_ fault: String) async throws {
    let (result, committed) = try await Self.produce(fault)
    #expect(result.status == 0, "\(result.stderr)")
    #expect(committed == "one\ntwo\n")
  }

  @Test(
    "F50: without any answer the outcome is unknown, the epoch is renewed, and the exit code is 1",
    arguments: [
      ("EndTxn:disconnect=after*10000", "one\ntwo\n"), ("EndTxn:disconnect=before*10000", ""),
    ])
  func unknownOutcome(_ fault: String, _ expected: String) async throws {
    let (result, committed) = try await Self.produce(fault)
    #expect(result.status == 1)
    #expect(result.stderr.contains("commit_transaction(): Local: Timed out"), "\(result.stderr)")
    #expect(result.stderr.contains("the outcome is unknown"))
    #expect(!result.stderr.contains("if it is open still"))
    #expect(
      result.stderr.hasSuffix(
        "% 0 messages committed, 2 not committed (possibly 2 are in the log all the same)\n"))
    // It is decided by now: a reader sees all or nothing, and need not wait.
    #expect(committed == expected)
  }

  @Test(
    "F37: what is fatal ends the run with 1, the call and the reason",
    arguments: [
      (
        "EndTxn:error=PRODUCER_FENCED",
        "commit_transaction(): Broker: There is a newer producer with the same transactionalId which "
          + "fences the current one: another producer has taken over transactional.id \"id\""
      ),
      ("EndTxn:error=INVALID_TXN_STATE*2", "commit_transaction(): Broker: "),
      (
        "InitProducerId:error=TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
        "init_transactions(): Broker: Transactional Id authorization failed"
      ),
      (
        "Produce:error=INVALID_PRODUCER_EPOCH*9",
        "Delivery failed for message: Broker: Producer attempted an operation with an old epoch"
      ),
    ])
  func fatal(_ fault: String, _ text: String) async throws {
    let (result, committed) = try await Self.produce(fault)
    #expect(result.status == 1)
    #expect(result.stderr.contains(text), "\(result.stderr)")
    #expect(committed == "")
  }

  @Test("an undelivered message aborts the transaction; it is never committed")
  func undelivered() async throws {
    let (result, committed) = try await Self.produce("Produce:error=TOPIC_AUTHORIZATION_FAILED")
    #expect(result.status == 1)
    #expect(!result.stderr.contains("successfully committed"))
    #expect(result.stderr.contains("% Aborting transaction\n"), "\(result.stderr)")
    #expect(committed == "")
  }

  @Test("F51: an abort waits for an unanswered request only for a while")
  func abortInDoubt() async throws {
    try await BrokerFixture.with(["--topic", "t:1:1", "--fault", "Produce:no-reply"]) { bootstrap in
      let child = try Child(
        Self.arguments(bootstrap, ["-X", "linger.ms=0", "-vv", "-T", "-u"]))
      await child.write("lost\n")
      #expect(
        await eventually {
          (try? await Self.read(bootstrap, "read_uncommitted")) == "lost\n"
        })
      child.signal(SIGINT)
      let result = await child.end(within: 20)
      #expect(result.status == 1)
      #expect(result.stderr.contains("% Aborting transaction due to termination signal\n"))
      #expect(!result.stderr.contains("ERROR"), "\(result.stderr)")
      let next = try await run(Self.arguments(bootstrap), input: Array("kept\n".utf8))
      #expect(next.status == 0)
      #expect(try await Self.read(bootstrap) == "kept\n")
    }
  }

  @Test("a run that nears transaction.timeout.ms is warned, and told afterwards what to do")
  func transactionTimeout() async throws {
    try await BrokerFixture.with(["--topic", "t:1:1"]) { bootstrap in
      let child = try Child(Self.arguments(bootstrap, ["-X", "linger.ms=0"]))
      await child.write("late\n")
      #expect(
        await eventually {
          child.stderr.contains("the broker aborts it after transaction.timeout.ms (3000 ms)")
        }, "\(child.stderr)")
      #expect(child.status == nil)
      // The broker's abort moves the last stable offset behind the marker.
      #expect(
        await eventually {
          let list = try? await run([
            Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-e", "-X",
            "isolation.level=read_committed",
          ])
          return list?.stderr.contains("at offset 2") == true
        })
      child.closeInput()
      let result = await child.end(within: 20)
      #expect(result.status == 1)
      #expect(
        result.stderr.contains(
          "the transaction was open for longer than transaction.timeout.ms (3000 ms), so the broker "
            + "aborted it; raise transaction.timeout.ms or commit more often (hbcat produce "
            + "--transaction-every N)"), "\(result.stderr)")
      #expect(try await Self.read(bootstrap) == "")
    }
  }
}
