internal import CTLS

/// One connection's TLS over memory: the peer's bytes in, bytes for the peer out; it knows no socket.
///
/// Whatever was fed may have made bytes for the peer: `take` them after each `feed`, `handshake`, `read`
/// and `write`.
@Net public final class TLSEngine {
  /// What `read` found.
  public enum Reading: Equatable {
    /// So many bytes of plaintext, at least 1.
    case bytes(Int)
    /// The peer's next bytes are needed.
    case wantsMore
    /// The peer said that nothing more will come.
    case ended
  }

  /// The C side's engine, which ends with it.
  struct Handle: ~Copyable {
    let raw: OpaquePointer
    deinit { ctls_engine_free(raw) }
  }

  private let context: TLSContext
  private let handle: Handle
  private let host: String
  private var firstBytes: [UInt8] = []

  /// The most bytes for one `feed`.
  public nonisolated static let feedMax = 64 << 10

  init(_ handle: consuming Handle, _ context: TLSContext, host: String) {
    self.handle = handle
    self.context = context
    self.host = host
  }

  /// Goes on with the handshake; true once it is done.
  ///
  /// With TLS 1.3 a peer that refuses our certificate says so only afterwards, to `read`.
  /// - Throws: `TLSError` where it cannot succeed; an alert for the peer may be there to take.
  public func handshake() throws(TLSError) -> Bool {
    switch ctls_engine_handshake(handle.raw) {
    case CTLS_OK: return true
    case CTLS_WANT: return false
    default: throw failure()
    }
  }

  /// Takes bytes of the peer; they are copied.
  ///
  /// - Throws: `TLSError` where there is no memory.
  public func feed(_ bytes: UnsafeRawBufferPointer) throws(TLSError) {
    precondition(bytes.count <= Self.feedMax)
    if firstBytes.count < 8 { firstBytes += bytes.prefix(8 - firstBytes.count) }
    guard ctls_engine_feed(handle.raw, bytes.baseAddress, bytes.count) == CTLS_OK else {
      throw failure()
    }
  }

  /// How many bytes are there for the peer.
  public var pendingCount: Int { ctls_engine_pending(handle.raw) }

  /// Moves bytes for the peer to `space`, and says how many.
  public func take(into space: UnsafeMutableRawBufferPointer) -> Int {
    ctls_engine_take(handle.raw, space.baseAddress, space.count)
  }

  /// Decrypts into `space`, at most one record.
  ///
  /// - Throws: `TLSError` at the peer's alert or at bytes that are none of its.
  public func read(into space: UnsafeMutableRawBufferPointer) throws(TLSError) -> Reading {
    var count = 0
    switch ctls_engine_read(handle.raw, space.baseAddress, space.count, &count) {
    case CTLS_OK: return .bytes(count)
    case CTLS_WANT: return .wantsMore
    case CTLS_CLOSED: return .ended
    default: throw failure()
    }
  }

  /// Encrypts the begin of `bytes`, at most one record of 16 KiB, and says how many; 0 where the peer's
  /// next bytes are needed first.
  ///
  /// - Throws: `TLSError` where nothing more can be sent.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(TLSError) -> Int {
    var count = 0
    switch ctls_engine_write(handle.raw, bytes.baseAddress, bytes.count, &count) {
    case CTLS_OK: return count
    case CTLS_WANT: return 0
    default: throw failure()
    }
  }

  /// Makes the bytes that tell the peer that nothing more will come.
  public func shutdown() { ctls_engine_shutdown(handle.raw) }

  /// What was agreed on; of use once the handshake is done.
  public var peer: TLSPeer {
    TLSPeer(
      version: text(CTLS_VERSION), cipher: text(CTLS_CIPHER),
      isResumed: ctls_engine_resumed(handle.raw), certificate: certificate)
  }

  // MARK: What went wrong

  /// What the end of the connection means while the handshake is not done.
  public var interruption: TLSError {
    firstBytes.isEmpty
      ? TLSError(.closedUnanswered, "the peer closed the connection instead of answering in TLS")
      : TLSError(.interrupted, "the peer closed the connection during the TLS handshake")
  }

  private func failure() -> TLSError {
    let alert = ctls_engine_alert(handle.raw)
    if ctls_engine_refusal(handle.raw) != 0 { return refusal() }
    if let number = UInt8(exactly: alert) {
      let configuration = context.configuration
      return .alert(
        number, hasIdentity: configuration.certificate != nil || configuration.keystore != nil)
    }
    let reason = text(CTLS_FAILURE)
    if reason == "unsupported protocol" {
      return TLSError(.tooOld, "the peer speaks only what is older than TLS 1.2")
    }
    if let first = firstBytes.first, !(20...23).contains(first) {
      return firstBytes.starts(with: Array("HTTP/".utf8))
        ? TLSError(.notTLS, "the peer answers in HTTP, not in TLS")
        : TLSError(.notTLS, "what the peer sent is no TLS")
    }
    return TLSError(.broken, "OpenSSL: \(reason.isEmpty ? "the connection is broken" : reason)")
  }

  private func refusal() -> TLSError {
    let cause: TLSError.Cause
    let sentence: String
    // OpenSSL's X509_V_ERR_… numbers.
    switch ctls_engine_refusal(handle.raw) {
    case 18:
      (cause, sentence) = (.untrusted, "the certificate is signed by itself and not trusted")
    case 19: (cause, sentence) = (.untrusted, "the authority that signed it is not trusted")
    case 2, 20, 21, 27:
      (cause, sentence) = (.untrusted, "the authority that signed the certificate is not known")
    case 9: (cause, sentence) = (.outOfDate, "the certificate is not valid yet")
    case 10: (cause, sentence) = (.outOfDate, "the certificate has expired")
    case 62, 64: (cause, sentence) = (.wrongHost, "the certificate is not for \(host)")
    case 23: (cause, sentence) = (.revoked, "the certificate was revoked")
    case 3:
      (cause, sentence) = (
        .badCertificate, "there is no revocation list of the certificate's issuer"
      )
    case 12: (cause, sentence) = (.badCertificate, "the issuer's revocation list is too old")
    default:
      (cause, sentence) = (.badCertificate, "the certificate is refused: \(text(CTLS_REFUSAL))")
    }
    return TLSError(cause, certificate.map { "\(sentence) (\($0))" } ?? sentence)
  }

  private var certificate: TLSCertificate? {
    var notBefore: Int64 = 0
    var notAfter: Int64 = 0
    guard ctls_engine_validity(handle.raw, &notBefore, &notAfter) else { return nil }
    return TLSCertificate(
      subject: text(CTLS_SUBJECT), issuer: text(CTLS_ISSUER), names: text(CTLS_NAMES),
      notBefore: notBefore, notAfter: notAfter)
  }

  private func text(_ field: ctls_field) -> String {
    Crypto.text(capacity: 1024) { ctls_engine_text(handle.raw, field, $0, $1) }
  }
}
