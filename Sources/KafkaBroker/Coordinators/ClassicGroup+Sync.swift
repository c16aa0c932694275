import KafkaProtocol

// Handing out the shares, and leaving.
extension ClassicGroup {
  /// Takes a SyncGroup, which is answered at once or when the leader has assigned.
  mutating func sync(_ request: SyncGroupRequest, ticket: GroupTicket, nowMs: Int64)
    -> [GroupAction]
  {
    do throws(GroupRefusal) {
      let index = try find(request.memberId, request.groupInstanceId)
      guard request.generationId == generation else { throw GroupRefusal(.illegalGeneration) }
      guard request.protocolType == nil || request.protocolType == protocolType,
        request.protocolName == nil || request.protocolName == protocolName
      else { throw GroupRefusal(.inconsistentGroupProtocol) }
      switch state {
      case .empty: throw GroupRefusal(.unknownMemberId)
      case .preparingRebalance: throw GroupRefusal(.rebalanceInProgress)
      case .completingRebalance:
        if let old = members[index].syncing { answerSync(old, .rebalanceInProgress) }
        members[index].syncing = ticket
        members[index].owesSync = false
        if request.memberId == leaderId { assign(request.assignments, nowMs) }
      case .stable:
        members[index].owesSync = false
        answerSync(index, ticket, nowMs)
      }
      if !members.contains(where: \.owesSync) { syncEndMs = nil }
    } catch {
      answerSync(ticket, error.code)
    }
    return takeActions()
  }

  private mutating func assign(_ assignments: [SyncGroupRequest.Assignment], _ nowMs: Int64) {
    let shares = Dictionary(
      assignments.map { ($0.memberId, $0.assignment) }, uniquingKeysWith: { $1 })
    state = .stable
    for index in members.indices {
      members[index].assignment = shares[members[index].id] ?? []
      guard let ticket = members[index].syncing else { continue }
      members[index].syncing = nil
      answerSync(index, ticket, nowMs)
    }
  }

  private mutating func answerSync(_ index: Int, _ ticket: GroupTicket, _ nowMs: Int64) {
    members[index].sessionEndMs = nowMs + members[index].sessionTimeoutMs
    var response = SyncGroupResponse()
    response.protocolType = protocolType
    response.protocolName = protocolName
    response.assignment = members[index].assignment
    actions.append(.synced(ticket, response))
  }

  mutating func answerSync(_ ticket: GroupTicket, _ error: ErrorCode) {
    var response = SyncGroupResponse()
    response.errorCode = error
    actions.append(.synced(ticket, response))
  }

  // MARK: - Leaving

  /// Takes members out; says for each what is wrong, `none` if nothing is.
  mutating func leave(_ leaving: [LeaveGroupRequest.Member], nowMs: Int64)
    -> (errors: [ErrorCode], actions: [GroupAction])
  {
    var errors: [ErrorCode] = []
    for member in leaving {
      if pendingMembers.removeValue(forKey: member.memberId) != nil {
        errors.append(.none)
        continue
      }
      do throws(GroupRefusal) {
        // An administrator names a static member by its instance id alone.
        let index: Int? =
          if member.memberId.isEmpty, let instanceId = member.groupInstanceId {
            self.index(ofInstance: instanceId)
          } else {
            try find(member.memberId, member.groupInstanceId)
          }
        guard let index else { throw GroupRefusal(.unknownMemberId) }
        remove(members[index].id, nowMs: nowMs)
        errors.append(.none)
      } catch {
        errors.append(error.code)
      }
    }
    completeJoinIfAllHaveJoined(nowMs: nowMs)
    return (errors, takeActions())
  }

  /// Takes a member out, which makes the others share anew.
  mutating func remove(_ memberId: String, nowMs: Int64) {
    guard let index = index(of: memberId) else { return }
    let member = members.remove(at: index)
    if let joining = member.joining { refuse(joining, memberId: memberId, .unknownMemberId) }
    if let syncing = member.syncing { answerSync(syncing, .unknownMemberId) }
    switch state {
    case .empty: break
    case .preparingRebalance: completeJoinIfAllHaveJoined(nowMs: nowMs)
    case .completingRebalance, .stable: rebalance(nowMs: nowMs)
    }
  }
}
