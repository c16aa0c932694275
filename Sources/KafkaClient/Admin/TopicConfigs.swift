internal import KafkaProtocol
internal import Transport

/// A setting of a topic.
public struct TopicConfig: Sendable, Hashable {
  /// Who says what its value is.
  public enum Source: String, Sendable {
    /// Somebody, for this topic.
    case topic
    /// The brokers' own settings.
    case broker
    /// Nobody: Kafka's default.
    case `default`
  }

  /// Kafka's name, such as `cleanup.policy`.
  public var name: String
  /// The value; nil if there is none, and where it is secret.
  public var value: String?
  /// Who says so.
  public var source: Source
  /// Whether the value is secret: no broker tells it.
  public var isSensitive: Bool

  /// Makes one.
  public init(_ name: String, _ value: String?, source: Source, isSensitive: Bool = false) {
    self.name = name
    self.value = value
    self.source = source
    self.isSensitive = isSensitive
  }
}

extension Cluster {
  /// The settings of topics, by topic and sorted by name; DescribeConfigs, which any broker answers.
  ///
  /// A topic's error, such as TOPIC_AUTHORIZATION_FAILED, is its answer.
  /// - Throws: `ClientError.unsupported` before Kafka 0.11, or what stood in the way when `timeoutMs` was over.
  public func configs(
    ofTopics names: [String], timeoutMs: Int64
  ) async throws(ClientError) -> [String: Result<[TopicConfig], ClientError>] {
    try await retrying(timeoutMs: timeoutMs) { (deadlineMs) async throws(ClientError) in
      try await askConfigs(names, deadlineMs)
    }
  }

  private func askConfigs(
    _ names: [String], _ deadlineMs: Int64
  ) async throws(ClientError) -> [String: Result<[TopicConfig], ClientError>] {
    let connection = try await anyConnection(timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
    let version = try connection.version(of: .describeConfigs)
    var request = DescribeConfigsRequest()
    request.resources = names.map { name in
      var resource = DescribeConfigsRequest.Resource()
      resource.resourceType = 2
      resource.resourceName = name
      return resource
    }
    let response = try await connection.request(
      request, version: version,
      timeoutMs: min(
        MonotonicClock.leftMs(until: deadlineMs), configuration.socketTimeoutMs))
    return response.results.reduce(into: [:]) { found, result in
      guard result.errorCode == .none else {
        found[result.resourceName] = .failure(
          .broker(result.errorCode, message: result.errorMessage))
        return
      }
      found[result.resourceName] = .success(
        result.configs.map { TopicConfig($0, version) }.sorted { $0.name < $1.name })
    }
  }
}

extension TopicConfig {
  fileprivate init(_ config: DescribeConfigsResponse.Config, _ version: Int16) {
    let source: Source =
      switch (version, config.configSource) {
      case (0, _): config.isDefault ? .default : .topic
      case (_, 1): .topic
      case (_, 5): .default
      default: .broker
      }
    self.init(
      config.name, config.isSensitive ? nil : config.value, source: source,
      isSensitive: config.isSensitive)
  }
}
