public import KafkaProtocol

/// How a producer was told to behave; the defaults are librdkafka's where hbcat has no better.
public struct ProducerConfiguration: Sendable {
  /// Who must have a batch before it counts as delivered: −1 all in-sync replicas, 1 the leader, 0 nobody.
  public var acks: Int16 = -1
  /// How long a broker may wait for the replicas.
  public var requestTimeoutMs: Int64 = 30_000
  /// After this a record is lost; 0 is never.
  public var messageTimeoutMs: Int64 = 300_000
  /// Tries after the first.
  public var retries = Int(Int32.max)
  /// Whether retries neither double nor reorder.
  public var isIdempotent = true
  /// True where the user asked for idempotence, so that a broker without it is an error.
  public var isIdempotenceRequired = false
  /// How long a batch waits for more records.
  public var lingerMs: Int64 = 5
  /// The most bytes of a batch before compression.
  public var batchSize = 1_000_000
  /// The most records of a batch.
  public var batchRecordsMax = 10_000
  /// The most bytes of a record's key and value.
  public var messageBytesMax = 1_000_000
  /// The most records that are open or unacknowledged; 0 is no limit.
  public var queuedRecordsMax = 100_000
  /// The most bytes that are open or unacknowledged.
  public var queuedBytesMax = 16 << 20
  /// How batches are compressed.
  public var codec = Codec.none
  /// −1 is the codec's default.
  public var compressionLevel = -1
  /// How records find their partitions.
  public var partitioner = Partitioner.Strategy.consistentRandom
  /// How long null keys stay with a partition; 0 is not at all.
  public var stickyPartitioningLingerMs: Int64 = 10
  /// Unanswered requests per broker.
  public var inFlightMax = 5
  /// How long an unknown topic is waited for.
  public var topicMetadataPropagationMaxMs: Int64 = 30_000
  /// How often the metadata is asked for anyway; 0 or less is never.
  public var topicMetadataRefreshMs: Int64 = 300_000
  /// The first pause before a connection is tried again.
  public var reconnectBackoffMs: Int64 = 100
  /// The longest such pause.
  public var reconnectBackoffMaxMs: Int64 = 10_000

  /// Makes one with the defaults.
  public init() {}
}
