internal import KafkaProtocol
internal import Transport

/// The way to one server: its addresses, TCP to each of them, and the rest over the first that connects.
@Net final class ProbeAttempt {
  private let target: ProbeTarget
  private let handshake: Handshake
  private let deadlineMs: Int64
  private let tell: @Net (ProbeStep) -> Void
  private let checkCluster: @Net (String?) -> String?
  /// Why the server cannot be used; nil where it can.
  private(set) var failure: ProbeFailure?
  private var metadata: ClusterMetadata?

  /// The two ends of a connection, as far as they are known.
  private struct Ends {
    var local: SocketAddress?
    var remote: SocketAddress?

    init(local: SocketAddress? = nil, remote: SocketAddress? = nil) {
      self.local = local
      self.remote = remote
    }

    @Net init(_ socket: Socket) {
      local = socket.localAddress
      remote = socket.peerAddress
    }
  }

  /// All ends at `deadlineMs`, of `MonotonicClock`; `checkCluster` says what is wrong with a cluster's id.
  init(
    _ target: ProbeTarget, _ handshake: Handshake, deadlineMs: Int64,
    tell: @escaping @Net (ProbeStep) -> Void, checkCluster: @escaping @Net (String?) -> String?
  ) {
    self.target = target
    self.handshake = handshake
    self.deadlineMs = deadlineMs
    self.tell = tell
    self.checkCluster = checkCluster
  }

  /// Goes the way as far as it leads; answers what the cluster said.
  func run() async -> ClusterMetadata? {
    let setupDeadlineMs = handshake.setupDeadlineMs(until: deadlineMs)
    do throws(ProbeFailure) {
      let addresses = try await resolve(setupDeadlineMs)
      await connect(addresses, setupDeadlineMs)
    } catch {
      failure = error
    }
    return metadata
  }

  /// Carries out a step and tells how it ended.
  private func step<T>(
    _ kind: ProbeStep.Kind, _ ends: Ends = Ends(),
    _ body: @Net () async throws(ProbeFailure) -> (T, ProbeStep.Finding, Ends)
  ) async throws(ProbeFailure) -> T {
    let startUs = MonotonicClock.nowUs
    do throws(ProbeFailure) {
      let (value, finding, ends) = try await body()
      end(kind, startUs, ends, .success(finding))
      return value
    } catch {
      end(kind, startUs, ends, .failure(error))
      throw error
    }
  }

  private func end(
    _ kind: ProbeStep.Kind, _ startUs: Int64, _ ends: Ends,
    _ result: Result<ProbeStep.Finding, ProbeFailure>
  ) {
    tell(
      ProbeStep(
        kind, microseconds: MonotonicClock.nowUs - startUs, local: ends.local, remote: ends.remote,
        result))
  }

  // MARK: TCP

  private func resolve(_ deadlineMs: Int64) async throws(ProbeFailure) -> [SocketAddress] {
    try await step(.resolve) { () async throws(ProbeFailure) in
      do throws(TransportError) {
        let addresses = try await Resolver.addresses(
          of: target.host, port: target.port, family: handshake.family,
          timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
        return (addresses, .addresses(addresses), Ends())
      } catch {
        throw ProbeFailure(.resolve, error.reason)
      }
    }
  }

  /// Connects to all addresses at once, and goes on over the first that is.
  private func connect(_ addresses: [SocketAddress], _ setupDeadlineMs: Int64) async {
    var failures: [String] = []
    var isConnected = false
    await withTaskGroup(of: Result<Socket, ProbeFailure>?.self) { group in
      for address in addresses {
        group.addTask { await self.dial(address, setupDeadlineMs) }
      }
      for await result in group {
        switch result {
        case .success(let socket) where isConnected: socket.close()
        case .success(let socket):
          isConnected = true
          group.addTask {
            await self.speak(over: socket, setupDeadlineMs)
            return nil
          }
        case .failure(let failure): failures.append(failure.reason)
        case nil: break
        }
      }
    }
    if !isConnected { failure = ProbeFailure(.connect, failures.joined(separator: ", ")) }
  }

  /// Connects to one address; the failure that is answered names it unless the target does.
  private func dial(_ address: SocketAddress, _ deadlineMs: Int64) async
    -> Result<Socket, ProbeFailure>
  {
    do throws(ProbeFailure) {
      return .success(
        try await step(.connect, Ends(remote: address)) { () async throws(ProbeFailure) in
          let socket = try await open(address, deadlineMs)
          return (socket, .connected, Ends(socket))
        })
    } catch {
      guard address.description != target.address else { return .failure(error) }
      return .failure(ProbeFailure(.connect, "\(address): \(error.reason)"))
    }
  }

  private func open(_ address: SocketAddress, _ deadlineMs: Int64) async throws(ProbeFailure)
    -> Socket
  {
    do throws(DialError) {
      return try await Dialer.dial([address], timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
    } catch {
      throw ProbeFailure(
        .connect, error.failures.map(\.reason).joined(separator: ", "))
    }
  }

  // MARK: Kafka

  private func speak(over socket: Socket, _ setupDeadlineMs: Int64) async {
    let ends = Ends(socket)
    do throws(ProbeFailure) {
      var connection = try await secured(socket, ends, setupDeadlineMs)
      defer { connection.close() }
      connection = try await negotiated(connection, ends)
      try await authenticate(connection)
      metadata = try await askMetadata(connection)
    } catch {
      failure = error
    }
  }

  private func secured(_ socket: Socket, _ ends: Ends, _ deadlineMs: Int64)
    async throws(ProbeFailure) -> Connection
  {
    let context = try await kafka(.tls) { () async throws(ClientError) in
      try await handshake.tlsContext(for: target.name)
    }
    guard let context else { return handshake.connection(over: socket, target.name) }
    return try await step(.tls, ends) { () async throws(ProbeFailure) in
      let secured = try await kafka(.tls) { () async throws(ClientError) in
        try await handshake.secure(
          socket, context, host: target.host, port: target.port, name: target.name,
          deadlineMs: deadlineMs)
      }
      return (handshake.connection(over: secured, target.name), .secured(secured.peer), ends)
    }
  }

  /// Runs a part of the client's, whose error becomes that of the step.
  private func kafka<T>(
    _ kind: ProbeStep.Kind, _ body: @Net () async throws(ClientError) -> T
  ) async throws(ProbeFailure) -> T {
    do throws(ClientError) {
      return try await body()
    } catch {
      throw ProbeFailure(kind, error.reason)
    }
  }

  /// The connection with its versions, or another one to a broker that does not tell them.
  private func negotiated(_ connection: Connection, _ ends: Ends) async throws(ProbeFailure)
    -> Connection
  {
    if handshake.asksVersions {
      let isAnswered = try await step(.apiVersions, ends) { () async throws(ProbeFailure) in
        let isAnswered = try await kafka(.apiVersions) { () async throws(ClientError) in
          try await handshake.negotiates(connection, deadlineMs)
        }
        let versions = connection.versions
        let finding: ProbeStep.Finding =
          isAnswered
          ? .versions(apiCount: versions.apiCount, release: versions.release)
          : .assumed(release: handshake.assumedRelease)
        return (isAnswered, finding, ends)
      }
      if isAnswered { return connection }
      // What was asked may still be answered there.
      guard let remote = ends.remote else { return connection }
      let setupDeadlineMs = handshake.setupDeadlineMs(until: deadlineMs)
      let socket = try await open(remote, setupDeadlineMs)
      let other = try await secured(socket, Ends(socket), setupDeadlineMs)
      connection.close()
      handshake.assumeRelease(of: other)
      return other
    }
    handshake.assumeRelease(of: connection)
    return connection
  }

  private func authenticate(_ connection: Connection) async throws(ProbeFailure) {
    guard let mechanism = handshake.configuration.sasl?.mechanism else { return }
    let ends = Ends(local: connection.localAddress, remote: connection.peerAddress)
    try await step(.sasl, ends) { () async throws(ProbeFailure) in
      _ = try await kafka(.sasl) { () async throws(ClientError) in
        try await handshake.authenticated(connection, target.host, deadlineMs)
      }
      return ((), .authenticated(mechanism), ends)
    }
  }

  private func askMetadata(_ connection: Connection) async throws(ProbeFailure) -> ClusterMetadata {
    let ends = Ends(local: connection.localAddress, remote: connection.peerAddress)
    return try await step(.metadata, ends) { () async throws(ProbeFailure) in
      let response = try await kafka(.metadata) { () async throws(ClientError) in
        let version = try connection.version(of: .metadata)
        var request = MetadataRequest()
        // None; in version 0 that means all.
        request.topics = []
        request.allowAutoTopicCreation = version < 4
        let response = try await connection.request(
          request, version: version, timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
        guard response.errorCode == .none else { throw .broker(response.errorCode, message: nil) }
        return response
      }
      handshake.confirmGuess()
      var metadata = ClusterMetadata()
      metadata.merge(response, isComplete: true)
      if let foreign = checkCluster(metadata.clusterId) { throw ProbeFailure(.metadata, foreign) }
      guard !response.brokers.isEmpty else {
        throw ProbeFailure(.metadata, "it names no brokers: has it just started?")
      }
      let lost = response.brokers.count - metadata.brokers.count
      guard lost == 0 else {
        throw ProbeFailure(.metadata, "\(lost) of its brokers advertise what is no address")
      }
      return (metadata, .cluster(metadata), ends)
    }
  }
}
