import TestSupport
import Testing

/// What list tells beyond kcat's -L; in this suite because its clusters run already.
extension TranscriptTests {
  @Test(arguments: Target.available)
  func `list --offsets shows where each partition begins and ends`(_ target: Target) async throws {
    let bench = try await Bench(target)
    let topic = bench.topic("offsets")
    _ = try await bench.hbcat("-P", "-t", topic, input: Array("one\ntwo\nthree\n".utf8))
    let list = try await bench.hbcat("list", "--offsets", "-t", topic)
    #expect(list.status == 0, "\(list.stderr)")
    #expect(
      list.stdout.hasSuffix(
        "    partition 0, leader 1001, replicas: 1001, isrs: 1001, offsets: 0..3\n"))
    let json = try await bench.hbcat("list", "--offsets", "-t", topic, "-J")
    #expect(json.stdout.contains(#""isrs":[{"id":1001}],"low":0,"high":3}]}]}"#), "\(json.stdout)")
    // kcat's own mode stays as it is.
    let kcats = try await bench.hbcat("-L", "-t", topic)
    #expect(!kcats.stdout.contains(", offsets: "))
  }

  @Test func `a partition without leader says so, and is not waited for`() async throws {
    let broker = try await BrokerFixture(["--topic", "t:2"])
    try await broker.say("leader t 1 none")
    let started = ContinuousClock.now
    let list = try await run([Places.hbcat, "list", "-b", broker.bootstrap, "--offsets"])
    #expect(ContinuousClock.now - started < .seconds(4))
    let json = try await run([Places.hbcat, "list", "-b", broker.bootstrap, "--offsets", "-J"])
    await broker.stop()
    #expect(list.status == 1)
    #expect(
      list.stdout.contains("partition 0, leader 1001, replicas: 1001, isrs: 1001, offsets: 0..0\n"))
    #expect(list.stdout.contains(", offsets: unknown (Broker: Leader not available)"))
    #expect(list.stderr == "% No offsets of 1/2 partitions\n")
    #expect(json.status == 1)
    #expect(json.stdout.contains(#","offsets_error":"Broker: Leader not available"}"#))
  }

  @Test(.enabled(if: RealKafka.isAvailable, "\(RealKafka.need)"))
  func `list --configs shows what was set for a topic, --all-configs the rest too`() async throws {
    let bench = try await Bench(.kafka431)
    let clusters = try #require(Clusters.current)
    let kafka = try #require(try await clusters.real(.kafka431))
    let topic = bench.topic("configs")
    let made = try await kafka.kafkaTool(
      "kafka-topics", "--create", "--topic", topic, "--config", "cleanup.policy=compact")
    try #require(made.status == 0, "\(made.stderr)")
    let list = try await bench.hbcat("list", "--configs", "-t", topic)
    #expect(list.status == 0, "\(list.stderr)")
    #expect(
      list.stdout.contains(
        """
          topic "\(topic)" with 1 partitions:
            config cleanup.policy=compact
            partition 0,
        """), "\(list.stdout)")
    let json = try await bench.hbcat("list", "--configs", "-t", topic, "-J")
    #expect(
      json.stdout.contains(
        #""configs":[{"name":"cleanup.policy","value":"compact","source":"topic"}],"partitions""#))
    let all = try await bench.hbcat("list", "--all-configs", "-t", topic)
    #expect(all.stdout.contains("\n    config cleanup.policy=compact\n"))
    #expect(all.stdout.contains("\n    config min.compaction.lag.ms=0 (default)\n"))
  }

  @Test(.enabled(if: RealKafka.isAvailable, "\(RealKafka.need)"))
  func `a broker that cannot tell configurations is an error that says so`() async throws {
    let bench = try await Bench(.kafka09)
    let topic = bench.topic("old")
    _ = try await bench.hbcat("-P", "-t", topic, input: Array("one\n".utf8))
    let list = try await bench.hbcat("list", "--configs", "-t", topic)
    #expect(list.status == 1)
    #expect(list.stderr.contains("DescribeConfigs needs a broker that offers it"), "\(list.stderr)")
  }

  @Test func `the embedded broker tells the configuration that it follows`() async throws {
    try await BrokerFixture.with(["--topic", "t", "--max-message-bytes", "5000"]) { bootstrap in
      let own = try await run([Places.hbcat, "list", "-b", bootstrap, "--configs"])
      #expect(own.status == 0, "\(own.stderr)")
      #expect(!own.stdout.contains("config "))
      let all = try await run([Places.hbcat, "list", "-b", bootstrap, "--all-configs"])
      #expect(all.stdout.contains("\n    config max.message.bytes=5000 (broker)\n"))
      #expect(all.stdout.contains("\n    config cleanup.policy=delete (default)\n"))
    }
    try await BrokerFixture.with([
      "--topic", "t", "--fault", "DescribeConfigs:error=TOPIC_AUTHORIZATION_FAILED",
    ]) { bootstrap in
      let refused = try await run([Places.hbcat, "list", "-b", bootstrap, "--configs"])
      #expect(refused.status == 1)
      #expect(refused.stdout.contains("    config unknown (Broker: Topic authorization failed"))
      #expect(refused.stderr == "% No configuration of 1/1 topics\n")
    }
  }
}
