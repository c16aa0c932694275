import KafkaProtocol

/// Who sends a request, for descriptions of groups.
struct ClientIdentity: Sendable {
  /// The name that the client gives itself.
  var id = ""
  /// Where it connects from.
  var host = ""
}

/// A member of a KIP-848 group.
struct ConsumerMember: Sendable {
  /// How far it is on the way to its target.
  enum State: Sendable {
    /// It has what it shall have.
    case stable
    /// It is to give up partitions first.
    case unrevokedPartitions
    /// It waits for partitions that others have.
    case unreleasedPartitions
  }

  /// The epoch of a static member that has left for a while.
  static let awayEpoch: Int32 = -2

  var id: String
  var instanceId: String?
  var rackId: String?
  var client = ClientIdentity()
  var epoch: Int32 = 0
  var previousEpoch: Int32 = -1
  var state = State.stable
  var rebalanceTimeoutMs: Int64 = 0
  var subscribedTopicNames: Set<String> = []
  var serverAssignor: ServerAssignor?
  /// What it may read.
  var assigned: Set<TopicIdPartition> = []
  /// What it is to give up and nobody else may have yet.
  var revoking: Set<TopicIdPartition> = []
  /// When its session ends.
  var sessionEndMs: Int64 = 0
  /// When it is removed, unless it has given up what it is to give up.
  var revokeEndMs: Int64?

  init(id: String, instanceId: String?) {
    self.id = id
    self.instanceId = instanceId
  }

  /// When it is removed if it does not stir.
  var deadlineMs: Int64 { min(sessionEndMs, revokeEndMs ?? .max) }

  /// Takes what a heartbeat says of the member; true where its partitions may have to change.
  mutating func update(_ request: ConsumerGroupHeartbeatRequest, _ client: ClientIdentity) -> Bool {
    let old = (subscribedTopicNames, serverAssignor)
    self.client = client
    if let rackId = request.rackId { self.rackId = rackId }
    if request.rebalanceTimeoutMs >= 0 { rebalanceTimeoutMs = Int64(request.rebalanceTimeoutMs) }
    if let names = request.subscribedTopicNames { subscribedTopicNames = Set(names) }
    if let name = request.serverAssignor { serverAssignor = ServerAssignor(rawValue: name) }
    return old != (subscribedTopicNames, serverAssignor)
  }

  /// Whether an epoch is the member's, or the one before where the answer with the new one was lost.
  func accepts(_ epoch: Int32, owned: Set<TopicIdPartition>?) -> Bool {
    // Who was fenced joins again with 0 and the same id; having nothing, he can do no harm.
    if epoch == self.epoch || epoch == 0 { return true }
    return epoch == previousEpoch && owned?.isSubset(of: assigned) == true
  }

  var storedBytes: Int {
    subscribedTopicNames.reduce(GroupLimits.memberBytes) { $0 + $1.utf8.count + 32 }
  }
}
