import KafkaProtocol
import Testing

@testable import KafkaClient

/// A broker that checks sequences as Kafka does, behind connections that break.
private struct SimulatedCluster {
  struct Entry: Hashable {
    var batch: Int
  }
  struct Producer {
    var epoch: Int16
    var nextSequence: Int32
    /// The last five batches, by which duplicates are known.
    var recent: [(base: Int32, count: Int32, offset: Int64)]
  }
  struct Log {
    var entries: [Int] = []
    var endOffset: Int64 = 0
    var producers: [Int64: Producer] = [:]
  }

  var logs: [Log]
  var leaders: [Int32]

  /// Appends a batch as a broker that leads the partition does.
  mutating func append(_ batch: ProducerState.Batch) -> (ErrorCode, Int64) {
    let at = Int(batch.partition)
    let stamp = batch.stamp
    if stamp.producerId >= 0 {
      if let known = logs[at].producers[stamp.producerId] {
        if let double = known.recent.first(where: {
          $0.base == stamp.baseSequence && $0.count == batch.recordCount
        }) {
          return (.none, double.offset)
        }
        if stamp.baseSequence != known.nextSequence { return (.outOfOrderSequenceNumber, -1) }
      }
      // A producer that the broker does not know may begin anywhere (KIP-360).
    }
    let offset = logs[at].endOffset
    logs[at].endOffset += Int64(batch.recordCount)
    logs[at].entries.append(batch.id)
    if stamp.producerId >= 0 {
      var known =
        logs[at].producers[stamp.producerId]
        ?? Producer(epoch: stamp.producerEpoch, nextSequence: 0, recent: [])
      known.nextSequence = ProducerState.sequence(stamp.baseSequence, after: batch.recordCount)
      known.recent.append((stamp.baseSequence, batch.recordCount, offset))
      if known.recent.count > 5 { known.recent.removeFirst() }
      logs[at].producers[stamp.producerId] = known
    }
    return (.none, offset)
  }
}

@Suite struct ProducerStateFaultTests {
  /// What may go wrong in a run.
  struct Faults: CustomTestStringConvertible {
    var name: String
    var isIdempotent = true
    var canTimeOut = false
    var canBeRefused = false
    var testDescription: String { name }
  }

  private struct Run {
    var bench: StateBench
    var cluster: SimulatedCluster
    var random: SplitMix64
    let faults: Faults
    var nextProducerId: Int64 = 100
    var sealed: [[Int]]
    var violations: [String] = []

    init(_ faults: Faults, seed: UInt64) {
      random = SplitMix64(seed: seed)
      self.faults = faults
      let partitions = 1 + random.below(4)
      let brokers = 1 + random.below(3)
      var leaders: [Int32] = []
      for _ in 0..<partitions { leaders.append(Int32(1 + random.below(brokers))) }
      cluster = SimulatedCluster(
        logs: .init(repeating: .init(), count: partitions), leaders: leaders)
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
            bench.lead(cluster.leaders.map { !isCalm && random.below(10) == 0 ? -1 : $0 })
          } else {
            bench.run(bench.state.metadataFailed(nowMs: bench.nowMs))
          }
        }
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
            _ = cluster.append(batch)
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
          if chance(30) { result.currentLeaderId = cluster.leaders[Int(batch.partition)] }
        } else if !isCalm && chance(8) {
          result.errorCode =
            [.notEnoughReplicas, .requestTimedOut, .corruptMessage][
              random.below(3)]
          if result.errorCode == .requestTimedOut && chance(50) { _ = cluster.append(batch) }
        } else if !isCalm && faults.canBeRefused && chance(5) {
          result.errorCode = .messageTooLarge
        } else {
          (result.errorCode, result.baseOffset) = cluster.append(batch)
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
          let id = bench.seal(
            Int32(partition), records: Int32(1 + random.below(5)),
            timeoutMs: timeout)
          sealed[partition].append(id)
        case 3..<7: serve(isCalm: false)
        case 7: settleWishes(isCalm: false)
        case 8: bench.pass(Int64(random.below(150)))
        default:
          if chance(10) {
            cluster.leaders[random.below(sealed.count)] = Int32(1 + random.below(3))
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
      let delivered = bench.deliveredIds
      let failed = bench.failedIds
      let all = sealed.flatMap { $0 }
      if Set(delivered).count != delivered.count { violations.append("delivered twice") }
      if delivered.count + failed.count != all.count
        || Set(delivered).union(failed) != Set(all)
      {
        violations.append("batches are neither delivered nor failed")
      }
      let inDoubt = Set(bench.failed.filter(\.mayBeAppended).map(\.batch))
      for (partition, log) in cluster.logs.enumerated() {
        let entries = log.entries
        let here = Set(sealed[partition])
        if !Set(delivered).intersection(here).isSubset(of: entries) {
          violations.append("an acknowledged batch is not in the log")
        }
        if !Set(entries).subtracting(delivered).isSubset(of: inDoubt) {
          violations.append("a batch in the log was said to be certainly lost")
        }
        if faults.isIdempotent {
          if Set(entries).count != entries.count { violations.append("a batch is there twice") }
          if entries != entries.sorted() { violations.append("the order is lost: \(entries)") }
        }
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
