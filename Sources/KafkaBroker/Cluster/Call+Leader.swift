import KafkaProtocol
import Transport

extension Call {
  /// The error where the asked broker does not lead a partition under the epoch that the client believes
  /// in (−1: it has no belief), or where a fault rule wants one.
  func leaderFault(_ partition: Partition?, epoch: Int32) -> ErrorCode? {
    if let injected { return injected }
    guard let partition else { return .unknownTopicOrPartition }
    guard partition.leaderId == nodeId else { return .notLeaderOrFollower }
    return partition.epochFault(epoch)
  }

  /// Where some brokers can be reached (KIP-951).
  func endpoints(_ ids: Set<Int32>) -> [(id: Int32, host: String, port: Int32)] {
    // Mostly there is only −1, of partitions that have no news.
    guard ids.contains(where: { $0 >= 0 }) else { return [] }
    return broker.advertised(connection).filter { ids.contains($0.id) }
  }
}

extension Partition {
  /// What is wrong with the leader epoch that a client believes in; −1 means that it has no belief.
  func epochFault(_ epoch: Int32) -> ErrorCode? {
    if epoch < 0 || epoch == log.leaderEpoch { return nil }
    return epoch < log.leaderEpoch ? .fencedLeaderEpoch : .unknownLeaderEpoch
  }
}
