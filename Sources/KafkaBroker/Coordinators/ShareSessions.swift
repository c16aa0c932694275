import KafkaProtocol

/// The share sessions of all members, as a value (KIP-932): which partitions each reads.
struct ShareSessions: Sendable {
  /// Sessions at a time (`group.share.max.share.sessions`).
  static let sessionsMax = 2000

  /// Partitions of all sessions together.
  static let partitionsMax = 200_000

  /// Whose session it is.
  struct Key: Hashable, Sendable {
    var groupId: String
    var memberId: String
    /// The broker that it is with.
    var nodeId: Int32
  }

  /// One session.
  struct Session: Sendable {
    /// Stands for it in the states of records.
    let number: Int32
    /// The connection over which it was opened last.
    var connection: ObjectIdentifier
    /// The epoch that the next request must have.
    var nextEpoch: Int32 = 1
    /// What it reads, in the order in which it was asked for.
    var partitions: [TopicIdPartition] = []
  }

  private var sessions: [Key: Session] = [:]
  private var nextNumber: Int32 = 0
  /// Partitions of all sessions.
  private var partitionCount = 0

  /// Opens a session; the number of the one that it replaces, or nil.
  mutating func open(_ key: Key, connection: ObjectIdentifier) throws(GroupRefusal) -> (
    session: Session, replaced: Int32?
  ) {
    let old = sessions[key]?.number
    guard old != nil || sessions.count < Self.sessionsMax else {
      throw GroupRefusal(.shareSessionLimitReached)
    }
    nextNumber = nextNumber == .max ? 0 : nextNumber + 1
    let session = Session(number: nextNumber, connection: connection)
    put(session, key)
    return (session, old)
  }

  /// Goes on with a session, or with epoch −1 ends it.
  mutating func next(_ key: Key, epoch: Int32, connection: ObjectIdentifier) throws(GroupRefusal)
    -> Session
  {
    guard var session = sessions[key] else { throw GroupRefusal(.shareSessionNotFound) }
    if epoch == -1 {
      put(nil, key)
      return session
    }
    guard epoch == session.nextEpoch else { throw GroupRefusal(.invalidShareSessionEpoch) }
    session.nextEpoch = epoch == .max ? 1 : epoch + 1
    session.connection = connection
    sessions[key] = session
    return session
  }

  /// Changes what a session reads.
  mutating func change(_ key: Key, adding: [TopicIdPartition], removing: Set<TopicIdPartition>)
    throws(GroupRefusal) -> [TopicIdPartition]
  {
    guard var session = sessions[key] else { return [] }
    var present = Set(session.partitions)
    session.partitions.removeAll { removing.contains($0) }
    let added = adding.filter { !removing.contains($0) && present.insert($0).inserted }
    guard added.count <= Self.partitionsMax - partitionCount else {
      throw GroupRefusal(
        .shareSessionLimitReached,
        "The share sessions of this broker have at most \(Self.partitionsMax) partitions.")
    }
    session.partitions += added
    put(session, key)
    return session.partitions
  }

  private mutating func put(_ session: Session?, _ key: Key) {
    partitionCount += (session?.partitions.count ?? 0) - (sessions[key]?.partitions.count ?? 0)
    sessions[key] = session
  }

  /// Ends the sessions of a connection that has closed; says which they were.
  mutating func end(connection: ObjectIdentifier) -> [(key: Key, number: Int32)] {
    let ended = sessions.filter { $0.value.connection == connection }
    for key in ended.keys { put(nil, key) }
    return ended.map { ($0.key, $0.value.number) }
  }
}
