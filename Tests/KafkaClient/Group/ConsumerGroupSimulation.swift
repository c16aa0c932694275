import KafkaProtocol

@testable import KafkaClient

/// Members of a KIP-848 group and a simple coordinator, with what happens next chosen by a seed.
final class ConsumerGroupSimulation {
  private struct Known {
    var node: Int
    var reported: Set<TopicPartition> = []
    var given: Set<TopicPartition> = []
  }

  private let members: SimulatedMembers<ConsumerMember>
  var nodes: [ConsumerMember] { members.nodes }
  var alive: [Int] { members.alive }
  var hadTwoOwners: Bool { members.hadTwoOwners }
  private(set) var failures: [GroupFailure] = []
  let count: Int32
  private let topicId = Uuid(high: 1, low: 2)
  private var known: [String: Known] = [:]
  private var epoch: Int32 = 0

  init(seed: UInt64, count: Int32, lossRate: Int) {
    members = SimulatedMembers(seed: seed, lossRate: lossRate)
    self.count = count
  }

  var all: Set<TopicPartition> { Set((0..<count).map { TopicPartition("t", $0) }) }

  func add() {
    let id = "m\(Int.random(in: 0..<100, using: &members.random))-\(nodes.count)"
    let node = members.add(ConsumerMember(GroupSettings(groupId: "g"), memberId: id))
    members.later(node) { [self] in
      run(node, members.nodes[node].named(["t": topicId], nowMs: members.nowMs))
      run(node, members.nodes[node].subscribe(["t"], nowMs: members.nowMs))
    }
  }

  func leave(_ node: Int) {
    run(node, members.nodes[node].leave())
    members.end(node)
  }

  func kill(_ node: Int) {
    members.end(node)
    forget(nodes[node].memberId)
  }

  /// The coordinator takes a living member for dead.
  func expel(_ node: Int) { forget(nodes[node].memberId) }

  func settle() -> Bool { members.settle({ isSettled }) { run($0, $1) } }

  private var isSettled: Bool {
    alive.allSatisfy {
      nodes[$0].phase == .stable && nodes[$0].owned == target(nodes[$0].memberId)
    }
  }

  private func run(_ node: Int, _ actions: [GroupAction]) {
    for action in actions {
      switch action {
      case .consumerHeartbeat(let request):
        members.later(node) { [self] in heartbeat(node, request) }
      case .leave(.consumer(let request)): forget(request.memberId)
      case .revoke:
        members.later(node) { [self] in run(node, members.nodes[node].revoked(nowMs: members.nowMs))
        }
      case .fail(let failure): failures.append(failure)
      case .join, .countPartitions, .sync, .heartbeat, .leave, .forgetCoordinator, .assign, .lose,
        .log:
        break
      }
    }
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
    members.later(node) { [self] in
      guard nodes[node].attempt == attempt else { return }
      let result = members.chance(response)
      run(node, members.nodes[node].beaten(result, nowMs: members.nowMs))
    }
  }

  private func forget(_ id: String) {
    if known.removeValue(forKey: id) != nil { epoch += 1 }
  }
}
