import KafkaProtocol

/// A member of a classic group.
struct ClassicMember: Sendable {
  let id: String
  /// The name of a static member (KIP-345), or nil.
  let instanceId: String?
  var sessionTimeoutMs: Int64
  var rebalanceTimeoutMs: Int64
  /// The ways of assignment that it knows, the preferred one first.
  var protocols: [JoinGroupRequest.GroupProtocol]
  /// What the leader has given it.
  var assignment: [UInt8] = []
  /// The JoinGroup that waits for an answer.
  var joining: GroupTicket?
  /// The SyncGroup that waits for an answer.
  var syncing: GroupTicket?
  /// Whether it has yet to ask for its share of the generation.
  var owesSync = false
  /// When its session ends, unless it waits for an answer.
  var sessionEndMs: Int64

  init(_ request: JoinGroupRequest, id: String, nowMs: Int64) {
    self.id = id
    instanceId = request.groupInstanceId
    sessionTimeoutMs = Int64(request.sessionTimeoutMs)
    rebalanceTimeoutMs = Self.rebalanceTimeoutMs(request)
    protocols = request.protocols
    sessionEndMs = nowMs + sessionTimeoutMs
  }

  /// Takes what a member says when it joins again.
  mutating func update(_ request: JoinGroupRequest) {
    sessionTimeoutMs = Int64(request.sessionTimeoutMs)
    rebalanceTimeoutMs = Self.rebalanceTimeoutMs(request)
    protocols = request.protocols
  }

  /// Version 0 has no rebalance timeout and means the session's.
  private static func rebalanceTimeoutMs(_ request: JoinGroupRequest) -> Int64 {
    Int64(request.rebalanceTimeoutMs >= 0 ? request.rebalanceTimeoutMs : request.sessionTimeoutMs)
  }

  /// What it said of itself for a way of assignment.
  func metadata(_ protocolName: String) -> [UInt8] {
    protocols.first { $0.name == protocolName }?.metadata ?? []
  }

  /// Whether it says the same of itself as before.
  func matches(_ others: [JoinGroupRequest.GroupProtocol]) -> Bool {
    protocols.elementsEqual(others) { $0.name == $1.name && $0.metadata == $1.metadata }
  }

  /// Whether it waits for an answer, so that it cannot send heartbeats.
  var isWaiting: Bool { joining != nil || syncing != nil }

  /// When it is taken for dead; nil while it waits for an answer.
  var deadlineMs: Int64? { isWaiting ? nil : sessionEndMs }

  /// What ways of assignment take.
  static func storedBytes(_ protocols: [JoinGroupRequest.GroupProtocol]) -> Int {
    protocols.reduce(0) { $0 + $1.metadata.count + $1.name.utf8.count + 48 }
  }

  var storedBytes: Int {
    GroupLimits.memberBytes + assignment.count
      + Self.storedBytes(protocols)
  }
}
