import Healthbot
import KafkaClient
import KafkaProtocol
import Transport

/// The way to one Kafka cluster: a producer, and what is known of topics that cannot be had.
///
/// Confined to the thread that made it. What is taken over comes back as an event where it fails.
final class KafkaLane {
  /// A record that was given up.
  struct Failure {
    /// The notification that wrote to the topic first.
    var notification: String
    var topic: String
    var key: [UInt8]?
    var line: [UInt8]
    var refusal: DeliveryRefusal
  }

  /// How long a topic or a cluster that failed is not tried again, in milliseconds.
  private static let restMs: Int64 = 10_000

  /// What the summary calls it: the notification that named the cluster first.
  let name: String
  let input: ProducerInput
  /// What stands in front of what is said, where there are several notifications.
  private let prefix: String
  private let plan: DeliveryPlan
  private let setup: ClientSetup
  private let cluster: Cluster
  private let producer: Producer
  private let headers: RecordHeaders?
  private var refusedTopics: [String: (untilMs: Int64, refusal: DeliveryRefusal)] = [:]
  private var refusal: (untilMs: Int64, refusal: DeliveryRefusal)?
  /// Whether a cluster that rested answers again: asked beside the stream, which does not wait for it.
  private var probe: Handover<Bool>?
  private var openTopics = OpenTopics()
  /// Whose topics they are, for those that are not `name`'s.
  private var owners: [String: String] = [:]
  /// A topic was waited for in vain: the broker seems to create none, which is not waited for again.
  private var lacksTopics = false

  init(
    _ cluster: DeliverySetup.Cluster, _ plan: DeliveryPlan, _ messages: Messages
  ) throws(ClientError) {
    let (client, configuration) = (cluster.client, cluster.producer)
    name = cluster.name
    prefix = plan.configFiles.isEmpty ? "" : "notification \(cluster.name): "
    self.plan = plan
    headers = ProduceSession.headers(plan.headers)
    let setup = ClientSetup(plan: plan.client, messages: messages)
    self.setup = setup
    let reportsDeliveries = messages.verbosity >= 3 && !configuration.reportsOnlyErrors
    do {
      (self.cluster, producer) = try Net.wait {
        let cluster = setup.cluster(client)
        return (
          cluster,
          Producer(
            cluster, configuration, reportsDeliveries: reportsDeliveries, keepsFailed: true,
            log: setup.log)
        )
      }
    } catch { throw .closed }
    input = ProducerInput(producer, configuration)
  }

  /// Takes over a record of a notification; waits for room where the budget is spent.
  ///
  /// - Throws: `DeliveryRefusal` where it is not taken, at once while the cluster or the topic rests after a
  ///   failure.
  func publish(
    _ line: [UInt8], key: [UInt8]?, to name: String, for notification: String
  ) throws(DeliveryRefusal) {
    let topic = try open(name, notification)
    try line.withUnsafeBufferPointer { line throws(DeliveryRefusal) in
      try append(UnsafeRawBufferPointer(line), key: key, to: topic)
    }
  }

  /// The topic of a name, if it is open.
  func opened(_ name: [UInt8]) -> ProducerInput.Topic? {
    openTopics.topic(name) { input.opened($0) }
  }

  /// Takes over a record for a topic that is open; waits for room where the budget is spent.
  func append(
    _ line: UnsafeRawBufferPointer, key: [UInt8]?, to topic: ProducerInput.Topic
  ) throws(DeliveryRefusal) {
    guard let key else { return try append(line, rawKey: nil, to: topic) }
    try key.withUnsafeBufferPointer { key throws(DeliveryRefusal) in
      try append(line, rawKey: UnsafeRawBufferPointer(key), to: topic)
    }
  }

  private func append(
    _ line: UnsafeRawBufferPointer, rawKey key: UnsafeRawBufferPointer?,
    to topic: ProducerInput.Topic
  ) throws(DeliveryRefusal) {
    while true {
      do throws(ProduceError) {
        let result =
          if let headers {
            try input.append(to: topic, key: key, value: line, headers: headers)
          } else {
            try input.append(to: topic, key: key, value: line)
          }
        if case .appended = result { return }
      } catch {
        throw DeliveryRefusal(
          text: "\(prefix)Failed to produce message (\(line.count) bytes): \(error)", mayPass: false
        )
      }
      if case .interrupted = input.waitForRoom() {
        throw .interrupted
      }
    }
  }

  // MARK: Topics

  private func open(
    _ name: String, _ notification: String
  ) throws(DeliveryRefusal) -> ProducerInput.Topic {
    if let known = input.opened(name) { return known }
    if !refusedTopics.isEmpty || refusal != nil { try checkRefusals(name) }
    do throws(ClientError) {
      if let newTopic = plan.newTopic { try create(name, newTopic) }
      if lacksTopics, try isMissing(name) { throw .unknownTopic(name) }
      let topic = try input.open(name, timeoutMs: plan.client.timeoutMs * 9 / 10)
      if notification != self.name { owners[name] = notification }
      return topic
    } catch {
      if case .unknownTopic = error { lacksTopics = true }
      let refusal = explain(error, name)
      let untilMs = MonotonicClock.nowMs + Self.restMs
      switch error {
      case .unknownTopic, .broker:
        // Each alarm may have a topic of its own; what cannot be had is remembered for some only.
        if refusedTopics.count >= 10_000 { refusedTopics = [:] }
        refusedTopics[name] = (untilMs, refusal)
      case .closed: break
      default: self.refusal = (untilMs, refusal)
      }
      throw refusal
    }
  }

  private func checkRefusals(_ name: String) throws(DeliveryRefusal) {
    let nowMs = MonotonicClock.nowMs
    if let refusal {
      guard isBack(restsUntilMs: refusal.untilMs, nowMs) else { throw refusal.refusal }
      self.refusal = nil
    }
    if let (untilMs, refusal) = refusedTopics[name] {
      if nowMs < untilMs { throw refusal }
      refusedTopics[name] = nil
    }
  }

  /// Whether a cluster that failed answers again; asks it once its rest is over.
  private func isBack(restsUntilMs: Int64, _ nowMs: Int64) -> Bool {
    if let probe {
      guard let answers = probe.poll() else { return false }
      self.probe = nil
      if !answers { refusal?.untilMs = nowMs + Self.restMs }
      return answers
    }
    guard nowMs >= restsUntilMs else { return false }
    let probe = Handover<Bool>()
    self.probe = probe
    Net.task { [cluster, timeoutMs = plan.client.timeoutMs] in
      do throws(ClientError) {
        _ = try await cluster.refreshMetadata(
          topics: [], allowAutoTopicCreation: false, timeoutMs: timeoutMs)
        probe.push(true)
      } catch { probe.push(false) }
    }
    return false
  }

  private func explain(_ error: ClientError, _ name: String) -> DeliveryRefusal {
    switch error {
    case .unknownTopic, .broker:
      var text = "\(prefix)Topic \(name) error: \(error)"
      if let other = collision(of: name) {
        text +=
          ": it collides with topic \(other), which differs in . and _ alone; give another by "
          + "\"topic\" or --to"
      } else if case .unknownTopic = error, plan.newTopic == nil {
        text += "; give --create-topics, or create it first"
      }
      return DeliveryRefusal(text: text, mayPass: true)
    case .closed: return .interrupted
    default:
      setup.sayDetails(of: error)
      return DeliveryRefusal(text: "\(prefix)\(error)", mayPass: true, cause: error)
    }
  }

  /// Creates the topic if it is missing.
  private func create(_ name: String, _ shape: DeliveryPlan.NewTopic) throws(ClientError) {
    let topic = NewTopic(name, partitions: shape.partitions, replicas: shape.replicas)
    let outcome = try ask { (cluster, timeoutMs) throws(ClientError) in
      try await cluster.createIfMissing(topic, timeoutMs: timeoutMs)
    }
    if case .failed(let error) = outcome { throw error }
  }

  /// Whether the cluster has no such topic now, and creates none when it is asked.
  private func isMissing(_ name: String) throws(ClientError) -> Bool {
    let metadata = try ask { (cluster, timeoutMs) throws(ClientError) in
      try await cluster.refreshMetadata(
        topics: [name], allowAutoTopicCreation: true, timeoutMs: timeoutMs)
    }
    let code = metadata.topic(name)?.errorCode ?? .unknownTopicOrPartition
    return code == .unknownTopicOrPartition
  }

  /// Waits for what the cluster answers.
  private func ask<T: Sendable>(
    _ body: @escaping @Sendable @Net (Cluster, Int64) async throws(ClientError) -> T
  ) throws(ClientError) -> T {
    let result: Result<T, ClientError>? = try? Net.wait {
      [cluster, timeoutMs = plan.client.timeoutMs] in
      do throws(ClientError) { return .success(try await body(cluster, timeoutMs)) } catch {
        return .failure(error)
      }
    }
    guard let result else { throw .closed }
    return try result.get()
  }

  /// The topic for whose sake a broker refuses that name; nil where there is none, or nobody can tell.
  private func collision(of name: String) -> TopicName? {
    guard let wanted = try? TopicName(name) else { return nil }
    let names = try? ask { (cluster, timeoutMs) throws(ClientError) in
      try await cluster.refreshMetadata(
        topics: nil, allowAutoTopicCreation: false, timeoutMs: timeoutMs
      ).topics.map(\.name)
    }
    return names?.lazy.compactMap { try? TopicName($0) }.first { $0.collides(with: wanted) }
  }

  // MARK: Results

  /// Whether all that was taken over is delivered or given up.
  var isSettled: Bool { input.isSettled }

  /// The records that were given up since the last call; says deliveries where the user wants to know.
  func takeFailures(_ messages: Messages) -> [Failure] {
    var failures: [Failure] = []
    for event in input.takeEvents() {
      switch event {
      case .delivered(_, let partition, let count, let baseOffset, let brokerId):
        ProduceSession.sayDelivered(count, partition, baseOffset, brokerId, messages)
      case .failed(let topic, _, let count, let error, _, let records):
        let refusal = DeliveryRefusal(
          text: "\(prefix)Delivery failed for message: \(error)", mayPass: error.mayPass)
        var found: [Failure] = []
        let owner = owners[topic] ?? name
        // A batch that cannot be read again was made here: then there is nothing to keep.
        try? records?.forEach { key, value in
          found.append(
            Failure(
              notification: owner, topic: topic, key: key.map { Array($0) },
              line: value.map { Array($0) } ?? [],
              refusal: refusal))
        }
        while found.count < count {
          found.append(
            Failure(notification: owner, topic: topic, key: nil, line: [], refusal: refusal))
        }
        failures += found
      }
    }
    return failures
  }

  /// Sends what is open and waits until all is delivered or given up; false where an interrupt came.
  func flush() -> Bool {
    if case .interrupted = input.flush() { return false }
    return true
  }

  /// Sends what is open, and waits for nothing.
  func seal() { _ = input.flush(deadlineMs: 0) }

  /// Gives up what is not delivered, and closes the connections.
  func close() {
    try? Net.wait { [cluster, producer] in
      producer.close()
      cluster.close()
    }
  }
}

extension DeliveryError {
  /// Whether the same record may go another time.
  fileprivate var mayPass: Bool {
    switch self {
    case .unsupported: false
    case .broker(let code, _):
      code != .messageTooLarge && code != .recordListTooLarge && code != .invalidRecord
    case .timedOut, .retriesExhausted, .unreachable, .gap, .closed: true
    }
  }
}
