extension ClusterMetadata {
  /// Takes over a partition's new leader as an answer names it, with that one's address if it has it (KIP-951).
  ///
  /// A leader that is not newer than the known one, by its epoch, changes nothing.
  public mutating func apply(
    leader: Int32, epoch: Int32, topic: String, partition: Int32, endpoint: Broker?
  ) {
    guard leader >= 0, let at = topicIndex[topic],
      let index = topics[at].partitions.firstIndex(where: { $0.index == partition }),
      epoch > topics[at].partitions[index].leaderEpoch
    else { return }
    if let endpoint, endpoint.nodeId == leader, endpoint.canBe {
      if let known = brokerIndex[leader] {
        brokers[known] = endpoint
      } else {
        brokerIndex[leader] = brokers.count
        brokers.append(endpoint)
      }
    }
    topics[at].partitions[index].leaderId = leader
    topics[at].partitions[index].leaderEpoch = epoch
  }
}
