import KafkaProtocol
import Transport

/// DescribeCluster 0–2: the brokers, of which the first is said to be the controller.
enum DescribeClusterHandler: Handler {
  typealias Request = DescribeClusterRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...2 }

  static func handle(
    _ request: DescribeClusterRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = DescribeClusterResponse()
    response.endpointType = request.endpointType
    if let injected = call.injected {
      response.errorCode = injected
    } else if request.endpointType != 1 {
      response.errorCode = .mismatchedEndpointType
      response.errorMessage =
        "Endpoint type \(request.endpointType) is not here; brokers are of type 1."
      response.endpointType = 1
    } else {
      response.clusterId = call.broker.options.clusterId
      response.controllerId = call.broker.controllerId
      response.brokers = call.broker.advertised(call.connection).map { node in
        var broker = DescribeClusterResponse.Broker()
        broker.brokerId = node.id
        broker.host = node.host
        broker.port = node.port
        return broker
      }
    }
    return try reply(response, call)
  }
}
