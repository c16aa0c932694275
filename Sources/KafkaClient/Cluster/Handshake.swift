internal import KafkaProtocol
internal import Transport

/// What a fresh connection agrees on before it is used: the versions of the APIs (KIP-35, KIP-511), and
/// who the client is (SASL).
@Net final class Handshake {
  private let configuration: ClientConfiguration
  private let buffers: FrameBuffers
  private let log: @Sendable (ClientLog) -> Void
  private let authenticator: Authenticator?
  /// The release whose table holds, once a broker that leaves ApiVersions unanswered has answered Metadata.
  private var silentRelease: String?
  /// A broker of this cluster has answered ApiVersions: one that does not is slow or broken, not old.
  private var hasNegotiated = false

  init(
    _ configuration: ClientConfiguration, _ buffers: FrameBuffers,
    log: @escaping @Sendable (ClientLog) -> Void
  ) {
    self.configuration = configuration
    self.buffers = buffers
    self.log = log
    authenticator = configuration.sasl.map { Authenticator($0, configuration, log: log) }
  }

  /// Nothing is asked for any more.
  func close() { authenticator?.close() }

  /// Dials `host`, agrees on versions and authenticates the client.
  ///
  /// A broker of 0.9 neither answers ApiVersions nor closes: after `api.version.request.timeout.ms` it is
  /// dialled again and the table of its release holds; one that closes is dialled again at once. All of it
  /// ends at `deadlineMs`, of `MonotonicClock`.
  func open(host: String, port: UInt16, name: String, deadlineMs: Int64 = .max)
    async throws(ClientError) -> Connection
  {
    if silentRelease == nil, configuration.apiVersionRequest {
      let connection = try await dial(host, port, name, deadlineMs)
      do {
        try await negotiate(connection, deadlineMs)
        hasNegotiated = true
        try await authenticator?.authenticate(connection, host: host, deadlineMs: deadlineMs)
        return connection
      } catch {
        connection.close()
        switch error {
        case .timedOut, .disconnected: if hasNegotiated { throw error }
        case .unreachable, .notKafka, .authentication, .broker, .malformed, .unsupported, .unknownTopic,
          .unknownPartition,
          .closed:
          throw error
        }
      }
    }
    let release: String
    if let silentRelease {
      release = silentRelease
    } else {
      release = configuration.brokerVersionFallback ?? "0.9.0"
      if configuration.apiVersionRequest {
        log(
          ClientLog(
            .info, "APIVERSION",
            "\(name): ApiVersions was not answered: taking the broker for \(release) "
              + "(broker.version.fallback)"))
      }
    }
    let connection = try await dial(host, port, name, deadlineMs)
    connection.negotiated(.fallback(forBrokerVersion: release))
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
    let socket: Socket
    do {
      socket = try await Dialer.dial(
        host: host, port: port, family: family,
        timeoutMs: Self.left(of: configuration.connectionSetupTimeoutMs, until: deadlineMs))
    } catch {
      throw .unreachable(error.attempts.map { "\(name): \($0)" })
    }
    return Connection(
      socket, name: name, clientID: configuration.clientId,
      frameMax: configuration.receiveMessageMaxBytes, buffers: buffers,
      versions: VersionTable(ApiVersionsResponse()))
  }

  private static func left(of timeoutMs: Int64, until deadlineMs: Int64) -> Int64 {
    max(1, min(timeoutMs, deadlineMs - MonotonicClock.nowMs))
  }

  private var family: AddressFamily {
    switch configuration.addressFamily {
    case .any: .any
    case .v4: .v4
    case .v6: .v6
    }
  }

  private func negotiate(_ connection: Connection, _ deadlineMs: Int64)
    async throws(ClientError)
  {
    var request = ApiVersionsRequest()
    request.clientSoftwareName = "hbcat"
    request.clientSoftwareVersion = ClientConfiguration.softwareVersion
    var response = try await connection.request(
      request, version: 3,
      timeoutMs: Self.left(of: configuration.apiVersionRequestTimeoutMs, until: deadlineMs))
    if response.errorCode == .unsupportedVersion {
      // The broker answers in version 0, and says which it knows (KIP-511).
      let newest = response.apiKeys.first { $0.apiKey == APIKey.apiVersions.rawValue }?.maxVersion
      response = try await connection.request(
        request, version: min(max(newest ?? 0, 0), 2),
        timeoutMs: Self.left(of: configuration.apiVersionRequestTimeoutMs, until: deadlineMs))
    }
    guard response.errorCode == .none else { throw .broker(response.errorCode, message: nil) }
    connection.negotiated(VersionTable(response))
  }
}
