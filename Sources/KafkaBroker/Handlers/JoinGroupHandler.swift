import KafkaProtocol
import Transport

/// JoinGroup 0–9: answered when the members have joined.
enum JoinGroupHandler: Handler {
  typealias Request = JoinGroupRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...9 }

  static func handle(
    _ request: JoinGroupRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    guard let fault = call.coordinatorFault(request.groupId) else {
      return call.broker.groups.join(request, call)
    }
    var response = JoinGroupResponse()
    response.errorCode = fault
    response.memberId = request.memberId
    return outcome(response, call)
  }

  /// Frames the coordinator's answer.
  static func outcome(_ response: JoinGroupResponse, _ call: Call) -> Outcome {
    var response = response
    // Null came with version 7.
    if call.version < 7, response.protocolName == nil { response.protocolName = "" }
    return laterReply(response, call)
  }
}
