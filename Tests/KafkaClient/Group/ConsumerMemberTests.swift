import KafkaProtocol
import Testing

@testable import KafkaClient

@Suite struct ConsumerMemberTests {
  private static let id = Uuid(high: 7, low: 7)

  private static func answer(
    epoch: Int32, _ partitions: [Int32]? = nil, error: ErrorCode = .none, message: String? = nil
  ) -> Result<ConsumerGroupHeartbeatResponse, ClientError> {
    var response = ConsumerGroupHeartbeatResponse()
    response.errorCode = error
    response.errorMessage = message
    response.memberEpoch = epoch
    response.heartbeatIntervalMs = 500
    if let partitions {
      response.assignment = .init()
      var row = ConsumerGroupHeartbeatResponse.TopicPartitions()
      (row.topicId, row.partitions) = (id, partitions)
      response.assignment?.topicPartitions = [row]
    }
    return .success(response)
  }

  private static func heartbeat(_ actions: [GroupAction]) -> ConsumerGroupHeartbeatRequest? {
    for case .consumerHeartbeat(let request) in actions { return request }
    return nil
  }

  /// A member with an epoch and these partitions, which it has acknowledged.
  private static func member(
    _ partitions: [Int32], _ change: (inout GroupSettings) -> Void = { _ in }
  ) -> ConsumerMember {
    var settings = GroupSettings(groupId: "g")
    change(&settings)
    var member = ConsumerMember(settings, memberId: "me")
    _ = member.named(["t": id], nowMs: 0)
    _ = member.subscribe(["t"], nowMs: 0)
    _ = member.beaten(answer(epoch: 1, partitions), nowMs: 1)
    _ = member.beaten(answer(epoch: 1), nowMs: 2)
    return member
  }

  @Test func `the first heartbeat says everything, the next only what has changed`() throws {
    var settings = GroupSettings(groupId: "g")
    settings.remoteAssignor = "range"
    var member = ConsumerMember(settings, memberId: "me")
    _ = member.named(["t": Self.id], nowMs: 0)
    let first = try #require(Self.heartbeat(member.subscribe(["t"], nowMs: 0)))
    #expect(first.memberEpoch == 0 && first.memberId == "me")
    #expect(first.subscribedTopicNames == ["t"] && first.topicPartitions?.isEmpty == true)
    #expect(first.serverAssignor == "range" && first.rebalanceTimeoutMs == 300_000)
    // What was given is acknowledged at once.
    let actions = member.beaten(Self.answer(epoch: 3, [0, 1]), nowMs: 10)
    let second = try #require(Self.heartbeat(actions))
    #expect(second.memberEpoch == 3)
    #expect(second.topicPartitions?.map(\.partitions) == [[0, 1]])
    #expect(second.subscribedTopicNames == nil && second.serverAssignor == nil)
    #expect(member.beaten(Self.answer(epoch: 3), nowMs: 11).isEmpty)
    #expect(member.wakeMs == 511)
    let third = try #require(Self.heartbeat(member.tick(nowMs: 511)))
    #expect(third.topicPartitions == nil)
  }

  @Test func `F67: what is to be given up is given up before it is said and before more is taken`()
    throws
  {
    var member = Self.member([0, 1])
    _ = member.tick(nowMs: 502)
    let actions = member.beaten(Self.answer(epoch: 2, [1, 2]), nowMs: 503)
    guard case .revoke(let given)? = actions.first, actions.count == 1 else {
      Issue.record("\(actions)")
      return
    }
    #expect(given == [TopicPartition("t", 0)])
    let after = member.revoked(nowMs: 504)
    guard case .assign(let added)? = after.first else {
      Issue.record("\(after)")
      return
    }
    #expect(added == [TopicPartition("t", 2)])
    #expect(Self.heartbeat(after)?.topicPartitions?.map(\.partitions) == [[1, 2]])
  }

  @Test(arguments: [ErrorCode.fencedMemberEpoch, .unknownMemberId])
  func `F70: a member that was fenced loses its partitions and joins with epoch 0`(
    _ code: ErrorCode
  ) throws {
    var member = Self.member([0])
    _ = member.tick(nowMs: 502)
    let actions = member.beaten(Self.answer(epoch: 0, error: code), nowMs: 503)
    guard case .lose(let lost)? = actions.first else {
      Issue.record("\(actions)")
      return
    }
    #expect(lost == [TopicPartition("t", 0)])
    let wakeMs = try #require(member.wakeMs)
    let again = try #require(Self.heartbeat(member.tick(nowMs: wakeMs)))
    #expect(again.memberEpoch == 0 && again.memberId == "me")
    #expect(again.topicPartitions?.isEmpty == true && again.subscribedTopicNames == ["t"])
  }

  @Test(arguments: [
    (ErrorCode.unreleasedInstanceId, "Fatal error: "),
    (.unsupportedAssignor, "ConsumerGroupHeartbeat failed: "),
  ])
  func `F70: what cannot get better ends the membership, with the broker's words`(
    _ code: ErrorCode, _ beginning: String
  ) {
    var member = Self.member([0])
    _ = member.tick(nowMs: 502)
    let actions = member.beaten(
      Self.answer(epoch: 0, error: code, message: "use uniform"), nowMs: 503)
    guard case .fail(let failure)? = actions.last else {
      Issue.record("\(actions)")
      return
    }
    #expect(failure.description.hasPrefix(beginning), "\(failure)")
    if code == .unsupportedAssignor { #expect(failure.description.contains("use uniform")) }
    #expect(member.leave().isEmpty)
  }

  @Test func `F70: a commit with a stale epoch is followed by a heartbeat at once`() throws {
    var member = Self.member([0])
    #expect(Self.heartbeat(member.commitRefused(.staleMemberEpoch, nowMs: 100)) != nil)
    #expect(member.owned == [TopicPartition("t", 0)])
  }

  @Test func `F69: a member leaves with epoch -1, a static one with -2`() throws {
    for (instance, epoch) in [(nil, -1), ("one", -2)] as [(String?, Int32)] {
      var member = Self.member([0]) { $0.groupInstanceId = instance }
      guard case .leave(.consumer(let request))? = member.leave().first else {
        Issue.record("no leave")
        return
      }
      #expect(request.memberEpoch == epoch && request.instanceId == instance)
    }
  }

  @Test func `F69: a member leaves also while the answer to its joining is awaited`() {
    var member = ConsumerMember(GroupSettings(groupId: "g"), memberId: "me")
    _ = member.subscribe(["t"], nowMs: 0)
    guard case .leave(.consumer(let request))? = member.leave().first else {
      Issue.record("no leave")
      return
    }
    #expect(request.memberEpoch == -1 && request.memberId == "me")
  }

  @Test func `a topic whose id is not known yet waits for its name`() throws {
    var member = ConsumerMember(GroupSettings(groupId: "g"), memberId: "me")
    _ = member.subscribe(["t"], nowMs: 0)
    _ = member.beaten(Self.answer(epoch: 1, [0]), nowMs: 1)
    #expect(member.owned.isEmpty)
    #expect(member.unknownTopicIds == [Self.id])
    guard case .assign(let added)? = member.named(["t": Self.id], nowMs: 2).first else {
      Issue.record("nothing assigned")
      return
    }
    #expect(added == [TopicPartition("t", 0)])
    #expect(member.unknownTopicIds.isEmpty)
  }

  @Test func `the answer to a heartbeat is waited for while there is time to find a coordinator`() {
    // Kafka's session is nine intervals long.
    #expect(Membership.consumer(Self.member([0])).heartbeatAnswerMs == 1500)
    #expect(
      Membership.classic(ClassicMember(GroupSettings(groupId: "g"))).heartbeatAnswerMs == 15_000)
  }

  @Test func `after a lost answer everything is said again`() throws {
    var member = Self.member([0])
    _ = member.tick(nowMs: 502)
    let lost = member.beaten(.failure(.disconnected(peer: "b", reason: "gone")), nowMs: 503)
    guard case .forgetCoordinator? = lost.first else {
      Issue.record("\(lost)")
      return
    }
    let wakeMs = try #require(member.wakeMs)
    let again = try #require(Self.heartbeat(member.tick(nowMs: wakeMs)))
    #expect(again.topicPartitions?.map(\.partitions) == [[0]])
    #expect(again.subscribedTopicNames == ["t"])
  }
}
