internal import CTLS

/// What all of a client's TLS connections share: trust, identity and the sessions to resume.
@Net public final class TLSContext {
  /// What it was made of.
  public nonisolated let configuration: TLSConfiguration
  private let handle: Handle

  /// The C side's context, which ends with it.
  final class Handle {
    let raw: OpaquePointer
    fileprivate init(_ raw: OpaquePointer) { self.raw = raw }
    deinit { ctls_context_free(raw) }
  }

  /// Opens OpenSSL at the first use and reads the files, on a thread of its own.
  ///
  /// `warn` is told of what works but should not be, such as a key that others can read.
  /// - Throws: `TLSError` with the cause `setup`, naming the file or setting and what is wrong with it.
  public static func open(
    _ configuration: TLSConfiguration, warn: @escaping @Sendable (String) -> Void
  ) async throws(TLSError) -> TLSContext {
    let made: Result<Handle, TLSError> = await withCheckedContinuation { continuation in
      WorkerThread.start {
        continuation.resume(
          returning: Result { () throws(TLSError) in
            try TLSContext.handle(configuration, isServer: false, warn)
          })
      }
    }
    return TLSContext(configuration, try made.get())
  }

  /// The same on the thread of the caller, and where `isServer` a server's: for tests.
  ///
  /// A server asks for a certificate where `authorities` are given.
  convenience init(
    _ configuration: TLSConfiguration, isServer: Bool = false, warn: (String) -> Void = { _ in }
  ) throws(TLSError) {
    self.init(configuration, try TLSContext.handle(configuration, isServer: isServer, warn))
  }

  private init(_ configuration: TLSConfiguration, _ handle: Handle) {
    self.configuration = configuration
    self.handle = handle
  }

  /// A connection's engine; sessions are resumed among those of the same host and port.
  func engine(host: String, port: UInt16) throws(TLSError) -> TLSEngine {
    // A dot at the end says that a name is complete; certificates and SNI are without it.
    var name = host.hasSuffix(".") ? String(host.dropLast()) : host
    let isAddress = SocketAddress(host: name, port: port) != nil
    // The zone of an IPv6 address means something on this machine alone.
    if isAddress, let zone = name.firstIndex(of: "%") { name = String(name[..<zone]) }
    guard !name.utf8.contains(0), name.utf8.count <= 255,
      let raw = ctls_engine_new(
        handle.raw, "\(name):\(port)", name, isAddress,
        configuration.checksHostName && configuration.verifiesPeer)
    else { throw TLSError(.setup, "\"\(host)\" cannot be a host's name in TLS") }
    return TLSEngine(TLSEngine.Handle(raw: raw), self, host: name)
  }

  private nonisolated static func handle(
    _ configuration: TLSConfiguration, isServer: Bool, _ warn: (String) -> Void
  ) throws(TLSError) -> Handle {
    do throws(CryptoError) { try Crypto.load() } catch { throw TLSError(error) }
    guard let raw = ctls_context_new(isServer) else {
      throw TLSError(.setup, "OpenSSL: \(Crypto.errors())")
    }
    let handle = Handle(raw)
    var setup = TLSSetup(raw: raw, configuration: configuration)
    try setup.apply(isServer: isServer)
    for warning in setup.warnings { warn(warning) }
    return handle
  }
}
