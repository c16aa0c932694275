import KafkaProtocol
import Transport

/// What one look at the logs gives a Fetch.
@Net struct FetchRead {
  /// A row for each partition that was asked for; `RecordsSlice.offset` is the place in `slices`.
  private(set) var rows: [FetchResponse.Partition] = []
  private(set) var slices: [LogSlice] = []
  /// What there is, though not all of it may be in whole batches that fit.
  private(set) var availableBytes = 0
  /// Whether there is something that the client must know at once.
  private(set) var isUrgent = false
  /// Those that were read without an error.
  private(set) var partitions: [Partition] = []
  private var byteCount = 0
  private let request: FetchRequest
  private let bytesMax: Int
  private let call: Call

  /// Reads what `parts` say.
  init(_ parts: [FetchSessions.Part], _ request: FetchRequest, bytesMax: Int, _ call: Call) {
    self.request = request
    self.bytesMax = bytesMax
    self.call = call
    for part in parts {
      let topic =
        call.version >= 13
        ? call.broker.topics[part.key.topicId] : call.broker.topics[part.key.topic]
      read(part.wanted, topic)
    }
  }

  private mutating func read(_ wanted: FetchRequest.Partition, _ topic: Topic?) {
    var row = FetchResponse.Partition()
    row.partitionIndex = wanted.partition
    row.highWatermark = -1
    var slice = LogSlice()
    let partition = topic?.partition(wanted.partition)
    if let injected = call.injected {
      row.errorCode = injected
    } else if let partition {
      if let error = fault(wanted, partition) {
        row.errorCode = error
      } else {
        slice = serve(wanted, partition, &row)
      }
    } else {
      row.errorCode =
        topic == nil && call.version >= 13 ? .unknownTopicId : .unknownTopicOrPartition
    }
    if row.errorCode != .none {
      isUrgent = true
      row.lastStableOffset = -1
      row.logStartOffset = -1
    }
    if call.version >= 12, let partition,
      row.errorCode == .notLeaderOrFollower || row.errorCode == .fencedLeaderEpoch
    {
      row.currentLeader.leaderId = partition.leaderId
      row.currentLeader.leaderEpoch = partition.log.leaderEpoch
    }
    row.records = RecordsSlice(offset: slices.count, count: slice.count)
    byteCount += slice.count
    slices.append(slice)
    rows.append(row)
  }

  private func fault(_ wanted: FetchRequest.Partition, _ partition: Partition) -> ErrorCode? {
    // From version 11 on consumers may read from followers (KIP-392).
    guard
      partition.leaderId == call.nodeId
        || call.version >= 11 && partition.leaderId >= 0 && partition.replicas.contains(call.nodeId)
    else { return .notLeaderOrFollower }
    return partition.epochFault(wanted.currentLeaderEpoch)
  }

  private mutating func serve(
    _ wanted: FetchRequest.Partition, _ partition: Partition, _ row: inout FetchResponse.Partition
  ) -> LogSlice {
    let log = partition.log
    let isCommittedOnly = request.isolationLevel == 1
    row.highWatermark = log.highWatermark
    row.lastStableOffset = log.lastStableOffset
    row.logStartOffset = log.logStartOffset
    if wanted.lastFetchedEpoch >= 0 {
      guard
        let end = log.leaderEpochs.end(
          of: wanted.lastFetchedEpoch, logEndOffset: log.logEndOffset)
      else {
        row.errorCode = .offsetOutOfRange
        return LogSlice()
      }
      if end.epoch < wanted.lastFetchedEpoch || end.endOffset < wanted.fetchOffset {
        row.divergingEpoch.epoch = end.epoch
        row.divergingEpoch.endOffset = end.endOffset
        isUrgent = true
        return LogSlice()
      }
    }
    let bound = isCommittedOnly ? log.lastStableOffset : .max
    let partBytesMax = Int(max(0, wanted.partitionMaxBytes))
    guard
      let slice = log.read(
        from: wanted.fetchOffset, upTo: bound, maxBytes: min(partBytesMax, bytesMax - byteCount),
        atLeastOne: byteCount == 0)
    else {
      row.errorCode = .offsetOutOfRange
      return LogSlice()
    }
    if isCommittedOnly { row.abortedTransactions = [] }
    if let near = call.broker.nearReplica(of: partition, call, rackId: request.rackId) {
      row.preferredReadReplica = near
      isUrgent = true
      return LogSlice()
    }
    partitions.append(partition)
    availableBytes += log.bytesAvailable(
      from: wanted.fetchOffset, upTo: bound, limit: partBytesMax)
    if isCommittedOnly {
      row.abortedTransactions = log.abortedTransactions(
        from: wanted.fetchOffset, to: slice.endOffset
      ).map { transaction in
        var shown = FetchResponse.AbortedTransaction()
        shown.producerId = transaction.producerId
        shown.firstOffset = transaction.firstOffset
        return shown
      }
    }
    return slice
  }
}
