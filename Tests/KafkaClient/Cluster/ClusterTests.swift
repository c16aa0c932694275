import KafkaProtocol
import TestSupport
import Testing
import Transport

@testable import KafkaClient

/// The client's view of a cluster that changes, over a socket.
@Net @Suite struct ClusterTests {
  /// What the client says.
  @Net private final class Log {
    var lines: [String] = []
  }

  private let log = Log()

  private func cluster(
    _ peers: [ScriptedPeer], _ change: (inout ClientConfiguration) -> Void = { _ in }
  ) -> Cluster {
    var configuration = ClientConfiguration()
    configuration.bootstrapServers = peers.map { .init(host: "127.0.0.1", port: $0.port) }
    configuration.retryBackoffMs = 10
    change(&configuration)
    let log = log
    return Cluster(configuration) { line in
      Net.task { log.lines.append(line.text) }
    }
  }

  private func said(_ text: String) async -> Bool {
    let log = log
    return await eventually { await log.lines.contains { $0.contains(text) } }
  }

  @discardableResult
  private func refresh(_ cluster: Cluster, timeoutMs: Int64 = 5000) async throws -> ClusterMetadata
  {
    try await cluster.refreshMetadata(
      topics: ["t"], allowAutoTopicCreation: false, timeoutMs: timeoutMs)
  }

  /// The peer closes its connections, and the client has noticed it.
  private static func hangUp(_ peer: ScriptedPeer, of cluster: Cluster) async throws {
    let connection = try await cluster.anyConnection(timeoutMs: 1000)
    peer.hangUp()
    #expect(await eventually { await !connection.isOpen })
  }

  @Test func `F19: a broker that moves is left at its old address and found at its new one`()
    async throws
  {
    let (origin, old, new) = (try ScriptedPeer(), try ScriptedPeer(), try ScriptedPeer())
    origin.answer = { number in
      .metadata(ScriptedPeer.metadata([(1, number == 0 ? old : new)]))
    }
    let cluster = cluster([origin])
    try await refresh(cluster)
    let before = try await cluster.connection(to: 1, .data)
    #expect(old.opened == 1)
    try await refresh(cluster)
    #expect(!before.isOpen)
    let after = try await cluster.connection(to: 1, .data)
    #expect(after.isOpen && new.opened == 1 && old.opened == 1)
    cluster.close()
    for peer in [origin, old, new] { peer.close() }
  }

  @Test func `F20: a broker that wants it makes the client begin with its bootstrap servers again`()
    async throws
  {
    let (origin, other) = (try ScriptedPeer(), try ScriptedPeer())
    origin.answer = { _ in .metadata(ScriptedPeer.metadata([(1, other)])) }
    other.answer = { _ in
      .metadata(ScriptedPeer.metadata([(1, other)], error: .rebootstrapRequired))
    }
    let cluster = cluster([origin])
    try await refresh(cluster)
    let stale = try await cluster.connection(to: 1, .control)
    // Only the other is left to be asked, until it sends us back.
    try await Self.hangUp(origin, of: cluster)
    let metadata = try await refresh(cluster)
    #expect(metadata.brokers.map(\.nodeId) == [1])
    #expect(!stale.isOpen)
    #expect(origin.askedAtMs.count == 2 && other.askedAtMs.count == 1)
    #expect(await said("starting with the bootstrap servers again"))
    cluster.close()
    for peer in [origin, other] { peer.close() }
  }

  @Test
  func `F20: known brokers that are gone give way to the bootstrap servers, unless told not to`()
    async throws
  {
    for recovers in [true, false] {
      let (origin, other) = (try ScriptedPeer(), try ScriptedPeer())
      origin.answer = { _ in .metadata(ScriptedPeer.metadata([(1, other)])) }
      let cluster = cluster([origin]) { $0.rebootstraps = recovers }
      try await refresh(cluster)
      try await Self.hangUp(origin, of: cluster)
      other.close()
      if recovers {
        #expect(try await refresh(cluster).brokers.count == 1)
      } else {
        await #expect(throws: ClientError.self) { try await refresh(cluster, timeoutMs: 300) }
      }
      #expect(origin.askedAtMs.count == (recovers ? 2 : 1))
      cluster.close()
      origin.close()
    }
  }

  @Test func `F20: a time without metadata makes the client begin anew`() async throws {
    let origin = try ScriptedPeer()
    origin.answer = { number in
      (1...3).contains(number)
        ? .silence : .metadata(ScriptedPeer.metadata([(1, origin)]))
    }
    let cluster = cluster([origin]) {
      $0.rebootstrapTriggerMs = 600
      $0.socketTimeoutMs = 400
    }
    try await refresh(cluster, timeoutMs: 60_000)
    try await refresh(cluster, timeoutMs: 60_000)
    #expect(await said("no metadata for"))
    cluster.close()
    origin.close()
  }

  @Test func `an idle connection is closed in time and made anew without a word`() async throws {
    let peer = try ScriptedPeer()
    peer.answer = { _ in .metadata(ScriptedPeer.metadata([(1, peer)])) }
    let cluster = cluster([peer]) { $0.connectionsMaxIdleMs = 100 }
    try await refresh(cluster)
    let connection = try await cluster.anyConnection(timeoutMs: 1000)
    #expect(await eventually { await !connection.isOpen })
    #expect(try await refresh(cluster).brokers.map(\.nodeId) == [1])
    #expect(peer.opened >= 2)
    #expect(log.lines == [])
    cluster.close()
    peer.close()
  }

  @Test func `F14: a connection that the broker closes while it idles is made anew without a word`()
    async throws
  {
    let peer = try ScriptedPeer()
    peer.answer = { _ in .metadata(ScriptedPeer.metadata([(1, peer)])) }
    let cluster = cluster([peer])
    try await refresh(cluster)
    try await Self.hangUp(peer, of: cluster)
    #expect(try await refresh(cluster).brokers.map(\.nodeId) == [1])
    #expect(peer.opened == 2)
    #expect(log.lines == [])
    cluster.close()
    peer.close()
  }

  @Test func `F29: two clusters that are mixed are warned of, once`() async throws {
    let peer = try ScriptedPeer()
    peer.answer = { number in
      .metadata(ScriptedPeer.metadata([(1, peer)], clusterId: number == 0 ? "one" : "two"))
    }
    let cluster = cluster([peer])
    for _ in 0..<3 { try await refresh(cluster) }
    #expect(
      await said("reports different ClusterId \"two\" than previously known \"one\""))
    #expect(log.lines.count { $0.contains("ClusterId") } == 1)
    cluster.close()
    peer.close()
  }

  @Test func `F42: a connection that is throttled sends nothing for that time`() async throws {
    let peer = try ScriptedPeer()
    peer.answer = { number in
      .metadata(ScriptedPeer.metadata([(1, peer)], throttleMs: number == 0 ? 300 : 0))
    }
    let cluster = cluster([peer])
    for _ in 0..<3 { try await refresh(cluster) }
    let times = peer.askedAtMs
    #expect(times.count == 3)
    #expect(times[1] - times[0] >= 300)
    cluster.close()
    peer.close()
  }

  @Test func `F6: an answer of one byte at a time is one answer`() async throws {
    let peer = try ScriptedPeer()
    peer.answer = { _ in .drip(ScriptedPeer.metadata([(1, peer)])) }
    let cluster = cluster([peer])
    #expect(try await refresh(cluster).brokers.map(\.nodeId) == [1])
    cluster.close()
    peer.close()
  }

  @Test func `F12: servers are tried side by side, and the losers are let go`() async throws {
    let (slow, fast) = (try ScriptedPeer(), try ScriptedPeer())
    slow.holdsVersions = true
    fast.answer = { _ in .metadata(ScriptedPeer.metadata([(1, fast)])) }
    let cluster = cluster([slow, fast]) { $0.apiVersionRequestTimeoutMs = 5000 }
    try await refresh(cluster, timeoutMs: 20_000)
    #expect(slow.opened == 1)
    #expect(await eventually { await slow.closed == 1 })
    cluster.close()
    for peer in [slow, fast] { peer.close() }
  }

  @Test func `F78: a broker that answers ApiVersions late is spoken to as what it is`() async throws
  {
    let peer = try ScriptedPeer()
    peer.holdsVersions = true
    peer.answer = { _ in .metadata(ScriptedPeer.metadata([(1, peer)])) }
    let cluster = cluster([peer]) { $0.apiVersionRequestTimeoutMs = 200 }
    try await refresh(cluster, timeoutMs: 20_000)
    // Spoken to as an old broker for now.
    #expect(peer.versions == [0])
    let first = try await cluster.anyConnection(timeoutMs: 20_000)
    peer.answerVersions()
    #expect(await eventually { await !first.isOpen })
    try await refresh(cluster, timeoutMs: 20_000)
    #expect(peer.versions.last == 13)
    cluster.close()
    peer.close()
  }
}
