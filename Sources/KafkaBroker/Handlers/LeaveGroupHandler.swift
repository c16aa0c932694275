import KafkaProtocol
import Transport

/// LeaveGroup 0–5: one member, or from version 3 on several.
enum LeaveGroupHandler: Handler {
  typealias Request = LeaveGroupRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...5 }

  static func handle(
    _ request: LeaveGroupRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = LeaveGroupResponse()
    if let fault = call.coordinatorFault(request.groupId) {
      response.errorCode = fault
    } else if request.groupId.isEmpty {
      response.errorCode = .invalidGroupId
    } else if call.version < 3 {
      var member = LeaveGroupRequest.Member()
      member.memberId = request.memberId
      response.errorCode = call.broker.groups.leave(request.groupId, [member]).first ?? .none
    } else {
      let errors = call.broker.groups.leave(request.groupId, request.members)
      response.members = zip(request.members, errors).map { member, error in
        var row = LeaveGroupResponse.Member()
        row.memberId = member.memberId
        row.groupInstanceId = member.groupInstanceId
        row.errorCode = error
        return row
      }
    }
    return try reply(response, call)
  }
}
