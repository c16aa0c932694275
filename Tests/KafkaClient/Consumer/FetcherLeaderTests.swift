import KafkaProtocol
import Testing

@testable import KafkaClient

/// Leaders that change, logs that were cut, replicas that are near (KIP-320, KIP-392, KIP-951).
@Suite struct FetcherLeaderTests {
  @Test func `F60: after a change of leader nothing is fetched until the new one has been asked`() {
    let machine = FetcherMachine(1, epoch: 3)
    _ = machine.read(10, epoch: 3)
    machine.learn(leader: 2, epoch: 4)
    #expect(machine.fetch(from: 2) == nil)
    let asked = machine.value.unvalidated
    #expect(asked.map(\.offsetEpoch) == [3])
    #expect(
      machine.validated(asked[0], epoch: 3, endOffset: 10) == .nothing)
    #expect(machine.fetch(from: 2)?.topics[0].partitions[0].fetchOffset == 10)
  }

  @Test func `F60: what the new leader lacks is reported, and reading goes on where its log ends`()
  {
    let machine = FetcherMachine(1, epoch: 3)
    _ = machine.read(10, epoch: 3)
    machine.learn(leader: 2, epoch: 4)
    #expect(
      machine.validated(
        machine.value.unvalidated[0], epoch: 3,
        endOffset: 7) == .truncated(from: 10, to: 7))
    let part = machine.fetch(from: 2, version: 12)?.topics[0].partitions[0]
    #expect(part?.fetchOffset == 7)
    #expect(part?.currentLeaderEpoch == 4)
    #expect(part?.lastFetchedEpoch == 3)
  }

  @Test func `F60: a leader that knows nothing of the epoch means the reset policy`() {
    let machine = FetcherMachine(1, epoch: 3)
    _ = machine.read(10, epoch: 3)
    machine.learn(leader: 2, epoch: 4)
    #expect(
      machine.validated(
        machine.value.unvalidated[0], epoch: -1,
        endOffset: -1) == .outOfRange(at: 10))
  }

  @Test func `F60: an answer of a leader that is none any more changes nothing`() {
    let machine = FetcherMachine(1, epoch: 3)
    _ = machine.read(10, epoch: 3)
    machine.learn(leader: 2, epoch: 4)
    let asked = machine.value.unvalidated[0]
    machine.learn(leader: 3, epoch: 5)
    #expect(
      machine.validated(asked, epoch: 3, endOffset: 7) == .nothing)
    #expect(machine.positions[0].isUnvalidated)
  }

  @Test func `F60: a log that diverged is found out by Fetch itself`() {
    let machine = FetcherMachine(1, epoch: 3)
    _ = machine.read(10, epoch: 3)
    #expect(
      machine.failed(.none) {
        $0.divergingEpoch.epoch = 2
        $0.divergingEpoch.endOffset = 6
      } == .truncated(from: 10, to: 6))
    #expect(machine.positions[0].offset == 6)
    #expect(machine.positions[0].offsetEpoch == 2)
  }

  @Test
  func `F60: a committed offset is validated before the first Fetch where its epoch is known`() {
    let known = FetcherMachine(1, from: .committed(offset: 50, leaderEpoch: 0))
    #expect(known.fetch() == nil)
    #expect(known.value.unvalidated.count == 1)
    let unknown = FetcherMachine(1, from: .committed(offset: 50, leaderEpoch: -1))
    #expect(unknown.fetch()?.topics[0].partitions[0].fetchOffset == 50)
  }

  @Test func `F30: metadata of a broker that lags do not bring the old leader back`() {
    let machine = FetcherMachine(1, epoch: 3)
    machine.learn(leader: 2, epoch: 4)
    machine.learn(leader: 1, epoch: 3)
    #expect(machine.positions[0].leaderId == 2)
    #expect(machine.positions[0].leaderEpoch == 4)
  }

  @Test func `F30: a leader that an answer names is asked at once, one that is no news is not`() {
    let machine = FetcherMachine(1, epoch: 3)
    machine.update(0) { $0.notBeforeMs = 100 }
    #expect(!machine.lead(0, 2, epoch: 3))
    #expect(!machine.lead(0, -1, epoch: 9))
    #expect(machine.lead(0, 2, epoch: 4))
    #expect(machine.fetch(from: 2)?.topics[0].partitions[0].currentLeaderEpoch == 4)
  }

  @Test func `F30: fenced and unknown leader epochs ask the metadata`() {
    let machine = FetcherMachine(1)
    #expect(machine.failed(.fencedLeaderEpoch) == .staleLeader(.fencedLeaderEpoch))
    #expect(machine.failed(.unknownLeaderEpoch) == .staleLeader(.unknownLeaderEpoch))
  }

  @Test func `F25: a topic that was made anew is read from its beginning`() {
    let machine = FetcherMachine(1, epoch: 3)
    _ = machine.read(10, epoch: 3)
    let learned = machine.learn(id: 2, leader: 2, epoch: 0)
    #expect(learned.recreated.map(\.offset) == [10])
    #expect(machine.positions[0].offset == nil)
    #expect(machine.positions[0].start == .beginning)
    #expect(machine.positions[0].leaderId == 2)
  }

  @Test func `F24, F26: partitions that are gone are noted, and new ones are named`() {
    let machine = FetcherMachine(2)
    #expect(machine.learn(leader: 1, epoch: 0, count: 4).unassigned == [2, 3])
    machine.learn(leader: 1, epoch: 0, count: 1, nowMs: 70)
    #expect(machine.positions.map(\.absentSinceMs) == [nil, 70])
    machine.value.learnAbsent("t", nowMs: 90)
    #expect(machine.positions.map(\.absentSinceMs) == [90, 70])
    machine.learn(leader: 1, epoch: 0, count: 2, nowMs: 95)
    #expect(machine.positions.map(\.absentSinceMs) == [nil, nil])
  }

  // MARK: Near replicas

  private func preferred(_ replica: Int32) -> (inout FetchResponse.Partition) -> Void {
    { $0.preferredReadReplica = replica }
  }

  @Test func `F61: the replica that the leader names is read from until its lease ends`() {
    let machine = FetcherMachine(1, rack: "a")
    #expect(machine.fetch()?.rackId == "a")
    #expect(machine.failed(.none, change: preferred(2)) == .readFrom(2))
    machine.value.prefer(2, for: machine.positions[0].assigned, nowMs: 0)
    #expect(machine.fetch(nowMs: 10) == nil)
    #expect(machine.fetch(from: 2, nowMs: 10)?.rackId == "a")
    #expect(machine.value.sources(10) == [2])
    #expect(machine.fetch(from: 1, nowMs: 300_000) != nil)
    #expect(machine.value.sources(300_000) == [1])
  }

  @Test func `F61: an error of the replica brings the partition back to its leader`() {
    let machine = FetcherMachine(1, rack: "a")
    machine.value.prefer(2, for: machine.positions[0].assigned, nowMs: 0)
    #expect(machine.failed(.offsetOutOfRange, from: 2) == .backToLeader(.offsetOutOfRange))
    #expect(machine.value.sources(0) == [1])
  }

  @Test
  func `F61: a replica that is gone is left, and its leader is not told our rack for a while`() {
    let machine = FetcherMachine(1, rack: "a")
    machine.value.prefer(2, for: machine.positions[0].assigned, nowMs: 0)
    machine.value.abandon(replica: 2, nowMs: 0)
    #expect(machine.fetch(nowMs: 10)?.rackId == "")
    #expect(machine.fetch(nowMs: 30_000)?.rackId == "a")
  }

  @Test func `F61: a new leader chooses its near replica itself`() {
    let machine = FetcherMachine(1, rack: "a")
    machine.value.prefer(2, for: machine.positions[0].assigned, nowMs: 0)
    machine.learn(leader: 3, epoch: 1)
    #expect(machine.value.sources(0) == [3])
  }
}
