import TestSupport
import Testing

/// What `-X` says of itself.
@Suite struct PropertyInteropTests {
  @Test func `what does nothing in this role is warned of as kcat does, by a subcommand with -v`()
    async throws
  {
    try await BrokerFixture.with(["--topic", "t:1:1"]) { bootstrap in
      let end = ["-b", bootstrap, "-t", "t", "-e", "-X", "linger.ms=3"]
      let warning = "queue.buffering.max.ms is a producer property and will be ignored"
      let kcat = try await run([Places.hbcat, "-C"] + end)
      #expect(kcat.status == 0)
      #expect(kcat.stderr.hasPrefix("%4|") && kcat.stderr.contains("|CONFWARN|"))
      #expect(kcat.stderr.contains(warning))
      #expect(try await !run([Places.hbcat, "-C", "-q"] + end).stderr.contains(warning))
      #expect(
        try await !run([Places.hbcat, "-C", "-X", "log_level=3"] + end).stderr.contains(warning))
      #expect(try await !run([Places.hbcat, "consume"] + end).stderr.contains(warning))
      #expect(try await run([Places.hbcat, "consume", "-v"] + end).stderr.contains(warning))
    }
  }

  @Test func `-d conf says what changes nothing, and debug tells of its contexts`() async throws {
    try await BrokerFixture.with(["--topic", "t:1:1", "--topic", "secret:1:1"]) { bootstrap in
      let list = [Places.hbcat, "-b", bootstrap, "-L", "-X", "check.crcs=false"]
      let plain = try await run(list + ["-X", "sasl.password=hunter2"])
      #expect(plain.status == 0 && !plain.stderr.contains("changes nothing"))
      let conf = try await run(list + ["-X", "sasl.password=hunter2", "-q", "-d", "conf"])
      #expect(conf.stderr.contains("|CONF|"))
      #expect(
        conf.stderr.contains("check.crcs changes nothing: checksums are always verified\n"))
      #expect(conf.stderr.contains("  sasl.password = [redacted]\n"))
      #expect(!conf.stderr.contains("hunter2") && !conf.stderr.contains("|CONNECTED|"))
      let broker = try await run(list + ["-d", "broker,metadata"])
      #expect(broker.stderr.contains("|CONNECTED|") && broker.stderr.contains("|METADATA|"))
      let sized = try await run(
        list + [
          "-X", "topic.blacklist=^sec", "-X", "socket.send.buffer.bytes=8192", "-X",
          "socket.receive.buffer.bytes=8192", "-X", "socket.keepalive.enable=false",
        ])
      #expect(sized.status == 0 && sized.stdout.contains(" 1 topics:"))
      #expect(sized.stdout.contains("topic \"t\"") && !sized.stdout.contains("secret"))
    }
  }

  @Test func `what does not go together is said in kcat's words`() async throws {
    func stderr(_ words: String...) async throws -> String {
      let result = try await run([Places.hbcat, "-b", "127.0.0.1:1", "-t", "x"] + words)
      #expect(result.status == 1)
      return result.stderr
    }
    #expect(
      try await stderr("-C", "-X", "fetch.max.bytes=10")
        == "% ERROR: Failed to create consumer: `fetch.max.bytes` must be >= `message.max.bytes`\n")
    #expect(
      try await stderr("-P", "-X", "enable.idempotence=true", "-X", "retries=0")
        == "% ERROR: Failed to create producer: `retries` must be set >= 1 when "
        + "`enable.idempotence` is true\n")
    let topics = try await stderr("-P", "-X", "enable.idempotence=true", "-X", "acks=0")
    #expect(
      topics.contains(
        "Incompatible configuration settings for topic \"x\": `acks` must be set to `all` when "
          + "`enable.idempotence` is true\n"))
    #expect(
      topics.hasSuffix(
        "% ERROR: Failed to create topic x: Local: Invalid argument or configuration\n"))
  }

  @Test func `an unknown property names the nearest that there is`() async throws {
    let result = try await run([Places.hbcat, "-b", "x", "-L", "-X", "compression.codek=lz4"])
    #expect(result.status == 1)
    #expect(
      result.stderr
        == "% ERROR: No such configuration property: \"compression.codek\" (did you mean compression.codec?)\n"
    )
  }
}
