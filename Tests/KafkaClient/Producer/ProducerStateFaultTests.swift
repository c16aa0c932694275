import KafkaProtocol
import Testing

@testable import KafkaClient

@Suite struct ProducerStateFaultTests {
  /// What may go wrong in a run.
  struct Faults: CustomTestStringConvertible {
    var name: String
    var isIdempotent = true
    var canTimeOut = false
    var canBeRefused = false
    var hasLimits = false
    var testDescription: String { name }
  }

  private struct Run {
    var bench: StateBench
    var cluster: SimulatedCluster
    var random: SplitMix64
    let faults: Faults
    var nextProducerId: Int64 = 100
    /// By partition, the numbers of the records that were sealed, in order.
    var sealed: [[Int]]
    /// By batch, the numbers of its records.
    var contents: [Int: [Int]] = [:]
    var dropped: [Int] = []
    var nextRecord = 0
    var violations: [String] = []

    init(_ faults: Faults, seed: UInt64) {
      random = SplitMix64(seed: seed)
      self.faults = faults
      let partitions = 1 + random.below(4)
      let brokers = 1 + random.below(3)
      var leaders: [Int32] = []
      for _ in 0..<partitions { leaders.append(Int32(1 + random.below(brokers))) }
      cluster = SimulatedCluster(leaders: leaders)
      if faults.hasLimits {
        cluster.batchRecordsMax = 1 + random.below(4)
        cluster.oversizedEvery = 50
        cluster.invalidEvery = 20
      }
      sealed = .init(repeating: [], count: partitions)
      bench = StateBench(idempotent: faults.isIdempotent, leaders: leaders, isConnected: false)
    }

    private mutating func chance(_ percent: Int) -> Bool { random.below(100) < percent }

    /// Does what the state asked for, mostly.
    mutating func settleWishes(isCalm: Bool) {
      for _ in 0..<random.below(3) + (isCalm ? 100 : 0) {
        if !bench.connects.isEmpty {
          let broker = bench.connects.removeFirst()
          if isCalm || chance(80) {
            bench.run(bench.state.connected(broker, nowMs: bench.nowMs))
          } else {
            bench.run(bench.state.connectionFailed(broker, nowMs: bench.nowMs))
          }
        }
        if bench.refreshes > 0 {
          bench.refreshes -= 1
          if isCalm || chance(80) {
            lead(isCalm: isCalm)
          } else {
            bench.run(bench.state.metadataFailed(nowMs: bench.nowMs))
          }
        }
        if !bench.rebuilds.isEmpty && (isCalm || chance(80)) { rebuild() }
        if bench.idRequests > 0 {
          bench.idRequests -= 1
          if isCalm || chance(80) {
            nextProducerId += 1
            bench.run(
              bench.state.identified(producerId: nextProducerId, epoch: 0, nowMs: bench.nowMs))
          } else {
            bench.run(bench.state.identificationFailed(nowMs: bench.nowMs))
          }
        }
      }
    }

    mutating func lead(isCalm: Bool) {
      var row = ProducerState.TopicMetadata(topic: bench.topic)
      row.leaders = cluster.leaders.indices.map { at in
        let isHidden = !isCalm && random.below(10) == 0
        return (Int32(at), isHidden ? -1 : cluster.leaders[at], cluster.epochs[at])
      }
      bench.run(bench.state.learned([row], nowMs: bench.nowMs))
    }

    /// Makes other batches of one, and keeps account of what is in them.
    mutating func rebuild() {
      let which = random.below(bench.rebuilds.count)
      bench.rebuilds.swapAt(0, which)
      let (batch, how) = bench.rebuilds[0]
      var records = contents[batch.id] ?? []
      if case .without(let bad) = how {
        dropped += bad.map { records[Int($0)] }
        records = records.indices.filter { !bad.contains(Int32($0)) }.map { records[$0] }
      }
      let middle = how == .halves ? (records.count + 1) / 2 : records.count
      let next = bench.nextId
      if middle > 0 { contents[next] = Array(records[..<middle]) }
      if middle < records.count { contents[next + 1] = Array(records[middle...]) }
      bench.rebuild()
    }

    /// A broker takes its oldest open request.
    mutating func serve(isCalm: Bool) {
      guard !bench.open.isEmpty else { return }
      // Each connection is answered in order; which broker answers first is open.
      let broker = bench.open[random.below(bench.open.count)].brokerId
      let index = bench.open.firstIndex { $0.brokerId == broker } ?? 0
      let request = bench.open[index]
      check(request)
      if !isCalm && chance(8) {
        // The connection breaks; some of what was sent has arrived.
        let arrived = random.below(6)
        for lost in bench.open.filter({ $0.brokerId == broker }).prefix(arrived) {
          for batch in lost.batches where cluster.leaders[Int(batch.partition)] == broker {
            _ = cluster.append(batch, contents[batch.id] ?? [])
          }
        }
        return bench.disconnect(broker)
      }
      bench.open.remove(at: index)
      var results: [ProducerState.Result] = []
      for batch in request.batches {
        var result = ProducerState.Result(topic: batch.topic, partition: batch.partition)
        if cluster.leaders[Int(batch.partition)] != broker {
          result.errorCode = .notLeaderOrFollower
          if chance(30) {
            result.currentLeaderId = cluster.leaders[Int(batch.partition)]
            result.currentLeaderEpoch = cluster.epochs[Int(batch.partition)]
          }
        } else if !isCalm && chance(8) {
          result.errorCode =
            [.notEnoughReplicas, .requestTimedOut, .corruptMessage][
              random.below(3)]
          if result.errorCode == .requestTimedOut && chance(50) {
            _ = cluster.append(batch, contents[batch.id] ?? [])
          }
        } else if !isCalm && faults.canBeRefused && chance(5) {
          result.errorCode = .policyViolation
        } else {
          result = cluster.append(batch, contents[batch.id] ?? [])
        }
        if isCalm || !chance(2) { results.append(result) }
      }
      bench.run(
        bench.state.answered(
          request.id, results, throttleMs: chance(3) ? 20 : 0, nowMs: bench.nowMs))
    }

    /// What holds for every request.
    mutating func check(_ request: ProducerState.Request) {
      let partitions = request.batches.map(\.partition)
      if Set(partitions).count != partitions.count { violations.append("a partition twice") }
      let open = bench.open.filter { $0.brokerId == request.brokerId }
      if open.count > 5 { violations.append("\(open.count) requests under way") }
      if faults.isIdempotent && request.batches.contains(where: { $0.stamp.producerId < 0 }) {
        violations.append("no stamp")
      }
    }

    mutating func play(steps: Int) {
      for _ in 0..<steps {
        switch random.below(10) {
        case 0..<3:
          let partition = random.below(sealed.count)
          let timeout: Int64 = faults.canTimeOut && chance(40) ? Int64(random.below(400)) : .max
          let records = Array(nextRecord..<nextRecord + 1 + random.below(5))
          nextRecord += records.count
          contents[bench.nextId] = records
          sealed[partition] += records
          bench.seal(Int32(partition), records: Int32(records.count), timeoutMs: timeout)
        case 3..<7: serve(isCalm: false)
        case 7: settleWishes(isCalm: false)
        case 8: bench.pass(Int64(random.below(150)))
        default:
          if chance(10) {
            let partition = random.below(sealed.count)
            cluster.leaders[partition] = Int32(1 + random.below(3))
            cluster.epochs[partition] += 1
          }
        }
      }
      var calm = 0
      while bench.state.waitingRecords > 0 && calm < 5000 {
        settleWishes(isCalm: true)
        serve(isCalm: true)
        bench.pass(50)
        calm += 1
      }
    }

    mutating func judge() {
      if bench.state.waitingRecords != 0 { violations.append("it does not end") }
      let delivered = bench.deliveredIds.flatMap { contents[$0] ?? [] }
      let failed = bench.failedIds.flatMap { contents[$0] ?? [] }
      if Set(delivered).count != delivered.count { violations.append("delivered twice") }
      if delivered.count + failed.count + dropped.count != nextRecord
        || Set(delivered).union(failed).union(dropped) != Set(0..<nextRecord)
      {
        violations.append("records are neither delivered nor failed")
      }
      if dropped.count != bench.dropped.count { violations.append("a refused record was not said") }
      let inDoubt = Set(bench.failed.filter(\.mayBeAppended).flatMap { contents[$0.batch] ?? [] })
      for (partition, log) in cluster.logs.enumerated() {
        let records = log.records
        let here = Set(sealed[partition])
        if !Set(delivered).intersection(here).isSubset(of: records) {
          violations.append("an acknowledged record is not in the log")
        }
        if !Set(records).subtracting(delivered).isSubset(of: inDoubt) {
          violations.append("a record in the log was said to be certainly lost")
        }
        if faults.isIdempotent {
          if Set(records).count != records.count { violations.append("a record is there twice") }
          if records != records.sorted() { violations.append("the order is lost: \(records)") }
        }
      }
      let expected = failed.filter { $0 % 50 == 7 || $0 % 20 == 5 }
      if faults.hasLimits && !faults.canTimeOut && !faults.canBeRefused {
        if expected.count != failed.count {
          violations.append("more is lost than what is too large or not valid")
        }
        return
      }
      if !faults.canTimeOut && !faults.canBeRefused && !failed.isEmpty {
        violations.append("lost \(failed)")
      }
    }
  }

  @Test(arguments: [
    Faults(name: "idempotent"),
    Faults(name: "idempotent, batches time out", canTimeOut: true),
    Faults(name: "idempotent, batches are refused", canBeRefused: true),
    Faults(name: "idempotent, both", canTimeOut: true, canBeRefused: true),
    Faults(name: "idempotent, the topic has limits", hasLimits: true),
    Faults(
      name: "idempotent, limits and all", canTimeOut: true, canBeRefused: true, hasLimits: true),
    Faults(name: "without idempotence", isIdempotent: false, canTimeOut: true, canBeRefused: true),
  ])
  func `under random faults nothing acknowledged is lost, doubled or out of order`(faults: Faults) {
    for seed in UInt64(1)...150 {
      var run = Run(faults, seed: seed)
      run.play(steps: 400)
      run.judge()
      guard run.violations.isEmpty else {
        Issue.record("seed \(seed): \(Set(run.violations))")
        return
      }
    }
  }
}
