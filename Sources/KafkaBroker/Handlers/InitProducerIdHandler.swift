import KafkaProtocol
import Transport

/// InitProducerId 0–5: ids for idempotent producers; a transactional id is refused for good.
enum InitProducerIdHandler: Handler {
  typealias Request = InitProducerIdRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...5 }

  static func handle(
    _ request: InitProducerIdRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = InitProducerIdResponse()
    response.producerId = -1
    response.producerEpoch = -1
    if let injected = call.injected {
      response.errorCode = injected
    } else if request.transactionalId != nil {
      // No version has a message. Clients take this error as fatal; most others they would retry for ever.
      response.errorCode = .transactionalIdAuthorizationFailed
    } else if request.producerId >= 0, request.producerEpoch >= 0,
      request.producerEpoch < Int16.max - 1
    {
      // A producer that goes on with its id under a new epoch (KIP-360).
      response.producerId = request.producerId
      response.producerEpoch = request.producerEpoch + 1
    } else {
      response.producerId = call.broker.takeProducerId()
      response.producerEpoch = 0
    }
    return try reply(response, call)
  }
}
