import Testing

@testable import KafkaClient

@Suite struct GroupConfigurationTests {
  private static func group(_ settings: String...) throws -> GroupConfiguration {
    var set = PropertySet()
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
      try set.set(parts[0], parts.count > 1 ? parts[1] : "")
    }
    return try set.group
  }

  @Test func `the defaults are librdkafka's`() throws {
    let group = try Self.group()
    #expect(group.assignors == [.range, .roundrobin])
    #expect(group.sessionTimeoutMs == 45_000 && group.heartbeatIntervalMs == 3000)
    #expect(group.maxPollIntervalMs == 300_000)
    #expect(group.autoCommit && group.autoCommitIntervalMs == 5000)
    #expect(group.groupProtocol == .classic && group.groupInstanceId == nil)
  }

  @Test func `properties are honoured`() throws {
    let group = try Self.group(
      "partition.assignment.strategy= cooperative-sticky", "session.timeout.ms=10000",
      "group.instance.id=one", "auto.commit.interval.ms=100", "max.poll.interval.ms=20000",
      "allow.auto.create.topics=true")
    #expect(group.assignors == [.cooperativeSticky])
    #expect(group.sessionTimeoutMs == 10_000 && !group.isSessionTimeoutDefault)
    #expect(group.groupInstanceId == "one" && group.autoCommitIntervalMs == 100)
    #expect(group.allowAutoCreateTopics)
    #expect(try !Self.group("enable.auto.commit=false").autoCommit)
    #expect(try !Self.group("auto.commit.interval.ms=0").autoCommit)
    let new = try Self.group("group.protocol=consumer", "group.remote.assignor=uniform")
    #expect(new.groupProtocol == .consumer && new.remoteAssignor == "uniform")
  }

  @Test(arguments: [
    (
      ["partition.assignment.strategy=cooperative-sticky,range"],
      "All partition.assignment.strategy (cooperative-sticky,range) assignors must have the same"
    ),
    (
      ["partition.assignment.strategy=foo"], "Unsupported partition.assignment.strategy: foo"
    ),
    (
      ["max.poll.interval.ms=5000"], "`max.poll.interval.ms`must be >= `session.timeout.ms`"
    ),
    (
      ["group.protocol=consumer", "session.timeout.ms=6000"],
      "`session.timeout.ms` is not supported for `group.protocol=consumer`"
    ),
    (
      ["group.protocol=consumer", "partition.assignment.strategy=range"],
      "`partition.assignment.strategy` is not supported for `group.protocol=consumer`. Use "
        + "`group.remote.assignor` instead"
    ),
  ])
  func `what does not go together is librdkafka's error`(_ settings: [String], _ text: String) {
    var set = PropertySet()
    do {
      for setting in settings {
        let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
        try set.set(parts[0], parts[1])
      }
      _ = try set.group
      Issue.record("no error")
    } catch {
      #expect("\(error)".hasPrefix(text), "\(error)")
    }
  }
}
