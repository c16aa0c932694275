/// No address of a name could be reached; a line for each that was tried.
public struct DialError: Error, Sendable, CustomStringConvertible {
  /// `Connect to ipv4#127.0.0.1:1 failed: Connection refused`, one per address.
  public let attempts: [String]
  /// The lines, joined.
  public var description: String { attempts.joined(separator: "; ") }
}

/// Connects to a name by any of its addresses.
@Net public enum Dialer {
  /// How long an address is given before the next is tried beside it (RFC 8305).
  public static let staggerMs: Int64 = 250

  /// Tries every address of `host`, each 250 ms after the one before or at once when that failed.
  ///
  /// - Throws: `DialError` where none answers within `timeoutMs`.
  public static func dial(host: String, port: UInt16, family: AddressFamily, timeoutMs: Int64)
    async throws(DialError) -> Socket
  {
    let deadline = MonotonicClock.nowMs + timeoutMs
    let addresses: [SocketAddress]
    do {
      addresses = interleaved(
        try await Resolver.addresses(of: host, port: port, family: family))
    } catch {
      throw DialError(attempts: ["Failed to resolve '\(host):\(port)': \(error.reason)"])
    }
    let race = Race(expected: addresses.count)
    for (position, address) in addresses.enumerated() {
      if position > 0 { await race.waitForFailure(atMostMs: staggerMs) }
      if race.isWon { break }
      race.started += 1
      Net.task {
        let left = max(1, deadline - MonotonicClock.nowMs)
        do throws(TransportError) {
          race.succeed(try await Socket.connect(to: address, timeoutMs: left))
        } catch {
          let kind = address.isV6 ? "ipv6" : "ipv4"
          race.fail("Connect to \(kind)#\(address) failed: \(error.reason)")
        }
      }
    }
    guard let socket = await race.winner() else { throw DialError(attempts: race.failures) }
    return socket
  }

  /// The families in turn, beginning with that of the first address.
  static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
    guard let first = addresses.first else { return [] }
    let same = addresses.filter { $0.isV6 == first.isV6 }
    let other = addresses.filter { $0.isV6 != first.isV6 }
    var result: [SocketAddress] = []
    for position in 0..<max(same.count, other.count) {
      if position < same.count { result.append(same[position]) }
      if position < other.count { result.append(other[position]) }
    }
    return result
  }
}

/// Attempts that run beside one another; the first connection wins, later ones are closed.
@Net private final class Race {
  private(set) var failures: [String] = []
  var started = 0
  private let expected: Int
  private var socket: Socket?
  private(set) var isWon = false
  private var waiting: [@Net () -> Void] = []

  init(expected: Int) { self.expected = expected }

  func succeed(_ socket: Socket) {
    if isWon {
      socket.close()
    } else {
      isWon = true
      self.socket = socket
    }
    wake()
  }

  func fail(_ line: String) {
    failures.append(line)
    wake()
  }

  private func wake() {
    let bodies = waiting
    waiting = []
    for body in bodies { body() }
  }

  /// Returns when something happened, or after that time.
  func waitForFailure(atMostMs: Int64) async {
    if isWon || failures.count == started { return }
    await withCheckedContinuation { continuation in
      var isDone = false
      let once: @Net () -> Void = {
        guard !isDone else { return }
        isDone = true
        continuation.resume()
      }
      let timer = Timer(afterMs: atMostMs, once)
      waiting.append {
        timer.cancel()
        once()
      }
    }
  }

  /// The connection, or nil when all that were started have failed.
  func winner() async -> Socket? {
    while !isWon && failures.count < started {
      await withCheckedContinuation { continuation in
        waiting.append { continuation.resume() }
      }
    }
    defer { socket = nil }
    return socket
  }
}
