internal import KafkaProtocol
public import Transport

/// Which of a broker's connections.
///
/// Kafka answers a connection strictly in order, so what must not wait behind a long poll has its own.
public enum ConnectionKind: Hashable, Sendable {
  /// Produce and Fetch.
  case data
  /// Metadata and offsets.
  case control
  /// Groups and transactions: a JoinGroup waits for other members, for minutes if need be.
  case coordinator
}

/// The client's view of a Kafka cluster: what it knows of it and its connections to it.
@Net public final class Cluster {
  /// How the client was told to behave.
  public let configuration: ClientConfiguration
  /// What the cluster last said; grows by `refreshMetadata`.
  public internal(set) var metadata = ClusterMetadata()
  /// The name and id of the broker that gave the metadata last; the id is −1 if it is not known.
  public private(set) var origin: (id: Int32, name: String) = (-1, "")
  /// The memory of responses.
  public let buffers: FrameBuffers

  private let handshake: Handshake
  private let log: @Sendable (ClientLog) -> Void
  private var bootstrap: Connection?
  private var bootstrapAddress = ""
  private var open: [Key: Connection] = [:]
  /// Who waits for a connection that is being opened.
  private var opening: [Key: [CheckedContinuation<Result<Connection, ClientError>, Never>]] = [:]
  private var isClosed = false

  private struct Key: Hashable {
    var brokerId: Int32
    var kind: ConnectionKind
  }

  /// Makes a client; nothing is dialled yet.
  public init(
    _ configuration: ClientConfiguration, frameBudget: Int = 8 << 20,
    log: @escaping @Sendable (ClientLog) -> Void
  ) {
    self.configuration = configuration
    self.log = log
    buffers = FrameBuffers(budget: frameBudget)
    handshake = Handshake(configuration, buffers, log: log)
  }

  /// Asks for topics' partitions and leaders; tries every broker it knows, again and again, for `timeoutMs`.
  ///
  /// `topics` nil asks for all. Brokers below Metadata v4 create what is asked for by name; where that is
  /// not allowed they are asked for all topics instead. Topics' errors are in the result, not thrown.
  /// - Throws: `ClientError.unreachable` with a line per address that was tried, or what else ended it.
  @discardableResult
  public func refreshMetadata(
    topics: [String]?, allowAutoTopicCreation: Bool, timeoutMs: Int64
  ) async throws(ClientError) -> ClusterMetadata {
    let deadline = MonotonicClock.nowMs + timeoutMs
    var backoff = Backoff(
      firstMs: configuration.retryBackoffMs, maxMs: configuration.retryBackoffMaxMs)
    while true {
      do {
        let left = max(1, deadline - MonotonicClock.nowMs)
        let connection = try await anyConnection(timeoutMs: left)
        let answered = try await askMetadata(
          connection, topics, allowAutoTopicCreation, max(1, deadline - MonotonicClock.nowMs))
        handshake.confirmGuess()
        return answered
      } catch {
        let refused: Bool
        if case .unreachable(let attempts) = error {
          refused = attempts.allSatisfy { $0.hasSuffix("refused") }
        } else {
          refused = false
        }
        let pause = backoff.next()
        // All addresses refuse at once: a second more is what a starting broker is given.
        let until = refused ? min(deadline, deadline - timeoutMs + 1000) : deadline
        guard error.isRetriable, MonotonicClock.nowMs + pause < until, !isClosed else {
          throw error
        }
        await sleep(milliseconds: pause)
      }
    }
  }

  private func askMetadata(
    _ connection: Connection, _ topics: [String]?, _ allowAutoTopicCreation: Bool,
    _ timeoutMs: Int64
  ) async throws(ClientError) -> ClusterMetadata {
    let version = try connection.version(of: .metadata)
    var request = MetadataRequest()
    let mayName = allowAutoTopicCreation || version >= 4
    if let topics, mayName {
      request.topics = topics.map { name in
        var topic = MetadataRequest.Topic()
        topic.name = name
        return topic
      }
    } else {
      request.topics = version == 0 ? [] : nil
    }
    request.allowAutoTopicCreation = version >= 4 ? allowAutoTopicCreation : true
    let response = try await connection.request(
      request, version: version,
      timeoutMs: min(timeoutMs, configuration.socketTimeoutMs))
    if response.errorCode != .none { throw .broker(response.errorCode, message: nil) }
    metadata.merge(response, isComplete: topics == nil)
    noteOrigin(of: connection)
    return metadata
  }

  private func noteOrigin(of connection: Connection) {
    if connection === bootstrap {
      if let broker = metadata.brokers.first(where: { $0.address == bootstrapAddress }) {
        origin = (broker.nodeId, "\(broker.address)/\(broker.nodeId)")
        // The bootstrap connection is this broker's control connection from now on.
        let key = Key(brokerId: broker.nodeId, kind: .control)
        if open[key]?.isOpen != true { open[key] = connection }
      } else {
        origin = (-1, connection.name)
      }
    } else if let key = open.first(where: { $0.value === connection })?.key {
      origin = (key.brokerId, connection.name)
    }
  }

  /// A connection for what every broker can answer.
  ///
  /// - Throws: `ClientError.unreachable` where no broker can be reached.
  public func anyConnection(timeoutMs: Int64) async throws(ClientError) -> Connection {
    let deadlineMs = MonotonicClock.nowMs + timeoutMs
    if isClosed { throw .closed }
    if let bootstrap, bootstrap.isOpen { return bootstrap }
    if let known = open.first(where: { $0.key.kind == .control && $0.value.isOpen }) {
      return known.value
    }
    var attempts: [String] = []
    var refusal: ClientError?
    var foreignCount = 0
    let addresses =
      configuration.bootstrapServers.map { (host: $0.host, port: $0.port) }
      + metadata.brokers.compactMap { broker in
        UInt16(exactly: broker.port).map { (host: broker.host, port: $0) }
      }
    for (host, port) in addresses {
      let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
      do {
        let connection = try await handshake.open(
          host: host, port: port, name: "\(address)/bootstrap", deadlineMs: deadlineMs)
        bootstrap = connection
        bootstrapAddress = address
        return connection
      } catch {
        attempts += error.details.isEmpty ? ["\(address): \(error)"] : error.details
        switch error {
        case .notKafka, .tls:
          // The other addresses may be right.
          refusal = refusal ?? error
          foreignCount += 1
        case .unreachable, .disconnected, .broker, .timedOut, .malformed, .unsupported,
          .unknownTopic, .unknownPartition, .closed:
          if !error.isRetriable { throw error }
        }
      }
    }
    if let refusal, foreignCount == addresses.count { throw refusal }
    throw .unreachable(attempts)
  }

  /// The connection of that kind to a broker; opened when needed, shared by all who ask.
  ///
  /// - Throws: `ClientError.unreachable`, with the advertised address, where it cannot be reached.
  public func connection(to brokerId: Int32, _ kind: ConnectionKind) async throws(ClientError)
    -> Connection
  {
    if isClosed { throw .closed }
    let key = Key(brokerId: brokerId, kind: kind)
    if let known = open[key], known.isOpen { return known }
    if opening[key] != nil {
      return try await withCheckedContinuation { opening[key]?.append($0) }.get()
    }
    guard let broker = metadata.broker(brokerId), let port = UInt16(exactly: broker.port) else {
      throw .unreachable(["broker \(brokerId) is not in the cluster's metadata"])
    }
    opening[key] = []
    let result = await openConnection(key, broker, port)
    for waiter in opening.removeValue(forKey: key) ?? [] { waiter.resume(returning: result) }
    return try result.get()
  }

  private func openConnection(_ key: Key, _ broker: ClusterMetadata.Broker, _ port: UInt16) async
    -> Result<Connection, ClientError>
  {
    do {
      let connection = try await handshake.open(
        host: broker.host, port: port, name: "\(broker.address)/\(broker.nodeId)")
      if isClosed {
        connection.close()
        return .failure(.closed)
      }
      open[key] = connection
      return .success(connection)
    } catch {
      guard case .unreachable(let attempts) = error else { return .failure(error) }
      // Often the fault of a container: the broker advertises an address that is not reachable here (F17).
      let hint = "advertised by the metadata of \(origin.name)"
      return .failure(.unreachable(attempts.map { "\($0) (\(hint))" }))
    }
  }

  /// Closes all connections; what waits on them fails with `ClientError.closed`.
  public func close() {
    isClosed = true
    for connection in open.values { connection.close() }
    bootstrap?.close()
    open = [:]
    bootstrap = nil
  }
}
