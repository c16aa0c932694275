import KafkaProtocol
import Testing

@testable import KafkaClient

@Suite struct ProducerStateTests {
  // MARK: Sending

  @Test func `a batch opens a connection to its leader, goes out and is delivered`() {
    var bench = StateBench(isConnected: false)
    let batch = bench.seal()
    #expect(bench.connects == [1])
    #expect(bench.open.isEmpty)
    bench.run(bench.state.connected(1, nowMs: 0))
    #expect(bench.underWay == [[batch]])
    #expect(bench.stamps[batch] == .init(producerId: 7, producerEpoch: 0, baseSequence: 0))
    bench.answer(offset: 42)
    #expect(bench.delivered.map(\.baseOffset) == [42])
    #expect(bench.delivered.map(\.brokerId) == [1])
    #expect(bench.state.waitingRecords == 0)
  }

  @Test func `F38: never more than five requests are unanswered`() {
    for idempotent in [true, false] {
      var bench = StateBench(idempotent: idempotent)
      for _ in 0..<20 { bench.seal() }
      if idempotent {
        // Until the broker knows the producer, one; so that no second can pass a first that failed.
        #expect(bench.open.count == 1)
        bench.answer()
      }
      #expect(bench.open.count == 5)
      bench.answer()
      #expect(bench.open.count == 5)
      while !bench.open.isEmpty { bench.answer() }
      #expect(bench.deliveredIds == Array(0..<20))
    }
  }

  @Test func `sequences count records and a correct stamp is not written again`() {
    var bench = StateBench()
    bench.seal(records: 3)
    bench.answer()
    let second = bench.seal(records: 4)
    #expect(bench.stamps[second]?.baseSequence == 3)
    bench.answer()
    var sealedRight = ProducerState.Batch(
      id: 99, topic: bench.topic, partition: 0, number: 2, recordCount: 1, byteCount: 1,
      deadlineMs: .max)
    sealedRight.stamp = .init(producerId: 7, producerEpoch: 0, baseSequence: 7)
    bench.run(bench.state.sealed(sealedRight, nowMs: 0))
    #expect(bench.underWay == [[99]])
    #expect(bench.stamps[99] == nil)
  }

  @Test func `the sequence after the largest is 0`() {
    #expect(ProducerState.sequence(Int32.max, after: 1) == 0)
    #expect(ProducerState.sequence(Int32.max - 1, after: 5) == 3)
    #expect(ProducerState.sequence(0, after: 5) == 5)
  }

  @Test func `a request has one batch per partition and several partitions up to its limit`() {
    var bench = StateBench(idempotent: false, leaders: [1, 1, 1, 1], isConnected: false) {
      $0.requestBytesMax = 2500
      $0.inFlightMax = 2
    }
    for partition in [Int32](0..<4) {
      bench.seal(partition)
      bench.seal(partition)
    }
    bench.run(bench.state.connected(1, nowMs: 0))
    #expect(bench.underWay == [[0, 2], [4, 6]])
    bench.answer()
    bench.answer()
    #expect(bench.underWay == [[1, 3], [5, 7]])
    bench.answer()
    bench.answer()
    #expect(Set(bench.deliveredIds) == Set(0..<8))
  }

  @Test func `a batch larger than the limit goes alone`() {
    var bench = StateBench(idempotent: false, leaders: [1, 1]) { $0.requestBytesMax = 100 }
    bench.seal(0, bytes: 1000)
    bench.seal(1, bytes: 1000)
    #expect(bench.underWay == [[0], [1]])
  }

  @Test func `batches that were compressed out of order go out in order`() {
    var bench = StateBench(idempotent: false)
    let second = bench.seal(number: 1)
    let third = bench.seal(number: 2)
    #expect(bench.open.isEmpty)
    let first = bench.seal(number: 0)
    #expect(bench.underWay == [[first], [second], [third]])
  }

  @Test func `brokers do not wait for one another`() {
    var bench = StateBench(idempotent: false, leaders: [1, 2]) { $0.inFlightMax = 1 }
    for _ in 0..<3 {
      bench.seal(0)
      bench.seal(1)
    }
    #expect(bench.open.map(\.brokerId) == [1, 2])
    bench.answer()
    #expect(bench.open.map(\.brokerId) == [2, 1])
  }

  @Test func `with acks=0 what is written is done`() {
    var bench = StateBench(idempotent: false) { $0.awaitsResponse = false }
    bench.seal()
    let request = bench.open.removeFirst()
    bench.run(bench.state.answered(request.id, [], throttleMs: 0, nowMs: 0))
    #expect(bench.deliveredIds == [0])
    #expect(bench.delivered.map(\.baseOffset) == [-1])
  }

  // MARK: Retries

  @Test(arguments: [
    ErrorCode.requestTimedOut, .notEnoughReplicas, .notEnoughReplicasAfterAppend,
    .kafkaStorageError, .corruptMessage,
  ])
  func `F31, F41: a retriable error is tried again after a pause, in order`(code: ErrorCode) {
    var bench = StateBench(idempotent: false)
    for _ in 0..<3 { bench.seal() }
    bench.answer(code)
    #expect(bench.open.count == 2)
    bench.answer(code)
    bench.answer(code)
    #expect(bench.open.isEmpty)
    bench.lead([1])
    bench.pass(79)
    #expect(bench.open.isEmpty)
    bench.pass(60)
    #expect(bench.underWay == [[0], [1], [2]])
    for _ in 0..<3 { bench.answer() }
    #expect(bench.deliveredIds == [0, 1, 2])
    #expect(bench.failed.isEmpty)
  }

  @Test func `the pause doubles up to its limit and ends with a success`() {
    var bench = StateBench()
    bench.seal()
    for expected in [100, 200, 400, 800, 1000, 1000] as [Int64] {
      bench.answer(.notEnoughReplicas)
      let wake = bench.state.nextWakeMs ?? 0
      let pause = wake - bench.nowMs
      #expect(pause >= expected * 8 / 10 && pause <= expected * 12 / 10)
      bench.pass(pause)
    }
    bench.answer()
    bench.seal()
    bench.answer(.notEnoughReplicas)
    #expect((bench.state.nextWakeMs ?? .max) - bench.nowMs <= 120)
  }

  @Test func `what is behind a failure waits until all under way is answered`() {
    var bench = StateBench()
    bench.seal()
    bench.answer()
    for _ in 0..<8 { bench.seal() }
    #expect(bench.open.count == 5)
    bench.answer(.notEnoughReplicas)
    bench.pass(5000)
    #expect(bench.open.count == 4)
    for _ in 0..<4 { bench.answer(.outOfOrderSequenceNumber) }
    bench.pass(5000)
    #expect(bench.underWay == [[1], [2], [3], [4], [5]])
    // The same bytes: their sequences are those of the first try.
    #expect(bench.open.map { $0.batches[0].stamp.baseSequence } == [10, 20, 30, 40, 50])
    while !bench.open.isEmpty { bench.answer() }
    #expect(bench.deliveredIds == Array(0..<9))
    #expect(bench.idRequests == 0)
    #expect(bench.notes.isEmpty)
  }

  @Test func `F1: after a lost connection the same bytes go out again in order`() {
    var bench = StateBench()
    bench.seal()
    bench.answer()
    for _ in 0..<7 { bench.seal() }
    bench.disconnect()
    #expect(bench.state.recordsInDoubt == 50)
    #expect(bench.refreshes == 1)
    bench.lead([1])
    bench.pass(1000)
    #expect(bench.underWay == [[1], [2], [3], [4], [5]])
    #expect(bench.open.map { $0.batches[0].stamp.baseSequence } == [10, 20, 30, 40, 50])
    // The first two had arrived before.
    bench.answer(.duplicateSequenceNumber)
    bench.answer(.duplicateSequenceNumber)
    while !bench.open.isEmpty { bench.answer() }
    #expect(bench.deliveredIds == Array(0..<8))
  }

  @Test func `a connection that cannot be made is tried again after a growing pause`() {
    var bench = StateBench(isConnected: false)
    bench.seal()
    for pauseMax in [120, 240, 480] as [Int64] {
      let count = bench.connects.count
      bench.run(bench.state.connectionFailed(1, nowMs: bench.nowMs))
      bench.lead([1])
      #expect(bench.connects.count == count)
      bench.pass(pauseMax)
      #expect(bench.connects.count == count + 1)
    }
  }

  @Test func `an exhausted number of retries is final`() {
    var bench = StateBench(idempotent: false) { $0.retriesMax = 2 }
    bench.seal()
    for _ in 0..<3 {
      bench.answer(.notEnoughReplicas)
      bench.pass(2000)
    }
    #expect(bench.failedIds == [0])
    #expect(bench.open.isEmpty)
    #expect("\(bench.failed[0].error)" == "\(ErrorCode.notEnoughReplicas)")
  }

  // MARK: Leaders

  @Test(arguments: [
    ErrorCode.notLeaderOrFollower, .leaderNotAvailable, .fencedLeaderEpoch, .unknownLeaderEpoch,
  ])
  func `F30: a stale leader means new metadata and then the new leader`(code: ErrorCode) {
    var bench = StateBench(leaders: [1])
    bench.connectOnDemand = [1, 2]
    bench.seal()
    bench.answer(code)
    #expect(bench.refreshes == 1)
    bench.pass(5000)
    #expect(bench.open.isEmpty)
    bench.lead([2])
    #expect(bench.open.map(\.brokerId) == [2])
    bench.answer()
    #expect(bench.deliveredIds == [0])
  }

  @Test func `F30: the leader that the broker names is used at once`() {
    var bench = StateBench(leaders: [1])
    bench.connectOnDemand = [1, 2]
    bench.seal()
    bench.answer(.notLeaderOrFollower, leader: 2)
    #expect(bench.open.map(\.brokerId) == [2])
    #expect(bench.refreshes == 0)
  }

  @Test func `a partition moves to its new leader only when the old one has answered`() {
    var bench = StateBench(leaders: [1])
    bench.connectOnDemand = [1, 2]
    bench.seal()
    bench.seal()
    bench.lead([2])
    #expect(bench.open.map(\.brokerId) == [1])
    bench.answer()
    #expect(bench.open.map(\.brokerId) == [2])
  }

  @Test func `F2: a partition leaves a broker that does not come back`() {
    var bench = StateBench(leaders: [1])
    bench.connectOnDemand = [2]
    bench.seal()
    #expect(bench.connects == [1])
    bench.run(bench.state.connectionFailed(1, nowMs: 0))
    bench.lead([2])
    #expect(bench.open.map(\.brokerId) == [2])
  }

  @Test func `F73: a broker that cannot be spoken to fails what waits for it, and nothing else`() {
    var bench = StateBench(leaders: [1, 2], isConnected: false)
    let lost = bench.seal(0)
    let kept = bench.seal(1)
    #expect(bench.connects == [1, 2])
    bench.run(bench.state.connectionRefused(1, .unreachable("expired"), nowMs: 0))
    #expect(bench.failed.map(\.batch) == [lost])
    #expect(bench.failed.map(\.error) == [.unreachable("expired")])
    bench.run(bench.state.connected(2, nowMs: 0))
    #expect(bench.underWay == [[kept]])
    // It may have been mended since: the next batch tries again.
    bench.connects = []
    let next = bench.seal(0)
    bench.pass(2000)
    #expect(bench.connects == [1])
    bench.run(bench.state.connected(1, nowMs: bench.nowMs))
    #expect(bench.underWay.contains([next]))
  }

  @Test func `F27: a partition without a leader waits and the others go on`() {
    var bench = StateBench(leaders: [1, -1])
    let waiting = bench.seal(1)
    let going = bench.seal(0)
    #expect(bench.underWay == [[going]])
    #expect(bench.refreshes == 1)
    bench.lead([1, -1])
    bench.pass(2000)
    #expect(bench.refreshes == 2)
    bench.lead([1, 1])
    #expect(bench.underWay == [[going], [waiting]])
  }

  @Test func `metadata that cannot be had is asked for again`() {
    var bench = StateBench(leaders: [-1])
    bench.seal()
    #expect(bench.refreshes == 1)
    bench.run(bench.state.metadataFailed(nowMs: 0))
    #expect(bench.refreshes == 1)
    bench.pass(200)
    #expect(bench.refreshes == 2)
  }

  // MARK: What is final

  @Test(arguments: [
    ErrorCode.topicAuthorizationFailed, .clusterAuthorizationFailed, .policyViolation,
    .invalidRequiredAcks, .unsupportedCompressionType, .invalidRecord,
    ErrorCode(rawValue: 999), .unknownServerError,
  ])
  func `F40: a permanent error is final at once, with the broker's words`(code: ErrorCode) {
    var bench = StateBench()
    bench.seal()
    bench.answer(code, message: "because")
    #expect(bench.failedIds == [0])
    #expect("\(bench.failed[0].error)" == "\(code) (because)")
    #expect(bench.failed[0].mayBeAppended == false)
  }

  @Test func `enable.gapless.guarantee: nothing is sent after a batch that was refused`() {
    var bench = StateBench { $0.isGapless = true }
    for _ in 0..<4 { bench.seal() }
    bench.answer(.policyViolation)
    // The broker takes none of those that were under way: their sequence does not follow.
    while !bench.open.isEmpty { bench.answer(.outOfOrderSequenceNumber) }
    bench.seal()
    #expect(bench.open.isEmpty && bench.deliveredIds.isEmpty)
    #expect(bench.failedIds == [0, 1, 2, 3, 4])
    #expect(bench.failed.dropFirst().allSatisfy { $0.error == .gap })
  }

  @Test func `enable.gapless.guarantee does not cover what ran out of time, as in librdkafka`() {
    var bench = StateBench(isConnected: false) { $0.isGapless = true }
    bench.seal(timeoutMs: 1000)
    bench.nowMs += 1000
    bench.run(bench.state.tick(nowMs: bench.nowMs))
    #expect(bench.failedIds == [0])
    #expect(bench.state.abandoned == nil)
  }

  @Test func `after a batch that was refused the next ones take its sequence`() {
    var bench = StateBench()
    bench.seal()
    bench.answer()
    for _ in 0..<4 { bench.seal() }
    bench.answer(.policyViolation)
    #expect(bench.failedIds == [1])
    bench.answer(.outOfOrderSequenceNumber)
    bench.answer(.outOfOrderSequenceNumber)
    bench.answer(.outOfOrderSequenceNumber)
    #expect(bench.underWay == [[2], [3], [4]])
    #expect(bench.open.map { $0.batches[0].stamp.baseSequence } == [10, 20, 30])
    #expect(bench.stamps[2]?.baseSequence == 10)
    while !bench.open.isEmpty { bench.answer() }
    #expect(bench.deliveredIds == [0, 2, 3, 4])
    #expect(bench.idRequests == 0)
  }

  @Test func `a batch whose time is over is lost and says why`() {
    var bench = StateBench(isConnected: false)
    bench.seal(timeoutMs: 1000)
    bench.run(bench.state.connectionFailed(1, nowMs: 0))
    bench.pass(999)
    #expect(bench.failed.isEmpty)
    bench.pass(1)
    #expect(bench.failedIds == [0])
    #expect("\(bench.failed[0].error)" == "Local: Message timed out")
    #expect(bench.failed[0].mayBeAppended == false)
    #expect(bench.state.waitingRecords == 0)
  }

  @Test func `a batch that may have arrived says so when its time is over`() {
    var bench = StateBench(isConnected: false)
    bench.seal(timeoutMs: 1000)
    bench.run(bench.state.connected(1, nowMs: 0))
    #expect(bench.open[0].timeoutMs == 1000)
    bench.disconnect()
    bench.pass(1000)
    #expect(bench.failed.map(\.mayBeAppended) == [true])
    #expect("\(bench.failed[0].error)" == "Local: Message timed out (Disconnected)")
  }

  @Test func `a batch that was never sent leaves no gap`() {
    var bench = StateBench(isConnected: false)
    bench.seal(timeoutMs: 1000)
    let second = bench.seal()
    bench.pass(1000)
    #expect(bench.failedIds == [0])
    bench.connectOnDemand = [1]
    bench.run(bench.state.connected(1, nowMs: bench.nowMs))
    #expect(bench.underWay == [[second]])
    #expect(bench.stamps[second]?.baseSequence == 0)
  }

  @Test func `an unknown topic is waited for and then given up`() {
    var bench = StateBench(leaders: [1]) { $0.propagationMaxMs = 2000 }
    bench.seal()
    bench.answer(.unknownTopicOrPartition)
    bench.lead([], .unknownTopicOrPartition)
    bench.pass(1999)
    bench.lead([], .unknownTopicOrPartition)
    #expect(bench.failed.isEmpty)
    bench.pass(1)
    bench.lead([], .unknownTopicOrPartition)
    #expect(bench.failedIds == [0])
    #expect("\(bench.failed[0].error)" == "Broker: Unknown topic or partition")
    bench.seal()
    #expect(bench.failedIds == [0, 1])
  }

  @Test func `an unknown topic that appears in time is delivered to`() {
    var bench = StateBench(leaders: [1])
    bench.seal()
    bench.answer(.unknownTopicOrPartition)
    bench.lead([], .unknownTopicOrPartition)
    bench.pass(5000)
    bench.lead([1])
    #expect(bench.underWay == [[0]])
    bench.answer()
    #expect(bench.deliveredIds == [0])
  }

  @Test func `a topic that may not be written is final for all that waits`() {
    var bench = StateBench(leaders: [-1, -1])
    bench.seal(0)
    bench.seal(1)
    bench.lead([], .topicAuthorizationFailed)
    #expect(Set(bench.failedIds) == [0, 1])
  }

  @Test func `closing gives up all that waits and keeps what is in doubt apart`() {
    var bench = StateBench()
    bench.seal()
    bench.seal()
    bench.run(bench.state.close())
    #expect(Set(bench.failedIds) == [0, 1])
    #expect(bench.failed.first { $0.batch == 0 }?.mayBeAppended == true)
    #expect(bench.failed.first { $0.batch == 1 }?.mayBeAppended == false)
    #expect(bench.state.waitingRecords == 0)
  }

  // MARK: Identity

  @Test func `nothing is sent before the producer id is known`() {
    var limits = ProducerState.Limits()
    limits.isIdempotent = true
    var state = ProducerState(limits, seed: 1)
    let topic = state.addTopic("t")
    var row = ProducerState.TopicMetadata(topic: topic)
    row.leaders = [(0, 1, 0)]
    _ = state.learned([row], nowMs: 0)
    let actions = state.sealed(
      .init(
        id: 0, topic: topic, partition: 0, number: 0, recordCount: 1, byteCount: 1,
        deadlineMs: .max), nowMs: 0)
    guard case .newProducerId = actions.first, actions.count == 1 else {
      Issue.record("unexpected \(actions)")
      return
    }
    #expect(state.identificationFailed(nowMs: 0).isEmpty)
    guard case .newProducerId = state.tick(nowMs: 200).first else {
      Issue.record("the id is not asked for again")
      return
    }
    guard case .connect(1) = state.identified(producerId: 1, epoch: 0, nowMs: 200).first else {
      Issue.record("the batch does not go on")
      return
    }
  }

  // MARK: Throttle and hostile answers

  @Test func `F42: a throttled connection rests for the time that the broker says`() {
    var bench = StateBench(leaders: [1, 2])
    bench.connectOnDemand = [1, 2]
    bench.seal(0)
    bench.answer(throttleMs: 500)
    bench.seal(0)
    let other = bench.seal(1)
    #expect(bench.underWay == [[other]])
    bench.pass(499)
    #expect(bench.open.count == 1)
    bench.pass(1)
    #expect(bench.open.count == 2)
  }

  @Test func `an answer without the partition counts as lost`() {
    var bench = StateBench()
    bench.seal()
    let request = bench.open.removeFirst()
    bench.run(bench.state.answered(request.id, [], throttleMs: 0, nowMs: 0))
    #expect(bench.delivered.isEmpty)
    #expect(bench.state.recordsInDoubt == 10)
    bench.pass(200)
    #expect(bench.underWay == [[0]])
  }

  @Test func `answers to nothing, foreign partitions and doubled ones change nothing`() {
    var bench = StateBench()
    bench.seal()
    bench.run(bench.state.answered(12345, [], throttleMs: 0, nowMs: 0))
    bench.run(bench.state.requestFailed(12345, "x", wasSent: true, nowMs: 0))
    bench.run(bench.state.connected(77, nowMs: 0))
    bench.run(bench.state.disconnected(77, nowMs: 0))
    let request = bench.open.removeFirst()
    var wrong = ProducerState.Result(topic: 9, partition: 3)
    wrong.errorCode = .messageTooLarge
    var good = ProducerState.Result(topic: bench.topic, partition: 0)
    good.baseOffset = .max
    var second = good
    second.errorCode = .messageTooLarge
    bench.run(
      bench.state.answered(request.id, [wrong, good, second], throttleMs: -5, nowMs: 0))
    #expect(bench.deliveredIds == [0])
    #expect(bench.failed.isEmpty)
  }

  @Test func `a batch that the leader's version cannot take is final`() {
    var bench = StateBench()
    bench.seal()
    let request = bench.open.removeFirst()
    bench.run(bench.state.refused(request.id, .unsupported("needs Kafka 0.11"), nowMs: 0))
    #expect(bench.failedIds == [0])
  }
}
