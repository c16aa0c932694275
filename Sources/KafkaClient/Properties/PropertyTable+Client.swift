// Default, range and order as in librdkafka 2.15's CONFIGURATION.md; the notes say where hbcat differs.
extension PropertyTable {
  /// What hbcat can do, in librdkafka's words and order.
  public static let features = [
    "gzip", "snappy", "ssl", "sasl", "regex", "lz4", "sasl_gssapi", "sasl_plain", "sasl_scram",
    "zstd", "sasl_oauthbearer", "http", "oidc",
  ]

  /// Connections, metadata and protocol.
  static let connection: [Property] = [
    .flags(
      "builtin.features", features, features.joined(separator: ","),
      .accepted("what is built in cannot be changed; what is not is an error")),
    .text("client.id", .both, "rdkafka"),
    .text("metadata.broker.list", .both, aliases: ["bootstrap.servers"]),
    .integer(
      "message.max.bytes", .both, 1000...1_000_000_000, 1_000_000, .bytes,
      aliases: ["max.request.size"]),
    .integer(
      "message.copy.max.bytes", .both, 0...1_000_000_000, 65535, .bytes,
      .accepted("each message is copied once")),
    .integer("receive.message.max.bytes", .both, 1000...Property.intMax, 100_000_000, .bytes),
    .integer(
      "max.in.flight.requests.per.connection", .both, 1...1_000_000, 5, aliases: ["max.in.flight"],
      note: "unanswered Produce requests per broker; librdkafka: 1000000"),
    .oneOf(
      "metadata.recovery.strategy", .both, ["none", "rebootstrap"], "rebootstrap",
      note: "rebootstrap: when no known broker is left, the bootstrap servers are asked again"),
    .integer(
      "metadata.recovery.rebootstrap.trigger.ms", .both, 0...Property.intMax, 300_000,
      .milliseconds, note: "without metadata; see metadata.recovery.strategy"),
    .integer(
      "topic.metadata.refresh.interval.ms", .both, -1...3_600_000, 300_000, .milliseconds,
      note: "-1: never"),
    .integer(
      "metadata.max.age.ms", .both, 1...86_400_000, 900_000, .milliseconds,
      note: "metadata is asked for before it is so old; unless set, three times "
        + "topic.metadata.refresh.interval.ms"),
    .integer(
      "topic.metadata.refresh.fast.interval.ms", .both, 1...60_000, 100, .milliseconds,
      note: "unless set, retry.backoff.ms"),
    .integer(
      "topic.metadata.refresh.fast.cnt", .both, 0...1000, 10, .none,
      .accepted("not used by librdkafka either")),
    .bool(
      "topic.metadata.refresh.sparse", .both, true,
      .accepted("only the topics in use are asked for")),
    .integer("topic.metadata.propagation.max.ms", .both, 0...3_600_000, 30_000, .milliseconds),
    Property(
      name: "topic.blacklist", aliases: [], role: .both, scope: .global, kind: .patterns,
      defaultText: nil, effect: .honoured, note: "topics that -L and -G take for absent"),
    .integer("socket.timeout.ms", .both, 10...300_000, 60_000, .milliseconds),
    .integer(
      "socket.blocking.max.ms", .both, 1...60_000, 1000, .milliseconds,
      .accepted("not used by librdkafka either")),
    .integer(
      "socket.send.buffer.bytes", .both, 0...100_000_000, 0, .bytes,
      note: "0: the system chooses the size"),
    .integer(
      "socket.receive.buffer.bytes", .both, 0...100_000_000, 0, .bytes,
      note: "0: the system chooses the size"),
    .bool("socket.keepalive.enable", .both, true, note: "librdkafka: false"),
    .bool("socket.nagle.disable", .both, true, .accepted("Nagle's algorithm is always off")),
    .integer(
      "socket.max.fails", .both, 0...1_000_000, 1, .none,
      .accepted("a connection is closed at its first timed-out request")),
    .integer(
      "broker.address.ttl", .both, 0...86_400_000, 1000, .milliseconds,
      .accepted("names are looked up at each connection")),
    .oneOf("broker.address.family", .both, ["any", "v4", "v6"], "any"),
    .integer(
      "socket.connection.setup.timeout.ms", .both, 1000...Property.intMax, 30_000, .milliseconds),
    .integer(
      "connections.max.idle.ms", .both, 0...Property.intMax, 0, .milliseconds,
      note: "0: never; the next request opens another"),
    .integer(
      "reconnect.backoff.jitter.ms", .both, 0...3_600_000, 0, .milliseconds,
      .accepted("not used by librdkafka either")),
    .integer("reconnect.backoff.ms", .both, 0...3_600_000, 100, .milliseconds),
    .integer("reconnect.backoff.max.ms", .both, 0...3_600_000, 10_000, .milliseconds),
    .integer("retry.backoff.ms", .both, 1...300_000, 100, .milliseconds),
    .integer("retry.backoff.max.ms", .both, 1...300_000, 1000, .milliseconds),
    .bool("api.version.request", .both, true, note: "false: broker.version.fallback is believed"),
    .integer(
      "api.version.request.timeout.ms", .both, 1...300_000, 3000, .milliseconds,
      note: "librdkafka: 10000; Kafka 0.9 neither answers nor closes"),
    .integer(
      "api.version.fallback.ms", .both, 0...604_800_000, 0, .milliseconds,
      .accepted("what a broker speaks is remembered while the client runs")),
    .text(
      "broker.version.fallback", .both, "0.9.0",
      note: "0.9.0, 0.10.0, 0.10.1, 0.10.2; librdkafka: 0.10.0"),
    .bool(
      "allow.auto.create.topics", .both, false,
      note: "of a group's member; listing never creates a topic, producing does"),
    .oneOf(
      "client.dns.lookup", .both,
      ["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"], "use_all_dns_ips",
      .accepted("every address of a name is tried")),
    .text("client.rack", .both, ""),
    .bool("enable.metrics.push", .both, true, .accepted("nothing is ever pushed (KIP-714)")),
  ]

  /// Logs, statistics, and librdkafka's functions.
  static let diagnostics: [Property] = [
    .flags(
      "debug",
      [
        "generic", "broker", "topic", "metadata", "feature", "queue", "msg", "protocol", "cgrp",
        "security", "fetch", "interceptor", "plugin", "consumer", "admin", "eos", "mock",
        "assignor", "conf", "telemetry", "all",
      ], ""),
    .integer(
      "statistics.interval.ms", .both, 0...86_400_000, 0, .milliseconds,
      .accepted("nobody takes statistics, as in kcat")),
    .integer(
      "enabled_events", .both, 0...Property.intMax, 0, .none,
      .accepted("events are librdkafka's interface")),
    .integer(
      "log_level", .both, 0...7, 6, note: "syslog's levels; unless set, -q, -v and debug decide"),
    .bool("log.queue", .both, false, .accepted("it is librdkafka's interface")),
    .bool("log.thread.name", .both, true, .accepted("there are no such threads")),
    .bool("enable.random.seed", .both, true, .accepted("random numbers are always seeded")),
    .bool("log.connection.close", .both, true, .accepted("told with debug=broker only")),
    .integer("internal.termination.signal", .both, 0...128, 0, .none, .accepted("none is needed")),
    .text(
      "plugin.library.paths", .both, nil, .refused("hbcat runs no code that a property names")),
    .inner("interceptors"), .inner("ssl_key"), .inner("ssl_certificate"), .inner("ssl_ca"),
    .callback("error_cb", .both), .callback("throttle_cb", .both), .callback("stats_cb", .both),
    .callback("log_cb", .both), .callback("background_event_cb", .both),
    .callback("socket_cb", .both), .callback("connect_cb", .both),
    .callback("closesocket_cb", .both), .callback("open_cb", .both),
    .callback("resolve_cb", .both), .callback("opaque", .both),
    .callback("default_topic_conf", .both), .callback("oauthbearer_token_refresh_cb", .both),
    .callback("ssl.certificate.verify_cb", .both), .callback("ssl_engine_callback_data", .both),
    .callback("consume_cb", .consumer), .callback("rebalance_cb", .consumer),
    .callback("offset_commit_cb", .consumer), .callback("dr_cb", .producer),
    .callback("dr_msg_cb", .producer), .callback("partitioner_cb", .producer, scope: .topic),
    .callback("msg_order_cmp", .producer, scope: .topic),
  ]

  /// Names that librdkafka takes and does not list.
  static let unlisted: [Property] = [
    .text(
      "client.software.name", .both, "hbcat", .accepted("brokers are told what this really is")),
    .text(
      "client.software.version", .both, ClientConfiguration.softwareVersion,
      .accepted("brokers are told what this really is")),
    .integer(
      "metadata.request.timeout.ms", .both, 10...900_000, 60_000, .milliseconds,
      .accepted("-m and socket.timeout.ms say how long")),
    .bool(
      "enable.sparse.connections", .both, true, .accepted("only the brokers in use are dialled")),
    .bool("enable_sasl_queue", .both, false, .accepted("it is librdkafka's interface")),
    .text(
      "test.mock.num.brokers", .both, nil, .refused("'hbcat broker' is the cluster for tests")),
    .text(
      "test.mock.broker.rtt", .both, nil, .refused("'hbcat broker' is the cluster for tests")),
    .inner("ut_handle_ProduceResponse"),
  ]
}
