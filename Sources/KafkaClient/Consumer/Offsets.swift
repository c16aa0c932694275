internal import KafkaProtocol
internal import Transport

extension Cluster {
  /// The offsets at which `spec` begins, by partition; one ListOffsets request per leader and question.
  ///
  /// - Throws: what went wrong first: `ClientError.unsupported` where the broker knows no timestamps
  ///   (before Kafka 0.10.1), an error code of a partition, or a lost connection.
  public func offsets(
    of spec: OffsetSpec, topic: String, partitions: [ClusterMetadata.Partition],
    timeoutMs: Int64
  ) async throws(ClientError) -> [Int32: Int64] {
    switch spec {
    case .absolute(let offset):
      return Dictionary(uniqueKeysWithValues: partitions.map { ($0.index, offset) })
    case .beginning:
      return try await listOffsets(-2, topic, partitions, timeoutMs)
    case .end:
      return try await listOffsets(-1, topic, partitions, timeoutMs)
    case .tail(let count):
      let ends = try await listOffsets(-1, topic, partitions, timeoutMs)
      let beginnings = try await listOffsets(-2, topic, partitions, timeoutMs)
      return ends.reduce(into: [:]) { result, entry in
        result[entry.key] = max(beginnings[entry.key] ?? 0, entry.value - min(count, entry.value))
      }
    case .timestamp(let ms):
      let found = try await listOffsets(ms, topic, partitions, timeoutMs)
      guard found.values.contains(where: { $0 < 0 }) else { return found }
      let ends = try await listOffsets(-1, topic, partitions, timeoutMs)
      return found.merging(ends) { offset, end in offset >= 0 ? offset : end }
    }
  }

  /// Asks the leaders; `timestamp` −1 is the end, −2 the beginning.
  private func listOffsets(
    _ timestamp: Int64, _ topic: String, _ partitions: [ClusterMetadata.Partition],
    _ timeoutMs: Int64
  ) async throws(ClientError) -> [Int32: Int64] {
    var result: [Int32: Int64] = [:]
    for (leaderId, group) in Dictionary(grouping: partitions, by: \.leaderId) {
      let answers = try await ask(
        leaderId,
        group.map { OffsetQuery(TopicPartition(topic, $0.index), timestamp: timestamp) },
        timeoutMs: timeoutMs)
      for answer in answers {
        if let error = answer.error { throw error }
        result[answer.query.partition.partition] = answer.offset
      }
    }
    return result
  }
}
