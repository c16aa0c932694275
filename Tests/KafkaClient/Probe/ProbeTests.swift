import KafkaProtocol
import Testing
import Transport

@testable import KafkaClient

/// The way to each server, over a socket.
@Net @Suite struct ProbeTests {
  /// What a probe told, a word or a few for each event.
  @Net private final class Told {
    var found: [String] = []
    var steps: [String: [ProbeStep]] = [:]
    var failures: [String: ProbeFailure] = [:]
    var ended: [String] = []

    func take(_ event: ProbeEvent) {
      switch event {
      case .found(let targets): found += targets.map(\.name)
      case .step(let target, let step): steps[target.name, default: []].append(step)
      case .ended(let target, let failure):
        ended.append(target.name)
        failures[target.name] = failure
      }
    }

    func kinds(_ name: String) -> [ProbeStep.Kind] { steps[name]?.map(\.kind) ?? [] }
  }

  private func probe(
    _ peers: [ScriptedPeer], timeoutMs: Int64 = 5000,
    _ change: (inout ClientConfiguration) -> Void = { _ in }
  ) async throws -> Told {
    var configuration = ClientConfiguration()
    configuration.bootstrapServers = peers.map { .init(host: "127.0.0.1", port: $0.port) }
    change(&configuration)
    let told = Told()
    try await Probe(configuration, timeoutMs: timeoutMs, log: { _ in }).run { told.take($0) }
    return told
  }

  private func name(_ peer: ScriptedPeer, _ id: Int32? = nil) -> String {
    ProbeTarget(host: "127.0.0.1", port: peer.port, brokerId: id).name
  }

  @Test func `each server and each broker is tried once, and its connection closed`() async throws {
    let peers = [try ScriptedPeer(), try ScriptedPeer()]
    defer { for peer in peers { peer.close() } }
    for peer in peers {
      peer.answer = { _ in .metadata(ScriptedPeer.metadata([(1, peers[0]), (2, peers[1])])) }
    }
    let told = try await probe(peers)
    #expect(
      told.found == [
        name(peers[0]), name(peers[1]), name(peers[0], 1), name(peers[1], 2),
      ])
    #expect(Set(told.ended) == Set(told.found) && told.ended.count == 4)
    #expect(told.failures.isEmpty)
    for name in told.found {
      #expect(told.kinds(name) == [.resolve, .connect, .apiVersions, .metadata])
    }
    let step = try #require(told.steps[name(peers[0])]?.last)
    #expect(step.local?.host == "127.0.0.1" && step.remote?.port == peers[0].port)
    guard case .success(.cluster(let metadata)) = step.result else {
      Issue.record("\(step.result)")
      return
    }
    #expect(metadata.clusterId == "one" && metadata.brokers.count == 2)
    #expect(peers.allSatisfy { $0.opened == 2 })
  }

  @Test func `F17: a broker's address that refuses is its failure, the server's none`() async throws
  {
    let peer = try ScriptedPeer()
    let gone = try ScriptedPeer()
    defer { peer.close() }
    let answer = ScriptedPeer.metadata([(1, peer), (2, gone)])
    peer.answer = { _ in .metadata(answer) }
    let dead = name(gone, 2)
    gone.close()
    let told = try await probe([peer])
    #expect(told.failures == [dead: ProbeFailure(.connect, "Connection refused")])
    #expect(told.kinds(dead) == [.resolve, .connect])
  }

  @Test func `F29: a server of another cluster is a failure that names both`() async throws {
    let peers = [try ScriptedPeer(), try ScriptedPeer()]
    defer { for peer in peers { peer.close() } }
    peers[0].answer = { _ in
      .metadata(ScriptedPeer.metadata([(1, peers[0]), (2, peers[1])], clusterId: "one"))
    }
    peers[1].answer = { _ in .metadata(ScriptedPeer.metadata([(1, peers[1])], clusterId: "two")) }
    let told = try await probe([peers[0]])
    #expect(
      told.failures == [
        name(peers[1], 2): ProbeFailure(
          .metadata, "this is cluster two, and \(name(peers[0])) is of cluster one")
      ])
  }

  @Test func `a cluster without brokers, or with impossible ones, is a failure (S13)`() async throws
  {
    let peer = try ScriptedPeer()
    defer { peer.close() }
    peer.answer = { number in
      if number == 0 { return .metadata(ScriptedPeer.metadata([])) }
      var response = ScriptedPeer.metadata([(1, peer)])
      response.brokers[0].port = 0
      return .metadata(response)
    }
    let starting = try await probe([peer])
    #expect(starting.failures[name(peer)]?.reason == "it names no brokers: has it just started?")
    let wrong = try await probe([peer])
    #expect(
      wrong.failures[name(peer)]?.reason == "1 of its brokers advertise what is no address")
  }

  @Test func `a server that is silent ends when its time is over, also as an old one`() async throws
  {
    let peer = try ScriptedPeer()
    defer { peer.close() }
    peer.holdsVersions = true
    let told = try await probe([peer], timeoutMs: 1500) { $0.apiVersionRequestTimeoutMs = 100 }
    #expect(told.kinds(name(peer)) == [.resolve, .connect, .apiVersions, .metadata])
    let failure = try #require(told.failures[name(peer)])
    #expect(failure.kind == .metadata && failure.reason.hasPrefix("no answer within "))
    // It may take what ApiVersions has left of the time, however busy the loop is: no clock is asked here.
    let leftMs = failure.reason.split(separator: " ").compactMap { Int($0) }
    #expect(leftMs.count == 1 && leftMs.allSatisfy { (1...1400).contains($0) }, "\(failure)")
    guard case .success(.assumed("0.9.0"))? = told.steps[name(peer)]?[2].result else {
      Issue.record("\(told.steps)")
      return
    }
  }

  @Test func `F74: a refused password is the failure of the step, and not in it (S38)`()
    async throws
  {
    let peer = try ScriptedPeer()
    defer { peer.close() }
    peer.sasl = ScriptedPeer.SASL()
    peer.sasl?.answer = { _ in
      var response = SaslAuthenticateResponse()
      response.errorCode = .saslAuthenticationFailed
      response.errorMessage = "go away"
      return response
    }
    let told = try await probe([peer]) {
      var sasl = SASLConfiguration(.plain)
      sasl.username = "alice"
      sasl.password = Secret("hunter2")
      $0.sasl = sasl
    }
    #expect(told.failures == [name(peer): ProbeFailure(.sasl, "SASL PLAIN: go away")])
    #expect(told.kinds(name(peer)) == [.resolve, .connect, .apiVersions, .sasl])
  }
}
