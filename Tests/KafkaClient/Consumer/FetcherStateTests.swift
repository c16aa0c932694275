import KafkaProtocol
import Testing

@testable import KafkaClient

@Suite struct FetcherStateTests {
  private typealias Machine = FetcherMachine

  private func state(
    _ partitions: Int32, topics: [String] = ["t"], stopAtEnd: Bool = false,
    readCommitted: Bool = true, responseMax: Int32 = 1 << 20
  ) -> Machine {
    Machine(
      partitions, topics: topics, stopAtEnd: stopAtEnd, readCommitted: readCommitted,
      responseMax: responseMax)
  }

  private func answer(
    _ partition: Int32, highWatermark: Int64, stable: Int64 = -1, error: ErrorCode = .none
  ) -> FetchResponse.Partition {
    var data = FetchResponse.Partition()
    data.partitionIndex = partition
    data.highWatermark = highWatermark
    data.lastStableOffset = stable
    data.errorCode = error
    return data
  }

  /// The header of a batch of magic 2 whose records are zero bytes.
  static func batch(base: Int64, records: Int32, size: Int = 100, epoch: Int32 = 0) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size)
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: base.bigEndian, toByteOffset: 0, as: Int64.self)
      $0.storeBytes(of: Int32(size - 12).bigEndian, toByteOffset: 8, as: Int32.self)
      $0.storeBytes(of: epoch.bigEndian, toByteOffset: 12, as: Int32.self)
      $0.storeBytes(of: 2, toByteOffset: 16, as: UInt8.self)
      $0.storeBytes(of: (records - 1).bigEndian, toByteOffset: 23, as: Int32.self)
    }
    return bytes
  }

  private func span(_ bytes: [UInt8]) -> LogSpan { bytes.withUnsafeBytes { LogSpan($0) } }

  @Test func `the end is known from the high watermark of the response that reaches it`() {
    let state = state(1)
    let outcome = state.received(
      answer(0, highWatermark: 10), fetchOffset: 0,
      span: span(Self.batch(base: 0, records: 10)))
    #expect(outcome == .records(end: 10))
    #expect(state.positions[0].offset == 10)
  }

  @Test func `F63: under read_committed the end is the last stable offset`() {
    let state = state(1)
    #expect(
      state.received(
        answer(0, highWatermark: 20, stable: 10), fetchOffset: 0,
        span: span(Self.batch(base: 0, records: 10))) == .records(end: 10))
    let uncommitted = self.state(1, readCommitted: false)
    #expect(
      uncommitted.received(
        answer(0, highWatermark: 20, stable: 10), fetchOffset: 0,
        span: span(Self.batch(base: 0, records: 10))) == .records(end: nil))
  }

  @Test func `an end is said once, and again after more has come`() {
    let state = state(1)
    let nothing = span([])
    #expect(
      state.received(answer(0, highWatermark: 0), fetchOffset: 0, span: nothing) == .records(end: 0)
    )
    #expect(state.received(answer(0, highWatermark: 0), fetchOffset: 0, span: nothing) == .nothing)
    #expect(
      state.received(
        answer(0, highWatermark: 1), fetchOffset: 0, span: span(Self.batch(base: 0, records: 1)))
        == .records(end: 1))
  }

  @Test func `until each end has been seen once the broker is not asked to wait`() {
    let state = state(2)
    #expect(state.fetch(from: 1, version: 11, nowMs: 0)?.maxWaitMs == 0)
    _ = state.received(answer(0, highWatermark: 0), fetchOffset: 0, span: span([]))
    #expect(state.fetch(from: 1, version: 11, nowMs: 0)?.maxWaitMs == 0)
    _ = state.received(answer(1, highWatermark: 0), fetchOffset: 0, span: span([]))
    #expect(state.fetch(from: 1, version: 11, nowMs: 0)?.maxWaitMs == 500)
  }

  @Test func `with stop at end a partition that is at its end is asked for no more`() {
    let state = state(2, stopAtEnd: true)
    _ = state.received(answer(0, highWatermark: 0), fetchOffset: 0, span: span([]))
    #expect(
      state.fetch(from: 1, version: 11, nowMs: 0)?.topics[0].partitions.map(\.partition) == [1])
    _ = state.received(answer(1, highWatermark: 0), fetchOffset: 0, span: span([]))
    #expect(state.isDone)
    #expect(state.fetch(from: 1, version: 11, nowMs: 0) == nil)
  }

  @Test func `the order of partitions rotates so that each is first in turn`() {
    let state = state(5)
    let firsts = (0..<5).compactMap { _ in
      state.fetch(from: 1, version: 11, nowMs: 0)?.topics[0].partitions[0].partition
    }
    #expect(Set(firsts) == [0, 1, 2, 3, 4])
  }

  @Test func `F56: on an old broker a batch above the limit is asked for whole`() {
    let state = state(1)
    let cut = Array(Self.batch(base: 0, records: 1, size: 3 << 20)[..<1000])
    #expect(
      state.received(answer(0, highWatermark: 5), fetchOffset: 0, span: span(cut)) == .nothing)
    #expect(
      state.fetch(from: 1, version: 2, nowMs: 0)?.topics[0].partitions[0].partitionMaxBytes
        == 3 << 20)
    let huge = Array(Self.batch(base: 0, records: 1, size: 9 << 20)[..<1000])
    #expect(
      state.received(answer(0, highWatermark: 5), fetchOffset: 0, span: span(huge))
        == .batchTooLarge(9 << 20))
  }

  @Test func `errors are sorted into what can be done about them`() {
    let state = state(1)
    let none = span([])
    func outcome(_ code: ErrorCode) -> FetcherState.Outcome {
      state.received(answer(0, highWatermark: -1, error: code), fetchOffset: 0, span: none)
    }
    #expect(outcome(.offsetOutOfRange) == .outOfRange(at: 0))
    #expect(outcome(.notLeaderOrFollower) == .staleLeader(.notLeaderOrFollower))
    #expect(outcome(.topicAuthorizationFailed) == .failed(.topicAuthorizationFailed))
  }

  @Test func `S12: an answer for a partition that was not asked for changes nothing`() {
    let state = state(1)
    #expect(
      state.received(answer(7, highWatermark: 9), fetchOffset: 0, span: span([])) == .nothing)
    #expect(
      state.received(answer(-1, highWatermark: 9), fetchOffset: 0, span: span([])) == .nothing)
  }

  @Test func `a partition that pauses is left out until its time has come`() {
    let state = state(2)
    state.update(1) { $0.notBeforeMs = 100 }
    #expect(state.fetch(from: 1, version: 11, nowMs: 50)?.topics[0].partitions.count == 1)
    #expect(state.resumesAtMs(1, nowMs: 50) == 100)
    #expect(state.fetch(from: 1, version: 11, nowMs: 100)?.topics[0].partitions.count == 2)
  }

  @Test func `partitions of several topics go into one request, each topic once`() {
    let state = state(3, topics: ["a", "b"])
    for _ in 0..<6 {
      let request = state.fetch(from: 1, version: 11, nowMs: 0)
      #expect(request?.topics.map(\.topic).sorted() == ["a", "b"])
      for topic in request?.topics ?? [] {
        #expect(topic.partitions.map(\.partition).sorted() == [0, 1, 2])
      }
    }
    let byId = state.fetch(from: 1, version: 13, nowMs: 0)
    #expect(Set(byId?.topics.map(\.topicId) ?? []) == Set(state.value.topics.map(\.id)))
  }

  @Test func `an answer moves the partition of its own topic`() {
    let state = state(1, topics: ["a", "b"])
    _ = state.received(
      answer(0, highWatermark: 10), topic: "b", fetchOffset: 0,
      span: span(Self.batch(base: 0, records: 4)))
    #expect(state.positions.map(\.offset) == [0, 4])
  }

  @Test func `what is revoked is asked for no more, and its answer changes nothing`() {
    let state = state(2)
    let wanted = state.wanted(0)
    let gone = state.value.remove([TopicPartition("t", 0)])
    #expect(gone.map(\.partition) == [TopicPartition("t", 0)])
    #expect(
      state.fetch(from: 1, version: 11, nowMs: 0)?.topics[0].partitions.map(\.partition) == [1])
    #expect(
      state.received(
        answer(0, highWatermark: 9), of: gone[0], wanted,
        span: span(Self.batch(base: 0, records: 4))) == .nothing)
    #expect(state.positions.map(\.offset) == [0])
  }

  @Test func `a partition that is assigned again begins anew, and the old answer changes nothing`()
  {
    let state = state(1)
    let wanted = state.wanted(0)
    let gone = state.value.remove([TopicPartition("t", 0)])
    state.value.add(
      AssignedPartition(TopicPartition("t", 0), number: 9),
      from: .committed(offset: 5, leaderEpoch: 2))
    _ = state.received(
      answer(0, highWatermark: 9), of: gone[0], wanted,
      span: span(Self.batch(base: 5, records: 4)))
    #expect(state.positions.map(\.offset) == [5])
  }
}

@Suite struct LogSpanTests {
  @Test func `F54: the next offset comes from the last delta, whether records are there or not`() {
    let bytes = FetcherStateTests.batch(base: 5, records: 10)
    let span = bytes.withUnsafeBytes { LogSpan($0) }
    #expect(span.nextOffset == 15)
    #expect(span.wholeBytes == bytes.count)
  }

  @Test func `a batch that is cut off is left for the next Fetch`() {
    let whole = FetcherStateTests.batch(base: 0, records: 1)
    let bytes = whole + FetcherStateTests.batch(base: 1, records: 1).dropLast()
    let span = bytes.withUnsafeBytes { LogSpan($0) }
    #expect(span.nextOffset == 1)
    #expect(span.wholeBytes == whole.count)
  }

  @Test func `any prefix and any flipped byte is walked over without a trap`() {
    let bytes =
      FetcherStateTests.batch(base: 0, records: 3) + FetcherStateTests.batch(base: 3, records: 2)
    for count in 0...bytes.count {
      let span = Array(bytes[..<count]).withUnsafeBytes { LogSpan($0) }
      #expect(span.wholeBytes <= count)
    }
    for index in bytes.indices {
      for bit in 0..<8 {
        var broken = bytes
        broken[index] ^= 1 << bit
        let span = broken.withUnsafeBytes { LogSpan($0) }
        #expect(span.wholeBytes <= bytes.count)
      }
    }
  }
}

@Suite struct AbortedTransactionsTests {
  private func aborted(_ producerId: Int64, _ firstOffset: Int64)
    -> FetchResponse.AbortedTransaction
  {
    var row = FetchResponse.AbortedTransaction()
    row.producerId = producerId
    row.firstOffset = firstOffset
    return row
  }

  @Test func `F52: an aborted transaction is hidden until its marker, whatever the list's order`() {
    var transactions = AbortedTransactions()
    transactions.add([aborted(7, 20), aborted(7, 0)])
    func hides(_ base: Int64, _ producerId: Int64, control: Int16? = nil) -> Bool {
      transactions.hides(
        baseOffset: base, nextOffset: base + 1, producerId: producerId, isTransactional: true,
        isControl: control != nil, controlType: control)
    }
    #expect(hides(0, 7))
    #expect(!hides(1, 8))
    #expect(hides(2, 7, control: 0))
    #expect(!hides(3, 7))
    #expect(hides(20, 7))
    #expect(hides(21, 7, control: 0))
    #expect(!hides(22, 7))
  }

  @Test func `F52: an aborted transaction that is nothing but its marker hides nothing after it`() {
    var transactions = AbortedTransactions()
    transactions.add([aborted(7, 3)])
    func hides(_ base: Int64, control: Int16? = nil) -> Bool {
      transactions.hides(
        baseOffset: base, nextOffset: base + 1, producerId: 7, isTransactional: true,
        isControl: control != nil, controlType: control)
    }
    #expect(!hides(0))
    #expect(hides(3, control: 0))
    #expect(!hides(4))
  }

  @Test func `F53: control batches are never shown`() {
    var transactions = AbortedTransactions()
    let isHidden = transactions.hides(
      baseOffset: 0, nextOffset: 1, producerId: 1, isTransactional: true, isControl: true,
      controlType: 1)
    #expect(isHidden)
  }
}
