import Glibc
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct ListenerTests {
  @Net @Test func `port 0 gives a real port, and close frees it`() async throws {
    let first = try Listener(host: "127.0.0.1", port: 0) { $0.close() }
    let port = first.address.port
    #expect(port != 0)
    #expect(first.address.description == "127.0.0.1:\(port)")
    first.close()
    let again = try Listener(host: "127.0.0.1", port: port) { $0.close() }
    #expect(again.address.port == port)
    again.close()
  }

  @Net @Test func `a port in use is an error that names it`() throws {
    let first = try Listener(host: "127.0.0.1", port: 0) { $0.close() }
    defer { first.close() }
    let error = #expect(throws: TransportError.self) {
      _ = try Listener(host: "127.0.0.1", port: first.address.port) { $0.close() }
    }
    #expect(error?.description == "listen on \(first.address): Address already in use")
  }

  @Net @Test func `a name is refused with the reason`() {
    let error = #expect(throws: TransportError.self) {
      _ = try Listener(host: "broker.invalid", port: 0) { $0.close() }
    }
    #expect(error?.address == "broker.invalid:0 (not a numeric address)")
  }

  @Net @Test(arguments: ["", "*"]) func `no host means all addresses`(host: String) async throws {
    let listener = try Listener(host: host, port: 0) { $0.close() }
    defer { listener.close() }
    let socket = try await Dialer.dial(
      host: "127.0.0.1", port: listener.address.port, timeoutMs: 5000)
    socket.close()
  }

  @Net @Test func `a process without descriptors pauses, says so and takes those who waited`()
    async throws
  {
    let host = try Host()
    let listener = try #require(host.listener)
    let accept = listener.acceptConnection
    var calls = 0
    var pauses: [TransportError] = []
    listener.onPause = { pauses.append($0) }
    listener.acceptConnection = { descriptor in
      calls += 1
      if calls > 3 { return accept(descriptor) }
      errno = EMFILE
      return -1
    }
    let near = try await Dialer.dial(
      host: "127.0.0.1", port: listener.address.port, timeoutMs: 5000)
    let far = await host.accept()
    // Three failures, the connection, and at most a look whether there are more: no spinning.
    #expect(calls <= 5)
    #expect(pauses.map(\.code) == [-EMFILE, -EMFILE, -EMFILE])
    #expect(pauses.first?.description == "accept on \(listener.address): Too many open files")
    near.close()
    far.close()
    host.close()
  }

  @Net @Test func `a closed listener accepts nobody and is freed`() async throws {
    weak var freed: Listener?
    var accepted = 0
    let port: UInt16
    do {
      let listener = try Listener(host: "127.0.0.1", port: 0) {
        accepted += 1
        $0.close()
      }
      port = listener.address.port
      freed = listener
      listener.close()
      listener.close()
    }
    await #expect(throws: DialError.self) {
      _ = try await Dialer.dial(host: "127.0.0.1", port: port, timeoutMs: 5000)
    }
    #expect(accepted == 0)
    #expect(freed == nil)
  }

  @Net @Test func `a hundred connections at once are all taken`() async throws {
    let host = try Host()
    let port = try #require(host.address).port
    var near: [Socket] = []
    for _ in 0..<100 {
      near.append(try await Dialer.dial(host: "127.0.0.1", port: port, timeoutMs: 5000))
    }
    for socket in near {
      await host.accept().close()
      socket.close()
    }
    host.close()
  }
}
