import KafkaProtocol
import Transport

/// Keeps what share groups have done with records, and wakes who waits for them (KIP-932).
@Net final class ShareCoordinator {
  /// Offsets of all groups and partitions whose state is kept; so a client cannot fill the memory.
  private static let slotsMax = 2_000_000

  /// A partition as one group sees it.
  private struct Place: Hashable {
    var groupId: String
    var partition: TopicIdPartition
  }

  let lockMs: Int64
  private let readsFromStart: Bool
  private var partitions: [Place: SharePartition] = [:]
  private var slotCount = 0
  private var sessions = ShareSessions()
  private var timers: [Place: WakeTimer] = [:]
  private var waiting: [(groupId: String, wait: FetchWait)] = []
  /// Finishes these waits when the request in hand is done, or soon; set by the broker.
  var wake: (@Net ([FetchWait]) -> Void)?

  init(_ options: BrokerOptions) {
    lockMs = options.shareLockDurationMs
    readsFromStart = options.shareGroupsReadFromStart
  }

  /// Forgets everything.
  func stop() {
    for timer in timers.values { timer.cancel() }
    (timers, partitions, waiting, slotCount) = ([:], [:], [], 0)
    sessions = ShareSessions()
  }

  // MARK: - Sessions

  /// Opens a session (epoch 0), goes on with it, or ends it (−1).
  func session(_ key: ShareSessions.Key, epoch: Int32, _ connection: BrokerConnection)
    throws(GroupRefusal) -> ShareSessions.Session
  {
    let connection = ObjectIdentifier(connection)
    guard epoch == 0 else {
      return try sessions.next(key, epoch: epoch, connection: connection)
    }
    let (session, replaced) = try sessions.open(key, connection: connection)
    if let replaced { release(key.groupId, owner: replaced) }
    return session
  }

  /// Changes what a session reads, and says what that is now.
  func change(
    _ key: ShareSessions.Key, adding: [TopicIdPartition], removing: Set<TopicIdPartition>
  ) throws(GroupRefusal) -> [TopicIdPartition] {
    try sessions.change(key, adding: adding, removing: removing)
  }

  /// Ends the sessions that a connection has had.
  func closed(_ connection: BrokerConnection) {
    for (key, number) in sessions.end(connection: ObjectIdentifier(connection)) {
      release(key.groupId, owner: number)
    }
  }

  /// Releases all that a session has acquired.
  func release(_ groupId: String, owner: Int32) {
    for place in Array(partitions.keys) where place.groupId == groupId {
      update(place) { $0.release(owner: owner) }
    }
  }

  // MARK: - Records

  /// Where a group's next records lie in a partition; nil where too many are on their way.
  func nextOffset(_ groupId: String, _ partition: TopicIdPartition, _ log: PartitionLog) -> Int64? {
    let place = Place(groupId: groupId, partition: partition)
    if partitions[place] == nil {
      guard partitions.count < Topics.partitionsMax else { return nil }
      partitions[place] = SharePartition(
        startOffset: readsFromStart ? log.logStartOffset : log.logEndOffset)
    }
    update(place) {
      $0.dropBefore(log.logStartOffset)
      return false
    }
    return partitions[place]?.nextOffset
  }

  /// Acquires records of a partition before `end`.
  func acquire(
    _ groupId: String, _ partition: TopicIdPartition, upTo end: Int64, recordsMax: Int,
    owner: Int32
  ) -> [ShareFetchResponse.AcquiredRecords] {
    var acquired: [ShareFetchResponse.AcquiredRecords] = []
    let recordsMax = min(recordsMax, Self.slotsMax - slotCount)
    update(Place(groupId: groupId, partition: partition)) {
      acquired = $0.acquire(
        upTo: end, recordsMax: recordsMax, owner: owner,
        lockEndMs: MonotonicClock.nowMs + lockMs)
      return false
    }
    return acquired
  }

  /// Does with acquired records what the member wants; says what is wrong, `none` if nothing is.
  func acknowledge(
    _ groupId: String, _ partition: TopicIdPartition, _ list: [SharePartition.Acknowledgement],
    owner: Int32
  ) -> ErrorCode {
    var error = ErrorCode.invalidRecordState
    update(Place(groupId: groupId, partition: partition)) {
      error = $0.acknowledge(list, owner: owner, lockEndMs: MonotonicClock.nowMs + lockMs)
      return error == .none
    }
    return error
  }

  /// Notes a fetch that wants to be told when records of the group are released.
  func note(_ wait: FetchWait, _ groupId: String) {
    waiting.removeAll { $0.wait.finished == nil }
    waiting.append((groupId, wait))
  }

  // MARK: - Effects

  /// Changes what is known of a partition; `body` says whether others may have got something by it.
  private func update(_ place: Place, _ body: (inout SharePartition) -> Bool) {
    guard var partition = partitions.removeValue(forKey: place) else { return }
    slotCount -= partition.slotCount
    let hasReleased = body(&partition)
    slotCount += partition.slotCount
    partitions[place] = partition
    schedule(place, partition.deadlineMs)
    guard hasReleased else { return }
    wake?(waiting.filter { $0.groupId == place.groupId }.map(\.wait))
  }

  /// Sees to it that what is acquired for too long is released.
  private func schedule(_ place: Place, _ dueMs: Int64?) {
    guard let dueMs else {
      timers.removeValue(forKey: place)?.cancel()
      return
    }
    let timer = timers[place] ?? WakeTimer()
    timers[place] = timer
    timer.arm(atMs: dueMs) { [weak self] in
      self?.update(place) { $0.expire(nowMs: MonotonicClock.nowMs) }
    }
  }
}
