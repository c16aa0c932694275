internal import KafkaProtocol

/// What one broker remembers of our Fetch requests, so that only changes are sent (KIP-227).
///
/// The first request is full; then each names what has changed and what is to be forgotten. Where the
/// broker has no session to give, or forgot it (F62), requests are full.
struct FetchSession {
  /// A partition by its topic's place among the fetcher's topics.
  struct Place: Hashable {
    var topic: Int32
    var partition: Int32
  }

  /// What is asked of one partition.
  struct Wanted: Equatable {
    var place: Place
    var topicId: Uuid
    /// Of the assignment.
    var number: Int32
    /// Counts how often the position was set anew.
    var seeks: Int32
    var offset: Int64
    var offsetEpoch: Int32
    var leaderEpoch: Int32
    var bytesMax: Int32
  }

  /// 0 while there is no session.
  private var id: Int32 = 0
  /// The place of the next request in the session; 0: it is full and opens a new one.
  private var epoch: Int32 = 0
  private var held: [Place: Wanted] = [:]
  private var usesIds = false

  /// True where the next request names only what has changed.
  var isIncremental: Bool { epoch > 0 }

  /// What the last request, or one before it in the session, asked of a partition.
  func asked(_ place: Place) -> Wanted? { held[place] }

  /// Fills in the topics and the session for a request of all that is wanted.
  mutating func fill(
    _ request: inout FetchRequest, _ wanted: [Wanted], topics: [FetcherState.Topic], version: Int16
  ) {
    if version < 7 {
      request.sessionEpoch = -1
      return fillAll(&request, wanted, topics, version)
    }
    if usesIds != (version >= 13) {
      usesIds = version >= 13
      restart()
    }
    if isIncremental && fillChanges(&request, wanted, topics, version) { return }
    restart()
    request.sessionId = id
    request.sessionEpoch = 0
    fillAll(&request, wanted, topics, version)
  }

  /// Takes over what the response says of the session; false where the request was in vain.
  mutating func received(_ response: FetchResponse, version: Int16) -> Bool {
    guard response.errorCode == .none else {
      if response.errorCode == .fetchSessionIdNotFound { id = 0 }
      restart()
      return false
    }
    guard version >= 7 else { return true }
    if response.sessionId == 0 {
      // It keeps no session, or no longer.
      id = 0
      epoch = 0
    } else {
      epoch = response.sessionId == id && epoch != .max ? epoch + 1 : 1
      id = response.sessionId
    }
    return true
  }

  /// The next request is full, and closes the session that there may be.
  mutating func restart() { epoch = 0 }

  private mutating func fillAll(
    _ request: inout FetchRequest, _ wanted: [Wanted], _ topics: [FetcherState.Topic],
    _ version: Int16
  ) {
    held.removeAll(keepingCapacity: true)
    var rows = Rows(topics, version)
    for part in wanted {
      held[part.place] = part
      rows.add(part, to: &request)
    }
  }

  /// False where the change is of a kind for which the broker is to begin anew.
  private mutating func fillChanges(
    _ request: inout FetchRequest, _ wanted: [Wanted], _ topics: [FetcherState.Topic],
    _ version: Int16
  ) -> Bool {
    var rows = Rows(topics, version)
    var newCount = 0
    for part in wanted {
      if let before = held[part.place] {
        if before == part { continue }
        // What has no news is left out of an answer, and a broker counts news from what it answered
        // last: for a position that was set anew it might never name the end.
        guard before.number == part.number, before.seeks == part.seeks,
          before.topicId == part.topicId
        else { return false }
      } else {
        newCount += 1
      }
      rows.add(part, to: &request)
    }
    if wanted.count - newCount < held.count {
      var stay: Set<Place> = []
      for part in wanted { stay.insert(part.place) }
      for (place, part) in held where !stay.contains(place) {
        rows.forget(part, in: &request)
        held[place] = nil
      }
    }
    for part in wanted { held[part.place] = part }
    request.sessionId = id
    request.sessionEpoch = epoch
    return true
  }

  /// Where in a request each topic is.
  private struct Rows {
    let topics: [FetcherState.Topic]
    let version: Int16
    var rows: [Int32: Int] = [:]
    var forgotten: [Int32: Int] = [:]

    init(_ topics: [FetcherState.Topic], _ version: Int16) {
      self.topics = topics
      self.version = version
    }

    mutating func add(_ wanted: Wanted, to request: inout FetchRequest) {
      let topic = wanted.place.topic
      let row = rows[topic] ?? request.topics.count
      if row == request.topics.count {
        rows[topic] = row
        var made = FetchRequest.Topic()
        if version >= 13 {
          made.topicId = wanted.topicId
        } else {
          made.topic = topics[Int(topic)].name
        }
        request.topics.append(made)
      }
      var part = FetchRequest.Partition()
      part.partition = wanted.place.partition
      part.currentLeaderEpoch = version >= 9 ? wanted.leaderEpoch : -1
      part.lastFetchedEpoch = version >= 12 ? wanted.offsetEpoch : -1
      part.fetchOffset = wanted.offset
      part.partitionMaxBytes = wanted.bytesMax
      request.topics[row].partitions.append(part)
    }

    mutating func forget(_ wanted: Wanted, in request: inout FetchRequest) {
      let topic = wanted.place.topic
      let row = forgotten[topic] ?? request.forgottenTopicsData.count
      if row == request.forgottenTopicsData.count {
        forgotten[topic] = row
        var made = FetchRequest.ForgottenTopic()
        if version >= 13 {
          made.topicId = wanted.topicId
        } else {
          made.topic = topics[Int(topic)].name
        }
        request.forgottenTopicsData.append(made)
      }
      request.forgottenTopicsData[row].partitions.append(wanted.place.partition)
    }
  }
}
