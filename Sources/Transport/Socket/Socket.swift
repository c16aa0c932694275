import CUV
import Glibc

/// Receives what happens to a socket.
@Net public protocol SocketDelegate: AnyObject {
  /// Says where the next bytes go; never empty. libuv reads straight into it.
  ///
  /// The memory must stay valid until the read is told or the socket is closed. An empty answer
  /// closes the socket with ENOBUFS.
  func readSpace(for socket: Socket) -> UnsafeMutableRawBufferPointer

  /// Tells that `count` bytes, at least 1, are at the begin of the last `readSpace`.
  func socket(_ socket: Socket, read count: Int)

  /// Tells that the socket is closed: exactly once, and nothing is told afterwards.
  ///
  /// `error` is nil at the peer's orderly end or our own `close`.
  func socketClosed(_ socket: Socket, error: TransportError?)
}

/// A connected TCP socket, with Nagle's algorithm off and, unless unwanted, keepalive on.
///
/// It lives until it is closed, whether or not anyone refers to it, and holds its delegate so long:
/// whoever has one must see to it that it is closed. The peer's end and every error close it.
@Net public final class Socket: ByteStream {
  /// Who is told, from `startReading` on.
  ///
  /// It is let go when the socket is closed.
  public var delegate: (any SocketDelegate)?
  /// Our own address.
  public let localAddress: SocketAddress
  /// The other side's address.
  public let peerAddress: SocketAddress
  /// Whether no `close` was called or caused yet.
  public private(set) var isOpen = true
  /// Whether bytes are read as they come.
  public private(set) var isReading = false

  private let handle: UnsafeMutablePointer<uv_tcp_t>
  /// Why it is being closed, or why it will be once what the peer sent before was read.
  private var error: TransportError?

  /// Seconds of silence until the system asks whether the peer still lives.
  private static let keepaliveSeconds: UInt32 = 60

  /// Takes over a connected handle; nil (and the handle still the caller's) if the peer is gone.
  init?(_ handle: UnsafeMutablePointer<uv_tcp_t>, keepsAlive: Bool = true) {
    guard
      let local = SocketAddress(by: { uv_tcp_getsockname(handle, $0, $1) }),
      let peer = SocketAddress(by: { uv_tcp_getpeername(handle, $0, $1) })
    else { return nil }
    self.handle = handle
    localAddress = local
    peerAddress = peer
    uv_tcp_nodelay(handle, 1)
    if keepsAlive { uv_tcp_keepalive(handle, 1, Self.keepaliveSeconds) }
    handle.pointee.data = HandleOwner.retained(self)
  }

  /// Bytes that were written here but not yet taken by the system.
  public var queuedBytes: Int { isOpen ? uv_stream_get_write_queue_size(handle.asStream) : 0 }

  /// Starts, or starts again, to read; does nothing where it reads or is closed.
  public func startReading() {
    guard isOpen, !isReading else { return }
    let status = uv_read_start(handle.asStream, socketAllocate, socketRead)
    if status < 0 { close(failure("read from", status)) } else { isReading = true }
  }

  /// Stops reading: what comes waits in the system, and in the end with the peer.
  ///
  /// While it does not read, a socket does not notice that the peer is gone.
  public func stopReading() {
    guard isOpen, isReading else { return }
    isReading = false
    uv_read_stop(handle.asStream)
  }

  /// Closes the socket; what is queued is lost.
  ///
  /// Only the first call counts. `socketClosed` follows, not within this call.
  public func close() { close(nil) }

  /// Closes the socket by a reset, as a crash of the machine would show itself.
  public func reset() {
    guard isOpen else { return }
    isOpen = false
    isReading = false
    if uv_tcp_close_reset(handle, socketHandleClosed) != 0 {
      uv_close(handle.asHandle, socketHandleClosed)
    }
  }

  private func close(_ error: TransportError?) {
    guard isOpen else { return }
    isOpen = false
    isReading = false
    self.error = error
    uv_close(handle.asHandle, socketHandleClosed)
  }

  private func failure(_ operation: String, _ code: Int32) -> TransportError {
    TransportError(operation: operation, address: "\(peerAddress)", code: code)
  }

  // MARK: Writing

  /// Writes `pieces` one after another, by one system call where it takes them.
  ///
  /// - Parameters:
  ///   - pieces: memory that stays valid and unchanged as long as `owners` are kept.
  ///   - owners: kept until everything is written or the socket is closed.
  ///   - then: called once: within this call where the system takes everything or the socket is
  ///     closed; otherwise later, in any case before `socketClosed`. Its error says that not
  ///     everything was written.
  public func write(
    _ pieces: [UnsafeRawBufferPointer], keeping owners: [any AnyObject & Sendable],
    then: (@Net (TransportError?) -> Void)? = nil
  ) {
    withExtendedLifetime(owners) {
      switch tryWrite(pieces) {
      case .failure(let error):
        then?(error)
      case .success(let written):
        let rest = Self.rest(of: pieces, after: written)
        if rest.isEmpty { then?(nil) } else { enqueue(rest, keeping: owners, then) }
      }
    }
  }

  /// Writes `bytes`, of which only what the system does not take at once is copied.
  public func write(_ bytes: [UInt8], then: (@Net (TransportError?) -> Void)? = nil) {
    let written = bytes.withUnsafeBytes { tryWrite([$0]) }
    switch written {
    case .failure(let error):
      then?(error)
    case .success(bytes.count):
      then?(nil)
    case .success(let count):
      let rest = Buffer(copying: bytes[count...])
      enqueue([rest.bytes], keeping: [rest], then)
    }
  }

  /// Writes what the system takes at once; nothing where something is queued already.
  private func tryWrite(_ pieces: [UnsafeRawBufferPointer]) -> Result<Int, TransportError> {
    guard isOpen else { return .failure(failure("write to", UV_ENOTCONN.rawValue)) }
    if let error { return .failure(error) }
    let status = withVectors(pieces) { uv_try_write(handle.asStream, $0, $1) }
    if status == UV_EAGAIN.rawValue { return .success(0) }
    if status < 0 { return .failure(writeFailed(status)) }
    return .success(Int(status))
  }

  private func enqueue(
    _ pieces: [UnsafeRawBufferPointer], keeping owners: [any AnyObject & Sendable],
    _ then: (@Net (TransportError?) -> Void)?
  ) {
    let write = QueuedWrite(self, owners, then)
    let status = withVectors(pieces) {
      uv_write(write.request, handle.asStream, $0, $1, writeEnded)
    }
    if status == 0 {
      write.request.pointee.data = HandleOwner.retained(write)
    } else {
      write.request.deallocate()
      then?(writeFailed(status))
    }
  }

  /// A failed write ends the socket, but not before what the peer sent until then is read.
  fileprivate func writeFailed(_ code: Int32) -> TransportError {
    let error = failure("write to", code)
    guard isOpen, code != UV_ECANCELED.rawValue else { return error }
    if isReading { self.error = self.error ?? error } else { close(error) }
    return error
  }

  private func withVectors(
    _ pieces: [UnsafeRawBufferPointer],
    _ body: (UnsafePointer<uv_buf_t>?, UInt32) -> Int32
  ) -> Int32 {
    withUnsafeTemporaryAllocation(of: uv_buf_t.self, capacity: pieces.count + 1) { vectors in
      var used = 0
      for piece in pieces where !piece.isEmpty {
        let base = UnsafeMutableRawPointer(mutating: piece.baseAddress)
        vectors.initializeElement(
          at: used,
          to: uv_buf_t(base: base?.assumingMemoryBound(to: CChar.self), len: piece.count))
        used += 1
      }
      return used == 0 ? 0 : body(vectors.baseAddress, UInt32(used))
    }
  }

  private static func rest(of pieces: [UnsafeRawBufferPointer], after written: Int)
    -> [UnsafeRawBufferPointer]
  {
    var skipped = written
    var rest: [UnsafeRawBufferPointer] = []
    for piece in pieces where !piece.isEmpty {
      if skipped >= piece.count {
        skipped -= piece.count
      } else {
        rest.append(UnsafeRawBufferPointer(rebasing: piece[skipped...]))
        skipped = 0
      }
    }
    return rest
  }

  // MARK: What libuv tells

  fileprivate func space() -> UnsafeMutableRawBufferPointer {
    guard isOpen, let delegate else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    return delegate.readSpace(for: self)
  }

  fileprivate func read(_ count: Int) {
    guard isOpen, count != 0 else { return }  // 0 is EAGAIN
    if count > 0 {
      delegate?.socket(self, read: count)
    } else if count == Int(UV_EOF.rawValue) {
      close(error)
    } else {
      close(error ?? failure("read from", Int32(truncatingIfNeeded: count)))
    }
  }

  fileprivate func closed() {
    let delegate = delegate
    self.delegate = nil
    delegate?.socketClosed(self, error: error)
  }
}

/// A write that the system did not take at once.
@Net private final class QueuedWrite {
  let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
  private let socket: Socket
  private let owners: [any AnyObject & Sendable]
  private let then: (@Net (TransportError?) -> Void)?

  init(
    _ socket: Socket, _ owners: [any AnyObject & Sendable],
    _ then: (@Net (TransportError?) -> Void)?
  ) {
    self.socket = socket
    self.owners = owners
    self.then = then
  }

  func ended(_ status: Int32) {
    let error = status < 0 ? socket.writeFailed(status) : nil
    then?(error)
  }
}

private func socketAllocate(
  _ handle: UnsafeMutablePointer<uv_handle_t>?, _ suggested: Int,
  _ result: UnsafeMutablePointer<uv_buf_t>?
) {
  guard let socket = HandleOwner.object(handle?.pointee.data, as: Socket.self) else { return }
  let space = Net.assumeIsolated { socket.space() }
  result?.pointee.base = space.baseAddress?.assumingMemoryBound(to: CChar.self)
  result?.pointee.len = space.count
}

private func socketRead(
  _ stream: UnsafeMutablePointer<uv_stream_t>?, _ count: Int, _ buffer: UnsafePointer<uv_buf_t>?
) {
  guard let socket = HandleOwner.object(stream?.pointee.data, as: Socket.self) else { return }
  Net.assumeIsolated { socket.read(count) }
}

private func socketHandleClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  guard let socket = HandleOwner.released(handle?.pointee.data, as: Socket.self) else { return }
  UnsafeMutableRawPointer(handle)?.deallocate()
  Net.assumeIsolated { socket.closed() }
}

private func writeEnded(_ request: UnsafeMutablePointer<uv_write_t>?, _ status: Int32) {
  guard let write = HandleOwner.released(request?.pointee.data, as: QueuedWrite.self) else {
    return
  }
  UnsafeMutableRawPointer(request)?.deallocate()
  Net.assumeIsolated { write.ended(status) }
}
