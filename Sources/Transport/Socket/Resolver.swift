import CUV
import Glibc

/// Finds the addresses of a name.
@Net public enum Resolver {
  /// Asks the system for all addresses of `host`, in its order of preference (RFC 6724).
  ///
  /// A numeric host is its own answer and asks nobody. The search runs on a thread of libuv's pool,
  /// which goes on as long as the system's resolver does.
  ///
  /// - Throws: `TransportError` with one of libuv's `UV_EAI_…` codes, or ETIMEDOUT after `timeoutMs`.
  public static func addresses(
    of host: String, port: UInt16, family: AddressFamily = .any, timeoutMs: Int64
  ) async throws(TransportError) -> [SocketAddress] {
    let result = await withCheckedContinuation { continuation in
      let search = Resolution(host, port) { continuation.resume(returning: $0) }
      search.begin(family, timeoutMs: timeoutMs)
    }
    return try result.get()
  }
}

/// One search of the addresses of a name.
@Net final class Resolution {
  typealias Answer = Result<[SocketAddress], TransportError>

  private let host: String
  private let port: UInt16
  private var then: (@Net (Answer) -> Void)?
  private var deadline: Timer?

  /// Calls `then` once.
  init(_ host: String, _ port: UInt16, _ then: @escaping @Net (Answer) -> Void) {
    self.host = host
    self.port = port
    self.then = then
  }

  /// Begins; a numeric host ends it within this call.
  func begin(_ family: AddressFamily, timeoutMs: Int64) {
    if let address = SocketAddress(host: host, port: port) {
      return ended(0, [address], family)
    }
    deadline = Timer(afterMs: timeoutMs) { self.ended(UV_ETIMEDOUT.rawValue, [], family) }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_protocol = Int32(IPPROTO_TCP)
    switch family {
    case .any:
      hints.ai_family = AF_UNSPEC
      hints.ai_flags = AI_ADDRCONFIG  // no IPv6 addresses on a machine that has no IPv6
    case .v4: hints.ai_family = AF_INET
    case .v6: hints.ai_family = AF_INET6
    }
    let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
    request.pointee.data = HandleOwner.retained(self)
    let status = uv_getaddrinfo(Net.rawLoop, request, resolved, host, nil, &hints)
    if status != 0 {
      _ = HandleOwner.released(request.pointee.data, as: Resolution.self)
      request.deallocate()
      ended(status, [], family)
    }
  }

  fileprivate func ended(_ status: Int32, _ addresses: [SocketAddress], _ family: AddressFamily) {
    guard let then else { return }
    self.then = nil
    deadline?.cancel()
    let fitting = addresses.filter { address in
      switch family {
      case .any: true
      case .v4: !address.isV6
      case .v6: address.isV6
      }
    }
    if status == 0 && !fitting.isEmpty { return then(.success(fitting)) }
    let code = status == 0 ? UV_EAI_ADDRFAMILY.rawValue : status
    then(.failure(TransportError(operation: "resolve", address: "\(host):\(port)", code: code)))
  }

  fileprivate func ended(_ status: Int32, _ addresses: [SocketAddress]) {
    ended(
      status, addresses.compactMap { SocketAddress(host: $0.host, port: port) }, .any)
  }
}

private func resolved(
  _ request: UnsafeMutablePointer<uv_getaddrinfo_t>?, _ status: Int32,
  _ list: UnsafeMutablePointer<addrinfo>?
) {
  var addresses: [SocketAddress] = []
  var next = list
  while let entry = next {
    if let storage = entry.pointee.ai_addr, let address = SocketAddress(storage),
      !addresses.contains(address)
    {
      addresses.append(address)
    }
    next = entry.pointee.ai_next
  }
  uv_freeaddrinfo(list)
  defer { UnsafeMutableRawPointer(request)?.deallocate() }
  guard let search = HandleOwner.released(request?.pointee.data, as: Resolution.self) else {
    return
  }
  let found = addresses
  Net.assumeIsolated { search.ended(status, found) }
}
