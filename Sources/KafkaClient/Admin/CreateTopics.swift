internal import KafkaProtocol
internal import Transport

/// A topic that is to be created.
public struct NewTopic: Hashable, Sendable {
  /// One of a topic's settings, such as `cleanup.policy` and `compact`.
  public struct Setting: Hashable, Sendable {
    /// Kafka's name of it.
    public var name: String
    /// Its value.
    public var value: String

    /// Makes a setting.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The topic's name.
  public var name: String
  /// How many partitions, 1 or more; nil for the broker's own number (Kafka 2.4, KIP-464).
  public var partitions: Int32?
  /// How many replicas of each, 1 or more; nil for the broker's own number (Kafka 2.4, KIP-464).
  public var replicas: Int16?
  /// What differs from the broker's settings.
  public var settings: [Setting]

  /// Makes one.
  public init(
    _ name: String, partitions: Int32? = nil, replicas: Int16? = nil, settings: [Setting] = []
  ) {
    self.name = name
    self.partitions = partitions
    self.replicas = replicas
    self.settings = settings
  }
}

/// What became of a topic that was to be created.
public struct TopicCreation: Sendable {
  /// How it ended.
  public enum Outcome: Sendable {
    /// It is there now.
    case created
    /// It was there before, or a first try whose answer was lost has made it.
    case exists
    /// It is not there: a `ClientError.broker` has the broker's words, such as which topic's name collides.
    case failed(ClientError)
  }

  /// The topic's name.
  public let name: String
  /// How it ended.
  public let outcome: Outcome
}

extension Cluster {
  /// Has the controller create topics, each named once; answers in the order asked.
  ///
  /// What may pass, such as a controller that has moved, is asked again within `timeoutMs`. A topic that was
  /// just created may not have its leaders yet.
  /// - Throws: `ClientError` where no answer can be had at all: `unreachable`, or `unsupported` before Kafka
  ///   0.10.1.
  public func createTopics(_ topics: [NewTopic], timeoutMs: Int64) async throws(ClientError)
    -> [TopicCreation]
  {
    let deadlineMs = MonotonicClock.nowMs + timeoutMs
    var backoff = Backoff(configuration)
    var outcomes: [String: TopicCreation.Outcome] = [:]
    var open = topics
    while !open.isEmpty {
      var failure: ClientError?
      do throws(ClientError) {
        let answers = try await askToCreate(open, deadlineMs: deadlineMs)
        for topic in open {
          outcomes[topic.name] =
            answers[topic.name]
            ?? .failed(
              .broker(.unknownServerError, message: "the broker's answer leaves this topic out"))
        }
      } catch {
        failure = error
      }
      if failure == nil {
        open = open.filter {
          if case .failed(let error) = outcomes[$0.name] { error.isRetriable } else { false }
        }
        if open.isEmpty { break }
      }
      let pause = backoff.next()
      guard failure?.isRetriable ?? true, MonotonicClock.nowMs + pause < deadlineMs else {
        // What some topics were answered is worth more than why the last question failed.
        if let failure, outcomes.isEmpty { throw failure }
        break
      }
      await sleep(milliseconds: pause)
    }
    return topics.map {
      TopicCreation(
        name: $0.name,
        outcome: outcomes[$0.name] ?? .failed(.timedOut(what: "CreateTopics", afterMs: timeoutMs)))
    }
  }

  /// Has a topic created unless the cluster has it; asked about one that is there, no controller is troubled.
  ///
  /// A topic that the cluster knows but will not tell of, such as for want of rights, counts as there.
  /// Finding out and creating may take `timeoutMs` each.
  /// - Throws: `ClientError` as `createTopics` and `refreshMetadata` do.
  public func createIfMissing(
    _ topic: NewTopic, timeoutMs: Int64
  ) async throws(ClientError) -> TopicCreation.Outcome {
    let metadata = try await refreshMetadata(
      topics: [topic.name], allowAutoTopicCreation: false, timeoutMs: timeoutMs)
    let code = metadata.topic(topic.name)?.errorCode ?? .unknownTopicOrPartition
    guard code == .unknownTopicOrPartition else { return .exists }
    return try await createTopics([topic], timeoutMs: timeoutMs).first?.outcome ?? .exists
  }

  private func askToCreate(_ topics: [NewTopic], deadlineMs: Int64) async throws(ClientError)
    -> [String: TopicCreation.Outcome]
  {
    // Each time anew, since the controller may have moved; the answer names no topic.
    try await refreshMetadata(
      topics: [], allowAutoTopicCreation: false,
      timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
    // Brokers before 0.10 do not tell who it is, and cannot be asked anyway.
    let connection =
      metadata.broker(metadata.controllerId) == nil
      ? try await anyConnection(timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
      : try await self.connection(to: metadata.controllerId, .control)
    let version = try connection.version(of: .createTopics)
    var request = CreateTopicsRequest()
    request.topics = try topics.map { (topic) throws(ClientError) in
      guard version >= 4 || (topic.partitions != nil && topic.replicas != nil) else {
        throw .unsupported(
          what: "a topic with the broker's own numbers of partitions and replicas",
          needs: "Kafka 2.4 or later")
      }
      return Self.row(of: topic)
    }
    let waitMs = min(MonotonicClock.leftMs(until: deadlineMs), configuration.socketTimeoutMs)
    request.timeoutMs = Int32(clamping: waitMs)
    let response = try await connection.request(
      request, version: version, timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
    var outcomes: [String: TopicCreation.Outcome] = [:]
    for row in response.topics { outcomes[row.name] = Self.outcome(of: row) }
    return outcomes
  }

  private static func row(of topic: NewTopic) -> CreateTopicsRequest.Topic {
    var row = CreateTopicsRequest.Topic()
    row.name = topic.name
    row.numPartitions = topic.partitions ?? -1
    row.replicationFactor = topic.replicas ?? -1
    row.configs = topic.settings.map { setting in
      var config = CreateTopicsRequest.Config()
      config.name = setting.name
      config.value = setting.value
      return config
    }
    return row
  }

  private static func outcome(of row: CreateTopicsResponse.Topic) -> TopicCreation.Outcome {
    switch row.errorCode {
    case .none: .created
    case .topicAlreadyExists: .exists
    case let code: .failed(.broker(code, message: row.errorMessage))
    }
  }
}
