internal import KafkaProtocol
internal import Transport

/// What a fresh connection agrees on before it is used: the versions of the APIs (KIP-35, KIP-511), and
/// who the client is (SASL).
@Net final class Handshake {
  let configuration: ClientConfiguration
  private let buffers: FrameBuffers
  let log: @Sendable (ClientLog) -> Void
  private let debug: DebugLog
  private let authenticator: Authenticator?
  /// The release whose table holds, once a broker that leaves ApiVersions unanswered has answered Metadata.
  private var silentRelease: String?
  /// A broker of this cluster has answered ApiVersions: one that does not is slow or broken, not old.
  private var hasNegotiated = false
  /// Connections whose versions were guessed, while no broker has answered ApiVersions.
  private var guessed: [Connection] = []
  /// What the TLS connections share, once one was wanted.
  var tlsContext: Task<Result<TLSContext, TLSError>, Never>?
  /// A broker of this cluster has spoken TLS: one that closes instead is going down, not plaintext.
  var hasSecured = false

  init(
    _ configuration: ClientConfiguration, _ buffers: FrameBuffers,
    log: @escaping @Sendable (ClientLog) -> Void
  ) {
    self.configuration = configuration
    self.buffers = buffers
    self.log = log
    debug = DebugLog(contexts: configuration.debug, log: log)
    authenticator = configuration.sasl.map { Authenticator($0, configuration, log: log) }
  }

  /// Nothing is asked for any more.
  func close() { authenticator?.close() }

  /// Dials `host`, agrees on versions and authenticates the client.
  ///
  /// A broker of 0.9 neither answers ApiVersions nor closes: after `api.version.request.timeout.ms` it is
  /// dialled again and the table of its release holds, until it answers after all; one that closes is
  /// dialled again at once. All of it ends at `deadlineMs`, of `MonotonicClock`.
  func open(host: String, port: UInt16, name: String, deadlineMs: Int64 = .max)
    async throws(ClientError) -> Connection
  {
    if asksVersions {
      let connection = try await dial(host, port, name, deadlineMs)
      if try await negotiates(connection, deadlineMs) {
        return try await authenticated(connection, host, deadlineMs)
      }
    }
    let connection = try await dial(host, port, name, deadlineMs)
    assumeRelease(of: connection)
    return try await authenticated(connection, host, deadlineMs)
  }

  /// Whether brokers are asked for their versions, or are all known for such that do not answer.
  var asksVersions: Bool { silentRelease == nil && configuration.apiVersionRequest }

  /// The release of brokers that are not asked for their versions, or do not answer.
  var assumedRelease: String {
    silentRelease ?? configuration.brokerVersionFallback ?? "0.9.0"
  }

  /// Takes a broker for one of `assumedRelease`, over a connection on which nothing was asked.
  func assumeRelease(of connection: Connection) {
    if asksVersions {
      log(
        ClientLog(
          .info, "APIVERSION",
          "\(connection.name): ApiVersions was not answered: taking the broker for "
            + "\(assumedRelease) (broker.version.fallback)"))
    }
    connection.negotiated(.fallback(forBrokerVersion: assumedRelease))
    if configuration.apiVersionRequest && !hasNegotiated {
      guessed.removeAll { !$0.isOpen }
      guessed.append(connection)
    }
  }

  /// Authenticates the client where it is to; a connection on which that fails is closed.
  func authenticated(_ connection: Connection, _ host: String, _ deadlineMs: Int64)
    async throws(ClientError) -> Connection
  {
    do {
      try await authenticator?.authenticate(connection, host: host, deadlineMs: deadlineMs)
    } catch {
      connection.close()
      throw error
    }
    return connection
  }

  /// Notes that a connection whose versions were guessed has answered: all brokers are taken for such.
  ///
  /// Not sooner: a broker that was paused for a while must not be spoken to as an old one ever after.
  func confirmGuess() {
    if !hasNegotiated { silentRelease = configuration.brokerVersionFallback ?? "0.9.0" }
  }

  private func dial(_ host: String, _ port: UInt16, _ name: String, _ deadlineMs: Int64)
    async throws(ClientError) -> Connection
  {
    let context = try await tlsContext(for: name)
    let setupDeadlineMs = setupDeadlineMs(until: deadlineMs)
    debug(.broker, "CONNECT", "\(name): connecting to \(host):\(port)")
    let socket: Socket
    do {
      socket = try await Dialer.dial(
        host: host, port: port, family: family,
        timeoutMs: MonotonicClock.leftMs(until: setupDeadlineMs),
        options: configuration.socketOptions)
    } catch {
      throw .unreachable(error.attempts.map { "\(name): \($0)" })
    }
    debug(.broker, "CONNECTED", "\(name): \(socket.localAddress) to \(socket.peerAddress)")
    guard let context else { return connection(over: socket, name) }
    let secured = try await secure(
      socket, context, host: host, port: port, name: name, deadlineMs: setupDeadlineMs)
    debug(.security, "SSL", "\(name): \(secured.peer)")
    return connection(over: secured, name)
  }

  /// A connection over a stream that was just opened; its versions are not known yet.
  func connection(over stream: any ByteStream, _ name: String) -> Connection {
    Connection(
      stream, name: name, clientID: configuration.clientId,
      frameMax: configuration.receiveMessageMaxBytes, buffers: buffers,
      versions: VersionTable(ApiVersionsResponse()), idleMaxMs: configuration.connectionsMaxIdleMs,
      debug: debug)
  }

  /// When TCP and TLS of a connection that begins now must be done (`socket.connection.setup.timeout.ms`).
  func setupDeadlineMs(until deadlineMs: Int64) -> Int64 {
    MonotonicClock.nowMs + Self.left(of: configuration.connectionSetupTimeoutMs, until: deadlineMs)
  }

  private static func left(of timeoutMs: Int64, until deadlineMs: Int64) -> Int64 {
    max(1, min(timeoutMs, deadlineMs - MonotonicClock.nowMs))
  }

  /// Which addresses of a name are used.
  var family: AddressFamily {
    switch configuration.addressFamily {
    case .any: .any
    case .v4: .v4
    case .v6: .v6
    }
  }

  /// Agrees on versions; false where the broker is to be taken for an old one, over another connection.
  ///
  /// A connection on which that fails is closed.
  func negotiates(_ connection: Connection, _ deadlineMs: Int64)
    async throws(ClientError) -> Bool
  {
    do {
      return try await negotiate(connection, deadlineMs)
    } catch {
      connection.close()
      guard case .disconnected = error, !hasNegotiated else { throw error }
      return false
    }
  }

  /// Agrees on versions; false where the broker has not answered in time, and no other ever has.
  private func negotiate(_ connection: Connection, _ deadlineMs: Int64)
    async throws(ClientError) -> Bool
  {
    let waitMs = Self.left(of: configuration.apiVersionRequestTimeoutMs, until: deadlineMs)
    guard let buffer = try await askVersions(connection, waitMs: waitMs) else {
      guard !hasNegotiated else {
        connection.close()
        throw .timedOut(what: "request to \(connection.name)", afterMs: waitMs)
      }
      return false
    }
    var response = try versions(in: buffer, of: connection)
    if response.errorCode == .unsupportedVersion {
      // The broker answers in version 0, and says which it knows (KIP-511).
      let newest = response.apiKeys.first { $0.apiKey == APIKey.apiVersions.rawValue }?.maxVersion
      response = try await connection.request(
        Self.request, version: min(max(newest ?? 0, 0), 2),
        timeoutMs: Self.left(of: configuration.apiVersionRequestTimeoutMs, until: deadlineMs))
    }
    guard response.errorCode == .none else { throw .broker(response.errorCode, message: nil) }
    connection.negotiated(VersionTable(response))
    debug(.feature, "APIVERSION", "\(connection.name): \(response.apiKeys.count) APIs")
    hasNegotiated = true
    guessed = []
    return true
  }

  private static var request: ApiVersionsRequest {
    var request = ApiVersionsRequest()
    request.clientSoftwareName = "hbcat"
    request.clientSoftwareVersion = ClientConfiguration.softwareVersion
    return request
  }

  /// Sends ApiVersions and waits for `waitMs`; nil where there is no answer yet.
  ///
  /// The connection then goes on waiting for it, within `socket.timeout.ms`.
  private func askVersions(_ connection: Connection, waitMs: Int64)
    async throws(ClientError) -> Buffer?
  {
    let waiting = Waiting()
    let timeoutMs = max(waitMs, configuration.socketTimeoutMs)
    let result: Result<Buffer, ClientError>? = await withCheckedContinuation { continuation in
      waiting.resume = { continuation.resume(returning: $0) }
      let timer = Timer(afterMs: waitMs) { waiting.end(nil) }
      connection.send(Self.request, version: 3, timeoutMs: timeoutMs) { [weak self] result in
        timer.cancel()
        if !waiting.end(result) { self?.answeredLate(connection, result) }
      }
    }
    return try result?.get()
  }

  /// A broker that was taken for an old one has answered ApiVersions: it was paused or slow (F78).
  private func answeredLate(_ connection: Connection, _ result: Result<Buffer, ClientError>) {
    guard case .success(let buffer) = result else { return }
    buffers.giveBack(buffer, size: buffer.count)
    connection.close()
    guard !hasNegotiated || silentRelease != nil else { return }
    log(ClientLog(.info, "APIVERSION", "\(connection.name): ApiVersions was answered after all"))
    hasNegotiated = true
    silentRelease = nil
    let old = guessed
    guessed = []
    for one in old {
      one.close(.disconnected(peer: one.name, reason: "the broker speaks newer versions after all"))
    }
  }

  private func versions(in buffer: Buffer, of connection: Connection)
    throws(ClientError) -> ApiVersionsResponse
  {
    defer { buffers.giveBack(buffer, size: buffer.count) }
    do {
      return try ApiVersionsRequest.response(in: buffer.bytes, version: 3).response
    } catch {
      throw .malformed(what: "ApiVersions response v3", peer: connection.name, error)
    }
  }
}

/// Lets either of two come first.
@Net private final class Waiting {
  var resume: ((Result<Buffer, ClientError>?) -> Void)?

  /// False where the other has been first.
  @discardableResult func end(_ result: Result<Buffer, ClientError>?) -> Bool {
    guard let resume else { return false }
    self.resume = nil
    resume(result)
    return true
  }
}
