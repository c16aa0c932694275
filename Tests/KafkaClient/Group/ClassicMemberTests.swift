import KafkaProtocol
import Testing

@testable import KafkaClient

@Suite struct ClassicMemberTests {
  private static let t0 = TopicPartition("t", 0)
  private static let t1 = TopicPartition("t", 1)

  /// A member that has joined, leads, and has got `share`.
  private static func member(
    _ share: [TopicPartition], _ change: (inout GroupSettings) -> Void = { _ in }
  ) throws -> ClassicMember {
    var settings = GroupSettings(groupId: "g")
    change(&settings)
    var member = ClassicMember(settings)
    _ = member.subscribe(["t"], nowMs: 0)
    try settle(&member, share, generation: 1, nowMs: 0)
    return member
  }

  @discardableResult
  private static func settle(
    _ member: inout ClassicMember, _ share: [TopicPartition], generation: Int32, nowMs: Int64
  ) throws -> [GroupAction] {
    #expect(member.phase == .joining)
    _ = member.joined(.success(joinAnswer(member, generation)), nowMs: nowMs)
    #expect(member.phase == .counting)
    _ = member.counted(.success(["t": 2]), nowMs: nowMs)
    #expect(member.phase == .syncing)
    return member.synced(.success(try syncAnswer(share)), nowMs: nowMs)
  }

  private static func joinAnswer(_ member: ClassicMember, _ generation: Int32)
    -> JoinGroupResponse
  {
    var response = JoinGroupResponse()
    response.generationId = generation
    response.protocolName = member.settings.assignors[0].rawValue
    response.memberId = "me"
    response.leader = "me"
    return response
  }

  private static func syncAnswer(_ share: [TopicPartition]) throws -> SyncGroupResponse {
    var response = SyncGroupResponse()
    response.assignment = try GroupAssignment.encode(share)
    return response
  }

  private static func failed(_ code: ErrorCode) -> Result<HeartbeatResponse, ClientError> {
    var response = HeartbeatResponse()
    response.errorCode = code
    return .success(response)
  }

  @Test func `the first JoinGroup has no member id, the second the one that was given (KIP-394)`()
    throws
  {
    var member = ClassicMember(GroupSettings(groupId: "g"))
    guard case .join(let first)? = member.subscribe(["u", "t"], nowMs: 0).first else {
      Issue.record("no join")
      return
    }
    #expect(first.memberId == "")
    #expect(first.protocols.map(\.name) == ["range", "roundrobin"])
    let (version, data) = try ConsumerProtocolSubscription.decode(first.protocols[0].metadata)
    #expect(version == 3)
    #expect(data.topics == ["t", "u"])
    #expect(data.userData == [])
    var required = JoinGroupResponse()
    required.errorCode = .memberIdRequired
    required.memberId = "given"
    guard case .join(let second)? = member.joined(.success(required), nowMs: 1).first else {
      Issue.record("no second join")
      return
    }
    #expect(second.memberId == "given")
  }

  @Test(arguments: [ErrorCode.memberIdRequired, .rebalanceInProgress])
  func `a broker that sends JoinGroup back again and again is given time`(_ code: ErrorCode)
    throws
  {
    var member = ClassicMember(GroupSettings(groupId: "g"))
    var actions = member.subscribe(["t"], nowMs: 0)
    var (now, joins): (Int64, Int) = (0, 0)
    while now < 10_000, joins < 1000 {
      for case .join in actions { joins += 1 }
      if member.phase == .joining {
        var response = JoinGroupResponse()
        response.errorCode = code
        response.memberId = "given"
        actions = member.joined(.success(response), nowMs: now)
      } else {
        now = max(now, try #require(member.wakeMs))
        actions = member.tick(nowMs: now)
      }
    }
    #expect((5..<40).contains(joins), "\(joins) in 10 s")
  }

  /// Has each JoinGroup fail from now on; when the member gave up its partitions.
  private static func lossWhileJoining(_ member: inout ClassicMember, _ start: Int64) throws
    -> Int64?
  {
    var now = start
    while now < start + 200_000 {
      if member.phase == .joining {
        _ = member.joined(.failure(.disconnected(peer: "b", reason: "gone")), nowMs: now)
      }
      now = max(now, try #require(member.wakeMs))
      for case .lose(let partitions) in member.tick(nowMs: now) {
        #expect(partitions == [t0, t1])
        return now
      }
    }
    return nil
  }

  @Test
  func
    `a cooperative member whose JoinGroup gets no answer gives up its partitions with its session`()
    throws
  {
    var member = try Self.member([Self.t0, Self.t1]) { $0.assignors = [.cooperativeSticky] }
    _ = member.beaten(Self.failed(.rebalanceInProgress), nowMs: 3000)
    // While the request was out the coordinator waited, too.
    let lostMs = try #require(try Self.lossWhileJoining(&member, 103_000))
    #expect((148_000..<150_000).contains(lostMs))
    #expect(member.owned.isEmpty && member.generationId == -1 && member.memberId == "me")
    // It joins on, with nothing to lose.
    #expect(try Self.lossWhileJoining(&member, lostMs) == nil)
  }

  @Test func `F67: an eager member gives up everything before it joins again`() throws {
    var member = try Self.member([Self.t0, Self.t1])
    #expect(member.owned == [Self.t0, Self.t1])
    let actions = member.beaten(Self.failed(.rebalanceInProgress), nowMs: 3000)
    guard case .revoke(let given)? = actions.first else {
      Issue.record("no revocation: \(actions)")
      return
    }
    #expect(given == [Self.t0, Self.t1])
    // Heartbeats go on while stdout is waited for.
    #expect(member.wakeMs == 6000)
    guard case .heartbeat? = member.tick(nowMs: 6000).first else {
      Issue.record("no heartbeat")
      return
    }
    guard case .join? = member.revoked(nowMs: 6001).first else {
      Issue.record("no join")
      return
    }
    #expect(member.owned.isEmpty)
  }

  @Test func `F67: a revocation waits for the main thread at most until the rebalance's deadline`()
    throws
  {
    var member = try Self.member([Self.t0]) {
      $0.rebalanceTimeoutMs = 60_000
      $0.sessionTimeoutMs = 600_000
    }
    _ = member.beaten(Self.failed(.rebalanceInProgress), nowMs: 1000)
    #expect(member.phase == .revoking(untilMs: 58_500))
    guard case .join? = member.tick(nowMs: 58_500).first else {
      Issue.record("no join")
      return
    }
  }

  @Test func `F67: a cooperative member reads on while it joins and gives up only what it loses`()
    throws
  {
    var member = try Self.member([Self.t0, Self.t1]) { $0.assignors = [.cooperativeSticky] }
    let actions = member.beaten(Self.failed(.rebalanceInProgress), nowMs: 3000)
    guard case .join(let request)? = actions.first else {
      Issue.record("no join: \(actions)")
      return
    }
    let data = try ConsumerProtocolSubscription.decode(request.protocols[0].metadata).data
    #expect(data.ownedPartitions.map(\.partitions) == [[0, 1]])
    #expect(data.generationId == 1)
    #expect(data.userData == [0, 0, 0, 1])
    #expect(member.owned == [Self.t0, Self.t1])
    let settled = try Self.settle(&member, [Self.t1], generation: 2, nowMs: 3001)
    guard case .revoke(let given)? = settled.first else {
      Issue.record("no revocation: \(settled)")
      return
    }
    #expect(given == [Self.t0])
    // The rebalance that follows gives it to somebody else.
    guard case .join? = member.revoked(nowMs: 3002).first else {
      Issue.record("no join")
      return
    }
    #expect(member.owned == [Self.t1])
  }

  @Test(arguments: [ErrorCode.unknownMemberId, .illegalGeneration])
  func `F67: a member that the coordinator no longer knows has lost its partitions and joins again`(
    _ code: ErrorCode
  ) throws {
    var member = try Self.member([Self.t0])
    let actions = member.beaten(Self.failed(code), nowMs: 3000)
    guard case .lose(let lost)? = actions.first else {
      Issue.record("nothing lost: \(actions)")
      return
    }
    #expect(lost == [Self.t0])
    #expect(member.memberId == (code == .unknownMemberId ? "" : "me"))
    #expect(member.generationId == -1)
    let wakeMs = try #require(member.wakeMs)
    guard case .join? = member.tick(nowMs: wakeMs).first else {
      Issue.record("no join")
      return
    }
  }

  @Test func `F67: a static member that was fenced ends, and does not leave`() throws {
    var member = try Self.member([Self.t0]) { $0.groupInstanceId = "one" }
    let actions = member.beaten(Self.failed(.fencedInstanceId), nowMs: 3000)
    guard case .fail(.fenced)? = actions.last else {
      Issue.record("\(actions)")
      return
    }
    #expect(member.leave().isEmpty)
    #expect(member.wakeMs == nil)
  }

  @Test(arguments: [ErrorCode.notCoordinator, .coordinatorNotAvailable])
  func `F48: after a coordinator has moved it is looked for, and nothing is given up`(
    _ code: ErrorCode
  ) throws {
    var member = try Self.member([Self.t0])
    _ = member.tick(nowMs: 3000)
    let actions = member.beaten(Self.failed(code), nowMs: 3001)
    guard case .forgetCoordinator? = actions.first else {
      Issue.record("\(actions)")
      return
    }
    #expect(member.phase == .stable)
    let wakeMs = try #require(member.wakeMs)
    #expect(wakeMs < 3200)
    guard case .heartbeat? = member.tick(nowMs: wakeMs).first else {
      Issue.record("no heartbeat")
      return
    }
  }

  @Test
  func `F67: without a heartbeat that is answered the session ends by the member's own clock`()
    throws
  {
    var member = try Self.member([Self.t0])
    var now: Int64 = 0
    var lost = false
    while !lost, now < 60_000 {
      now = try #require(member.wakeMs)
      for action in member.tick(nowMs: now) {
        if case .heartbeat = action {
          _ = member.beaten(
            .failure(.disconnected(peer: "b", reason: "gone")), nowMs: now)
        }
        if case .lose(let partitions) = action { lost = partitions == [Self.t0] }
      }
    }
    #expect(now == 45_000)
  }

  @Test func `F69: a member leaves with its id; a static one does not say that it goes`() throws {
    var member = try Self.member([Self.t0])
    guard case .leave(.classic(let request))? = member.leave().first else {
      Issue.record("no leave")
      return
    }
    #expect(request.memberId == "me" && request.members[0].memberId == "me")
    var fixed = try Self.member([Self.t0]) { $0.groupInstanceId = "one" }
    #expect(fixed.leave().isEmpty)
    #expect(fixed.owned.isEmpty)
  }

  @Test func `the leader deals out anew when a topic grows or the subscription changes`() throws {
    var member = try Self.member([Self.t0, Self.t1])
    #expect(member.partitionsChanged(["t": 2, "x": 9], nowMs: 1).isEmpty)
    guard case .revoke? = member.partitionsChanged(["t": 3], nowMs: 1).first else {
      Issue.record("no rebalance")
      return
    }
    _ = member.revoked(nowMs: 2)
    try Self.settle(&member, [Self.t0], generation: 2, nowMs: 3)
    #expect(member.subscribe(["t"], nowMs: 4).isEmpty)
    guard case .revoke? = member.subscribe(["t", "u"], nowMs: 4).first else {
      Issue.record("no rebalance")
      return
    }
  }

  @Test func `an error that will not get better ends the membership with its name`() {
    var member = ClassicMember(GroupSettings(groupId: "g"))
    _ = member.subscribe(["t"], nowMs: 0)
    var response = JoinGroupResponse()
    response.errorCode = .inconsistentGroupProtocol
    guard case .fail(let failure)? = member.joined(.success(response), nowMs: 1).last else {
      Issue.record("no failure")
      return
    }
    #expect(failure.description == "JoinGroup failed: Broker: Inconsistent group protocol")
  }
}
