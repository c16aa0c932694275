import KafkaProtocol
import Transport

/// A broker of a few hundred lines less than a broker: takes batches, and fails as it is told.
@Net final class ScriptedBroker {
  /// What becomes of a Produce request.
  enum Produce: Sendable {
    case append
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
    /// What becomes of the n-th Produce request.
    var produce: @Sendable (Int) -> Produce = { _ in .append }
  }

  private let options: Options
  private var listener: Listener?
  private var connections: [Connection] = []
  /// By topic and partition, the batches as they came.
  private(set) var logs: [String: [[[UInt8]]]] = [:]
  private(set) var produceVersions: [Int16] = []
  private(set) var acks: [Int16] = []
  private(set) var violations: [String] = []
  private var nextSequence: [String: Int32] = [:]

  init(_ options: Options) throws {
    self.options = options
    for (name, count) in options.topics { logs[name] = .init(repeating: [], count: count) }
    listener = try Listener(host: "127.0.0.1", port: 0) { [weak self] socket in
      guard let self else { return socket.close() }
      self.connections.append(Connection(socket, self))
    }
  }

  var port: UInt16 { listener?.address.port ?? 0 }

  func close() {
    listener?.close()
    for connection in connections { connection.socket.close() }
  }

  /// All values of a partition, in order.
  func values(_ topic: String, _ partition: Int) throws -> [String] {
    var values: [String] = []
    for batch in logs[topic]?[partition] ?? [] {
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
    }
    return values
  }

  private func frame(_ frame: UnsafeRawBufferPointer, from connection: Connection) {
    do {
      let header = try RequestHeader(in: frame)
      switch APIKey(rawValue: header.key) {
      case .apiVersions: try answer(ApiVersionsRequest.self, versions(), header, connection)
      case .metadata:
        let request = try MetadataRequest.request(in: frame, after: header)
        try answer(MetadataRequest.self, metadata(request), header, connection)
      case .initProducerId:
        var response = InitProducerIdResponse()
        response.producerId = 4000
        try answer(InitProducerIdRequest.self, response, header, connection)
      case .produce: try produce(frame, header, connection)
      default: violations.append("unexpected request \(header.key)")
      }
    } catch {
      violations.append("\(error)")
    }
  }

  private func answer<R: KafkaRequest>(
    _ type: R.Type, _ response: R.Response, _ header: RequestHeader, _ connection: Connection
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
    _ frame: UnsafeRawBufferPointer, _ header: RequestHeader, _ connection: Connection
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
        case .append, .appendAndCut:
          if let records = part.records {
            let bytes = UnsafeRawBufferPointer(
              rebasing: frame[records.offset..<records.offset + records.count])
            row.errorCode = append(asked.name, Int(part.index), Array(bytes), header.version)
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
    }
  }

  /// Appends a batch, or says that it is there already.
  private func append(_ topic: String, _ partition: Int, _ batch: [UInt8], _ version: Int16)
    -> ErrorCode
  {
    guard logs[topic]?.indices.contains(partition) == true else { return .unknownTopicOrPartition }
    if version >= 3 {
      let place = "\(topic)/\(partition)"
      let expected = nextSequence[place, default: 0]
      let header = batch.withUnsafeBytes { bytes in
        var batches = RecordBatchIterator(bytes)
        return (try? batches.next()).map { ($0.producerId, $0.baseSequence, $0.recordCount) }
      }
      guard let header else { return .corruptMessage }
      if header.0 >= 0 {
        if header.1 < expected { return .duplicateSequenceNumber }
        if header.1 > expected { return .outOfOrderSequenceNumber }
        nextSequence[place] = expected + Int32(header.2)
      }
    }
    logs[topic]?[partition].append(batch)
    return .none
  }

  /// One client's connection.
  private final class Connection: SocketDelegate {
    let socket: Socket
    private weak var broker: ScriptedBroker?
    private let buffer = Buffer(capacity: 64 << 10)

    init(_ socket: Socket, _ broker: ScriptedBroker) {
      self.socket = socket
      self.broker = broker
      socket.delegate = self
      socket.startReading()
    }

    func readSpace(for socket: Socket) -> UnsafeMutableRawBufferPointer {
      if buffer.count == buffer.capacity { buffer.grow(to: buffer.capacity * 2) }
      return UnsafeMutableRawBufferPointer(rebasing: buffer.space[buffer.count...])
    }

    func socket(_ socket: Socket, read count: Int) {
      buffer.count += count
      while buffer.bytes.count >= 4 {
        let size = Int(Int32(bigEndian: buffer.bytes.loadUnaligned(as: Int32.self)))
        guard buffer.bytes.count >= 4 + size else { break }
        broker?.frame(
          UnsafeRawBufferPointer(rebasing: buffer.bytes[4..<4 + size]), from: self)
        buffer.start += 4 + size
      }
      let rest = Array(buffer.bytes)
      buffer.space.copyBytes(from: rest)
      (buffer.start, buffer.count) = (0, rest.count)
    }

    func socketClosed(_ socket: Socket, error: TransportError?) {}
  }
}
