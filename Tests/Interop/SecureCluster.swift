import TestSupport
import Testing

/// Gives a suite one real cluster with TLS and SASL, started before its first case and stopped after the last.
struct SecureCluster: SuiteTrait, TestScoping {
  @TaskLocal private static var current: RealKafka?

  /// The suite's cluster.
  static var kafka: RealKafka {
    get throws { try #require(current, "the suite has the trait .secureCluster") }
  }

  @concurrent func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await RealKafka.with("4.3.1", topics: ["secure:3"], secure: true) { kafka in
      try await Self.$current.withValue(kafka) { try await function() }
    }
  }
}

extension Trait where Self == SecureCluster {
  static var secureCluster: Self { SecureCluster() }
}
