import KafkaClient
import Testing

private func failure(_ name: String, _ value: String) -> PropertyError? {
  var set = PropertySet()
  do throws(PropertyError) {
    try set.set(name, value)
    return nil
  } catch { return error }
}

private func dumped(_ pairs: [(String, String)], _ name: String) throws(PropertyError) -> String? {
  var set = PropertySet()
  for (name, value) in pairs { try set.set(name, value) }
  return set.dump().split(separator: "\n").first { $0.hasPrefix(name + " = ") }.map {
    String($0.dropFirst(name.count + 3))
  }
}

@Suite struct PropertySetTests {
  @Test func `an unknown property is refused in librdkafka's words, with the nearest name beside`()
  {
    let error = failure("foo", "1")
    #expect(error?.description == "No such configuration property: \"foo\"")
    #expect(error?.reason == .unknown)
    #expect(error?.hint == nil)
    #expect(failure("linger.mss", "1")?.hint == "did you mean linger.ms?")
    #expect(failure("bootstrap.servers ", "a")?.hint == "did you mean bootstrap.servers?")
    #expect(
      failure("topic.metadata.refresh.intervall.ms", "5")?.hint
        == "did you mean topic.metadata.refresh.interval.ms?")
  }

  @Test func `the prefix topic. finds a topic's properties only`() throws {
    #expect(failure("topic.acks", "1") == nil)
    #expect(failure("topic.compression.codec", "lz4") == nil)
    #expect(failure("topic.metadata.refresh.interval.ms", "5") == nil)
    let error = failure("topic.linger.ms", "1")
    #expect(error?.description == "No such configuration property: \"linger.ms\"")
    #expect(error?.hint == "linger.ms is no property of topics; write it without the prefix topic.")
    #expect(failure("topic.", "1")?.reason == .unknown)
  }

  @Test(arguments: [
    (
      "compression.codec", "foo",
      "Invalid value \"foo\" for configuration property \"compression.codec\""
    ),
    (
      "acks", "5000",
      "Configuration property \"request.required.acks\" value 5000 is outside allowed range "
        + "-1..1000"
    ),
    (
      "linger.ms", "-5",
      "Configuration property \"queue.buffering.max.ms\" value -5 is outside allowed range 0..900000"
    ),
    (
      "queued.max.messages.kbytes", "99999999999999999999",
      "Configuration property \"queued.max.messages.kbytes\" value 99999999999999999999 is "
        + "outside allowed range 1..2097151"
    ),
    (
      "socket.timeout.ms", "100x",
      "Invalid value for configuration property \"socket.timeout.ms\""
    ),
    (
      "socket.timeout.ms", "",
      "Integer configuration property \"socket.timeout.ms\" cannot be set to empty value"
    ),
    (
      "enable.idempotence", "yes", "Expected bool value for \"enable.idempotence\": true or false"
    ),
    (
      "enable.idempotence", "",
      "Bool configuration property \"enable.idempotence\" cannot be set to empty value"
    ),
    ("debug", "broker,foo", "Invalid value \"foo\" for configuration property \"debug\""),
    ("error_cb", "x", "Property \"error_cb\" must be set through dedicated .._set_..() function"),
    (
      "plugin.library.paths", "x.so",
      "Configuration property \"plugin.library.paths\" is not supported: hbcat runs no code that "
        + "a property names"
    ),
    (
      "offset.store.method", "file",
      "Invalid value \"file\" for configuration property \"offset.store.method\": hbcat keeps "
        + "offsets on the broker only"
    ),
    (
      "linger.ms", "nan",
      "Invalid value for configuration property \"queue.buffering.max.ms\""
    ),
    ("interceptors", "x", "Internal property \"interceptors\" not settable"),
    ("ssl_key", "x", "Internal property \"ssl_key\" not settable"),
    (
      "partitioner", "foo", "Invalid value for configuration property \"partitioner\": foo"
    ),
    ("partitioner", "", "Invalid value for configuration property \"partitioner\": (null)"),
    (
      "sasl.mechanism", "", "Invalid value for configuration property \"sasl.mechanisms\": (null)"
    ),
    (
      "builtin.features", "foo",
      "Invalid value \"foo\" for configuration property \"builtin.features\""
    ),
    (
      "topic.blacklist", "a,^(b",
      "Failed to parse pattern \"^(b\": missing closing parenthesis at byte 3"
    ),
    (
      "test.mock.num.brokers", "3",
      "Configuration property \"test.mock.num.brokers\" is not supported: 'hbcat broker' is the "
        + "cluster for tests"
    ),
    (
      "sasl.kerberos.kinit.cmd", "rm -rf /",
      "Configuration property \"sasl.kerberos.kinit.cmd\" is not supported: hbcat runs no command "
        + "that a property names; run kinit beforehand"
    ),
    (
      "ssl.engine.location", "x.so",
      "Configuration property \"ssl.engine.location\" is not supported: hbcat loads no code that a "
        + "property names"
    ),
  ])
  func `a wrong value is refused in librdkafka's words`(
    _ name: String, _ value: String, _ text: String
  ) {
    #expect(failure(name, value)?.description == text)
  }

  @Test func `numbers, words and flags are read as librdkafka reads them`() throws {
    #expect(try dumped([("acks", "ALL")], "request.required.acks") == "-1")
    #expect(try dumped([("socket.timeout.ms", "0x100")], "socket.timeout.ms") == "256")
    #expect(try dumped([("log_level", "07")], "log_level") == "7")
    #expect(try dumped([("linger.ms", "1.5")], "queue.buffering.max.ms") == "1.5")
    #expect(try dumped([("linger.ms", "1e3")], "queue.buffering.max.ms") == "1000")
    #expect(try dumped([("compression.type", " GZip ")], "compression.codec") == "gzip")
    #expect(try dumped([("auto.offset.reset", "Earliest")], "auto.offset.reset") == "smallest")
    #expect(try dumped([("check.crcs", "F")], "check.crcs") == "false")
    #expect(try dumped([("debug", "msg, broker,-msg,+topic")], "debug") == "broker,topic")
    #expect(try dumped([("debug", "all")], "debug") == "all")
    #expect(try dumped([("debug", "all,-broker")], "debug")?.hasPrefix("generic,topic,") == true)
    #expect(try dumped([("partitioner", " murmur2")], "partitioner") == "murmur2")
    #expect(failure("log_level", "08")?.reason == .invalidValue)
  }

  @Test func `the last value wins and an empty text is the default again`() throws {
    #expect(try dumped([("client.id", "a"), ("client.id", "b")], "client.id") == "b")
    #expect(try dumped([("client.id", "a"), ("client.id", "")], "client.id") == "rdkafka")
    let servers = [("bootstrap.servers", "a"), ("metadata.broker.list", "b")]
    #expect(try dumped(servers, "metadata.broker.list") == "b")
  }

  @Test func `the dump has both sections and shows no secret`() throws {
    var set = PropertySet()
    try set.set("sasl.password", "hunter2")
    try set.set("ssl.key.password", "hunter2")
    try set.set("acks", "1")
    let dump = set.dump()
    #expect(dump.hasPrefix("# Global config\nbuiltin.features = "))
    #expect(dump.contains("\n\n# Topic config\n"))
    #expect(dump.contains("\nrequest.required.acks = 1\n"))
    #expect(dump.contains("\nsasl.password = [redacted]\n"))
    #expect(dump.contains("\nssl.key.password = [redacted]\n"))
    #expect(!dump.contains("hunter2"))
    #expect(dump.split(separator: "\n").allSatisfy { $0.hasPrefix("# ") || $0.contains(" = ") })
  }

  @Test func `the dump shows what holds`() throws {
    #expect(try dumped([], "enable.idempotence") == "true")
    #expect(try dumped([("acks", "1")], "enable.idempotence") == "false")
    #expect(try dumped([("linger.ms", "50")], "sticky.partitioning.linger.ms") == "100")
    #expect(
      try dumped([("topic.metadata.refresh.interval.ms", "1000")], "metadata.max.age.ms")
        == "3000")
    #expect(
      try dumped([("fetch.max.bytes", "200000000")], "receive.message.max.bytes") == "200000512")
  }

  @Test func `what is for the other role is warned of in librdkafka's words`() throws {
    var set = PropertySet()
    try set.set("linger.ms", "1")
    try set.set("fetch.min.bytes", "2")
    try set.set("enable.metrics.push", "true")
    // Topics' properties are kept by kcat where no role is known.
    try set.set("acks", "1")
    try set.set("auto.offset.reset", "earliest")
    #expect(
      set.warnings(for: .consumer) == [
        "Configuration property queue.buffering.max.ms is a producer property and will be ignored "
          + "by this consumer instance"
      ])
    #expect(
      set.warnings(for: .producer) == [
        "Configuration property fetch.min.bytes is a consumer property and will be ignored by this "
          + "producer instance"
      ])
    #expect(set.warnings(for: .both).isEmpty)
    #expect(PropertySet().warnings(for: .consumer).isEmpty)
  }

  @Test(arguments: [
    (
      ["socket.blocking.max.ms=5"],
      "Configuration property socket.blocking.max.ms is deprecated: No longer used."
    ),
    (
      ["sasl.mechanism=PLAIN"],
      "Configuration property `sasl.mechanism` set to `PLAIN` but `security.protocol` is not "
        + "configured for SASL: recommend setting `security.protocol` to SASL_SSL or SASL_PLAINTEXT"
    ),
    (
      ["sasl.username=u"],
      "Configuration property `sasl.username` only applies when `sasl.mechanism` is set to PLAIN or "
        + "SCRAM-SHA-.."
    ),
    (
      ["fetch.wait.max.ms=60000"],
      "Configuration property `fetch.wait.max.ms` (60000) should be set lower than "
        + "`socket.timeout.ms` (60000) by at least 1000ms to avoid blocking and timing out "
        + "sub-sequent requests"
    ),
  ])
  func `what does not go well together is warned of`(_ settings: [String], _ text: String) throws {
    var set = PropertySet()
    for setting in settings {
      let parts = setting.split(separator: "=").map(String.init)
      try set.set(parts[0], parts[1])
    }
    #expect(set.warnings(for: .consumer) == [text])
  }

  @Test func `what changes nothing is noted with its reason`() throws {
    var set = PropertySet()
    try set.set("enable.metrics.push", "true")
    try set.set("client.id", "a")
    try set.set("sasl.password", "hunter2")
    #expect(
      set.notes == [
        "Configuration property enable.metrics.push changes nothing: nothing is ever pushed (KIP-714)"
      ])
    #expect(
      set.settings == [
        "client.id = a", "enable.metrics.push = true", "sasl.password = [redacted]",
      ])
  }

  @Test func `log lines are chosen by level, debug and verbosity`() throws {
    func shows(_ line: ClientLog, _ verbosity: Int, _ pairs: (String, String)...) throws -> Bool {
      var set = PropertySet()
      for (name, value) in pairs { try set.set(name, value) }
      return set.logFilter.shows(line, verbosity: verbosity)
    }
    let warning = ClientLog(.warning, "OFFSET", "")
    let info = ClientLog(.info, "FAIL", "")
    let debug = ClientLog(.debug, "CONNECTED", "")
    #expect(try shows(warning, 1) && !shows(warning, 0) && !shows(info, 1) && shows(info, 2))
    #expect(try !shows(warning, 9, ("log_level", "3")))
    #expect(try shows(ClientLog(.error, "FAIL", ""), 1, ("log_level", "3")))
    #expect(try shows(debug, 0, ("debug", "msg")) && shows(warning, 0, ("debug", "msg")))
    #expect(try shows(debug, 1, ("debug", "all"), ("log_level", "6")))
    #expect(try !shows(debug, 1, ("debug", "all"), ("log_level", "5")))
  }
}
