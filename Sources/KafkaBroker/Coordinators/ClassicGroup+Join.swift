import KafkaProtocol

// Joining, and the phase in which all do.
extension ClassicGroup {
  /// Takes a JoinGroup, which is answered at once or when the others have joined; a member that has
  /// no id yet gets `newMemberId`.
  mutating func join(
    _ request: JoinGroupRequest, version: Int16, newMemberId: String, ticket: GroupTicket,
    nowMs: Int64
  ) -> [GroupAction] {
    do throws(GroupRefusal) {
      if request.memberId.isEmpty {
        try joinNew(request, version: version, newMemberId, ticket, nowMs)
      } else {
        try joinAgain(request, ticket, nowMs)
      }
    } catch {
      refuse(ticket, memberId: request.memberId, error.code)
    }
    return takeActions()
  }

  private mutating func joinNew(
    _ request: JoinGroupRequest, version: Int16, _ newMemberId: String, _ ticket: GroupTicket,
    _ nowMs: Int64
  ) throws(GroupRefusal) {
    let known = request.groupInstanceId.flatMap { index(ofInstance: $0) }
    guard known != nil || members.count + pendingMembers.count < limits.membersMax else {
      throw GroupRefusal(.groupMaxSizeReached)
    }
    try check(request)
    if let known {
      replace(known, request, version: version, newMemberId, ticket, nowMs)
    } else if request.groupInstanceId == nil, version >= 4 {
      pendingMembers[newMemberId] = nowMs + Int64(request.sessionTimeoutMs)
      refuse(ticket, memberId: newMemberId, .memberIdRequired)
    } else {
      add(request, newMemberId, ticket, nowMs)
    }
  }

  private mutating func joinAgain(
    _ request: JoinGroupRequest, _ ticket: GroupTicket, _ nowMs: Int64
  ) throws(GroupRefusal) {
    if pendingMembers[request.memberId] != nil, request.groupInstanceId == nil {
      try check(request)
      pendingMembers[request.memberId] = nil
      return add(request, request.memberId, ticket, nowMs)
    }
    let index = try find(request.memberId, request.groupInstanceId)
    try check(request)
    let isChanged = !members[index].matches(request.protocols)
    switch state {
    case .empty: throw GroupRefusal(.unknownMemberId)
    case .preparingRebalance:
      update(index, request, ticket)
      completeJoinIfAllHaveJoined(nowMs: nowMs)
    case .completingRebalance where !isChanged:
      // It has not got the answer, as it seems: here it is again.
      answerJoin(index, ticket, nowMs)
    case .stable where !isChanged && leaderId != request.memberId:
      answerJoin(index, ticket, nowMs)
    case .completingRebalance, .stable:
      update(index, request, ticket)
      rebalance(nowMs: nowMs)
    }
  }

  /// Refuses who does not fit to the members that there are.
  private func check(_ request: JoinGroupRequest) throws(GroupRefusal) {
    guard !request.protocolType.isEmpty, !request.protocols.isEmpty else {
      throw GroupRefusal(.inconsistentGroupProtocol)
    }
    if members.isEmpty { return }
    let common = commonProtocols()
    guard request.protocolType == protocolType,
      request.protocols.contains(where: { common.contains($0.name) })
    else { throw GroupRefusal(.inconsistentGroupProtocol) }
  }

  private mutating func add(
    _ request: JoinGroupRequest, _ memberId: String, _ ticket: GroupTicket, _ nowMs: Int64
  ) {
    if members.isEmpty { protocolType = request.protocolType }
    var member = ClassicMember(request, id: memberId, nowMs: nowMs)
    member.joining = ticket
    members.append(member)
    if initialRemainingMs != nil { hasNewMember = true }
    if state == .preparingRebalance {
      completeJoinIfAllHaveJoined(nowMs: nowMs)
    } else {
      rebalance(nowMs: nowMs)
    }
  }

  private mutating func update(
    _ index: Int, _ request: JoinGroupRequest, _ ticket: GroupTicket
  ) {
    if let old = members[index].joining {
      refuse(old, memberId: members[index].id, .rebalanceInProgress)
    }
    members[index].update(request)
    members[index].joining = ticket
  }

  /// Lets a static member that comes back take its own place under a new id (KIP-345).
  private mutating func replace(
    _ index: Int, _ request: JoinGroupRequest, version: Int16, _ newMemberId: String,
    _ ticket: GroupTicket, _ nowMs: Int64
  ) {
    let old = members[index]
    if let joining = old.joining { refuse(joining, memberId: old.id, .fencedInstanceId) }
    if let syncing = old.syncing { answerSync(syncing, .fencedInstanceId) }
    var member = ClassicMember(request, id: newMemberId, nowMs: nowMs)
    member.assignment = old.assignment
    members[index] = member
    let wasLeader = leaderId == old.id
    if wasLeader { leaderId = newMemberId }
    switch state {
    case .empty, .preparingRebalance:
      members[index].joining = ticket
      completeJoinIfAllHaveJoined(nowMs: nowMs)
    case .stable where selectProtocol() == protocolName:
      var response = joinResponse(index)
      if version >= 9 {
        response.skipAssignment = wasLeader
      } else if wasLeader {
        // An older leader must not assign anew: it is told that another one leads.
        response.leader = old.id
        response.members = []
      }
      actions.append(.joined(ticket, response))
    case .completingRebalance, .stable:
      members[index].joining = ticket
      rebalance(nowMs: nowMs)
    }
  }

  // MARK: - The phase

  /// Calls upon all members to join.
  mutating func rebalance(nowMs: Int64) {
    for index in members.indices {
      if let syncing = members[index].syncing {
        members[index].syncing = nil
        members[index].sessionEndMs = nowMs + members[index].sessionTimeoutMs
        answerSync(syncing, .rebalanceInProgress)
      }
      members[index].owesSync = false
      if state == .completingRebalance { members[index].assignment = [] }
    }
    syncEndMs = nil
    let isFirst = state == .empty
    state = .preparingRebalance
    if isFirst {
      waitForMore(rebalanceTimeoutMs, nowMs: nowMs)
      if limits.initialRebalanceDelayMs <= 0 { completeJoin(nowMs: nowMs) }
    } else {
      joinEndMs = nowMs + rebalanceTimeoutMs
      completeJoinIfAllHaveJoined(nowMs: nowMs)
    }
  }

  /// In the first rebalance: waits a little, as more members may be about to come.
  mutating func waitForMore(_ remainingMs: Int64, nowMs: Int64) {
    let delay = min(max(0, limits.initialRebalanceDelayMs), remainingMs)
    hasNewMember = false
    initialRemainingMs = remainingMs - delay
    joinEndMs = nowMs + delay
  }

  private var rebalanceTimeoutMs: Int64 { members.map(\.rebalanceTimeoutMs).max() ?? 0 }

  mutating func completeJoinIfAllHaveJoined(nowMs: Int64) {
    guard state == .preparingRebalance, initialRemainingMs == nil, pendingMembers.isEmpty,
      members.allSatisfy({ $0.joining != nil })
    else { return }
    completeJoin(nowMs: nowMs)
  }

  /// Begins the next generation with those that have joined, and static members whose session goes on.
  mutating func completeJoin(nowMs: Int64) {
    initialRemainingMs = nil
    members.removeAll { $0.joining == nil && $0.instanceId == nil }
    if !members.contains(where: { $0.joining != nil && $0.id == leaderId }) {
      let next = members.first { $0.joining != nil }
      if next == nil, !members.isEmpty {
        // Only static members, and none of them is back: there is nobody to lead.
        joinEndMs = nowMs + max(1, rebalanceTimeoutMs)
        return
      }
      leaderId = next?.id
    }
    joinEndMs = nil
    generation += 1
    guard !members.isEmpty else {
      state = .empty
      protocolName = nil
      return
    }
    protocolName = selectProtocol()
    state = .completingRebalance
    syncEndMs = nowMs + rebalanceTimeoutMs
    for index in members.indices {
      members[index].owesSync = true
      guard let ticket = members[index].joining else { continue }
      members[index].joining = nil
      answerJoin(index, ticket, nowMs)
    }
  }

  /// The ways of assignment that all members know.
  private func commonProtocols() -> Set<String> {
    guard let first = members.first else { return [] }
    return members.dropFirst().reduce(into: Set(first.protocols.map(\.name))) {
      $0.formIntersection($1.protocols.map(\.name))
    }
  }

  /// The way of assignment that most members prefer among those that all know.
  private func selectProtocol() -> String? {
    let common = commonProtocols()
    var votes: [String: Int] = [:]
    for member in members {
      guard let choice = member.protocols.first(where: { common.contains($0.name) }) else {
        continue
      }
      votes[choice.name, default: 0] += 1
    }
    return votes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }

  // MARK: - Answers

  private func joinResponse(_ index: Int) -> JoinGroupResponse {
    var response = JoinGroupResponse()
    response.generationId = generation
    response.protocolType = protocolType
    response.protocolName = protocolName
    response.leader = leaderId ?? ""
    response.memberId = members[index].id
    guard members[index].id == leaderId else { return response }
    response.members = members.map { member in
      var row = JoinGroupResponse.Member()
      row.memberId = member.id
      row.groupInstanceId = member.instanceId
      row.metadata = member.metadata(protocolName ?? "")
      return row
    }
    return response
  }

  private mutating func answerJoin(_ index: Int, _ ticket: GroupTicket, _ nowMs: Int64) {
    members[index].sessionEndMs = nowMs + members[index].sessionTimeoutMs
    actions.append(.joined(ticket, joinResponse(index)))
  }

  mutating func refuse(_ ticket: GroupTicket, memberId: String, _ error: ErrorCode) {
    var response = JoinGroupResponse()
    response.errorCode = error
    response.memberId = memberId
    actions.append(.joined(ticket, response))
  }
}
