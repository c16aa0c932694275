import KafkaProtocol
import Testing

@testable import KafkaClient

/// Plays broker and clock for a `ProducerState`.
struct StateBench {
  var state: ProducerState
  var nowMs: Int64 = 0
  let topic: Int
  private(set) var nextId = 0
  private var numbers: [Int32: Int] = [:]

  /// Requests that the state sent and that nobody answered yet.
  var open: [ProducerState.Request] = []
  var connects: [Int32] = []
  var stamps: [Int: ProducerState.Stamp] = [:]
  var delivered: [(batch: Int, baseOffset: Int64, brokerId: Int32)] = []
  var failed: [(batch: Int, error: DeliveryError, mayBeAppended: Bool)] = []
  var dropped: [(batch: Int, error: DeliveryError)] = []
  /// Batches that are to be made into others; `rebuild` does so.
  var rebuilds: [(batch: ProducerState.Batch, how: ProducerState.Rebuild)] = []
  var notes: [String] = []
  var refreshes = 0
  var idRequests = 0
  /// Partitions that wanted to become part of the transaction.
  var registrations: [Int32] = []

  init(
    idempotent: Bool = true, leaders: [Int32] = [1], isConnected: Bool = true,
    change: (inout ProducerState.Limits) -> Void = { _ in }
  ) {
    var limits = ProducerState.Limits()
    limits.isIdempotent = idempotent
    limits.metadataRefreshMs = 0
    change(&limits)
    state = ProducerState(limits, seed: 1)
    topic = state.addTopic("t")
    if idempotent { run(state.identified(producerId: 7, epoch: 0, nowMs: 0)) }
    lead(leaders)
    if isConnected {
      for broker in Set(leaders).sorted() where broker >= 0 { connectOnDemand.insert(broker) }
    }
  }

  /// Brokers whose connection is there as soon as it is wanted.
  var connectOnDemand: Set<Int32> = []

  mutating func run(_ actions: [ProducerState.Action]) {
    for action in actions {
      switch action {
      case .connect(let broker):
        connects.append(broker)
        if connectOnDemand.contains(broker) { run(state.connected(broker, nowMs: nowMs)) }
      case .stamp(let batch, let stamp): stamps[batch] = stamp
      case .send(let request): open.append(request)
      case .delivered(let batch, let baseOffset, let brokerId):
        delivered.append((batch.id, baseOffset, brokerId))
      case .failed(let batch, let error): failed.append((batch.id, error, batch.mayBeAppended))
      case .rebuild(let batch, let how): rebuilds.append((batch, how))
      case .dropped(let batch, let error): dropped.append((batch.id, error))
      case .refreshMetadata: refreshes += 1
      case .newProducerId: idRequests += 1
      case .register(let list): registrations += list.map(\.partition)
      case .note(let text): notes.append(text)
      }
    }
  }

  mutating func lead(_ leaders: [Int32], _ errorCode: ErrorCode = .none, epoch: Int32 = 0) {
    var row = ProducerState.TopicMetadata(topic: topic)
    row.errorCode = errorCode
    row.leaders = leaders.enumerated().map { (Int32($0.offset), $0.element, epoch) }
    run(state.learned([row], nowMs: nowMs))
  }

  /// Makes the oldest batch that waits for it into others, as the producer does; their ids are the answer.
  @discardableResult
  mutating func rebuild() -> [Int] {
    guard !rebuilds.isEmpty else {
      Issue.record("nothing is to be rebuilt")
      return []
    }
    let (batch, how) = rebuilds.removeFirst()
    var counts = [(first: Int, count: Int32)]()
    switch how {
    case .halves:
      let half = (batch.recordCount + 1) / 2
      counts = [(0, half), (Int(half), batch.recordCount - half)]
    case .without: counts = [(0, batch.recordCount)]
    }
    let parts = counts.filter { $0.count > 0 }.map { first, count in
      defer { nextId += 1 }
      return ProducerState.Part(
        id: nextId, firstRecord: first, recordCount: count, byteCount: Int(count))
    }
    run(state.rebuilt(batch, into: parts, nowMs: nowMs))
    return parts.map(\.id)
  }

  /// Seals a batch; its id is the answer.
  @discardableResult
  mutating func seal(
    _ partition: Int32 = 0, records: Int32 = 10, bytes: Int = 1000, timeoutMs: Int64 = .max,
    number: Int? = nil
  ) -> Int {
    let own = numbers[partition, default: 0]
    numbers[partition] = own + 1
    let id = nextId
    nextId += 1
    run(
      state.sealed(
        ProducerState.Batch(
          id: id, topic: topic, partition: partition, number: number ?? own, recordCount: records,
          byteCount: bytes, deadlineMs: timeoutMs == .max ? .max : nowMs + timeoutMs),
        nowMs: nowMs))
    return id
  }

  /// Answers the oldest open request, all of its partitions alike.
  mutating func answer(
    _ code: ErrorCode = .none, offset: Int64 = 0, message: String? = nil, leader: Int32 = -1,
    leaderEpoch: Int32 = 1, throttleMs: Int64 = 0, logStart: Int64 = -1,
    recordErrors: [(index: Int32, message: String?)] = []
  ) {
    guard !open.isEmpty else {
      Issue.record("no request is open")
      return
    }
    let request = open.removeFirst()
    let results = request.batches.map { batch in
      var result = ProducerState.Result(topic: batch.topic, partition: batch.partition)
      result.errorCode = code
      result.baseOffset = code == .none ? offset : -1
      result.message = message
      result.currentLeaderId = leader
      result.currentLeaderEpoch = leaderEpoch
      result.recordErrors = recordErrors
      result.logStartOffset = logStart
      return result
    }
    run(state.answered(request.id, results, throttleMs: throttleMs, nowMs: nowMs))
  }

  /// The connection breaks, and all open requests with it.
  mutating func disconnect(_ broker: Int32 = 1, wasSent: Bool = true) {
    run(state.disconnected(broker, nowMs: nowMs))
    let lost = open.filter { $0.brokerId == broker }
    open.removeAll { $0.brokerId == broker }
    for request in lost {
      run(state.requestFailed(request.id, "Disconnected", wasSent: wasSent, nowMs: nowMs))
    }
  }

  /// Lets time pass, waking the state when it wants to be woken.
  mutating func pass(_ ms: Int64) {
    let end = nowMs + ms
    while let wake = state.nextWakeMs, wake <= end {
      nowMs = max(nowMs + 1, wake)
      run(state.tick(nowMs: nowMs))
    }
    nowMs = max(nowMs, end)
    run(state.tick(nowMs: nowMs))
  }

  /// The batches of the open requests, request by request.
  var underWay: [[Int]] { open.map { $0.batches.map(\.id) } }
  var deliveredIds: [Int] { delivered.map(\.batch) }
  var failedIds: [Int] { failed.map(\.batch) }
}
