import KafkaClient
import Testing

@Suite struct PropertyTableTests {
  /// All names in librdkafka 2.15's CONFIGURATION.md.
  private static let librdkafka = """
    builtin.features client.id metadata.broker.list bootstrap.servers message.max.bytes
    message.copy.max.bytes receive.message.max.bytes max.in.flight.requests.per.connection
    max.in.flight metadata.recovery.strategy metadata.recovery.rebootstrap.trigger.ms
    topic.metadata.refresh.interval.ms metadata.max.age.ms
    topic.metadata.refresh.fast.interval.ms topic.metadata.refresh.fast.cnt
    topic.metadata.refresh.sparse topic.metadata.propagation.max.ms topic.blacklist debug
    socket.timeout.ms socket.blocking.max.ms socket.send.buffer.bytes
    socket.receive.buffer.bytes socket.keepalive.enable socket.nagle.disable socket.max.fails
    broker.address.ttl broker.address.family socket.connection.setup.timeout.ms
    connections.max.idle.ms reconnect.backoff.jitter.ms reconnect.backoff.ms
    reconnect.backoff.max.ms statistics.interval.ms enabled_events error_cb throttle_cb stats_cb
    log_cb log_level log.queue log.thread.name enable.random.seed log.connection.close
    background_event_cb socket_cb connect_cb closesocket_cb open_cb resolve_cb opaque
    default_topic_conf internal.termination.signal api.version.request
    api.version.request.timeout.ms api.version.fallback.ms broker.version.fallback
    allow.auto.create.topics security.protocol ssl.cipher.suites ssl.curves.list
    ssl.sigalgs.list ssl.key.location ssl.key.password ssl.key.pem ssl_key
    ssl.certificate.location ssl.certificate.pem ssl_certificate ssl.ca.location
    https.ca.location https.ca.pem ssl.ca.pem ssl_ca ssl.ca.certificate.stores ssl.crl.location
    ssl.keystore.location ssl.keystore.password ssl.providers ssl.engine.location ssl.engine.id
    ssl_engine_callback_data enable.ssl.certificate.verification
    ssl.endpoint.identification.algorithm ssl.certificate.verify_cb sasl.mechanisms
    sasl.mechanism sasl.kerberos.service.name sasl.kerberos.principal sasl.kerberos.kinit.cmd
    sasl.kerberos.keytab sasl.kerberos.min.time.before.relogin sasl.username sasl.password
    sasl.oauthbearer.config enable.sasl.oauthbearer.unsecure.jwt oauthbearer_token_refresh_cb
    sasl.oauthbearer.method sasl.oauthbearer.client.id
    sasl.oauthbearer.client.credentials.client.id
    sasl.oauthbearer.client.credentials.client.secret sasl.oauthbearer.client.secret
    sasl.oauthbearer.scope sasl.oauthbearer.extensions sasl.oauthbearer.token.endpoint.url
    sasl.oauthbearer.sub.claim.name sasl.oauthbearer.grant.type
    sasl.oauthbearer.assertion.algorithm sasl.oauthbearer.assertion.private.key.file
    sasl.oauthbearer.assertion.private.key.passphrase sasl.oauthbearer.assertion.private.key.pem
    sasl.oauthbearer.assertion.file sasl.oauthbearer.assertion.claim.aud
    sasl.oauthbearer.assertion.claim.exp.seconds sasl.oauthbearer.assertion.claim.iss
    sasl.oauthbearer.assertion.claim.jti.include sasl.oauthbearer.assertion.claim.nbf.seconds
    sasl.oauthbearer.assertion.claim.sub sasl.oauthbearer.assertion.jwt.template.file
    sasl.oauthbearer.metadata.authentication.type plugin.library.paths interceptors group.id
    group.instance.id partition.assignment.strategy session.timeout.ms heartbeat.interval.ms
    group.protocol.type group.protocol group.remote.assignor coordinator.query.interval.ms
    max.poll.interval.ms enable.auto.commit auto.commit.interval.ms enable.auto.offset.store
    queued.min.messages queued.max.messages.kbytes fetch.wait.max.ms fetch.queue.backoff.ms
    fetch.message.max.bytes max.partition.fetch.bytes fetch.max.bytes fetch.min.bytes
    fetch.error.backoff.ms offset.store.method isolation.level consume_cb rebalance_cb
    offset_commit_cb enable.partition.eof check.crcs client.rack max.poll.records
    share.acknowledgement.mode transactional.id transaction.timeout.ms enable.idempotence
    enable.gapless.guarantee queue.buffering.max.messages queue.buffering.max.kbytes
    queue.buffering.max.ms linger.ms message.send.max.retries retries retry.backoff.ms
    retry.backoff.max.ms queue.buffering.backpressure.threshold compression.codec
    compression.type batch.num.messages batch.size delivery.report.only.error dr_cb dr_msg_cb
    sticky.partitioning.linger.ms client.dns.lookup enable.metrics.push request.required.acks
    acks request.timeout.ms message.timeout.ms delivery.timeout.ms queuing.strategy
    produce.offset.report partitioner partitioner_cb msg_order_cmp compression.level
    auto.commit.enable auto.offset.reset offset.store.path offset.store.sync.interval.ms
    consume.callback.max.messages
    """

  @Test func `every property of librdkafka is known by all its names`() {
    let names = Self.librdkafka.split(whereSeparator: \.isWhitespace)
    #expect(names.count == 193)
    for name in names { #expect(PropertyTable.find(String(name)) != nil, "\(name)") }
  }

  @Test func `no name stands for two properties`() {
    let names = PropertyTable.rows.flatMap { [$0.name] + $0.aliases }
    #expect(Set(names).count == names.count)
  }

  @Test func `every default is a value that its property takes`() throws {
    for row in PropertyTable.rows {
      guard let value = row.defaultText, !value.isEmpty, row.name != "builtin.features" else {
        continue
      }
      var set = PropertySet()
      try set.set(row.name, value)
      #expect(set.isSet(row.name))
      #expect(set.dump() == PropertySet().dump(), "\(row.name)")
    }
  }

  @Test func `a near name is found and a far one is not`() {
    #expect(PropertyTable.nearest(to: "bootstrap.server") == "bootstrap.servers")
    #expect(PropertyTable.nearest(to: "COMPRESSION.TYPE") == "compression.type")
    #expect(PropertyTable.nearest(to: "liner.ms") == "linger.ms")
    #expect(PropertyTable.nearest(to: "colour") == nil)
    #expect(PropertyTable.nearest(to: String(repeating: "a", count: 100_000)) == nil)
  }

  @Test func `the list shows each name with range, default and effect`() {
    let list = PropertyTable.list()
    func line(_ name: String) -> String {
      list.split(separator: "\n").first { $0.hasPrefix(name + " ") }.map(String.init) ?? ""
    }
    #expect(
      line("socket.timeout.ms")
        == "socket.timeout.ms                        |  *  | 10 .. 300000    |         60000 "
        + "| low        | Honoured, in ms. <br>*Type: integer*")
    #expect(
      line("acks").contains("|  P  | -1 .. 1000      |            -1 | high       | Alias for"))
    #expect(line("plugin.library.paths").contains("Refused: hbcat runs no code"))
    #expect(line("auto.offset.reset").contains("smallest, largest, error, beginning, earliest"))
    #expect(!list.contains("test.mock"))
    #expect(list.contains("## Topic configuration properties"))
  }
}
