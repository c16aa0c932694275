import KafkaProtocol
import Transport

/// Fetch 4–18: whole batches straight from the log; waits for `minBytes` up to `maxWaitMs`.
///
/// There are no sessions (KIP-227): a client that asks for one is answered with id 0, which means
/// "none", and goes on with full requests.
enum FetchHandler: Handler {
  typealias Request = FetchRequest
  nonisolated static var versions: ClosedRange<Int16> { 4...18 }
  /// Record data of one answer, in bytes, whatever the client allows (Kafka's `fetch.max.bytes`).
  static let responseBytesMax = 55 << 20

  static func handle(
    _ request: FetchRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    if let refused = refusal(request, call) {
      var response = FetchResponse()
      response.errorCode = refused
      return try reply(response, call)
    }
    let first = read(request, call)
    let wantedBytes = min(Int(request.minBytes), bytesMax(request))
    if first.availableBytes >= wantedBytes || first.hasErrors || request.maxWaitMs <= 0
      || first.partitions.isEmpty
    {
      return try reply(first.response, slices: first.slices, call)
    }
    return .wait(
      FetchWait(
        missingBytes: wantedBytes - first.availableBytes,
        committedOnly: request.isolationLevel == 1, partitions: first.partitions,
        maxWaitMs: Int64(request.maxWaitMs)
      ) {
        let last = read(request, call)
        do throws(WireError) {
          return try reply(last.response, slices: last.slices, call)
        } catch {
          return .close(reason: "Fetch v\(call.version): \(error)")
        }
      })
  }

  private static func refusal(_ request: FetchRequest, _ call: Call) -> ErrorCode? {
    if let injected = call.injected, call.version >= 7, request.topics.isEmpty { return injected }
    if request.sessionId != 0 {
      call.violation("Fetch v\(call.version): session \(request.sessionId) was never given out")
      return .fetchSessionIdNotFound
    }
    if request.sessionEpoch > 0 {
      call.violation("Fetch v\(call.version): epoch \(request.sessionEpoch) without a session")
      return .invalidFetchSessionEpoch
    }
    return nil
  }

  /// What one look at the logs gives.
  private struct Answer {
    var response = FetchResponse()
    var slices: [LogSlice] = []
    var byteCount = 0
    /// What there is, though not all of it may be in whole batches that fit.
    var availableBytes = 0
    var hasErrors = false
    /// Those that were read without an error.
    var partitions: [Partition] = []
  }

  private static func bytesMax(_ request: FetchRequest) -> Int {
    min(Int(max(0, request.maxBytes)), responseBytesMax)
  }

  private static func read(_ request: FetchRequest, _ call: Call) -> Answer {
    var answer = Answer()
    let bytesMax = bytesMax(request)
    for asked in request.topics {
      let topic =
        call.version >= 13 ? call.broker.topics[asked.topicId] : call.broker.topics[asked.topic]
      var shown = FetchResponse.Topic()
      shown.topic = asked.topic
      shown.topicId = asked.topicId
      for part in asked.partitions {
        var row = FetchResponse.Partition()
        row.partitionIndex = part.partition
        var slice = LogSlice()
        if let error = fault(part, topic, call) {
          answer.hasErrors = true
          row.errorCode = error
          row.highWatermark = -1
        } else if let partition = topic?.partition(part.partition) {
          let log = partition.log
          row.highWatermark = log.highWatermark
          row.lastStableOffset = log.lastStableOffset
          let bound = request.isolationLevel == 1 ? log.lastStableOffset : .max
          row.logStartOffset = log.logStartOffset
          let partBytesMax = Int(max(0, part.partitionMaxBytes))
          if let read = log.read(
            from: part.fetchOffset, upTo: bound,
            maxBytes: min(partBytesMax, bytesMax - answer.byteCount),
            atLeastOne: answer.byteCount == 0)
          {
            answer.availableBytes += log.bytesAvailable(
              from: part.fetchOffset, upTo: bound, limit: partBytesMax)
            slice = read
            answer.partitions.append(partition)
            if request.isolationLevel == 1 {
              row.abortedTransactions = log.abortedTransactions(
                from: part.fetchOffset, to: read.endOffset
              ).map { transaction in
                var shown = FetchResponse.AbortedTransaction()
                shown.producerId = transaction.producerId
                shown.firstOffset = transaction.firstOffset
                return shown
              }
            }
          } else {
            answer.hasErrors = true
            row.errorCode = .offsetOutOfRange
          }
        }
        row.records = RecordsSlice(offset: answer.slices.count, count: slice.count)
        answer.byteCount += slice.count
        answer.slices.append(slice)
        shown.partitions.append(row)
      }
      answer.response.responses.append(shown)
    }
    return answer
  }

  private static func fault(
    _ part: FetchRequest.Partition, _ topic: Topic?, _ call: Call
  ) -> ErrorCode? {
    if let injected = call.injected { return injected }
    guard let topic else {
      return call.version >= 13 ? .unknownTopicId : .unknownTopicOrPartition
    }
    guard let partition = topic.partition(part.partition) else { return .unknownTopicOrPartition }
    guard partition.leaderId == call.nodeId else { return .notLeaderOrFollower }
    return epochFault(part.currentLeaderEpoch, partition)
  }

  /// What is wrong with the leader epoch that a client believes in; −1 means that it has no belief.
  static func epochFault(_ epoch: Int32, _ partition: Partition) -> ErrorCode? {
    if epoch < 0 || epoch == partition.log.leaderEpoch { return nil }
    return epoch < partition.log.leaderEpoch ? .fencedLeaderEpoch : .unknownLeaderEpoch
  }
}
