import KafkaClient

/// How a share group is read.
struct ShareMembership: Hashable, Sendable {
  var group: String
  /// By name, each once; one or more.
  var topics: [String]
  /// What becomes of a message that was written.
  var acknowledgement = AcknowledgeType.accept
  /// Ends when nothing has come for so long, in milliseconds; nil: never.
  var exitIdleMs: Int64?
}

/// The options of share groups, as typed.
struct ShareOptions {
  var group: String?
  var acknowledgement: AcknowledgeType?
  var exitIdleMs: Int64?

  mutating func apply(
    _ key: OptionKey, _ value: Argument, _ spelling: String
  ) throws(UsageError) {
    switch key {
    case .acknowledgement:
      switch try OptionValue.text(value, spelling) {
      case "accept": acknowledgement = .accept
      case "release": acknowledgement = .release
      case "reject": acknowledgement = .reject
      case let word:
        throw .value("\(spelling): expected accept, release or reject, not \"\(word)\"")
      }
    case .exitIdle:
      exitIdleMs =
        try OptionValue.integer(value, spelling, "a number of seconds", 1...2_147_483) * 1000
    default:
      let name = try OptionValue.text(value, spelling)
      guard !name.isEmpty else { throw .value("\(spelling): the group's name is empty") }
      group = name
    }
  }

  /// Refuses what makes sense only for a share group.
  func check() throws(UsageError) {
    guard group == nil else { return }
    if acknowledgement != nil { throw .syntax("--ack needs --share-group NAME") }
    if exitIdleMs != nil { throw .syntax("--exit-idle needs --share-group NAME") }
  }
}

extension PlanBuilder {
  /// A member of a share group.
  func sharePlan(_ group: String, topics: [String]) throws(UsageError) -> ConsumePlan {
    if groupId != nil { throw .syntax("--group and --share-group exclude one another") }
    if partition != nil {
      throw .syntax("--share-group and -p exclude one another: the group gives out partitions")
    }
    if start != nil || startMs != nil || stopBeforeMs != nil {
      throw .syntax(
        "--share-group and -o exclude one another: the group knows where it is "
          + "(share.auto.offset.reset, see --help)")
    }
    if exitAtEnd {
      throw .syntax(
        "--share-group and -e exclude one another: a share group has no end, since messages may "
          + "come back; use --exit-idle SECONDS or -c COUNT")
    }
    var membership = ShareMembership(group: group, topics: [])
    for name in topics {
      guard !name.hasPrefix("^") else {
        throw .value("topic \(name): a share group takes topics by name, not by pattern")
      }
      if !membership.topics.contains(name) { membership.topics.append(name) }
    }
    membership.acknowledgement = share.acknowledgement ?? .accept
    membership.exitIdleMs = share.exitIdleMs
    var plan = try consumePlan(topic: "")
    plan.share = membership
    return plan
  }
}
