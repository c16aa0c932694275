import KafkaProtocol
import Transport

/// ShareFetch 1–2 (KIP-932): acknowledges, and then acquires what the group has left in the session's
/// partitions; waits up to `maxWaitMs` where that is nothing.
enum ShareFetchHandler: Handler {
  typealias Request = ShareFetchRequest
  nonisolated static var versions: ClosedRange<Int16> { 1...2 }

  static func handle(
    _ request: ShareFetchRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var fetch: Fetch
    do throws(GroupRefusal) {
      fetch = try begin(request, call)
    } catch {
      var response = ShareFetchResponse()
      response.errorCode = error.code
      response.errorMessage = error.message
      return try reply(response, call)
    }
    let first = fetch.read(call)
    let acquires = !first.slices.isEmpty
    if acquires || first.hasErrors || fetch.partitions.isEmpty || request.maxWaitMs <= 0 {
      return try reply(first.response, slices: first.slices, call)
    }
    let waited = fetch
    let wait = FetchWait(
      missingBytes: 1, committedOnly: false, partitions: first.partitions,
      maxWaitMs: Int64(request.maxWaitMs)
    ) {
      let last = waited.read(call)
      do throws(WireError) {
        return try reply(last.response, slices: last.slices, call)
      } catch {
        return .close(reason: "ShareFetch v\(call.version): \(error)")
      }
    }
    call.broker.shares.note(wait, fetch.key.groupId)
    return .wait(wait)
  }

  /// Checks the request, moves the session on and takes the acknowledgements.
  private static func begin(_ request: ShareFetchRequest, _ call: Call) throws(GroupRefusal)
    -> Fetch
  {
    if let injected = call.injected { throw GroupRefusal(injected) }
    let key = try call.shareSessionKey(request.groupId, request.memberId)
    let epoch = request.shareSessionEpoch
    let acknowledges = request.topics.contains { topic in
      topic.partitions.contains { !$0.acknowledgementBatches.isEmpty }
    }
    guard epoch != 0 || !acknowledges else {
      throw GroupRefusal(.invalidRequest, "Acknowledgements cannot open a share session.")
    }
    let session = try call.broker.shares.session(key, epoch: epoch, call.connection)
    var fetch = Fetch(request: request, key: key, owner: session.number)
    for topic in request.topics {
      for part in topic.partitions where !part.acknowledgementBatches.isEmpty {
        let partition = TopicIdPartition(topic.topicId, part.partitionIndex)
        fetch.acknowledged[partition] = call.broker.shares.acknowledge(
          key.groupId, partition,
          part.acknowledgementBatches.map {
            SharePartition.Acknowledgement(
              firstOffset: $0.firstOffset, lastOffset: $0.lastOffset, types: $0.acknowledgeTypes)
          }, owner: session.number)
      }
    }
    if epoch == -1 {
      call.broker.shares.release(key.groupId, owner: session.number)
      return fetch
    }
    let partitions = try call.broker.shares.change(
      key,
      adding: request.topics.flatMap { topic in
        topic.partitions.map {
          TopicIdPartition(topic.topicId, $0.partitionIndex)
        }
      },
      removing: Set(
        request.forgottenTopicsData.flatMap { topic in
          topic.partitions.map { TopicIdPartition(topic.topicId, $0) }
        }))
    if !request.isRenewAck { fetch.partitions = partitions }
    return fetch
  }

  /// A request whose acknowledgements are done and whose records are still to be acquired.
  @Net private struct Fetch {
    let request: ShareFetchRequest
    let key: ShareSessions.Key
    let owner: Int32
    var partitions: [TopicIdPartition] = []
    /// What came of the acknowledgements.
    var acknowledged: [TopicIdPartition: ErrorCode] = [:]

    /// What one look at the logs gives.
    struct Answer {
      var response = ShareFetchResponse()
      var slices: [LogSlice] = []
      var hasErrors = false
      /// Those that were read without an error.
      var partitions: [Partition] = []
    }

    func read(_ call: Call) -> Answer {
      var answer = Answer()
      var rows: [TopicIdPartition: ShareFetchResponse.Partition] = [:]
      for (partition, error) in acknowledged {
        var row = ShareFetchResponse.Partition()
        row.acknowledgeErrorCode = error
        rows[partition] = row
      }
      var recordsLeft = max(0, Int(request.maxRecords))
      var bytesLeft = min(Int(max(0, request.maxBytes)), FetchHandler.responseBytesMax)
      for asked in partitions where recordsLeft > 0 {
        var row = rows[asked] ?? ShareFetchResponse.Partition()
        guard let partition = call.broker.topics[asked.topicId]?.partition(asked.partition) else {
          let isKnown = call.broker.topics[asked.topicId] != nil
          row.errorCode = isKnown ? .unknownTopicOrPartition : .unknownTopicId
          rows[asked] = row
          answer.hasErrors = true
          continue
        }
        guard partition.leaderId == call.nodeId else {
          row.errorCode = .notLeaderOrFollower
          row.currentLeader.leaderId = partition.leaderId
          row.currentLeader.leaderEpoch = partition.log.leaderEpoch
          rows[asked] = row
          answer.hasErrors = true
          continue
        }
        answer.partitions.append(partition)
        let log = partition.log
        guard let next = call.broker.shares.nextOffset(key.groupId, asked, log),
          let slice = log.read(from: next, maxBytes: bytesLeft, atLeastOne: answer.slices.isEmpty),
          slice.count > 0
        else { continue }
        row.acquiredRecords = call.broker.shares.acquire(
          key.groupId, asked, upTo: slice.endOffset, recordsMax: recordsLeft, owner: owner)
        guard !row.acquiredRecords.isEmpty else { continue }
        recordsLeft -= row.acquiredRecords.reduce(0) {
          $0 + Int($1.lastOffset - $1.firstOffset) + 1
        }
        bytesLeft -= slice.count
        row.records = RecordsSlice(offset: answer.slices.count, count: slice.count)
        answer.slices.append(slice)
        rows[asked] = row
      }
      answer.response.acquisitionLockTimeoutMs = Int32(clamping: call.broker.shares.lockMs)
      answer.response.nodeEndpoints = answer.hasErrors ? endpoints(call) : []
      answer.response.responses = topics(rows, noRecords: answer.slices.count)
      return answer
    }

    /// The rows by topic; `noRecords` is a place at which no record data lies.
    private func topics(
      _ rows: [TopicIdPartition: ShareFetchResponse.Partition], noRecords: Int
    ) -> [ShareFetchResponse.Topic] {
      Dictionary(grouping: rows, by: \.key.topicId).map { id, rows in
        var topic = ShareFetchResponse.Topic()
        topic.topicId = id
        topic.partitions = rows.map { key, value in
          var row = value
          row.partitionIndex = key.partition
          if row.records == nil { row.records = RecordsSlice(offset: noRecords, count: 0) }
          return row
        }
        return topic
      }
    }

    private func endpoints(_ call: Call) -> [ShareFetchResponse.NodeEndpoint] {
      call.broker.advertised(call.connection).map { node in
        var row = ShareFetchResponse.NodeEndpoint()
        (row.nodeId, row.host, row.port) = (node.id, node.host, node.port)
        return row
      }
    }
  }
}

extension Call {
  /// Whose share session a request means.
  func shareSessionKey(_ groupId: String?, _ memberId: String?) throws(GroupRefusal)
    -> ShareSessions.Key
  {
    guard let groupId, !groupId.isEmpty else {
      throw GroupRefusal(.invalidRequest, "GroupId can't be empty.")
    }
    guard let memberId, !memberId.isEmpty else {
      throw GroupRefusal(.invalidRequest, "MemberId can't be empty.")
    }
    return ShareSessions.Key(groupId: groupId, memberId: memberId, nodeId: nodeId)
  }
}
