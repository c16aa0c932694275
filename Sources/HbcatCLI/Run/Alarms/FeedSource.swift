import Healthbot
import KafkaClient
import KafkaProtocol
import Transport

/// Which topics a feed reads.
struct FeedTopics: Sendable {
  /// Topics that must be there.
  var named: [String] = []
  /// Topics whose names begin so are read, also those that come later; a dot stands at the end.
  var prefixes: [String] = []
  /// Topics that are read if they are there, and from their beginning.
  var optional: [String] = []
  /// Where the others begin.
  var start = OffsetSpec.beginning

  /// How the topics of a group begin; two ways where Kafka does not allow the group's name (`--sanitize`).
  static func prefixes(ofGroup group: String) -> [String] {
    let sanitized = (try? SanitizedTopicName(group))?.name.description
    return Set([group, sanitized ?? group]).map { "\($0)." }.sorted()
  }

  func takes(_ topic: ClusterMetadata.Topic) -> Bool {
    if optional.contains(topic.name) || named.contains(topic.name) { return true }
    return !topic.isInternal && prefixes.contains { topic.name.hasPrefix($0) }
  }
}

/// Why a feed did not start, or did not come to the end of what is there.
enum FeedError: Error {
  /// The cluster cannot be asked.
  case metadata(ClientError)
  /// A topic cannot be read.
  case topic(String, ErrorCode)
  /// Nothing can be read from these topics.
  case start(ClientError)
  /// Somebody wants an end.
  case interrupted

  /// What went wrong, in kcat's words.
  var text: String {
    switch self {
    case .metadata(let error): "Failed to query metadata: \(error)"
    case .topic(let name, let code): "Topic \(name) error: \(code.sentence)"
    case .start(let error): "Failed to start consuming: \(error)"
    case .interrupted: "interrupted"
    }
  }

  /// What lies behind it, a line each.
  var details: [String] {
    switch self {
    case .metadata(let error), .start(let error): error.details
    case .topic, .interrupted: []
    }
  }
}

/// The loop's side of a feed: the consumer, and the search for topics that come into being.
@Net final class FeedSource {
  /// How often topics are looked for, in milliseconds: a new alarm mostly has a new topic.
  ///
  /// With more than a thousand topics it takes longer, up to the second number.
  static let searchMs: ClosedRange<Int64> = 1000...5000

  nonisolated let consumer: Consumer
  private let cluster: Cluster
  private let topics: FeedTopics
  private let timeoutMs: Int64
  private var known: Set<String> = []
  private var isClosed = false

  init(
    _ topics: FeedTopics, _ setup: ClientSetup, client: ClientConfiguration,
    configuration: ConsumerConfiguration, events: Handover<ConsumerEvent>
  ) {
    self.topics = topics
    timeoutMs = setup.plan.timeoutMs
    cluster = setup.cluster(client)
    var configuration = configuration
    // What retention has taken away is passed over, and nothing else.
    configuration.autoOffsetReset = .earliest
    consumer = Consumer(
      cluster, configuration: configuration, stopAtEnd: false, events: events, log: setup.log)
  }

  /// Finds the topics and begins to read; answers how many there are, optional ones aside.
  func start() async throws(FeedError) -> Int {
    let deadlineMs = MonotonicClock.nowMs + timeoutMs
    try await refresh()
    for name in topics.named {
      var code = ErrorCode.leaderNotAvailable
      while true {
        code = cluster.metadata.topic(name)?.errorCode ?? .unknownTopicOrPartition
        // A topic that was made just now.
        guard code == .leaderNotAvailable, MonotonicClock.nowMs < deadlineMs else { break }
        await sleep(milliseconds: 100)
        try await refresh()
      }
      guard code == .none else { throw .topic(name, code) }
    }
    let found = takeNew()
    let count = known.subtracting(topics.optional).count
    do throws(ClientError) {
      try await consumer.assign(found, timeoutMs: timeoutMs)
    } catch { throw .start(error) }
    search()
    return count
  }

  /// Asks for the topics that there are.
  func refresh(timeoutMs: Int64? = nil) async throws(FeedError) {
    do throws(ClientError) {
      try await cluster.refreshMetadata(
        topics: topics.prefixes.isEmpty ? topics.named + topics.optional : nil,
        allowAutoTopicCreation: false, timeoutMs: timeoutMs ?? self.timeoutMs)
    } catch { throw .metadata(error) }
  }

  /// The partitions of topics that are not read yet.
  private func takeNew() -> [PartitionStart] {
    var starts: [PartitionStart] = []
    for topic in cluster.metadata.topics
    where topic.errorCode == .none && topics.takes(topic) && known.insert(topic.name).inserted {
      consumer.follow(topic.name)
      let isOptional = topics.optional.contains(topic.name)
      for partition in topic.partitions {
        starts.append(
          PartitionStart(
            TopicPartition(topic.name, partition.index),
            from: .spec(isOptional ? .beginning : topics.start)))
      }
    }
    return starts
  }

  /// Whether topics may come that are read.
  private var awaitsTopics: Bool {
    !topics.prefixes.isEmpty || !known.isSuperset(of: topics.optional)
  }

  /// Looks for topics now and again: what is new is read from its beginning.
  private func search() {
    Net.task { [weak self, cluster] in
      while true {
        let count = Int64(cluster.metadata.topics.count)
        await sleep(
          milliseconds: min(max(count, Self.searchMs.lowerBound), Self.searchMs.upperBound))
        guard let self, !self.isClosed, self.awaitsTopics else { return }
        guard (try? await self.refresh()) != nil, !self.isClosed else { continue }
        let found = self.takeNew()
        if !found.isEmpty { self.consumer.add(found) }
      }
    }
  }

  func close() {
    isClosed = true
    consumer.stop()
    cluster.close()
  }

  /// Closes it from the main thread, which waits for that.
  nonisolated func closeSoon() { try? Net.wait { self.close() } }
}
