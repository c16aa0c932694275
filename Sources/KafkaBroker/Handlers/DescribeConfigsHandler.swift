import KafkaProtocol
import Transport

/// DescribeConfigs 1–4: what topics and brokers are set to here, by Kafka's names; nothing else has settings.
enum DescribeConfigsHandler: Handler {
  typealias Request = DescribeConfigsRequest
  nonisolated static var versions: ClosedRange<Int16> { 1...4 }

  /// A setting that this broker really follows.
  private struct Setting {
    var name: String
    var value: String
    /// What it is in Kafka unless somebody sets it.
    var kafkaDefault: String
    /// DescribeConfigs' number of the kind of value.
    var type: Int8

    static func boolean(_ name: String, _ value: Bool, kafka: Bool) -> Setting {
      Setting(name: name, value: "\(value)", kafkaDefault: "\(kafka)", type: 1)
    }
    static func string(_ name: String, _ value: String) -> Setting {
      Setting(name: name, value: value, kafkaDefault: value, type: 2)
    }
    static func int(_ name: String, _ value: Int, kafka: Int) -> Setting {
      Setting(name: name, value: "\(value)", kafkaDefault: "\(kafka)", type: 3)
    }
    static func long(_ name: String, _ value: Int, kafka: Int) -> Setting {
      Setting(name: name, value: "\(value)", kafkaDefault: "\(kafka)", type: 5)
    }
  }

  static func handle(
    _ request: DescribeConfigsRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = DescribeConfigsResponse()
    response.results = request.resources.map { asked in
      var result = DescribeConfigsResponse.Result()
      result.resourceType = asked.resourceType
      result.resourceName = asked.resourceName
      do throws(Topics.Refusal) {
        let settings = try settings(of: asked, call)
        result.configs = settings.filter { asked.configurationKeys?.contains($0.name) ?? true }
          .map(shown)
      } catch {
        result.errorCode = error.code
        result.errorMessage = error.message
      }
      return result
    }
    return try reply(response, call)
  }

  private static func shown(_ setting: Setting) -> DescribeConfigsResponse.Config {
    var config = DescribeConfigsResponse.Config()
    config.name = setting.name
    config.value = setting.value
    config.readOnly = true
    config.configSource = setting.value == setting.kafkaDefault ? 5 : 4
    config.configType = setting.type
    return config
  }

  private static func settings(
    of asked: DescribeConfigsRequest.Resource, _ call: Call
  ) throws(Topics.Refusal) -> [Setting] {
    if let injected = call.injected {
      throw Topics.Refusal(code: injected, message: "As a fault rule says.")
    }
    let options = call.broker.options
    switch asked.resourceType {
    case 2:
      if let fault = TopicRules.fault(in: asked.resourceName) {
        throw Topics.Refusal(code: .invalidTopic, message: fault)
      }
      guard call.broker.topics[asked.resourceName] != nil else {
        throw Topics.Refusal(
          code: .unknownTopicOrPartition, message: ErrorCode.unknownTopicOrPartition.sentence)
      }
      return topicSettings(options)
    case 4:
      guard asked.resourceName == "\(call.nodeId)" else {
        throw Topics.Refusal(
          code: .invalidRequest,
          message:
            "Unexpected broker id, expected \(call.nodeId), but received \(asked.resourceName)")
      }
      return brokerSettings(options)
    default:
      throw Topics.Refusal(
        code: .invalidRequest, message: "Unsupported resource type: \(asked.resourceType)")
    }
  }

  private static func topicSettings(_ options: BrokerOptions) -> [Setting] {
    [
      .string("cleanup.policy", "delete"),
      .string("compression.type", "producer"),
      .int("max.message.bytes", options.maxMessageBytes, kafka: 1_048_588),
      .string("message.timestamp.type", "CreateTime"),
      .int("min.insync.replicas", 1, kafka: 1),
      .long("retention.bytes", options.retentionBytesPerPartition ?? -1, kafka: -1),
      .long("retention.ms", -1, kafka: 604_800_000),
    ]
  }

  private static func brokerSettings(_ options: BrokerOptions) -> [Setting] {
    let times = options.groupSessionTimeoutsMs
    return [
      .boolean("auto.create.topics.enable", options.autoCreateTopics, kafka: true),
      .int(
        "group.initial.rebalance.delay.ms", Int(options.groupInitialRebalanceDelayMs), kafka: 3000),
      .int("group.max.session.timeout.ms", Int(times.upperBound), kafka: 1_800_000),
      .int("group.max.size", options.groupMembersMax, kafka: Int(Int32.max)),
      .int("group.min.session.timeout.ms", Int(times.lowerBound), kafka: 6000),
      .long("log.retention.bytes", options.retentionBytesPerPartition ?? -1, kafka: -1),
      .long("log.retention.ms", -1, kafka: 604_800_000),
      .int("message.max.bytes", options.maxMessageBytes, kafka: 1_048_588),
      .int("num.partitions", Int(options.defaultPartitions), kafka: 1),
    ]
  }
}
