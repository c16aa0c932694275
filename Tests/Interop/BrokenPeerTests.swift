import TestSupport
import Testing

/// Peers that are away, silent, foreign or torn end in one clear error, or are asked again.
@Suite(.serialized) struct BrokenPeerTests {
  private static let lines = (0..<20).map { "line \($0)\n" }.joined()

  /// A broker with one topic of 20 records and, from then on, faults.
  private func with(
    _ faults: String..., body: (String) async throws -> Void
  ) async throws {
    let broker = try Child([
      Places.hbcat, "broker", "--listen", "127.0.0.1:0", "--until-stdin-ends", "--topic", "t",
    ])
    #expect(await eventually { broker.stdout.contains("\n") })
    let bootstrap = String(broker.stdout.dropFirst("BROKERS=".count).dropLast())
    let sent = try await run(
      [Places.hbcat, "-b", bootstrap, "-P", "-t", "t"], input: Array(Self.lines.utf8))
    #expect(sent.status == 0, "\(sent.stderr)")
    for (number, fault) in faults.enumerated() {
      await broker.write("fault \(fault)\n")
      let answered = await eventually {
        broker.stdout.split(separator: "\n").dropFirst().count == number + 1
      }
      #expect(answered && broker.stdout.hasSuffix("\nok\n"), "\(broker.stdout)")
    }
    try await body(bootstrap)
    broker.closeInput()
    #expect(await broker.end(within: 10).status == 0)
  }

  private func consume(_ bootstrap: String, _ more: String...) async throws -> CommandResult {
    try await run([Places.hbcat, "-b", bootstrap, "-C", "-t", "t", "-e"] + more, within: 20)
  }

  private static func errors(_ result: CommandResult) -> [Substring] {
    result.stderr.split(separator: "\n").filter { $0.hasPrefix("% ERROR") }
  }

  @Test func `F3: no broker at all is an error well before -m`() async throws {
    // A producer says why in an error of its own, as kcat's does.
    for (arguments, errors) in [
      (["-L"], 1), (["-C", "-t", "x"], 1), (["-P", "-t", "x"], 2),
    ] {
      let start = ContinuousClock.now
      let result = try await run(
        [Places.hbcat, "-b", "127.0.0.1:1", "-m", "40"] + arguments,
        input: Array("x\n".utf8), within: 60)
      #expect(result.status == 1)
      #expect(ContinuousClock.now - start < .seconds(20))
      let lines = result.stderr.split(separator: "\n")
      #expect(lines.count == 1 + errors, "\(result.stderr)")
      #expect(lines.first?.contains("127.0.0.1:1") == true)
      #expect(lines.first?.contains("Connection refused") == true)
      #expect(Self.errors(result).count == errors)
    }
  }

  @Test func `F5: a torn frame is asked for again and nothing is printed twice`() async throws {
    try await with("fetch:cut=60*3") { bootstrap in
      let result = try await consume(bootstrap)
      #expect(result.status == 0, "\(result.stderr)")
      #expect(result.stdout == Self.lines)
      // Said once, though it happened three times.
      #expect(result.stderr.split(separator: "\n").filter { $0.contains("FAIL") }.count <= 1)
    }
  }

  @Test(arguments: ["any:cut=3*999", "any:cut=30*999"])
  func `F5: a broker that tears every answer is one error`(_ fault: String) async throws {
    try await with(fault) { bootstrap in
      let result = try await consume(bootstrap)
      #expect(result.status == 1)
      #expect(result.stdout == "")
      #expect(Self.errors(result).count == 1, "\(result.stderr)")
    }
  }

  @Test func `F7: an answer to another request closes the connection and is tried again`()
    async throws
  {
    try await with("fetch:flip=5*2") { bootstrap in
      let result = try await consume(bootstrap)
      #expect(result.status == 0, "\(result.stderr)")
      #expect(result.stdout == Self.lines)
    }
  }

  @Test func `F9: a length that cannot be one closes the connection and is tried again`()
    async throws
  {
    try await with("fetch:flip=0*2") { bootstrap in
      let result = try await consume(bootstrap)
      #expect(result.status == 0, "\(result.stderr)")
      #expect(result.stdout == Self.lines)
      #expect(result.stderr.contains("receive.message.max.bytes"), "\(result.stderr)")
    }
  }

  @Test(arguments: [["-L"], ["-C", "-t", "x"], ["-P", "-t", "x"]])
  func `F9, F10: a peer that speaks HTTP is named at once`(_ arguments: [String]) async throws {
    let peer = Peer(answering: "HTTP/1.1 400 Bad Request\r\n\r\n")
    let start = ContinuousClock.now
    let result = try await run(
      [Places.hbcat, "-b", peer.address, "-m", "40"] + arguments, input: Array("x\n".utf8),
      within: 60)
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(result.status == 1)
    #expect(result.stderr.contains("HTTP"), "\(result.stderr)")
    #expect(!result.stderr.contains("receive.message.max.bytes"))
    #expect(Self.errors(result).count == 1)
  }

  @Test func `F10: a peer that wants TLS is named at once`() async throws {
    let peer = Peer(answering: "\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}F")
    let result = try await run([Places.hbcat, "-b", peer.address, "-L"], within: 20)
    #expect(result.status == 1)
    #expect(result.stderr.contains("TLS"), "\(result.stderr)")
  }

  @Test func `F12: a broker that never answers ends the wait within -m`() async throws {
    let peer = Peer()
    let start = ContinuousClock.now
    let result = try await run(
      [
        Places.hbcat, "-b", peer.address, "-L", "-m", "3", "-X",
        "api.version.request.timeout.ms=40000",
      ], within: 60)
    let time = ContinuousClock.now - start
    #expect(time < .seconds(20), "\(time)")
    #expect(result.status == 1)
    #expect(!result.stderr.contains("within 0 ms"), "\(result.stderr)")
    #expect(Self.errors(result).count == 1)
  }

  @Test func `a broker that did not answer once is not taken for an old one ever after`()
    async throws
  {
    // As Kafka 4 does, which knows none of the old versions and closes.
    try await with("apiversions:no-reply", "metadata:disconnect=before") { bootstrap in
      let result = try await consume(
        bootstrap, "-X", "api.version.request.timeout.ms=300", "-m", "8")
      #expect(result.status == 0, "\(result.stderr)")
      #expect(result.stdout == Self.lines)
    }
  }

  @Test func `a rule that is not understood is an error that says what can be`() async throws {
    let result = try await run([
      Places.hbcat, "broker", "--listen", "127.0.0.1:0", "--fault", "fetch:explode",
    ])
    #expect(result.status == 2)
    #expect(result.stderr.contains("--fault"))
    #expect(result.stderr.contains("disconnect=before"))
  }
}
