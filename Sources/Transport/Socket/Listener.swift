import CUV
import Glibc

/// Accepts connections on one address.
///
/// It lives until it is closed, whether or not anyone refers to it. Where the process has no more
/// descriptors it pauses: those who wait stay in the system's queue and are taken later. (libuv's own
/// listener would drop them, or spin.)
@Net public final class Listener {
  /// Where it listens; the port is the real one where 0 was asked for.
  public let address: SocketAddress
  /// Told when accepting pauses, such as by EMFILE; nil if nobody wants to know.
  public var onPause: (@Net (TransportError) -> Void)?

  /// Accepts from the listening descriptor; tests put the system's failures in its place.
  var acceptConnection: @Net (Int32) -> Int32 = { cuv_accept($0) }

  private let handle = UnsafeMutablePointer<uv_poll_t>.allocate(capacity: 1)
  private let descriptor: Int32
  private var onAccept: (@Net (Socket) -> Void)?
  private var pause: Timer?

  /// Connections that the system completes before we accept them; it may allow fewer.
  private static let backlog: Int32 = 511
  /// Connections accepted in one turn of the loop.
  private static let acceptsPerTurnMax = 64
  /// Time until the next try where the process has no more descriptors, in milliseconds.
  static let pauseMs: Int64 = 100

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - host: a numeric address, `localhost` for 127.0.0.1, or empty or `*` for all addresses.
  ///   - port: the TCP port; 0 lets the system choose one.
  ///   - onAccept: gets each connection, which it must close in the end.
  /// - Throws: `TransportError` where the host is not numeric or the system refuses.
  public init(host: String, port: UInt16, onAccept: @escaping @Net (Socket) -> Void)
    throws(TransportError)
  {
    let (descriptor, address) = try Self.open(host, port)
    self.descriptor = descriptor
    self.address = address
    self.onAccept = onAccept
    let status = uv_poll_init(Net.rawLoop, handle, descriptor)
    guard status == 0 else {
      Glibc.close(descriptor)
      handle.deallocate()
      throw TransportError(operation: "listen on", address: "\(address)", code: status)
    }
    handle.pointee.data = HandleOwner.retained(self)
    resume()
  }

  /// Stops listening; accepted sockets stay.
  ///
  /// Only the first call counts.
  public func close() {
    guard onAccept != nil else { return }
    onAccept = nil
    onPause = nil
    pause?.cancel()
    pause = nil
    uv_poll_stop(handle)
    uv_close(handle.asHandle, listenerClosed)
    // After uv_close: libuv no longer watches it, and the port is free at once.
    Glibc.close(descriptor)
  }

  private func resume() {
    pause = nil
    uv_poll_start(handle, Int32(UV_READABLE.rawValue), connectionsWait)
  }

  fileprivate func accept() {
    for _ in 0..<Self.acceptsPerTurnMax {
      guard let onAccept else { return }
      let connection = acceptConnection(descriptor)
      if connection >= 0 {
        if let socket = Self.socket(connection) { onAccept(socket) }
        continue
      }
      switch errno {
      case EAGAIN: return
      case EMFILE, ENFILE, ENOBUFS, ENOMEM: return rest(-errno)
      case EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP, EFAULT: return rest(-errno)
      default: continue  // that connection is gone already, the next may be well (accept(2))
      }
    }
  }

  private func rest(_ code: Int32) {
    uv_poll_stop(handle)
    pause = Timer(afterMs: Self.pauseMs) { self.resume() }
    onPause?(TransportError(operation: "accept on", address: "\(address)", code: code))
  }

  private static func socket(_ descriptor: Int32) -> Socket? {
    let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
    uv_tcp_init(Net.rawLoop, handle)
    if uv_tcp_open(handle, descriptor) != 0 {
      Glibc.close(descriptor)
    } else if let socket = Socket(handle) {
      return socket
    }
    uv_close(handle.asHandle) { UnsafeMutableRawPointer($0)?.deallocate() }
    return nil
  }

  // MARK: Opening

  private static func open(_ host: String, _ port: UInt16) throws(TransportError)
    -> (Int32, SocketAddress)
  {
    switch host {
    case "", "*":
      // All addresses of both families; where the system has no IPv6, of IPv4.
      if let six = SocketAddress(host: "::", port: port), let opened = try? open(six) {
        return opened
      }
      return try open("0.0.0.0", port)
    case "localhost":
      return try open("127.0.0.1", port)
    default:
      guard let address = SocketAddress(host: host, port: port) else {
        throw TransportError(
          operation: "listen on", address: "\(host):\(port) (not a numeric address)",
          code: UV_EAI_NONAME.rawValue)
      }
      return try open(address)
    }
  }

  private static func open(_ address: SocketAddress) throws(TransportError)
    -> (Int32, SocketAddress)
  {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = Glibc.socket(address.isV6 ? AF_INET6 : AF_INET, type, 0)
    var code: Int32 = 0
    if descriptor >= 0 {
      set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
      if address.isV6 { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
      let status = address.withSockaddr { bind(descriptor, $0, $1) }
      if status == 0, listen(descriptor, backlog) == 0, let bound = Self.address(of: descriptor) {
        return (descriptor, bound)
      }
      code = -errno
      Glibc.close(descriptor)
    } else {
      code = -errno
    }
    throw TransportError(operation: "listen on", address: "\(address)", code: code)
  }

  private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  private static func address(of descriptor: Int32) -> SocketAddress? {
    SocketAddress(by: { storage, length in
      var size = socklen_t(length.pointee)
      return getsockname(descriptor, storage, &size)
    })
  }
}

private func connectionsWait(
  _ handle: UnsafeMutablePointer<uv_poll_t>?, _ status: Int32, _ events: Int32
) {
  guard let listener = HandleOwner.object(handle?.pointee.data, as: Listener.self) else { return }
  Net.assumeIsolated { listener.accept() }
}

private func listenerClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  _ = HandleOwner.released(handle?.pointee.data, as: Listener.self)
  UnsafeMutableRawPointer(handle)?.deallocate()
}
