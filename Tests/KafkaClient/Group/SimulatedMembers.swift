import KafkaProtocol

@testable import KafkaClient

/// What the simulations need of a member, whichever the protocol.
protocol SimulatedMember {
  var owned: Set<TopicPartition> { get }
  var wakeMs: Int64? { get }
  mutating func tick(nowMs: Int64) -> [GroupAction]
}

extension ClassicMember: SimulatedMember {}
extension ConsumerMember: SimulatedMember {}

/// Several members and what waits to happen to them, in an order that a seed chooses: no socket, no clock.
final class SimulatedMembers<Member: SimulatedMember> {
  var nodes: [Member] = []
  private(set) var isAlive: [Bool] = []
  private(set) var hadTwoOwners = false
  var random: SplitMix
  private(set) var nowMs: Int64 = 0
  /// One answer in so many is lost with its connection; 0: none.
  private let lossRate: Int
  /// What waits to happen, by node: each node's in order.
  private var waiting: [[() -> Void]] = []

  init(seed: UInt64, lossRate: Int) {
    random = SplitMix(state: seed)
    self.lossRate = lossRate
  }

  /// The nodes of those that live.
  var alive: [Int] { nodes.indices.filter { isAlive[$0] } }

  /// A member comes; the answer is its node.
  func add(_ member: Member) -> Int {
    nodes.append(member)
    isAlive.append(true)
    waiting.append([])
    return nodes.count - 1
  }

  /// A member is no more.
  func end(_ node: Int) {
    isAlive[node] = false
    waiting[node] = []
  }

  /// Something happens to a member, at a moment of the seed's choice.
  func later(_ node: Int, _ body: @escaping () -> Void) {
    if isAlive[node] { waiting[node].append(body) }
  }

  /// An answer, or by chance its loss.
  func chance<R>(_ response: R) -> Result<R, ClientError> {
    let isLost = lossRate > 0 && Int.random(in: 0..<lossRate, using: &random) == 0
    return isLost ? .failure(.disconnected(peer: "b", reason: "lost")) : .success(response)
  }

  /// Lets things happen until all is quiet; false where that takes too long.
  func settle(_ isSettled: () -> Bool, _ run: (Int, [GroupAction]) -> Void) -> Bool {
    for _ in 0..<20_000 {
      let busy = waiting.indices.filter { !waiting[$0].isEmpty }
      if let node = busy.randomElement(using: &random) {
        let next = waiting[node].removeFirst()
        next()
      } else if isSettled() {
        return true
      } else {
        guard let wakeMs = alive.compactMap({ nodes[$0].wakeMs }).min() else { return false }
        nowMs = max(nowMs, wakeMs)
        for node in nodes.indices where isAlive[node] {
          run(node, nodes[node].tick(nowMs: nowMs))
        }
      }
      checkOwners()
    }
    return false
  }

  private func checkOwners() {
    let owned = alive.map { nodes[$0].owned }
    let distinct = owned.reduce(into: Set()) { $0.formUnion($1) }
    if owned.reduce(0, { $0 + $1.count }) != distinct.count {
      hadTwoOwners = true
    }
  }
}
