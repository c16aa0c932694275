public import Transport

/// How any client was told to behave.
///
/// The defaults are librdkafka's where hbcat has no better; `PropertyTable` says where they differ.
public struct ClientConfiguration: Sendable {
  /// The version that brokers are told (KIP-511).
  public static let softwareVersion = "0.1.0"

  /// Which addresses of a name are used.
  public enum AddressFamilyChoice: String, Sendable {
    /// All.
    case any
    /// IPv4 only.
    case v4
    /// IPv6 only.
    case v6
  }

  /// The brokers to begin with, in order, each once; empty where none were named.
  public var bootstrapServers: [BootstrapServer] = []
  /// How TLS is spoken; nil where it is not (`security.protocol`).
  public var tls: TLSConfiguration?
  /// How the client authenticates itself; nil where it does not (`security.protocol`).
  public var sasl: SASLConfiguration?
  /// Sent with each request, for quotas and logs.
  public var clientId = "rdkafka"
  /// How long an answer may take, but to Produce.
  public var socketTimeoutMs: Int64 = 60_000
  /// How long a connection may take until it can be used.
  public var connectionSetupTimeoutMs: Int64 = 30_000
  /// After so long without a request a connection is closed; 0 is never.
  public var connectionsMaxIdleMs: Int64 = 0
  /// The first pause before a connection is tried again.
  public var reconnectBackoffMs: Int64 = 100
  /// The longest such pause.
  public var reconnectBackoffMaxMs: Int64 = 10_000
  /// The most bytes of a response; at least `fetch.max.bytes` and 512 more.
  public var receiveMessageMaxBytes = 100_000_000
  /// How often the metadata is asked for anyway, also by `metadata.max.age.ms`; −1 is never.
  public var metadataRefreshIntervalMs: Int64 = 300_000
  /// The first pause before a lost leader is asked for again.
  public var metadataRefreshFastIntervalMs: Int64 = 100
  /// How long an unknown topic is waited for.
  public var topicMetadataPropagationMaxMs: Int64 = 30_000
  /// Whether the bootstrap servers are asked again where no known broker is of use (KIP-899).
  public var rebootstraps = true
  /// How long no metadata can be had before all begins anew (KIP-1102).
  public var rebootstrapTriggerMs: Int64 = 300_000
  /// Which addresses of a name are used.
  public var addressFamily = AddressFamilyChoice.any
  /// Whether brokers are asked for their versions.
  public var apiVersionRequest = true
  /// How long that answer may take; Kafka 0.9 never gives it.
  public var apiVersionRequestTimeoutMs: Int64 = 3000
  /// The release of brokers that are not asked or do not answer: 0.9.0, 0.10.0, 0.10.1 or 0.10.2.
  ///
  /// nil where it was not set, which means 0.9.0.
  public var brokerVersionFallback: String?
  /// The first pause before a request is tried again.
  public var retryBackoffMs: Int64 = 100
  /// The longest such pause.
  public var retryBackoffMaxMs: Int64 = 1000
  /// Expressions of topics that are taken for absent.
  public var topicBlacklist: [String] = []
  /// How sockets are set up.
  public var socketOptions = SocketOptions()
  /// The contexts of which the log is to tell, as librdkafka names them.
  public var debug: DebugContexts = []

  /// Makes one with the defaults.
  public init() {}
}

extension PropertySet {
  /// What any client needs of the properties.
  ///
  /// - Throws: `PropertyError` where they contradict one another or ask for what is not supported yet.
  public var client: ClientConfiguration {
    get throws(PropertyError) {
      var client = ClientConfiguration()
      if values.isEmpty { return client }
      client.tls = try tls
      client.sasl = try sasl
      if let list = text("metadata.broker.list") {
        client.bootstrapServers = try BootstrapServer.list(
          list, securityProtocol: text("security.protocol") ?? "plaintext")
      }
      client.clientId = text("client.id") ?? client.clientId
      client.socketTimeoutMs = integer("socket.timeout.ms") ?? client.socketTimeoutMs
      client.connectionSetupTimeoutMs =
        integer("socket.connection.setup.timeout.ms") ?? client.connectionSetupTimeoutMs
      client.connectionsMaxIdleMs = integer("connections.max.idle.ms") ?? 0
      client.reconnectBackoffMs = integer("reconnect.backoff.ms") ?? client.reconnectBackoffMs
      client.reconnectBackoffMaxMs =
        integer("reconnect.backoff.max.ms") ?? client.reconnectBackoffMaxMs
      guard client.reconnectBackoffMaxMs >= client.reconnectBackoffMs else {
        throw .conflict(
          "reconnect.backoff.max.ms", "`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`"
        )
      }
      // Frames need some room beside the records.
      client.receiveMessageMaxBytes =
        count("receive.message.max.bytes")
        ?? max(client.receiveMessageMaxBytes, fetchMaxBytes + 512)
      // librdkafka says so with a warning and goes on.
      client.retryBackoffMaxMs = integer("retry.backoff.max.ms") ?? client.retryBackoffMaxMs
      client.retryBackoffMs = min(
        integer("retry.backoff.ms") ?? client.retryBackoffMs, client.retryBackoffMaxMs)
      resolveMetadata(&client)
      client.addressFamily =
        text("broker.address.family").flatMap { .init(rawValue: $0) } ?? client.addressFamily
      client.apiVersionRequest = bool("api.version.request") ?? client.apiVersionRequest
      client.apiVersionRequestTimeoutMs =
        integer("api.version.request.timeout.ms") ?? client.apiVersionRequestTimeoutMs
      client.brokerVersionFallback = try fallbackRelease
      client.topicBlacklist = text("topic.blacklist").map(Self.patterns) ?? []
      client.socketOptions.keepsAlive =
        bool("socket.keepalive.enable") ?? client.socketOptions.keepsAlive
      client.socketOptions.sendBufferBytes = count("socket.send.buffer.bytes") ?? 0
      client.socketOptions.receiveBufferBytes = count("socket.receive.buffer.bytes") ?? 0
      client.debug = DebugContexts(parsing: text("debug") ?? "")
      return client
    }
  }

  private func resolveMetadata(_ client: inout ClientConfiguration) {
    client.metadataRefreshIntervalMs =
      integer("topic.metadata.refresh.interval.ms") ?? client.metadataRefreshIntervalMs
    if let mostMs = integer("metadata.max.age.ms") {
      let intervalMs = client.metadataRefreshIntervalMs
      client.metadataRefreshIntervalMs = intervalMs > 0 ? min(intervalMs, mostMs) : mostMs
    }
    client.metadataRefreshFastIntervalMs =
      integer("topic.metadata.refresh.fast.interval.ms") ?? client.retryBackoffMs
    client.rebootstraps = text("metadata.recovery.strategy") != "none"
    client.rebootstrapTriggerMs =
      integer("metadata.recovery.rebootstrap.trigger.ms") ?? client.rebootstrapTriggerMs
    client.topicMetadataPropagationMaxMs =
      integer("topic.metadata.propagation.max.ms") ?? client.topicMetadataPropagationMaxMs
  }

  /// `metadata.max.age.ms`; unless set, three times the interval at which metadata is asked for.
  var metadataMaxAgeMs: Int64 {
    if let set = integer("metadata.max.age.ms") { return set }
    let intervalMs = integer("topic.metadata.refresh.interval.ms") ?? 300_000
    return intervalMs > 0 ? intervalMs * 3 : 900_000
  }

  /// The release of `broker.version.fallback` whose versions are known, for any release from 0.9 on.
  private var fallbackRelease: String? {
    get throws(PropertyError) {
      let name = "broker.version.fallback"
      guard let text = text(name) else { return nil }
      let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt16($0) }
      guard (2...4).contains(parts.count), !parts.contains(nil) else {
        throw .invalid(text, name, hint: "it takes a release such as 0.9.0, 0.10.0 or 0.10.2")
      }
      let numbers = parts.compactMap { $0 } + [0]
      switch (numbers[0], numbers[1], numbers[2]) {
      case (0, 0...8, _):
        // Used only where a broker answers no ApiVersions: kcat's own README has 0.8.2.1.
        guard bool("api.version.request") == false else { return "0.9.0" }
        throw .invalid(text, name, why: "Kafka before 0.9 is not supported")
      case (0, 9, _): return "0.9.0"
      case (0, 10, 0): return "0.10.0"
      case (0, 10, 1): return "0.10.1"
      default: return "0.10.2"
      }
    }
  }

  /// `fetch.max.bytes`; unless set, at least one message and at most what may be queued.
  var fetchMaxBytes: Int {
    if let set = count("fetch.max.bytes") { return set }
    let queued = (count("queued.max.messages.kbytes") ?? 65_536) * 1024
    return max(min(52_428_800, queued), count("message.max.bytes") ?? 1_000_000)
  }
}
