public import Transport

/// Tries the way to each bootstrap server and to each broker that they name, and tells of every step.
///
/// The steps are those of every connection of the client's, on connections that end afterwards.
@Net public final class Probe {
  /// Servers that are tried at a time.
  private static let activeMax = 64

  private let handshake: Handshake
  private let servers: [ProbeTarget]
  private let timeoutMs: Int64
  /// The id of the first cluster that told one, and who told it.
  private var cluster: (id: String, name: String)?

  /// Makes a probe; nothing is dialled yet.
  ///
  /// `timeoutMs` is what each server may take.
  public init(
    _ configuration: ClientConfiguration, timeoutMs: Int64,
    log: @escaping @Sendable (ClientLog) -> Void
  ) {
    handshake = Handshake(configuration, FrameBuffers(budget: 8 << 20), log: log)
    servers = configuration.bootstrapServers.map { ProbeTarget(host: $0.host, port: $0.port) }
    self.timeoutMs = timeoutMs
  }

  /// Tries all servers, at most 64 at a time, and returns when nothing is left to tell.
  ///
  /// - Throws: `ClientError.tls` where TLS cannot even be set up here: nothing is dialled then.
  public func run(_ report: @escaping @Net (ProbeEvent) -> Void) async throws(ClientError) {
    defer { handshake.close() }
    if let first = servers.first { _ = try await handshake.tlsContext(for: first.name) }
    report(.found(servers))
    var seen: Set<ProbeTarget> = Set(servers)
    var waiting = servers[...]
    await withTaskGroup(of: [ProbeTarget].self) { group in
      var active = 0
      repeat {
        while active < Self.activeMax, let target = waiting.popFirst() {
          active += 1
          group.addTask { await self.probe(target, report) }
        }
        guard let named = await group.next() else { return }
        active -= 1
        let new = named.filter { seen.insert($0).inserted }
        if !new.isEmpty { report(.found(new)) }
        waiting += new
      } while true
    }
  }

  /// Tries one server; answers the brokers that a bootstrap server names.
  private func probe(_ target: ProbeTarget, _ report: @escaping @Net (ProbeEvent) -> Void) async
    -> [ProbeTarget]
  {
    let attempt = ProbeAttempt(
      target, handshake, deadlineMs: MonotonicClock.nowMs + timeoutMs,
      tell: { report(.step(target, $0)) }, checkCluster: { self.foreignCluster($0, target) })
    let metadata = await attempt.run()
    report(.ended(target, attempt.failure))
    guard target.brokerId == nil, let metadata else { return [] }
    return metadata.brokers.compactMap { broker in
      UInt16(exactly: broker.port).map {
        ProbeTarget(host: broker.host, port: $0, brokerId: broker.nodeId)
      }
    }
  }

  /// What is wrong where a server belongs to another cluster than those before it (F29).
  private func foreignCluster(_ id: String?, _ target: ProbeTarget) -> String? {
    guard let id else { return nil }
    guard let cluster else {
      self.cluster = (id, target.name)
      return nil
    }
    return cluster.id == id
      ? nil : "this is cluster \(id), and \(cluster.name) is of cluster \(cluster.id)"
  }
}
