internal import CUV

/// A socket that speaks TLS: the same stream as a `Socket`, encrypted.
///
/// Ciphertext is read 64 KiB at a time and decrypted straight into the delegate's space. What is written
/// is encrypted when the system takes more, so that no more than 256 KiB wait encrypted.
@Net public final class TLSSocket: ByteStream {
  /// Who is told, from `startReading` on.
  ///
  /// It is let go when the socket is closed.
  public var delegate: (any SocketDelegate)?
  /// What was agreed on, and with whom.
  public var peer: TLSPeer { engine.peer }

  private let socket: Socket
  private let engine: TLSEngine
  private let input = Buffer(capacity: TLSEngine.feedMax)
  private var isReading = false
  private var isDelivering = false
  private var isEncrypting = false
  private var hasEnded = false
  private var failure: TLSError?
  private var writes: [Write] = []
  /// Who waits for the handshake.
  private var secured: (@Net (TLSError?) -> Void)?

  /// What is not encrypted yet of a write.
  private struct Write {
    var pieces: ArraySlice<UnsafeRawBufferPointer>
    var owners: [any AnyObject & Sendable]
    var then: (@Net (TransportError?) -> Void)?
  }

  /// Encrypted bytes that may wait for the system before more are encrypted.
  private nonisolated static let queuedMax = 256 << 10
  /// Bytes that are encrypted before they are handed on.
  private nonisolated static let chunkMax = 64 << 10

  private init(_ socket: Socket, _ engine: TLSEngine) {
    self.socket = socket
    self.engine = engine
  }

  /// Agrees on TLS with the peer of a connected socket, which is closed where that fails.
  ///
  /// `host` is the name that was dialled, which the certificate must have; `timeoutMs` is for the handshake.
  /// - Throws: `TLSError`.
  public static func secure(
    _ socket: Socket, _ context: TLSContext, host: String, port: UInt16, timeoutMs: Int64
  ) async throws(TLSError) -> TLSSocket {
    let engine: TLSEngine
    do {
      engine = try context.engine(host: host, port: port)
    } catch {
      socket.close()
      throw error
    }
    let secured = TLSSocket(socket, engine)
    let failure = await withCheckedContinuation { continuation in
      let deadline = Timer(afterMs: timeoutMs) {
        secured.end(TLSError(.interrupted, "the TLS handshake took longer than \(timeoutMs) ms"))
      }
      secured.start {
        deadline.cancel()
        continuation.resume(returning: $0)
      }
    }
    if let failure { throw failure }
    return secured
  }

  private func start(_ then: @escaping @Net (TLSError?) -> Void) {
    secured = then
    socket.delegate = self
    socket.startReading()
    shakeHands()
  }

  private func shakeHands() {
    do throws(TLSError) {
      let isDone = try engine.handshake()
      sendPending()
      guard isDone, let secured else { return }
      self.secured = nil
      // Nobody takes what may have come already.
      socket.stopReading()
      secured(nil)
    } catch {
      end(error)
    }
  }

  /// Ends the connection, in order if there is no error; the delegate hears of it as of a socket's end.
  private func end(_ error: TLSError?) {
    guard !hasEnded else { return }
    hasEnded = true
    failure = error
    if error == nil { engine.shutdown() }
    sendPending()
    socket.close()
    secured?(error)
    secured = nil
  }

  private func transportError(_ operation: String) -> TransportError? {
    failure.map {
      TransportError(
        operation: operation, address: "\(socket.peerAddress)", code: UV_EPROTO.rawValue, tls: $0)
    }
  }

  // MARK: ByteStream

  /// Our own address.
  public var localAddress: SocketAddress { socket.localAddress }
  /// The other side's address.
  public var peerAddress: SocketAddress { socket.peerAddress }

  /// Starts, or starts again, to read.
  public func startReading() {
    guard socket.isOpen, !isReading else { return }
    isReading = true
    socket.startReading()
    // What was decrypted already is told as a socket tells it: not within this call.
    _ = Timer(afterMs: 0) { self.deliver() }
  }

  /// Stops reading: what comes waits, decrypted or not.
  public func stopReading() {
    guard isReading else { return }
    isReading = false
    socket.stopReading()
  }

  /// Tells the peer that nothing more will come, and closes; what waits to be sent is lost.
  public func close() { end(nil) }

  /// Encrypts and writes `pieces` one after another; `owners` are let go once all is encrypted.
  public func write(
    _ pieces: [UnsafeRawBufferPointer], keeping owners: [any AnyObject & Sendable],
    then: (@Net (TransportError?) -> Void)?
  ) {
    writes.append(Write(pieces: pieces[...], owners: owners, then: then))
    encrypt()
  }

  // MARK: Writing

  private func encrypt() {
    guard !isEncrypting else { return }
    isEncrypting = true
    defer { isEncrypting = false }
    while !writes.isEmpty, socket.isOpen, socket.queuedBytes < Self.queuedMax {
      var ended: [@Net (TransportError?) -> Void] = []
      do throws(TLSError) {
        guard try encryptChunk(&ended) else { return }
      } catch {
        end(error)
        for then in ended { then(transportError("write to")) }
        return
      }
      sendPending { error in for then in ended { then(error) } }
    }
    if !socket.isOpen { dropWrites() }
  }

  /// Encrypts up to a chunk of what waits; false where the peer must be heard first.
  private func encryptChunk(_ ended: inout [@Net (TransportError?) -> Void]) throws(TLSError)
    -> Bool
  {
    var room = Self.chunkMax
    while room > 0, !writes.isEmpty {
      guard let piece = writes[0].pieces.first else {
        if let then = writes.removeFirst().then { ended.append(then) }
        continue
      }
      if piece.isEmpty {
        writes[0].pieces.removeFirst()
        continue
      }
      let count = try engine.write(UnsafeRawBufferPointer(rebasing: piece.prefix(room)))
      guard count > 0 else { return false }
      room -= count
      writes[0].pieces[writes[0].pieces.startIndex] = UnsafeRawBufferPointer(
        rebasing: piece.dropFirst(count))
    }
    return true
  }

  /// Sends what the engine has for the peer.
  private func sendPending(_ then: (@Net (TransportError?) -> Void)? = nil) {
    let count = engine.pendingCount
    guard count > 0 else {
      then?(nil)
      return
    }
    let output = Buffer(capacity: count)
    output.count = engine.take(into: output.space)
    socket.write([output.bytes], keeping: [output]) { error in
      then?(error)
      self.encrypt()
    }
  }

  private func dropWrites() {
    let lost = writes
    writes = []
    let error =
      transportError("write to")
      ?? TransportError(
        operation: "write to", address: "\(socket.peerAddress)", code: UV_ENOTCONN.rawValue)
    for write in lost { write.then?(error) }
  }

  // MARK: Reading

  /// Decrypts what came, as long as the delegate wants it.
  private func deliver() {
    guard !isDelivering, secured == nil, !hasEnded else { return }
    isDelivering = true
    defer { isDelivering = false }
    do throws(TLSError) {
      while isReading, !hasEnded, let delegate {
        let space = delegate.readSpace(for: socket)
        switch try engine.read(into: space) {
        case .bytes(let count): delegate.socket(socket, read: count)
        case .wantsMore:
          sendPending()
          return
        case .ended: return end(nil)
        }
      }
    } catch {
      end(error)
    }
  }
}

extension TLSSocket: SocketDelegate {
  /// Where ciphertext goes.
  public func readSpace(for socket: Socket) -> UnsafeMutableRawBufferPointer { input.space }

  /// Ciphertext is there.
  public func socket(_ socket: Socket, read count: Int) {
    do throws(TLSError) {
      try engine.feed(UnsafeRawBufferPointer(rebasing: input.space[..<count]))
    } catch {
      return end(error)
    }
    if secured != nil { shakeHands() } else { deliver() }
  }

  /// The socket's end is the stream's.
  public func socketClosed(_ socket: Socket, error: TransportError?) {
    if let secured {
      self.secured = nil
      failure = failure ?? engine.interruption
      hasEnded = true
      secured(failure)
    }
    deliver()
    hasEnded = true
    dropWrites()
    let delegate = delegate
    self.delegate = nil
    delegate?.socketClosed(socket, error: transportError("read from") ?? error)
  }
}
