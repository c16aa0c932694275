import KafkaProtocol

/// The offsets that groups have committed, and those that open transactions will commit (KIP-98).
///
/// It knows nothing of members: who may commit is decided before it is asked.
struct GroupOffsets: Sendable {
  /// What was committed for one partition.
  struct Committed: Hashable, Sendable {
    /// The offset of the record that is to be read next.
    var offset: Int64
    /// The leader epoch of the last record that was read; −1 if unknown.
    var leaderEpoch: Int32 = -1
    /// The client's own words.
    var metadata: String?
  }

  /// The longest metadata, in bytes (Kafka's `offset.metadata.max.bytes`).
  static let metadataBytesMax = 4096
  /// Offsets of all groups together, pending ones included; so a client cannot fill the memory.
  static let offsetsMax = 200_000

  /// What one group has.
  private struct Group {
    var committed: [TopicPartition: Committed] = [:]
    /// By producer id.
    var pending: [Int64: [TopicPartition: Committed]] = [:]

    var isEmpty: Bool { committed.isEmpty && pending.isEmpty }
  }

  private var groups: [String: Group] = [:]
  /// Offsets of all groups, pending ones included.
  private(set) var count = 0

  /// The groups that have committed offsets, in no order.
  var groupIds: [String] { groups.filter { !$0.value.committed.isEmpty }.map(\.key) }

  /// Commits an offset at once; says what is wrong, `none` if nothing is.
  mutating func commit(group: String, _ place: TopicPartition, _ committed: Committed) -> ErrorCode
  {
    if let error = refusal(committed, isNew: groups[group]?.committed[place] == nil) {
      return error
    }
    if groups[group, default: Group()].committed.updateValue(committed, forKey: place) == nil {
      count += 1
    }
    return .none
  }

  /// Notes an offset that a transaction will commit; says what is wrong, `none` if nothing is.
  mutating func commit(
    group: String, _ place: TopicPartition, _ committed: Committed,
    inTransactionOf producerId: Int64
  ) -> ErrorCode {
    let isNew = groups[group]?.pending[producerId]?[place] == nil
    if let error = refusal(committed, isNew: isNew) { return error }
    groups[group, default: Group()].pending[producerId, default: [:]][place] = committed
    if isNew { count += 1 }
    return .none
  }

  private func refusal(_ committed: Committed, isNew: Bool) -> ErrorCode? {
    if (committed.metadata?.utf8.count ?? 0) > Self.metadataBytesMax {
      return .offsetMetadataTooLarge
    }
    return isNew && count >= Self.offsetsMax ? .policyViolation : nil
  }

  /// What a group has committed for a partition; nil for nothing.
  func fetch(group: String, _ place: TopicPartition) -> Committed? {
    groups[group]?.committed[place]
  }

  /// Everything that a group has committed, in no order.
  func fetchAll(group: String) -> [TopicPartition: Committed] { groups[group]?.committed ?? [:] }

  /// Whether an open transaction will commit another offset: `UNSTABLE_OFFSET_COMMIT` for a client that
  /// wants stable ones (KIP-447).
  func isUnstable(group: String, _ place: TopicPartition) -> Bool {
    groups[group]?.pending.values.contains { $0[place] != nil } ?? false
  }

  /// Ends the transaction of a producer: what it noted counts from now on, or is forgotten.
  mutating func complete(producerId: Int64, commit: Bool) {
    for name in Array(groups.keys) {
      guard var group = groups[name], let pending = group.pending.removeValue(forKey: producerId)
      else { continue }
      count -= pending.count
      if commit {
        for (place, committed) in pending
        where group.committed.updateValue(committed, forKey: place) == nil { count += 1 }
      }
      groups[name] = group.isEmpty ? nil : group
    }
  }

  /// Forgets all of a group, as when it is deleted.
  mutating func forget(group: String) {
    guard let gone = groups.removeValue(forKey: group) else { return }
    count -= gone.committed.count + gone.pending.values.reduce(0) { $0 + $1.count }
  }

  /// Forgets a topic in all groups, as when it is deleted.
  mutating func forget(topic: String) {
    for (name, old) in groups {
      var group = old
      group.committed = group.committed.filter { $0.key.topic != topic }
      group.pending = group.pending.compactMapValues { offsets in
        let kept = offsets.filter { $0.key.topic != topic }
        return kept.isEmpty ? nil : kept
      }
      groups[name] = group.isEmpty ? nil : group
    }
    count = groups.values.reduce(0) { sum, group in
      sum + group.committed.count + group.pending.values.reduce(0) { $0 + $1.count }
    }
  }
}
