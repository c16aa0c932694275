import KafkaProtocol
import Synchronization
import TestSupport
import Testing
import Transport

@testable import KafkaClient

/// The producer over a socket, with a broker that fails as it is told.
@Suite(.serialized) struct ProducerTests {
  /// What a run of the producing thread found.
  struct Report: Sendable {
    var outcome = ProduceOutcome()
    var events: [DeliveryEvent] = []
    var wait: ProducerInput.Wait?
    var error: String?
    var log: [String] = []

    var failures: [String] {
      events.compactMap {
        if case .failed(_, _, _, let error, _, _) = $0 { "\(error)" } else { nil }
      }
    }
  }

  /// Starts a broker and a producer, and runs `body` on a thread that may block.
  private func run(
    _ options: ScriptedBroker.Options = .init(),
    _ change: (inout ProducerConfiguration) -> Void = { _ in },
    reportsDeliveries: Bool = false,
    until isDone: @escaping @Sendable (ScriptedBroker) async -> Bool = { _ in true },
    _ body: @escaping @Sendable (ProducerInput, inout Report) throws -> Void
  ) async throws -> (report: Report, broker: ScriptedBroker) {
    var configuration = ProducerConfiguration()
    change(&configuration)
    let frozen = configuration
    let broker = try await ScriptedBroker(options)
    let port = await broker.port
    let lines = LogLines()
    let report = await onOwnThread { () -> Report in
      var report = Report()
      do {
        let producer = try Net.wait {
          var client = ClientConfiguration()
          client.bootstrapServers = [.init(host: "127.0.0.1", port: port)]
          client.retryBackoffMs = 10
          let cluster = Cluster(client) { lines.add($0.text) }
          return Producer(
            cluster, frozen, reportsDeliveries: reportsDeliveries, seed: 1
          ) { lines.add($0.text) }
        }
        let input = ProducerInput(producer, frozen, seed: 1)
        do {
          try body(input, &report)
        } catch {
          report.error = "\(error)"
        }
        report.outcome = input.outcome()
        report.events += input.takeEvents()
        try Net.wait { producer.close() }
      } catch {
        report.error = "\(error)"
      }
      report.log = lines.all
      return report
    }
    #expect(await eventually { await isDone(broker) })
    await broker.close()
    return (report, broker)
  }

  private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  @Test(arguments: [Codec.none, .gzip, .snappy, .lz4, .zstd])
  func `records arrive as they were, in order`(codec: Codec) async throws {
    let (report, broker) = try await run {
      $0.codec = codec
      $0.batchRecordsMax = 700
    } _: { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce((0..<20_000).map { "value \($0)" }, to: topic)
      report.wait = input.flush()
    }
    #expect(report.error == nil)
    #expect(report.outcome.delivered == 20_000)
    #expect(report.outcome.undelivered == 0)
    let values = try await broker.values("t", 0)
    #expect(values == (0..<20_000).map { "value \($0)" })
    #expect(await broker.violations.isEmpty)
  }

  @Test(arguments: [Int16(0), 1, 2, 3, 7, 9, 12])
  func `every version of Produce carries records`(version: Int16) async throws {
    var options = ScriptedBroker.Options()
    options.produceMax = version
    options.hasProducerIds = version >= 3
    let (report, broker) = try await run(options) {
      $0.codec = .gzip
    } _: { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce(["a", "b", "c"], to: topic)
      report.wait = input.flush()
    }
    #expect(report.error == nil)
    #expect(report.outcome.delivered == 3)
    #expect(try await broker.values("t", 0) == ["a", "b", "c"])
    #expect(await broker.produceVersions == [version])
  }

  @Test func `what old brokers lack is an error that names the version`() async throws {
    var options = ScriptedBroker.Options()
    options.produceMax = 2
    options.hasProducerIds = false
    let headers = try await run(options) { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      var headers = RecordHeaders()
      headers.append(name: "a".utf8, value: "1".utf8)
      _ = try input.append(to: topic, key: nil, value: nil, headers: headers)
    }.report
    #expect(headers.error == "headers need Kafka 0.11 or later")
    options.produceMax = 6
    let zstd = try await run(options) {
      $0.codec = .zstd
    } _: { input, report in
      _ = try input.open("t", timeoutMs: 5000)
    }.report
    #expect(zstd.error?.contains("zstd needs Kafka 2.1 or later") == true)
  }

  @Test func `without producer ids it goes on without idempotence, unless that was asked for`()
    async throws
  {
    var options = ScriptedBroker.Options()
    options.hasProducerIds = false
    let (report, broker) = try await run(options) { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce(["a"], to: topic)
      report.wait = input.flush()
    }
    #expect(report.outcome.delivered == 1)
    #expect(report.log.contains { $0.contains("without idempotence") })
    #expect(try await broker.values("t", 0) == ["a"])
    let required = try await run(options) {
      $0.isIdempotenceRequired = true
    } _: { input, _ in
      _ = try input.open("t", timeoutMs: 5000)
    }.report
    #expect(required.error != nil)
  }

  @Test func `F1: a connection that breaks costs nothing and doubles nothing`() async throws {
    var options = ScriptedBroker.Options()
    options.produce = { number in
      switch number % 7 {
      case 2: .appendAndCut
      case 4: .cut
      case 5: .refuse(.notEnoughReplicas, nil)
      default: .append
      }
    }
    let (report, broker) = try await run(options) {
      $0.batchRecordsMax = 50
      $0.reconnectBackoffMs = 1
    } _: { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce((0..<2000).map(String.init), to: topic)
      report.wait = input.flush()
    }
    #expect(report.outcome.delivered == 2000)
    #expect(report.outcome.failed == 0)
    #expect(try await broker.values("t", 0) == (0..<2000).map(String.init))
    #expect(await broker.violations.isEmpty)
  }

  @Test func `with acks=0 nothing is awaited`() async throws {
    var options = ScriptedBroker.Options()
    options.produce = { _ in .append }
    let (report, broker) = try await run(options) {
      $0.acks = 0
      $0.batchRecordsMax = 10
    } until: { broker in
      await broker.logs["t"]?[0].count == 10
    } _: { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce((0..<100).map(String.init), to: topic)
      report.wait = input.flush()
    }
    #expect(report.outcome.delivered == 100)
    #expect(try await broker.values("t", 0) == (0..<100).map(String.init))
    #expect(Set(await broker.acks) == [0])
  }

  @Test func `F38: five requests are unanswered at most, and five there are`() async throws {
    var options = ScriptedBroker.Options()
    options.produce = { _ in .appendLater(3) }
    let (report, broker) = try await run(options) {
      $0.batchRecordsMax = 10
      $0.inFlightMax = 1000
    } _: { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce((0..<500).map(String.init), to: topic)
      report.wait = input.flush()
    }
    #expect(report.outcome.delivered == 500)
    #expect(await broker.mostUnanswered == 5)
    #expect(try await broker.values("t", 0) == (0..<500).map(String.init))
  }

  @Test(arguments: [ErrorCode.outOfOrderSequenceNumber, .unknownProducerId, .invalidProducerEpoch])
  func `F34, F36, F37: a sequence that is not taken is begun anew and nothing is lost`(
    code: ErrorCode
  ) async throws {
    var options = ScriptedBroker.Options()
    options.produce = { $0 % 5 == 2 ? .refuse(code, nil) : .append }
    let (report, broker) = try await run(options) {
      $0.batchRecordsMax = 50
    } _: { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce((0..<1000).map(String.init), to: topic)
      report.wait = input.flush()
    }
    #expect(report.outcome.delivered == 1000)
    #expect(report.outcome.failed == 0)
    #expect(try await broker.values("t", 0) == (0..<1000).map(String.init))
    let isNoted = report.log.contains { $0.contains("going on under a new producer epoch") }
    #expect(isNoted == (code != .invalidProducerEpoch))
  }

  @Test(arguments: [Codec.none, .gzip, .snappy, .lz4, .zstd])
  func `F32: batches that are too large are halved until they fit, and later ones are smaller`(
    codec: Codec
  ) async throws {
    var options = ScriptedBroker.Options()
    options.batchBytesMax = 3000
    let lines = (0..<20_000).map { "line \($0) \($0 &* 0x1e37_79b9_7f4a_7c15)" }
    let (report, broker) = try await run(options) {
      $0.codec = codec
      $0.batchSize = 64_000
    } _: { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      for part in 0..<20 {
        try input.produce(Array(lines[part * 1000..<(part + 1) * 1000]), to: topic)
        _ = input.flush()
        input.tick()
      }
      report.wait = input.flush()
    }
    #expect(report.outcome.delivered == lines.count)
    #expect(report.outcome.failed == 0)
    #expect(try await broker.values("t", 0) == lines)
    #expect(await broker.batchSizes.contains { $0 > 3000 })
    // Once the limit is felt, nothing of that size comes again.
    #expect(await broker.batchSizes.suffix(20).allSatisfy { $0 <= 3000 })
    #expect(report.log.isEmpty)
  }

  @Test func `F32: a record that alone is too large fails, and the rest arrives`() async throws {
    var options = ScriptedBroker.Options()
    options.batchBytesMax = 3000
    var lines = (0..<300).map(String.init)
    lines[123] = String(repeating: "x", count: 5000)
    let input = lines
    let (report, broker) = try await run(options) { producer, report in
      let topic = try producer.open("t", timeoutMs: 5000)
      try producer.produce(input, to: topic)
      report.wait = producer.flush()
    }
    #expect(report.outcome.delivered == 299)
    #expect(report.outcome.failed == 1)
    #expect(report.failures == ["\(ErrorCode.messageTooLarge)"])
    lines.remove(at: 123)
    #expect(try await broker.values("t", 0) == lines)
  }

  @Test(arguments: [Codec.none, .zstd])
  func `F39: records that are refused are named and the rest arrives in order`(codec: Codec)
    async throws
  {
    var options = ScriptedBroker.Options()
    options.isInvalid = { $0.hasSuffix("77") }
    let lines = (0..<1000).map(String.init)
    let (report, broker) = try await run(options) {
      $0.codec = codec
      $0.batchRecordsMax = 100
    } _: { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce(lines, to: topic)
      report.wait = input.flush()
    }
    #expect(report.outcome.delivered == 990)
    #expect(report.outcome.failed == 10)
    #expect(
      report.failures.first
        == "\(ErrorCode.invalidRecord) (record 78 to t [0]: 77 is not wanted)")
    #expect(try await broker.values("t", 0) == lines.filter { !$0.hasSuffix("77") })
  }

  @Test func `a refused producer id means no idempotence; one that is not ready yet is waited for`()
    async throws
  {
    var options = ScriptedBroker.Options()
    options.producerIdError = { _ in .clusterAuthorizationFailed }
    let refused = try await run(options) { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce(["a"], to: topic)
      report.wait = input.flush()
    }.report
    #expect(refused.outcome.delivered == 1)
    #expect(refused.log.contains { $0.contains("without idempotence") })
    options.producerIdError = { $0 < 3 ? .coordinatorLoadInProgress : .none }
    let ready = try await run(options) { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce(["a"], to: topic)
      report.wait = input.flush()
    }.report
    #expect(ready.outcome.delivered == 1)
    #expect(ready.log.isEmpty)
    options.producerIdError = { _ in .coordinatorLoadInProgress }
    let never = try await run(options) {
      $0.topicMetadataPropagationMaxMs = 2000
    } _: { input, _ in
      _ = try input.open("t", timeoutMs: 1500)
    }.report
    #expect(never.error == "\(ErrorCode.coordinatorLoadInProgress)")
  }

  @Test func `message_timeout_ms also bounds the wait for the topic`() async throws {
    let report = try await run {
      $0.messageTimeoutMs = 200
    } _: { input, report in
      let start = MonotonicClock.nowMs
      defer { #expect(MonotonicClock.nowMs - start < 10_000) }
      _ = try input.open("nowhere", timeoutMs: 60_000)
    }.report
    #expect(report.error == "Broker: Unknown topic or partition")
  }

  @Test func `F40: a permanent error is reported with topic, partition, count and cause`()
    async throws
  {
    var options = ScriptedBroker.Options()
    options.produce = { _ in .refuse(.policyViolation, "no such thing here") }
    let report = try await run(options) { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce(["a", "b"], to: topic)
      report.wait = input.flush()
    }.report
    #expect(report.outcome.failed == 2)
    #expect(report.outcome.possiblyPersisted == 0)
    guard case .failed("t", 0, 2, let error, false, nil) = report.events.first else {
      Issue.record("unexpected \(report.events)")
      return
    }
    #expect("\(error)".contains("no such thing here"))
  }

  @Test func `F22: a topic that does not appear is an error within the time`() async throws {
    let report = try await run { input, report in
      let start = MonotonicClock.nowMs
      do {
        _ = try input.open("nowhere", timeoutMs: 1500)
      } catch {
        #expect(MonotonicClock.nowMs - start < 10_000)
        throw error
      }
    }.report
    #expect(report.error == "Broker: Unknown topic or partition")
  }

  @Test func `a record that is never answered is lost when its time is over, and in doubt`()
    async throws
  {
    var options = ScriptedBroker.Options()
    options.produce = { _ in .ignore }
    let report = try await run(options) {
      $0.messageTimeoutMs = 200
    } _: { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce(["a"], to: topic)
      report.wait = input.flush()
    }.report
    #expect(report.wait == .done)
    #expect(report.outcome.failed == 1)
    #expect(report.outcome.possiblyPersisted == 1)
    #expect(report.failures.first?.hasPrefix("Local: Message timed out") == true)
  }

  @Test func `F45: an interrupt ends the wait and the outcome says what is in doubt`() async throws
  {
    var options = ScriptedBroker.Options()
    options.produce = { $0 == 0 ? .append : .ignore }
    let report = try await run(options) { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce(["a"], to: topic)
      #expect(input.flush() == .done)
      try input.produce(["b", "c"], to: topic)
      #expect(input.flush(deadlineMs: MonotonicClock.nowMs + 50) == .timedOut)
      let interrupt = input.interrupt
      Net.task {
        await sleep(milliseconds: 20)
        interrupt()
      }
      report.wait = input.flush()
      report.outcome = input.outcome()
      #expect(report.outcome.possiblyPersisted == 2)
    }.report
    #expect(report.wait == .interrupted)
    #expect(report.outcome.delivered == 1)
    #expect(report.outcome.undelivered == 2)
  }

  @Test func `500 keyed partitions with a budget of 2 MiB all progress`() async throws {
    var options = ScriptedBroker.Options()
    options.topics = ["t": 500]
    let (report, broker) = try await run(options) {
      $0.queuedBytesMax = 2 << 20
      $0.lingerMs = 60_000
    } _: { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      let value = [UInt8](repeating: 0x76, count: 100)
      for number in 0..<100_000 {
        try Array("key \(number)".utf8).withUnsafeBytes { key in
          try value.withUnsafeBytes { value in
            while try input.append(to: topic, key: key, value: value) == .full {
              #expect(input.waitForRoom() == .done)
            }
          }
        }
      }
      report.wait = input.flush()
    }
    #expect(report.outcome.delivered == 100_000)
    let logs = await broker.logs["t"] ?? []
    #expect(logs.count == 500)
    #expect(logs.allSatisfy { !$0.isEmpty })
  }

  @Test func `deliveries are events where asked for`() async throws {
    let report = try await run(reportsDeliveries: true) { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      try input.produce(["a", "b", "c"], to: topic)
      report.wait = input.flush()
    }.report
    guard case .delivered("t", 0, 3, 0, 1) = report.events.first, report.events.count == 1 else {
      Issue.record("unexpected \(report.events)")
      return
    }
  }

  @Test func `a record that is too large and a partition that is not there are errors`()
    async throws
  {
    let report = try await run {
      $0.messageBytesMax = 10
    } _: { input, report in
      let topic = try input.open("t", timeoutMs: 5000)
      let value = [UInt8](repeating: 1, count: 11)
      value.withUnsafeBytes { value in
        #expect(throws: ProduceError.tooLarge(bytes: 11, limit: 10)) {
          try input.append(to: topic, key: nil, value: value)
        }
        #expect(throws: ProduceError.unknownPartition(topic: "t", 1)) {
          try input.append(to: topic, partition: 1, key: nil, value: nil)
        }
      }
    }.report
    #expect(report.outcome.appended == 0)
  }

  @Test func `topics are opened one after the other and each gets its own`() async throws {
    var options = ScriptedBroker.Options()
    options.topics = ["a": 1, "b": 2]
    let (report, broker) = try await run(options) { input, report in
      let first = try input.open("a", timeoutMs: 5000)
      try input.produce(["to a"], to: first)
      let second = try input.open("b", timeoutMs: 5000)
      #expect(try input.open("a", timeoutMs: 5000) == first)
      try input.produce(["to b"], to: second, partition: 1)
      try input.produce(["to a too"], to: first)
      report.wait = input.flush()
    }
    #expect(report.outcome.delivered == 3)
    #expect(try await broker.values("a", 0) == ["to a", "to a too"])
    #expect(try await broker.values("b", 1) == ["to b"])
  }
}

extension ProducerInput {
  /// Appends values, waiting for room.
  fileprivate func produce(_ values: [String], to topic: Topic, partition: Int32 = -1) throws {
    for value in values {
      try Array(value.utf8).withUnsafeBytes { bytes in
        while try append(to: topic, partition: partition, key: nil, value: bytes) == .full {
          _ = waitForRoom()
        }
      }
    }
  }
}
