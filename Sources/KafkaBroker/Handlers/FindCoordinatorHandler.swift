import KafkaProtocol
import Transport

/// FindCoordinator 0–6: which broker coordinates a group or a transactional id, by the key alone.
enum FindCoordinatorHandler: Handler {
  typealias Request = FindCoordinatorRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...6 }

  static func handle(
    _ request: FindCoordinatorRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = FindCoordinatorResponse()
    let keys = call.version >= 4 ? request.coordinatorKeys : [request.key]
    let found = keys.map { find($0, call) }
    if call.version >= 4 {
      response.coordinators = found
    } else if let only = found.first {
      response.nodeId = only.nodeId
      response.host = only.host
      response.port = only.port
      response.errorCode = only.errorCode
    }
    return try reply(response, call)
  }

  private static func find(_ key: String, _ call: Call) -> FindCoordinatorResponse.Coordinator {
    var row = FindCoordinatorResponse.Coordinator()
    row.key = key
    row.nodeId = -1
    row.port = -1
    let id = call.broker.coordinatorId(of: key)
    if let injected = call.injected {
      row.errorCode = injected
    } else if let node = call.broker.advertised(call.connection).first(where: { $0.id == id }) {
      row.nodeId = node.id
      row.host = node.host
      row.port = node.port
    } else {
      row.errorCode = .coordinatorNotAvailable
    }
    return row
  }
}
