import Glibc
import TestSupport
import Testing

/// A member whose stdout is slow, full or gone: what was not written is not committed.
@Suite struct GroupOutputTests {
  private static let options = [
    "-X", "auto.offset.reset=earliest", "-X", "auto.commit.interval.ms=100",
    "-X", "session.timeout.ms=1000", "-X", "heartbeat.interval.ms=100",
  ]

  private static func filled(
    _ records: Int, _ body: (String) async throws -> Void
  ) async throws {
    try await BrokerFixture.with(["--topic", "t:2:1"]) { bootstrap in
      let sent = try await run(
        [Places.hbcat, "-b", bootstrap, "-P", "-t", "t", "-K:"],
        input: Array((0..<records).map { "\($0):\($0) \(pad)\n" }.joined().utf8))
      #expect(sent.status == 0, "\(sent.stderr)")
      try await body(bootstrap)
    }
  }

  /// Makes records of some 500 bytes.
  private static let pad = String(repeating: "x", count: 500)

  private static func numbers(_ output: String) -> Set<Int> {
    Set(output.split(separator: "\n").compactMap { Int($0.prefix { $0.isNumber }) })
  }

  private static func shell(_ command: String, _ bootstrap: String) async throws -> CommandResult {
    try await run(
      ["sh", "-c", command, Places.hbcat, bootstrap] + options, within: 60)
  }

  @Test func `F72: on a full disk nothing is committed, and the first unwritten record is named`()
    async throws
  {
    try await Self.filled(2000) { bootstrap in
      let full = try await Self.shell(
        #"hb=$0 b=$1; shift; $hb -b $b -G g -e "$@" t >/dev/full"#, bootstrap)
      #expect(full.status == 1)
      #expect(full.stderr.contains("No space left on device"), "\(full.stderr)")
      #expect(full.stderr.contains("is the first that is not written"))
      let rest = try await Self.shell(#"hb=$0 b=$1; shift; $hb -b $b -G g -e "$@" t"#, bootstrap)
      #expect(Self.numbers(rest.stdout) == Set(0..<2000))
    }
  }

  @Test func `F71: a reader that leaves is a quiet end, and what it did not get comes again`()
    async throws
  {
    try await Self.filled(8000) { bootstrap in
      let head = try await Self.shell(
        #"hb=$0 b=$1; shift; { $hb -b $b -G g -q "$@" t; echo $? >&2; } | head -n 5"#, bootstrap)
      #expect(head.stderr == "0\n")
      let rest = try await Self.shell(#"hb=$0 b=$1; shift; $hb -b $b -G g -e "$@" t"#, bootstrap)
      // At most what a pipe holds was written and not read.
      #expect(Self.numbers(head.stdout).count == 5)
      #expect(Self.numbers(rest.stdout).count >= 8000 - 2 * (1 << 20) / 500)
      #expect(rest.status == 0)
    }
  }

  /// A member whose output goes into a FIFO that nobody reads yet.
  private static func blocked(_ bootstrap: String, _ more: String) async throws -> (
    child: Child, fifo: String
  ) {
    let fifo = Places.temporaryFolder() + "/fifo"
    #expect(mkfifo(fifo, 0o600) == 0)
    // A writer of its own keeps the FIFO open; it is opened for both so that nobody waits.
    let child = try Child(
      ["sh", "-c", #"hb=$0 b=$1 f=$2; shift 2; exec $hb -b $b -G g "$@" t 1<>"$f""#]
        + [Places.hbcat, bootstrap, fifo] + options + more.split(separator: " ").map(String.init))
    return (child, fifo)
  }

  private static func read(_ fifo: String, until child: Child) async -> String {
    let reader = try? Child(["cat", fifo])
    _ = await eventually(within: 30) { child.status != nil }
    _ = await eventually(within: 5) { (reader?.stdout.count ?? 0) > 0 }
    reader?.signal(SIGTERM)
    return await reader?.end(within: 5).stdout ?? ""
  }

  @Test func `F67: a blocked stdout keeps the membership, since heartbeats go on`() async throws {
    try await Self.filled(8000) { bootstrap in
      let (child, fifo) = try await Self.blocked(bootstrap, "-e")
      #expect(await eventually { Self.isInWrite(child.pid) })
      // Three sessions' time: without heartbeats the member would be out.
      try await Task.sleep(for: .seconds(3))
      #expect(Self.isInWrite(child.pid))
      let output = await Self.read(fifo, until: child)
      let ended = await child.end(within: 10)
      #expect(ended.status == 0, "\(ended.stderr)")
      #expect(Self.numbers(output) == Set(0..<8000))
      #expect(output.split(separator: "\n").count == 8000)
      #expect(ended.stderr.components("rebalanced") == 2, "\(ended.stderr)")
    }
  }

  @Test func `F68: after max.poll.interval.ms without a write the member leaves, and comes back`()
    async throws
  {
    try await Self.filled(8000) { bootstrap in
      let (child, fifo) = try await Self.blocked(bootstrap, "-X max.poll.interval.ms=1500")
      #expect(await eventually { child.stderr.contains("leaving group until it does") })
      #expect(child.stderr.components("Application maximum poll interval (1500ms)") == 1)
      // Its partitions are another member's now.
      let other = try Child(
        [Places.hbcat, "-b", bootstrap, "-G", "g", "-u"] + Self.options + ["t"])
      #expect(await eventually { Self.numbers(other.stdout).count >= 8000 - 4096 })
      let reader = try Child(["cat", fifo])
      #expect(await eventually { child.stderr.contains("joining the group") }, "\(child.stderr)")
      #expect(
        await eventually { child.stderr.components("): assigned: t [") == 2 }, "\(child.stderr)")
      #expect(
        await eventually {
          Self.numbers(other.stdout).union(Self.numbers(reader.stdout)) == Set(0..<8000)
        })
      for one in [child, other, reader] { one.signal(SIGTERM) }
      #expect(await child.end(within: 10).status == 0)
      #expect(await other.end(within: 10).status == 0)
      _ = await reader.end(within: 10)
    }
  }

  @Test func `F68: a member whose JoinGroup waits leaves past it, by another connection`()
    async throws
  {
    let broker = try await BrokerFixture(["--topic", "t:2:1"])
    let sent = try await run(
      [Places.hbcat, "-b", broker.bootstrap, "-P", "-t", "t", "-K:"],
      input: Array((0..<8000).map { "\($0):\($0) \(Self.pad)\n" }.joined().utf8))
    #expect(sent.status == 0, "\(sent.stderr)")
    let (child, _) = try await Self.blocked(
      broker.bootstrap,
      "-X max.poll.interval.ms=3000 -X partition.assignment.strategy=cooperative-sticky -d all")
    #expect(await eventually { Self.isInWrite(child.pid) })
    try await broker.say("fault joingroup:delay=60000ms")
    try await broker.say("fault heartbeat:error=REBALANCE_IN_PROGRESS")
    #expect(await eventually { child.stderr.contains("leaving group until it does") })
    #expect(
      await eventually { child.stderr.contains("Received LeaveGroupResponse") }, "\(child.stderr)")
    child.signal(SIGKILL)
    _ = await child.end(within: 10)
    await broker.stop()
  }

  /// Whether the process's main thread waits in the kernel for room in a pipe.
  private static func isInWrite(_ pid: pid_t) -> Bool {
    guard let text = Places.contents("/proc/\(pid)/wchan") else { return false }
    return String(decoding: text, as: UTF8.self).contains("pipe_write")
  }
}

extension String {
  /// How often a text occurs.
  func components(_ text: String) -> Int {
    var rest = self[...]
    var count = 0
    while let found = rest.firstRange(of: text) {
      count += 1
      rest = rest[found.upperBound...]
    }
    return count
  }
}
