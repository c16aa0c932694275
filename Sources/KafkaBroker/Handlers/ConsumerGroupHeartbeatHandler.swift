import KafkaProtocol
import Transport

/// ConsumerGroupHeartbeat 0–1 (KIP-848); regular expressions are refused.
enum ConsumerGroupHeartbeatHandler: Handler {
  typealias Request = ConsumerGroupHeartbeatRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...1 }

  static func handle(
    _ request: ConsumerGroupHeartbeatRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = ConsumerGroupHeartbeatResponse()
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
