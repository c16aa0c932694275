import TestSupport
import Testing

/// Which of the servers that were named, and of those that these name, are used.
@Suite struct BootstrapTests {
  @Test func `F12, F16: a silent first server does not use up the time of the others`() async throws
  {
    try await BrokerFixture.with(["--topic", "t"]) { bootstrap in
      let silent = [Peer(), Peer(), Peer()]
      let start = ContinuousClock.now
      let listed = try await run([
        Places.hbcat, "-b", (silent.map(\.address) + [bootstrap]).joined(separator: ","), "-L",
        "-m", "30",
      ])
      #expect(listed.status == 0, "\(listed.stderr)")
      #expect(listed.stdout.contains("topic \"t\""))
      #expect(ContinuousClock.now - start < .seconds(15))
    }
  }

  @Test
  func `F15: a name that is unknown gives way to the next, and alone is an error that names it`()
    async throws
  {
    try await BrokerFixture.with(["--topic", "t"]) { bootstrap in
      let listed = try await run([
        Places.hbcat, "-b", "nosuchhost.invalid:9092,127.0.0.1:1,\(bootstrap)", "-L",
      ])
      #expect(listed.status == 0, "\(listed.stderr)")
    }
    let alone = try await run([
      Places.hbcat, "-b", "nosuchhost.invalid:9092", "-L", "-m", "2",
    ])
    #expect(alone.status == 1)
    #expect(alone.stderr.contains("nosuchhost.invalid:9092"), "\(alone.stderr)")
  }

  @Test func `F17: an address that cannot be reached is named, and who told it`() async throws {
    try await BrokerFixture.with(["--topic", "t", "--advertise", "nosuchhost.invalid"]) {
      advertised in
      let bootstrap = "127.0.0.1:\(advertised.split(separator: ":").last ?? "")"
      let read = try await run([
        Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-e", "-m", "3",
      ])
      #expect(read.status == 1)
      #expect(read.stderr.contains("nosuchhost.invalid"), "\(read.stderr)")
      #expect(read.stderr.contains("(advertised by the metadata of \(bootstrap)"))
    }
  }

  @Test func `F18: a server that is named twice, and by another name, is one broker`() async throws
  {
    try await BrokerFixture.with(["--topic", "t:4"]) { bootstrap in
      let lines = try await send(0..<10, to: "t", at: bootstrap)
      let port = bootstrap.split(separator: ":").last ?? ""
      let read = try await run([
        Places.hbcat, "-b", "localhost:\(port),\(bootstrap),\(bootstrap)", "-C", "-t", "t", "-e",
        "-q",
      ])
      #expect(read.status == 0)
      #expect(read.stdout == lines)
      #expect(read.stderr == "")
    }
  }

  @Test func `F78: a broker that answers ApiVersions late is no old one`() async throws {
    let broker = try await BrokerFixture(["--topic", "t"])
    let lines = try await send(0..<10, to: "t", at: broker.bootstrap)
    try await broker.say("fault apiversions:delay=1500ms")
    let read = try await run([
      Places.hbcat, "-b", broker.bootstrap, "-C", "-t", "t", "-e", "-q", "-m", "20", "-X",
      "api.version.request.timeout.ms=300",
    ])
    #expect(read.status == 0, "\(read.stderr)")
    #expect(read.stdout == lines)
    await broker.stop()
  }
}
