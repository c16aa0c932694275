import KafkaProtocol
import Transport

/// FindCoordinator 0–6: every coordinator is the broker that is asked.
///
/// It is there because librdkafka looks for version 0 before it uses lz4; groups and transactions are
/// not served, and their requests not advertised.
enum FindCoordinatorHandler: Handler {
  typealias Request = FindCoordinatorRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...6 }

  static func handle(
    _ request: FindCoordinatorRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = FindCoordinatorResponse()
    let nodes = call.broker.advertised(call.connection)
    guard let node = nodes.first(where: { $0.id == call.nodeId }) else {
      return .close(reason: "FindCoordinator: broker \(call.nodeId) has stopped")
    }
    if call.version >= 4 {
      response.coordinators = request.coordinatorKeys.map { key in
        var coordinator = FindCoordinatorResponse.Coordinator()
        coordinator.key = key
        coordinator.nodeId = node.id
        coordinator.host = node.host
        coordinator.port = node.port
        coordinator.errorCode = call.injected ?? .none
        return coordinator
      }
    } else {
      response.nodeId = node.id
      response.host = node.host
      response.port = node.port
      response.errorCode = call.injected ?? .none
    }
    return try reply(response, call)
  }
}
