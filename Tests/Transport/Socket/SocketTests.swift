import Glibc
import TestSupport
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct SocketTests {
  @Net @Test func `bytes sent one at a time come back in order`() async throws {
    let (near, far) = try await connectedPair()
    let echo = Peer(far)
    echo.onRead = { bytes in far.write(Array(bytes)) }
    let peer = Peer(near)
    let sent = pattern(2000)
    for byte in sent { near.write([byte]) }
    #expect(await peer.bytes(sent.count) == sent)
    near.close()
    #expect(await peer.closed() == nil)
    #expect(await echo.closed() == nil)
  }

  @Net @Test func `one byte of room at a time reads everything`() async throws {
    let (near, far) = try await connectedPair()
    let owner = OneByte(far)
    let sent = pattern(5000)
    near.write(sent)
    near.write([]) { _ in near.close() }
    await owner.closed()
    #expect(owner.received == sent)
  }

  @Net @Test func `64 MiB come back whole, and the memory is held until they are written`()
    async throws
  {
    let (near, far) = try await connectedPair()
    let total = 64 << 20
    let echo = Peer(far)
    echo.keepsBytes = false
    echo.onRead = { bytes in
      far.write(Array(bytes)) { _ in far.startReading() }
      if far.queuedBytes > 0 { far.stopReading() }
    }
    let peer = Peer(near)
    peer.keepsBytes = false
    var wrong = 0
    var place = 0
    peer.onRead = { bytes in
      if !isPattern(bytes, from: place) { wrong += 1 }
      place += bytes.count
    }
    var written = 0
    weak var first: Buffer?
    for piece in 0..<64 {
      let buffer = Buffer(pattern(1 << 20, from: piece << 20))
      if piece == 0 { first = buffer }
      let half = buffer.count / 2
      let parts = [
        UnsafeRawBufferPointer(rebasing: buffer.bytes[..<half]),
        UnsafeRawBufferPointer(rebasing: buffer.bytes[half...]),
      ]
      near.write(parts, keeping: [buffer]) { error in
        #expect(error == nil)
        written += 1
      }
    }
    await peer.until { peer.receivedCount == total }
    #expect(wrong == 0)
    #expect(written == 64)
    #expect(near.queuedBytes == 0)
    #expect(await soon { first == nil })
    near.close()
    _ = await echo.closed()
  }

  @Net @Test func `a receiver that does not read holds the sender back`() async throws {
    let (near, far) = try await connectedPair()
    let receiver = Peer(far, reading: false)
    let sender = Peer(near)
    let total = 32 << 20
    let sent = pattern(total)
    var isWritten = false
    near.write(sent) { error in
      isWritten = error == nil
      sender.happened()
    }
    // The system's own buffers took a part; the rest is seen by who asks.
    let queued = near.queuedBytes
    #expect(queued > 0 && queued < total)
    #expect(!isWritten)
    near.write([1]) { _ in }
    #expect(near.queuedBytes == queued + 1)
    // It stops within the read: a test that is resumed late would find all read.
    receiver.onRead = { _ in if receiver.receivedCount > 1 << 20 { far.stopReading() } }
    far.startReading()
    await receiver.until { receiver.receivedCount > 1 << 20 }
    receiver.onRead = nil
    let paused = receiver.receivedCount
    await sleep(milliseconds: 30)
    #expect(receiver.receivedCount == paused)
    #expect(near.queuedBytes > 0)
    far.startReading()
    await receiver.until { receiver.receivedCount == total + 1 }
    await sender.until { isWritten }
    #expect(
      receiver.received.withUnsafeBytes { isPattern(.init(rebasing: $0.dropLast()), from: 0) })
    #expect(receiver.received.last == 1)
    #expect(near.queuedBytes == 0)
    near.close()
    far.close()
    _ = await sender.closed()
  }

  @Net @Test func `pieces beyond what one system call takes arrive in order`() async throws {
    let (near, far) = try await connectedPair()
    let receiver = Peer(far)
    let buffer = Buffer(pattern(12_000))
    let pieces = stride(from: 0, to: 12_000, by: 4).map {
      UnsafeRawBufferPointer(rebasing: buffer.bytes[$0..<$0 + 4])
    }
    near.write(pieces, keeping: [buffer])
    #expect(await receiver.bytes(12_000) == Array(buffer.bytes))
    near.close()
    _ = await receiver.closed()
  }

  @Net @Test func `an orderly end is not an error`() async throws {
    let (near, far) = try await connectedPair()
    let peer = Peer(near)
    far.write([1, 2, 3]) { _ in far.close() }
    #expect(await peer.closed() == nil)
    #expect(peer.received == [1, 2, 3])
    #expect(!near.isOpen)
  }

  @Net @Test func `a reset is an error that names the peer`() async throws {
    let (near, far) = try await connectedPair()
    let peer = Peer(near)
    far.reset()
    let error = await peer.closed()
    #expect(error?.code == -ECONNRESET)
    #expect(error?.description == "read from \(near.peerAddress): Connection reset by peer")
  }

  @Net @Test func `what came before a reset is read although a write fails first`() async throws {
    let (near, far) = try await connectedPair()
    let peer = Peer(near, reading: false)
    far.write([7, 8, 9])
    far.reset()
    // The reset has come when the system refuses to write.
    near.startReading()
    var failure: TransportError?
    for _ in 0..<1000 where failure == nil { near.write([0]) { failure = $0 } }
    let error = await peer.closed()
    #expect(error != nil)
    #expect(peer.received == [7, 8, 9])
  }

  @Net @Test func `a write after close fails and says so`() async throws {
    let (near, far) = try await connectedPair()
    let peer = Peer(near)
    near.close()
    var errors: [TransportError?] = []
    near.write([1]) { errors.append($0) }
    let buffer = Buffer([1, 2])
    near.write([buffer.bytes], keeping: [buffer]) { errors.append($0) }
    #expect(errors.count == 2)
    #expect(errors.allSatisfy { $0?.code == -ENOTCONN })
    _ = await peer.closed()
    far.close()
  }

  @Net @Test func `close drops what is queued, tells its writers first and then once its delegate`()
    async throws
  {
    let (near, far) = try await connectedPair()
    let peer = Peer(near)
    var log: [String] = []
    near.write(pattern(32 << 20)) { log.append("first \($0?.code ?? 0)") }
    near.write([1]) { log.append("second \($0?.code ?? 0), closed \(peer.closeCount)") }
    near.close()
    near.close()
    #expect(near.queuedBytes == 0)
    #expect(peer.closeCount == 0)
    #expect(await peer.closed() == nil)
    #expect(log == ["first \(-ECANCELED)", "second \(-ECANCELED), closed 0"])
    await sleep(milliseconds: 20)
    #expect(peer.closeCount == 1)
    #expect(near.delegate == nil)
    far.close()
  }

  @Net @Test func `nothing is read after close, though bytes wait`() async throws {
    let (near, far) = try await connectedPair()
    let peer = Peer(near, space: 16)
    peer.onRead = { _ in near.close() }
    far.write(pattern(100_000))
    _ = await peer.closed()
    far.close()
    await sleep(milliseconds: 10)
    #expect(peer.readCount == 1)
    #expect(peer.readsAfterClose == 0)
  }

  @Net @Test func `a delegate without room closes the socket instead of spinning`() async throws {
    let (near, far) = try await connectedPair()
    let owner = NoRoom()
    near.delegate = owner
    near.startReading()
    far.write([1])
    #expect(await soon { owner.error != nil })
    #expect(owner.error?.code == -ENOBUFS)
    far.close()
  }

  @Net @Test func `a closed socket and its delegate are freed`() async throws {
    weak var socket: Socket?
    weak var delegate: Peer?
    weak var kept: Buffer?
    do {
      let (near, far) = try await connectedPair()
      let peer = Peer(near)
      peer.onRead = { _ in near.stopReading() }  // a cycle while it is open
      socket = near
      delegate = peer
      let buffer = Buffer(pattern(16 << 20))
      kept = buffer
      near.write([buffer.bytes], keeping: [buffer]) { _ in peer.happened() }
      near.close()
      far.close()
      _ = await peer.closed()
      peer.onRead = nil
    }
    #expect(await soon { socket == nil && delegate == nil && kept == nil })
  }

  @Net @Test func `a socket knows both addresses`() async throws {
    let (near, far) = try await connectedPair()
    #expect(near.peerAddress == far.localAddress)
    #expect(near.localAddress == far.peerAddress)
    #expect(near.peerAddress.host == "127.0.0.1")
    near.close()
    far.close()
  }

  @Net @Test(.enabled(if: ipv6Loopback)) func `IPv6 works where the machine has it`() async throws {
    let (near, far) = try await connectedPair(host: "::1")
    #expect(near.peerAddress.description == "[::1]:\(near.peerAddress.port)")
    let peer = Peer(far)
    near.write([6])
    #expect(await peer.bytes(1) == [6])
    near.close()
    _ = await peer.closed()
  }
}

/// Whether the machine can listen on ::1.
private let ipv6Loopback: Bool = {
  let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
  guard descriptor >= 0 else { return false }
  defer { close(descriptor) }
  return SocketAddress(host: "::1", port: 0)?.withSockaddr { bind(descriptor, $0, $1) } == 0
}()

/// Offers one byte at a time.
@Net private final class OneByte: SocketDelegate {
  private(set) var received: [UInt8] = []
  private let space = Buffer(capacity: 16)
  private var waiting: CheckedContinuation<Void, Never>?
  private var isClosed = false

  init(_ socket: Socket) {
    socket.delegate = self
    socket.startReading()
  }
  func closed() async {
    if !isClosed { await withCheckedContinuation { waiting = $0 } }
  }
  func readSpace(for socket: Socket) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: space.space[..<1])
  }
  func socket(_ socket: Socket, read count: Int) {
    #expect(count == 1)
    received += space.space[..<1]
  }
  func socketClosed(_ socket: Socket, error: TransportError?) {
    isClosed = true
    waiting?.resume()
  }
}

@Net private final class NoRoom: SocketDelegate {
  private(set) var error: TransportError?
  func readSpace(for socket: Socket) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }
  func socket(_ socket: Socket, read count: Int) {}
  func socketClosed(_ socket: Socket, error: TransportError?) { self.error = error }
}
