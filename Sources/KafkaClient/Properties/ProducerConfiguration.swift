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
  /// What of the user's wishes excludes idempotence, where he did not turn it off himself.
  public var idempotenceObstacle: String?
  /// True where the user asked for idempotence, so that a broker without it is an error.
  public var isIdempotenceRequired = false
  /// Whether a record that cannot be delivered ends all, so that none behind it leaves a gap.
  public var isGapless = false
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
  public var queuedBytesMax = 8 << 20
  /// How batches are compressed.
  public var codec = Codec.none
  /// −1 is the codec's default; never above what the codec knows.
  public var compressionLevel = -1
  /// How records find their partitions.
  public var partitioner = Partitioner.Strategy.consistentRandom
  /// How long null keys stay with a partition; 0 is not at all.
  public var stickyPartitioningLingerMs: Int64 = 10
  /// Unanswered requests per broker; at most 5 with idempotence.
  public var inFlightMax = 5
  /// Whether deliveries are not reported, only failures.
  public var reportsOnlyErrors = false
  /// With it all records belong to transactions; nil without.
  public var transactionalId: String?
  /// How long a transaction may last before the broker ends it.
  public var transactionTimeoutMs: Int64 = 60_000
  /// How long an unknown topic is waited for.
  public var topicMetadataPropagationMaxMs: Int64 = 30_000
  /// How often the metadata is asked for anyway; 0 or less is never.
  public var topicMetadataRefreshMs: Int64 = 300_000
  /// The first pause before a connection is tried again.
  public var reconnectBackoffMs: Int64 = 100
  /// The longest such pause.
  public var reconnectBackoffMaxMs: Int64 = 10_000

  /// With more requests on their way the broker could not keep the order (KIP-98).
  static let idempotentInFlightMax = 5

  /// Makes one with the defaults.
  public init() {}
}

extension PropertySet {
  /// What a producer needs of the properties.
  ///
  /// - Throws: `PropertyError` where they contradict one another or ask for what is not supported yet.
  public var producer: ProducerConfiguration {
    get throws(PropertyError) {
      var producer = ProducerConfiguration()
      if values.isEmpty { return producer }
      let client = try client
      producer.reconnectBackoffMs = client.reconnectBackoffMs
      producer.reconnectBackoffMaxMs = client.reconnectBackoffMaxMs
      producer.topicMetadataPropagationMaxMs = client.topicMetadataPropagationMaxMs
      producer.topicMetadataRefreshMs = client.metadataRefreshIntervalMs
      producer.acks = integer("request.required.acks").map { Int16(clamping: $0) } ?? producer.acks
      producer.requestTimeoutMs = integer("request.timeout.ms") ?? producer.requestTimeoutMs
      producer.messageTimeoutMs = integer("message.timeout.ms") ?? producer.messageTimeoutMs
      producer.retries = count("message.send.max.retries") ?? producer.retries
      producer.inFlightMax =
        count("max.in.flight.requests.per.connection") ?? producer.inFlightMax
      producer.transactionTimeoutMs =
        integer("transaction.timeout.ms") ?? producer.transactionTimeoutMs
      try resolveIdempotence(&producer)
      try resolveTransactions(&producer)
      try resolveLinger(&producer)
      resolveBatches(&producer)
      return producer
    }
  }

  /// On unless turned off; off where the user wants what it excludes, an error where he wants both.
  private func resolveIdempotence(_ producer: inout ProducerConfiguration) throws(PropertyError) {
    let most = ProducerConfiguration.idempotentInFlightMax
    switch bool("enable.idempotence") {
    case true?:
      try requireIdempotence(producer)
      producer.isIdempotent = true
      producer.isIdempotenceRequired = true
    case false?: producer.isIdempotent = false
    case nil:
      producer.idempotenceObstacle =
        if producer.acks != -1 {
          "acks is \(producer.acks), not all"
        } else if producer.retries < 1 {
          "retries is 0"
        } else if producer.inFlightMax > most {
          "max.in.flight is \(producer.inFlightMax), more than \(most)"
        } else {
          nil
        }
      producer.isIdempotent = producer.idempotenceObstacle == nil
    }
    producer.isGapless = bool("enable.gapless.guarantee") ?? producer.isGapless
    if producer.isGapless && !producer.isIdempotent {
      throw .conflict(
        "enable.gapless.guarantee",
        "`enable.gapless.guarantee` requires `enable.idempotence` to be enabled")
    }
  }

  /// Throws where the user wants what idempotence excludes.
  private func requireIdempotence(_ producer: ProducerConfiguration) throws(PropertyError) {
    let name = "enable.idempotence"
    let most = ProducerConfiguration.idempotentInFlightMax
    guard producer.inFlightMax <= most else {
      throw .conflict(name, "`max.in.flight` must be set <= \(most) when `\(name)` is true")
    }
    guard producer.retries >= 1 else {
      throw .conflict(name, "`retries` must be set >= 1 when `\(name)` is true")
    }
    guard count("queue.buffering.backpressure.threshold") ?? 1 == 1 else {
      throw .conflict(
        name,
        "`queue.buffering.backpressure.threshold` must be set to 1 when `\(name)` is true")
    }
    guard producer.acks == -1 else {
      throw .topicConflict(name, "`acks` must be set to `all` when `\(name)` is true")
    }
    guard text("queuing.strategy") != "lifo" else {
      throw .topicConflict(name, "`queuing.strategy` must be set to `fifo` when `\(name)` is true")
    }
  }

  /// A transactional producer is idempotent, and no record may wait longer than its transaction.
  private func resolveTransactions(_ producer: inout ProducerConfiguration) throws(PropertyError) {
    guard let id = text("transactional.id") else { return }
    let name = "transactional.id"
    guard bool("enable.idempotence") != false else {
      throw .conflict(name, "`\(name)` requires `enable.idempotence=true`")
    }
    try requireIdempotence(producer)
    let timeoutMs = producer.transactionTimeoutMs
    guard integer("socket.timeout.ms") ?? 0 <= timeoutMs + 100 else {
      throw .conflict(
        "socket.timeout.ms", "`socket.timeout.ms` must be set <= `transaction.timeout.ms` + 100")
    }
    guard integer("message.timeout.ms") ?? 0 <= timeoutMs else {
      throw .topicConflict(
        "message.timeout.ms", "`message.timeout.ms` must be set <= `transaction.timeout.ms`")
    }
    producer.messageTimeoutMs = integer("message.timeout.ms") ?? timeoutMs
    producer.transactionalId = id
    producer.isIdempotent = true
    producer.isIdempotenceRequired = true
  }

  private func resolveLinger(_ producer: inout ProducerConfiguration) throws(PropertyError) {
    let linger = decimal("queue.buffering.max.ms")
    // Timers tick in milliseconds; a linger below one still is a linger.
    producer.lingerMs = linger.map { Int64($0.rounded(.up)) } ?? producer.lingerMs
    if producer.messageTimeoutMs != 0 && producer.messageTimeoutMs <= producer.lingerMs {
      guard linger == nil else {
        throw .topicConflict(
          "message.timeout.ms", "`message.timeout.ms` must be greater than `linger.ms`")
      }
      producer.lingerMs = producer.messageTimeoutMs - 1
    }
    producer.stickyPartitioningLingerMs =
      integer("sticky.partitioning.linger.ms") ?? min(900_000, 2 * producer.lingerMs)
  }

  private func resolveBatches(_ producer: inout ProducerConfiguration) {
    producer.batchSize = count("batch.size") ?? producer.batchSize
    producer.batchRecordsMax = count("batch.num.messages") ?? producer.batchRecordsMax
    producer.messageBytesMax = count("message.max.bytes") ?? producer.messageBytesMax
    producer.queuedRecordsMax = count("queue.buffering.max.messages") ?? producer.queuedRecordsMax
    producer.queuedBytesMax =
      count("queue.buffering.max.kbytes").map { $0 * 1024 } ?? producer.queuedBytesMax
    producer.reportsOnlyErrors = bool("delivery.report.only.error") ?? producer.reportsOnlyErrors
    producer.partitioner =
      text("partitioner").flatMap { .init(rawValue: $0) } ?? producer.partitioner
    let levelMax: Int
    switch text("compression.codec") {
    case "gzip": (producer.codec, levelMax) = (.gzip, 9)
    case "snappy": (producer.codec, levelMax) = (.snappy, -1)
    case "lz4": (producer.codec, levelMax) = (.lz4, 12)
    case "zstd": (producer.codec, levelMax) = (.zstd, 22)
    default: (producer.codec, levelMax) = (.none, -1)
    }
    producer.compressionLevel = min(count("compression.level") ?? -1, levelMax)
  }
}
