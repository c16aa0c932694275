import KafkaProtocol

/// What a partition's error code in a Produce response means for its batch.
enum ProduceVerdict: Hashable {
  /// The batch is in the log.
  case delivered
  /// It will succeed later, from the same broker.
  case retry
  /// It will succeed later, perhaps from another broker.
  case refreshAndRetry
  /// The same, but after `topic.metadata.propagation.max.ms` it is taken as final.
  case unknownTopic
  /// The broker lacks the batch before this one.
  case outOfOrder
  /// The broker has forgotten the producer.
  case unknownProducer
  /// The producer may not write under its id and epoch: a new id is needed.
  case newProducerId
  /// The batch is larger than the topic allows.
  case tooLarge
  /// Nothing will help.
  case permanent

  /// The verdict on a code.
  init(_ code: ErrorCode) {
    self =
      switch code {
      case .none, .duplicateSequenceNumber: .delivered
      case .unknownTopicOrPartition, .unknownTopicId, .inconsistentTopicId: .unknownTopic
      case .leaderNotAvailable, .notLeaderOrFollower, .fencedLeaderEpoch, .unknownLeaderEpoch,
        .kafkaStorageError, .replicaNotAvailable, .brokerNotAvailable, .networkException:
        .refreshAndRetry
      case .outOfOrderSequenceNumber: .outOfOrder
      case .unknownProducerId: .unknownProducer
      case .invalidProducerEpoch, .producerFenced, .invalidProducerIdMapping: .newProducerId
      case .messageTooLarge, .recordListTooLarge: .tooLarge
      default: code.isRetriable ? .retry : .permanent
      }
  }

  /// True where the broker may have appended the batch although it reports an error.
  static func mayBeAppended(_ code: ErrorCode) -> Bool {
    code == .requestTimedOut || code == .notEnoughReplicasAfterAppend
      || code == .networkException || code == .kafkaStorageError
  }

  /// The code's sentence, as librdkafka says it.
  static func sentence(_ code: ErrorCode) -> String { "\(code)" }
}
