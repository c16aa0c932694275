// Default, range and order as in librdkafka 2.15's CONFIGURATION.md; the notes say where hbcat differs.
extension PropertyTable {
  private static let files = Property.Effect.accepted("offsets are kept on the broker only")

  /// Consumers.
  static let consumer: [Property] = [
    .text("group.id", .consumer),
    .text("group.instance.id", .consumer),
    .text("partition.assignment.strategy", .consumer, "range,roundrobin"),
    .integer("session.timeout.ms", .consumer, 1...3_600_000, 45_000, .milliseconds),
    .integer("heartbeat.interval.ms", .consumer, 1...3_600_000, 3000, .milliseconds),
    .text(
      "group.protocol.type", .consumer, "consumer",
      .accepted("members of other types cannot be joined")),
    .oneOf("group.protocol", .consumer, ["classic", "consumer"], "classic"),
    .text("group.remote.assignor", .consumer),
    .integer(
      "coordinator.query.interval.ms", .consumer, 1...3_600_000, 600_000, .milliseconds,
      .accepted("the coordinator is asked for when it has moved or is lost")),
    .integer(
      "max.poll.interval.ms", .consumer, 1...86_400_000, 300_000, .milliseconds,
      note: "how long stdout may take nothing before the group is left"),
    .bool(
      "enable.auto.commit", .consumer, true, scope: .both, aliases: ["auto.commit.enable"],
      note: "what was written to stdout is committed"),
    .integer(
      "auto.commit.interval.ms", .consumer, 0...86_400_000, 5000, .milliseconds, scope: .both,
      note: "0: nothing is committed"),
    .bool("enable.auto.offset.store", .consumer, true, note: "false: nothing is committed"),
    .integer(
      "queued.min.messages", .consumer, 1...10_000_000, 100_000, .none,
      .accepted("what is fetched ahead is bounded by bytes")),
    .integer("queued.max.messages.kbytes", .consumer, 1...2_097_151, 65_536, .kibibytes),
    .integer(
      "fetch.wait.max.ms", .consumer, 0...300_000, 500, .milliseconds,
      aliases: ["fetch.max.wait.ms"]),
    .integer(
      "fetch.queue.backoff.ms", .consumer, 0...300_000, 1000, .milliseconds,
      .accepted("fetching goes on as soon as there is room")),
    .integer(
      "fetch.message.max.bytes", .consumer, 1...1_000_000_000, 1_048_576, .bytes,
      aliases: ["max.partition.fetch.bytes"]),
    .integer("fetch.max.bytes", .consumer, 0...2_147_483_135, 52_428_800, .bytes),
    .integer("fetch.min.bytes", .consumer, 1...100_000_000, 1, .bytes),
    .integer(
      "fetch.error.backoff.ms", .consumer, 0...300_000, 100, .milliseconds,
      note: "unless set, retry.backoff.ms; librdkafka: 500"),
    .oneOf(
      "offset.store.method", .consumer, ["none", "file", "broker"], "broker", files, scope: .both,
      note: "file is refused"),
    .oneOf(
      "isolation.level", .consumer, ["read_uncommitted", "read_committed"], "read_committed"),
    .bool(
      "enable.partition.eof", .consumer, false,
      .accepted("the end of a partition is always noticed")),
    .bool(
      "check.crcs", .consumer, true, .accepted("checksums are always verified"),
      note: "librdkafka: false"),
    .integer(
      "max.poll.records", .consumer, 1...Property.intMax, 500, .none,
      .accepted("records are not polled")),
    .text(
      "share.acknowledgement.mode", .consumer, "implicit",
      .accepted("hbcat consume --share-group says by --ack how")),
    .text("key.deserializer", .consumer, nil, .accepted("keys are bytes")),
    .text("value.deserializer", .consumer, nil, .accepted("values are bytes")),
  ]

  /// Producers.
  static let producer: [Property] = [
    .text(
      "transactional.id", .producer,
      note: "a run is one transaction, or several: hbcat produce --transaction-every"),
    .integer("transaction.timeout.ms", .producer, 1000...Property.intMax, 60_000, .milliseconds),
    .bool(
      "enable.idempotence", .producer, true,
      note: "librdkafka: false; unless set, acks, retries and max.in.flight may turn it off"),
    .bool(
      "enable.gapless.guarantee", .producer, false,
      note: "true: after a message that failed, but for message.timeout.ms, none is sent"),
    .integer(
      "queue.buffering.max.messages", .producer, 0...Property.intMax, 100_000, note: "0: no limit"),
    .integer(
      "queue.buffering.max.kbytes", .producer, 1...Property.intMax, 8192, .kibibytes,
      note: "librdkafka: 1048576"),
    .integer(
      "buffer.memory", .producer, 1024...(Property.intMax * 1024), 8_388_608, .bytes,
      note: "queue.buffering.max.kbytes in bytes"),
    .decimal(
      "queue.buffering.max.ms", .producer, 0...900_000, "5", .milliseconds, aliases: ["linger.ms"]),
    .integer(
      "message.send.max.retries", .producer, 0...Property.intMax, Property.intMax,
      aliases: ["retries"]),
    .integer(
      "queue.buffering.backpressure.threshold", .producer, 1...1_000_000, 1, .none,
      .accepted("batches are sent when they are full or have lingered")),
    .oneOf(
      "compression.codec", .producer, ["none", "gzip", "snappy", "lz4", "zstd", "inherit"], "none",
      scope: .both, aliases: ["compression.type"], note: "inherit: none"),
    .integer("batch.num.messages", .producer, 1...1_000_000, 10_000),
    .integer("batch.size", .producer, 1...Property.intMax, 1_000_000, .bytes),
    .bool(
      "delivery.report.only.error", .producer, false, note: "true: -vv tells of no delivery"),
    .integer(
      "sticky.partitioning.linger.ms", .producer, 0...900_000, 10, .milliseconds,
      note: "unless set, twice linger.ms"),
    .text("key.serializer", .producer, nil, .accepted("keys are bytes")),
    .text("value.serializer", .producer, nil, .accepted("values are bytes")),
  ]

  /// What librdkafka sets per topic.
  static let topic: [Property] = [
    .integer(
      "request.required.acks", .producer, -1...1000, -1, words: ["all": -1], scope: .topic,
      aliases: ["acks"], note: "-1, all: every in-sync replica"),
    .integer(
      "request.timeout.ms", .producer, 1...900_000, 30_000, .milliseconds, scope: .topic),
    .integer(
      "message.timeout.ms", .producer, 0...Property.intMax, 300_000, .milliseconds, scope: .topic,
      aliases: ["delivery.timeout.ms"], note: "0: never"),
    .oneOf(
      "queuing.strategy", .producer, ["fifo", "lifo"], "fifo",
      .accepted("messages are sent in the order they came"), scope: .topic),
    .bool(
      "produce.offset.report", .producer, false, .accepted("offsets are always reported"),
      scope: .topic),
    Property(
      name: "partitioner", aliases: [], role: .producer, scope: .topic,
      kind: .name([
        "random", "consistent", "consistent_random", "murmur2", "murmur2_random", "fnv1a",
        "fnv1a_random",
      ]), defaultText: "consistent_random", effect: .honoured,
      note: "random, consistent, consistent_random, murmur2, murmur2_random, fnv1a, fnv1a_random"),
    .integer(
      "compression.level", .producer, -1...22, -1, scope: .topic,
      note: "-1: the codec's default; gzip 0-9, lz4 0-12, zstd 0-22; a higher one is the highest"),
    .oneOf(
      "auto.offset.reset", .consumer, ["smallest", "largest", "error"], "largest",
      synonyms: [
        "earliest": "smallest", "beginning": "smallest", "latest": "largest", "end": "largest",
      ], scope: .topic),
    .text("offset.store.path", .consumer, ".", files, scope: .topic),
    .integer(
      "offset.store.sync.interval.ms", .consumer, -1...86_400_000, -1, .milliseconds, files,
      scope: .topic),
    .integer(
      "consume.callback.max.messages", .consumer, 0...1_000_000, 0, .none,
      .accepted("it is librdkafka's interface"), scope: .topic),
  ]
}
