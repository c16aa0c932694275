import Testing

@testable import KafkaClient

/// Whatever the order of events: all partitions come to have one owner, and never two.
@Suite struct GroupSimulationTests {
  private static let strategies: [[Assignor]] = [[.range, .roundrobin], [.cooperativeSticky]]

  @Test(arguments: strategies, 0..<12)
  func `F67: classic members that come, go and are killed share everything and nothing twice`(
    _ assignors: [Assignor], _ seed: Int
  ) {
    let group = ClassicGroupSimulation(
      seed: UInt64(seed), assignors: assignors, partitions: ["t": 7, "u": 4],
      lossRate: seed % 3 == 0 ? 12 : 0)
    for _ in 0..<(1 + seed % 4) { group.add() }
    #expect(group.settle(), "seed \(seed): they did not settle")
    group.add()
    #expect(group.settle(), "seed \(seed): after one came")
    group.leave(0)
    #expect(group.settle(), "seed \(seed): after one left")
    group.add()
    group.add()
    group.kill(1)
    #expect(group.settle(), "seed \(seed): after one was killed")
    #expect(group.failures.isEmpty)
    #expect(!group.hadTwoOwners, "seed \(seed): a partition had two owners")
    let loads = group.alive.map { group.nodes[$0].owned.count }
    #expect(loads.reduce(0, +) == 11)
    #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 2)
  }

  @Test(arguments: 0..<12)
  func `F67, F70: KIP-848 members that come, go, are killed and fenced share everything`(
    _ seed: Int
  ) {
    let group = ConsumerGroupSimulation(
      seed: UInt64(seed), count: 9, lossRate: seed % 3 == 0 ? 12 : 0)
    for _ in 0..<(1 + seed % 4) { group.add() }
    #expect(group.settle(), "seed \(seed): they did not settle")
    group.add()
    #expect(group.settle(), "seed \(seed): after one came")
    group.leave(0)
    #expect(group.settle(), "seed \(seed): after one left")
    group.add()
    group.kill(1)
    #expect(group.settle(), "seed \(seed): after one was killed")
    #expect(!group.hadTwoOwners, "seed \(seed): a partition had two owners")
    // Who is taken for dead while it lives loses all, and comes back.
    group.expel(2)
    #expect(group.settle(), "seed \(seed): after one was fenced")
    #expect(group.failures.isEmpty)
    let alive = group.alive
    #expect(Set(alive.flatMap { group.nodes[$0].owned }) == group.all)
  }
}
