/// How a consumer was told to behave; the defaults are librdkafka's where hbcat has no better.
public struct ConsumerConfiguration: Sendable {
  /// Where to go on when an offset is not there.
  public enum Reset: Sendable {
    /// At the oldest record.
    case earliest
    /// Behind the newest record.
    case latest
    /// Nowhere: it is an error.
    case error
  }

  /// What is read of transactions.
  public enum Isolation: Sendable {
    /// Only what was committed.
    case readCommitted
    /// Everything, also what was aborted or is open.
    case readUncommitted
  }

  /// What is read of transactions.
  public var isolationLevel = Isolation.readCommitted
  /// Where to go on when an offset is not there.
  public var autoOffsetReset = Reset.latest
  /// How long a broker may wait for `fetchMinBytes`.
  public var fetchWaitMaxMs = 500
  /// The pause before a partition is asked again that a broker could not read.
  public var fetchErrorBackoffMs: Int64 = 100
  /// How many bytes are worth an answer.
  public var fetchMinBytes = 1
  /// The most bytes of a response.
  public var fetchMaxBytes = 52_428_800
  /// The most bytes of a partition in a response.
  public var fetchMessageMaxBytes = 1_048_576
  /// The most bytes that are fetched and not yet written.
  public var queuedBytesMax = 65_536 * 1024
  /// The consumer group; nil where none is named.
  public var groupId: String?
  /// Where this client stands, so that a near replica may answer (KIP-392); empty where unknown.
  public var clientRack = ""

  /// Makes one with the defaults.
  public init() {}
}

extension PropertySet {
  /// What a consumer needs of the properties.
  ///
  /// - Throws: `PropertyError` where they contradict one another.
  public var consumer: ConsumerConfiguration {
    get throws(PropertyError) {
      var consumer = ConsumerConfiguration()
      if values.isEmpty { return consumer }
      consumer.isolationLevel =
        text("isolation.level") == "read_uncommitted" ? .readUncommitted : .readCommitted
      switch text("auto.offset.reset") {
      case "smallest": consumer.autoOffsetReset = .earliest
      case "error": consumer.autoOffsetReset = .error
      default: consumer.autoOffsetReset = .latest
      }
      consumer.fetchWaitMaxMs = count("fetch.wait.max.ms") ?? consumer.fetchWaitMaxMs
      consumer.fetchErrorBackoffMs =
        integer("fetch.error.backoff.ms") ?? integer("retry.backoff.ms")
        ?? consumer.fetchErrorBackoffMs
      consumer.fetchMinBytes = count("fetch.min.bytes") ?? consumer.fetchMinBytes
      consumer.fetchMessageMaxBytes =
        count("fetch.message.max.bytes") ?? consumer.fetchMessageMaxBytes
      consumer.fetchMaxBytes = fetchMaxBytes
      try checkSizes(consumer)
      consumer.queuedBytesMax =
        count("queued.max.messages.kbytes").map { $0 * 1024 } ?? consumer.queuedBytesMax
      consumer.groupId = text("group.id")
      consumer.clientRack = text("client.rack") ?? consumer.clientRack
      return consumer
    }
  }

  private func checkSizes(_ consumer: ConsumerConfiguration) throws(PropertyError) {
    guard consumer.fetchMaxBytes >= count("message.max.bytes") ?? 1_000_000 else {
      throw .conflict("fetch.max.bytes", "`fetch.max.bytes` must be >= `message.max.bytes`")
    }
    if let most = count("receive.message.max.bytes"), most < consumer.fetchMaxBytes + 512 {
      throw .conflict(
        "receive.message.max.bytes",
        "`receive.message.max.bytes` must be >= `fetch.max.bytes` + 512")
    }
  }
}
