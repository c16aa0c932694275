import CUV

/// Why no address of a name could be connected to.
public struct DialError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What happened with one address.
  public struct Failure: Hashable, Sendable {
    /// The address.
    public let address: SocketAddress
    /// libuv's code: the negative errno; ETIMEDOUT where the time was over.
    public let code: Int32

    /// The cause alone, such as `Connection refused`.
    public var reason: String { TransportError.reason(code) }

    /// The address and the cause as librdkafka writes them, such as
    /// `Connect to ipv4#127.0.0.1:1 failed: Connection refused`.
    public var description: String {
      "Connect to \(address.kafkaDescription) failed: \(reason)"
    }
  }

  /// The name or numeric host that was dialled.
  public let host: String
  /// The TCP port that was dialled.
  public let port: UInt16
  /// Why the name gave no address; nil where it did.
  public let resolution: TransportError?
  /// Each address that was tried or still to be tried, in order.
  public let failures: [Failure]
  /// Whether the time was over before all addresses had failed.
  public let isTimeout: Bool

  /// One line per address, or one that says why there is none.
  public var attempts: [String] {
    if let resolution { return ["Failed to resolve '\(host):\(port)': \(resolution.reason)"] }
    return failures.map(\.description)
  }

  /// The lines of `attempts`.
  public var description: String { attempts.joined(separator: "\n") }
}
