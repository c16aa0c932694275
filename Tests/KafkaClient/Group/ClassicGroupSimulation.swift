import KafkaProtocol

@testable import KafkaClient

/// Several members and a simple coordinator, with what happens next chosen by a seed: no socket, no clock.
final class ClassicGroupSimulation {
  private struct Known {
    var node: Int
    var protocols: [JoinGroupRequest.GroupProtocol]
    var joinAttempt: Int?
    var syncAttempt: Int?
  }

  private enum Stage { case preparing, completing, stable }

  private(set) var nodes: [ClassicMember] = []
  private(set) var isAlive: [Bool] = []
  private(set) var failures: [GroupFailure] = []
  private(set) var hadTwoOwners = false
  let partitions: [String: Int32]
  /// One answer in so many is lost with its connection; 0: none.
  let lossRate: Int
  private let assignors: [Assignor]
  private var random: SplitMix
  private var nowMs: Int64 = 0
  /// What waits to happen, by node: each node's in order.
  private var waiting: [[() -> Void]] = []
  private var known: [String: Known] = [:]
  private var order: [String] = []
  private var stage = Stage.stable
  private var generation: Int32 = 0
  private var shares: [String: [UInt8]] = [:]
  private var idCount = 0

  init(seed: UInt64, assignors: [Assignor], partitions: [String: Int32], lossRate: Int) {
    random = SplitMix(state: seed)
    self.assignors = assignors
    self.partitions = partitions
    self.lossRate = lossRate
  }

  var all: Set<TopicPartition> {
    Set(partitions.flatMap { topic, count in (0..<count).map { TopicPartition(topic, $0) } })
  }

  /// A member comes, at a moment of the seed's choice.
  func add() {
    let node = nodes.count
    var settings = GroupSettings(groupId: "g")
    settings.assignors = assignors
    nodes.append(ClassicMember(settings))
    isAlive.append(true)
    waiting.append([])
    waiting[node].append { [self] in
      run(node, nodes[node].subscribe(Set(partitions.keys), nowMs: nowMs))
    }
  }

  /// A member says that it goes.
  func leave(_ node: Int) {
    run(node, nodes[node].leave())
    end(node)
  }

  /// A member is killed; the coordinator notices.
  func kill(_ node: Int) {
    let id = nodes[node].memberId
    end(node)
    forget(id)
  }

  private func end(_ node: Int) {
    isAlive[node] = false
    waiting[node] = []
  }

  /// Lets things happen until all is quiet; false where that takes too long.
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
      checkOwners()
    }
    return false
  }

  private var isSettled: Bool {
    guard stage == .stable else { return false }
    let alive = nodes.indices.filter { isAlive[$0] }
    guard alive.allSatisfy({ nodes[$0].phase == .stable }) else { return false }
    return alive.isEmpty || Set(alive.flatMap { nodes[$0].owned }) == all
  }

  private func checkOwners() {
    let owned = nodes.indices.filter { isAlive[$0] }.map { nodes[$0].owned }
    let distinct = owned.reduce(into: Set()) { $0.formUnion($1) }
    if owned.reduce(0, { $0 + $1.count }) != distinct.count {
      hadTwoOwners = true
    }
  }

  // MARK: Members

  private func run(_ node: Int, _ actions: [GroupAction]) {
    for action in actions {
      switch action {
      case .join(let request): later(node) { [self] in join(node, request) }
      case .countPartitions(let topics):
        let attempt = nodes[node].attempt
        later(node) { [self] in
          guard nodes[node].attempt == attempt else { return }
          run(
            node,
            nodes[node].counted(
              .success(partitions.filter { topics.contains($0.key) }), nowMs: nowMs))
        }
      case .sync(let request): later(node) { [self] in sync(node, request) }
      case .heartbeat(let request): later(node) { [self] in heartbeat(node, request) }
      case .leave(.classic(let request)): forget(request.memberId)
      case .revoke:
        later(node) { [self] in run(node, nodes[node].revoked(nowMs: nowMs)) }
      case .fail(let failure): failures.append(failure)
      case .assign, .lose, .log, .forgetCoordinator, .leave, .consumerHeartbeat: break
      }
    }
  }

  private func later(_ node: Int, _ body: @escaping () -> Void) {
    if isAlive[node] { waiting[node].append(body) }
  }

  /// Hands an answer to a member, unless it is meaningless by then or gets lost.
  private func answer<R>(
    _ node: Int, _ attempt: Int, _ response: R,
    _ take: @escaping (inout ClassicMember, Result<R, ClientError>, Int64) -> [GroupAction]
  ) {
    later(node) { [self] in
      guard nodes[node].attempt == attempt else { return }
      let isLost = lossRate > 0 && Int.random(in: 0..<lossRate, using: &random) == 0
      let result: Result<R, ClientError> =
        isLost ? .failure(.disconnected(peer: "b", reason: "lost")) : .success(response)
      run(node, take(&nodes[node], result, nowMs))
    }
  }

  // MARK: The coordinator

  private func join(_ node: Int, _ request: JoinGroupRequest) {
    let attempt = nodes[node].attempt
    var response = JoinGroupResponse()
    if request.memberId.isEmpty {
      idCount += 1
      response.memberId = "m\(Int.random(in: 0..<1000, using: &random))-\(idCount)"
      response.errorCode = .memberIdRequired
      return answer(node, attempt, response) { $0.joined($1, nowMs: $2) }
    }
    if known[request.memberId] == nil { order.append(request.memberId) }
    known[request.memberId] = Known(node: node, protocols: request.protocols, joinAttempt: attempt)
    prepare()
  }

  private func prepare() {
    if stage == .completing {
      for (id, member) in known where member.syncAttempt != nil {
        refuseSync(id, .rebalanceInProgress)
      }
    }
    stage = .preparing
    guard !known.isEmpty, known.values.allSatisfy({ $0.joinAttempt != nil }) else {
      if known.isEmpty { stage = .stable }
      return
    }
    stage = .completing
    generation += 1
    shares = [:]
    let name = assignors[0].rawValue
    for id in order {
      guard let member = known[id], let attempt = member.joinAttempt else { continue }
      known[id]?.joinAttempt = nil
      var response = JoinGroupResponse()
      response.generationId = generation
      response.protocolName = name
      response.leader = order[0]
      response.memberId = id
      if id == order[0] {
        response.members = order.map { other in
          var row = JoinGroupResponse.Member()
          row.memberId = other
          row.metadata = known[other]?.protocols.first { $0.name == name }?.metadata ?? []
          return row
        }
      }
      answer(member.node, attempt, response) { $0.joined($1, nowMs: $2) }
    }
  }

  private func refuseSync(_ id: String, _ code: ErrorCode) {
    guard let member = known[id], let attempt = member.syncAttempt else { return }
    known[id]?.syncAttempt = nil
    var response = SyncGroupResponse()
    response.errorCode = code
    answer(member.node, attempt, response) { $0.synced($1, nowMs: $2) }
  }

  private func sync(_ node: Int, _ request: SyncGroupRequest) {
    let attempt = nodes[node].attempt
    var response = SyncGroupResponse()
    if known[request.memberId] == nil {
      response.errorCode = .unknownMemberId
    } else if request.generationId != generation {
      response.errorCode = .illegalGeneration
    } else if stage == .preparing {
      response.errorCode = .rebalanceInProgress
    }
    guard response.errorCode == .none else {
      return answer(node, attempt, response) { $0.synced($1, nowMs: $2) }
    }
    known[request.memberId]?.syncAttempt = attempt
    if request.memberId == order.first {
      for row in request.assignments { shares[row.memberId] = row.assignment }
      stage = .stable
    }
    guard stage == .stable else { return }
    for (id, member) in known {
      guard let attempt = member.syncAttempt else { continue }
      known[id]?.syncAttempt = nil
      var response = SyncGroupResponse()
      response.assignment = shares[id] ?? []
      answer(member.node, attempt, response) { $0.synced($1, nowMs: $2) }
    }
  }

  private func heartbeat(_ node: Int, _ request: HeartbeatRequest) {
    var response = HeartbeatResponse()
    if known[request.memberId] == nil {
      response.errorCode = .unknownMemberId
    } else if request.generationId != generation {
      response.errorCode = .illegalGeneration
    } else if stage == .preparing {
      response.errorCode = .rebalanceInProgress
    }
    answer(node, nodes[node].attempt, response) { $0.beaten($1, nowMs: $2) }
  }

  private func forget(_ id: String) {
    guard known.removeValue(forKey: id) != nil else { return }
    order.removeAll { $0 == id }
    prepare()
  }
}
