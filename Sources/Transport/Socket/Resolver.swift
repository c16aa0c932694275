internal import CUV
internal import Glibc

/// Finds the addresses of a name.
@Net public enum Resolver {
  @Net private final class Pending {
    let continuation: CheckedContinuation<Result<[SocketAddress], TransportError>, Never>
    let name: String
    init(
      _ continuation: CheckedContinuation<Result<[SocketAddress], TransportError>, Never>,
      _ name: String
    ) { (self.continuation, self.name) = (continuation, name) }
  }

  /// Every address of a name, in the system's order, each once.
  ///
  /// - Throws: `TransportError` where the name has none.
  public static func addresses(of name: String, port: UInt16, family: AddressFamily)
    async throws(TransportError) -> [SocketAddress]
  {
    let result = await withCheckedContinuation { continuation in
      let pending = Pending(continuation, name)
      let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
      request.pointee.data = Unmanaged.passRetained(pending).toOpaque()
      var hints = addrinfo()
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
      hints.ai_family =
        switch family {
        case .any: AF_UNSPEC
        case .v4: AF_INET
        case .v6: AF_INET6
        }
      let status = uv_getaddrinfo(
        Net.executor.raw, request,
        { request, status, list in
          guard let request, let data = request.pointee.data else { return }
          let pending = Unmanaged<Pending>.fromOpaque(data).takeRetainedValue()
          request.deallocate()
          var found: [SocketAddress] = []
          var entry = list
          while let current = entry {
            if let system = current.pointee.ai_addr {
              var storage = sockaddr_storage()
              let size = min(Int(current.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
              withUnsafeMutableBytes(of: &storage) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: system, count: size))
              }
              let address = SocketAddress(storage)
              if !found.contains(address) { found.append(address) }
            }
            entry = current.pointee.ai_next
          }
          uv_freeaddrinfo(list)
          let addresses = found
          Net.assumeIsolated {
            pending.continuation.resume(
              returning: status == 0
                ? .success(addresses) : .failure(TransportError("resolve", pending.name, status)))
          }
        }, name, "\(port)", &hints)
      if status != 0 {
        Unmanaged.passUnretained(pending).release()
        request.deallocate()
        continuation.resume(returning: .failure(TransportError("resolve", name, status)))
      }
    }
    return try result.get()
  }
}
