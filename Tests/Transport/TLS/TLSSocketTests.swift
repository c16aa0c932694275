import TestSupport
import Testing

@testable import Transport

/// TLS over real sockets: the stream is the one that was written, and every end is told once.
@Suite(.serialized, .timeLimit(.minutes(1)), .enabled(if: Authority.isAvailable, "needs openssl"))
struct TLSSocketTests {
  @Net private final class Ends {
    let near: TLSSocket
    let far: TLSSocket
    init(_ near: TLSSocket, _ far: TLSSocket) {
      self.near = near
      self.far = far
    }
  }

  @Net private static func contexts(asks: Bool = false) async throws -> (
    client: TLSContext, server: TLSContext
  ) {
    let authority = try await Authority()
    try await authority.sign("broker", san: "DNS:localhost")
    var server = TLSConfiguration()
    server.certificate = .init("cert", .path(authority.path("broker.pem")))
    server.key = .init("key", .path(authority.path("broker.key")))
    if asks { server.authorities = .init("ca", .path(authority.path("ca.pem"))) }
    var client = TLSConfiguration()
    client.authorities = .init("ca", .path(authority.path("ca.pem")))
    return (try TLSContext(client), try TLSContext(server, isServer: true))
  }

  @Net private static func pair(asks: Bool = false) async throws -> Ends {
    let (client, server) = try await contexts(asks: asks)
    let (near, far) = try await connectedPair()
    let accepting = Task {
      try await TLSSocket.secure(far, server, host: "", port: 0, timeoutMs: 5000)
    }
    let secured = try await TLSSocket.secure(
      near, client, host: "localhost", port: 1, timeoutMs: 5000)
    return Ends(secured, try await accepting.value)
  }

  @Net @Test func `16 MiB come back whole through readers that stop and start`() async throws {
    let ends = try await Self.pair()
    let (near, far) = (ends.near, ends.far)
    let total = 16 << 20
    let echo = Peer(far)
    echo.keepsBytes = false
    echo.onRead = { bytes in
      let copy = Buffer(Array(bytes))
      far.stopReading()
      far.write([copy.bytes], keeping: [copy]) { _ in far.startReading() }
    }
    let peer = Peer(near, space: 10_000)
    peer.keepsBytes = false
    var wrong = 0
    var place = 0
    peer.onRead = { bytes in
      if !isPattern(bytes, from: place) { wrong += 1 }
      place += bytes.count
    }
    var written = 0
    weak var first: Buffer?
    for piece in 0..<16 {
      let buffer = Buffer(pattern(1 << 20, from: piece << 20))
      if piece == 0 { first = buffer }
      let half = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<100])
      let rest = UnsafeRawBufferPointer(rebasing: buffer.bytes[100...])
      near.write([half, rest], keeping: [buffer]) { error in
        #expect(error == nil)
        written += 1
        #expect(written == piece + 1)
      }
    }
    await peer.until { peer.receivedCount >= total || peer.closeCount > 0 }
    #expect(place == total && wrong == 0 && written == 16)
    #expect(first == nil)
    near.close()
    #expect(await peer.closed() == nil)
    #expect(await echo.closed() == nil)
    #expect(peer.readsAfterClose == 0 && peer.closeCount == 1)
  }

  @Net @Test func `what was sent before an end is read before the end is told`() async throws {
    let ends = try await Self.pair()
    let peer = Peer(ends.near)
    let sent = Buffer(pattern(200_000))
    _ = Peer(ends.far)
    ends.far.write([sent.bytes], keeping: [sent]) { _ in ends.far.close() }
    #expect(await peer.closed() == nil)
    #expect(peer.received == pattern(200_000))
  }

  @Net @Test func `a refusal behind the handshake is the connection's end`() async throws {
    let (client, server) = try await Self.contexts(asks: true)
    let (near, far) = try await connectedPair()
    let accepting = Task { () -> TLSError? in
      do throws(TLSError) {
        _ = try await TLSSocket.secure(far, server, host: "", port: 0, timeoutMs: 5000)
        return nil
      } catch { return error }
    }
    let secured = try await TLSSocket.secure(
      near, client, host: "localhost", port: 1, timeoutMs: 5000)
    let peer = Peer(secured)
    let request = Buffer([1, 2, 3])
    secured.write([request.bytes], keeping: [request], then: nil)
    let error = await peer.closed()
    #expect(error?.tls?.cause == .certificateMissing, "\(String(describing: error))")
    #expect(await accepting.value != nil)
  }

  @Net @Test func `a peer that is silent, gone or no TLS is one error in time`() async throws {
    let (client, _) = try await Self.contexts()
    func failure(_ peer: @Net (Socket) -> Void) async throws -> TLSError? {
      let (near, far) = try await connectedPair()
      defer { far.close() }
      peer(far)
      do throws(TLSError) {
        _ = try await TLSSocket.secure(near, client, host: "localhost", port: 1, timeoutMs: 300)
        return nil
      } catch { return error }
    }
    let silent = try await failure { _ in }
    #expect(silent?.cause == .interrupted)
    #expect(silent?.description == "the TLS handshake took longer than 300 ms")
    #expect(try await failure { $0.close() }?.cause == .closedUnanswered)
    #expect(try await failure { $0.write(Array("HTTP/1.0 400 \r\n".utf8)) }?.cause == .notTLS)
  }

  @Net @Test func `writes to a stream that ended are told so once`() async throws {
    let ends = try await Self.pair()
    let peer = Peer(ends.near)
    ends.near.close()
    var told = 0
    let bytes = Buffer([1])
    ends.near.write([bytes.bytes], keeping: [bytes]) { error in
      #expect(error != nil)
      told += 1
    }
    #expect(await peer.closed() == nil)
    #expect(told == 1)
    ends.far.close()
  }
}
