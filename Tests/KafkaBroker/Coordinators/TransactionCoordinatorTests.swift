import KafkaProtocol
import Testing

@testable import KafkaBroker

struct TransactionCoordinatorTests {
  private typealias Identity = TransactionCoordinator.Identity
  private let place = TopicPartition("t", 0)

  private func begun(_ epoch: Int16 = 0) -> (TransactionCoordinator, Identity) {
    var coordinator = TransactionCoordinator()
    var answer = TransactionCoordinator.Answer()
    for _ in 0...epoch { answer = coordinator.initialize("x", timeoutMs: 1000, expected: nil) }
    #expect(coordinator.add([place], to: "x", of: answer.identity, nowMs: 0) == .none)
    return (coordinator, answer.identity)
  }

  // MARK: - InitProducerId

  @Test func `each InitProducerId raises the epoch and fences the one before`() {
    var coordinator = TransactionCoordinator()
    let first = coordinator.initialize("x", timeoutMs: 1000, expected: nil)
    #expect(first.error == .none)
    #expect(first.identity.epoch == 0)
    let second = coordinator.initialize("x", timeoutMs: 1000, expected: nil)
    #expect(second.identity == Identity(producerId: first.identity.producerId, epoch: 1))
    #expect(coordinator.add([place], to: "x", of: first.identity, nowMs: 0) == .producerFenced)
    #expect(
      coordinator.end("x", of: first.identity, commit: true, bumpsEpoch: false).error
        == .producerFenced)
    #expect(coordinator.add([place], to: "x", of: second.identity, nowMs: 0) == .none)
    let other = coordinator.initialize("y", timeoutMs: 1000, expected: nil)
    #expect(other.identity.producerId != first.identity.producerId)
  }

  @Test func `a bad id or timeout is refused`() {
    var coordinator = TransactionCoordinator()
    #expect(coordinator.initialize("", timeoutMs: 1, expected: nil).error == .invalidRequest)
    for timeoutMs in [Int32(0), -1, 900_001] {
      #expect(
        coordinator.initialize("x", timeoutMs: timeoutMs, expected: nil).error
          == .invalidTransactionTimeout)
    }
    #expect(coordinator.initialize("x", timeoutMs: 900_000, expected: nil).error == .none)
    #expect(
      coordinator.add([place], to: "", of: Identity(), nowMs: 0) == .invalidRequest)
    #expect(
      coordinator.add([place], to: "z", of: Identity(), nowMs: 0) == .invalidProducerIdMapping)
  }

  @Test func `InitProducerId aborts an open transaction and succeeds at the next try`() {
    var (coordinator, identity) = begun()
    let first = coordinator.initialize("x", timeoutMs: 1000, expected: nil)
    #expect(first.error == .concurrentTransactions)
    #expect(first.completion?.isCommit == false)
    #expect(first.completion?.partitions == [place])
    #expect(
      first.completion?.identity == Identity(producerId: identity.producerId, epoch: 1))
    let second = coordinator.initialize("x", timeoutMs: 1000, expected: nil)
    #expect(second.identity == Identity(producerId: identity.producerId, epoch: 2))
    #expect(second.completion == nil)
    #expect(coordinator.nextDeadlineMs == nil)
    identity.epoch = 1
    #expect(
      coordinator.end("x", of: identity, commit: true, bumpsEpoch: true).error == .producerFenced)
  }

  @Test
  func `KIP-360: a producer that says its epoch gets the next, and the same if it asks again`() {
    var coordinator = TransactionCoordinator()
    let first = coordinator.initialize("x", timeoutMs: 1000, expected: nil).identity
    let second = coordinator.initialize("x", timeoutMs: 1000, expected: first).identity
    #expect(second == Identity(producerId: first.producerId, epoch: 1))
    #expect(coordinator.initialize("x", timeoutMs: 1000, expected: first).identity == second)
    let third = coordinator.initialize("x", timeoutMs: 1000, expected: second).identity
    #expect(third.epoch == 2)
    #expect(
      coordinator.initialize("x", timeoutMs: 1000, expected: first).error == .producerFenced)
    let stranger = Identity(producerId: 5, epoch: 2)
    #expect(
      coordinator.initialize("x", timeoutMs: 1000, expected: stranger).error == .producerFenced)
  }

  @Test func `when the epochs are used up there is a new producer id`() {
    var coordinator = TransactionCoordinator()
    var identity = coordinator.initialize("x", timeoutMs: 1000, expected: nil).identity
    while identity.epoch < Int16.max - 1 {
      identity = coordinator.initialize("x", timeoutMs: 1000, expected: identity).identity
    }
    let next = coordinator.initialize("x", timeoutMs: 1000, expected: identity).identity
    #expect(next.producerId != identity.producerId)
    #expect(next.epoch == 0)
    #expect(coordinator.initialize("x", timeoutMs: 1000, expected: identity).identity == next)
  }

  // MARK: - End

  @Test func `version 1: a transaction ends once, and the same end again is fine`() {
    for commit in [true, false] {
      var (coordinator, identity) = begun()
      let answer = coordinator.end("x", of: identity, commit: commit, bumpsEpoch: false)
      #expect(answer.error == .none)
      #expect(
        answer.completion
          == TransactionCoordinator.Completion(
            identity: identity, isCommit: commit, partitions: [place]))
      let again = coordinator.end("x", of: identity, commit: commit, bumpsEpoch: false)
      #expect(again.error == .none)
      #expect(again.completion == nil)
      #expect(
        coordinator.end("x", of: identity, commit: !commit, bumpsEpoch: false).error
          == .invalidTxnState)
    }
    var coordinator = TransactionCoordinator()
    let identity = coordinator.initialize("x", timeoutMs: 1000, expected: nil).identity
    #expect(
      coordinator.end("x", of: identity, commit: false, bumpsEpoch: false).error
        == .invalidTxnState)
  }

  @Test func `version 2: each end raises the epoch, and a repeated one gets the same answer`() {
    var (coordinator, identity) = begun()
    let answer = coordinator.end("x", of: identity, commit: true, bumpsEpoch: true)
    let next = Identity(producerId: identity.producerId, epoch: 1)
    #expect(answer.identity == next)
    #expect(answer.completion?.identity == next)
    let again = coordinator.end("x", of: identity, commit: true, bumpsEpoch: true)
    #expect(again == TransactionCoordinator.Answer(identity: next))
    #expect(
      coordinator.end("x", of: identity, commit: false, bumpsEpoch: true).error
        == .invalidTxnState)
    #expect(
      coordinator.end("x", of: next, commit: true, bumpsEpoch: true).error == .invalidTxnState)
    // An abort of nothing still raises the epoch.
    let aborted = coordinator.end("x", of: next, commit: false, bumpsEpoch: true)
    #expect(aborted.error == .none)
    #expect(aborted.identity.epoch == 2)
    #expect(aborted.completion?.partitions == [])
    // The old epoch is of no use for a new transaction.
    #expect(coordinator.add([place], to: "x", of: next, nowMs: 0) == .producerFenced)
    #expect(coordinator.add([place], to: "x", of: aborted.identity, nowMs: 0) == .none)
    #expect(
      coordinator.end("x", of: next, commit: false, bumpsEpoch: true).error == .producerFenced)
  }

  @Test func `version 2: at the last epoch there is a new producer id`() {
    var (coordinator, identity) = begun(Int16.max - 1)
    #expect(identity.epoch == Int16.max - 1)
    let answer = coordinator.end("x", of: identity, commit: true, bumpsEpoch: true)
    #expect(answer.completion?.identity.epoch == Int16.max)
    #expect(answer.completion?.identity.producerId == identity.producerId)
    #expect(answer.identity.producerId != identity.producerId)
    #expect(answer.identity.epoch == 0)
    let again = coordinator.end("x", of: identity, commit: true, bumpsEpoch: true)
    #expect(again.identity == answer.identity)
    #expect(again.completion == nil)
  }

  // MARK: - Time

  @Test func `an overdue transaction is aborted and its producer fenced`() {
    var (coordinator, identity) = begun()
    #expect(coordinator.nextDeadlineMs == 1000)
    #expect(coordinator.expire(nowMs: 999) == [])
    let completions = coordinator.expire(nowMs: 1000)
    #expect(completions.map(\.isCommit) == [false])
    #expect(completions.map(\.identity.epoch) == [1])
    #expect(coordinator.expire(nowMs: 1000) == [])
    #expect(
      coordinator.end("x", of: identity, commit: true, bumpsEpoch: true).error == .producerFenced)
    #expect(
      coordinator.initialize("x", timeoutMs: 1000, expected: identity).error == .producerFenced)
    identity = coordinator.initialize("x", timeoutMs: 1000, expected: nil).identity
    #expect(identity.epoch == 2)
  }

  @Test func `a partition is part of a transaction from its adding to its end`() {
    var (coordinator, identity) = begun()
    let other = TopicPartition("t", 1)
    #expect(coordinator.verify(place, in: "x", of: identity) == .none)
    #expect(coordinator.verify(other, in: "x", of: identity) == .invalidTxnState)
    #expect(coordinator.verify(place, in: "y", of: identity) == .invalidProducerIdMapping)
    #expect(coordinator.end("x", of: identity, commit: true, bumpsEpoch: false).error == .none)
    #expect(coordinator.verify(place, in: "x", of: identity) == .invalidTxnState)
  }

  @Test func `of too many transactional ids the longest unused is forgotten, and no open one`() {
    var coordinator = TransactionCoordinator()
    let max = TransactionCoordinator.transactionalIdsMax
    let open = coordinator.initialize("open", timeoutMs: 1000, expected: nil).identity
    #expect(coordinator.add([place], to: "open", of: open, nowMs: 0) == .none)
    for index in 1...max {
      #expect(
        coordinator.initialize("\(index)", timeoutMs: 1000, expected: nil).identity.epoch == 0)
    }
    #expect(coordinator.verify(place, in: "open", of: open) == .none)
    // "1" was forgotten, the last was not.
    #expect(coordinator.initialize("1", timeoutMs: 1000, expected: nil).identity.epoch == 0)
    #expect(coordinator.initialize("\(max)", timeoutMs: 1000, expected: nil).identity.epoch == 1)
  }
}
