import Synchronization
import TestSupport
import Testing

/// What the issue promises first: brokers come and go, and no line is lost, doubled or out of order.
@Suite struct RollingRestartTests {
  static let count = 1_000_000

  /// Something that has happened, for several who wait.
  private final class Flag: Sendable {
    private let state = Atomic<Bool>(false)
    var isRaised: Bool { state.load(ordering: .acquiring) }
    func raise() { state.store(true, ordering: .releasing) }
  }

  @Test(
    .enabled(if: RealKafka.isAvailable, Comment(rawValue: RealKafka.need)),
    .timeLimit(.minutes(5)))
  func
    `F1, F2, F30: a million lines arrive once and in order while brokers restart and are killed`()
    async throws
  {
    try await RealKafka.with(
      "4.3.1", brokers: 3, topics: ["rolling:6:3", "transactions:6:3"],
      settings: ["min.insync.replicas=2"]
    ) { kafka in
      let producer = try Child([
        Places.hbcat, "-b", kafka.bootstrap, "-P", "-t", "rolling", "-X", "linger.ms=20",
      ])
      // A consumer that is there all the time must see the same as one that comes afterwards.
      async let followed = run(
        Self.summary(kafka.bootstrap, "rolling", "-c", "\(Self.count)"), within: 300)
      // Beside them a producer whose transactions lose coordinators and leaders, too (F48).
      let transactional = try Child([
        Places.hbcat, "produce", "-b", kafka.bootstrap, "-t", "transactions", "-X",
        "transactional.id=rolling", "--transaction-every", "50",
      ])
      let isOver = Flag()
      async let written: Void = Self.feed(producer, until: { isOver.isRaised })
      async let trickled = Self.trickle(transactional, until: { isOver.isRaised })
      for action in ["stop", "kill"] {
        for node in 1001...1003 {
          try await kafka.node(node, action)
          #expect(await Self.replicas(kafka.bootstrap, inSync: { !$0.contains("\(node)") }))
          try await kafka.node(node, "start")
          #expect(await Self.replicas(kafka.bootstrap, inSync: { $0.count == 3 }))
        }
      }
      isOver.raise()
      await written
      let end = await producer.end(within: 60)
      #expect(end.status == 0, "\(end.stderr)")
      // Nothing of doubts, and no retry that a user would want to know of.
      #expect(end.stderr == "")
      let read = try await run(Self.summary(kafka.bootstrap, "rolling", "-e"))
      #expect(read.stdout == "\(Self.count) \(Self.count) 0\n", "\(read.stderr)")
      let follow = try await followed
      #expect(follow.stdout == "\(Self.count) \(Self.count) 0\n", "\(follow.stderr)")
      let lines = await trickled
      let transactions = await transactional.end(within: 60)
      #expect(transactions.status == 0, "\(transactions.stderr)")
      let summary = Self.summary(kafka.bootstrap, "transactions", "-e")
      #expect(
        await eventually { (try? await run(summary))?.stdout == "\(lines) \(lines) 0\n" },
        "\(lines) lines: \(transactions.stderr)")
    }
  }

  /// Reads all and counts lines, different lines, and lines behind a later one of their partition.
  private static func summary(_ bootstrap: String, _ topic: String, _ options: String...)
    -> [String]
  {
    [
      "sh", "-c",
      "\(Places.hbcat) -b \(bootstrap) -C -t \(topic) \(options.joined(separator: " ")) -q -f '%p %s\\n'"
        + " | awk '$1 in last && $2 <= last[$1] { disorder++ } { last[$1] = $2; lines++ }"
        + " !($2 in seen) { seen[$2] = 1; different++ }"
        + " END { print lines+0, different+0, disorder+0 }'",
    ]
  }

  /// Writes a few numbered lines at a time until the brokers have been restarted, and answers how many.
  private static func trickle(_ producer: Child, until isOver: @Sendable () -> Bool) async -> Int {
    var next = 1
    while !isOver() {
      await producer.write((next..<next + 20).map { "\($0)\n" }.joined())
      next += 20
      try? await Task.sleep(for: .milliseconds(20))
    }
    producer.closeInput()
    return next - 1
  }

  /// Writes numbered lines: steadily until the brokers have been restarted, then what is left at once.
  private static func feed(_ producer: Child, until isOver: @Sendable () -> Bool) async {
    var next = 1
    while next <= count {
      let isSteady = !isOver()
      // A tenth is kept for the end, however long the restarts take.
      if isSteady && next > count - count / 10 {
        try? await Task.sleep(for: .milliseconds(20))
        continue
      }
      let size = min(count - next + 1, isSteady ? 250 : 10_000)
      var block: [UInt8] = []
      for number in next..<next + size {
        block += Array("\(number)\n".utf8)
      }
      next += size
      await producer.write(block)
      if isSteady { try? await Task.sleep(for: .milliseconds(15)) }
    }
    producer.closeInput()
  }

  /// Waits until the in-sync replicas of every partition are as they should be.
  private static func replicas(
    _ bootstrap: String, inSync isRight: @escaping @Sendable ([Substring]) -> Bool
  ) async -> Bool {
    await eventually(within: 60) {
      let listed = try? await run([Places.hbcat, "-b", bootstrap, "-L", "-t", "rolling"])
      let rows = (listed?.stdout ?? "").split(separator: "\n").filter { $0.contains("isrs: ") }
      return rows.count == 6
        && rows.allSatisfy { row in
          let isrs = row.split(separator: "isrs: ").last ?? ""
          return isRight(isrs.split { $0 == "," || $0 == " " })
        }
    }
  }
}
