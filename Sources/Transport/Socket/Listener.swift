internal import CUV
internal import Glibc

/// Takes TCP connections at one address.
@Net public final class Listener {
  /// Where it listens; the port is the real one where 0 was asked for.
  public private(set) var address: SocketAddress
  private let tcp = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
  private var onAccept: (@Net (Socket) -> Void)?

  /// Listens at a numeric host; port 0 takes a free one.
  ///
  /// - Throws: `TransportError` where the address cannot be had.
  public init(host: String, port: UInt16, onAccept: @escaping @Net (Socket) -> Void)
    throws(TransportError)
  {
    address = SocketAddress(host: host, port: port)
    self.onAccept = onAccept
    uv_tcp_init(Net.executor.raw, tcp)
    tcp.pointee.data = Unmanaged.passRetained(self).toOpaque()
    var status = address.withSystemAddress { uv_tcp_bind(tcp, $0, 0) } ?? UV_EINVAL.rawValue
    if status == 0 {
      let stream = UnsafeMutableRawPointer(tcp).assumingMemoryBound(to: uv_stream_t.self)
      status = uv_listen(stream, 128) { server, status in
        guard let server, let data = server.pointee.data, status == 0 else { return }
        let listener = Unmanaged<Listener>.fromOpaque(data).takeUnretainedValue()
        Net.assumeIsolated {
          guard let socket = Socket.accept(from: server) else { return }
          if let onAccept = listener.onAccept { onAccept(socket) } else { socket.close() }
        }
      }
    }
    guard status == 0 else {
      close()
      throw TransportError("listen on", "\(host):\(port)", status)
    }
    var storage = sockaddr_storage()
    var length = Int32(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = uv_tcp_getsockname(tcp, $0, &length)
      }
    }
    address = SocketAddress(storage)
  }

  /// Takes no more connections.
  public func close() {
    guard onAccept != nil else { return }
    onAccept = nil
    UnsafeMutableRawPointer(tcp).withMemoryRebound(to: uv_handle_t.self, capacity: 1) {
      uv_close($0) { handle in
        guard let handle, let data = handle.pointee.data else { return }
        UnsafeMutableRawPointer(handle).deallocate()
        Unmanaged<Listener>.fromOpaque(data).release()
      }
    }
  }
}
