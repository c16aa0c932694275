import TestSupport
import Testing

/// Gives a suite a real cluster of its own, with what its cases need set up.
struct KafkaTrait: SuiteTrait, TestScoping {
  @TaskLocal static var current: RealKafka?

  let version: String
  let brokers: Int
  let topics: [String]
  let settings: [String]

  @concurrent func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await RealKafka.with(version, brokers: brokers, topics: topics, settings: settings) {
      cluster in
      try await Self.$current.withValue(cluster) { try await function() }
    }
  }
}

extension Trait where Self == KafkaTrait {
  /// `topics` are `name:partitions:replicas`, `settings` brokers' properties.
  static func kafka(
    _ version: String, brokers: Int, topics: [String], settings: [String] = []
  ) -> Self {
    KafkaTrait(version: version, brokers: brokers, topics: topics, settings: settings)
  }
}
