import TestSupport
import Testing

/// Gives a suite a real cluster of its own, with what its cases need set up.
struct KafkaTrait: SuiteTrait, TestScoping {
  @TaskLocal static var current: RealKafka?

  let version: String
  let brokers: Int
  let topics: [String]
  let settings: [String]
  let secure: Bool

  @concurrent func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await RealKafka.with(
      version, brokers: brokers, topics: topics, settings: settings, secure: secure
    ) { cluster in
      try await Self.$current.withValue(cluster) { try await function() }
    }
  }
}

extension Trait where Self == KafkaTrait {
  /// `topics` are `name:partitions:replicas`, `settings` brokers' properties; `secure` adds listeners with
  /// TLS and SASL.
  static func kafka(
    _ version: String, brokers: Int, topics: [String], settings: [String] = [], secure: Bool = false
  ) -> Self {
    KafkaTrait(
      version: version, brokers: brokers, topics: topics, settings: settings, secure: secure)
  }
}
