import Testing

@testable import KafkaProtocol

struct ErrorCodeTests {
  @Test func `the table has each code at its place`() {
    #expect(ErrorCode.table.map(\.code) == Array(-1...133))
    #expect(Set(ErrorCode.table.map(\.name)).count == ErrorCode.table.count)
  }

  /// Names and `retriable` by Kafka 4.3.1, sentences by librdkafka 2.0.2.
  @Test(
    arguments: [
      (.unknownServerError, "UNKNOWN_SERVER_ERROR", false, "Unknown broker error"),
      (.none, "NONE", false, "Success"),
      (
        .unknownTopicOrPartition, "UNKNOWN_TOPIC_OR_PARTITION", true,
        "Broker: Unknown topic or partition"
      ),
      (.leaderNotAvailable, "LEADER_NOT_AVAILABLE", true, "Broker: Leader not available"),
      (.notLeaderOrFollower, "NOT_LEADER_OR_FOLLOWER", true, "Broker: Not leader for partition"),
      (.messageTooLarge, "MESSAGE_TOO_LARGE", false, "Broker: Message size too large"),
      (.invalidTopic, "INVALID_TOPIC_EXCEPTION", false, "Broker: Invalid topic"),
      (
        .topicAuthorizationFailed, "TOPIC_AUTHORIZATION_FAILED", false,
        "Broker: Topic authorization failed"
      ),
      (.unsupportedVersion, "UNSUPPORTED_VERSION", false, "Broker: API version not supported"),
      (
        ErrorCode(rawValue: 97), "PRINCIPAL_DESERIALIZATION_FAILURE", false,
        "Broker: Request principal deserialization failed during forwarding"
      ),
      (.unknownTopicId, "UNKNOWN_TOPIC_ID", true, "Broker: Unknown topic id"),
      (
        ErrorCode(rawValue: 133), "SHARE_SESSION_LIMIT_REACHED", true,
        "Broker: The limit of share sessions has been reached"
      ),
    ] as [(ErrorCode, String, Bool, String)])
  func `a code has Kafka's name and librdkafka's sentence`(
    code: ErrorCode, name: String, isRetriable: Bool, sentence: String
  ) {
    #expect(code.name == name)
    #expect(code.isRetriable == isRetriable)
    #expect(code.sentence == sentence)
    #expect("\(code)" == sentence)
  }

  @Test(arguments: [-2, 134, Int16.min, .max])
  func `an unknown code says its number`(code: Int16) {
    #expect(ErrorCode(rawValue: code).name == "ERR_\(code)?")
    #expect(ErrorCode(rawValue: code).sentence == "Err-\(code)?")
    #expect(!ErrorCode(rawValue: code).isRetriable)
  }
}
