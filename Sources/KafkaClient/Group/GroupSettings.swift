/// What a member of a group was told: its names and its times.
struct GroupSettings: Sendable {
  var groupId: String
  /// The name of a static member (KIP-345), or nil.
  var groupInstanceId: String?
  /// Where the member stands, or nil.
  var rackId: String?
  /// Without an answered heartbeat for so long a classic member is out.
  var sessionTimeoutMs: Int64 = 45_000
  /// Whether that is nobody's wish: then it is lowered for brokers that allow less.
  var isSessionTimeoutDefault = true
  var heartbeatIntervalMs: Int64 = 3000
  /// `max.poll.interval.ms`: how long the coordinator waits for a member to give up partitions.
  var rebalanceTimeoutMs: Int64 = 300_000
  /// The classic protocol's ways of assignment, the preferred one first; all of one kind.
  var assignors: [Assignor] = [.range, .roundrobin]
  /// KIP-848: the assignor that the broker shall use; nil leaves it the choice.
  var remoteAssignor: String?
  var retryBackoffMs: Int64 = 100
  var retryBackoffMaxMs: Int64 = 1000

  /// How long the commit of a revocation may take.
  var commitWaitMs: Int64 { min(rebalanceTimeoutMs / 8, 2500) }
  /// How long a revocation may take, so that the member is back before the rebalance ends.
  var revocationMs: Int64 { rebalanceTimeoutMs - commitWaitMs }
  /// How long of it may be spent waiting for stdout.
  var stdoutWaitMs: Int64 { revocationMs - commitWaitMs }
  /// How long the coordinator is looked for before somebody hears of it.
  var findCoordinatorMs: Int64 { 5000 }
}
