import KafkaProtocol
import Transport

@testable import KafkaBroker

/// A client made by hand: sends requests as they are written and returns frames as they come.
@Net final class TestClient: SocketDelegate {
  private let socket: Socket
  private let space = Buffer(capacity: 64 << 10)
  private var received: [UInt8] = []
  private var isClosed = false
  private var waiting: CheckedContinuation<[UInt8]?, Never>?
  private var correlationID: Int32 = 0

  struct Closed: Error {}

  /// Dials a broker of the cluster, the first unless `node` says another.
  init(_ broker: Broker, node: Int32? = nil, reading: Bool = true) async throws {
    let dialled = node.map { id in broker.nodes.first { $0.id == id }?.address }
    guard let address = dialled ?? broker.address else { throw Closed() }
    socket = try await Dialer.dial(
      host: address.host, port: address.port, family: .any, timeoutMs: 5000)
    socket.delegate = self
    if reading { socket.startReading() }
  }

  func startReading() { socket.startReading() }

  func close() { socket.close() }

  /// Sends bytes as they are.
  func send(_ bytes: [UInt8]) { socket.write(bytes, then: nil) }

  /// Sends a request and returns its correlation id; `records` go where the request's slices say, in order.
  @discardableResult
  func send<Request: KafkaRequest>(
    _ request: Request, version: Int16, records: [[UInt8]] = []
  ) throws -> Int32 {
    correlationID += 1
    let frame = try request.frame(
      version: version, correlationID: correlationID, clientID: "test")
    var bytes: [UInt8] = []
    var written = 0
    for (splice, records) in zip(frame.splices, records) {
      bytes += frame.head[written..<splice.headCount] + records
      written = splice.headCount
    }
    send(bytes + frame.head[written...])
    return correlationID
  }

  /// The next frame without its length; nil when the broker has closed the connection.
  func nextFrame() async -> [UInt8]? {
    if let frame = takeFrame() { return frame }
    if isClosed { return nil }
    return await withCheckedContinuation { waiting = $0 }
  }

  /// The next frame as the response to a request.
  func response<Request: KafkaRequest>(to type: Request.Type, version: Int16) async throws
    -> (correlationID: Int32, response: Request.Response, frame: [UInt8])
  {
    guard let frame = await nextFrame() else { throw Closed() }
    let (id, response, _) = try frame.withUnsafeBytes {
      try Request.response(in: $0, version: version)
    }
    return (id, response, frame)
  }

  /// Sends a request and waits for its response.
  func call<Request: KafkaRequest>(
    _ request: Request, version: Int16, records: [[UInt8]] = []
  ) async throws -> Request.Response {
    try send(request, version: version, records: records)
    return try await response(to: Request.self, version: version).response
  }

  private func takeFrame() -> [UInt8]? {
    guard received.count >= 4 else { return nil }
    let length = received.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    guard received.count - 4 >= length else { return nil }
    let frame = Array(received[4..<4 + length])
    received.removeFirst(4 + length)
    return frame
  }

  /// Bytes that came but are no whole frame.
  var rest: [UInt8] { received }

  func readSpace(for socket: Socket) -> UnsafeMutableRawBufferPointer { space.space }

  func socket(_ socket: Socket, read count: Int) {
    received += UnsafeRawBufferPointer(space.space)[..<count]
    guard let waiting, let frame = takeFrame() else { return }
    self.waiting = nil
    waiting.resume(returning: frame)
  }

  func socketClosed(_ socket: Socket, error: TransportError?) {
    isClosed = true
    waiting?.resume(returning: nil)
    waiting = nil
  }
}

/// A broker that listens, with these topics of one partition each.
@Net func startBroker(
  _ topics: [String] = [], _ change: (inout BrokerOptions) -> Void = { _ in }
) throws -> Broker {
  var options = BrokerOptions()
  options.topics = topics.map { BrokerOptions.Topic(name: $0) }
  change(&options)
  let broker = Broker(options)
  try broker.start()
  return broker
}

extension ProduceRequest {
  /// Asks to store one batch in one partition.
  static func one(
    _ topic: String, _ partition: Int32 = 0, _ batch: [UInt8], acks: Int16 = -1, id: Uuid = .zero
  ) -> ProduceRequest {
    var request = ProduceRequest()
    request.acks = acks
    request.timeoutMs = 1000
    var part = Partition()
    part.index = partition
    part.records = RecordsSlice(count: batch.count)
    var data = Topic()
    data.name = topic
    data.topicId = id
    data.partitionData = [part]
    request.topicData = [data]
    return request
  }
}

extension FetchRequest {
  /// Asks for one partition.
  static func one(
    _ topic: String, _ partition: Int32 = 0, from offset: Int64, minBytes: Int32 = 1,
    maxWaitMs: Int32 = 0, partitionMaxBytes: Int32 = 1 << 20, id: Uuid = .zero
  ) -> FetchRequest {
    var request = FetchRequest()
    request.minBytes = minBytes
    request.maxWaitMs = maxWaitMs
    var part = Partition()
    part.partition = partition
    part.fetchOffset = offset
    part.partitionMaxBytes = partitionMaxBytes
    var asked = Topic()
    asked.topic = topic
    asked.topicId = id
    asked.partitions = [part]
    request.topics = [asked]
    return request
  }
}

/// Waits until a condition on the loop holds; false after `seconds`.
@Net func eventually(within seconds: Int64 = 10, _ condition: @Net () -> Bool) async -> Bool {
  let end = MonotonicClock.nowMs + seconds * 1000
  while !condition() {
    if MonotonicClock.nowMs > end { return false }
    await sleep(milliseconds: 2)
  }
  return true
}
