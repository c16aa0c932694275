import Glibc
import Transport

/// One end of a connection, which notes what it is told.
@Net final class Peer: SocketDelegate {
  let socket: any ByteStream
  /// What came, unless `keepsBytes` is false.
  private(set) var received: [UInt8] = []
  private(set) var receivedCount = 0
  private(set) var readCount = 0
  private(set) var closeCount = 0
  private(set) var error: TransportError?
  private(set) var readsAfterClose = 0
  var keepsBytes = true
  /// What it does with each read.
  var onRead: (@Net (UnsafeRawBufferPointer) -> Void)?

  private let space: Buffer
  private var waiting: [(condition: @Net () -> Bool, resume: @Net () -> Void)] = []

  init(_ socket: any ByteStream, space: Int = 256 << 10, reading: Bool = true) {
    self.socket = socket
    self.space = Buffer(capacity: space)
    socket.delegate = self
    if reading { socket.startReading() }
  }

  /// Returns once `condition` holds; it is asked whenever something happens here.
  func until(_ condition: @escaping @Net () -> Bool) async {
    if condition() { return }
    await withCheckedContinuation { continuation in
      waiting.append((condition, { continuation.resume() }))
    }
  }

  func bytes(_ count: Int) async -> [UInt8] {
    await until { self.receivedCount >= count || self.closeCount > 0 }
    return received
  }

  func closed() async -> TransportError? {
    await until { self.closeCount > 0 }
    return error
  }

  /// Asks all who wait whether it has come now.
  func happened() {
    let asked = waiting
    waiting = []
    for waiter in asked {
      if waiter.condition() { waiter.resume() } else { waiting.append(waiter) }
    }
  }

  func readSpace(for socket: Socket) -> UnsafeMutableRawBufferPointer { space.space }

  func socket(_ socket: Socket, read count: Int) {
    if closeCount > 0 { readsAfterClose += 1 }
    let bytes = UnsafeRawBufferPointer(rebasing: space.space[..<count])
    receivedCount += count
    readCount += 1
    if keepsBytes { received += bytes }
    onRead?(bytes)
    happened()
  }

  func socketClosed(_ socket: Socket, error: TransportError?) {
    closeCount += 1
    self.error = error
    happened()
  }
}

/// A listener that keeps whom it accepts.
@Net final class Host {
  private(set) var listener: Listener?
  private var accepted: [Socket] = []
  private var waiting: [@Net () -> Void] = []

  init(_ host: String = "127.0.0.1", port: UInt16 = 0) throws {
    listener = try Listener(host: host, port: port) { [weak self] socket in
      guard let self else { return socket.close() }
      self.accepted.append(socket)
      if !self.waiting.isEmpty { self.waiting.removeFirst()() }
    }
  }

  var address: SocketAddress? { listener?.address }
  var acceptedCount: Int { accepted.count }

  /// The next connection.
  func accept() async -> Socket {
    while accepted.isEmpty {
      await withCheckedContinuation { continuation in waiting.append { continuation.resume() } }
    }
    return accepted.removeFirst()
  }

  func close() {
    listener?.close()
    listener = nil
    for socket in accepted { socket.close() }
    accepted = []
  }
}

/// Two ends of one connection over loopback.
@Net func connectedPair(host: String = "127.0.0.1") async throws -> (near: Socket, far: Socket) {
  let server = try Host(host)
  defer { server.close() }
  let port = server.address?.port ?? 0
  let near = try await Dialer.dial(host: host, port: port, timeoutMs: 5000)
  return (near, await server.accept())
}

/// Bytes whose places show in their values: they repeat after 251, which divides no buffer's size.
func pattern(_ count: Int, from: Int = 0) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
    let period = 251
    for i in 0..<min(count, period) { bytes[i] = UInt8((from + i) % period) }
    // What is there is doubled: byte by byte a debug build takes seconds.
    var filled = min(count, period)
    while filled < count, let base = bytes.baseAddress {
      let more = min(filled, count - filled)
      memcpy(base + filled, base, more)
      filled += more
    }
    initialized = count
  }
}

/// Whether `bytes` are those of `pattern` from that place on.
func isPattern(_ bytes: UnsafeRawBufferPointer, from: Int) -> Bool {
  pattern(bytes.count, from: from).withUnsafeBytes { expected in
    guard let base = expected.baseAddress, let other = bytes.baseAddress else { return true }
    return memcmp(base, other, bytes.count) == 0
  }
}
