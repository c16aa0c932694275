import KafkaProtocol
import Testing

@testable import KafkaClient

@Suite struct ShareMemberTests {
  private static let topic = Uuid(high: 1, low: 2)

  private func member() -> ShareMember {
    ShareMember(
      groupId: "g", memberId: "m", topics: ["a", "b"], rackId: "r",
      backoff: Backoff(firstMs: 100, maxMs: 1000))
  }

  private func answer(
    _ code: ErrorCode = .none, epoch: Int32 = 1, intervalMs: Int32 = 5000,
    partitions: [Int32]? = nil
  ) -> ShareGroupHeartbeatResponse {
    var response = ShareGroupHeartbeatResponse()
    response.errorCode = code
    response.memberEpoch = epoch
    response.heartbeatIntervalMs = intervalMs
    if let partitions {
      var row = ShareGroupHeartbeatResponse.TopicPartitions()
      row.topicId = Self.topic
      row.partitions = partitions
      var assignment = ShareGroupHeartbeatResponse.Assignment()
      assignment.topicPartitions = [row]
      response.assignment = assignment
    }
    return response
  }

  /// What an outcome is, as a word.
  private func word(_ outcome: ShareMember.Outcome) -> String {
    switch outcome {
    case .nothing: "nothing"
    case .assigned(let list): "assigned \(list.map(\.partition))"
    case .fenced(let code): "fenced \(code.name)"
    case .coordinatorLost: "coordinator lost"
    case .failed(let error): "failed \(error)"
    }
  }

  @Test("the first heartbeat says all at epoch 0, the next ones only the epoch")
  func joins() {
    var member = member()
    #expect(member.dueMs <= 0)
    let first = member.heartbeat()
    #expect(first.groupId == "g" && first.memberId == "m" && first.memberEpoch == 0)
    #expect(first.subscribedTopicNames == ["a", "b"] && first.rackId == "r")
    let outcome = member.received(answer(epoch: 3, partitions: [1, 0]), nowMs: 1000)
    #expect(word(outcome) == "assigned [1, 0]")
    #expect(member.assignment.map(\.topicId) == [Self.topic, Self.topic])
    #expect(member.dueMs == 6000)
    let next = member.heartbeat()
    #expect(next.memberEpoch == 3 && next.subscribedTopicNames == nil && next.rackId == nil)
  }

  @Test("an assignment that has not changed is not told again")
  func keepsAssignment() {
    var member = member()
    _ = member.received(answer(partitions: [0]), nowMs: 0)
    #expect(word(member.received(answer(epoch: 2), nowMs: 0)) == "nothing")
    #expect(word(member.received(answer(epoch: 2, partitions: [0]), nowMs: 0)) == "nothing")
    #expect(word(member.received(answer(epoch: 3, partitions: []), nowMs: 0)) == "assigned []")
    #expect(member.assignment.isEmpty)
  }

  @Test(
    "a fenced or unknown member gives up its partitions and joins again at once",
    arguments: [ErrorCode.fencedMemberEpoch, .unknownMemberId])
  func rejoins(_ code: ErrorCode) {
    var member = member()
    _ = member.received(answer(epoch: 7, partitions: [0]), nowMs: 0)
    #expect(word(member.received(answer(code), nowMs: 50)) == "fenced \(code.name)")
    #expect(member.assignment.isEmpty && !member.isMember && member.dueMs == 50)
    let again = member.heartbeat()
    #expect(again.memberEpoch == 0 && again.subscribedTopicNames == ["a", "b"])
    // Refused while it joins: not in a tight loop.
    _ = member.received(answer(code), nowMs: 60)
    #expect(member.dueMs > 60)
  }

  @Test("a member without partitions asks again soon, but not for ever")
  func asksSoon() {
    var member = member()
    var pauses: [Int64] = []
    for _ in 0..<14 {
      _ = member.received(answer(epoch: 1), nowMs: 0)
      pauses.append(member.dueMs)
    }
    #expect(pauses == Array(repeating: 250, count: 12) + [5000, 5000])
    _ = member.received(answer(epoch: 2, partitions: [0]), nowMs: 0)
    #expect(member.dueMs == 5000)
    _ = member.received(answer(epoch: 3, partitions: []), nowMs: 0)
    #expect(member.dueMs == 250)
  }

  @Test("a coordinator that moved, or did not answer, is told all again after a pause")
  func losesCoordinator() {
    var member = member()
    _ = member.received(answer(epoch: 2, partitions: [0]), nowMs: 0)
    #expect(word(member.received(answer(.notCoordinator), nowMs: 100)) == "coordinator lost")
    #expect((180...220).contains(member.dueMs))
    #expect(member.heartbeat().subscribedTopicNames == ["a", "b"])
    #expect(member.heartbeat().memberEpoch == 2)
    #expect(word(member.lostCoordinator(nowMs: 300)) == "coordinator lost")
    #expect((460...540).contains(member.dueMs))
    // What is assigned is read on meanwhile: the locks are the leaders' affair.
    #expect(member.assignment.count == 1)
  }

  @Test("a coordinator that is loading is asked again, without another look-up")
  func waitsForLoading() {
    var member = member()
    #expect(word(member.received(answer(.coordinatorLoadInProgress), nowMs: 0)) == "nothing")
    #expect((80...120).contains(member.dueMs))
  }

  @Test("a refusal is an end with the broker's words; a cluster without share groups is named")
  func refused() {
    var member = member()
    var refusal = answer(.groupAuthorizationFailed)
    refusal.errorMessage = "no"
    #expect(word(member.received(refusal, nowMs: 0)).hasSuffix("(no)"))
    let old = word(member.received(answer(.unsupportedVersion), nowMs: 0))
    #expect(old.contains("share.version"))
  }

  @Test("who leaves says so with epoch -1, once, and hears no more")
  func leaves() {
    var member = member()
    _ = member.received(answer(epoch: 2, partitions: [0]), nowMs: 0)
    let last = member.leave()
    #expect(last?.memberEpoch == -1 && last?.subscribedTopicNames == nil)
    let again = member.leave()
    #expect(again == nil && member.hasLeft)
    #expect(word(member.received(answer(epoch: 3, partitions: [1]), nowMs: 0)) == "nothing")
    #expect(member.epoch == -1)
  }

  @Test("an interval or an epoch that cannot be is not believed; throttling delays the next")
  func hostile() {
    var member = member()
    _ = member.received(answer(intervalMs: 0), nowMs: 0)
    #expect(member.dueMs == 100)
    _ = member.received(answer(intervalMs: .max), nowMs: 0)
    #expect(member.dueMs == 250)
    _ = member.received(answer(intervalMs: .max, partitions: [0]), nowMs: 0)
    #expect(member.dueMs == 60_000)
    var slow = answer(intervalMs: 1000)
    slow.throttleTimeMs = 3000
    _ = member.received(slow, nowMs: 0)
    #expect(member.dueMs == 3000)
    #expect(word(member.received(answer(epoch: 0), nowMs: 0)).hasPrefix("failed"))
    #expect(
      word(member.received(answer(epoch: 4, partitions: [-1, 5, 5]), nowMs: 0)) == "assigned [5]")
  }
}
