extension ErrorCode {
  /// What is known about one code.
  struct Row: Sendable {
    var code: Int16
    var name: String
    var isRetriable: Bool
    var sentence: String

    init(_ code: Int16, _ name: String, _ sentence: String, retriable: Bool = false) {
      self.code = code
      self.name = name
      self.sentence = sentence
      isRetriable = retriable
    }
  }

  /// Every code of Kafka 4.3, by rising code without a gap, from −1 on.
  ///
  /// Names and `retriable` are those of Kafka's `Errors`; the sentences are those of librdkafka's
  /// `rd_kafka_err2str`, so that kcat's users find theirs, and Kafka's own where librdkafka has none.
  static let table: [Row] = [
    Row(-1, "UNKNOWN_SERVER_ERROR", "Unknown broker error"),
    Row(0, "NONE", "Success"),
    Row(1, "OFFSET_OUT_OF_RANGE", "Broker: Offset out of range"),
    Row(2, "CORRUPT_MESSAGE", "Broker: Invalid message", retriable: true),
    Row(3, "UNKNOWN_TOPIC_OR_PARTITION", "Broker: Unknown topic or partition", retriable: true),
    Row(4, "INVALID_FETCH_SIZE", "Broker: Invalid message size"),
    Row(5, "LEADER_NOT_AVAILABLE", "Broker: Leader not available", retriable: true),
    Row(6, "NOT_LEADER_OR_FOLLOWER", "Broker: Not leader for partition", retriable: true),
    Row(7, "REQUEST_TIMED_OUT", "Broker: Request timed out", retriable: true),
    Row(8, "BROKER_NOT_AVAILABLE", "Broker: Broker not available"),
    Row(9, "REPLICA_NOT_AVAILABLE", "Broker: Replica not available", retriable: true),
    Row(10, "MESSAGE_TOO_LARGE", "Broker: Message size too large"),
    Row(11, "STALE_CONTROLLER_EPOCH", "Broker: StaleControllerEpochCode"),
    Row(12, "OFFSET_METADATA_TOO_LARGE", "Broker: Offset metadata string too large"),
    Row(
      13, "NETWORK_EXCEPTION",
      "Broker: Broker disconnected before response received",
      retriable: true),
    Row(
      14, "COORDINATOR_LOAD_IN_PROGRESS",
      "Broker: Coordinator load in progress",
      retriable: true),
    Row(15, "COORDINATOR_NOT_AVAILABLE", "Broker: Coordinator not available", retriable: true),
    Row(16, "NOT_COORDINATOR", "Broker: Not coordinator", retriable: true),
    Row(17, "INVALID_TOPIC_EXCEPTION", "Broker: Invalid topic"),
    Row(
      18, "RECORD_LIST_TOO_LARGE",
      "Broker: Message batch larger than configured server segment size"),
    Row(19, "NOT_ENOUGH_REPLICAS", "Broker: Not enough in-sync replicas", retriable: true),
    Row(
      20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
      "Broker: Message(s) written to insufficient number of in-sync replicas",
      retriable: true),
    Row(21, "INVALID_REQUIRED_ACKS", "Broker: Invalid required acks value"),
    Row(22, "ILLEGAL_GENERATION", "Broker: Specified group generation id is not valid"),
    Row(23, "INCONSISTENT_GROUP_PROTOCOL", "Broker: Inconsistent group protocol"),
    Row(24, "INVALID_GROUP_ID", "Broker: Invalid group.id"),
    Row(25, "UNKNOWN_MEMBER_ID", "Broker: Unknown member"),
    Row(26, "INVALID_SESSION_TIMEOUT", "Broker: Invalid session timeout"),
    Row(27, "REBALANCE_IN_PROGRESS", "Broker: Group rebalance in progress"),
    Row(28, "INVALID_COMMIT_OFFSET_SIZE", "Broker: Commit offset data size is not valid"),
    Row(29, "TOPIC_AUTHORIZATION_FAILED", "Broker: Topic authorization failed"),
    Row(30, "GROUP_AUTHORIZATION_FAILED", "Broker: Group authorization failed"),
    Row(31, "CLUSTER_AUTHORIZATION_FAILED", "Broker: Cluster authorization failed"),
    Row(32, "INVALID_TIMESTAMP", "Broker: Invalid timestamp"),
    Row(33, "UNSUPPORTED_SASL_MECHANISM", "Broker: Unsupported SASL mechanism"),
    Row(34, "ILLEGAL_SASL_STATE", "Broker: Request not valid in current SASL state"),
    Row(35, "UNSUPPORTED_VERSION", "Broker: API version not supported"),
    Row(36, "TOPIC_ALREADY_EXISTS", "Broker: Topic already exists"),
    Row(37, "INVALID_PARTITIONS", "Broker: Invalid number of partitions"),
    Row(38, "INVALID_REPLICATION_FACTOR", "Broker: Invalid replication factor"),
    Row(39, "INVALID_REPLICA_ASSIGNMENT", "Broker: Invalid replica assignment"),
    Row(40, "INVALID_CONFIG", "Broker: Configuration is invalid"),
    Row(41, "NOT_CONTROLLER", "Broker: Not controller for cluster", retriable: true),
    Row(42, "INVALID_REQUEST", "Broker: Invalid request"),
    Row(
      43, "UNSUPPORTED_FOR_MESSAGE_FORMAT",
      "Broker: Message format on broker does not support request"),
    Row(44, "POLICY_VIOLATION", "Broker: Policy violation"),
    Row(
      45, "OUT_OF_ORDER_SEQUENCE_NUMBER",
      "Broker: Broker received an out of order sequence number"),
    Row(46, "DUPLICATE_SEQUENCE_NUMBER", "Broker: Broker received a duplicate sequence number"),
    Row(47, "INVALID_PRODUCER_EPOCH", "Broker: Producer attempted an operation with an old epoch"),
    Row(
      48, "INVALID_TXN_STATE",
      "Broker: Producer attempted a transactional operation in an invalid state"),
    Row(
      49, "INVALID_PRODUCER_ID_MAPPING",
      "Broker: Producer attempted to use a producer id which is not currently assigned to its "
        + "transactional id"),
    Row(
      50, "INVALID_TRANSACTION_TIMEOUT",
      "Broker: Transaction timeout is larger than the maximum value allowed by the broker's "
        + "max.transaction.timeout.ms"),
    Row(
      51, "CONCURRENT_TRANSACTIONS",
      "Broker: Producer attempted to update a transaction while another concurrent operation on "
        + "the same transaction was ongoing",
      retriable: true),
    Row(
      52, "TRANSACTION_COORDINATOR_FENCED",
      "Broker: Indicates that the transaction coordinator sending a WriteTxnMarker is no longer "
        + "the current coordinator for a given producer"),
    Row(
      53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
      "Broker: Transactional Id authorization failed"),
    Row(54, "SECURITY_DISABLED", "Broker: Security features are disabled"),
    Row(55, "OPERATION_NOT_ATTEMPTED", "Broker: Operation not attempted"),
    Row(
      56, "KAFKA_STORAGE_ERROR",
      "Broker: Disk error when trying to access log file on disk",
      retriable: true),
    Row(
      57, "LOG_DIR_NOT_FOUND",
      "Broker: The user-specified log directory is not found in the broker config"),
    Row(58, "SASL_AUTHENTICATION_FAILED", "Broker: SASL Authentication failed"),
    Row(59, "UNKNOWN_PRODUCER_ID", "Broker: Unknown Producer Id"),
    Row(60, "REASSIGNMENT_IN_PROGRESS", "Broker: Partition reassignment is in progress"),
    Row(61, "DELEGATION_TOKEN_AUTH_DISABLED", "Broker: Delegation Token feature is not enabled"),
    Row(62, "DELEGATION_TOKEN_NOT_FOUND", "Broker: Delegation Token is not found on server"),
    Row(
      63, "DELEGATION_TOKEN_OWNER_MISMATCH",
      "Broker: Specified Principal is not valid Owner/Renewer"),
    Row(
      64, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",
      "Broker: Delegation Token requests are not allowed on this connection"),
    Row(
      65, "DELEGATION_TOKEN_AUTHORIZATION_FAILED",
      "Broker: Delegation Token authorization failed"),
    Row(66, "DELEGATION_TOKEN_EXPIRED", "Broker: Delegation Token is expired"),
    Row(67, "INVALID_PRINCIPAL_TYPE", "Broker: Supplied principalType is not supported"),
    Row(68, "NON_EMPTY_GROUP", "Broker: The group is not empty"),
    Row(69, "GROUP_ID_NOT_FOUND", "Broker: The group id does not exist"),
    Row(
      70, "FETCH_SESSION_ID_NOT_FOUND",
      "Broker: The fetch session ID was not found",
      retriable: true),
    Row(
      71, "INVALID_FETCH_SESSION_EPOCH",
      "Broker: The fetch session epoch is invalid",
      retriable: true),
    Row(72, "LISTENER_NOT_FOUND", "Broker: No matching listener", retriable: true),
    Row(73, "TOPIC_DELETION_DISABLED", "Broker: Topic deletion is disabled"),
    Row(
      74, "FENCED_LEADER_EPOCH",
      "Broker: Leader epoch is older than broker epoch",
      retriable: true),
    Row(
      75, "UNKNOWN_LEADER_EPOCH",
      "Broker: Leader epoch is newer than broker epoch",
      retriable: true),
    Row(76, "UNSUPPORTED_COMPRESSION_TYPE", "Broker: Unsupported compression type"),
    Row(77, "STALE_BROKER_EPOCH", "Broker: Broker epoch has changed"),
    Row(
      78, "OFFSET_NOT_AVAILABLE",
      "Broker: Leader high watermark is not caught up",
      retriable: true),
    Row(79, "MEMBER_ID_REQUIRED", "Broker: Group member needs a valid member ID"),
    Row(
      80, "PREFERRED_LEADER_NOT_AVAILABLE",
      "Broker: Preferred leader was not available",
      retriable: true),
    Row(81, "GROUP_MAX_SIZE_REACHED", "Broker: Consumer group has reached maximum size"),
    Row(
      82, "FENCED_INSTANCE_ID",
      "Broker: Static consumer fenced by other consumer with same group.instance.id"),
    Row(
      83, "ELIGIBLE_LEADERS_NOT_AVAILABLE",
      "Broker: Eligible partition leaders are not available",
      retriable: true),
    Row(
      84, "ELECTION_NOT_NEEDED",
      "Broker: Leader election not needed for topic partition",
      retriable: true),
    Row(85, "NO_REASSIGNMENT_IN_PROGRESS", "Broker: No partition reassignment is in progress"),
    Row(
      86, "GROUP_SUBSCRIBED_TO_TOPIC",
      "Broker: Deleting offsets of a topic while the consumer group is subscribed to it"),
    Row(87, "INVALID_RECORD", "Broker: Broker failed to validate record"),
    Row(
      88, "UNSTABLE_OFFSET_COMMIT",
      "Broker: There are unstable offsets that need to be cleared",
      retriable: true),
    Row(
      89, "THROTTLING_QUOTA_EXCEEDED",
      "Broker: Throttling quota has been exceeded",
      retriable: true),
    Row(
      90, "PRODUCER_FENCED",
      "Broker: There is a newer producer with the same transactionalId which fences the current "
        + "one"),
    Row(
      91, "RESOURCE_NOT_FOUND",
      "Broker: Request illegally referred to resource that does not exist"),
    Row(92, "DUPLICATE_RESOURCE", "Broker: Request illegally referred to the same resource twice"),
    Row(
      93, "UNACCEPTABLE_CREDENTIAL",
      "Broker: Requested credential would not meet criteria for acceptability"),
    Row(
      94, "INCONSISTENT_VOTER_SET",
      "Broker: Indicates that the either the sender or recipient of a voter-only request is not "
        + "one of the expected voters"),
    Row(95, "INVALID_UPDATE_VERSION", "Broker: Invalid update version"),
    Row(
      96, "FEATURE_UPDATE_FAILED",
      "Broker: Unable to update finalized features due to server error"),
    Row(
      97, "PRINCIPAL_DESERIALIZATION_FAILURE",
      "Broker: Request principal deserialization failed during forwarding"),
    Row(98, "SNAPSHOT_NOT_FOUND", "Broker: Requested snapshot was not found"),
    Row(
      99, "POSITION_OUT_OF_RANGE",
      "Broker: Requested position is not greater than or equal to zero, and less than the size "
        + "of the snapshot"),
    Row(100, "UNKNOWN_TOPIC_ID", "Broker: Unknown topic id", retriable: true),
    Row(101, "DUPLICATE_BROKER_REGISTRATION", "Broker: This broker ID is already in use"),
    Row(102, "BROKER_ID_NOT_REGISTERED", "Broker: The given broker ID was not registered"),
    Row(
      103, "INCONSISTENT_TOPIC_ID",
      "Broker: The log's topic ID did not match the topic ID in the request",
      retriable: true),
    Row(
      104, "INCONSISTENT_CLUSTER_ID",
      "Broker: The clusterId in the request does not match that found on the server"),
    Row(105, "TRANSACTIONAL_ID_NOT_FOUND", "Broker: The transactionalId could not be found"),
    Row(
      106, "FETCH_SESSION_TOPIC_ID_ERROR",
      "Broker: The fetch session encountered inconsistent topic ID usage",
      retriable: true),
    Row(107, "INELIGIBLE_REPLICA", "Broker: The new ISR contains at least one ineligible replica"),
    Row(
      108, "NEW_LEADER_ELECTED",
      "Broker: The AlterPartition request successfully updated the partition state but the "
        + "leader has changed"),
    Row(
      109, "OFFSET_MOVED_TO_TIERED_STORAGE",
      "Broker: The requested offset is moved to tiered storage"),
    Row(110, "FENCED_MEMBER_EPOCH", "Broker: The member epoch is fenced by the group coordinator"),
    Row(
      111, "UNRELEASED_INSTANCE_ID",
      "Broker: The instance ID is still used by another member in the consumer group"),
    Row(
      112, "UNSUPPORTED_ASSIGNOR",
      "Broker: The assignor or its version range is not supported by the consumer group"),
    Row(113, "STALE_MEMBER_EPOCH", "Broker: The member epoch is stale"),
    Row(
      114, "MISMATCHED_ENDPOINT_TYPE",
      "Broker: The request was sent to an endpoint of the wrong type"),
    Row(115, "UNSUPPORTED_ENDPOINT_TYPE", "Broker: This endpoint type is not supported yet"),
    Row(116, "UNKNOWN_CONTROLLER_ID", "Broker: This controller ID is not known"),
    Row(
      117, "UNKNOWN_SUBSCRIPTION_ID",
      "Broker: Client sent a push telemetry request with an invalid or outdated subscription ID"),
    Row(
      118, "TELEMETRY_TOO_LARGE",
      "Broker: Client sent a push telemetry request larger than the maximum size the broker "
        + "will accept"),
    Row(
      119, "INVALID_REGISTRATION",
      "Broker: The controller has considered the broker registration to be invalid"),
    Row(
      120, "TRANSACTION_ABORTABLE",
      "Broker: The server encountered an error with the transaction. The client can abort the "
        + "transaction to continue using this transactional ID"),
    Row(
      121, "INVALID_RECORD_STATE",
      "Broker: The record state is invalid. The acknowledgement of delivery could not be "
        + "completed"),
    Row(122, "SHARE_SESSION_NOT_FOUND", "Broker: The share session was not found", retriable: true),
    Row(
      123, "INVALID_SHARE_SESSION_EPOCH",
      "Broker: The share session epoch is invalid",
      retriable: true),
    Row(
      124, "FENCED_STATE_EPOCH",
      "Broker: The share coordinator rejected the request because the share-group state epoch "
        + "did not match"),
    Row(
      125, "INVALID_VOTER_KEY",
      "Broker: The voter key doesn't match the receiving replica's key"),
    Row(126, "DUPLICATE_VOTER", "Broker: The voter is already part of the set of voters"),
    Row(127, "VOTER_NOT_FOUND", "Broker: The voter is not part of the set of voters"),
    Row(128, "INVALID_REGULAR_EXPRESSION", "Broker: The regular expression is not valid"),
    Row(
      129, "REBOOTSTRAP_REQUIRED",
      "Broker: Client metadata is stale. The client should rebootstrap to obtain new metadata"),
    Row(130, "STREAMS_INVALID_TOPOLOGY", "Broker: The supplied topology is invalid"),
    Row(131, "STREAMS_INVALID_TOPOLOGY_EPOCH", "Broker: The supplied topology epoch is invalid"),
    Row(132, "STREAMS_TOPOLOGY_FENCED", "Broker: The supplied topology epoch is outdated"),
    Row(
      133, "SHARE_SESSION_LIMIT_REACHED",
      "Broker: The limit of share sessions has been reached",
      retriable: true),
  ]
}
