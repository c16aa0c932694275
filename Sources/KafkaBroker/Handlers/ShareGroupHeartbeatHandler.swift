import KafkaProtocol
import Transport

/// ShareGroupHeartbeat 1 (KIP-932).
enum ShareGroupHeartbeatHandler: Handler {
  typealias Request = ShareGroupHeartbeatRequest
  nonisolated static var versions: ClosedRange<Int16> { 1...1 }

  static func handle(
    _ request: ShareGroupHeartbeatRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = ShareGroupHeartbeatResponse()
    do throws(GroupRefusal) {
      if let fault = call.coordinatorFault(request.groupId) { throw GroupRefusal(fault) }
      response = try call.broker.groups.heartbeat(request, call)
    } catch {
      response.errorCode = error.code
      response.errorMessage = error.message
    }
    return try reply(response, call)
  }
}
