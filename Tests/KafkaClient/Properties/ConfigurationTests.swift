import KafkaClient
import KafkaProtocol
import Transport
import Testing

private func set(_ pairs: [(String, String)]) throws(PropertyError) -> PropertySet {
  var set = PropertySet()
  for (name, value) in pairs { try set.set(name, value) }
  return set
}

private func producer(_ pairs: (String, String)...) throws(PropertyError) -> ProducerConfiguration {
  try set(pairs).producer
}
private func consumer(_ pairs: (String, String)...) throws(PropertyError) -> ConsumerConfiguration {
  try set(pairs).consumer
}
private func client(_ pairs: (String, String)...) throws(PropertyError) -> ClientConfiguration {
  try set(pairs).client
}

private func message<T>(_ body: () throws(PropertyError) -> T) -> String {
  do { return "resolved: \(try body())" } catch { return error.description }
}

@Suite struct ConfigurationTests {
  @Test func `setting any property to the table's default changes no configuration`() throws {
    let plain = PropertySet()
    for row in PropertyTable.rows {
      // Explicit idempotence is a demand, and the fallback tells set from unset.
      let names = ["enable.idempotence", "broker.version.fallback", "builtin.features"]
      guard let value = row.defaultText, !value.isEmpty, !names.contains(row.name) else { continue }
      let explicit = try set([(row.name, value)])
      #expect("\(try explicit.client)" == "\(try plain.client)", "\(row.name)")
      #expect("\(try explicit.producer)" == "\(try plain.producer)", "\(row.name)")
      #expect("\(try explicit.consumer)" == "\(try plain.consumer)", "\(row.name)")
    }
  }

  @Test func `a client's values come through`() throws {
    let client = try client(
      ("bootstrap.servers", "a,b:1"), ("client.id", "me"), ("socket.timeout.ms", "11"),
      ("socket.connection.setup.timeout.ms", "1001"), ("broker.address.family", "v6"),
      ("api.version.request", "false"), ("api.version.request.timeout.ms", "7"),
      ("retry.backoff.ms", "5"), ("retry.backoff.max.ms", "50"), ("reconnect.backoff.ms", "1"),
      ("reconnect.backoff.max.ms", "2"), ("topic.metadata.propagation.max.ms", "9"),
      ("debug", "broker,msg"), ("topic.blacklist", "^a, b$"), ("socket.keepalive.enable", "false"),
      ("socket.send.buffer.bytes", "8000"), ("socket.receive.buffer.bytes", "9000"))
    #expect(client.bootstrapServers.map(\.description) == ["a:9092", "b:1"])
    #expect(client.clientId == "me")
    #expect(client.socketTimeoutMs == 11)
    #expect(client.connectionSetupTimeoutMs == 1001)
    #expect(client.addressFamily == .v6)
    #expect(!client.apiVersionRequest)
    #expect(client.apiVersionRequestTimeoutMs == 7)
    #expect([client.retryBackoffMs, client.retryBackoffMaxMs] == [5, 50])
    #expect([client.reconnectBackoffMs, client.reconnectBackoffMaxMs] == [1, 2])
    #expect(client.metadataRefreshFastIntervalMs == 5)
    #expect(client.topicMetadataPropagationMaxMs == 9)
    #expect(client.topicBlacklist == ["^a", "b$"])
    #expect(!client.socketOptions.keepsAlive)
    #expect(client.socketOptions.sendBufferBytes == 8000)
    #expect(client.socketOptions.receiveBufferBytes == 9000)
    #expect(client.debug == [.broker, .msg])
    #expect(DebugContexts(parsing: "telemetry,topic,consumer") == [.metadata, .fetch, .cgrp])
    #expect(DebugContexts(parsing: "security,all") == .all)
  }

  @Test func `metadata is asked for before it is older than may be`() throws {
    let interval = "topic.metadata.refresh.interval.ms"
    func refreshMs(_ pairs: (String, String)...) throws -> Int64 {
      try set(pairs).client.metadataRefreshIntervalMs
    }
    #expect(try refreshMs(("metadata.max.age.ms", "50")) == 50)
    #expect(try refreshMs(("metadata.max.age.ms", "50"), (interval, "20")) == 20)
    #expect(try refreshMs(("metadata.max.age.ms", "50"), (interval, "-1")) == 50)
    #expect(try refreshMs((interval, "-1")) == -1)
  }

  @Test func `a client with contradictions is refused`() {
    #expect(
      message { () throws(PropertyError) in try client(("reconnect.backoff.ms", "20000")) }
        == "`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`")
  }

  @Test func `the security protocol says whether TLS and SASL are spoken`() throws {
    for (name, tls, sasl) in [
      ("PLAINTEXT", false, false), ("ssl", true, false), ("SASL_PLAINTEXT", false, true),
      ("sasl_ssl", true, true),
    ] {
      let client = try client(("security.protocol", name))
      #expect((client.tls != nil) == tls && (client.sasl != nil) == sasl, "\(name)")
    }
  }

  @Test func `a fallback release is the nearest whose versions are known`() throws {
    for (text, release) in [
      ("0.9.0", "0.9.0"), ("0.9.0.1", "0.9.0"), ("0.10", "0.10.0"), ("0.10.1.1", "0.10.1"),
      ("0.10.2.2", "0.10.2"), ("0.11.0", "0.10.2"), ("4.3.1", "0.10.2"),
    ] {
      #expect(try client(("broker.version.fallback", text)).brokerVersionFallback == release)
    }
    #expect(try client(("client.id", "a")).brokerVersionFallback == nil)
    for text in ["new", "1", "1..2", "0.9.x", "1.2.3.4.5"] {
      #expect((try? client(("broker.version.fallback", text))) == nil)
    }
  }

  @Test func `a producer's values come through`() throws {
    let producer = try producer(
      ("acks", "all"), ("topic.request.timeout.ms", "1"), ("delivery.timeout.ms", "5000"),
      ("retries", "3"), ("linger.ms", "20.4"), ("batch.size", "999"),
      ("batch.num.messages", "77"), ("message.max.bytes", "2000"),
      ("queue.buffering.max.messages", "0"), ("queue.buffering.max.kbytes", "64"),
      ("compression.type", "zstd"), ("compression.level", "19"), ("partitioner", "murmur2_random"),
      ("max.in.flight", "2"), ("sticky.partitioning.linger.ms", "0"))
    #expect(producer.acks == -1)
    #expect(
      [producer.requestTimeoutMs, producer.messageTimeoutMs, producer.lingerMs] == [1, 5000, 21])
    #expect([producer.retries, producer.batchSize, producer.batchRecordsMax] == [3, 999, 77])
    #expect(producer.messageBytesMax == 2000)
    #expect([producer.queuedRecordsMax, producer.queuedBytesMax] == [0, 65_536])
    #expect(producer.codec == .zstd)
    #expect(producer.compressionLevel == 19)
    #expect(producer.partitioner == .murmur2Random)
    #expect(producer.inFlightMax == 2)
    #expect(producer.stickyPartitioningLingerMs == 0)
    #expect(producer.isIdempotent && !producer.isIdempotenceRequired)
    #expect(try KafkaClientTests.producer(("buffer.memory", "32768")).queuedBytesMax == 32_768)
  }

  @Test func `a level is at most the codec's highest, and acks=0 is no idempotence`() throws {
    #expect(
      try producer(("compression.codec", "gzip"), ("compression.level", "22")).compressionLevel == 9
    )
    #expect(
      try producer(("compression.codec", "lz4"), ("compression.level", "22")).compressionLevel == 12
    )
    #expect(
      try producer(("compression.codec", "snappy"), ("compression.level", "5")).compressionLevel
        == -1)
    #expect(try producer(("compression.codec", "inherit")).codec == .none)
  }

  @Test func `what excludes idempotence turns its default off silently`() throws {
    for pair in [("acks", "1"), ("acks", "0"), ("retries", "0"), ("max.in.flight", "6")] {
      #expect(try !producer(pair).isIdempotent)
    }
    for pair in [("acks", "-1"), ("retries", "1"), ("max.in.flight", "5")] {
      #expect(try producer(pair).isIdempotent)
    }
    #expect(try producer(("enable.idempotence", "true")).isIdempotenceRequired)
    #expect(try !producer(("enable.idempotence", "false")).isIdempotent)
  }

  @Test func `what excludes idempotence is an error where it was asked for`() {
    for (name, value, text) in [
      ("acks", "1", "`acks` must be set to `all` when `enable.idempotence` is true"),
      ("retries", "0", "`retries` must be set >= 1 when `enable.idempotence` is true"),
      ("max.in.flight", "6", "`max.in.flight` must be set <= 5 when `enable.idempotence` is true"),
      (
        "queuing.strategy", "lifo",
        "`queuing.strategy` must be set to `fifo` when `enable.idempotence` is true"
      ),
      (
        "queue.buffering.backpressure.threshold", "2",
        "`queue.buffering.backpressure.threshold` must be set to 1 when `enable.idempotence` is true"
      ),
    ] {
      #expect(
        message { () throws(PropertyError) in
          try producer(("enable.idempotence", "true"), (name, value))
        } == text)
    }
    #expect(
      message { () throws(PropertyError) in
        try producer(("enable.gapless.guarantee", "true"), ("acks", "0"))
      } == "`enable.gapless.guarantee` requires `enable.idempotence` to be enabled")
  }

  @Test func `a transactional id implies idempotence, and consumers may have it in their file`()
    throws
  {
    let transactional = try producer(("transactional.id", "t"))
    #expect(transactional.transactionalId == "t")
    #expect(transactional.isIdempotent && transactional.isIdempotenceRequired)
    #expect(transactional.acks == -1)
    #expect(
      [transactional.transactionTimeoutMs, transactional.messageTimeoutMs] == [60_000, 60_000])
    let quick = try producer(("transactional.id", "t"), ("transaction.timeout.ms", "2000"))
    #expect([quick.transactionTimeoutMs, quick.messageTimeoutMs] == [2000, 2000])
    #expect(try producer(("transactional.id", "")).transactionalId == nil)
    #expect((try? consumer(("transactional.id", "t"))) != nil)
  }

  @Test func `what excludes transactions is an error, in librdkafka's words`() {
    for (name, value, text) in [
      ("enable.idempotence", "false", "`transactional.id` requires `enable.idempotence=true`"),
      ("acks", "1", "`acks` must be set to `all` when `enable.idempotence` is true"),
      ("retries", "0", "`retries` must be set >= 1 when `enable.idempotence` is true"),
      (
        "socket.timeout.ms", "60101",
        "`socket.timeout.ms` must be set <= `transaction.timeout.ms` + 100"
      ),
      (
        "message.timeout.ms", "60001",
        "`message.timeout.ms` must be set <= `transaction.timeout.ms`"
      ),
    ] {
      #expect(
        message { () throws(PropertyError) in
          try producer(("transactional.id", "t"), (name, value))
        } == text)
    }
  }

  @Test func `a linger must be below the message timeout, and yields where it is the default`()
    throws
  {
    #expect(
      message { () throws(PropertyError) in
        try producer(("linger.ms", "100"), ("message.timeout.ms", "100"))
      } == "`message.timeout.ms` must be greater than `linger.ms`")
    #expect(try producer(("message.timeout.ms", "3")).lingerMs == 2)
    #expect(try producer(("message.timeout.ms", "0"), ("linger.ms", "900000")).lingerMs == 900_000)
  }

  @Test func `a consumer's values come through`() throws {
    let consumer = try consumer(
      ("isolation.level", "read_uncommitted"), ("auto.offset.reset", "beginning"),
      ("fetch.max.wait.ms", "1"), ("fetch.min.bytes", "2"), ("fetch.max.bytes", "3000000"),
      ("max.partition.fetch.bytes", "4"), ("queued.max.messages.kbytes", "5"), ("group.id", "g"),
      ("client.rack", "r"))
    #expect(consumer.isolationLevel == .readUncommitted)
    #expect(consumer.autoOffsetReset == .earliest)
    #expect([consumer.fetchWaitMaxMs, consumer.fetchMinBytes] == [1, 2])
    #expect([consumer.fetchMaxBytes, consumer.fetchMessageMaxBytes] == [3_000_000, 4])
    #expect(consumer.queuedBytesMax == 5120)
    #expect(consumer.groupId == "g")
    #expect(consumer.clientRack == "r")
    #expect(try KafkaClientTests.consumer(("auto.offset.reset", "error")).autoOffsetReset == .error)
  }

  @Test func `sizes that contradict one another are librdkafka's errors`() throws {
    #expect(
      message { () throws(PropertyError) in try consumer(("fetch.max.bytes", "1000")) }
        == "`fetch.max.bytes` must be >= `message.max.bytes`")
    #expect(
      message { () throws(PropertyError) in try consumer(("receive.message.max.bytes", "2000")) }
        == "`receive.message.max.bytes` must be >= `fetch.max.bytes` + 512")
    #expect(try consumer(("queued.max.messages.kbytes", "2000")).fetchMaxBytes == 2_048_000)
    #expect(try consumer(("message.max.bytes", "60000000")).fetchMaxBytes == 60_000_000)
    #expect(
      try client(("message.max.bytes", "1000000000")).receiveMessageMaxBytes == 1_000_000_512)
  }
}
