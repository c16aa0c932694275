import KafkaProtocol
import Transport

extension Broker {
  /// Does what a test or a user says.
  ///
  /// - Throws: `BrokerError` with the reason in words, where it cannot be done.
  public func carryOut(_ command: BrokerCommand) throws(BrokerError) {
    switch command {
    case .fault(let rule): inject(rule)
    case .clearFaults: clearFaults()
    case .leader(let topic, let index, let id):
      let partition = try find(topic, index)
      if let id { _ = try node(id) }
      lead(partition, by: id ?? -1)
    case .replica(let topic, let index, let id):
      let partition = try find(topic, index)
      if let id { _ = try node(id) }
      partition.preferredReadReplica = id
      if let id, !partition.replicas.contains(id) { partition.replicas.append(id) }
      wake(partition)
    case .truncate(let topic, let index, let offset): try truncate(find(topic, index), to: offset)
    case .createTopic(let topic): try createTopic(topic)
    case .deleteTopic(let name): try deleteTopic(name)
    case .partitions(let name, let count): try grow(name, to: count)
    case .down(let id): try down(id)
    case .up(let id): try up(id)
    }
    finishReadyWaits()
  }

  private func find(_ topic: String, _ index: Int32) throws(BrokerError) -> Partition {
    guard let partition = topics[topic]?.partition(index) else {
      throw .option("partition", "\(topic) [\(index)]", "there is no such topic or partition")
    }
    return partition
  }

  private func node(_ id: Int32) throws(BrokerError) -> Int {
    guard let place = nodes.firstIndex(where: { $0.id == id }) else {
      throw .option("broker", "\(id)", "there are \(brokerIds)")
    }
    return place
  }

  /// Answers all fetches that wait for a partition: something else has changed than its records.
  private func wake(_ partition: Partition) { readyWaits += partition.waiters }

  /// Makes a broker the leader under the next epoch; −1 leaves the partition without one.
  private func lead(_ partition: Partition, by id: Int32) {
    // A partition of one replica moves with its leader; the others stay followers.
    if id >= 0, !partition.replicas.contains(id) {
      if partition.replicas.count == 1 { partition.replicas = [] }
      partition.replicas.append(id)
    }
    partition.leaderId = id
    partition.log.leaderEpochs.begin(at: partition.log.logEndOffset)
    wake(partition)
  }

  private func truncate(_ partition: Partition, to offset: Int64) throws(BrokerError) {
    let log = partition.log
    guard offset >= log.logStartOffset, offset <= log.logEndOffset else {
      throw .option(
        "offset", "\(offset)", "the log has \(log.logStartOffset) to \(log.logEndOffset)")
    }
    do {
      try partition.log.truncate(to: offset)
    } catch {
      throw .option("offset", "\(offset)", "\(error)")
    }
    wake(partition)
  }

  private func deleteTopic(_ name: String) throws(BrokerError) {
    guard let topic = topics.delete(name) else {
      throw .option("topic", name, "there is no such topic")
    }
    for partition in topic.partitions { wake(partition) }
    groupOffsets.forget(topic: name)
  }

  private func grow(_ name: String, to count: Int32) throws(BrokerError) {
    guard let topic = topics[name] else {
      throw .option("topic", name, "there is no such topic")
    }
    do {
      try topics.grow(
        topic, to: count, brokerIds: brokerIds,
        retentionBytes: options.retentionBytesPerPartition)
    } catch {
      throw .option("partitions", "\(count)", error.message)
    }
  }

  // MARK: - Brokers

  /// Closes a broker's port and connections; where it led another replica does, if there is one.
  private func down(_ id: Int32) throws(BrokerError) {
    let place = try node(id)
    guard let listener = nodes[place].listener else { return }
    listener.close()
    nodes[place].listener = nil
    closeConnections(of: id)
    fetchSessions[id] = nil
    for partition in topics.all.flatMap(\.partitions) where partition.leaderId == id {
      lead(partition, by: partition.replicas.first(where: upIds.contains) ?? -1)
    }
  }

  /// Opens a broker's port again; it leads what has no leader.
  private func up(_ id: Int32) throws(BrokerError) {
    let place = try node(id)
    guard nodes[place].listener == nil else { return }
    nodes[place].listener = try listen(id, port: nodes[place].address.port)
    for partition in topics.all.flatMap(\.partitions)
    where partition.leaderId < 0 && partition.replicas.contains(id) {
      lead(partition, by: id)
    }
  }

  /// The replica that a client in another rack shall read from (KIP-392); nil for the leader.
  func nearReplica(of partition: Partition, _ call: Call, rackId: String) -> Int32? {
    guard !rackId.isEmpty, call.version >= 11, call.nodeId == partition.leaderId,
      let near = partition.preferredReadReplica, near != partition.leaderId, upIds.contains(near)
    else { return nil }
    return near
  }
}
