/// The codes that are met by name.
extension ErrorCode {
  /// No error (0).
  public static let none = ErrorCode(rawValue: 0)
  /// UNKNOWN_SERVER_ERROR.
  public static let unknownServerError = ErrorCode(rawValue: -1)
  /// OFFSET_OUT_OF_RANGE.
  public static let offsetOutOfRange = ErrorCode(rawValue: 1)
  /// CORRUPT_MESSAGE.
  public static let corruptMessage = ErrorCode(rawValue: 2)
  /// UNKNOWN_TOPIC_OR_PARTITION.
  public static let unknownTopicOrPartition = ErrorCode(rawValue: 3)
  /// INVALID_FETCH_SIZE.
  public static let invalidFetchSize = ErrorCode(rawValue: 4)
  /// LEADER_NOT_AVAILABLE.
  public static let leaderNotAvailable = ErrorCode(rawValue: 5)
  /// NOT_LEADER_OR_FOLLOWER.
  public static let notLeaderOrFollower = ErrorCode(rawValue: 6)
  /// REQUEST_TIMED_OUT.
  public static let requestTimedOut = ErrorCode(rawValue: 7)
  /// BROKER_NOT_AVAILABLE.
  public static let brokerNotAvailable = ErrorCode(rawValue: 8)
  /// REPLICA_NOT_AVAILABLE.
  public static let replicaNotAvailable = ErrorCode(rawValue: 9)
  /// MESSAGE_TOO_LARGE.
  public static let messageTooLarge = ErrorCode(rawValue: 10)
  /// OFFSET_METADATA_TOO_LARGE.
  public static let offsetMetadataTooLarge = ErrorCode(rawValue: 12)
  /// NETWORK_EXCEPTION.
  public static let networkException = ErrorCode(rawValue: 13)
  /// COORDINATOR_LOAD_IN_PROGRESS.
  public static let coordinatorLoadInProgress = ErrorCode(rawValue: 14)
  /// COORDINATOR_NOT_AVAILABLE.
  public static let coordinatorNotAvailable = ErrorCode(rawValue: 15)
  /// NOT_COORDINATOR.
  public static let notCoordinator = ErrorCode(rawValue: 16)
  /// INVALID_TOPIC_EXCEPTION.
  public static let invalidTopic = ErrorCode(rawValue: 17)
  /// RECORD_LIST_TOO_LARGE.
  public static let recordListTooLarge = ErrorCode(rawValue: 18)
  /// NOT_ENOUGH_REPLICAS.
  public static let notEnoughReplicas = ErrorCode(rawValue: 19)
  /// NOT_ENOUGH_REPLICAS_AFTER_APPEND.
  public static let notEnoughReplicasAfterAppend = ErrorCode(rawValue: 20)
  /// INVALID_REQUIRED_ACKS.
  public static let invalidRequiredAcks = ErrorCode(rawValue: 21)
  /// ILLEGAL_GENERATION.
  public static let illegalGeneration = ErrorCode(rawValue: 22)
  /// INCONSISTENT_GROUP_PROTOCOL.
  public static let inconsistentGroupProtocol = ErrorCode(rawValue: 23)
  /// INVALID_GROUP_ID.
  public static let invalidGroupId = ErrorCode(rawValue: 24)
  /// UNKNOWN_MEMBER_ID.
  public static let unknownMemberId = ErrorCode(rawValue: 25)
  /// INVALID_SESSION_TIMEOUT.
  public static let invalidSessionTimeout = ErrorCode(rawValue: 26)
  /// REBALANCE_IN_PROGRESS.
  public static let rebalanceInProgress = ErrorCode(rawValue: 27)
  /// TOPIC_AUTHORIZATION_FAILED.
  public static let topicAuthorizationFailed = ErrorCode(rawValue: 29)
  /// GROUP_AUTHORIZATION_FAILED.
  public static let groupAuthorizationFailed = ErrorCode(rawValue: 30)
  /// CLUSTER_AUTHORIZATION_FAILED.
  public static let clusterAuthorizationFailed = ErrorCode(rawValue: 31)
  /// INVALID_TIMESTAMP.
  public static let invalidTimestamp = ErrorCode(rawValue: 32)
  /// UNSUPPORTED_SASL_MECHANISM.
  public static let unsupportedSaslMechanism = ErrorCode(rawValue: 33)
  /// ILLEGAL_SASL_STATE.
  public static let illegalSaslState = ErrorCode(rawValue: 34)
  /// UNSUPPORTED_VERSION.
  public static let unsupportedVersion = ErrorCode(rawValue: 35)
  /// TOPIC_ALREADY_EXISTS.
  public static let topicAlreadyExists = ErrorCode(rawValue: 36)
  /// INVALID_PARTITIONS.
  public static let invalidPartitions = ErrorCode(rawValue: 37)
  /// INVALID_REPLICATION_FACTOR.
  public static let invalidReplicationFactor = ErrorCode(rawValue: 38)
  /// INVALID_REPLICA_ASSIGNMENT.
  public static let invalidReplicaAssignment = ErrorCode(rawValue: 39)
  /// INVALID_CONFIG.
  public static let invalidConfig = ErrorCode(rawValue: 40)
  /// NOT_CONTROLLER.
  public static let notController = ErrorCode(rawValue: 41)
  /// INVALID_REQUEST.
  public static let invalidRequest = ErrorCode(rawValue: 42)
  /// UNSUPPORTED_FOR_MESSAGE_FORMAT.
  public static let unsupportedForMessageFormat = ErrorCode(rawValue: 43)
  /// POLICY_VIOLATION.
  public static let policyViolation = ErrorCode(rawValue: 44)
  /// OUT_OF_ORDER_SEQUENCE_NUMBER.
  public static let outOfOrderSequenceNumber = ErrorCode(rawValue: 45)
  /// DUPLICATE_SEQUENCE_NUMBER.
  public static let duplicateSequenceNumber = ErrorCode(rawValue: 46)
  /// INVALID_PRODUCER_EPOCH.
  public static let invalidProducerEpoch = ErrorCode(rawValue: 47)
  /// INVALID_TXN_STATE.
  public static let invalidTxnState = ErrorCode(rawValue: 48)
  /// INVALID_PRODUCER_ID_MAPPING.
  public static let invalidProducerIdMapping = ErrorCode(rawValue: 49)
  /// INVALID_TRANSACTION_TIMEOUT.
  public static let invalidTransactionTimeout = ErrorCode(rawValue: 50)
  /// CONCURRENT_TRANSACTIONS.
  public static let concurrentTransactions = ErrorCode(rawValue: 51)
  /// TRANSACTION_COORDINATOR_FENCED.
  public static let transactionCoordinatorFenced = ErrorCode(rawValue: 52)
  /// TRANSACTIONAL_ID_AUTHORIZATION_FAILED.
  public static let transactionalIdAuthorizationFailed = ErrorCode(rawValue: 53)
  /// OPERATION_NOT_ATTEMPTED.
  public static let operationNotAttempted = ErrorCode(rawValue: 55)
  /// KAFKA_STORAGE_ERROR.
  public static let kafkaStorageError = ErrorCode(rawValue: 56)
  /// SASL_AUTHENTICATION_FAILED.
  public static let saslAuthenticationFailed = ErrorCode(rawValue: 58)
  /// UNKNOWN_PRODUCER_ID.
  public static let unknownProducerId = ErrorCode(rawValue: 59)
  /// NON_EMPTY_GROUP.
  public static let nonEmptyGroup = ErrorCode(rawValue: 68)
  /// GROUP_ID_NOT_FOUND.
  public static let groupIdNotFound = ErrorCode(rawValue: 69)
  /// FETCH_SESSION_ID_NOT_FOUND.
  public static let fetchSessionIdNotFound = ErrorCode(rawValue: 70)
  /// INVALID_FETCH_SESSION_EPOCH.
  public static let invalidFetchSessionEpoch = ErrorCode(rawValue: 71)
  /// LISTENER_NOT_FOUND.
  public static let listenerNotFound = ErrorCode(rawValue: 72)
  /// FENCED_LEADER_EPOCH.
  public static let fencedLeaderEpoch = ErrorCode(rawValue: 74)
  /// UNKNOWN_LEADER_EPOCH.
  public static let unknownLeaderEpoch = ErrorCode(rawValue: 75)
  /// UNSUPPORTED_COMPRESSION_TYPE.
  public static let unsupportedCompressionType = ErrorCode(rawValue: 76)
  /// OFFSET_NOT_AVAILABLE.
  public static let offsetNotAvailable = ErrorCode(rawValue: 78)
  /// MEMBER_ID_REQUIRED.
  public static let memberIdRequired = ErrorCode(rawValue: 79)
  /// GROUP_MAX_SIZE_REACHED.
  public static let groupMaxSizeReached = ErrorCode(rawValue: 81)
  /// FENCED_INSTANCE_ID.
  public static let fencedInstanceId = ErrorCode(rawValue: 82)
  /// INVALID_RECORD.
  public static let invalidRecord = ErrorCode(rawValue: 87)
  /// UNSTABLE_OFFSET_COMMIT.
  public static let unstableOffsetCommit = ErrorCode(rawValue: 88)
  /// THROTTLING_QUOTA_EXCEEDED.
  public static let throttlingQuotaExceeded = ErrorCode(rawValue: 89)
  /// PRODUCER_FENCED.
  public static let producerFenced = ErrorCode(rawValue: 90)
  /// UNKNOWN_TOPIC_ID.
  public static let unknownTopicId = ErrorCode(rawValue: 100)
  /// INCONSISTENT_TOPIC_ID.
  public static let inconsistentTopicId = ErrorCode(rawValue: 103)
  /// FETCH_SESSION_TOPIC_ID_ERROR.
  public static let fetchSessionTopicIdError = ErrorCode(rawValue: 106)
  /// OFFSET_MOVED_TO_TIERED_STORAGE.
  public static let offsetMovedToTieredStorage = ErrorCode(rawValue: 109)
  /// FENCED_MEMBER_EPOCH.
  public static let fencedMemberEpoch = ErrorCode(rawValue: 110)
  /// UNRELEASED_INSTANCE_ID.
  public static let unreleasedInstanceId = ErrorCode(rawValue: 111)
  /// UNSUPPORTED_ASSIGNOR.
  public static let unsupportedAssignor = ErrorCode(rawValue: 112)
  /// STALE_MEMBER_EPOCH.
  public static let staleMemberEpoch = ErrorCode(rawValue: 113)
  /// MISMATCHED_ENDPOINT_TYPE.
  public static let mismatchedEndpointType = ErrorCode(rawValue: 114)
  /// UNSUPPORTED_ENDPOINT_TYPE.
  public static let unsupportedEndpointType = ErrorCode(rawValue: 115)
  /// TRANSACTION_ABORTABLE.
  public static let transactionAbortable = ErrorCode(rawValue: 120)
  /// INVALID_RECORD_STATE.
  public static let invalidRecordState = ErrorCode(rawValue: 121)
  /// SHARE_SESSION_NOT_FOUND.
  public static let shareSessionNotFound = ErrorCode(rawValue: 122)
  /// INVALID_SHARE_SESSION_EPOCH.
  public static let invalidShareSessionEpoch = ErrorCode(rawValue: 123)
  /// INVALID_REGULAR_EXPRESSION.
  public static let invalidRegularExpression = ErrorCode(rawValue: 128)
  /// REBOOTSTRAP_REQUIRED.
  public static let rebootstrapRequired = ErrorCode(rawValue: 129)
  /// SHARE_SESSION_LIMIT_REACHED.
  public static let shareSessionLimitReached = ErrorCode(rawValue: 133)
}
