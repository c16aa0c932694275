import KafkaProtocol
import Transport

/// AddOffsetsToTxn 0–4: makes what a group will commit part of a transaction.
enum AddOffsetsToTxnHandler: Handler {
  typealias Request = AddOffsetsToTxnRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...4 }

  static func handle(
    _ request: AddOffsetsToTxnRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = AddOffsetsToTxnResponse()
    response.errorCode =
      call.coordinatorFault(request.transactionalId)
      ?? call.add(
        [TransactionCoordinator.place(ofGroup: request.groupId)], to: request.transactionalId,
        request.producerId, request.producerEpoch)
    if response.errorCode == .producerFenced, call.version < 2 {
      response.errorCode = .invalidProducerEpoch
    }
    return try reply(response, call)
  }
}
