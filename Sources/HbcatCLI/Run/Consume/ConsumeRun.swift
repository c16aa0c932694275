import KafkaClient
import KafkaProtocol
import Transport

/// Carries out a `ConsumePlan`: takes responses from the consumer and prints their records.
struct ConsumeRun {
  let plan: ConsumePlan
  let format: RecordFormat
  let client: ClientConfiguration
  let configuration: ConsumerConfiguration
  let messages: Messages

  /// Why there is nothing to consume.
  private enum StartError: Error {
    case metadata(ClientError)
    case text(String)
    case start(ClientError)
  }

  /// How the start ended.
  private enum Start: Sendable {
    case done(Consumer, Cluster)
    case failed(any Error)
    case interrupted
  }

  private var topics: [String] { [plan.topic] + plan.moreTopics }

  func run() -> Int32 {
    let events = Handover<ConsumerEvent>()
    let interruption = Interruption()
    let setup = ClientSetup(plan: plan.client, messages: messages)
    defer { interruption.end() }
    // Not Net.wait: a broker that does not answer must not hold up who wants an end (F12).
    let starting = Handover<Start>()
    Net.task { [self] in
      interruption.watch {
        starting.push(.interrupted)
        events.push(.interrupted)
      }
      do {
        let cluster = setup.cluster(client)
        starting.push(.done(try await start(cluster, setup, events), cluster))
      } catch {
        starting.push(.failed(error))
      }
    }
    switch starting.take() {
    case .done(let consumer, let cluster):
      defer {
        try? Net.wait {
          consumer.stop()
          cluster.close()
        }
      }
      var printer = ConsumePrinter(
        plan, format, readCommitted: configuration.isolationLevel == .readCommitted,
        messages: messages, interrupt: interruption.thread)
      return ConsumeLoop(consumer: consumer, setup: setup).run(&printer)
    case .failed(let error): return report(error, setup)
    case .interrupted, nil: return messages.exitStatus
    }
  }

  /// Finds the partitions and begins to fetch.
  @Net private func start(
    _ cluster: Cluster, _ setup: ClientSetup, _ events: Handover<ConsumerEvent>
  ) async throws -> Consumer {
    let metadata: ClusterMetadata
    do throws(ClientError) {
      metadata = try await cluster.refreshMetadata(
        topics: topics, allowAutoTopicCreation: false, timeoutMs: plan.client.timeoutMs)
    } catch { throw StartError.metadata(error) }
    let places = try topics.flatMap { name throws(StartError) in try self.places(in: name, metadata)
    }
    let consumer = Consumer(
      cluster, configuration: configuration, stopAtEnd: plan.exitAtEnd, events: events,
      log: setup.log)
    if plan.start == .stored, configuration.groupId == nil {
      throw StartError.text(
        "Failed to start consuming topic \(places[0]): Local: Invalid argument or configuration: "
          + "-o stored needs -X group.id=GROUP")
    }
    do throws(ClientError) {
      if plan.partition == nil { for topic in topics { consumer.follow(topic) } }
      if let spec = plan.start.spec {
        try await consumer.assign(
          places.map { PartitionStart($0, from: .spec(spec)) }, timeoutMs: plan.client.timeoutMs)
      } else {
        try await consumer.assign(
          places, committedBy: configuration.groupId ?? "", timeoutMs: plan.client.timeoutMs)
      }
    } catch { throw StartError.start(error) }
    return consumer
  }

  /// The partitions of a topic that are to be read.
  private func places(
    in name: String, _ metadata: ClusterMetadata
  ) throws(StartError) -> [TopicPartition] {
    let topic = metadata.topic(name)
    let code = topic?.errorCode ?? .unknownTopicOrPartition
    guard let topic, code == .none else {
      throw .text("Topic \(name) error: \(code.sentence)")
    }
    guard let last = topic.partitions.last else {
      throw .text("Topic \(name) has no partitions")
    }
    guard let wanted = plan.partition else {
      return topic.partitions.map { TopicPartition(name, $0.index) }
    }
    guard topic.partition(wanted) != nil else {
      throw .text(
        "Topic \(name) (with partitions 0..\(last.index)): partition \(wanted) does not exist")
    }
    return [TopicPartition(name, wanted)]
  }

  private func report(_ error: any Error, _ setup: ClientSetup) -> Int32 {
    switch error as? StartError {
    case .metadata(let error):
      return setup.fail(
        "Failed to query metadata for topic \(topics.joined(separator: ", "))", error)
    case .text(let text):
      messages.fatal(text)
      return 1
    case .start(let error):
      return setup.fail("Failed to start consuming topic \(topics.joined(separator: ", "))", error)
    case nil:
      messages.fatal("\(error)")
      return 1
    }
  }
}
