internal import Transport

extension Handshake {
  /// What the TLS connections share: nil without TLS, and made when first wanted.
  func tlsContext(for name: String) async throws(ClientError) -> TLSContext? {
    guard let tls = configuration.tls else { return nil }
    let opening: Task<Result<TLSContext, TLSError>, Never>
    if let known = tlsContext {
      opening = known
    } else {
      opening = Task { [log] in await Self.open(tls, log) }
      tlsContext = opening
    }
    do {
      return try await opening.value.get()
    } catch {
      throw .tls(peer: name, error)
    }
  }

  private static func open(_ tls: TLSConfiguration, _ log: @escaping @Sendable (ClientLog) -> Void)
    async -> Result<TLSContext, TLSError>
  {
    if !tls.verifiesPeer {
      log(
        ClientLog(
          .warning, "SSL",
          "certificates are not verified (enable.ssl.certificate.verification=false): "
            + "anybody may pose as the broker"))
    }
    do throws(TLSError) {
      return .success(try await TLSContext.open(tls) { log(ClientLog(.warning, "SSL", $0)) })
    } catch {
      return .failure(error)
    }
  }

  /// Agrees on TLS over a socket that was just connected to `host`.
  ///
  /// - Throws: `ClientError.tls` for what another try does not mend, `.disconnected` for what it may.
  func secure(
    _ socket: Socket, _ context: TLSContext, host: String, port: UInt16, name: String,
    deadlineMs: Int64
  ) async throws(ClientError) -> TLSSocket {
    do {
      let secured = try await TLSSocket.secure(
        socket, context, host: host, port: port,
        timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
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
}
