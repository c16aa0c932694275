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

  private let members: SimulatedMembers<ClassicMember>
  var nodes: [ClassicMember] { members.nodes }
  var alive: [Int] { members.alive }
  var hadTwoOwners: Bool { members.hadTwoOwners }
  private(set) var failures: [GroupFailure] = []
  let partitions: [String: Int32]
  private let assignors: [Assignor]
  private var known: [String: Known] = [:]
  private var order: [String] = []
  private var stage = Stage.stable
  private var generation: Int32 = 0
  private var shares: [String: [UInt8]] = [:]
  private var idCount = 0

  init(seed: UInt64, assignors: [Assignor], partitions: [String: Int32], lossRate: Int) {
    members = SimulatedMembers(seed: seed, lossRate: lossRate)
    self.assignors = assignors
    self.partitions = partitions
  }

  var all: Set<TopicPartition> {
    Set(partitions.flatMap { topic, count in (0..<count).map { TopicPartition(topic, $0) } })
  }

  /// A member comes, at a moment of the seed's choice.
  func add() {
    var settings = GroupSettings(groupId: "g")
    settings.assignors = assignors
    let node = members.add(ClassicMember(settings))
    members.later(node) { [self] in
      run(node, members.nodes[node].subscribe(Set(partitions.keys), nowMs: members.nowMs))
    }
  }

  /// A member says that it goes.
  func leave(_ node: Int) {
    run(node, members.nodes[node].leave())
    members.end(node)
  }

  /// A member is killed; the coordinator notices.
  func kill(_ node: Int) {
    let id = nodes[node].memberId
    members.end(node)
    forget(id)
  }

  /// Lets things happen until all is quiet; false where that takes too long.
  func settle() -> Bool { members.settle({ isSettled }) { run($0, $1) } }

  private var isSettled: Bool {
    guard stage == .stable else { return false }
    guard alive.allSatisfy({ nodes[$0].phase == .stable }) else { return false }
    return alive.isEmpty || Set(alive.flatMap { nodes[$0].owned }) == all
  }

  // MARK: Members

  private func run(_ node: Int, _ actions: [GroupAction]) {
    for action in actions {
      switch action {
      case .join(let request): members.later(node) { [self] in join(node, request) }
      case .countPartitions(let topics):
        let attempt = nodes[node].attempt
        members.later(node) { [self] in
          guard nodes[node].attempt == attempt else { return }
          run(
            node,
            members.nodes[node].counted(
              .success(partitions.filter { topics.contains($0.key) }), nowMs: members.nowMs))
        }
      case .sync(let request): members.later(node) { [self] in sync(node, request) }
      case .heartbeat(let request): members.later(node) { [self] in heartbeat(node, request) }
      case .leave(.classic(let request)): forget(request.memberId)
      case .revoke:
        members.later(node) { [self] in run(node, members.nodes[node].revoked(nowMs: members.nowMs))
        }
      case .fail(let failure): failures.append(failure)
      case .assign, .lose, .log, .forgetCoordinator, .leave, .consumerHeartbeat: break
      }
    }
  }

  /// Hands an answer to a member, unless it is meaningless by then or gets lost.
  private func answer<R>(
    _ node: Int, _ attempt: Int, _ response: R,
    _ take: @escaping (inout ClassicMember, Result<R, ClientError>, Int64) -> [GroupAction]
  ) {
    members.later(node) { [self] in
      guard nodes[node].attempt == attempt else { return }
      let result = members.chance(response)
      run(node, take(&members.nodes[node], result, members.nowMs))
    }
  }

  // MARK: The coordinator

  private func join(_ node: Int, _ request: JoinGroupRequest) {
    let attempt = nodes[node].attempt
    var response = JoinGroupResponse()
    if request.memberId.isEmpty {
      idCount += 1
      response.memberId = "m\(Int.random(in: 0..<1000, using: &members.random))-\(idCount)"
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
    response.errorCode = refusal(request.memberId, request.generationId)
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

  private func refusal(_ memberId: String, _ generationId: Int32) -> ErrorCode {
    if known[memberId] == nil { return .unknownMemberId }
    if generationId != generation { return .illegalGeneration }
    return stage == .preparing ? .rebalanceInProgress : .none
  }

  private func heartbeat(_ node: Int, _ request: HeartbeatRequest) {
    var response = HeartbeatResponse()
    response.errorCode = refusal(request.memberId, request.generationId)
    answer(node, nodes[node].attempt, response) { $0.beaten($1, nowMs: $2) }
  }

  private func forget(_ id: String) {
    guard known.removeValue(forKey: id) != nil else { return }
    order.removeAll { $0 == id }
    prepare()
  }
}
