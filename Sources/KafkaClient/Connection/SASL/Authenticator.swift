internal import KafkaProtocol
internal import Transport

/// Authenticates the client on its connections (KIP-43, KIP-152), and again in time (KIP-368).
@Net final class Authenticator {
  /// Messages of the server's that an exchange may take: none of the mechanisms needs so many.
  private static let roundsMax = 16

  private let sasl: SASLConfiguration
  private let configuration: ClientConfiguration
  private let log: @Sendable (ClientLog) -> Void
  private let debug: DebugLog
  private let tokens: OAuthTokens?
  private var hasWarned = false

  init(
    _ sasl: SASLConfiguration, _ configuration: ClientConfiguration,
    log: @escaping @Sendable (ClientLog) -> Void
  ) {
    self.sasl = sasl
    self.configuration = configuration
    self.log = log
    debug = DebugLog(contexts: configuration.debug, log: log)
    switch sasl.tokens {
    case .endpoint(let endpoint):
      tokens = OAuthTokens(log: log) { () throws(SASLError) in
        try endpoint.fetch { WallClock.nowMs }
      }
    case .unsecured, nil: tokens = nil
    }
  }

  /// Authenticates the client on a connection that has agreed on versions.
  ///
  /// `host` is the broker's name, of which Kerberos makes the principal.
  /// - Throws: `ClientError.authentication` with the broker's own words where it refuses.
  func authenticate(_ connection: Connection, host: String, deadlineMs: Int64)
    async throws(ClientError)
  {
    warnOnce()
    let setup = configuration.connectionSetupTimeoutMs
    let lifetimeMs = try await authenticate(connection, host: host, holding: false) {
      max(1, min(setup, deadlineMs - MonotonicClock.nowMs))
    }
    debug(.security, "SASL", "\(connection.name): authenticated by \(sasl.mechanism.rawValue)")
    schedule(connection, host, lifetimeMs)
  }

  /// No more tokens are asked for.
  func close() { tokens?.close() }

  /// Who sends what anybody could use is told, once (S28).
  private func warnOnce() {
    guard !hasWarned, sasl.mechanism.revealsSecret, !sasl.isEncrypted else { return }
    hasWarned = true
    let what = sasl.mechanism == .plain ? "the password" : "the token"
    log(
      ClientLog(
        .warning, "SASL",
        "\(sasl.mechanism.rawValue) without TLS: \(what) crosses the network in clear "
          + "(security.protocol=sasl_ssl would hide it)"))
  }

  // MARK: Again (KIP-368)

  /// The pause before the client authenticates itself again: 85 to 95 % of the session's lifetime (F75).
  ///
  /// nil where the session has no end. Spread, so that not all clients come at once.
  static func pause(lifetimeMs: Int64, _ random: inout some RandomNumberGenerator) -> Int64? {
    guard lifetimeMs > 0 else { return nil }
    let bounded = min(lifetimeMs, Int64(Int32.max))
    return max(1, bounded * Int64.random(in: 850...950, using: &random) / 1000)
  }

  private func schedule(_ connection: Connection, _ host: String, _ lifetimeMs: Int64) {
    var random = SystemRandomNumberGenerator()
    guard connection.isOpen, let pause = Self.pause(lifetimeMs: lifetimeMs, &random) else { return }
    connection.reauthentication = Timer(afterMs: pause) { [weak self, weak connection] in
      Net.task { [weak self, weak connection] in
        guard let self, let connection, connection.isOpen else { return }
        await self.reauthenticate(connection, host)
      }
    }
  }

  /// Authenticates again, behind what is in flight and before what comes.
  private func reauthenticate(_ connection: Connection, _ host: String) async {
    do {
      let lifetimeMs = try await authenticate(connection, host: host, holding: true) {
        [configuration] in
        // What is in flight is answered first, and may take its time (a JoinGroup, say).
        configuration.socketTimeoutMs + connection.inFlightTimeoutMs
      }
      debug(.security, "SASL", "\(connection.name): authenticated again")
      connection.release()
      schedule(connection, host, lifetimeMs)
    } catch {
      connection.close(error)
    }
  }

  // MARK: One time

  /// The session's lifetime in milliseconds; 0 where it has no end.
  private func authenticate(
    _ connection: Connection, host: String, holding: Bool, timeoutMs: () -> Int64
  ) async throws(ClientError) -> Int64 {
    let version = try handshakeVersion(connection)
    // A token may take long: it is asked for while the connection still works.
    var exchange = try await newExchange(connection, host)
    if holding { connection.hold() }
    var handshake = SaslHandshakeRequest()
    handshake.mechanism = sasl.mechanism.rawValue
    let answer = try await connection.request(
      handshake, version: version, timeoutMs: timeoutMs())
    if answer.errorCode != .none { throw refusal(connection, answer) }
    var message = try await step(connection, &exchange) { exchange throws(SASLError) in
      .send(try exchange.start())
    }
    for _ in 0..<Self.roundsMax {
      var request = SaslAuthenticateRequest()
      switch message {
      case .send(let bytes): request.authBytes = bytes
      case .done: throw failure(connection, "the exchange ended before it began")
      }
      let response = try await connection.request(request, timeoutMs: timeoutMs())
      guard response.errorCode == .none else {
        throw failure(connection, response.errorMessage ?? response.errorCode.sentence)
      }
      let bytes = response.authBytes
      message = try await step(connection, &exchange) { exchange throws(SASLError) in
        try exchange.received(bytes)
      }
      if message == .done { return response.sessionLifetimeMs }
    }
    throw failure(connection, "no end after \(Self.roundsMax) messages")
  }

  private func handshakeVersion(_ connection: Connection) throws(ClientError) -> Int16 {
    guard connection.versions.offers(.saslAuthenticate) else {
      throw .unsupported(
        what: "SASL (SaslAuthenticate)", needs: "Kafka 1.0 or later, and api.version.request=true")
    }
    return try connection.version(of: .saslHandshake)
  }

  private func newExchange(_ connection: Connection, _ host: String)
    async throws(ClientError) -> any SASLExchange
  {
    let sasl = sasl
    do throws(SASLError) {
      switch sasl.mechanism {
      case .plain: return try PlainExchange(username: sasl.username, password: sasl.password)
      case .scramSHA256, .scramSHA512:
        return try ScramExchange(
          sasl.mechanism == .scramSHA256 ? .sha256 : .sha512, username: sasl.username,
          password: sasl.password, isDelegationToken: sasl.isDelegationToken)
      case .gssapi: return GSSAPIExchange(sasl.kerberos, host: host)
      case .oauthBearer:
        if case .unsecured(let token) = sasl.tokens {
          return OAuthBearerExchange(try token.token(nowMs: WallClock.nowMs))
        }
        guard let tokens else { throw SASLError("there is no source of tokens") }
        return OAuthBearerExchange(try await tokens.token())
      }
    } catch {
      // A client that had a token once may have one again (F76).
      if tokens?.hasHadToken == true {
        throw .disconnected(peer: connection.name, reason: "\(error)")
      }
      throw failure(connection, error.description)
    }
  }

  /// Runs a step of an exchange on a thread of its own: it may take long.
  private func step(
    _ connection: Connection, _ exchange: inout any SASLExchange,
    _ body: @escaping @Sendable (inout any SASLExchange) throws(SASLError) -> SASLStep
  ) async throws(ClientError) -> SASLStep {
    let before = exchange
    let result = await WorkerThread.run {
      () -> Result<(any SASLExchange, SASLStep), SASLError> in
      var after = before
      do throws(SASLError) {
        let step = try body(&after)
        return .success((after, step))
      } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let (after, step)):
      exchange = after
      return step
    case .failure(let error): throw failure(connection, error.description)
    }
  }

  // MARK: Errors

  private func failure(_ connection: Connection, _ reason: String) -> ClientError {
    .authentication(peer: connection.name, reason: "SASL \(sasl.mechanism.rawValue): \(reason)")
  }

  /// The broker does not want the mechanism; no other is tried, which might be weaker (S32).
  private func refusal(_ connection: Connection, _ answer: SaslHandshakeResponse) -> ClientError {
    switch answer.errorCode {
    case .unsupportedSaslMechanism:
      failure(
        connection,
        "the broker does not have this mechanism; it has "
          + (answer.mechanisms.isEmpty ? "none" : answer.mechanisms.joined(separator: ", "))
          + " (sasl.mechanism)")
    case .illegalSaslState:
      failure(connection, "the broker's listener does not want SASL (security.protocol)")
    default: failure(connection, answer.errorCode.sentence)
    }
  }
}
