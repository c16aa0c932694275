internal import CUV
internal import Glibc

/// Gets what a socket reads.
@Net public protocol SocketDelegate: AnyObject {
  /// Where the next bytes go; never empty. They are read straight into it.
  func readSpace(for socket: Socket) -> UnsafeMutableRawBufferPointer
  /// That many bytes are there.
  func socket(_ socket: Socket, read count: Int)
  /// The connection ended; called once. Without an error the peer, or we, closed it.
  func socketClosed(_ socket: Socket, error: TransportError?)
}

/// A TCP connection.
@Net public final class Socket {
  /// Gets what is read; the socket keeps it until it is closed.
  public var delegate: (any SocketDelegate)?
  /// Our end.
  public private(set) var localAddress = SocketAddress(host: "", port: 0)
  /// The other end.
  public private(set) var peerAddress = SocketAddress(host: "", port: 0)
  /// Bytes that were given to `write` and are not yet with the system.
  public private(set) var queuedBytes = 0

  private let tcp = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
  private var isReading = false
  private var isClosed = false

  private var stream: UnsafeMutablePointer<uv_stream_t> {
    UnsafeMutableRawPointer(tcp).assumingMemoryBound(to: uv_stream_t.self)
  }
  private var handle: UnsafeMutablePointer<uv_handle_t> {
    UnsafeMutableRawPointer(tcp).assumingMemoryBound(to: uv_handle_t.self)
  }

  private init() {
    uv_tcp_init(Net.executor.raw, tcp)
    // Kept until the handle is closed.
    tcp.pointee.data = Unmanaged.passRetained(self).toOpaque()
  }

  private func opened() {
    uv_tcp_nodelay(tcp, 1)
    uv_tcp_keepalive(tcp, 1, 60)
    var storage = sockaddr_storage()
    var length = Int32(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = uv_tcp_getsockname(tcp, $0, &length)
      }
    }
    localAddress = SocketAddress(storage)
    length = Int32(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = uv_tcp_getpeername(tcp, $0, &length)
      }
    }
    peerAddress = SocketAddress(storage)
  }

  // MARK: Opening

  /// Takes the next connection of a listener; nil where there is none.
  static func accept(from server: UnsafeMutablePointer<uv_stream_t>) -> Socket? {
    let socket = Socket()
    guard uv_accept(server, socket.stream) == 0 else {
      socket.close()
      return nil
    }
    socket.opened()
    return socket
  }

  /// Connects to one address.
  ///
  /// - Throws: `TransportError` where it cannot be reached within the time.
  public static func connect(to address: SocketAddress, timeoutMs: Int64)
    async throws(TransportError) -> Socket
  {
    let socket = Socket()
    let status = await socket.open(address, timeoutMs)
    guard status == 0 else {
      socket.close()
      throw TransportError("connect to", "\(address)", status)
    }
    socket.opened()
    return socket
  }

  /// What waits for a connect, once: its end or its time-out.
  @Net private final class Pending {
    private var continuation: CheckedContinuation<Int32, Never>?
    var timer: Timer?
    init(_ continuation: CheckedContinuation<Int32, Never>) { self.continuation = continuation }
    func end(_ status: Int32) {
      timer?.cancel()
      timer = nil
      continuation?.resume(returning: status)
      continuation = nil
    }
  }

  private func open(_ address: SocketAddress, _ timeoutMs: Int64) async -> Int32 {
    await withCheckedContinuation { continuation in
      let pending = Pending(continuation)
      let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
      request.pointee.data = Unmanaged.passRetained(pending).toOpaque()
      let status = address.withSystemAddress { system in
        uv_tcp_connect(request, tcp, system) { request, status in
          guard let request, let data = request.pointee.data else { return }
          let pending = Unmanaged<Pending>.fromOpaque(data).takeRetainedValue()
          request.deallocate()
          Net.assumeIsolated { pending.end(status) }
        }
      }
      guard status == 0 else {
        Unmanaged.passUnretained(pending).release()
        request.deallocate()
        return pending.end(status ?? UV_EINVAL.rawValue)
      }
      pending.timer = Timer(afterMs: timeoutMs) { pending.end(UV_ETIMEDOUT.rawValue) }
    }
  }

  // MARK: Reading

  /// Begins, or goes on, to read into what the delegate offers.
  public func startReading() {
    guard !isReading, !isClosed else { return }
    isReading = true
    uv_read_start(
      stream,
      { handle, _, out in
        guard let data = handle?.pointee.data else { return }
        let socket = Unmanaged<Socket>.fromOpaque(data).takeUnretainedValue()
        let space = Net.assumeIsolated { SpaceBox(socket.delegate?.readSpace(for: socket)) }
        out?.pointee = uv_buf_init(
          space.start?.assumingMemoryBound(to: CChar.self), UInt32(clamping: space.count))
      },
      { stream, count, _ in
        guard let data = stream?.pointee.data else { return }
        let socket = Unmanaged<Socket>.fromOpaque(data).takeUnretainedValue()
        Net.assumeIsolated { socket.received(count) }
      })
  }

  /// Leaves what comes with the system, whose window then closes.
  public func stopReading() {
    guard isReading, !isClosed else { return }
    isReading = false
    uv_read_stop(stream)
  }

  private func received(_ count: Int) {
    if count > 0 {
      delegate?.socket(self, read: count)
    } else if count < 0 {
      end(
        count == Int(UV_EOF.rawValue)
          ? nil : TransportError("read from", "\(peerAddress)", Int32(count)))
    }
  }

  // MARK: Writing

  /// One write that the system could not take at once.
  private final class PendingWrite {
    let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
    let socket: Socket
    let owners: [any AnyObject & Sendable]
    let then: (@Net (TransportError?) -> Void)?
    let count: Int
    init(
      _ socket: Socket, _ owners: [any AnyObject & Sendable], _ count: Int,
      _ then: (@Net (TransportError?) -> Void)?
    ) {
      (self.socket, self.owners, self.count, self.then) = (socket, owners, count, then)
    }
    deinit { request.deallocate() }
  }

  /// Writes several pieces by one call, behind what was written before.
  ///
  /// The pieces stay where they are; `owners` keep them alive until they are written. `then` runs when
  /// they are with the system, or with an error when the connection broke first.
  public func write(
    _ pieces: [UnsafeRawBufferPointer], keeping owners: [any AnyObject & Sendable],
    then: (@Net (TransportError?) -> Void)? = nil
  ) {
    guard !isClosed else {
      then?(TransportError("write to", "\(peerAddress)", UV_EPIPE.rawValue))
      return
    }
    let total = pieces.reduce(0) { $0 + $1.count }
    var buffers = pieces.map { piece in
      uv_buf_init(
        UnsafeMutablePointer(
          mutating: piece.baseAddress?.assumingMemoryBound(to: CChar.self)),
        UInt32(clamping: piece.count))
    }
    var skip = 0
    if queuedBytes == 0 {
      let wrote = uv_try_write(stream, &buffers, UInt32(min(buffers.count, 1024)))
      if wrote == total {
        then?(nil)
        return
      }
      if wrote > 0 { skip = Int(wrote) }
    }
    var first = 0
    while first < buffers.count, skip >= Int(buffers[first].len) {
      skip -= Int(buffers[first].len)
      first += 1
    }
    buffers.removeFirst(first)
    if skip > 0, let base = buffers.first?.base {
      buffers[0] = uv_buf_init(base + skip, UInt32(Int(buffers[0].len) - skip))
    }
    let left = buffers.reduce(0) { $0 + Int($1.len) }
    let pending = PendingWrite(self, owners, left, then)
    queuedBytes += left
    pending.request.pointee.data = Unmanaged.passRetained(pending).toOpaque()
    let status = uv_write(pending.request, stream, &buffers, UInt32(buffers.count)) {
      request, status in
      guard let data = request?.pointee.data else { return }
      let pending = Unmanaged<PendingWrite>.fromOpaque(data).takeRetainedValue()
      Net.assumeIsolated { pending.socket.wrote(pending.count, status, pending.then) }
    }
    if status != 0 {
      Unmanaged.passUnretained(pending).release()
      wrote(left, status, then)
    }
  }

  /// Writes bytes of which a copy is kept.
  public func write(_ bytes: [UInt8], then: (@Net (TransportError?) -> Void)? = nil) {
    let copy = Buffer(bytes)
    write([copy.bytes], keeping: [copy], then: then)
  }

  private func wrote(_ count: Int, _ status: Int32, _ then: (@Net (TransportError?) -> Void)?) {
    queuedBytes -= count
    guard status != 0 else {
      then?(nil)
      return
    }
    let error = TransportError("write to", "\(peerAddress)", status)
    then?(error)
    end(error)
  }

  // MARK: Closing

  /// Ends the connection; what was not written yet is dropped.
  public func close() { end(nil) }

  private func end(_ error: TransportError?) {
    guard !isClosed else { return }
    isClosed = true
    uv_close(handle) { handle in
      guard let handle, let data = handle.pointee.data else { return }
      UnsafeMutableRawPointer(handle).deallocate()
      Unmanaged<Socket>.fromOpaque(data).release()
    }
    let last = delegate
    delegate = nil
    last?.socketClosed(self, error: error)
  }
}

/// A place in memory on its way out of an isolated closure.
private struct SpaceBox: Sendable {
  private let address: UInt
  let count: Int
  init(_ space: UnsafeMutableRawBufferPointer?) {
    address = UInt(bitPattern: space?.baseAddress)
    count = space?.count ?? 0
  }
  var start: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: address) }
}
