internal import KafkaProtocol
internal import Transport

/// What a fresh connection agrees on before it is used: the versions of the APIs (KIP-35, KIP-511).
@Net final class Handshake {
  private let configuration: ClientConfiguration
  private let buffers: FrameBuffers
  private let log: @Sendable (ClientLog) -> Void
  /// The release whose table holds, once a broker that leaves ApiVersions unanswered has answered Metadata.
  private var silentRelease: String?
  /// A broker of this cluster has answered ApiVersions: one that does not is slow or broken, not old.
  private var hasNegotiated = false
  /// What the TLS connections share, once one was wanted.
  private var tlsContext: TLSContext?
  /// A broker of this cluster has spoken TLS: one that closes instead is going down, not plaintext.
  private var hasSecured = false

  init(
    _ configuration: ClientConfiguration, _ buffers: FrameBuffers,
    log: @escaping @Sendable (ClientLog) -> Void
  ) {
    self.configuration = configuration
    self.buffers = buffers
    self.log = log
  }

  /// Dials `host` and agrees on versions.
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
        return connection
      } catch {
        connection.close()
        switch error {
        case .timedOut, .disconnected: if hasNegotiated { throw error }
        case .unreachable, .notKafka, .tls, .broker, .malformed, .unsupported, .unknownTopic,
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
    let context = try await self.context(name)
    let timeoutMs = Self.left(of: configuration.connectionSetupTimeoutMs, until: deadlineMs)
    let setupDeadlineMs = MonotonicClock.nowMs + timeoutMs
    let socket: Socket
    do {
      socket = try await Dialer.dial(host: host, port: port, family: family, timeoutMs: timeoutMs)
    } catch {
      throw .unreachable(error.attempts.map { "\(name): \($0)" })
    }
    var stream: any ByteStream = socket
    if let context {
      stream = try await secure(socket, context, host, port, name, setupDeadlineMs)
    }
    return Connection(
      stream, name: name, clientID: configuration.clientId,
      frameMax: configuration.receiveMessageMaxBytes, buffers: buffers,
      versions: VersionTable(ApiVersionsResponse()))
  }

  /// What the TLS connections share: nil without TLS, and made when first wanted.
  private func context(_ name: String) async throws(ClientError) -> TLSContext? {
    guard let tls = configuration.tls else { return nil }
    if let tlsContext { return tlsContext }
    let context: TLSContext
    do {
      context = try await TLSContext.open(tls) { [log] in log(ClientLog(.warning, "SSL", $0)) }
    } catch {
      throw .tls(peer: name, error)
    }
    if tlsContext == nil, !tls.verifiesPeer {
      log(
        ClientLog(
          .warning, "SSL",
          "certificates are not verified (enable.ssl.certificate.verification=false): "
            + "anybody may pose as the broker"))
    }
    tlsContext = context
    return context
  }

  private func secure(
    _ socket: Socket, _ context: TLSContext, _ host: String, _ port: UInt16, _ name: String,
    _ deadlineMs: Int64
  ) async throws(ClientError) -> TLSSocket {
    do {
      let secured = try await TLSSocket.secure(
        socket, context, host: host, port: port,
        timeoutMs: max(1, deadlineMs - MonotonicClock.nowMs))
      hasSecured = true
      return secured
    } catch {
      switch error.cause {
      case .interrupted: throw .disconnected(peer: name, reason: error.description)
      case .closedUnanswered where hasSecured:
        throw .disconnected(peer: name, reason: error.description)
      case .setup, .untrusted, .outOfDate, .wrongHost, .revoked, .badCertificate,
        .certificateMissing, .certificateRefused, .alert, .tooOld, .notTLS, .closedUnanswered,
        .broken:
        throw .tls(peer: name, error)
      }
    }
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
