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
  private let debug: DebugLog
  private var bootstrap: Connection?
  private var bootstrapAddress = ""
  private var open: [Key: Open] = [:]
  /// Who waits for a connection that is being opened.
  private var opening: [Key: [CheckedContinuation<Result<Connection, ClientError>, Never>]] = [:]
  private var isClosed = false

  /// Since when no metadata could be had, of `MonotonicClock`; nil where the last try succeeded.
  private var withoutMetadataSinceMs: Int64?
  private var foreignClusterIds: Set<String> = []

  /// A connection and the address to which it was made.
  private struct Open {
    var connection: Connection
    var address: String
  }

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
    debug = DebugLog(contexts: configuration.debug, log: log)
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
    var backoff = Backoff(configuration)
    while true {
      do {
        let left = MonotonicClock.leftMs(until: deadline)
        let connection = try await anyConnection(timeoutMs: left)
        let answered = try await askMetadata(
          connection, topics, allowAutoTopicCreation, MonotonicClock.leftMs(until: deadline))
        handshake.confirmGuess()
        withoutMetadataSinceMs = nil
        return answered
      } catch {
        rebootstrapIfDue()
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
    if response.errorCode == .rebootstrapRequired {
      rebootstrap("\(connection.name) wants it (KIP-1102)")
      throw .disconnected(peer: connection.name, reason: "it knows of no brokers that can be used")
    }
    if response.errorCode != .none { throw .broker(response.errorCode, message: nil) }
    noteCluster(response.clusterId, of: connection)
    metadata.merge(response, isComplete: topics == nil)
    debug(
      .metadata, "METADATA",
      "\(connection.name): \(response.brokers.count) brokers, \(response.topics.count) topics")
    noteOrigin(of: connection)
    closeMoved()
    return metadata
  }

  /// Says where two clusters are mixed (F29), in librdkafka's words.
  private func noteCluster(_ clusterId: String?, of connection: Connection) {
    guard let known = metadata.clusterId, let clusterId, known != clusterId,
      foreignClusterIds.insert(clusterId).inserted
    else { return }
    foreignClusterIds.insert(known)
    log(
      ClientLog(
        .warning, "CLUSTERID",
        "Broker \(connection.name) reports different ClusterId \"\(clusterId)\" than previously known "
          + "\"\(known)\": a client must not be simultaneously connected to multiple clusters"))
  }

  /// Drops connections to addresses that brokers have left (F19).
  private func closeMoved() {
    for (key, known) in open {
      guard let broker = metadata.broker(key.brokerId), broker.address != known.address else {
        continue
      }
      open[key] = nil
      known.connection.close(
        .disconnected(
          peer: known.connection.name, reason: "broker has moved to \(broker.address)"))
    }
  }

  // MARK: Recovery (KIP-899, KIP-1102)

  /// Begins anew where no metadata could be had for too long.
  private func rebootstrapIfDue() {
    let sinceMs = withoutMetadataSinceMs ?? MonotonicClock.nowMs
    withoutMetadataSinceMs = sinceMs
    let ms = MonotonicClock.nowMs - sinceMs
    guard !metadata.brokers.isEmpty, ms >= configuration.rebootstrapTriggerMs else { return }
    rebootstrap("no metadata for \(ms) ms (metadata.recovery.rebootstrap.trigger.ms)")
  }

  /// Forgets the brokers and begins with the bootstrap servers, unless told not to.
  private func rebootstrap(_ why: String) {
    guard configuration.rebootstraps else { return }
    log(ClientLog(.notice, "REBOOTSTRAP", "starting with the bootstrap servers again: \(why)"))
    withoutMetadataSinceMs = nil
    metadata.forgetBrokers()
    let error = ClientError.disconnected(
      peer: bootstrap?.name ?? origin.name, reason: "starting anew")
    let connections = open.values.map(\.connection) + [bootstrap].compactMap { $0 }
    open = [:]
    bootstrap = nil
    for connection in connections { connection.close(error) }
  }

  private func noteOrigin(of connection: Connection) {
    if connection === bootstrap {
      if let broker = metadata.brokers.first(where: { $0.address == bootstrapAddress }) {
        origin = (broker.nodeId, "\(broker.address)/\(broker.nodeId)")
        // The bootstrap connection is this broker's control connection from now on.
        let key = Key(brokerId: broker.nodeId, kind: .control)
        if open[key]?.connection.isOpen != true {
          open[key] = Open(connection: connection, address: bootstrapAddress)
        }
      } else {
        origin = (-1, connection.name)
      }
    } else if let key = open.first(where: { $0.value.connection === connection })?.key {
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
    if let known = open.first(where: {
      $0.key.kind == .control && $0.value.connection.isOpen
    }) {
      return known.value.connection
    }
    let (connection, address) = try await Bootstrap.connect(bootstrapAddresses) {
      [handshake] (address) async throws(ClientError) in
      try await handshake.open(
        host: address.host, port: address.port, name: "\(address.text)/bootstrap",
        deadlineMs: deadlineMs)
    }
    if isClosed {
      connection.close()
      throw .closed
    }
    bootstrap = connection
    bootstrapAddress = address.text
    return connection
  }

  /// Those that the user named and those that the metadata name, each once (F18).
  private var bootstrapAddresses: [Bootstrap.Address] {
    let brokers = metadata.brokers.compactMap { broker in
      UInt16(exactly: broker.port).map { Bootstrap.Address(host: broker.host, port: $0) }
    }
    let named = configuration.bootstrapServers.map {
      Bootstrap.Address(host: $0.host, port: $0.port)
    }
    if !configuration.rebootstraps && !brokers.isEmpty { return brokers }
    var seen: Set<Bootstrap.Address> = []
    return (named + brokers).filter { seen.insert($0).inserted }
  }

  /// The connection of that kind to a broker; opened when needed, shared by all who ask.
  ///
  /// - Throws: `ClientError.unreachable`, with the advertised address, where it cannot be reached.
  public func connection(to brokerId: Int32, _ kind: ConnectionKind) async throws(ClientError)
    -> Connection
  {
    if isClosed { throw .closed }
    let key = Key(brokerId: brokerId, kind: kind)
    if let known = open[key]?.connection, known.isOpen { return known }
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
      open[key] = Open(connection: connection, address: broker.address)
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
    handshake.close()
    for known in open.values { known.connection.close() }
    bootstrap?.close()
    open = [:]
    bootstrap = nil
  }
}
