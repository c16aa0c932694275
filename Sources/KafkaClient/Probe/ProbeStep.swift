public import Transport

/// A server to which the way is tried.
public struct ProbeTarget: Hashable, Sendable {
  /// A name or an address; IPv6 without brackets.
  public var host: String
  /// The TCP port.
  public var port: UInt16
  /// The id of the broker that advertises it; nil for a bootstrap server.
  public var brokerId: Int32?

  /// Makes one.
  public init(host: String, port: UInt16, brokerId: Int32? = nil) {
    self.host = host
    self.port = port
    self.brokerId = brokerId
  }

  /// `host:port`.
  public var address: String { BootstrapServer(host: host, port: port).description }

  /// `host:port/id`, or `host:port/bootstrap`: what librdkafka would call it.
  public var name: String { "\(address)/\(brokerId.map { "\($0)" } ?? "bootstrap")" }
}

/// One step of the way to a server, and how it ended.
public struct ProbeStep: Sendable {
  /// What was tried, in this order.
  public enum Kind: String, Hashable, Sendable {
    /// The name's addresses are looked up.
    case resolve
    /// TCP, once for each address.
    case connect
    /// TLS, where it is wanted.
    case tls
    /// Which versions of which APIs the server speaks (KIP-35).
    case apiVersions = "apiversions"
    /// The client says who it is, where that is wanted.
    case sasl
    /// What the cluster says of itself.
    case metadata
  }

  /// What a step that succeeded has found.
  public enum Finding: Sendable {
    /// The name's addresses, in the system's order.
    case addresses([SocketAddress])
    /// TCP is connected.
    case connected
    /// What was agreed on, and with whom.
    case secured(TLSPeer)
    /// How many APIs there are, and the release that they look like; nil before 0.10.
    case versions(apiCount: Int, release: String?)
    /// There was no answer: the broker is taken for that release (`broker.version.fallback`).
    case assumed(release: String)
    /// The mechanism by which the client was authenticated.
    case authenticated(SASLMechanism)
    /// What the cluster said; it has no topics.
    case cluster(ClusterMetadata)
  }

  /// What was tried.
  public var kind: Kind
  /// How long it took, in microseconds.
  public var microseconds: Int64
  /// The client's address; nil where there is no connection.
  public var local: SocketAddress?
  /// The server's address; nil where it is not known yet.
  public var remote: SocketAddress?
  /// What was found, or why nothing was.
  public var result: Result<Finding, ProbeFailure>

  /// Makes one.
  public init(
    _ kind: Kind, microseconds: Int64, local: SocketAddress? = nil, remote: SocketAddress? = nil,
    _ result: Result<Finding, ProbeFailure>
  ) {
    self.kind = kind
    self.microseconds = microseconds
    self.local = local
    self.remote = remote
    self.result = result
  }
}

/// Why a step failed.
public struct ProbeFailure: Error, Hashable, Sendable {
  /// The step.
  public var kind: ProbeStep.Kind
  /// A sentence for people, which does not name the server.
  public var reason: String

  /// Makes one.
  public init(_ kind: ProbeStep.Kind, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }
}

/// What a probe tells.
public enum ProbeEvent: Sendable {
  /// These servers will be tried: the bootstrap servers first, later the brokers that they name.
  case found([ProbeTarget])
  /// A step has ended.
  case step(ProbeTarget, ProbeStep)
  /// Nothing more comes of that server; the failure says why it cannot be used.
  case ended(ProbeTarget, ProbeFailure?)
}
