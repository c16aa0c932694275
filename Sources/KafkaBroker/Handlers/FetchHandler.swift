import KafkaProtocol
import Transport

/// Fetch 4–18: whole batches straight from the log; waits for `minBytes` up to `maxWaitMs`; with sessions
/// (KIP-227), fetches from followers (KIP-392) and news of leaders (KIP-951).
enum FetchHandler: Handler {
  typealias Request = FetchRequest
  nonisolated static var versions: ClosedRange<Int16> { 4...18 }
  /// Record data of one answer, in bytes, whatever the client allows (Kafka's `fetch.max.bytes`).
  static let responseBytesMax = 55 << 20

  static func handle(
    _ request: FetchRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var context = FetchSessions.Context()
    if let injected = call.injected, isOfSession(injected) {
      context.error = injected
    } else {
      context = call.broker.fetchSessions[call.nodeId, default: FetchSessions()].begin(
        request, version: call.version)
      if let injected = call.injected, context.parts.isEmpty { context.error = injected }
    }
    guard context.error == .none else {
      var response = FetchResponse()
      response.errorCode = context.error
      response.sessionId = context.sessionId
      return try reply(response, call)
    }
    let bytesMax = min(Int(max(0, request.maxBytes)), responseBytesMax)
    let first = FetchRead(context.parts, request, bytesMax: bytesMax, call)
    let wantedBytes = min(Int(request.minBytes), bytesMax)
    if first.availableBytes >= wantedBytes || first.isUrgent || request.maxWaitMs <= 0
      || first.partitions.isEmpty
    {
      return try answer(first, context, call)
    }
    return .wait(
      FetchWait(
        missingBytes: wantedBytes - first.availableBytes,
        committedOnly: request.isolationLevel == 1, partitions: first.partitions,
        maxWaitMs: Int64(request.maxWaitMs)
      ) {
        do throws(WireError) {
          return try answer(
            FetchRead(context.parts, request, bytesMax: bytesMax, call), context, call)
        } catch {
          return .close(reason: "Fetch v\(call.version): \(error)")
        }
      })
  }

  /// Whether an error is of the session, and so of the answer as a whole.
  private static func isOfSession(_ error: ErrorCode) -> Bool {
    switch error {
    case .fetchSessionIdNotFound, .invalidFetchSessionEpoch, .fetchSessionTopicIdError: true
    default: false
    }
  }

  private static func answer(_ read: FetchRead, _ context: FetchSessions.Context, _ call: Call)
    throws(WireError) -> Outcome
  {
    var response = FetchResponse()
    response.sessionId = context.sessionId
    let places =
      call.broker.fetchSessions[call.nodeId]?.answer(context, read.rows)
      ?? Array(read.rows.indices)
    var topics: [FetchSessions.Key: Int] = [:]
    var leaders: Set<Int32> = []
    for place in places {
      var key = context.parts[place].key
      key.partition = 0
      if topics[key] == nil {
        var topic = FetchResponse.Topic()
        topic.topic = key.topic
        topic.topicId = key.topicId
        topics[key] = response.responses.count
        response.responses.append(topic)
      }
      if let topic = topics[key] { response.responses[topic].partitions.append(read.rows[place]) }
      leaders.insert(read.rows[place].currentLeader.leaderId)
    }
    if call.version >= 16 {
      response.nodeEndpoints = call.endpoints(leaders).map { node in
        var endpoint = FetchResponse.NodeEndpoint()
        endpoint.nodeId = node.id
        endpoint.host = node.host
        endpoint.port = node.port
        return endpoint
      }
    }
    return try reply(response, slices: read.slices, call)
  }
}
