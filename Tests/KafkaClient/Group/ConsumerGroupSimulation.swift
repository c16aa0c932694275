import KafkaProtocol

@testable import KafkaClient

/// Members of a KIP-848 group and a simple coordinator, with what happens next chosen by a seed.
final class ConsumerGroupSimulation {
  private struct Known {
    var node: Int
    var reported: Set<TopicPartition> = []
    var given: Set<TopicPartition> = []
  }

  private(set) var nodes: [ConsumerMember] = []
  private(set) var isAlive: [Bool] = []
  private(set) var hadTwoOwners = false
  private(set) var failures: [GroupFailure] = []
  let count: Int32
  let lossRate: Int
  private let topicId = Uuid(high: 1, low: 2)
  private var random: SplitMix
  private var nowMs: Int64 = 0
  private var waiting: [[() -> Void]] = []
  private var known: [String: Known] = [:]
  private var epoch: Int32 = 0

  init(seed: UInt64, count: Int32, lossRate: Int) {
    random = SplitMix(state: seed)
    self.count = count
    self.lossRate = lossRate
  }

  var all: Set<TopicPartition> { Set((0..<count).map { TopicPartition("t", $0) }) }

  func add() {
    let node = nodes.count
    nodes.append(
      ConsumerMember(
        GroupSettings(groupId: "g"), memberId: "m\(Int.random(in: 0..<100, using: &random))-\(node)"
      ))
    isAlive.append(true)
    waiting.append([])
    waiting[node].append { [self] in
      run(node, nodes[node].named(["t": topicId], nowMs: nowMs))
      run(node, nodes[node].subscribe(["t"], nowMs: nowMs))
    }
  }

  func leave(_ node: Int) {
    run(node, nodes[node].leave())
    isAlive[node] = false
    waiting[node] = []
  }

  func kill(_ node: Int) {
    isAlive[node] = false
    waiting[node] = []
    forget(nodes[node].memberId)
  }

  /// The coordinator takes a living member for dead.
  func expel(_ node: Int) { forget(nodes[node].memberId) }

  func settle() -> Bool {
    for _ in 0..<20_000 {
      let busy = waiting.indices.filter { !waiting[$0].isEmpty }
      if let node = busy.randomElement(using: &random) {
        let next = waiting[node].removeFirst()
        next()
      } else if isSettled {
        return true
      } else {
        guard
          let wakeMs = nodes.indices.filter({ isAlive[$0] }).compactMap({ nodes[$0].wakeMs }).min()
        else { return false }
        nowMs = max(nowMs, wakeMs)
        for node in nodes.indices where isAlive[node] {
          run(node, nodes[node].tick(nowMs: nowMs))
        }
      }
      let owned = nodes.indices.filter { isAlive[$0] }.map { nodes[$0].owned }
      let distinct = owned.reduce(into: Set()) { $0.formUnion($1) }
      if owned.reduce(0, { $0 + $1.count }) != distinct.count {
        hadTwoOwners = true
      }
    }
    return false
  }

  private var isSettled: Bool {
    let alive = nodes.indices.filter { isAlive[$0] }
    return alive.allSatisfy {
      nodes[$0].phase == .stable && nodes[$0].owned == target(nodes[$0].memberId)
    }
  }

  private func run(_ node: Int, _ actions: [GroupAction]) {
    for action in actions {
      switch action {
      case .consumerHeartbeat(let request): later(node) { [self] in heartbeat(node, request) }
      case .leave(.consumer(let request)): forget(request.memberId)
      case .revoke: later(node) { [self] in run(node, nodes[node].revoked(nowMs: nowMs)) }
      case .fail(let failure): failures.append(failure)
      case .join, .countPartitions, .sync, .heartbeat, .leave, .forgetCoordinator, .assign, .lose,
        .log:
        break
      }
    }
  }

  private func later(_ node: Int, _ body: @escaping () -> Void) {
    if isAlive[node] { waiting[node].append(body) }
  }

  // MARK: The coordinator

  private func target(_ id: String) -> Set<TopicPartition> {
    let ids = known.keys.sorted()
    guard let place = ids.firstIndex(of: id) else { return [] }
    return all.filter { Int($0.partition) % ids.count == place }
  }

  private func heartbeat(_ node: Int, _ request: ConsumerGroupHeartbeatRequest) {
    let attempt = nodes[node].attempt
    var response = ConsumerGroupHeartbeatResponse()
    response.heartbeatIntervalMs = 1000
    let id = request.memberId
    if request.memberEpoch == 0 {
      if known[id] == nil { epoch += 1 }
      known[id] = Known(node: node)
    } else if known[id] == nil {
      response.errorCode = .unknownMemberId
    }
    if response.errorCode == .none, var member = known[id] {
      if let rows = request.topicPartitions {
        member.reported = Set(rows.flatMap { $0.partitions.map { TopicPartition("t", $0) } })
      }
      let others = known.filter { $0.key != id }.values.reduce(into: Set<TopicPartition>()) {
        $0.formUnion($1.reported.union($1.given))
      }
      let given = target(id).subtracting(others)
      if given != member.given || request.memberEpoch == 0 || request.topicPartitions != nil {
        response.assignment = .init()
        var row = ConsumerGroupHeartbeatResponse.TopicPartitions()
        (row.topicId, row.partitions) = (topicId, given.map(\.partition).sorted())
        response.assignment?.topicPartitions = given.isEmpty ? [] : [row]
      }
      member.given = given
      known[id] = member
      response.memberId = id
      response.memberEpoch = epoch
    }
    later(node) { [self] in
      guard nodes[node].attempt == attempt else { return }
      let isLost = lossRate > 0 && Int.random(in: 0..<lossRate, using: &random) == 0
      let result: Result<ConsumerGroupHeartbeatResponse, ClientError> =
        isLost ? .failure(.disconnected(peer: "b", reason: "lost")) : .success(response)
      run(node, nodes[node].beaten(result, nowMs: nowMs))
    }
  }

  private func forget(_ id: String) {
    if known.removeValue(forKey: id) != nil { epoch += 1 }
  }
}
