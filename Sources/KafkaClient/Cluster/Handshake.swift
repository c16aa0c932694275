internal import KafkaProtocol
internal import Transport

/// What a fresh connection agrees on before it is used: the versions of the APIs (KIP-35, KIP-511).
@Net final class Handshake {
  private let configuration: ClientConfiguration
  private let buffers: FrameBuffers
  private let log: @Sendable (ClientLog) -> Void
  /// The release whose table holds, once a broker of this cluster has left ApiVersions unanswered.
  private var silentRelease: String?
  /// A broker of this cluster has answered ApiVersions: one that does not is broken, not old.
  private var hasNegotiated = false

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
  /// dialled again and the table of its release holds; one that closes is dialled again at once.
  func open(host: String, port: UInt16, name: String) async throws(ClientError) -> Connection {
    if silentRelease == nil, configuration.apiVersionRequest {
      let connection = try await dial(host, port, name)
      do {
        try await negotiate(connection)
        return connection
      } catch {
        connection.close()
        switch error {
        case .timedOut, .disconnected: if hasNegotiated { throw error }
        case .unreachable, .broker, .malformed, .unsupported, .unknownTopic, .unknownPartition,
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
    let connection = try await dial(host, port, name)
    connection.negotiated(.fallback(forBrokerVersion: release))
    silentRelease = release
    return connection
  }

  private func dial(_ host: String, _ port: UInt16, _ name: String)
    async throws(ClientError) -> Connection
  {
    let socket: Socket
    do {
      socket = try await Dialer.dial(
        host: host, port: port, family: family,
        timeoutMs: configuration.connectionSetupTimeoutMs)
    } catch {
      throw .unreachable(error.attempts.map { "\(name): \($0)" })
    }
    return Connection(
      socket, name: name, clientID: configuration.clientId,
      frameMax: configuration.receiveMessageMaxBytes, buffers: buffers,
      versions: VersionTable(ApiVersionsResponse()))
  }

  private var family: AddressFamily {
    switch configuration.addressFamily {
    case .any: .any
    case .v4: .v4
    case .v6: .v6
    }
  }

  private func negotiate(_ connection: Connection) async throws(ClientError) {
    var request = ApiVersionsRequest()
    request.clientSoftwareName = "hbcat"
    request.clientSoftwareVersion = ClientConfiguration.softwareVersion
    let timeoutMs = configuration.apiVersionRequestTimeoutMs
    var response = try await connection.request(request, version: 3, timeoutMs: timeoutMs)
    if response.errorCode == .unsupportedVersion {
      // The broker answers in version 0, and says which it knows (KIP-511).
      let newest = response.apiKeys.first { $0.apiKey == APIKey.apiVersions.rawValue }?.maxVersion
      response = try await connection.request(
        request, version: min(max(newest ?? 0, 0), 2), timeoutMs: timeoutMs)
    }
    guard response.errorCode == .none else { throw .broker(response.errorCode, message: nil) }
    connection.negotiated(VersionTable(response))
    hasNegotiated = true
  }
}
