import KafkaProtocol
import Transport

/// A broker of a few hundred lines less than a broker: takes batches, and fails as it is told.
@Net final class ScriptedBroker {
  /// What becomes of a Produce request.
  enum Produce: Sendable {
    case append
    /// Appends, and answers so many milliseconds later.
    case appendLater(Int64)
    case refuse(ErrorCode, String?)
    /// Appends, then cuts the connection instead of answering.
    case appendAndCut
    case cut
    /// Neither appends nor answers.
    case ignore
  }

  struct Options: Sendable {
    var topics: [String: Int] = ["t": 1]
    /// The newest Produce version that it speaks.
    var produceMax: Int16 = 13
    var hasProducerIds = true
    /// What the n-th request for a producer id is answered with.
    var producerIdError: @Sendable (Int) -> ErrorCode = { _ in .none }
    /// Larger batches are refused.
    var batchBytesMax = Int.max
    /// Which values are refused, each with its place (KIP-467).
    var isInvalid: @Sendable (String) -> Bool = { _ in false }
    /// What becomes of the n-th Produce request.
    var produce: @Sendable (Int) -> Produce = { _ in .append }
  }

  private let options: Options
  private var listener: Listener?
  private var connections: [FramedLink] = []
  /// By topic and partition, the batches as they came.
  private(set) var logs: [String: [[[UInt8]]]] = [:]
  private(set) var produceVersions: [Int16] = []
  private(set) var acks: [Int16] = []
  private(set) var violations: [String] = []
  /// Bytes of each batch that came, taken or not.
  private(set) var batchSizes: [Int] = []
  /// The most Produce requests that were unanswered at a time.
  private(set) var mostUnanswered = 0
  private var unanswered = 0
  private var timers: [Timer] = []
  private var producerIdRequests = 0
  private var nextSequence: [String: Int32] = [:]

  init(_ options: Options) throws {
    self.options = options
    for (name, count) in options.topics { logs[name] = .init(repeating: [], count: count) }
    listener = try Listener(host: "127.0.0.1", port: 0) { [weak self] socket in
      guard let self else { return socket.close() }
      self.connections.append(
        FramedLink(socket) { [weak self] in self?.frame($0, from: $1) })
    }
  }

  var port: UInt16 { listener?.address.port ?? 0 }

  func close() {
    listener?.close()
    for connection in connections { connection.socket.close() }
  }

  /// All values of a partition, in order.
  func values(_ topic: String, _ partition: Int) throws -> [String] {
    try (logs[topic]?[partition] ?? []).flatMap { try Self.values(in: $0) }
  }

  private static func values(in batch: [UInt8]) throws -> [String] {
    var values: [String] = []
    try batch.withUnsafeBytes { bytes in
      var reader = RecordSetReader()
      reader.open(bytes)
      while let decoded = try reader.next() {
        var records = RecordIterator(decoded)
        while let record = try records.next() {
          let value = record.value ?? UnsafeRawBufferPointer(start: nil, count: 0)
          values.append(String(decoding: value, as: UTF8.self))
        }
      }
    }
    return values
  }

  private func frame(_ frame: UnsafeRawBufferPointer, from connection: FramedLink) {
    do {
      let header = try RequestHeader(in: frame)
      switch APIKey(rawValue: header.key) {
      case .apiVersions: try answer(ApiVersionsRequest.self, versions(), header, connection)
      case .metadata:
        let request = try MetadataRequest.request(in: frame, after: header)
        try answer(MetadataRequest.self, metadata(request), header, connection)
      case .initProducerId:
        var response = InitProducerIdResponse()
        response.errorCode = options.producerIdError(producerIdRequests)
        response.producerId = 4000 + Int64(producerIdRequests)
        producerIdRequests += 1
        try answer(InitProducerIdRequest.self, response, header, connection)
      case .produce: try produce(frame, header, connection)
      default: violations.append("unexpected request \(header.key)")
      }
    } catch {
      violations.append("\(error)")
    }
  }

  private func answer<R: KafkaRequest>(
    _ type: R.Type, _ response: R.Response, _ header: RequestHeader, _ connection: FramedLink
  ) throws {
    let frame = try R.frame(
      response, version: header.version, correlationID: header.correlationID)
    connection.socket.write(frame.head)
  }

  private func versions() -> ApiVersionsResponse {
    var response = ApiVersionsResponse()
    var rows: [(APIKey, Int16)] = [
      (.produce, options.produceMax), (.metadata, 8), (.apiVersions, 3),
    ]
    if options.hasProducerIds { rows.append((.initProducerId, 1)) }
    response.apiKeys = rows.map { key, newest in
      var row = ApiVersionsResponse.APIVersion()
      row.apiKey = key.rawValue
      row.maxVersion = newest
      return row
    }
    return response
  }

  private func metadata(_ request: MetadataRequest) -> MetadataResponse {
    var response = MetadataResponse()
    var broker = MetadataResponse.Broker()
    broker.nodeId = 1
    broker.host = "127.0.0.1"
    broker.port = Int32(port)
    response.brokers = [broker]
    for asked in request.topics ?? [] {
      var topic = MetadataResponse.Topic()
      topic.name = asked.name
      if let count = options.topics[asked.name ?? ""] {
        topic.partitions = (0..<count).map { index in
          var partition = MetadataResponse.Partition()
          partition.partitionIndex = Int32(index)
          partition.leaderId = 1
          return partition
        }
      } else {
        topic.errorCode = .unknownTopicOrPartition
      }
      response.topics.append(topic)
    }
    return response
  }

  private func produce(
    _ frame: UnsafeRawBufferPointer, _ header: RequestHeader, _ connection: FramedLink
  ) throws {
    let request = try ProduceRequest.request(in: frame, after: header)
    let verdict = options.produce(produceVersions.count)
    produceVersions.append(header.version)
    acks.append(request.acks)
    var response = ProduceResponse()
    for asked in request.topicData {
      var topic = ProduceResponse.Topic()
      topic.name = asked.name
      for part in asked.partitionData {
        var row = ProduceResponse.Partition()
        row.index = part.index
        switch verdict {
        case .append, .appendLater, .appendAndCut:
          if let records = part.records {
            let bytes = UnsafeRawBufferPointer(
              rebasing: frame[records.offset..<records.offset + records.count])
            try append(asked.name, Array(bytes), header.version, &row)
          }
        case .refuse(let code, let message):
          row.errorCode = code
          row.errorMessage = message
        case .cut, .ignore: break
        }
        topic.partitionResponses.append(row)
      }
      response.responses.append(topic)
    }
    switch verdict {
    case .cut, .appendAndCut: connection.socket.close()
    case .ignore: break
    case .append, .refuse:
      if request.acks != 0 {
        try answer(ProduceRequest.self, response, header, connection)
      }
    case .appendLater(let ms):
      unanswered += 1
      mostUnanswered = max(mostUnanswered, unanswered)
      timers.append(
        Timer(afterMs: ms) { [weak self] in
          self?.unanswered -= 1
          try? self?.answer(ProduceRequest.self, response, header, connection)
        })
    }
  }

  /// Appends a batch, or says in the row why not.
  private func append(
    _ topic: String, _ batch: [UInt8], _ version: Int16, _ row: inout ProduceResponse.Partition
  ) throws {
    let partition = Int(row.index)
    batchSizes.append(batch.count)
    guard logs[topic]?.indices.contains(partition) == true else {
      row.errorCode = .unknownTopicOrPartition
      return
    }
    guard batch.count <= options.batchBytesMax else {
      row.errorCode = .messageTooLarge
      return
    }
    for (index, value) in try Self.values(in: batch).enumerated() where options.isInvalid(value) {
      var error = ProduceResponse.RecordError()
      error.batchIndex = Int32(index)
      error.batchIndexErrorMessage = "\(value) is not wanted"
      row.recordErrors.append(error)
      row.errorCode = .invalidRecord
    }
    guard row.errorCode == .none else { return }
    if version >= 3, let refusal = try admit("\(topic)/\(partition)", batch) {
      row.errorCode = refusal
      return
    }
    logs[topic]?[partition].append(batch)
  }

  /// What is wrong with a batch's sequence; every epoch begins anew.
  private func admit(_ place: String, _ batch: [UInt8]) throws -> ErrorCode? {
    try batch.withUnsafeBytes { bytes in
      var batches = RecordBatchIterator(bytes)
      guard let header = try batches.next() else { return .corruptMessage }
      guard header.producerId >= 0 else { return nil }
      let key = "\(place) \(header.producerId) \(header.producerEpoch)"
      let expected = nextSequence[key, default: 0]
      if header.baseSequence < expected { return .duplicateSequenceNumber }
      if header.baseSequence > expected { return .outOfOrderSequenceNumber }
      nextSequence[key] = expected + Int32(header.recordCount)
      return nil
    }
  }
}
