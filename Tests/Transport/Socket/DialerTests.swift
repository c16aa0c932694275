import Glibc
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct DialerTests {
  /// A port on which nobody listens: one that was free a moment ago.
  @Net private func unusedPort() throws -> UInt16 {
    let listener = try Listener(host: "127.0.0.1", port: 0) { $0.close() }
    listener.close()
    return listener.address.port
  }

  @Net private func failure(_ host: String, _ port: UInt16, timeoutMs: Int64 = 5000) async
    -> DialError?
  {
    do {
      try await Dialer.dial(host: host, port: port, timeoutMs: timeoutMs).close()
      return nil
    } catch { return error }
  }

  @Net @Test func `a refused port is told in librdkafka's words`() async throws {
    let port = try unusedPort()
    let error = await failure("127.0.0.1", port)
    #expect(
      error?.attempts == ["Connect to ipv4#127.0.0.1:\(port) failed: Connection refused"])
    #expect(error?.isTimeout == false)
  }

  @Net @Test func `a name that does not exist is told with the name`() async {
    let error = await failure("no-such-host.invalid", 9092, timeoutMs: 20_000)
    #expect(error?.attempts.count == 1)
    #expect(
      error?.description.hasPrefix("Failed to resolve 'no-such-host.invalid:9092': ") == true)
    #expect(error?.resolution != nil)
  }

  @Net @Test func `a family that an address has not is an error`() async {
    await #expect(throws: DialError.self) {
      _ = try await Dialer.dial(host: "127.0.0.1", port: 1, family: .v6, timeoutMs: 1000)
    }
  }

  @Net @Test func `an address that does not answer ends with the time`() async throws {
    let silent = try SilentPort()
    let start = MonotonicClock.nowMs
    let error = await failure("127.0.0.1", silent.port, timeoutMs: 150)
    #expect(error?.isTimeout == true)
    #expect(
      error?.attempts
        == ["Connect to ipv4#127.0.0.1:\(silent.port) failed: Connection timed out"])
    #expect(MonotonicClock.nowMs - start >= 150)
    silent.close()
  }

  @Net @Test func `an address that does not answer is overtaken by the next`() async throws {
    let silent = try SilentPort()
    let host = try Host()
    let good = try #require(host.address)
    let start = MonotonicClock.nowMs
    let socket = try await Dialer.dial([silent.address, good], timeoutMs: 10_000)
    let took = MonotonicClock.nowMs - start
    #expect(socket.peerAddress == good)
    #expect(took >= Dialer.staggerMs && took < 5000)
    socket.close()
    host.close()
    silent.close()
  }

  @Net @Test func `an address that refuses gives way at once`() async throws {
    let refusing = try #require(SocketAddress(host: "127.0.0.1", port: unusedPort()))
    let host = try Host()
    let good = try #require(host.address)
    let start = MonotonicClock.nowMs
    let addresses = Array(repeating: refusing, count: 20) + [good]
    let socket = try await Dialer.dial(addresses, timeoutMs: 10_000)
    #expect(MonotonicClock.nowMs - start < 10 * Dialer.staggerMs)
    #expect(socket.peerAddress == good)
    socket.close()
    host.close()
  }

  @Net @Test func `when all fail each address has its line, in order`() async throws {
    let refusing = try #require(SocketAddress(host: "127.0.0.1", port: unusedPort()))
    let silent = try SilentPort()
    do {
      try await Dialer.dial([silent.address, refusing, silent.address], timeoutMs: 1200).close()
      Issue.record("connected")
    } catch {
      #expect(error.failures.map(\.code) == [-ETIMEDOUT, -ECONNREFUSED, -ETIMEDOUT])
      #expect(error.failures.map(\.address) == [silent.address, refusing, silent.address])
      #expect(error.description.split(separator: "\n").count == 3)
    }
    silent.close()
  }

  @Test func `families take turns, beginning with the system's first`() throws {
    let hosts = ["::1", "::2", "::3", "10.0.0.1", "10.0.0.2"]
    let addresses = hosts.compactMap { SocketAddress(host: $0, port: 1) }
    #expect(
      interleavedHosts(addresses) == ["::1", "10.0.0.1", "::2", "10.0.0.2", "::3"])
    #expect(interleavedHosts(addresses.reversed()).first == "10.0.0.2")
    #expect(interleavedHosts([]) == [])
  }

  private func interleavedHosts(_ addresses: [SocketAddress]) -> [String] {
    Dialer.interleaved(addresses).map(\.host)
  }

  @Net @Test func `a numeric address resolves to itself and localhost to loopback`() async throws {
    let itself = try await Resolver.addresses(
      of: "192.0.2.7", port: 5, family: .any, timeoutMs: 5000)
    #expect(itself.map(\.description) == ["192.0.2.7:5"])
    let local = try await Resolver.addresses(
      of: "localhost", port: 9092, family: .v4, timeoutMs: 5000)
    #expect(local.map(\.description) == ["127.0.0.1:9092"])
  }

  @Test func `an address is written as people and librdkafka write it`() throws {
    let four = try #require(SocketAddress(host: "127.0.0.1", port: 9092))
    #expect(four.description == "127.0.0.1:9092")
    #expect(four.kafkaDescription == "ipv4#127.0.0.1:9092")
    let six = try #require(SocketAddress(host: "fe80::1", port: 65535))
    #expect(six.description == "[fe80::1]:65535")
    #expect(six.kafkaDescription == "ipv6#[fe80::1]:65535")
    for address in [four, six] {
      #expect(address.withSockaddr { generic, _ in SocketAddress(generic) } == address)
    }
    for text in ["", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::g", "[::1]"] {
      #expect(SocketAddress(host: text, port: 1) == nil)
    }
  }

  @Test func `codes have the C library's words`() {
    func reason(_ code: Int32) -> String {
      TransportError(operation: "x", address: "", code: code).reason
    }
    #expect(reason(-ECONNREFUSED) == "Connection refused")
    #expect(reason(-3008) == "Name or service not known")
    #expect(reason(-4095) == "end of file")
    #expect(reason(0) != "")
    #expect(
      TransportError(operation: "x", address: "", code: -EPIPE).description == "x: Broken pipe")
  }
}

/// A listening port whose queue is full: connecting to it gets no answer.
private final class SilentPort {
  let address: SocketAddress
  var port: UInt16 { address.port }
  private var descriptors: [Int32] = []

  init() throws {
    let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
    let server = socket(AF_INET, type, 0)
    _ = any.withSockaddr { bind(server, $0, $1) }
    listen(server, 0)
    let bound = SocketAddress(by: { storage, length in
      var size = socklen_t(length.pointee)
      return getsockname(server, storage, &size)
    })
    address = try #require(bound)
    descriptors = [server]
    for _ in 0..<4 {
      let client = socket(AF_INET, type, 0)
      _ = address.withSockaddr { connect(client, $0, $1) }
      descriptors.append(client)
    }
  }

  func close() {
    for descriptor in descriptors { Glibc.close(descriptor) }
    descriptors = []
  }
}
