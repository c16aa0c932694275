/// How a consumer behaves as a member of a group; the defaults are librdkafka's.
public struct GroupConfiguration: Sendable {
  /// How a group's members agree on who reads what.
  public enum GroupProtocol: String, Sendable {
    /// The members' leader deals out the partitions.
    case classic
    /// The broker does (KIP-848).
    case consumer
  }

  /// The name of a static member (KIP-345), or nil.
  public var groupInstanceId: String?
  /// How the members agree.
  public var groupProtocol = GroupProtocol.classic
  /// The assignor that the broker shall use (KIP-848), or nil.
  public var remoteAssignor: String?
  /// The classic protocol's ways of assignment, the preferred one first; all eager or all cooperative.
  public var assignors: [Assignor] = [.range, .roundrobin]
  /// Without a heartbeat for so long a member is taken for dead.
  public var sessionTimeoutMs: Int64 = 45_000
  /// Whether that was not set: then it is lowered for brokers that allow less.
  public var isSessionTimeoutDefault = true
  /// How often a member says that it lives.
  public var heartbeatIntervalMs: Int64 = 3000
  /// How long stdout may take nothing before the member leaves.
  public var maxPollIntervalMs: Int64 = 300_000
  /// Whether what was written is committed.
  public var autoCommit = true
  /// How often it is.
  public var autoCommitIntervalMs: Int64 = 5000
  /// Whether naming a topic creates it, where the broker allows that.
  public var allowAutoCreateTopics = false

  /// Makes one with the defaults.
  public init() {}
}

extension PropertySet {
  /// What a group's member needs of the properties.
  ///
  /// - Throws: `PropertyError` where they contradict one another, in librdkafka's words.
  public var group: GroupConfiguration {
    get throws(PropertyError) {
      var group = GroupConfiguration()
      if values.isEmpty { return group }
      group.groupInstanceId = text("group.instance.id")
      group.remoteAssignor = text("group.remote.assignor")
      group.groupProtocol = text("group.protocol") == "consumer" ? .consumer : .classic
      group.assignors = try assignors ?? group.assignors
      group.sessionTimeoutMs = integer("session.timeout.ms") ?? group.sessionTimeoutMs
      group.isSessionTimeoutDefault = !isSet("session.timeout.ms")
      group.heartbeatIntervalMs = integer("heartbeat.interval.ms") ?? group.heartbeatIntervalMs
      group.maxPollIntervalMs = integer("max.poll.interval.ms") ?? group.maxPollIntervalMs
      try checkProtocol(group)
      // 0 would mean all the time; librdkafka takes it for a way to turn commits off.
      group.autoCommitIntervalMs =
        integer("auto.commit.interval.ms") ?? group.autoCommitIntervalMs
      group.autoCommit = (bool("enable.auto.commit") ?? true) && group.autoCommitIntervalMs > 0
      if bool("enable.auto.offset.store") == false { group.autoCommit = false }
      group.allowAutoCreateTopics = bool("allow.auto.create.topics") ?? false
      return group
    }
  }

  /// `partition.assignment.strategy` as a list; nil where it was not set.
  private var assignors: [Assignor]? {
    get throws(PropertyError) {
      guard let list = text("partition.assignment.strategy") else { return nil }
      var found: [Assignor] = []
      for part in list.split(separator: ",") {
        let name = part.filter { $0 != " " }
        guard !name.isEmpty else { continue }
        guard let assignor = Assignor(rawValue: name) else {
          throw PropertyError(
            .invalidValue, "partition.assignment.strategy",
            "Unsupported partition.assignment.strategy: \(name)",
            hint: "use range, roundrobin or cooperative-sticky")
        }
        if !found.contains(assignor) { found.append(assignor) }
      }
      guard !found.isEmpty else { return nil }
      guard Set(found.map(\.isCooperative)).count == 1 else {
        throw .conflict(
          "partition.assignment.strategy",
          "All partition.assignment.strategy (\(list)) assignors must have the same protocol type, "
            + "online migration between assignors with different protocol types is not supported")
      }
      return found
    }
  }

  private func checkProtocol(_ group: GroupConfiguration) throws(PropertyError) {
    guard group.groupProtocol == .consumer else {
      guard group.maxPollIntervalMs >= group.sessionTimeoutMs else {
        throw .conflict(
          "max.poll.interval.ms", "`max.poll.interval.ms`must be >= `session.timeout.ms`")
      }
      return
    }
    for name in ["session.timeout.ms", "heartbeat.interval.ms"] where isSet(name) {
      throw .conflict(
        name,
        "`\(name)` is not supported for `group.protocol=consumer` or share consumer. It is defined "
          + "broker side")
    }
    if isSet("partition.assignment.strategy") {
      throw .conflict(
        "partition.assignment.strategy",
        "`partition.assignment.strategy` is not supported for `group.protocol=consumer`. Use "
          + "`group.remote.assignor` instead")
    }
    if isSet("group.protocol.type") {
      throw .conflict(
        "group.protocol.type",
        "`group.protocol.type` is not supported for `group.protocol=consumer` or share consumer")
    }
  }
}
