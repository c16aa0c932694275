import KafkaProtocol
import TestSupport
import Testing
import Transport

@testable import KafkaClient

/// SASL over a socket, with a broker that does as the test says.
@Net @Suite struct AuthenticatorTests {
  /// What the client says.
  @Net private final class Log {
    var lines: [String] = []
  }

  private let log = Log()

  private func cluster(_ peer: ScriptedPeer, _ mechanism: SASLMechanism) -> Cluster {
    var configuration = ClientConfiguration()
    configuration.bootstrapServers = [.init(host: "127.0.0.1", port: peer.port)]
    configuration.retryBackoffMs = 10
    var sasl = SASLConfiguration(mechanism)
    sasl.username = "alice"
    sasl.password = Secret("alice-secret")
    configuration.sasl = sasl
    let log = log
    return Cluster(configuration) { line in
      Net.task { log.lines.append(line.text) }
    }
  }

  private func peer(_ sasl: ScriptedPeer.SASL) throws -> ScriptedPeer {
    let peer = try ScriptedPeer()
    peer.sasl = sasl
    peer.answer = { [weak peer] _ in
      peer.map { .metadata(ScriptedPeer.metadata([(1, $0)])) } ?? .silence
    }
    return peer
  }

  private func refusal(_ cluster: Cluster) async -> String {
    do throws(ClientError) {
      try await cluster.refreshMetadata(
        topics: [], allowAutoTopicCreation: false, timeoutMs: 5000)
      return "answered"
    } catch {
      return error.description
    }
  }

  @Test func `the client authenticates itself before it asks for anything`() async throws {
    var messages: [[UInt8]] = []
    var script = ScriptedPeer.SASL()
    script.answer = { message in
      messages.append(message)
      return SaslAuthenticateResponse()
    }
    let peer = try peer(script)
    let cluster = cluster(peer, .plain)
    try await cluster.refreshMetadata(
      topics: [], allowAutoTopicCreation: false, timeoutMs: 5000)
    #expect(peer.asked == [.apiVersions, .saslHandshake, .saslAuthenticate, .metadata])
    #expect(messages == [Array("\0alice\0alice-secret".utf8)])
    let log = log
    #expect(await eventually { await log.lines.contains { $0.contains("in clear") } })
    cluster.close()
    peer.close()
  }

  @Test func `S32, F74: a broker that has only a weaker mechanism gets nothing of the password`()
    async throws
  {
    let peer = try peer(ScriptedPeer.SASL())
    let cluster = cluster(peer, .scramSHA512)
    #expect(
      await refusal(cluster)
        == "Local: Authentication failure: 127.0.0.1:\(peer.port)/bootstrap: SASL SCRAM-SHA-512: "
        + "the broker does not have this mechanism; it has PLAIN (sasl.mechanism)")
    #expect(peer.asked == [.apiVersions, .saslHandshake])
    #expect(peer.opened == 1)
    cluster.close()
    peer.close()
  }

  @Test func `F74: a refusal ends it at once, in the broker's words, and is not tried again`()
    async throws
  {
    var script = ScriptedPeer.SASL()
    script.answer = { _ in
      var response = SaslAuthenticateResponse()
      response.errorCode = .saslAuthenticationFailed
      response.errorMessage = "no such user"
      return response
    }
    let peer = try peer(script)
    let cluster = cluster(peer, .plain)
    #expect(await refusal(cluster).hasSuffix("SASL PLAIN: no such user"))
    #expect(peer.opened == 1)
    cluster.close()
    peer.close()
  }

  @Test func `F74: a server that cannot prove that it knows the password is left`() async throws {
    var script = ScriptedPeer.SASL()
    script.mechanisms = ["SCRAM-SHA-256"]
    var nonce = ""
    script.answer = { message in
      let text = String(decoding: message, as: UTF8.self)
      var response = SaslAuthenticateResponse()
      if text.hasPrefix("n,,") {
        nonce = String(text.split(separator: ",").last?.dropFirst(2) ?? "")
        response.authBytes = Array("r=\(nonce)x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096".utf8)
      } else {
        response.authBytes = Array("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".utf8)
      }
      return response
    }
    let peer = try peer(script)
    let cluster = cluster(peer, .scramSHA256)
    #expect(await refusal(cluster).contains("the server's signature is wrong"))
    #expect(!peer.asked.contains(.metadata))
    cluster.close()
    peer.close()
  }

  @Test func `a broker before Kafka 1.0 is a clear error`() async throws {
    var script = ScriptedPeer.SASL()
    script.handshakeVersion = 0
    let peer = try peer(script)
    let cluster = cluster(peer, .plain)
    #expect(await refusal(cluster).contains("SASL (SaslAuthenticate) needs Kafka 1.0 or later"))
    cluster.close()
    peer.close()
  }

  /// Asks again and again until five sessions have begun.
  private func ask(_ connection: Connection, _ peer: ScriptedPeer) async {
    while peer.asked.count(where: { $0 == .saslHandshake }) < 5, connection.isOpen {
      _ = try? await connection.request(MetadataRequest(), timeoutMs: 5000)
    }
  }

  @Test func `F75: a session is renewed in time, and no other request comes in between`()
    async throws
  {
    var script = ScriptedPeer.SASL()
    script.delayMs = 20
    script.answer = { _ in
      var response = SaslAuthenticateResponse()
      // A busy machine must find time for other requests between two renewals.
      response.sessionLifetimeMs = 800
      return response
    }
    let peer = try peer(script)
    let cluster = cluster(peer, .plain)
    let connection = try await cluster.anyConnection(timeoutMs: 5000)
    // Four requests are in flight or wait at any time.
    async let first: Void = ask(connection, peer)
    async let second: Void = ask(connection, peer)
    async let third: Void = ask(connection, peer)
    await ask(connection, peer)
    _ = await (first, second, third)
    #expect(connection.isOpen)
    let handshakes = peer.asked.indices.filter { peer.asked[$0] == .saslHandshake }
    #expect(handshakes.count >= 5)
    for at in handshakes.dropLast() {
      #expect(peer.asked[at + 1] == .saslAuthenticate)
    }
    // Each of the four was answered; how often, this machine's load decides.
    #expect(peer.asked.count { $0 == .metadata } >= 4)
    #expect(peer.opened == 1)
    cluster.close()
    peer.close()
  }

  @Test func `F75: a renewal that is refused fails what waits, and is not tried again`()
    async throws
  {
    var script = ScriptedPeer.SASL()
    var count = 0
    script.answer = { _ in
      count += 1
      var response = SaslAuthenticateResponse()
      response.sessionLifetimeMs = 50
      if count > 1 {
        response.errorCode = .saslAuthenticationFailed
        response.errorMessage = "revoked"
      }
      return response
    }
    let peer = try peer(script)
    let cluster = cluster(peer, .plain)
    let connection = try await cluster.anyConnection(timeoutMs: 5000)
    #expect(await eventually { await !connection.isOpen })
    let error = await #expect(throws: ClientError.self) {
      try await connection.request(MetadataRequest(), timeoutMs: 5000)
    }
    #expect(error?.description.hasSuffix("SASL PLAIN: revoked") == true)
    #expect(error?.isRetriable == false)
    cluster.close()
    peer.close()
  }

  @Test func `F75: the pause is 85 to 95 % of the lifetime`() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      #expect(850...950 ~= Authenticator.pause(lifetimeMs: 1000, &random) ?? 0)
    }
    #expect(Authenticator.pause(lifetimeMs: 0, &random) == nil)
    #expect(Authenticator.pause(lifetimeMs: -1, &random) == nil)
    #expect(Authenticator.pause(lifetimeMs: 1, &random) == 1)
    #expect(Authenticator.pause(lifetimeMs: .max, &random) ?? 0 > 1_000_000_000)
  }
}
