import KafkaProtocol

/// One broker's fetch sessions: what each client wants to read, so that it need not say it again (KIP-227).
struct FetchSessions: Sendable {
  /// A partition as the client names it: by the topic's name, or from Fetch version 13 on by its id.
  struct Key: Hashable, Sendable {
    var topic: String
    var topicId: Uuid
    var partition: Int32
  }

  /// A partition and what is wanted of it.
  struct Part: Sendable {
    var key: Key
    var wanted: FetchRequest.Partition
  }

  /// What one request is about.
  struct Context: Sendable {
    /// The session that the answer names; 0 for none.
    var sessionId: Int32 = 0
    /// Whether the answer leaves out what has not changed.
    var isIncremental = false
    var parts: [Part] = []
    /// Why the request as a whole is refused; `none` if it is not.
    var error = ErrorCode.none
  }

  /// What was last told of a partition.
  private struct Told: Hashable, Sendable {
    var highWatermark: Int64 = -1
    var lastStableOffset: Int64 = -1
    var logStartOffset: Int64 = -1
  }

  private struct Session: Sendable {
    /// That the next request must have.
    var epoch: Int32 = 1
    var usesTopicIds: Bool
    /// In the order in which they are read; those that had records go behind the others.
    var parts: [Key: (wanted: FetchRequest.Partition, told: Told)] = [:]
    var order: [Key] = []
    var lastUse: UInt64
  }

  /// Sessions that are kept; of more, the longest unused ends (Kafka's
  /// `max.incremental.fetch.session.cache.slots`).
  let sessionsMax: Int
  /// Partitions of one session; a client with more gets none.
  static let partitionsMax = 20_000

  private var sessions: [Int32: Session] = [:]
  private var uses: UInt64 = 0

  init(sessionsMax: Int = 1000) {
    self.sessionsMax = sessionsMax
  }

  /// Sessions that are open.
  var count: Int { sessions.count }

  /// Finds out what a request is about, and opens, changes or closes its session.
  mutating func begin(_ request: FetchRequest, version: Int16) -> Context {
    uses += 1
    let usesTopicIds = version >= 13
    let parts = request.topics.flatMap { topic in
      topic.partitions.map { wanted in
        Part(key: Self.key(topic.topic, topic.topicId, wanted.partition, version), wanted: wanted)
      }
    }
    if request.sessionEpoch <= 0 {
      sessions[request.sessionId] = nil
      guard request.sessionEpoch == 0, parts.count <= Self.partitionsMax else {
        return Context(parts: parts)
      }
      return Context(sessionId: open(parts, usesTopicIds: usesTopicIds), parts: parts)
    }
    guard var session = sessions[request.sessionId] else {
      return Context(error: .fetchSessionIdNotFound)
    }
    guard request.sessionEpoch == session.epoch else {
      return Context(sessionId: request.sessionId, error: .invalidFetchSessionEpoch)
    }
    guard session.usesTopicIds == usesTopicIds else {
      return Context(sessionId: request.sessionId, error: .fetchSessionTopicIdError)
    }
    // Kept out while it is changed, so that it is not copied.
    sessions[request.sessionId] = nil
    for topic in request.forgottenTopicsData {
      for partition in topic.partitions {
        session.parts[Self.key(topic.topic, topic.topicId, partition, version)] = nil
      }
    }
    if !request.forgottenTopicsData.isEmpty {
      session.order.removeAll { session.parts[$0] == nil }
    }
    for part in parts { Self.put(part, in: &session) }
    guard session.order.count <= Self.partitionsMax else {
      return Context(error: .fetchSessionIdNotFound)
    }
    session.epoch = session.epoch == .max ? 1 : session.epoch + 1
    session.lastUse = uses
    sessions[request.sessionId] = session
    return Context(
      sessionId: request.sessionId, isIncremental: true,
      parts: session.order.compactMap { key in
        session.parts[key].map { Part(key: key, wanted: $0.wanted) }
      })
  }

  private static func key(_ topic: String, _ id: Uuid, _ partition: Int32, _ version: Int16) -> Key
  {
    version >= 13
      ? Key(topic: "", topicId: id, partition: partition)
      : Key(topic: topic, topicId: .zero, partition: partition)
  }

  private static func put(_ part: Part, in session: inout Session) {
    let known = session.parts[part.key]
    if known == nil { session.order.append(part.key) }
    session.parts[part.key] = (part.wanted, known?.told ?? Told())
  }

  private mutating func open(_ parts: [Part], usesTopicIds: Bool) -> Int32 {
    if sessions.count >= sessionsMax,
      let oldest = sessions.min(by: { $0.value.lastUse < $1.value.lastUse })
    {
      sessions[oldest.key] = nil
    }
    var id: Int32
    repeat { id = Int32.random(in: 1...Int32.max) } while sessions[id] != nil
    var session = Session(usesTopicIds: usesTopicIds, lastUse: uses)
    for part in parts { Self.put(part, in: &session) }
    sessions[id] = session
    return id
  }

  /// Takes note of what is there to answer; returns the places of what the client must be told.
  ///
  /// `rows` has a row for each of the context's parts.
  mutating func answer(_ context: Context, _ rows: [FetchResponse.Partition]) -> [Int] {
    guard context.sessionId != 0, var session = sessions[context.sessionId] else {
      return Array(rows.indices)
    }
    sessions[context.sessionId] = nil
    var told: [Int] = []
    var served: Set<Key> = []
    for (place, (part, row)) in zip(context.parts, rows).enumerated() {
      let hasRecords = (row.records?.count ?? 0) > 0
      if hasRecords { served.insert(part.key) }
      // After an error whatever comes next is news.
      let now =
        row.errorCode == .none
        ? Told(
          highWatermark: row.highWatermark, lastStableOffset: row.lastStableOffset,
          logStartOffset: row.logStartOffset) : Told()
      if !context.isIncremental || hasRecords || row.errorCode != .none
        || row.preferredReadReplica >= 0 || row.divergingEpoch != FetchResponse.EpochEndOffset()
        || session.parts[part.key]?.told != now
      {
        told.append(place)
      }
      session.parts[part.key]?.told = now
    }
    if !served.isEmpty, served.count < session.order.count {
      session.order =
        session.order.filter { !served.contains($0) } + session.order.filter(served.contains)
    }
    sessions[context.sessionId] = session
    return told
  }
}
