import KafkaProtocol

/// Stands for a request that waits for its answer.
typealias GroupTicket = Int

/// What a group's coordinator wants done.
enum GroupAction: Sendable {
  /// Answer a JoinGroup.
  case joined(GroupTicket, JoinGroupResponse)
  /// Answer a SyncGroup.
  case synced(GroupTicket, SyncGroupResponse)
}

/// How long groups wait, and how large they may grow.
struct GroupLimits: Sendable {
  /// Groups at a time; so a client cannot fill the memory with empty ones.
  static let groupsMax = 1000
  /// Bytes of all members' metadata and assignments together.
  static let storedBytesMax = 64 << 20
  /// Bytes that a member counts beside its metadata.
  static let memberBytes = 256

  /// Milliseconds that the first members of a classic group wait for further ones.
  var initialRebalanceDelayMs: Int64 = 50
  /// Milliseconds that a classic member may ask for as its session timeout.
  var sessionTimeoutsMs: ClosedRange<Int32> = 100...1_800_000
  /// Members of one group.
  var membersMax = 1000
  /// Milliseconds between heartbeats of a KIP-848 member.
  var heartbeatIntervalMs: Int32 = 1000
  /// Milliseconds without a heartbeat after which a KIP-848 member is taken for dead.
  var consumerSessionTimeoutMs: Int64 = 6000

  /// The defaults.
  init() {}

  /// What a broker's options say.
  init(_ options: BrokerOptions) {
    initialRebalanceDelayMs = options.groupInitialRebalanceDelayMs
    sessionTimeoutsMs = options.groupSessionTimeoutsMs
    membersMax = options.groupMembersMax
    heartbeatIntervalMs = options.consumerGroupHeartbeatIntervalMs
    consumerSessionTimeoutMs = Int64(options.consumerGroupSessionTimeoutMs)
  }
}
