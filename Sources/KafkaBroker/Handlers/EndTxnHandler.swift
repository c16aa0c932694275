import KafkaProtocol
import Transport

/// EndTxn 0–5: commits or aborts; from version 5 on the producer gets its next epoch (KIP-890).
enum EndTxnHandler: Handler {
  typealias Request = EndTxnRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...5 }

  static func handle(
    _ request: EndTxnRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = EndTxnResponse()
    if let fault = call.coordinatorFault(request.transactionalId) {
      response.errorCode = fault
      return try reply(response, call)
    }
    let answer = call.broker.transactions.end(
      request.transactionalId,
      of: TransactionCoordinator.Identity(
        producerId: request.producerId, epoch: request.producerEpoch),
      commit: request.committed, bumpsEpoch: call.version >= 5)
    if let completion = answer.completion { call.broker.run(completion) }
    call.broker.watchTransactions()
    response.errorCode = answer.error
    if answer.error == .producerFenced, call.version < 2 {
      response.errorCode = .invalidProducerEpoch
    }
    response.producerId = answer.identity.producerId
    response.producerEpoch = answer.identity.epoch
    return try reply(response, call)
  }
}
