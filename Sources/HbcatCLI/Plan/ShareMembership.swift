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
}

extension PlanBuilder {
  /// The share group that the command line asks for, or nil; topics are those of -t and the arguments.
  func shareMembership(_ arguments: [Argument]) throws(UsageError) -> ShareMembership? {
    guard let group = share.group else {
      if share.acknowledgement != nil { throw .syntax("--ack needs --share-group NAME") }
      if share.exitIdleMs != nil { throw .syntax("--exit-idle needs --share-group NAME") }
      return nil
    }
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
    for word in topicsTyped.map({ Argument($0) }) + arguments {
      let name = try OptionValue.text(word, "topic")
      guard !name.isEmpty else { throw .value("a topic's name is empty") }
      guard !name.hasPrefix("^") else {
        throw .value("topic \(name): a share group takes topics by name, not by pattern")
      }
      if !membership.topics.contains(name) { membership.topics.append(name) }
    }
    guard !membership.topics.isEmpty else { throw .syntax("no topic: give -t TOPIC") }
    membership.acknowledgement = share.acknowledgement ?? .accept
    membership.exitIdleMs = share.exitIdleMs
    return membership
  }

  /// A plan for a member of a share group.
  func consumePlan(share: ShareMembership) throws(UsageError) -> ConsumePlan {
    var plan = try consumePlan(topic: share.topics.first ?? "")
    plan.share = share
    return plan
  }
}
