import KafkaProtocol
import Transport

/// Heartbeat 0–4.
enum HeartbeatHandler: Handler {
  typealias Request = HeartbeatRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...4 }

  static func handle(
    _ request: HeartbeatRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = HeartbeatResponse()
    response.errorCode =
      call.coordinatorFault(request.groupId) ?? call.broker.groups.heartbeat(request)
    return try reply(response, call)
  }
}
