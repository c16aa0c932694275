import KafkaClient
import KafkaProtocol

/// kcat's lines about a group, and which of its events end the run.
struct GroupLines {
  let plan: ConsumePlan
  let group: ConsumePlan.Group
  let messages: Messages
  private var assigned: Set<TopicPartition> = []
  private var last: GroupEvent.Rebalance?

  init(_ plan: ConsumePlan, _ group: ConsumePlan.Group, _ messages: Messages) {
    self.plan = plan
    self.group = group
    self.messages = messages
  }

  /// Says what has happened; the answer is whether the run ends.
  mutating func take(_ event: GroupEvent) -> Bool {
    switch event {
    case .rebalanced(let rebalance):
      say(rebalance)
      return false
    case .unavailable(let topic, let code, let found):
      let text =
        "Topic \(topic) [0] error: Subscribed topic not available: \(topic): \(code.sentence)"
      // A topic may still come, unless the run is to end with what is there.
      if code == .unknownTopicOrPartition, !(plan.exitAtEnd && found == 0) {
        if plan.exitAtEnd { messages.markFailed() }
        return messages.error(text, keepGoing: true)
      }
      return end(text)
    case .noOffset(let partition):
      return end(
        "Topic \(partition) error: no previously committed offset available: "
          + "Local: No offset stored")
    case .failed(let failure):
      messages.fatal("Consumer error: \(failure)")
      return true
    }
  }

  /// Says that the partitions are given back.
  mutating func close() {
    guard var rebalance = last, !assigned.isEmpty else { return }
    rebalance.kind = .revoked
    rebalance.partitions = assigned.sorted()
    say(rebalance)
  }

  private func end(_ text: String) -> Bool {
    if plan.client.keepGoing { return messages.error(text, keepGoing: true) }
    messages.fatal(text)
    return true
  }

  private mutating func say(_ rebalance: GroupEvent.Rebalance) {
    last = rebalance
    let isAssigned: Bool
    switch rebalance.kind {
    case .assigned:
      isAssigned = true
      assigned.formUnion(rebalance.partitions)
    case .revoked, .lost:
      isAssigned = false
      assigned.subtract(rebalance.partitions)
    }
    let list = rebalance.partitions.map(\.description).joined(separator: ", ")
    guard rebalance.isCooperative else {
      return messages.info(
        1,
        "Group \(group.id) rebalanced (memberid \(rebalance.memberId)): "
          + "\(isAssigned ? "assigned" : "revoked"): \(list)")
    }
    let isLost = rebalance.kind == .lost
    messages.info(
      1,
      "Group \(group.id) rebalanced: incremental \(isAssigned ? "assignment" : "revoke") of "
        + "\(rebalance.partitions.count) partition(s) (memberid \(rebalance.memberId)"
        + "\(isLost ? ", assignment lost" : ""), COOPERATIVE rebalance protocol): \(list)")
  }
}
