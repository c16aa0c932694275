/// How an embedded broker is set up.
public struct BrokerOptions: Sendable {
  /// A topic that is there from the start.
  public struct Topic: Hashable, Sendable {
    /// The topic's name, by Kafka's rules.
    public var name: String
    /// Number of partitions, 1 or more.
    public var partitions: Int32
    /// Number of replicas that metadata shows, from 1 to the number of brokers.
    public var replicas: Int16
    /// Describes a topic.
    public init(name: String, partitions: Int32 = 1, replicas: Int16 = 1) {
      self.name = name
      self.partitions = partitions
      self.replicas = replicas
    }
  }

  /// Numeric address or name to listen on.
  public var listenHost = "127.0.0.1"
  /// Port of the first broker, the next ones following; 0 lets the system choose.
  public var listenPort: UInt16 = 0
  /// Host that clients are told to connect to; nil means the address on which they came.
  public var advertisedHost: String?
  /// Id of the first broker; the next ones follow.
  public var brokerId: Int32 = 1001
  /// Number of brokers, each with a listener of its own, all with the same topics.
  public var brokers = 1
  /// Topics that are there from the start.
  public var topics: [Topic] = []
  /// Creates a topic that a client asks for, unless the client forbids it.
  public var autoCreateTopics = true
  /// Partitions of a topic that is created without a number.
  public var defaultPartitions: Int32 = 1
  /// Bytes of batches that a partition keeps at least before it drops the oldest; nil keeps all.
  public var retentionBytesPerPartition: Int?
  /// The largest batch, in bytes (`message.max.bytes`).
  public var maxMessageBytes = 1_048_588
  /// Reads each record of a batch before it is stored, as Kafka does; false checks checksum and header only.
  public var checksRecords = true
  /// Milliseconds that the first members of a classic group wait for further ones
  /// (`group.initial.rebalance.delay.ms`).
  public var groupInitialRebalanceDelayMs: Int64 = 50
  /// Milliseconds that a classic member may ask for as its session timeout
  /// (`group.min.session.timeout.ms`, `group.max.session.timeout.ms`).
  public var groupSessionTimeoutsMs: ClosedRange<Int32> = 100...1_800_000
  /// Members of one group (`group.max.size`).
  public var groupMembersMax = 1000
  /// Milliseconds between heartbeats of a KIP-848 member (`group.consumer.heartbeat.interval.ms`).
  public var consumerGroupHeartbeatIntervalMs: Int32 = 1000
  /// Milliseconds without a heartbeat after which a KIP-848 member is taken for dead
  /// (`group.consumer.session.timeout.ms`).
  public var consumerGroupSessionTimeoutMs: Int32 = 6000
  /// Milliseconds for which a share group's member has a record to itself
  /// (`group.share.record.lock.duration.ms`).
  public var shareLockDurationMs: Int64 = 30_000
  /// Begins new share groups at the start of each partition; false at its end, as Kafka does
  /// (`share.auto.offset.reset`).
  public var shareGroupsReadFromStart = false
  /// Connections open at a time; more are closed at once.
  public var connectionsMax = 1000
  /// The cluster's id.
  public var clusterId = "hbcat-embedded-broker0"

  /// The defaults: one broker on a free port of 127.0.0.1, no topics, all records kept.
  public init() {}
}
