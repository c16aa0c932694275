import KafkaProtocol
import Transport

// Produce requests and their answers.

extension Producer {
  func send(_ request: ProducerState.Request) {
    guard let connection = connections[request.brokerId] else {
      return run(
        state.requestFailed(
          request.id, "Local: Broker transport failure", wasSent: false,
          nowMs: MonotonicClock.nowMs))
    }
    let version: Int16
    do {
      version = try produceVersion(request, connection)
    } catch {
      return run(state.refused(request.id, error, nowMs: MonotonicClock.nowMs))
    }
    var message = ProduceRequest()
    message.transactionalId = configuration.transactionalId
    message.acks = configuration.acks
    message.timeoutMs = Int32(
      clamping: min(configuration.requestTimeoutMs, request.timeoutMs))
    var records: [UnsafeRawBufferPointer] = []
    var owners: [any AnyObject & Sendable] = []
    // Batches of a topic stand together.
    for batch in request.batches.sorted(by: { $0.topic < $1.topic }) {
      guard let bytes = held[batch.id] else { continue }
      let name = names[batch.topic]
      if message.topicData.last?.name != name {
        var topic = ProduceRequest.Topic()
        topic.name = name
        topic.topicId = cluster.metadata.topic(name)?.topicId ?? .zero
        message.topicData.append(topic)
      }
      var partition = ProduceRequest.Partition()
      partition.index = batch.partition
      partition.records = RecordsSlice(offset: 0, count: bytes.sealed.byteCount)
      message.topicData[message.topicData.count - 1].partitionData.append(partition)
      records.append(bytes.sealed.bytes)
      owners.append(bytes)
    }
    let id = request.id
    connection.send(
      message, version: version, records: records, keeping: owners, timeoutMs: request.timeoutMs,
      awaitsResponse: configuration.acks != 0
    ) { [weak self] result in
      self?.answered(id, version, result)
    }
  }

  /// The newest version that the leader speaks and the batches' format allows.
  private func produceVersion(_ request: ProducerState.Request, _ connection: Connection)
    throws(DeliveryError) -> Int16
  {
    let magic = request.batches.compactMap { held[$0.id]?.sealed.magic }.max() ?? 2
    var newest: Int16 = magic == 0 ? 1 : magic == 1 ? 2 : 12
    let topics = Set(request.batches.map(\.topic))
    let haveIds = topics.allSatisfy {
      (cluster.metadata.topic(names[$0])?.topicId ?? .zero) != .zero
    }
    if magic == 2 && haveIds { newest = 13 }
    // From version 12 on the request itself makes the partition part of the transaction (KIP-890).
    if let transaction, !transaction.isVersion2 { newest = min(newest, 11) }
    let version: Int16
    do {
      version = try connection.version(of: .produce, atMost: newest)
    } catch {
      throw .unsupported("\(error)")
    }
    let needed: Int16 = magic < 2 ? 0 : configuration.codec == .zstd ? 7 : 3
    guard version >= needed else {
      throw .unsupported(
        "Local: Required feature not supported by broker: \(connection.name) speaks Produce "
          + "v\(version), the batch needs v\(needed)")
    }
    return version
  }

  private func answered(_ id: Int, _ version: Int16, _ result: Result<Buffer, ClientError>) {
    let nowMs = MonotonicClock.nowMs
    switch result {
    case .failure(let error):
      let wasSent =
        switch error {
        case .malformed, .unsupported: false
        case .unreachable, .disconnected, .notKafka, .tls, .broker, .timedOut, .unknownTopic,
          .unknownPartition,
          .closed:
          true
        }
      run(state.requestFailed(id, "\(error)", wasSent: wasSent, nowMs: nowMs))
    case .success(let frame):
      if configuration.acks == 0 {
        return run(state.answered(id, [], throttleMs: 0, nowMs: nowMs))
      }
      let decoded = Result { () throws(WireError) in
        try ProduceRequest.response(in: frame.bytes, version: version).response
      }
      cluster.buffers.giveBack(frame, size: frame.count)
      switch decoded {
      case .success(let response):
        if response.throttleTimeMs > 0 {
          log(ClientLog(.info, "THROTTLE", "throttled for \(response.throttleTimeMs) ms"))
        }
        followLeaders(response, version)
        run(
          state.answered(
            id, results(response, version), throttleMs: Int64(response.throttleTimeMs),
            nowMs: nowMs))
      case .failure(let error):
        log(ClientLog(.warning, "PROTOERR", "Produce response v\(version): \(error)"))
        run(state.answered(id, [], throttleMs: 0, nowMs: nowMs))
      }
    }
  }

  /// Tells the cluster's metadata of the leaders that the answer names (KIP-951).
  private func followLeaders(_ response: ProduceResponse, _ version: Int16) {
    for topic in response.responses {
      let number = version >= 13 ? numbersById[topic.topicId] : numbers[topic.name]
      guard let number else { continue }
      for row in topic.partitionResponses where row.currentLeader.leaderId >= 0 {
        let endpoint = response.nodeEndpoints.first { $0.nodeId == row.currentLeader.leaderId }
        cluster.metadata.apply(
          leader: row.currentLeader.leaderId, epoch: row.currentLeader.leaderEpoch,
          topic: names[number], partition: row.index,
          endpoint: endpoint.map {
            ClusterMetadata.Broker(nodeId: $0.nodeId, host: $0.host, port: $0.port, rack: $0.rack)
          })
      }
    }
  }

  private func results(_ response: ProduceResponse, _ version: Int16) -> [ProducerState.Result] {
    var results: [ProducerState.Result] = []
    for topic in response.responses {
      let number = version >= 13 ? numbersById[topic.topicId] : numbers[topic.name]
      guard let number else { continue }
      for row in topic.partitionResponses {
        var result = ProducerState.Result(topic: number, partition: row.index)
        result.errorCode = row.errorCode
        result.message = row.errorMessage
        result.recordErrors = row.recordErrors.map {
          ($0.batchIndex, $0.batchIndexErrorMessage)
        }
        result.baseOffset = row.baseOffset
        result.logStartOffset = row.logStartOffset
        result.currentLeaderId = row.currentLeader.leaderId
        result.currentLeaderEpoch = row.currentLeader.leaderEpoch
        results.append(result)
      }
    }
    return results
  }
}
