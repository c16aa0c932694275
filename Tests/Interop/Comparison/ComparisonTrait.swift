import Synchronization
import TestSupport
import Testing

/// Gives the comparison its two clusters, and prints in the end what has come of it.
struct ComparisonTrait: SuiteTrait, TestScoping {
  @TaskLocal static var report = ComparisonReport()

  /// The embedded broker, and today's Kafka where it can be had.
  static var targets: [Target] { RealKafka.isAvailable ? [.embedded, .kafka431] : [.embedded] }

  @concurrent func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await BrokerFixture.with([
      "--topic", "three:3:1", "--topic", "empty:1:1", "--topic", "four:4:1",
    ]) { embedded in
      guard RealKafka.isAvailable else { return try await compare([.embedded: embedded], function) }
      try await RealKafka.with("4.3.1", topics: ["three:3", "empty:1", "four:4"]) { kafka in
        try await compare([.embedded: embedded, .kafka431: kafka.bootstrap], function)
      }
    }
  }

  private func compare(
    _ clusters: [Target: String],
    _ function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    var benches: [Target: ComparisonBench] = [:]
    for (target, bootstrap) in clusters {
      let bench = ComparisonBench(target, bootstrap)
      try await bench.prepare()
      benches[target] = bench
    }
    let report = ComparisonReport()
    let made = benches
    try await Self.$report.withValue(report) {
      try await ComparisonBench.$current.withValue(made) { try await function() }
    }
    print(report.text)
  }
}

extension Trait where Self == ComparisonTrait {
  static var comparison: Self { ComparisonTrait() }
}

/// Counts cases, and how many run at a time.
final class ComparisonReport: Sendable {
  private struct State {
    var equal: [Target: Int] = [:]
    var differing: [Target: Set<String>] = [:]
    var free = 8
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// Runs `body` when fewer than eight others run: each is two processes, and kcat waits most of the time.
  func limited<T>(_ body: () async throws -> T) async rethrows -> T {
    await withCheckedContinuation { continuation in
      let mayRun = state.withLock { state in
        guard state.free > 0 else {
          state.waiting.append(continuation)
          return false
        }
        state.free -= 1
        return true
      }
      if mayRun { continuation.resume() }
    }
    defer {
      let next: CheckedContinuation<Void, Never>? = state.withLock { state in
        guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
        state.free += 1
        return nil
      }
      next?.resume()
    }
    return try await body()
  }

  func note(_ name: String, on target: Target, isEqual: Bool) {
    state.withLock {
      if isEqual {
        $0.equal[target, default: 0] += 1
      } else {
        $0.differing[target, default: []].insert(name)
      }
    }
  }

  /// The count of equal cases on each cluster, and the table of the others.
  var text: String {
    state.withLock { state in
      var lines: [String] = []
      for target in Target.allCases {
        guard let equal = state.equal[target] else { continue }
        let differing = state.differing[target] ?? []
        lines.append(
          "comparison with kcat on \(target.testDescription): \(equal) equal, "
            + "\(differing.count) differ")
      }
      for name in state.differing.values.reduce(into: Set<String>(), { $0.formUnion($1) }).sorted()
      {
        lines.append("  \(name): \(KnownDifferences.table[name]?.description ?? "UNKNOWN")")
      }
      return lines.joined(separator: "\n")
    }
  }
}
