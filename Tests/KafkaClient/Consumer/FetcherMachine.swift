import KafkaProtocol

@testable import KafkaClient

/// A fetcher's state by reference, so that an expectation may change it, and what a broker would say to it.
final class FetcherMachine {
  var value: FetcherState

  /// Partitions from 0 on of each topic, led by broker 1 in epoch `epoch`, read from offset 0.
  init(
    _ partitions: Int32, topics: [String] = ["t"], stopAtEnd: Bool = false,
    readCommitted: Bool = true, responseMax: Int32 = 1 << 20, rack: String = "", epoch: Int32 = 0,
    from: PartitionStart.From = .spec(.absolute(0))
  ) {
    value = FetcherState(
      limits: FetcherState.Limits(
        waitMaxMs: 500, bytesMin: 1, bytesMax: responseMax, partitionBytesMax: 1 << 20,
        batchBytesMax: 8 << 20, readCommitted: readCommitted, stopAtEnd: stopAtEnd, rack: rack))
    for (number, name) in topics.enumerated() {
      for index in 0..<partitions {
        value.add(
          AssignedPartition(
            TopicPartition(name, index), number: Int32(number) * partitions + index),
          from: from)
      }
      _ = learn(name, id: UInt64(number + 1), leader: 1, epoch: epoch, count: partitions)
    }
  }

  /// Metadata say who leads all of a topic's partitions.
  @discardableResult func learn(
    _ name: String = "t", id: UInt64 = 1, leader: Int32, epoch: Int32, count: Int32 = 1,
    nowMs: Int64 = 0
  ) -> FetcherState.Learned {
    var topic = ClusterMetadata.Topic(name: name)
    topic.topicId = Uuid(high: 7, low: id)
    for index in 0..<count {
      topic.partitions.append(
        ClusterMetadata.Partition(index: index, leaderId: leader, leaderEpoch: epoch))
    }
    return value.learn(topic, nowMs: nowMs)
  }

  var positions: [FetcherState.Position] { value.positions }
  var isDone: Bool { value.isDone }

  func fetch(from broker: Int32 = 1, version: Int16 = 11, nowMs: Int64 = 0) -> FetchRequest? {
    value.fetch(from: broker, version: version, nowMs: nowMs)
  }

  /// What would be asked of a partition.
  func wanted(_ slot: Int) -> FetchSession.Wanted {
    let position = value.positions[slot]
    return FetchSession.Wanted(
      place: FetchSession.Place(topic: position.topic, partition: position.index),
      topicId: value.topics[Int(position.topic)].id, number: position.assigned.number,
      seeks: position.seeks, offset: position.offset ?? 0, offsetEpoch: position.offsetEpoch,
      leaderEpoch: position.leaderEpoch, bytesMax: position.bytesMax)
  }

  /// A broker answers for one partition.
  func received(
    _ answer: FetchResponse.Partition, topic: String = "t", fetchOffset: Int64, span: LogSpan,
    from broker: Int32 = 1
  ) -> FetcherState.Outcome {
    guard
      let slot = value.positions.firstIndex(where: {
        $0.partition == TopicPartition(topic, answer.partitionIndex)
      })
    else { return .nothing }
    var asked = wanted(slot)
    asked.offset = fetchOffset
    return value.received(
      answer, of: value.positions[slot].assigned, asked, span: span, from: broker)
  }

  /// A broker answers for one partition with a batch that begins at the position, or with none.
  func read(
    _ records: Int32, epoch: Int32 = 0, highWatermark: Int64 = 1000, partition: Int32 = 0,
    from broker: Int32 = 1
  ) -> FetcherState.Outcome {
    let offset = value.positions[Int(partition)].offset ?? 0
    var answer = FetchResponse.Partition()
    answer.partitionIndex = partition
    answer.highWatermark = highWatermark
    let bytes =
      records > 0
      ? FetcherStateTests.batch(base: offset, records: records, epoch: epoch) : []
    return received(
      answer, fetchOffset: offset, span: bytes.withUnsafeBytes { LogSpan($0) }, from: broker)
  }

  /// A broker answers for one partition with an error.
  func failed(
    _ code: ErrorCode, partition: Int32 = 0, from broker: Int32 = 1,
    change: (inout FetchResponse.Partition) -> Void = { _ in }
  ) -> FetcherState.Outcome {
    var answer = FetchResponse.Partition()
    answer.partitionIndex = partition
    answer.errorCode = code
    answer.highWatermark = -1
    change(&answer)
    return received(
      answer, fetchOffset: value.positions[Int(partition)].offset ?? 0,
      span: LogSpan(.init(start: nil, count: 0)),
      from: broker)
  }

  /// A broker says what has become of its session.
  func session(_ id: Int32, error: ErrorCode = .none, version: Int16 = 11, from broker: Int32 = 1)
    -> Bool
  {
    var response = FetchResponse()
    response.sessionId = id
    response.errorCode = error
    return value.sessions[broker]?.received(response, version: version) ?? false
  }

  /// A broker's answer names another leader.
  func lead(_ slot: Int, _ leader: Int32, epoch: Int32) -> Bool {
    value.lead(value.positions[slot].assigned, leader, epoch: epoch)
  }

  /// A leader says where the epoch of the last record ends.
  func validated(_ asked: FetcherState.Position, epoch: Int32, endOffset: Int64)
    -> FetcherState.Outcome
  {
    value.validated(asked.assigned, asked: asked, epoch: epoch, endOffset: endOffset)
  }

  /// A broker answers for what may no longer be assigned.
  func received(
    _ answer: FetchResponse.Partition, of assigned: AssignedPartition,
    _ wanted: FetchSession.Wanted, span: LogSpan
  ) -> FetcherState.Outcome {
    value.received(answer, of: assigned, wanted, span: span, from: 1)
  }

  func update(_ index: Int, _ change: (inout FetcherState.Position) -> Void) {
    value.update(value.positions[index].assigned, change)
  }

  func resumesAtMs(_ broker: Int32, nowMs: Int64) -> Int64? {
    value.resumesAtMs(broker, nowMs: nowMs)
  }
}
