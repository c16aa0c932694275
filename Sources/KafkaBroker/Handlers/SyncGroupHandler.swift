import KafkaProtocol
import Transport

/// SyncGroup 0–5: answered when the leader has assigned.
enum SyncGroupHandler: Handler {
  typealias Request = SyncGroupRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...5 }

  static func handle(
    _ request: SyncGroupRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    let lacksProtocol = request.protocolType == nil || request.protocolName == nil
    let fault =
      call.coordinatorFault(request.groupId)
      ?? (call.version >= 5 && lacksProtocol ? .inconsistentGroupProtocol : nil)
    guard let fault else {
      return call.broker.groups.sync(request, call)
    }
    var response = SyncGroupResponse()
    response.errorCode = fault
    return outcome(response, call)
  }

  /// Frames the coordinator's answer.
  static func outcome(_ response: SyncGroupResponse, _ call: Call) -> Outcome {
    laterReply(response, call)
  }
}
