import KafkaProtocol
import Transport

/// InitProducerId 0–5: ids for idempotent producers, and transactional ids (KIP-98, KIP-360).
enum InitProducerIdHandler: Handler {
  typealias Request = InitProducerIdRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...5 }

  static func handle(
    _ request: InitProducerIdRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = InitProducerIdResponse()
    response.producerId = -1
    response.producerEpoch = -1
    if let id = request.transactionalId {
      let answer = initialize(id, request, call)
      response.errorCode = answer.error
      if answer.error == .producerFenced, call.version < 4 {
        response.errorCode = .invalidProducerEpoch
      }
      response.producerId = answer.identity.producerId
      response.producerEpoch = answer.identity.epoch
    } else if let injected = call.injected {
      response.errorCode = injected
    } else {
      response.producerId = call.broker.transactions.takeProducerId()
      response.producerEpoch = 0
    }
    return try reply(response, call)
  }

  private static func initialize(_ id: String, _ request: InitProducerIdRequest, _ call: Call)
    -> TransactionCoordinator.Answer
  {
    if let fault = call.coordinatorFault(id) { return TransactionCoordinator.Answer(error: fault) }
    guard (request.producerId < 0) == (request.producerEpoch < 0) else {
      call.violation(
        "InitProducerId v\(call.version): producer id \(request.producerId) with epoch"
          + " \(request.producerEpoch); both are given or both are -1")
      return TransactionCoordinator.Answer(error: .invalidRequest)
    }
    let expected: TransactionCoordinator.Identity? =
      request.producerId < 0
      ? nil
      : TransactionCoordinator.Identity(
        producerId: request.producerId, epoch: request.producerEpoch)
    let answer = call.broker.transactions.initialize(
      id, timeoutMs: request.transactionTimeoutMs, expected: expected)
    if let completion = answer.completion { call.broker.run(completion) }
    call.broker.watchTransactions()
    return answer
  }
}
