import CUV
import Glibc

/// Connects to a name: to the first of its addresses that answers.
@Net public enum Dialer {
  /// Head start of each address before the next is tried as well, in milliseconds (RFC 8305).
  static let staggerMs: Int64 = 250

  /// Resolves `host` and tries its addresses, IPv6 and IPv4 in turn, until one is connected.
  ///
  /// An address that fails gives way to the next at once.
  ///
  /// - Parameters:
  ///   - host: a name or a numeric address.
  ///   - port: the TCP port.
  ///   - family: which addresses may be used.
  ///   - timeoutMs: for all of it, the name included, in milliseconds.
  ///   - options: how the socket is set up.
  /// - Returns: the connected socket, which does not read yet.
  /// - Throws: `DialError`, with each address's failure.
  public static func dial(
    host: String, port: UInt16, family: AddressFamily = .any, timeoutMs: Int64,
    options: SocketOptions = SocketOptions()
  ) async throws(DialError) -> Socket {
    let result = await withCheckedContinuation { continuation in
      let dial = Dial(host, port, options) { continuation.resume(returning: $0) }
      dial.start(family, timeoutMs)
    }
    return try result.get()
  }

  /// The same for addresses that are known already.
  ///
  /// - Throws: `DialError`, with each address's failure.
  public static func dial(_ addresses: [SocketAddress], timeoutMs: Int64) async throws(DialError)
    -> Socket
  {
    let result = await withCheckedContinuation { continuation in
      let dial = Dial("", 0, SocketOptions()) { continuation.resume(returning: $0) }
      dial.start(addresses, timeoutMs)
    }
    return try result.get()
  }

  /// Puts addresses of the two families in turn, each family in its order, the first one first.
  nonisolated static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
    guard let first = addresses.first else { return [] }
    var preferred = addresses.filter { $0.isV6 == first.isV6 }[...]
    var others = addresses.filter { $0.isV6 != first.isV6 }[...]
    var result: [SocketAddress] = []
    while !preferred.isEmpty || !others.isEmpty {
      if let next = preferred.popFirst() { result.append(next) }
      if let next = others.popFirst() { result.append(next) }
    }
    return result
  }
}

/// One call of `Dialer.dial`.
@Net private final class Dial {
  typealias Answer = Result<Socket, DialError>

  private let host: String
  private let port: UInt16
  private let options: SocketOptions
  private var answer: (@Net (Answer) -> Void)?
  private var addresses: [SocketAddress] = []
  private var codes: [Int32?] = []  // per address, once it has failed
  private var next = 0
  private var attempts: [Int: Attempt] = [:]  // under way, by the address's place
  private var stagger: Timer?
  private var deadline: Timer?

  init(
    _ host: String, _ port: UInt16, _ options: SocketOptions,
    _ answer: @escaping @Net (Answer) -> Void
  ) {
    self.host = host
    self.port = port
    self.options = options
    self.answer = answer
  }

  func start(_ family: AddressFamily, _ timeoutMs: Int64) {
    // The search has the time of the whole: it ends as the deadline does.
    deadline = Timer(afterMs: timeoutMs) { self.timeIsOver() }
    Resolution(host, port) { self.resolved($0) }.begin(family, timeoutMs: timeoutMs)
  }

  func start(_ addresses: [SocketAddress], _ timeoutMs: Int64) {
    deadline = Timer(afterMs: timeoutMs) { self.timeIsOver() }
    resolved(.success(addresses))
  }

  private func resolved(_ result: Resolution.Answer) {
    guard answer != nil else { return }
    switch result {
    case .failure(let error):
      fail(resolution: error, isTimeout: false)
    case .success(let found):
      addresses = Dialer.interleaved(found)
      codes = addresses.map { _ in nil }
      tryNext()
    }
  }

  private func tryNext() {
    stagger?.cancel()
    stagger = nil
    guard answer != nil else { return }
    guard next < addresses.count else {
      if attempts.isEmpty { fail(resolution: nil, isTimeout: false) }
      return
    }
    let place = next
    next += 1
    if next < addresses.count {
      stagger = Timer(afterMs: Dialer.staggerMs) { self.tryNext() }
    }
    let attempt = Attempt(options)
    attempts[place] = attempt
    attempt.start(addresses[place]) { self.ended(place, $0) }
  }

  private func ended(_ place: Int, _ result: Attempt.Answer) {
    attempts[place] = nil
    guard answer != nil else { return }
    switch result {
    case .success(let socket):
      finish(.success(socket))
    case .failure(let code):
      codes[place] = code.rawValue
      tryNext()
    }
  }

  private func timeIsOver() {
    let timeout = TransportError(
      operation: "resolve", address: "\(host):\(port)", code: UV_ETIMEDOUT.rawValue)
    fail(resolution: addresses.isEmpty ? timeout : nil, isTimeout: true)
  }

  private func fail(resolution: TransportError?, isTimeout: Bool) {
    let failures = zip(addresses, codes).map { address, code in
      DialError.Failure(address: address, code: code ?? UV_ETIMEDOUT.rawValue)
    }
    finish(
      .failure(
        DialError(
          host: host, port: port, resolution: resolution, failures: failures, isTimeout: isTimeout))
    )
  }

  /// Answers once; the losers are closed, and nothing refers back here any more.
  private func finish(_ result: Answer) {
    guard let answer else { return }
    self.answer = nil
    deadline?.cancel()
    stagger?.cancel()
    let losers = attempts
    attempts = [:]
    for loser in losers.values { loser.cancel() }
    answer(result)
  }
}

/// One attempt to connect to one address.
@Net private final class Attempt {
  struct Code: Error { let rawValue: Int32 }
  typealias Answer = Result<Socket, Code>

  private let options: SocketOptions
  private var handle: UnsafeMutablePointer<uv_tcp_t>?  // until it is a socket's or closed
  private var answer: (@Net (Answer) -> Void)?

  init(_ options: SocketOptions) { self.options = options }

  func start(_ address: SocketAddress, _ answer: @escaping @Net (Answer) -> Void) {
    self.answer = answer
    let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
    self.handle = handle
    initialize(handle, for: address)
    let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
    request.pointee.data = HandleOwner.retained(self)
    let status = address.withSockaddr { generic, _ in
      uv_tcp_connect(request, handle, generic, attemptEnded)
    }
    guard status == 0 else {  // no callback follows
      _ = HandleOwner.released(request.pointee.data, as: Attempt.self)
      request.deallocate()
      // Not within `start`: with many addresses the calls would nest.
      _ = Timer(afterMs: 0) { self.ended(status) }
      return
    }
  }

  /// Buffers are sized before the connection is asked for, since its window depends on them.
  ///
  /// A size that the system does not like is its affair, as in librdkafka: the nearest it has is taken.
  private func initialize(_ handle: UnsafeMutablePointer<uv_tcp_t>, for address: SocketAddress) {
    guard options.sendBufferBytes > 0 || options.receiveBufferBytes > 0 else {
      uv_tcp_init(Net.rawLoop, handle)
      return
    }
    uv_tcp_init_ex(Net.rawLoop, handle, UInt32(address.isV6 ? AF_INET6 : AF_INET))
    var sendBytes = Int32(clamping: options.sendBufferBytes)
    if sendBytes > 0 { uv_send_buffer_size(handle.asHandle, &sendBytes) }
    var receiveBytes = Int32(clamping: options.receiveBufferBytes)
    if receiveBytes > 0 { uv_recv_buffer_size(handle.asHandle, &receiveBytes) }
  }

  /// Gives up; the answer is not called any more.
  func cancel() {
    answer = nil
    closeHandle()
  }

  fileprivate func ended(_ status: Int32) {
    let answer = answer
    self.answer = nil
    guard let answer else { return closeHandle() }
    if status == 0, let handle, let socket = Socket(handle, keepsAlive: options.keepsAlive) {
      self.handle = nil
      answer(.success(socket))
    } else {
      closeHandle()
      answer(.failure(Code(rawValue: status == 0 ? UV_ECONNRESET.rawValue : status)))
    }
  }

  private func closeHandle() {
    guard let handle else { return }
    self.handle = nil
    uv_close(handle.asHandle, handleClosed)
  }
}

private func attemptEnded(_ request: UnsafeMutablePointer<uv_connect_t>?, _ status: Int32) {
  guard let attempt = HandleOwner.released(request?.pointee.data, as: Attempt.self) else { return }
  UnsafeMutableRawPointer(request)?.deallocate()
  Net.assumeIsolated { attempt.ended(status) }
}

private func handleClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  UnsafeMutableRawPointer(handle)?.deallocate()
}
