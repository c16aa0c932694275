import Glibc
import KafkaProtocol
import TestSupport
import Testing
import Transport

@testable import KafkaBroker

/// Debian's kcat (librdkafka 2.0.2) against a broker in this process.
@Suite(.enabled(if: access("/usr/bin/kcat", X_OK) == 0, "kcat is not installed"))
struct KcatTests {
  @Net @Test func `kcat lists brokers and topics`() async throws {
    let broker = try startBroker(["test"])
    let listed = try await kcat(["-b", broker.bootstrap, "-L"])
    #expect(
      listed.stdout == """
        Metadata for all topics (from broker 1001: \(broker.bootstrap)/1001):
         1 brokers:
          broker 1001 at \(broker.bootstrap) (controller)
         1 topics:
          topic "test" with 1 partitions:
            partition 0, leader 1001, replicas: 1001, isrs: 1001

        """)
    #expect(listed.status == 0)
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test(arguments: Codec.allCases)
  func `kcat reads back what it wrote with any codec`(_ codec: Codec) async throws {
    let broker = try startBroker(["test"])
    let text = (0..<5000).map { "key\($0 % 7):line \($0) of some text that repeats\n" }.joined()
    let wrote = try await kcat(
      ["-b", broker.bootstrap, "-P", "-t", "test", "-K:", "-z", codec.name], input: text)
    #expect(wrote.stderr == "")
    #expect(wrote.status == 0)
    #expect(broker.endOffset(topic: "test") == 5000)
    let log = try #require(broker.topics["test"]?.partition(0)?.log)
    // librdkafka leaves a batch as it is where compression gains nothing, as for a first short one.
    let used = try log.chunks.flatMap { chunk in
      try chunk.piece(0..<chunk.batches.count).map { try codecs(in: $0.bytes) } ?? []
    }
    #expect(used.contains(codec))
    let read = try await kcat(
      ["-b", broker.bootstrap, "-C", "-t", "test", "-K:", "-e", "-q", "-X", "check.crcs=true"])
    #expect(read.stdout == text)
    #expect(read.status == 0)
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `kcat writes as an idempotent producer`() async throws {
    let broker = try startBroker(["test"])
    let text = (0..<2000).map { "\($0)\n" }.joined()
    let wrote = try await kcat(
      [
        "-b", broker.bootstrap, "-P", "-t", "test", "-X", "enable.idempotence=true", "-X",
        "batch.num.messages=10",
      ], input: text)
    #expect(wrote.stderr == "")
    #expect(wrote.status == 0)
    #expect(broker.requests[.initProducerId] == 1)
    let read = try await kcat(["-b", broker.bootstrap, "-C", "-t", "test", "-e", "-q"])
    #expect(read.stdout == text)
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `kcat writes in a transaction`() async throws {
    let broker = try startBroker(["test"])
    let text = (0..<2000).map { "\($0)\n" }.joined()
    let wrote = try await kcat(
      [
        "-b", broker.bootstrap, "-P", "-t", "test", "-X", "transactional.id=x", "-X",
        "batch.num.messages=100",
      ], input: text)
    #expect(wrote.status == 0, "\(wrote.stderr)")
    // The marker has an offset too.
    #expect(broker.endOffset(topic: "test") == 2001)
    let log = try #require(broker.topics["test"]?.partition(0)?.log)
    #expect(log.lastStableOffset == 2001)
    #expect(log.aborted.isEmpty)
    let read = try await kcat([
      "-b", broker.bootstrap, "-C", "-t", "test", "-e", "-q", "-X",
      "isolation.level=read_committed",
    ])
    #expect(read.stdout == text)
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `an answer that was lost does not make a second copy`() async throws {
    let broker = try startBroker(["test"])
    broker.inject(FaultRule(.produce, .noReply, times: 2))
    let wrote = try await kcat(
      [
        "-b", broker.bootstrap, "-P", "-t", "test", "-X", "enable.idempotence=true", "-X",
        "retry.backoff.ms=1", "-X", "request.timeout.ms=100", "-X", "socket.timeout.ms=1000",
        "-X", "socket.max.fails=0",
      ], input: "one\ntwo\n")
    #expect(wrote.status == 0, "\(wrote.stderr)")
    #expect((broker.requests[.produce] ?? 0) >= 3)
    #expect(broker.endOffset(topic: "test") == 2)
    await broker.stop()
  }

  @Net @Test func `kcat shows offset, time and headers in its envelope`() async throws {
    let broker = try startBroker(["test"])
    _ = try await kcat(
      ["-b", broker.bootstrap, "-P", "-t", "test", "-H", "a=b", "-k", "K"], input: "value\n")
    let read = try await kcat(["-b", broker.bootstrap, "-C", "-t", "test", "-J", "-e", "-q"])
    #expect(
      read.stdout.hasPrefix(#"{"topic":"test","partition":0,"offset":0,"tstype":"create","ts":1"#))
    #expect(
      read.stdout.contains(#""broker":1001,"headers":["a","b"],"key":"K","payload":"value"}"#))
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `kcat begins at an offset, near the end, and at a time`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    for index in 0..<10 {
      try await produce(client, makeBatch(["\(index)"], timestamp: 1000 + Int64(index) * 10))
    }
    for (start, expected) in [
      ("beginning", 0), ("3", 3), ("-2", 8), ("s@1041", 5), ("s@1000", 0), ("s@1090", 9),
    ] {
      let read = try await kcat(
        ["-b", broker.bootstrap, "-C", "-t", "test", "-o", start, "-e", "-q"])
      #expect(read.stdout == (expected..<10).map { "\($0)\n" }.joined(), "-o \(start)")
    }
    client.close()
    await broker.stop()
  }

  @Net @Test func `kcat waits at the end and is woken by the next record`() async throws {
    let broker = try startBroker(["test"])
    let client = try await TestClient(broker)
    try await produce(client, makeBatch(["old"]))
    let kcat = try Child([
      "kcat",
      "-b", broker.bootstrap, "-C", "-t", "test", "-o", "end", "-u", "-X",
      "fetch.wait.max.ms=60000", "-X", "socket.timeout.ms=100000",
    ])
    let waiting = broker.topics["test"]?.partition(0)
    #expect(await eventually { waiting?.waiters.count == 1 })
    let start = MonotonicClock.nowMs
    try await produce(client, makeBatch(["new"]))
    #expect(await eventually { kcat.stdout == "new\n" })
    #expect(MonotonicClock.nowMs - start < 2000)
    kcat.signal(SIGTERM)
    #expect(await kcat.end().status == 0)
    client.close()
    await broker.stop()
  }

  @Net @Test func `kcat creates a topic by writing to it, unless the broker forbids it`()
    async throws
  {
    let broker = try startBroker { $0.defaultPartitions = 3 }
    let wrote = try await kcat(["-b", broker.bootstrap, "-P", "-t", "fresh"], input: "x\n")
    #expect(wrote.status == 0)
    #expect(broker.topics["fresh"]?.partitions.count == 3)
    await broker.stop()

    let strict = try startBroker { $0.autoCreateTopics = false }
    let refused = try await kcat(
      ["-b", strict.bootstrap, "-C", "-t", "nothing", "-e"])
    #expect(refused.status == 1)
    #expect(refused.stderr.contains("Unknown topic or partition"))
    #expect(strict.topics.all.isEmpty)
    await strict.stop()
  }

  @Net @Test func `kcat follows the leaders of a cluster of three`() async throws {
    let broker = try startBroker {
      $0.brokers = 3
      $0.topics = [BrokerOptions.Topic(name: "wide", partitions: 6, replicas: 2)]
    }
    let text = (0..<600).map { "\($0):\($0)\n" }.joined()
    let wrote = try await kcat(
      ["-b", broker.bootstrap, "-P", "-t", "wide", "-K:"], input: text)
    #expect(wrote.status == 0)
    let read = try await kcat(
      ["-b", broker.bootstrap, "-C", "-t", "wide", "-K:", "-e", "-q"])
    #expect(
      read.stdout.split(separator: "\n").sorted() == text.split(separator: "\n").sorted())
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net private func produce(_ client: TestClient, _ batch: [UInt8]) async throws {
    _ = try await client.call(
      ProduceRequest.one("test", 0, batch), version: 9, records: [batch])
  }

  private func kcat(_ arguments: [String], input: String = "") async throws -> CommandResult {
    try await run(["kcat"] + arguments, input: Array(input.utf8), within: 60)
  }

  private func codecs(in bytes: UnsafeRawBufferPointer) throws -> [Codec] {
    var batches = RecordBatchIterator(bytes)
    var found: [Codec] = []
    while let batch = try batches.next() { found.append(batch.codec) }
    return found
  }
}
