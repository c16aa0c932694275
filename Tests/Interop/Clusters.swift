import Synchronization
import TestSupport
import Testing

/// A cluster that the end-to-end cases run on.
enum Target: String, CaseIterable, CustomTestStringConvertible {
  case embedded
  case kafka431 = "4.3.1"
  case kafka221 = "2.2.1"
  case kafka0102 = "0.10.2.2"
  case kafka09 = "0.9.0.1"

  var testDescription: String { self == .embedded ? "embedded broker" : "Kafka \(rawValue)" }

  /// Those that can be had on this machine.
  static var available: [Target] {
    RealKafka.isAvailable ? allCases : [.embedded]
  }

  /// Brokers before 0.11 know nothing of record batches v2.
  var hasHeaders: Bool { self != .kafka0102 && self != .kafka09 }
  /// Brokers before 0.10 store no timestamps.
  var hasTimestamps: Bool { self != .kafka09 }
  /// zstd came with Kafka 2.1.
  var hasZstd: Bool { hasHeaders }
  /// Brokers before 0.10 do not tell who is the controller.
  var hasController: Bool { self != .kafka09 }

  /// What a kcat needs on its command line to talk to it.
  var kcatOptions: [String] {
    self == .kafka09
      ? ["-X", "api.version.request=false", "-X", "broker.version.fallback=0.9.0.1"] : []
  }
}

/// The clusters of one suite: started when first asked for, stopped when the suite ends.
final class Clusters: Sendable {
  @TaskLocal static var current: Clusters?

  private enum Running: Sendable {
    case embedded(BrokerFixture)
    case real(RealKafka)
  }

  private let tasks = Mutex<[Target: Task<Running, any Error>]>([:])

  /// The bootstrap servers of `target`.
  func bootstrap(_ target: Target) async throws -> String {
    switch try await running(target) {
    case .embedded(let broker): return broker.bootstrap
    case .real(let cluster): return cluster.bootstrap
    }
  }

  /// The real cluster behind `target`; nil for the embedded broker.
  func real(_ target: Target) async throws -> RealKafka? {
    guard case .real(let cluster) = try await running(target) else { return nil }
    return cluster
  }

  private func running(_ target: Target) async throws -> Running {
    let task = tasks.withLock { tasks in
      if let known = tasks[target] { return known }
      let task = Task<Running, any Error> {
        target == .embedded
          ? .embedded(try await BrokerFixture()) : .real(try await RealKafka.start(target.rawValue))
      }
      tasks[target] = task
      return task
    }
    return try await task.value
  }

  func stopAll() async throws {
    for task in tasks.withLock({ Array($0.values) }) {
      switch try? await task.value {
      case .embedded(let broker): await broker.stop()
      case .real(let cluster): try await cluster.stop()
      case nil: break
      }
    }
  }
}

/// Gives a suite its clusters.
struct ClustersTrait: SuiteTrait, TestScoping {
  @concurrent func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    let clusters = Clusters()
    let result: Result<Void, any Error>
    do {
      result = .success(
        try await Clusters.$current.withValue(clusters) { try await function() })
    } catch {
      result = .failure(error)
    }
    try await clusters.stopAll()
    try result.get()
  }
}

extension Trait where Self == ClustersTrait {
  static var clusters: Self { ClustersTrait() }
}

/// Where one case works: a cluster and names that no other case uses.
struct Bench {
  let target: Target
  let bootstrap: String

  private static let counter = Mutex(0)

  init(_ target: Target) async throws {
    let clusters = try #require(Clusters.current, "the suite has the trait .clusters")
    self.target = target
    bootstrap = try await clusters.bootstrap(target)
  }

  /// A topic name that nobody else has.
  func topic(_ prefix: String) -> String {
    let number = Self.counter.withLock {
      $0 += 1
      return $0
    }
    return "\(prefix)-\(number)"
  }

  /// Runs hbcat against the cluster.
  func hbcat(
    _ arguments: String..., input: [UInt8] = [], terminal: Child.Terminal = .none,
    within seconds: Double = 60
  ) async throws -> CommandResult {
    try await run(
      [Places.hbcat, "-b", bootstrap] + arguments, input: input, terminal: terminal,
      within: seconds)
  }

  /// Runs Debian's kcat against the cluster.
  func kcat(
    _ arguments: String..., input: [UInt8] = [], terminal: Child.Terminal = .none,
    within seconds: Double = 60
  ) async throws -> CommandResult {
    try await run(
      ["kcat", "-b", bootstrap] + target.kcatOptions + arguments, input: input,
      terminal: terminal, within: seconds)
  }

  /// `count` numbered lines; no two alike.
  static func lines(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * 48)
    for number in 0..<count {
      bytes += Array("{\"line\": \(number), \"host\": \"app-\(number % 40).example.net\"}\n".utf8)
    }
    return bytes
  }
}
