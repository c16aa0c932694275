import Glibc
import TestSupport
import Testing

/// A schema registry over TLS whose authority the system does not know.
@Suite(.enabled(if: Authority.isAvailable, "needs openssl"))
struct RegistryAuthorityTests {
  @Test func `schema.registry.ssl.ca.location says who may vouch for a registry`() async throws {
    let authority = try await Authority()
    try await authority.sign("registry", san: "IP:127.0.0.1")
    for folder in ["schemas", "schemas/ids"] { mkdir(authority.path(folder), 0o700) }
    authority.write("schemas/ids/1", #"{"schema":"\"long\""}"#)
    let server = try Child([
      "sh", "-c",
      "cd \"$0\" && exec openssl s_server -accept 127.0.0.1:0 -WWW -cert registry.pem -key registry.key",
      authority.folder,
    ])
    #expect(await eventually { server.stdout.contains("ACCEPT 127.0.0.1:") })
    let line = server.stdout.split(separator: "\n").first { $0.hasPrefix("ACCEPT") } ?? ""
    let url = "https://\(line.split(separator: " ").last ?? "")"
    try await BrokerFixture.with(["--topic", "t"]) { bootstrap in
      let sent = try await run(
        [Places.hbcat, "-b", bootstrap, "-P", "-t", "t", "-D", "@@"],
        input: [0, 0, 0, 0, 1, 14] + Array("@@".utf8))
      try #require(sent.status == 0, "\(sent.stderr)")
      let consume = [
        Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-e", "-q", "-s", "avro", "-r", url,
      ]
      let stranger = try await run(consume)
      #expect(stranger.status == 1)
      #expect(stranger.stderr.contains("certificate"), "\(stranger.stderr)")
      let known = try await run(
        consume + ["-X", "schema.registry.ssl.ca.location=\(authority.path("ca.pem"))"])
      #expect(known.stdout == "7\n", "\(known.stderr)")
      #expect(known.status == 0)
    }
    server.signal(SIGKILL)
    _ = await server.end(within: 10)
  }
}
