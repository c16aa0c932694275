import KafkaProtocol

// How requests and answers look in the log.

extension TransactionState.Identity: CustomStringConvertible {
  var description: String { "producer id \(producerId) epoch \(epoch)" }
}

extension TransactionState.Request: CustomStringConvertible {
  var description: String {
    switch self {
    case .initProducerId(let identity): "InitProducerId (\(identity))"
    case .addPartitions(let partitions, let identity):
      "AddPartitionsToTxn (\(partitions.count), \(identity))"
    case .endTxn(let isCommit, let identity, _):
      "EndTxn (\(isCommit ? "commit" : "abort"), \(identity))"
    }
  }
}

extension TransactionState.Answer: CustomStringConvertible {
  var description: String {
    switch self {
    case .producerId(let code, let identity), .ended(let code, let identity):
      "\(code.name), \(identity)"
    case .partitions(let codes): Set(codes.values.map(\.name)).sorted().joined(separator: ", ")
    }
  }
}
