import Glibc
import TestSupport
import Testing

/// What SIGINT and SIGTERM do, wherever a command waits.
@Suite(.serialized, .clusters) struct SignalTests {
  /// Signals a child and waits for its end; one that does not end is killed: 137.
  private func interrupted(_ child: Child, by signal: Int32) async -> CommandResult {
    child.signal(signal)
    return await child.end(within: 20)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `an idle consumer ends with 0`(_ signal: Int32) async throws {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("idle")
    _ = try await bench.hbcat("-P", "-t", topic, input: Array("one\n".utf8))
    let child = try Child([Places.hbcat, "-b", bench.bootstrap, "-C", "-t", topic])
    #expect(await eventually { child.stderr.contains("at offset 1\n") })
    let result = await interrupted(child, by: signal)
    #expect(result.status == 0)
    #expect(result.stdout == "one\n")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a consumer whose stdout is blocked ends with 0`(_ signal: Int32) async throws {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("blocked")
    let lines = [UInt8](repeating: UInt8(ascii: "x"), count: 999) + [10]
    _ = try await bench.hbcat(
      "-P", "-t", topic, input: Array((0..<4000).map { _ in lines }.joined()))
    let pid = Places.temporaryFolder() + "/pid"
    let child = try Child([
      "sh", "-c",
      "{ \(Places.hbcat) -b \(bench.bootstrap) -C -t \(topic) & echo $! >\(pid); "
        + "wait $!; echo status $? >&2; } | sleep 20",
    ])
    // It is blocked once the pipe, which it made 1 MiB, is full: its CPU time stands still.
    #expect(await eventually { Self.isInWrite(pid) })
    let number = try #require(Self.number(in: pid))
    kill(number, signal)
    #expect(await eventually(within: 5) { child.stderr.contains("status 0\n") })
    child.signal(SIGKILL)
  }

  private static func number(in file: String) -> pid_t? {
    Places.contents(file).flatMap {
      pid_t(String(decoding: $0.dropLast(), as: UTF8.self))
    }
  }

  /// Whether the process's main thread waits in the kernel for room in a pipe.
  private static func isInWrite(_ file: String) -> Bool {
    guard let pid = number(in: file), let text = Places.contents("/proc/\(pid)/wchan") else {
      return false
    }
    return String(decoding: text, as: UTF8.self).contains("pipe_write")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `F45: a producer that waits for stdin delivers what it read and ends with 0`(
    _ signal: Int32
  ) async throws {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("waiting")
    let child = try Child([
      Places.hbcat, "-b", bench.bootstrap, "-P", "-t", topic, "-X", "linger.ms=60000", "-T", "-u",
    ])
    await child.write("one\ntwo\n")
    #expect(await eventually { child.stdout.contains("two\n") })
    let result = await interrupted(child, by: signal)
    #expect(result.status == 0, "\(result.stderr)")
    let read = try await bench.hbcat("-C", "-t", topic, "-e", "-q")
    #expect(read.stdout == "one\ntwo\n")
  }

  @Test func `F45: a line whose end has not come at a signal is counted as not delivered`()
    async throws
  {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("cut")
    let child = try Child([
      Places.hbcat, "-b", bench.bootstrap, "-P", "-t", topic, "-T", "-u",
    ])
    await child.write("one\ntwo\npart")
    #expect(await eventually { child.stdout.contains("two\n") })
    let result = await interrupted(child, by: SIGINT)
    #expect(result.status == 1)
    #expect(result.stderr == "% 2 messages delivered, 1 not delivered\n")
  }

  @Test func `a consumer that waits for a silent broker ends at once (F12)`() async throws {
    let peer = Peer()
    let child = try Child([Places.hbcat, "-b", peer.address, "-C", "-t", "x", "-m", "90"])
    #expect(await eventually { Self.catches(SIGINT, child.pid) })
    let result = await interrupted(child, by: SIGINT)
    #expect(result.status == 0, "\(result.stderr)")
  }

  @Test func `a producer that waits for a silent broker ends at once and counts (F12)`()
    async throws
  {
    let peer = Peer()
    let child = try Child([Places.hbcat, "-b", peer.address, "-P", "-t", "x", "-m", "90"])
    await child.write("one\ntwo\n")
    #expect(await eventually { Self.catches(SIGINT, child.pid) })
    let result = await interrupted(child, by: SIGINT)
    #expect(result.status == 1)
    #expect(result.stderr.contains("0 messages delivered, "), "\(result.stderr)")
  }

  /// Whether the process has a handler for a signal.
  private static func catches(_ signal: Int32, _ pid: pid_t) -> Bool {
    guard let status = Places.contents("/proc/\(pid)/status") else { return false }
    let text = String(decoding: status, as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
    let word = line?.split(whereSeparator: \.isWhitespace).last
    guard let mask = word.flatMap({ UInt64($0, radix: 16) }) else { return false }
    return mask & (1 << UInt64(signal - 1)) != 0
  }

  @Test func `F45: a second signal ends a producer with 130`() async throws {
    let broker = try Child([
      Places.hbcat, "broker", "--listen", "127.0.0.1:0", "--until-stdin-ends",
    ])
    #expect(await eventually { broker.stdout.contains("\n") })
    let bootstrap = String(broker.stdout.dropFirst("BROKERS=".count).dropLast())
    let child = try Child([
      Places.hbcat, "-b", bootstrap, "-P", "-t", "x", "-T", "-u", "-vvv",
    ])
    await child.write("one\n")
    #expect(await eventually { child.stderr.contains("Message delivered") })
    broker.signal(SIGSTOP)
    await child.write("two\n")
    #expect(await eventually { child.stdout.contains("two\n") })
    // The first one makes it wait for the broker, which does not come; one of the next ends it.
    let ended = await eventually(within: 10) {
      child.signal(SIGINT)
      return child.status != nil
    }
    #expect(ended)
    let end = await child.end(within: 10)
    #expect(end.status == 130, "\(end.stderr)")
    broker.signal(SIGCONT)
    broker.closeInput()
    #expect(await broker.end(within: 10).status == 0)
  }

  @Test func `SIGTERM ends the broker, with clients and without, and leaves no process`()
    async throws
  {
    for round in 0..<20 {
      let broker = try Child([Places.hbcat, "broker", "--listen", "127.0.0.1:0"])
      #expect(await eventually { broker.stdout.contains("\n") })
      let bootstrap = String(broker.stdout.dropFirst("BROKERS=".count).dropLast())
      var client: Child?
      if round % 2 == 1 {
        let follower = try Child([Places.hbcat, "-b", bootstrap, "-P", "-t", "x", "-T", "-u"])
        await follower.write("one\n")
        #expect(await eventually { follower.stdout.contains("one\n") })
        client = follower
      }
      broker.signal(round % 3 == 0 ? SIGINT : SIGTERM)
      let end = await broker.end(within: 10)
      #expect(end.status == 0, "\(end.stderr)")
      // The process is reaped, and it had no children: its number is free.
      #expect(kill(broker.pid, 0) != 0)
      client?.signal(SIGKILL)
      _ = await client?.end(within: 10)
    }
  }

  @Test func `the demo ends at Ctrl-C`() async throws {
    let child = try Child([Places.hbcat, "demo"])
    #expect(await eventually { Self.catches(SIGINT, child.pid) || child.status != nil })
    child.signal(SIGINT)
    let end = await child.end(within: 10)
    // It may have come to its end before the signal came.
    #expect(end.status == 130 || end.status == 0)
  }
}
